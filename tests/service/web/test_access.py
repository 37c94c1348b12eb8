"""What may not leave the house does not: every prompt that a model elsewhere receives is read for restricted
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kgrag.ask.asker import Asker
from kgrag.generate.confidential import is_restricted, model_is_local
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.system.network import is_loopback
from kgrag.testing import NAMES, random_parcel
from tests.service.fake_openai import FakeOpenAI, needs_llama_index

pytestmark = needs_llama_index

N_DOCUMENTS = 40
LICENCES = ("CC BY 4.0", "Elsevier user licence", None)


def licence_of(number: int) -> str | None:
    """The licence of a test document."""
    return LICENCES[number % 3]


def fill(library: Library) -> None:
    """Documents a third of which are restricted by licence, a third of unknown licence; each passage names
    its document's number.
    """
    for number in range(N_DOCUMENTS):
        parcel = random_parcel(number)
        record = replace(parcel.document.record, licence=licence_of(number))
        library.catalogue.put(replace(parcel, document=replace(parcel.document, record=record)))


def numbers_sent(prompts: list[str]) -> set[int]:
    """The documents whose passages stand in prompts."""
    return {int(number) for prompt in prompts for number in re.findall(r"number (\d+) part", prompt)}


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    """A server that keeps every prompt."""
    with FakeOpenAI() as running:
        yield running


def ask_all(folder: Path, fake: FakeOpenAI, **settings: object) -> set[int]:
    """Questions over the library with this model; the documents whose text was sent."""
    with Library(
        Settings(library=folder, embedder="hash", llm="openai-like:fake", llm_url=fake.url, **settings),
        create=True,
    ) as library:
        fill(library)
        library.catch_up()
        asker = Asker(library)
        for name in NAMES:
            asker.ask(f"What was studied with {name}?", candidates=1)
    return numbers_sent(fake.prompts)


def test_nothing_restricted_is_sent(tmp_path: Path, fake: FakeOpenAI) -> None:
    """With an outside model, passages of restricted and of unknown licence are in no prompt; the others
    are.
    """
    sent = ask_all(
        tmp_path / "library", fake, llm_in_house=False, restricted_licences=("*elsevier*", "unknown")
    )
    assert sent
    assert {licence_of(number) for number in sent} == {"CC BY 4.0"}


def test_a_model_in_the_house_sees_all(tmp_path: Path, fake: FakeOpenAI) -> None:
    """The same settings with a loopback address restrict nothing."""
    sent = ask_all(tmp_path / "library", fake, restricted_licences=("*elsevier*", "unknown"))
    assert {licence_of(number) for number in sent} == set(LICENCES)


def test_when_all_is_restricted_the_model_is_not_asked(tmp_path: Path, fake: FakeOpenAI) -> None:
    """No prompt at all goes out; the answer is extractive and says why."""
    with Library(
        Settings(
            library=tmp_path / "library",
            embedder="hash",
            llm="openai-like:fake",
            llm_url=fake.url,
            llm_in_house=False,
            restricted_paths=("*.xml",),
        ),
        create=True,
    ) as library:
        fill(library)
        library.catch_up()
        answer = Asker(library).ask("What was studied with Radium in Paris?", candidates=1)
    assert fake.prompts == []
    assert "may not leave the house" in (answer.reason or "") or answer.status == "abstained"


@pytest.mark.parametrize(
    ("settings", "local"),
    [
        ({"llm": "huggingface:m"}, True),
        ({"llm": "ollama:m"}, True),
        ({"llm": "ollama:m", "llm_url": "http://models.example.org:11434"}, False),
        ({"llm": "openai-like:m"}, False),
        ({"llm": "openai-like:m", "llm_url": "http://[::1]:80/v1"}, True),
        ({"llm": "openai-like:m", "llm_url": "http://127.0.0.1@example.org/v1"}, False),
        ({"llm": "openai-like:m", "llm_url": "http://localhost.example.org/"}, False),
        ({"llm": "openai-like:m", "llm_url": "http://10.0.0.5/v1", "llm_in_house": True}, True),
    ],
)
def test_where_a_model_is(settings: dict[str, object], local: bool) -> None:
    """Loopback is in the house; a name that only looks like it is not; the admin's word counts most."""
    assert model_is_local(Settings(**settings)) is local


def test_patterns() -> None:
    """Licences fit whole and without regard to case; a missing licence is `unknown`."""
    document = random_parcel(1).document
    assert is_restricted(document, Settings(restricted_licences=("Unknown",)))
    assert not is_restricted(document, Settings(restricted_licences=("unk",)))
    assert not is_restricted(document, Settings())
    assert not is_loopback("nonsense")
