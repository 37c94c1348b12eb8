"""Issue C: Chinese questions retyped as people type them – pinyin for one word, one homophone error,
traditional characters.

Run: ``python -m tests.bench.retyped [KIND…] ../shared/data/retrieval/cmrc2018_trial …``, with kinds of
``as-asked``, ``pinyin``, ``homophone`` and ``traditional`` (all). Recall@5 of the questions as they are
stands beside that of each retyping (seeded, the same for every run).
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from kgrag.evaluate.retrieval import evaluate_retrieval
from kgrag.language.words import has_han, words


def main() -> None:
    """One JSON line a folder and retyping."""
    kinds = {"as-asked": lambda q, _: q, "pinyin": pinyin, "homophone": homophone, "traditional": traditional}
    wanted = [name for name in sys.argv[1:] if name in kinds] or list(kinds)
    for folder in (Path(name) for name in sys.argv[1:] if name not in kinds):
        for kind in wanted:
            with tempfile.TemporaryDirectory() as place:
                figures = evaluate_retrieval(retyped(folder, Path(place) / "set", kinds[kind]))
            print(
                json.dumps(
                    {
                        "set": folder.name,
                        "questions": kind,
                        **{k: figures["metrics"][k] for k in ("recall@1", "recall@5")},
                        "latency_ms": figures["latency_ms"],
                    },
                    ensure_ascii=False,
                ),
                flush=True,
            )


def retyped(folder: Path, target: Path, retype: Callable[[str, random.Random], str]) -> Path:
    """The folder again with its questions retyped."""
    shutil.copytree(folder, target)
    rng = random.Random(5)
    lines = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").split("\n") if line]
    (target / "queries.jsonl").write_text(
        "".join(json.dumps({**q, "text": retype(q["text"], rng)}, ensure_ascii=False) + "\n" for q in lines),
        "utf-8",
    )
    return target


def pinyin(question: str, rng: random.Random) -> str:
    """One Chinese word of two characters or more as pinyin without tones."""
    from pypinyin import lazy_pinyin

    found = [word for word in words(question) if len(word) > 1 and has_han(word)]
    if not found:
        return question
    word = rng.choice(found)
    return question.replace(word, "".join(lazy_pinyin(word)), 1)


def homophone(question: str, rng: random.Random) -> str:
    """One character exchanged for another of the same sound."""
    from pypinyin import lazy_pinyin

    places = [i for i, char in enumerate(question) if has_han(char)]
    rng.shuffle(places)
    for place in places:
        others = [
            char for char in by_sound().get(lazy_pinyin(question[place])[0], []) if char != question[place]
        ]
        if others:
            return question[:place] + rng.choice(others) + question[place + 1 :]
    return question


@cache
def by_sound() -> dict[str, list[str]]:
    """Characters of GB 2312 by their sound."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    for char in map(chr, range(0x4E00, 0x9FA6)):
        if char.encode("gb2312", "ignore"):
            found.setdefault(lazy_pinyin(char)[0], []).append(char)
    return found


def traditional(question: str, _rng: random.Random) -> str:
    """In traditional characters."""
    import opencc

    return str(opencc.OpenCC("s2t").convert(question))


if __name__ == "__main__":
    main()
