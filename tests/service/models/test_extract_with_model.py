"""Extraction with a model over the real protocol: typed by the schema, tied to sentences, paid for once,
never sending what must stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.extract.again import again
from ingest.extract.with_model import extract_with_model
from ingest.run import prepare
from kgrag.catalogue import schema as t
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Record, Source
from tests.service.fake_openai import FakeOpenAI, needs_llama_index

pytestmark = needs_llama_index

TEXT = (
    "Rosmarinic acid inhibits lipase in the laboratory at low concentration. The harbour library keeps old"
    " sea charts behind glass in its reading room."
)


def _triple(subject: str, kind: str, predicate: str, object_: str, other: str) -> dict[str, object]:
    return {
        "subject": {"type": kind, "name": subject},
        "relation": {"type": predicate},
        "object": {"type": other, "name": object_},
    }


def _reply(_: str) -> str:
    return json.dumps(
        {
            "triplets": [
                _triple("Rosmarinic acid", "CHEMICAL", "INHIBITS", "lipase", "GENE"),
                _triple("harbour library", "ORGANISATION", "USES", "lipase", "GENE"),
                _triple("lipase", "GENE", "SMELLS_LIKE", "laboratory", "PLACE"),
                _triple("Napoleon", "PERSON", "USES", "sea charts", "WORK"),
            ]
        }
    )


@pytest.fixture
def fake() -> Iterator[FakeOpenAI]:
    """A server of its own."""
    with FakeOpenAI(reply=_reply) as running:
        yield running


@pytest.fixture
def library(tmp_path: Path, fake: FakeOpenAI) -> Iterator[Library]:
    """One document, and the fake as the model."""
    settings = Settings(
        library=tmp_path / "library",
        embedder="hash",
        llm="openai-like:fake",
        llm_url=fake.url,
        llm_key=SecretStr("k"),
        llm_timeout_s=20,
    )
    with Library(settings, create=True) as opened:
        opened.catalogue.put(
            prepare(
                Record(
                    Source("f", "s", "test"),
                    title="On many different things that are kept in the harbour town of old",
                    abstract=TEXT,
                )
            )
        )
        opened.catch_up()
        yield opened


def _by_model(library: Library) -> list[tuple[str, str]]:
    rows = library.catalogue.rows(t.statements.select())
    return [
        (row.predicate, TEXT[TEXT.index("Ros") :][: row.end - row.start])
        for row in rows
        if row.method == "model:openai-like:fake"
    ]


def test_only_what_a_sentence_says_of_the_schema_is_kept_and_nothing_is_paid_twice(
    library: Library, fake: FakeOpenAI
) -> None:
    """Of four triples one is typed and said in one sentence; a second run asks nothing; extraction without
    the model keeps what it said.
    """
    expected = extract_with_model(library, dry_run=True)
    assert (expected["passages"], expected["cached"], fake.prompts) == (1, 0, [])
    assert 100 < expected["tokens_estimated"] < 500
    first = extract_with_model(library)
    assert (first["failed"], first["statements"], len(fake.prompts)) == (0, 1, 1)
    assert first["tokens"] > 0
    assert _by_model(library) == [("inhibits", TEXT.split(". ")[0] + ".")]
    second = extract_with_model(library)
    assert (second["cached"], second["tokens"], second["statements"], len(fake.prompts)) == (1, 0, 1, 1)
    again(library)
    assert len(_by_model(library)) == 1


@pytest.mark.parametrize("mode", ["empty", "broken"])
def test_a_failed_call_is_counted_and_tried_again(library: Library, fake: FakeOpenAI, mode: str) -> None:
    """Nothing of a failed call is kept; the next run asks again."""
    fake.mode = mode
    assert extract_with_model(library)["failed"] == 1
    fake.mode = "answer"
    assert extract_with_model(library)["statements"] == 1


def test_what_may_not_leave_the_house_is_not_sent(library: Library, fake: FakeOpenAI) -> None:
    """A model elsewhere sees no text of a restricted licence."""
    settings = library.settings.model_copy(
        update={"llm_in_house": False, "restricted_licences": ("unknown",)}
    )
    with Library(settings) as outside:
        assert extract_with_model(outside)["withheld"] == 1
    assert fake.prompts == []


def test_without_a_model_the_command_says_so(tmp_path: Path) -> None:
    """No model configured is wrong use."""
    with (
        Library(Settings(library=tmp_path / "l", embedder="hash"), create=True) as opened,
        pytest.raises(UsageError, match="kind:model"),
    ):
        extract_with_model(opened)


def test_an_admin_can_turn_it_off_on_every_surface(library: Library, fake: FakeOpenAI) -> None:
    """With the switch off for a role nothing is sent, from Python, the API's service and the command line;
    other roles start no batches at all.
    """
    import kgrag
    from kgrag.errors import Forbidden
    from kgrag.people.rights import LOCAL, Person, Rights
    from kgrag.people.users import Users
    from ui.service.service import Service

    (library.folder / "kgrag.toml").write_text(
        f'embedder = "hash"\nllm = "openai-like:fake"\nllm_url = "{fake.url}"\n'
    )
    users, rights = Users(library.catalogue), Rights(library.catalogue)
    for name, role in (("ada", "admin"), ("lily", "librarian")):
        users.add(name, role, "a long enough password", groups=[])
    (document,) = library.catalogue.documents()
    service = Service(library.settings)
    try:
        assert service.of(LOCAL).extract_with_model([document.id], dry_run=True)["passages"] == 1
        with pytest.raises(Forbidden, match="may not do this"):
            service.of(Person("u-l", "lily", "librarian")).extract_with_model([document.id], dry_run=True)
        rights.set_switch("extraction", "admin", False)
        for call in (
            lambda: service.of(LOCAL).extract_with_model([document.id], dry_run=False),
            lambda: extract_with_model(library),
        ):
            with pytest.raises(Forbidden, match="'extraction' is turned off"):
                call()
        with (
            kgrag.open(library.folder, as_user="ada") as opened,
            pytest.raises(Forbidden, match="'extraction' is turned off"),
        ):
            opened.extract_with_model()
    finally:
        service.close()
    assert fake.prompts == []
