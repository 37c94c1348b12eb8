"""Retraction marks in a library: none missing, no false one, whenever the document or the notice came first, and in answers given before."""

from __future__ import annotations

import json
import random
from pathlib import Path

from typer.testing import CliRunner

from ingest.retractions import Notice, read_notices
from kgrag.answers import store_answer
from kgrag.catalogue import Catalogue
from kgrag.cli import app
from kgrag.library import Library
from kgrag.retractions import load, marked_documents
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.unit.test_retractions import HEADER

ROW = "{n},T,{date} 0:00,,0,{doi},0,{kind},+Doubt;\n"


def notices_file(path: Path, dois: list[str], kind: str = "Retraction", date: str = "1/2/2020") -> Path:
    """A Retraction-Watch-style file about these works."""
    path.write_text(HEADER + "".join(ROW.format(n=n, doi=doi, kind=kind, date=date) for n, doi in enumerate(dois)), "utf-8")
    return path


def notices(path: Path) -> list[Notice]:
    """The notices of a file without broken rows."""
    return [item for item in read_notices(path) if isinstance(item, Notice)]


def test_half_of_six_hundred(catalogue: Catalogue, tmp_path: Path) -> None:
    """300 of 600 DOIs are retracted; half of the documents come before the list and half after: exactly the 300 are marked."""
    retracted = {f"10.1000/0.{n}" for n in random.Random(3).sample(range(600), 300)}
    for number in range(300):
        catalogue.put(random_parcel(number))
    path = notices_file(tmp_path / "rw.csv", [doi.upper() for doi in sorted(retracted)])
    loaded = load(catalogue, notices(path), path.name)
    for number in range(300, 600):
        catalogue.put(random_parcel(number))
    assert loaded.identifiers == 300
    assert {row.id[4:] for row in marked_documents(catalogue)} == retracted
    assert {d.id[4:] for d in catalogue.documents() if d.retracted} == retracted
    assert load(catalogue, notices(path), path.name).marked == ()


def test_what_is_put_again_stays_marked(catalogue: Catalogue, tmp_path: Path) -> None:
    """A changed file of a retracted work does not lose the mark."""
    catalogue.put(random_parcel(1))
    load(catalogue, notices(notices_file(tmp_path / "rw.csv", ["10.1000/0.1"])), "rw.csv")
    catalogue.put(random_parcel(1))
    assert catalogue.document("doi:10.1000/0.1").retracted == "Retracted on 2020-01-02: Doubt"


def test_a_reinstatement_takes_the_mark_back(catalogue: Catalogue, tmp_path: Path) -> None:
    """A later reinstatement in another file takes back its mark only; an older one changes nothing."""
    for number in (1, 2):
        catalogue.put(random_parcel(number))
    load(catalogue, notices(notices_file(tmp_path / "a", ["10.1000/0.1", "10.1000/0.2"])), "a")
    assert load(catalogue, notices(notices_file(tmp_path / "b", ["10.1000/0.1"], "Reinstatement", "1/1/2019")), "b").unmarked == ()
    assert load(catalogue, notices(notices_file(tmp_path / "c", ["10.1000/0.1"], "Reinstatement", "1/1/2021")), "c").unmarked == ("doi:10.1000/0.1",)
    assert [row.id for row in marked_documents(catalogue)] == ["doi:10.1000/0.2"]


def test_commands(tmp_path: Path) -> None:
    """``retractions load`` marks, ``list``, ``search`` and ``documents`` show it, and so does an answer that was given before."""
    folder = tmp_path / "library"
    (folder).mkdir()
    (folder / "kgrag.toml").write_text('embedder = "hash"\n')
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        library.catalogue.put(random_parcel(1))
        given = {"id": "a-1", "question": "Curie?", "status": "answered", "text": "x", "reason": None, "claims": [], "withheld": [], "candidates": [], "models": {},
                 "documents": [{"id": "doi:10.1000/0.1", "title": "Paper 1", "year": 1991, "authors": [], "retracted": False}]}
        store_answer(library.catalogue, given)
    run, at = CliRunner(), ["--library", str(folder)]
    path = notices_file(tmp_path / "rw.csv", ["10.1000/0.1", ""])
    done = run.invoke(app, ["retractions", "load", str(path), "--json", *at])
    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["marked"] == ["doi:10.1000/0.1"]
    assert "doi:10.1000/0.1" in run.invoke(app, ["retractions", "list", *at]).stdout
    assert len(json.loads(run.invoke(app, ["retractions", "list", "--all", "--json", *at]).stdout)["notices"]) == 1
    assert "RETRACTED" in run.invoke(app, ["documents", "list", *at]).stdout
    assert "RETRACTED" in run.invoke(app, ["search", "studied with", "--mode", "words", *at]).stdout
    assert "RETRACTED since" in run.invoke(app, ["answers", "show", "a-1", *at]).stdout
    assert "RETRACTED SINCE" in run.invoke(app, ["answers", "list", *at]).stdout
    assert list(json.loads(run.invoke(app, ["answers", "show", "a-1", "--json", *at]).stdout)["retracted_since"]) == ["doi:10.1000/0.1"]

