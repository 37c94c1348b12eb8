"""Measures PDFs made on the spot: 20 papers behind cover pages of archives, and 20 scans with a layer of OCR.

Run: ``python -m tests.bench.reading.made_up [-v]`` (prints a table; asserts nothing). The covers are the 14
forms that tests hold, with other names and words, and 6 forms that were written after the rules. Counted are
title, authors, year, DOI, journal, volume, issue and pages where a cover says them, and that all of it is
cut.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ingest.readers import read_file
from kgrag.errors import ReadError
from kgrag.types import Record
from tests.unit.ingest.readers.drawn import COVERS, Lines, covered, covers, layer, saved, scan, text_of

UNSEEN = COVERS.with_name("covers_unseen.txt")
FIELDS = ("title", "authors", "year", "doi", "venue", "volume", "issue", "pages", "cut")
CHANGES = (
    {},
    {"Bucket": "Steam", "Dredger": "Engine", "Drought": "Frost", "Summers": "Winters", "Silt": "Ostrander",
     "Nora": "Nils", "Bagger": "Delacroix", "Piet": "Pia", "Canal Letters": "Annals of Cold", "1957": "1994",
     "silt": "frost"},
    {"Bucket": "Great", "Dredger": "Heron", "Drought": "Weir", "Summers": "Decades", "Silt": "Mbeki",
     "Nora": "Noor", "Bagger": "Yilmaz", "Piet": "Pedro", "Canal Letters": "Wader Reports", "1957": "2008",
     "silt": "heron"},
)  # fmt: skip
TEXT = (
    "the of and in was not for with lock basin wall keeper boats winter summer repaired paid closed "
    "opened water level measured before after between river barge cargo toll gates harbour passengers "
    "ferry crossed broken chain never seldom unpaired undone loss gain fell rose seven twelve 1871 1874 "
    "1902 31 218 "
)


def changed(text: str, words: dict[str, str]) -> str:
    """The text with each of the words exchanged."""
    if not words:
        return text
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found.group()], text)


def wanted(words: dict[str, str]) -> dict[str, object]:
    """What a cover says of the paper."""
    said = {
        "title": "The Bucket Dredger and the Drought: Three Summers of Silt",
        "doi": "10.5555/silt.88",
        "venue": "Canal Letters",
    }
    return {
        **{name: changed(text, words) for name, text in said.items()},
        "authors": [changed(name, words) for name in ("Silt", "Bagger")],
        "year": int(changed("1957", words)),
        "volume": "8",
        "issue": "2",
        "pages": "88-97",
        "cut": True,
    }


def said_of(record: Record) -> dict[str, object]:
    """The same of a record that was read."""
    text = text_of(record).removeprefix(record.title or "").strip()
    return {
        "title": record.title,
        "doi": record.identifiers.get("doi"),
        "venue": record.venue,
        "authors": [author.family for author in record.authors],
        "year": record.year,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "cut": text.startswith("1. Introduction") and text.count("red notebook") == 10,
    }


def cover_pages(folder: Path, verbose: bool) -> None:
    """Fields right of 20 papers, of those that the cover says."""
    seen, unseen = covers(), covers(UNSEEN)
    chosen = [(name, lines, n) for n, (name, lines) in enumerate([*seen.items(), *unseen.items()])]
    for part in (chosen[: len(seen)], chosen[len(seen) :]):
        right = {name: 0 for name in FIELDS}
        told = {name: 0 for name in FIELDS}
        for name, lines, number in part:
            words = CHANGES[1 + number % 2]
            found, expected = said_of(_covered(folder, lines, number, words)), wanted(words)
            page = " ".join(changed(line, words) for line in lines)
            for field in FIELDS:
                if not _is_told(field, expected, page):
                    continue
                told[field] += 1
                right[field] += found[field] == expected[field]
                if found[field] != expected[field] and verbose:
                    print(f"    {name} {field}: {found[field]!r}, not {expected[field]!r}", file=sys.stderr)
        kind = "forms of the tests" if part[0][2] == 0 else "forms not seen before"
        print(
            f"covers, {len(part)} {kind}: fields right {sum(right.values())}/{sum(told.values())}", end="; "
        )
        print(", ".join(f"{field} {right[field]}/{told[field]}" for field in FIELDS))


def _covered(folder: Path, lines: Lines, number: int, words: dict[str, str]) -> Record:
    title = str(wanted(words)["title"])
    names = changed("Nora Silt and Piet Bagger", words)
    page = [changed(line, words) for line in lines]
    return covered(folder / f"{number}.pdf", page, headed=number % 3 != 0, title=title, names=names)


def _is_told(field: str, expected: dict[str, object], page: str) -> bool:
    """Whether a cover says a field at all."""
    if field == "pages":
        return "88-97" in page or "88–97" in page
    if field in ("volume", "issue"):
        return re.search(r"\b8\b.{0,12}?\b2\b|Band.*8 .*Heft 2", page) is not None
    return field not in ("doi", "venue") or str(expected[field]) in page


def scans(folder: Path, verbose: bool) -> None:
    """Words of 20 layers that come in, in their order, and words that were not there."""
    n_words = n_held = n_whole = n_more = 0
    for number in range(20):
        draw = random.Random(number)
        lines = list(_lines(draw))
        text = re.sub(r"(\w)- (\w)", r"\1\2", " ".join(lines))
        faint = draw.choice(((20, 250), (60, 200), (190, 222), (215, 240), (235, 20)))
        picture = scan(
            lines, *faint, draw.choice((0.0, 0.0, 1.0, -1.5, 2.0, -2.5)), draw.choice((0, 0, 2, 4))
        )
        path = saved(folder / f"scan{number}.pdf", picture, lambda canvas, said=lines: layer(canvas, said))
        words, found = text.split(), _words_of(path)
        held = " ".join(words) in " ".join(found)
        n_words, n_whole = n_words + len(words), n_whole + held
        n_held += sum(one in found for one in words)
        n_more += sum(one not in words for one in found)
        if not held and verbose:
            print(f"    scan {number}: {' '.join(found)!r}, not {text!r}", file=sys.stderr)
    print(f"scans, 20: text whole {n_whole}/20; words held {n_held}/{n_words}; words made up {n_more}")


def _words_of(path: Path) -> list[str]:
    try:
        (record,) = read_file(path)
    except ReadError:
        return []
    return text_of(record).split() if isinstance(record, Record) else []


def _lines(draw: random.Random) -> Iterator[str]:
    """Lines of a paragraph; one in three ends within a word."""
    for number in range(12):
        line = " ".join(draw.choice(TEXT.split()) for _ in range(11))
        if number % 3 == 0:
            line += " re-"
        elif number % 3 == 1:
            line = f"{draw.choice(('paired', 'opened', 'turned'))} {line}"
        yield line + ("." if number == 11 else "")


def main() -> None:
    """Both, in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        cover_pages(Path(folder), "-v" in sys.argv)
        scans(Path(folder), "-v" in sys.argv)


if __name__ == "__main__":
    main()
