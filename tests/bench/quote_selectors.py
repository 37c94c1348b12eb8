"""Issue F: quotes of exported annotations resolved by their selectors in the source text, and every export of
every answer checked again.

Run: ``python -m tests.bench.quote_selectors LIBRARY [N]``: N questions (default 100, two a paper) asked of a
filled library; each answer exported as annotation, PROV and crate. Prints one JSON object: selectors that
find their quote at its place, and what ``kgrag verify`` says.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from kgrag.ask.asker import Asker
from kgrag.export import export_answer
from kgrag.export.read_back import read_bytes
from kgrag.export.recheck import recheck
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from tests.bench.laws import questions


def main() -> None:
    """Ask, export, resolve, print."""
    tally: Counter[str] = Counter()
    with Library.open(Path(sys.argv[1])) as library:
        asker = Asker(library)
        for question in questions(library)[: int(sys.argv[2]) if len(sys.argv) > 2 else 100]:
            answer = answer_to_json(asker.ask(question))
            tally["questions"] += 1
            tally["answered"] += answer["status"] != "abstained"
            for item in json.loads(export_answer(library, answer["id"], "annotation"))["first"]["items"]:
                resolved(item, library.catalogue.document(item["kgrag:document"]).text, tally)
            for name in ("annotation", "prov", "ro-crate"):
                tally["findings"] += len(
                    recheck(read_bytes(export_answer(library, answer["id"], name), name), library)
                )
                tally["exports"] += 1
    print(json.dumps(tally))


def resolved(item: dict[str, Any], text: str, tally: Counter[str]) -> None:
    """By position, and by the quote with what stands around it, which must stand in the text once."""
    selectors = {selector["type"]: selector for selector in item["target"]["selector"]}
    words, position = selectors["TextQuoteSelector"], selectors["TextPositionSelector"]
    around = words["prefix"] + words["exact"] + words["suffix"]
    tally["quotes"] += 1
    tally["by_position"] += text[position["start"] : position["end"]] == words["exact"]
    tally["by_quote"] += (
        text.count(around) == 1 and text.find(around) + len(words["prefix"]) == position["start"]
    )


if __name__ == "__main__":
    main()
