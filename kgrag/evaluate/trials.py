"""Measures how well the direction of a trial's outcome is read from its article.

Knows the layout of a folder of trials: ``annotations.jsonl`` (pmcid, prompt, intervention, comparator,
outcome, label, quote, start, end) and ``text/PMC<id>.txt``. Source of the task: Evidence Inference 2.0 (DeYoung
et al. 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgrag.errors import UsageError
from kgrag.evaluate.claims import macro_f1
from kgrag.evaluate.lines import read_lines
from kgrag.verify.direction.marked import Compared
from kgrag.verify.direction.reading import Reading, Span, read_direction

FIELDS = ("pmcid", "prompt", "intervention", "comparator", "outcome", "label", "quote", "start", "end")


@dataclass(frozen=True, slots=True)
class Mark:
    """What one person marked: the direction, the quote, and where it stands in the text."""

    direction: str
    quote: str
    start: int
    end: int
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Prompt:
    """One outcome of one article with its marks; the text is empty where it is not there."""

    article: str
    compared: Compared
    marks: tuple[Mark, ...]
    text: str

    @property
    def direction(self) -> str:
        """What most people marked; where as many marked another, what was marked first."""
        valid = [mark for mark in self.marks if mark.valid] or list(self.marks)
        return Counter(mark.direction for mark in valid).most_common(1)[0][0]


def evaluate_trials(folder: Path) -> dict[str, float]:
    """Measures the shipped model on the outcomes whose article's text is in the folder.

    Returns:
        ``n``, ``accuracy`` and ``macro_f1`` of increased, decreased, no difference; ``quote_overlap``: how often
        the sentence given meets a marked one.

    Raises:
        UsageError: no article's text is in the folder.
    """
    prompts = prompts_of(folder)
    if not prompts:
        raise UsageError(f"'{folder}' has no text/PMC….txt of an article that annotations.jsonl names.")
    readings = [read_direction(prompt.text, prompt.compared) for prompt in prompts]
    return figures_of(prompts, readings)


def figures_of(prompts: Sequence[Prompt], readings: Sequence[Reading | None]) -> dict[str, float]:
    """The figures of ``evaluate_trials``; an outcome that was not read counts as wrong."""
    wanted = np.array([prompt.direction for prompt in prompts])
    said = np.array([reading.direction if reading else "not read" for reading in readings])
    meets = [
        reading is not None and met((reading.start, reading.end), prompt.marks)
        for prompt, reading in zip(prompts, readings, strict=True)
    ]
    return {
        "n": len(prompts),
        "macro_f1": macro_f1(wanted, said),
        "accuracy": float(np.mean(wanted == said)),
        "quote_overlap": float(np.mean(meets)),
    }


def met(span: Span, marks: Sequence[Mark], share: float = 0.0) -> bool:
    """Whether a mark meets the span, in more than a share of the shorter of the two."""
    start, end = span
    return any(
        min(end, mark.end) - max(start, mark.start) > share * min(end - start, mark.end - mark.start)
        for mark in marks
    )


def prompts_of(folder: Path, with_text: bool = True) -> list[Prompt]:
    """The outcomes in the order of the file; ``with_text``: only those whose text is there."""
    marks: dict[tuple[str, str], list[Mark]] = {}
    compared: dict[tuple[str, str], Compared] = {}
    for row in read_lines(folder / "annotations.jsonl", FIELDS):
        key = (str(row["pmcid"]), str(row["prompt"]))
        compared.setdefault(key, Compared(*(str(row[name]) for name in FIELDS[2:5])))
        mark = Mark(
            direction_of(str(row["label"])),
            str(row["quote"]),
            int(row["start"]),
            int(row["end"]),
            bool(row.get("reasoning_valid", True)),
        )
        marks.setdefault(key, []).append(mark)
    texts = {name: _text(folder, name) for name in {article for article, _ in marks}}
    prompts = [
        Prompt(article, compared[article, name], tuple(held), texts[article])
        for (article, name), held in marks.items()
    ]
    return [prompt for prompt in prompts if prompt.text] if with_text else prompts


def direction_of(label: str) -> str:
    """The direction that a label of any spelling means; without one, no difference."""
    low = label.lower()
    return "increased" if "increas" in low else "decreased" if "decreas" in low else "no difference"


def _text(folder: Path, article: str) -> str:
    place = folder / "text" / f"PMC{article.removeprefix('PMC')}.txt"
    return place.read_text("utf-8") if place.is_file() else ""
