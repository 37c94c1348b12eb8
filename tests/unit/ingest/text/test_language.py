"""The language of a text: by script, by common words, else by what the file declares."""

from __future__ import annotations

import pytest

from ingest.text.language import code_of, language_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The library keeps the papers of the university in a room.", "en"),
        ("Die Bibliothek und die Bücher der Universität sind in einem Haus.", "de"),
        ("图书馆知识图谱检索研究 based on Neo4j", "zh"),
        ("図書館における知識の検索", "ja"),
        ("Библиотека хранит книги", "ru"),
        ("도서관은 책을 보관한다", "ko"),
    ],
)
def test_languages(text: str, code: str) -> None:
    """Each of these is recognised, whatever the file says."""
    assert language_of(text) == code
    assert language_of(text, "fre") == code


def test_short_text_takes_what_is_declared() -> None:
    """One word tells nothing; the file's own statement does."""
    assert language_of("Radio", "Deutsch; ger") is None
    assert language_of("Radio", "ger") == "de"
    assert language_of("", None) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("eng", "en"),
        ("English", "en"),
        ("zh-CN", "zh"),
        ("中文", "zh"),
        ("en; fr", "en"),
        ("klingon", None),
        ("", None),
        (None, None),
    ],
)
def test_names_of_languages(name: str | None, code: str | None) -> None:
    """Names and codes of all kinds become two letters."""
    assert code_of(name) == code
