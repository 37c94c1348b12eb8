"""Issue A: all JATS and PDF papers ingest; over 200 questions every quote is exact and every path edge is in
the store.

Run: ``python tests/bench/laws.py [PAPERS]``; reads ``../shared/data/papers`` by default. Prints figures,
asserts nothing of time.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.catalogue import schema as t
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.settings import Settings

PAPERS = Path(__file__).parents[2].parent / "shared" / "data" / "papers"
N_QUESTIONS = 200


def main() -> None:
    """Ingest, ask, check, print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PAPERS
    files = [*sorted((folder / "plos_jats").glob("*.xml")), *sorted((folder / "jose").glob("*.pdf"))]
    with (
        tempfile.TemporaryDirectory() as place,
        Library(Settings(library=Path(place) / "library"), create=True) as library,
    ):
        report = ingest(library, files)
        listed = {
            path
            for (path,) in library.catalogue.rows(select(t.files.c.path).where(t.files.c.outcome == "done"))
        }
        print(
            json.dumps(
                {
                    "files": len(files),
                    "read": len(listed & {str(f) for f in files}),
                    **{k: report[k] for k in ("documents", "passages", "seconds")},
                    "quarantined": len(report["quarantined"]),
                    "files_a_minute": round(len(files) / report["seconds"] * 60, 1),
                }
            )
        )
        print(json.dumps(check(library, list(questions(library))[:N_QUESTIONS])))
        print(json.dumps(deletion(library, files)))


def questions(library: Library) -> list[str]:
    """Two questions a paper: one from its title, one from the longest sentence-opening term that it
    defines.
    """
    found = []
    for document in library.catalogue.documents():
        title = document.title.rstrip(".")
        found += [
            title if title.endswith("?") else f"What is known about {title}?",
            f"Which methods were used to study {' '.join(title.split()[-5:])}?",
        ]
    return found


def check(library: Library, asked: list[str]) -> dict[str, Any]:
    """Ask every question and look at every quote and edge in the tables themselves."""
    asker = Asker(library)
    asker.ask(asked[0])
    took, tally = (
        [],
        {
            "questions": len(asked),
            "answered": 0,
            "quotes": 0,
            "wrong_quotes": 0,
            "edges": 0,
            "wrong_edges": 0,
        },
    )
    for question in asked:
        start = time.perf_counter()
        answer = answer_to_json(asker.ask(question))
        took.append((time.perf_counter() - start) * 1000)
        tally["answered"] += answer["status"] != "abstained"
        for claim in answer["claims"]:
            for evidence in claim["evidence"]:
                tally["quotes"] += 1
                tally["wrong_quotes"] += not quote_holds(library, evidence)
            for step, following in zip(claim["path"], claim["path"][1:], strict=False):
                tally["edges"] += 1
                tally["wrong_edges"] += not edge_holds(library, step, following)
    took.sort()
    return {
        **tally,
        "warm_ms": {"p50": round(statistics.median(took)), "p95": round(took[int(len(took) * 0.95)])},
    }


def quote_holds(library: Library, evidence: dict[str, Any]) -> bool:
    """The quote is the passage's text at its span and the document's text at its offsets."""
    query = select(t.passages.c.text, t.passages.c.start, t.documents.c.text.label("whole")).join(t.documents)
    (row,) = library.catalogue.rows(query.where(t.passages.c.id == evidence["passage_id"]))
    start, end = evidence["span"]
    return row.text[start:end] == evidence["quote"] == row.whole[row.start + start : row.start + end]


def edge_holds(library: Library, step: dict[str, Any], following: dict[str, Any]) -> bool:
    """The store holds an edge of this type between the two nodes."""
    ends = {step["node"]["id"], following["node"]["id"]}
    return any(
        {e.source, e.target} == ends and e.type == step["edge"]["type"]
        for e in library.graph.neighbours(step["node"]["id"], limit=1_000_000)
    )


def deletion(library: Library, files: list[Path]) -> dict[str, Any]:
    """Delete one document of all, look for any trace of it, and read it again."""
    document_id = next(d.id for d in library.catalogue.documents() if d.record.source.reader == "jats")
    before = [p.id for p in library.catalogue.passages_of(document_id)]
    keys = set(library.catalogue.passage_keys(before).values())
    start = time.perf_counter()
    library.catalogue.delete(document_id)
    library.catch_up()
    seconds = time.perf_counter() - start
    traces = (set(library.vectors.contents()) | library.words.contents()) & keys
    nodes = library.graph.neighbours(document_id) + [e for p in before for e in library.graph.neighbours(p)]
    ingest(library, files)
    return {
        "delete_seconds": round(seconds, 3),
        "traces": len(traces) + len(nodes),
        "same_ids_again": before == [p.id for p in library.catalogue.passages_of(document_id)],
    }


if __name__ == "__main__":
    main()
