"""A server of words that does not answer stops neither the batch nor the other followers."""

from __future__ import annotations

import pytest

from kgrag.errors import ServiceUnavailable, UsageError
from kgrag.indexes.opensearch import MOST_BYTES, _in_parts
from kgrag.library import Library
from kgrag.testing import random_parcel


@pytest.fixture
def without_server(small_library: Library) -> Library:
    """The library, its words on a port where nobody listens."""
    given = {"words": "opensearch", "opensearch_url": "http://127.0.0.1:9"}
    small_library.__dict__.pop("words", None)
    small_library.settings = small_library.settings.model_copy(update=given)
    return small_library


def test_the_others_follow_and_the_server_is_named(without_server: Library) -> None:
    """What is put is kept; words catch up when the server is there again; a search says what to do."""
    without_server.catalogue.put(random_parcel(50))
    assert "opensearch_url" in without_server.catch_up()["words"]
    assert without_server.vectors.applied_seq() == without_server.catalogue.head()
    with pytest.raises(ServiceUnavailable, match="Start the server"):
        without_server.words.search("Radium", 3)


def test_an_address_that_is_none_is_refused(without_server: Library) -> None:
    """Before anything is sent."""
    wrong = {"opensearch_url": "127.0.0.1:9200"}
    without_server.settings = without_server.settings.model_copy(update=wrong)
    with pytest.raises(UsageError, match="https://host:9200"):
        without_server.words.search("Radium", 3)


def test_long_requests_are_sent_in_parts() -> None:
    """No part is much longer than a server takes, and nothing is lost between them."""
    lines = [("{}", "x" * (MOST_BYTES // 3)) for _ in range(8)] + [("last",)]
    parts = list(_in_parts(lines))
    assert [len(part) < 1.5 * MOST_BYTES for part in parts] == [True, True, True]
    assert "".join(parts).splitlines() == [line for pair in lines for line in pair]
    assert list(_in_parts([])) == []
