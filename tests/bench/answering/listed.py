"""Lists: how many of the items that a library holds its answer names, on ten made-up libraries.

Run: ``python -m tests.bench.answering.listed``. Each library holds a record for each item of a known list,
in sentences of several shapes, and records of other things. The question asks for the list; an item is
named where a claim of the answer has its words. Prints one JSON object and what was missed on stderr;
asserts nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ingest.run import ingest
from kgrag.ask import Asker
from kgrag.library import Library
from kgrag.settings import Settings

SHAPES = (
    (
        "{item} and {of}",
        "We followed 210 people for three years. {Item} was a {one} {of}. Age did not matter.",
    ),
    ("A trial on {item}", "We asked whether {item} matters. We found that {item} is a {one} {of}."),
    (
        "{item}: a survey",
        "Questionnaires were sent to 95 sites. Our results show that {item} is a {one} {of}.",
    ),
    (
        "Notes on {item}",
        "{Item} has long been discussed. We conclude that {item} should be seen as a {one} {of}.",
    ),
)
OTHERS = (
    ("Tide tables of small harbours", "Tides were read twice a day. The tables agree with those of 1880."),
    ("Songs of reed warblers", "We recorded 40 warblers. Songs grew longer in June."),
    ("Paint layers of a church door", "Nine layers of paint were found. The oldest holds lead."),
    ("Postal routes in mountain valleys", "Mules carried letters until 1931. Roads replaced them."),
    ("Drying of clay bricks", "Bricks dried in nine days. Wind shortened the time."),
    ("Reading rooms at night", "Rooms were open until two. Few readers came after midnight."),
)
LISTS = (
    (
        "Which risk factors for shelf rot are there?",
        "risk factor",
        "for shelf rot",
        (
            "damp walls",
            "roof leaks",
            "old glue",
            "dense shelving",
            "river floods",
            "broken vents",
            "coal smoke",
        ),
    ),
    (
        "Which treatments of ferry sickness are described?",
        "treatment",
        "of ferry sickness",
        ("ginger root", "acupressure bands", "scopolamine patches", "mint oil", "horizon gazing", "fasting"),
    ),
    (
        "What causes of late book returns are mentioned?",
        "cause",
        "of late book returns",
        ("lost notices", "long commutes", "exam weeks", "short loans", "closed branches", "shared cards"),
    ),
    (
        "List the predictors of kite crashes.",
        "predictor",
        "of kite crashes",
        (
            "gusty wind",
            "frayed lines",
            "wet sails",
            "novice pilots",
            "tall trees",
            "heavy tails",
            "short tethers",
        ),
    ),
    (
        "Which methods of map dating are used?",
        "method",
        "of map dating",
        (
            "watermark reading",
            "ink spectroscopy",
            "paper fibre counts",
            "place name checks",
            "radiocarbon assays",
        ),
    ),
    (
        "Which side effects of blue lamps were reported?",
        "side effect",
        "of blue lamps",
        ("headache", "dry eyes", "insomnia", "skin flushing", "jaw pain", "dizziness"),
    ),
    (
        "Which barriers to open archives are known?",
        "barrier",
        "to open archives",
        ("copyright doubts", "missing staff", "weak networks", "privacy rules", "old formats", "high costs"),
    ),
    (
        "What are the benefits of quiet zones?",
        "benefit",
        "of quiet zones",
        ("longer visits", "fewer complaints", "better marks", "calmer staff", "deeper reading"),
    ),
    (
        "Which symptoms of lamp fever are there?",
        "symptom",
        "of lamp fever",
        (
            "night sweats",
            "hoarse voice",
            "red palms",
            "stiff neck",
            "slow pulse",
            "blurred vision",
            "ear ringing",
        ),
    ),
    (
        "Which tools for catalogue cleaning exist?",
        "tool",
        "for catalogue cleaning",
        ("MarcMop", "TidyLeaf", "CardComb", "AuthorAxe", "DupeDuster", "FieldFerret"),
    ),
)


def main() -> None:
    """Makes the libraries, asks and counts."""
    named = held = 0
    for number, (question, one, of, items) in enumerate(LISTS):
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "in.ris").write_text(_records(one, of, items), "utf-8")
            with Library(Settings(library=Path(place) / "library"), create=True) as library:
                ingest(library, [Path(place) / "in.ris"])
                answer = Asker(library).ask(question)
        told = " ".join([claim.text for claim in answer.claims]).lower()
        missed = [item for item in items if item.lower() not in told]
        held, named = held + len(items), named + len(items) - len(missed)
        print(
            number,
            question,
            answer.status,
            f"{len(items) - len(missed)}/{len(items)}",
            missed,
            file=sys.stderr,
        )
    print(json.dumps({"held": held, "named": named, "share": round(named / held, 3)}))


def _records(one: str, of: str, items: tuple[str, ...]) -> str:
    texts = list(OTHERS)
    for number, item in enumerate(items):
        title, text = SHAPES[number % len(SHAPES)]
        words = {"item": item, "Item": item[0].upper() + item[1:], "one": one, "of": of}
        texts.append((title.format(**words), text.format(**words)))
    return "\n".join(
        f"TY  - JOUR\nTI  - {title}\nAU  - Hale, Mirta\nPY  - 2011\nAB  - {text}\nER  -\n"
        for title, text in texts
    )


if __name__ == "__main__":
    main()
