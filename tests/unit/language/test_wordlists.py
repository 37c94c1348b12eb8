"""A word list is a file of words; comments and line breaks in it mean nothing."""

from __future__ import annotations

from pathlib import Path

from kgrag.language.wordlists import ordered_words, word_list


def test_a_list_holds_words_in_order_and_phrases_whole(tmp_path: Path) -> None:
    """Comments are left out, several words may stand on a line, and quotes keep spaces."""
    (tmp_path / "data").mkdir()
    text = '# why\none two  # source\n"three four "\n三\n'
    (tmp_path / "data" / "some.txt").write_text(text, encoding="utf-8")
    beside = str(tmp_path / "module.py")
    assert ordered_words("some", beside) == ("one", "two", "three four ", "三")
    assert word_list("some", beside) == {"one", "two", "three four ", "三"}


def test_every_list_of_the_packages_can_be_read_and_says_why() -> None:
    """Each file opens with a comment and no word stands twice but where order means something."""
    root = Path(__file__).parents[3]
    files = [path for room in ("kgrag", "ingest") for path in (root / room).rglob("data/*.txt")]
    assert len(files) > 15
    for path in files:
        assert path.read_text("utf-8").startswith("# "), path
        words = ordered_words(path.stem, str(path.parent.parent / "x.py"))
        assert path.stem in {"opposites", "number_words", "columns"} or len(words) == len(set(words)), path
