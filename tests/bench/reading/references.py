"""Issue D, fabrication guard: references made from the catalogue, altered ones, and ones that the library
does not hold.

Run: ``python -m tests.bench.reading.references [DATA]``. The library holds two thirds of the records (no full
texts) of the PLOS, JOSE and PubMed files under ``DATA/papers``. Each record is written in APA, IEEE,
Vancouver, GB/T 7714, BibTeX and RIS. Of those held: as it is; with one field altered (year, first author, two
words of the title, volume, DOI); invented: half of its title joined with half of another's, another's author,
a year and DOI of nobody; and exchanged: two title words, authors and journal of others, a DOI of nobody,
which may be called either wrong or not found. Of those not held: as it is, and with title words, authors, or
the journal exchanged; none of them may be found. Beside these, up to 1,000 real references of the PLOS papers
to works that the library does not hold. Prints one JSON object a kind, and the first failures on stderr.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ingest.readers import read_file
from ingest.run import prepare
from kgrag.check.references import ReferenceChecker
from kgrag.language.names import plain
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Author, Record, Reference

DATA = Path(__file__).parents[3].parent / "shared" / "data"


def apa(r: Record) -> str:
    """American Psychological Association."""
    return (
        f"{', '.join(f'{a.family}, {_initials(a)}' for a in r.authors[:6])} ({r.year}). {_title(r)}."
        f" {r.venue}, {r.volume}({r.issue or 1}), {r.pages or 'e1'}. https://doi.org/{r.identifiers['doi']}"
    )


def ieee(r: Record) -> str:
    """Institute of Electrical and Electronics Engineers."""
    return (
        f"[1] {', '.join(f'{_initials(a)} {a.family}' for a in r.authors[:6])}, “{_title(r)},” {r.venue},"
        f" vol. {r.volume}, no. {r.issue or 1}, {r.year}, doi: {r.identifiers['doi']}."
    )


def vancouver(r: Record) -> str:
    """International Committee of Medical Journal Editors."""
    return (
        f"1. {', '.join(f'{a.family} {_bare(a)}' for a in r.authors[:6])}. {_title(r)}. {r.venue}."
        f" {r.year};{r.volume}({r.issue or 1}):{r.pages or 'e1'}. doi:{r.identifiers['doi']}"
    )


def gbt(r: Record) -> str:
    """GB/T 7714."""
    return (
        f"[1] {', '.join(f'{(a.family or a.name).upper()} {_bare(a)}' for a in r.authors[:3])}."
        f" {_title(r)}[J]. {r.venue}, {r.year}, {r.volume}({r.issue or 1}): {r.pages or '1'}. DOI:"
        f" {r.identifiers['doi']}."
    )


def bibtex(r: Record) -> str:
    """BibTeX."""
    return (
        f"@article{{key,\n  title = {{{{{_title(r)}}}}},\n  author ="
        f" {{{' and '.join(f'{a.family}, {a.given}' for a in r.authors)}}},\n  journal = {{{r.venue}}},\n "
        f" year = {{{r.year}}},\n  volume = {{{r.volume}}},\n  doi = {{{r.identifiers['doi']}}}\n}}\n"
    ).replace("&", "\\&")


def ris(r: Record) -> str:
    """Reference Manager."""
    authors = "\n".join(f"AU  - {a.family}, {a.given}" for a in r.authors)
    return (
        f"TY  - JOUR\nTI  - {_title(r)}\n{authors}\nPY  - {r.year}\nJF  - {r.venue}\nVL  - {r.volume}\nDO  -"
        f" {r.identifiers['doi']}\nER  - \n"
    )


STYLES: dict[str, Callable[[Record], str]] = {
    "apa": apa,
    "ieee": ieee,
    "vancouver": vancouver,
    "gbt7714": gbt,
    "bibtex": bibtex,
    "ris": ris,
}


def _title(r: Record) -> str:
    return " ".join((r.title or "").split()).rstrip(".")


def _initials(a: Author) -> str:
    return " ".join(f"{part[0]}." for part in (a.given or "").split())


def _bare(a: Author) -> str:
    return "".join(part[0] for part in (a.given or "").split())


def altered(r: Record, field: str, others: list[Record], chance: random.Random) -> Record:
    """The record with one field wrong."""
    other = chance.choice(
        [o for o in others if o.authors and not {a.family for a in o.authors} & {a.family for a in r.authors}]
    )
    if field == "year":
        return replace(r, year=(r.year or 2000) + chance.choice((-5, -3, 3, 5)))
    if field == "authors":
        return replace(r, authors=(other.authors[0], *r.authors[1:]))
    if field == "journal":
        return replace(
            r, venue=next(o.venue for o in chance.sample(others, len(others)) if o.venue != r.venue)
        )
    if field == "volume":
        return replace(r, volume=str(int(r.volume or 1) + 11))
    if field == "doi":
        doi = r.identifiers["doi"]
        return replace(r, identifiers={**r.identifiers, "doi": doi[:-1] + str((int(doi[-1]) + 3) % 10)})
    words = _title(r).split()
    places = chance.sample(range(1, len(words)), 2)
    return replace(
        r,
        title=" ".join(
            chance.choice(("adaptive", "marine", "seasonal", "quantum")) if i in places else word
            for i, word in enumerate(words)
        ),
    )


def invented(r: Record, others: list[Record], chance: random.Random) -> Record:
    """A work that does not exist, made of parts of two that do."""
    other = chance.choice([o for o in others if o is not r])
    mine, theirs = _title(r).split(), _title(other).split()
    return replace(
        r,
        title=" ".join(mine[: len(mine) // 2] + theirs[len(theirs) // 2 :]),
        authors=other.authors,
        year=chance.randint(1995, 2024),
        identifiers={"doi": f"10.{chance.randint(4000, 9999)}/j.{chance.randint(10**6, 10**7)}"},
    )


def exchanged(r: Record, others: list[Record], chance: random.Random) -> Record:
    """Two title words, all authors and the journal are others', and the DOI is nobody's."""
    made = altered(altered(r, "title", others, chance), "journal", others, chance)
    return replace(
        made, authors=invented(r, others, chance).authors, identifiers=invented(r, others, chance).identifiers
    )


def main() -> None:
    """Fill a library, write references, check them, print."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    chance = random.Random(3)
    files = [
        path
        for folder in ("plos_jats", "jose", "pubmed")
        for path in sorted((data / "papers" / folder).rglob("*.*ml"))
    ]
    whole = [item for path in files for item in read_file(path) if isinstance(item, Record)]
    with (
        tempfile.TemporaryDirectory() as place,
        Library(Settings(library=Path(place) / "library", embedder="hash"), create=True) as library,
    ):
        for record in (record for number, record in enumerate(whole) if not _left_out(number)):
            library.catalogue.put(prepare(replace(record, blocks=(), references=())))
        checker = ReferenceChecker(library.catalogue)
        left_out = {plain(record.title or "") for number, record in enumerate(whole) if _left_out(number)}
        usable = [
            r
            for r in whole
            if r.title
            and r.year
            and r.venue
            and r.identifiers.get("doi")
            and (r.volume or "").isdigit()
            and r.identifiers["doi"][-1:].isdigit()
            and r.authors
            and all(a.family and a.given for a in r.authors)
            and len(_title(r).split()) >= 5
        ]
        print(json.dumps({"records": len(whole), "held": len(whole) - len(left_out), "written": len(usable)}))
        kinds: dict[str, Callable[[Record], Record]] = {
            "as they are": lambda r: r,
            **{
                f"wrong {name}": lambda r, name=name: altered(r, name, usable, chance)
                for name in ("year", "authors", "title", "volume", "doi")
            },
            "invented": lambda r: invented(r, usable, chance),
            "exchanged": lambda r: exchanged(r, usable, chance),
            "not held": lambda r: r,
            **{
                f"not held, wrong {name}": lambda r, name=name: altered(r, name, usable, chance)
                for name in ("title", "authors", "journal")
            },
        }
        for kind, change in kinds.items():
            tally: Counter[str] = Counter()
            for record in (
                r for r in usable if (plain(r.title or "") in left_out) == kind.startswith("not held")
            ):
                made = change(record)
                for style, write in STYLES.items():
                    found = checker.check(write(made))
                    right = len(found) == 1 and _right(
                        kind, found[0].outcome, [name for name, _, _ in found[0].wrong]
                    )
                    tally["references"] += 1
                    tally["right"] += right
                    tally[f"{style} wrong"] += not right
                    tally["called: " + (found[0].outcome if len(found) == 1 else "not one reference")] += 1
                    if not right and tally[f"{style} wrong"] <= 2:
                        print(
                            json.dumps(
                                {
                                    "kind": kind,
                                    "style": style,
                                    "text": write(made),
                                    "found": [item.as_json() for item in found],
                                },
                                ensure_ascii=False,
                            ),
                            file=sys.stderr,
                        )
            print(
                json.dumps(
                    {
                        "kind": kind,
                        "share_right": round(tally["right"] / tally["references"], 4),
                        **{k: v for k, v in tally.items() if v},
                    }
                ),
                flush=True,
            )
        held = {plain(r.title or "") for r in whole} - left_out
        dois = {r.identifiers.get("doi") for r in whole if plain(r.title or "") in held}
        absent: list[Reference] = [
            ref
            for r in whole
            for ref in r.references
            if len(ref.text) > 60
            and ref.identifiers.get("doi") not in dois
            and not any(t and t in plain(ref.text) for t in held)
        ]
        chance.shuffle(absent)
        outcomes = Counter(checker.check_reference(ref).outcome for ref in absent[:1000])
        print(json.dumps({"kind": "real references to works not held", **outcomes}))


def _left_out(number: int) -> bool:
    return number % 3 == 2


def _right(kind: str, outcome: str, fields: list[str]) -> bool:
    if kind == "as they are":
        return outcome == "exists"
    if kind == "invented" or kind.startswith("not held"):
        return outcome == "not found"
    if kind == "exchanged":
        return outcome != "exists"
    return outcome == "wrong metadata" and kind.removeprefix("wrong ") in fields


if __name__ == "__main__":
    main()
