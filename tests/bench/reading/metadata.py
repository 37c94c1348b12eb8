"""Measures what ingest reads: metadata of PDFs against Crossref, reading order against JATS, speed, and the
token estimate.

Run: ``python -m tests.bench.reading.metadata ../shared/data/papers`` (prints one table; asserts nothing).
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.readers import BrokenRecord, read_file
from ingest.text.clean import clean, count_tokens
from ingest.text.normalise import normalise
from ingest.text.sentences import sentences
from ingest.text.split import split
from kgrag.errors import ReadError
from kgrag.language.names import plain
from kgrag.types import Author, Block, Record


def records(path: Path) -> Iterator[Record]:
    """The good records of a file."""
    return (record for record in read_file(path) if not isinstance(record, BrokenRecord))


def squeezed(text: str | None) -> str:
    """Letters and digits only, for exact comparison after normalisation."""
    return plain(text or "").replace(" ", "")


def author_key(author: Author) -> str:
    """The first and the last word of the name: this journal's Crossref records leave middle names out, or put
    them into the family name.
    """
    words = author.name.split()
    return squeezed(words[0] + words[-1] if words else "")


def same_author(one: Author, other: Author) -> bool:
    """The same family name (last word) and first name, or its initial where one of them has no more; middle
    names may be left out or shortened, not exchanged.

    What stands between is compared as initials: those of the shorter name in order among those of the longer.
    """
    first, second = (
        [squeezed(word) for word in author.name.replace("-", " ").split() if squeezed(word)]
        for author in (one, other)
    )
    if not first or not second or first[-1] != second[-1]:
        return squeezed(one.name) == squeezed(other.name)
    given = first[0], second[0]
    if not (given[0].startswith(given[1]) or given[1].startswith(given[0])) or (
        given[0] != given[1] and min(map(len, given)) > 1
    ):
        return squeezed(one.name) == squeezed(other.name)
    short, long = sorted(([word[0] for word in words[1:-1]] for words in (first, second)), key=len)
    rest = iter(long)
    return all(letter in rest for letter in short)


def same_authors(found: Sequence[Author], wanted: Sequence[Author]) -> bool:
    """The same people in the same order."""
    return len(found) == len(wanted) and all(map(same_author, found, wanted))


def crossref(path: Path) -> Record | None:
    """The record that the Crossref file beside a PDF holds."""
    beside = path.with_name(path.stem + ".crossref.xml")
    return next(records(beside), None) if beside.exists() else None


def pdf_metadata(folder: Path, verbose: bool) -> None:
    """The share of PDFs whose DOI, title, authors and year equal those of the Crossref record."""
    hits: dict[str, list[bool]] = {
        "doi": [],
        "title": [],
        "authors, every letter": [],
        "authors, first and last word": [],
        "authors, initials of middle names": [],
        "year": [],
    }
    for path in sorted((folder / "jose").glob("*.pdf")):
        expected = crossref(path)
        if expected is None:
            continue
        found = next(records(path))
        pairs = {
            "doi": (found.identifiers.get("doi"), expected.identifiers.get("doi")),
            "title": (squeezed(found.title), squeezed(expected.title)),
            "authors, every letter": (
                [squeezed(a.name) for a in found.authors],
                [squeezed(a.name) for a in expected.authors],
            ),
            "authors, first and last word": (
                list(map(author_key, found.authors)),
                list(map(author_key, expected.authors)),
            ),
            "authors, initials of middle names": (same_authors(found.authors, expected.authors), True),
            "year": (found.year, expected.year),
        }
        for name, (got, wanted) in pairs.items():
            hits[name].append(got == wanted)
            if got != wanted and verbose:
                print(f"    {path.name} {name}: {got!r} instead of {wanted!r}", file=sys.stderr)
    for name, outcome in hits.items():
        row(
            f"PDF {name} = Crossref",
            f"{sum(outcome)}/{len(outcome)} = {sum(outcome) / max(1, len(outcome)):.1%}",
        )


def order(folder: Path, verbose: bool) -> None:
    """The share of JATS sentences that stand intact in the PDF's text, and of PDF sentences in the JATS
    text.
    """
    both = [0, 0, 0, 0]
    for path in sorted((folder / "jose").glob("*.jats")):
        if not path.with_suffix(".pdf").exists():
            continue
        jats, pdf = next(records(path)), next(records(path.with_suffix(".pdf")))
        for place, (one, other) in enumerate(((pdf, jats), (jats, pdf))):
            n_found, lost = intact(one, other)
            both[2 * place] += n_found
            both[2 * place + 1] += n_found + len(lost)
            for sentence in lost if verbose else ():
                print(f"    {path.stem} {'pdf' if place == 0 else 'jats'}: {sentence}", file=sys.stderr)
    row("PDF sentences intact in JATS", f"{both[0]}/{both[1]} = {both[0] / max(1, both[1]):.1%}")
    row("JATS sentences intact in PDF", f"{both[2]}/{both[3]} = {both[2] / max(1, both[3]):.1%}")


def intact(one: Record, other: Record) -> tuple[int, list[str]]:
    """Sentences (of 6 words or more) of the paragraphs of one record: how many stand in the other, and the
    rest.
    """
    text = squeezed(" ".join(block.text for block in _prose(other, True)))
    found, lost = 0, []
    for block in _prose(one, False):
        content = clean(block.text)
        for start, end in sentences(content):
            sentence = content[start:end]
            if len(sentence.split()) < 6:
                continue
            if squeezed(re.sub(r"https?://\S+", "", sentence)) in text or squeezed(sentence) in text:
                found += 1
            else:
                lost.append(sentence)
    return found, lost


def _prose(record: Record, everything: bool) -> Iterator[Block]:
    return (block for block in record.blocks if everything or block.kind in ("paragraph", "abstract"))


def everything_read(folder: Path) -> None:
    """Files, records, passages, failures and seconds of each part of the folder."""
    for name, pattern in (
        ("plos_jats", "*.xml"),
        ("jose", "*.pdf"),
        ("jose", "*.jats"),
        ("jose", "*.xml"),
        ("pubmed", "*"),
        ("exports", "*"),
    ):
        paths = sorted((folder / name).glob(pattern))
        began, n_records, n_passages, n_broken, refused = time.perf_counter(), 0, 0, 0, []
        for path in paths:
            try:
                for record in read_file(path):
                    if isinstance(record, BrokenRecord):
                        n_broken += 1
                        continue
                    found = normalise(record)
                    n_passages += len(split(found.document, found.blocks))
                    n_records += 1
            except ReadError as error:
                refused.append(str(error))
        row(
            f"{name}/{pattern}",
            f"{len(paths)} files, {n_records} records, {n_passages} passages, {n_broken} broken,"
            f" {len(refused)} refused, {time.perf_counter() - began:.2f} s",
        )
        for reason in refused:
            print(f"    {reason}", file=sys.stderr)


def tokens(folder: Path) -> None:
    """The token estimate against MiniLM's own tokenizer."""
    from kgrag.models.minilm import load_tokenizer

    tokenizer = load_tokenizer(10_000)
    counts = []
    for path in sorted((folder / "plos_jats").glob("*.xml"))[::6]:
        found = normalise(next(records(path)))
        counts += [
            (len(tokenizer.encode(passage.text).ids) - 2, count_tokens(passage.text))
            for passage in split(found.document, found.blocks)
        ]
    ratios = [true / guess for true, guess in counts]
    row(
        "word pieces / estimate",
        f"mean {statistics.mean(ratios):.3f}, 1st to 99th of 100:"
        f" {statistics.quantiles(ratios, n=100)[0]:.2f} to {statistics.quantiles(ratios, n=100)[-1]:.2f}",
    )
    sizes = [true for true, _ in counts]
    row(
        "word pieces a passage",
        f"mean {statistics.mean(sizes):.0f}, over 254: {sum(size > 254 for size in sizes)}/{len(sizes)}",
    )


def row(name: str, value: str) -> None:
    """One line of the table."""
    print(f"{name:32} {value}")


def main() -> None:
    """Everything, for the folder named on the command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/papers")
    verbose = "-v" in sys.argv
    everything_read(folder)
    pdf_metadata(folder, verbose)
    order(folder, verbose)
    tokens(folder)


if __name__ == "__main__":
    main()
