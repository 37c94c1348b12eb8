"""Issue D: a fact that answers a question is changed in a paper; the answer must follow the paper, not what a
model remembers.

Run: ``python -m tests.bench.counterfactual [N] [abstracts|full|verifier] [DATA] [WAY…]`` (default 100 SciFact
abstracts of ``../shared/data`` as RIS; ``full``: the 95 PLOS JATS files first, edited in their XML;
``verifier``: no library, only the verifier on old and new facts). A sentence is taken by rule: 8 to 45 words,
found as it stands in the file, no citation, with one of

- a *number* (a percentage, a decimal, a count of something): every occurrence of it in the file's text gets
  one other digit; question: the sentence with "what percentage", "what value" or "how many" in its place;
- a *direction* (increased, lower, positively …): the opposite word, in this sentence; question: both words
  joined by "or";
- a *name* (a capitalised word inside the sentence, unknown to English word pieces as a word of this
  sentence's start): another paper's name, everywhere in the file; question: "which one" in its place.

Kinds take turns over the papers. Every question is asked four times: extractive; with a fake OpenAI server
that replays the original sentence; with one that says it in other words (first clause cut, "it is well known
that" before it); and with one that quotes the evidence and then replays the old fact. *Followed*: a shown
claim from the edited paper holds the new fact and as many words of the sentence as make 60%; *old shown*: a
shown claim holds the old one and as many words, and is no word-for-word quote (*paper says both*: it is one,
for the paper says the old fact in another sentence too, which the edit left). Prints one JSON object a way of
asking, and the failures on stderr.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.language.words import content_words
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Answer
from kgrag.verify.calibrate import threshold_for
from kgrag.verify.model import DefaultVerifier
from tests.bench.edits import KINDS, SAME, Edit, edit_of, edited, word
from tests.service.fake_openai import FakeOpenAI

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def papers(data: Path, place: Path, full: bool) -> list[Path]:
    """JATS files where full texts are wanted, then SciFact abstracts as RIS files."""
    found = sorted((data / "papers" / "plos_jats").glob("*.xml")) if full else []
    with (data / "retrieval" / "scifact_train" / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in list(lines)[:400]:
            row = json.loads(line)
            path = place / f"scifact-{row['_id']}.ris"
            path.write_text(
                f"TY  - JOUR\nTI  - {row['title']}\nAB  - {row['text']}\nAN  - {row['_id']}\nER  - \n",
                encoding="utf-8",
            )
            found.append(path)
    return found


def edits(files: list[Path], n: int) -> list[Edit]:
    """One fact in each of n papers; the kinds take turns, so that no kind is left to what is over."""
    chance, names = random.Random(7), ["Ljubljana", "Wageningen", "Okafor", "Tasmania", "Brandt"]
    found: list[Edit] = []
    for path in files:
        raw = path.read_text(encoding="utf-8", errors="replace")
        counts = Counter(edit.kind for edit in found)
        for kind in sorted(KINDS, key=lambda kind: counts[kind]):
            made = edit_of(path, raw, kind, names, chance)
            if made:
                found.append(made)
                break
        if len(found) == n:
            break
    return found


def reworded(sentence: str, fact: str) -> str:
    """The same fact in other words, by rule: what stands before a first comma goes, and it is said to be well
    known.
    """
    head, _, rest = sentence.partition(", ")
    kept = (
        rest
        if len(rest.split()) >= 6 and len(head.split()) <= 6 and word(fact).search(rest[1:])
        else sentence
    )
    return f"It is well known that {kept[0].lower() if not kept.split()[0].isupper() else kept[0]}{kept[1:]}"


def says(text: str, edit: Edit, fact: str) -> bool:
    """Whether a claim states the fact: the word or number, and most words of the sentence."""
    wanted = set(content_words(edit.before)) - set(content_words(edit.old)) - set(content_words(edit.new))
    return bool(word(fact).search(text)) and len(wanted & set(content_words(text))) >= SAME * len(wanted)


def judged(answer: Answer, edit: Edit, document_ids: set[str]) -> dict[str, bool]:
    """What an answer does with a fact."""
    old = [c for c in answer.claims if says(c.text, edit, edit.old) and not says(c.text, edit, edit.new)]
    followed = any(
        says(c.text, edit, edit.new) and c.evidence[0].document.id in document_ids for c in answer.claims
    )
    quoted = [c.text == c.evidence[0].quote.strip() for c in old]
    return {
        "answered": answer.status != "abstained",
        "followed": followed,
        "old_shown": not all(quoted),
        "paper_says_both": any(quoted),
        "old_contradicted": any(
            says(text, edit, edit.old) and reason and not reason.startswith(("supported", "unsupported"))
            for text, reason in answer.withheld
        ),
    }


def run(
    library: Library, found: list[Edit], ways: dict[str, Callable[[Edit, str], str] | None]
) -> Iterator[dict[str, Any]]:
    """Ask every question in every way."""
    sources: dict[str, set[str]] = {}
    for document in library.catalogue.documents():
        sources.setdefault(Path(document.record.source.path).name, set()).add(document.id)
    for way, reply in ways.items():
        tally: Counter[str] = Counter()
        by_kind: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        with FakeOpenAI() as fake:
            plain = library.settings
            settings = (
                plain
                if reply is None
                else plain.model_copy(
                    update={"llm": "openai-like:fake", "llm_url": fake.url, "llm_key": SecretStr("k")}
                )
            )
            with Library(settings) as opened:
                asker = Asker(opened)
                for edit in found:
                    if reply is not None:
                        fake.reply = lambda prompt, edit=edit, reply=reply: reply(edit, prompt)
                    answer = asker.ask(edit.question, candidates=4 if reply is None else 1)
                    outcome = judged(answer, edit, sources.get(edit.path.name, set()))
                    for counts in (tally, by_kind[edit.kind]):
                        counts.update(name for name, holds in outcome.items() if holds)
                        counts["questions"] += 1
                    if outcome["old_shown"] or (outcome["answered"] and not outcome["followed"]):
                        print(
                            json.dumps(
                                {
                                    "way": way,
                                    "kind": edit.kind,
                                    **outcome,
                                    "question": edit.question,
                                    "old": edit.old,
                                    "new": edit.new,
                                    "shown": [
                                        (
                                            c.text,
                                            round(c.verdict.score, 3),
                                            c.evidence[0].quote[:300],
                                            list(c.verdict.checks),
                                        )
                                        for c in answer.claims
                                    ],
                                }
                            ),
                            file=sys.stderr,
                        )
        yield {
            "way": way,
            **tally,
            "followed_of_answered": round(tally["followed"] / max(tally["answered"], 1), 3),
            "by_kind": {kind: dict(counts) for kind, counts in by_kind.items()},
        }


def first_quote(prompt: str) -> str:
    """The first quote of a prompt."""
    return prompt.split("<quote>", 1)[1].split("</quote>", 1)[0]


WAYS: dict[str, Callable[[Edit, str], str] | None] = {
    "extractive": None,
    "old fact replayed": lambda edit, prompt: f"{edit.before.rstrip('.')} [1].",
    "old fact reworded": lambda edit, prompt: f"{reworded(edit.before, edit.old).rstrip('.')} [1].",
    "quote and old fact": lambda edit, prompt: f"{first_quote(prompt)} [1] {edit.before.rstrip('.')} [1].",
}


def verifier_alone(found: list[Edit]) -> dict[str, Any]:
    """Without a library: old and new fact, verbatim in other words, against the edited sentence; how many
    would be shown at α = .1.
    """
    verifier, threshold = DefaultVerifier(), threshold_for(0.1)
    tally: Counter[str] = Counter()
    for way, said in (
        ("old, replayed", lambda e: e.before),
        ("old, reworded", lambda e: reworded(e.before, e.old)),
        ("new, reworded", lambda e: reworded(e.after, e.new)),
    ):
        verdicts = verifier.verify([said(edit) for edit in found], [[edit.after] for edit in found])
        for edit, verdict in zip(found, verdicts, strict=True):
            shown = verdict.label == "supported" and verdict.score >= threshold
            tally[f"{way}: shown"] += shown
            tally[f"{way}: contradicted"] += verdict.label == "contradicted"
            if shown and way.startswith("old"):
                print(
                    json.dumps(
                        {
                            "way": way,
                            "kind": edit.kind,
                            "said": said(edit),
                            "paper": edit.after,
                            "score": verdict.score,
                            "checks": verdict.checks,
                        }
                    ),
                    file=sys.stderr,
                )
    return {"edits": len(found), "kinds": Counter(edit.kind for edit in found), **tally}


def main() -> None:
    """Edit, ingest, ask, print."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    full, alone = sys.argv[2:3] == ["full"], sys.argv[2:3] == ["verifier"]
    data = Path(sys.argv[3]) if len(sys.argv) > 3 else DATA
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "records").mkdir()
        (place / "edited").mkdir()
        found = edits(papers(data, place / "records", full), n)
        if alone:
            print(json.dumps(verifier_alone(found)))
            return
        for edit in found:
            (place / "edited" / edit.path.name).write_text(
                edited(edit.path.read_text(encoding="utf-8", errors="replace"), edit), encoding="utf-8"
            )
        found = [replace(edit, path=place / "edited" / edit.path.name) for edit in found]
        with Library(Settings(library=place / "library", extractors=()), create=True) as library:
            report = ingest(library, [place / "edited"])
            print(
                json.dumps(
                    {
                        "papers": len(found),
                        "documents": report["documents"],
                        "quarantined": len(report["quarantined"]),
                        "kinds": Counter(edit.kind for edit in found),
                    }
                ),
                flush=True,
            )
            for line in run(
                library, found, {way: reply for way, reply in WAYS.items() if way in (sys.argv[4:] or WAYS)}
            ):
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
