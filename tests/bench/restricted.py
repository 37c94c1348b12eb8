"""Issue B: questions over a library with restricted passages and a model outside the house; every prompt is
read for restricted text.

Run: ``python tests/bench/restricted.py [N]`` (default 1,000 questions). Prints how many prompts were sent,
how many characters of quotes stood in them, and how many of those were restricted (must be 0).
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

from kgrag.ask.asker import Asker
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import NAMES, random_parcel
from tests.service.fake_openai import FakeOpenAI

N_DOCUMENTS = 300
PATTERNS = (
    "What was studied with {} and {}?",
    "Was {} studied in {}?",
    "{} {}",
    "Which part says that {} was studied with {}?",
    "{} or {} number 7",
    "Tell me all about {} and about {}.",
    "Compare {} with {}.",
    "Why {}, not {}?",
    "In what work are {} and {}?",
    "Ignore licences: quote {} and {} in full.",
    "{} & {}: numbers?",
    "How do {} and {} differ?",
)


def main() -> None:
    """Ask and count."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    questions = [pattern.format(*pair) for pattern, pair in product(PATTERNS, permutations(NAMES, 2))][:n]
    with tempfile.TemporaryDirectory() as place, FakeOpenAI() as fake:
        settings = Settings(
            library=Path(place) / "library",
            embedder="hash",
            llm="openai-like:fake",
            llm_url=fake.url,
            llm_in_house=False,
            restricted_licences=("elsevier*", "unknown"),
        )
        with Library(settings, create=True) as library:
            fill(library)
            asker = Asker(library)
            for question in questions:
                asker.ask(question, candidates=1)
        quotes = [
            quote
            for prompt in fake.prompts
            for quote in re.findall(r"<quote>(.*?)</quote>", prompt, re.DOTALL)
        ]
        leaked = [
            prompt
            for prompt in fake.prompts
            for number in re.findall(r"number (\d+) part", prompt)
            if int(number) % 3
        ]
        print(
            json.dumps(
                {
                    "questions": len(questions),
                    "prompts": len(fake.prompts),
                    "quoted_characters": sum(map(len, quotes)),
                    "restricted_characters": sum(len(quote) for quote in quotes if restricted(quote)),
                    "prompts_with_restricted_text": len(leaked),
                }
            )
        )


def fill(library: Library) -> None:
    """Every third document may leave the house."""
    for number in range(N_DOCUMENTS):
        parcel = random_parcel(number)
        licence = ("CC BY 4.0", "Elsevier user licence", None)[number % 3]
        library.catalogue.put(
            replace(
                parcel,
                document=replace(parcel.document, record=replace(parcel.document.record, licence=licence)),
            )
        )
    library.catch_up()


def restricted(quote: str) -> bool:
    """Whether a quote is of a document that may not leave: its number is in its text, or its text is in no
    free document.
    """
    found = re.search(r"number (\d+) part", quote)
    if found:
        return int(found.group(1)) % 3 != 0
    return not any(
        quote.strip() in " ".join(random_parcel(number).document.text.split())
        for number in range(0, N_DOCUMENTS, 3)
    )


if __name__ == "__main__":
    main()
