"""Measures whether a question gets the same verdict in other words: 60 outcomes of trials, each asked in
three wordings of one sense over the same library.

Run: ``python -m tests.bench.answering.wordings ../shared/data/trials [-v]``. The library holds the JATS
articles of the outcomes (two an article at most). Prints one JSON object: how many questions, how many have
one verdict in all three wordings, how many of all answers have a verdict, and how many verdicts go against
what the article says. Asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ingest.run import ingest
from kgrag.ask import Asker
from kgrag.evaluate.trials import Prompt, prompts_of
from kgrag.library import Library
from kgrag.settings import Settings

N, AN_ARTICLE = 60, 2
WORDINGS = {
    "increased": (
        "Does {i} increase {o} compared with {c}?",
        "Is {o} increased by {i} compared with {c}?",
        "Compared with {c}, can {i} raise {o}?",
    ),
    "decreased": (
        "Does {i} reduce {o} compared with {c}?",
        "Is {o} reduced by {i} compared with {c}?",
        "Compared with {c}, can {i} lower {o}?",
    ),
}
RIGHT = {"increased": "yes", "decreased": "yes", "no difference": "no"}


def chosen(prompts: Sequence[Prompt], folder: Path) -> list[Prompt]:
    """The first outcomes whose article is there, short enough to be a question's words."""
    taken: Counter[str] = Counter()
    picked = []
    for prompt in prompts:
        words = prompt.compared
        fits = all(len(text) <= 60 for text in (words.intervention, words.comparator, words.outcome))
        if fits and taken[prompt.article] < AN_ARTICLE and (folder / f"PMC{prompt.article}.nxml").exists():
            taken[prompt.article] += 1
            picked.append(prompt)
    return picked[:N]


def main() -> None:
    """One line of figures; with -v each question whose verdicts differ."""
    parser = argparse.ArgumentParser(description="The same question in three wordings.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    prompts = chosen(prompts_of(arguments.folder), arguments.folder / "jats")
    same, decided, against = 0, 0, 0
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(library=Path(place) / "library", extractors=("roles",))
        with Library(settings, create=True) as library:
            ingest(
                library,
                sorted({arguments.folder / "jats" / f"PMC{prompt.article}.nxml" for prompt in prompts}),
            )
            asker = Asker(library)
            for prompt in prompts:
                verb = prompt.direction if prompt.direction in WORDINGS else "decreased"
                questions = [
                    text.format(
                        i=prompt.compared.intervention,
                        o=prompt.compared.outcome,
                        c=prompt.compared.comparator,
                    )
                    for text in WORDINGS[verb]
                ]
                answers = [asker.ask(question) for question in questions]
                labels = [answer.verdict.label if answer.verdict else None for answer in answers]
                same += len(set(labels)) == 1
                decided += sum(label in ("yes", "no") for label in labels)
                wrong = {"yes": "no", "no": "yes"}[RIGHT[prompt.direction]]
                against += labels.count(wrong)
                if arguments.verbose and (len(set(labels)) > 1 or wrong in labels):
                    claims = [claim.text for claim in answers[0].claims]
                    print(questions[0], labels, prompt.direction, claims, flush=True)
    print(
        json.dumps(
            {"questions": len(prompts), "same": same, "answers": 3 * len(prompts), "decided": decided}
            | {"against_the_article": against}
        )
    )


if __name__ == "__main__":
    main()
