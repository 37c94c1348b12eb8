"""Measures reading order on two-column PDFs: JATS articles are set in two columns by Chromium, read back, and
compared.

Run: ``python -m tests.bench.reading.two_columns ../shared/data/papers/plos_jats [n_articles]``. Page sizes,
fonts, gutters, hyphenation, indents and figures over both columns vary from article to article. Prints the
share of the PDF's sentences that stand intact in the article, and the metadata.
"""

from __future__ import annotations

import html
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ingest.readers import BrokenRecord, read_file
from kgrag.types import Record
from tests.bench.reading.metadata import author_key, intact, row, squeezed

FONTS = ("Liberation Serif", "DejaVu Sans", "Liberation Sans", "DejaVu Serif")


def only(path: Path) -> Record:
    """The first record of a file."""
    return next(record for record in read_file(path) if not isinstance(record, BrokenRecord))


def page(record: Record, number: int) -> str:
    """The article as HTML in two columns; ``number`` chooses the look."""
    parts, n_figures = [], 0
    for block in record.blocks:
        text = html.escape(block.text)
        if block.kind == "heading":
            level = min(4, 2 + len(block.section))
            parts.append(f"<h{level}>{text}</h{level}>")
        elif block.kind == "caption":
            n_figures += 1
            width = "wide" if n_figures % 3 == 0 else ""
            parts.append(f'<figure class="{width}"><div></div><figcaption>{text}</figcaption></figure>')
        elif block.kind in ("paragraph", "abstract"):
            parts.append(f"<p>{text}</p>")
    authors = ", ".join(
        f"{html.escape(author.name)}<sup>{place % 3 + 1}</sup>" for place, author in enumerate(record.authors)
    )
    style = "".join(
        (
            f"@page{{size:{'A4' if number % 2 else 'Letter'};margin:22mm 15mm}}",
            f"body{{font:{9 + number % 3 * 0.5}pt/1.25 '{FONTS[number % 4]}'}}",
            "h1{font-size:18pt;margin:0 0 6pt}",
            ".a{font-size:11pt}",
            ".s{font-size:7.5pt}",
            f".c{{columns:2;column-gap:{5 + number % 3 * 2}mm;",
            f"text-align:{'justify' if number % 3 else 'left'};hyphens:auto}}",
            f"p{{margin:0;{'text-indent:1em' if number % 2 else 'margin-bottom:5pt'}}}",
            "h2{font-size:11pt;margin:8pt 0 3pt}",
            "h3{font-size:10pt;margin:6pt 0 2pt}",
            "h4{font-size:9.5pt;margin:5pt 0 2pt}",
            "figure{margin:6pt 0;break-inside:avoid}",
            "figure.wide{column-span:all}",
            "figure div{height:80pt;background:#ddd}",
            "figcaption{font-size:8pt}",
        )
    )
    return (
        "<!doctype html><html lang=en><meta"
        f" charset=utf-8><title>x</title><style>{style}</style><h1>{html.escape(record.title or '')}</h1><p"
        f" class=a>{authors}</p><p class=s><sup>1</sup> Department of Biology, University of Somewhere"
        " <sup>2</sup> Institute of Things <sup>3</sup> Other Laboratory</p><p"
        f" class=s>https://doi.org/{record.identifiers.get('doi')} Published: May 3, {record.year}</p><div"
        f" class=c>{''.join(parts)}</div></html>"
    )


def main() -> None:
    """Every n-th article of the folder."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed to set the pages.")
    paths = [
        path for path in sorted(Path(sys.argv[1]).glob("*.xml")) if 40_000 < path.stat().st_size < 160_000
    ]
    n_articles = int(sys.argv[2]) if len(sys.argv) > 2 else 14
    found = n_sentences = n_fields = n_right = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(paths[:: max(1, len(paths) // n_articles)][:n_articles]):
            article, source, target = only(path), Path(folder) / "page.html", Path(folder) / "page.pdf"
            source.write_text(page(article, number), "utf-8")
            subprocess.run(
                [
                    chromium,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    f"--print-to-pdf={target}",
                    f"file://{source}",
                ],
                check=True,
                stderr=subprocess.DEVNULL,
                timeout=120,
            )
            back = only(target)
            n_intact, lost = intact(back, article)
            found, n_sentences = found + n_intact, n_sentences + n_intact + len(lost)
            right = (
                squeezed(back.title) == squeezed(article.title),
                list(map(author_key, back.authors)) == list(map(author_key, article.authors)),
                back.year == article.year,
                back.identifiers.get("doi") == article.identifiers.get("doi"),
            )
            n_fields, n_right = n_fields + 4, n_right + sum(right)
            row(path.stem, f"{n_intact}/{n_intact + len(lost)} sentences; title, authors, year, DOI: {right}")
    row("all sentences intact", f"{found}/{n_sentences} = {found / max(1, n_sentences):.1%}")
    row("all fields right", f"{n_right}/{n_fields} = {n_right / max(1, n_fields):.1%}")


if __name__ == "__main__":
    main()
