"""Retraction marks in a library: none missing, no false one, whenever the document or the notice came first,
and in answers given before.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from typer.testing import CliRunner

from ingest.readers.notices import Notice, read_notices
from kgrag.catalogue import Catalogue
from kgrag.catalogue.answers import store_answer
from kgrag.cli.main import app
from kgrag.errors import NotFound, UsageError
from kgrag.holdings.notices import load, marked_documents
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from tests.unit.ingest.readers.test_notices import HEADER

ROW = "{n},T,{date} 0:00,,0,{doi},0,{kind},+Doubt;\n"


def notices_file(path: Path, dois: list[str], kind: str = "Retraction", date: str = "1/2/2020") -> Path:
    """A Retraction-Watch-style file about these works."""
    path.write_text(
        HEADER + "".join(ROW.format(n=n, doi=doi, kind=kind, date=date) for n, doi in enumerate(dois)),
        "utf-8",
    )
    return path


def notices(path: Path) -> list[Notice]:
    """The notices of a file without broken rows."""
    return [item for item in read_notices(path) if isinstance(item, Notice)]


def test_half_of_six_hundred(catalogue: Catalogue, tmp_path: Path) -> None:
    """300 of 600 DOIs are retracted; half of the documents come before the list and half after: exactly the
    300 are marked.
    """
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
    assert (
        load(
            catalogue,
            notices(notices_file(tmp_path / "b", ["10.1000/0.1"], "Reinstatement", "1/1/2019")),
            "b",
        ).unmarked
        == ()
    )
    assert load(
        catalogue, notices(notices_file(tmp_path / "c", ["10.1000/0.1"], "Reinstatement", "1/1/2021")), "c"
    ).unmarked == ("doi:10.1000/0.1",)
    assert [row.id for row in marked_documents(catalogue)] == ["doi:10.1000/0.2"]


def test_commands(tmp_path: Path) -> None:
    """``retractions load`` marks, ``list``, ``search`` and ``documents`` show it, and so does an answer that
    was given before.
    """
    folder = tmp_path / "library"
    (folder).mkdir()
    (folder / "kgrag.toml").write_text('embedder = "hash"\n')
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        library.catalogue.put(random_parcel(1))
        given = {
            "id": "a-1",
            "question": "Curie?",
            "status": "answered",
            "text": "x",
            "reason": None,
            "claims": [],
            "withheld": [],
            "candidates": [],
            "models": {},
            "documents": [
                {"id": "doi:10.1000/0.1", "title": "Paper 1", "year": 1991, "authors": [], "retracted": False}
            ],
        }
        store_answer(library.catalogue, given)
    run, at = CliRunner(), ["--library", str(folder)]
    path = notices_file(tmp_path / "rw.csv", ["10.1000/0.1", ""])
    done = run.invoke(app, ["retractions", "load", str(path), "--json", *at])
    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["marked"] == ["doi:10.1000/0.1"]
    assert "doi:10.1000/0.1" in run.invoke(app, ["retractions", "list", *at]).stdout
    assert (
        len(json.loads(run.invoke(app, ["retractions", "list", "--all", "--json", *at]).stdout)["notices"])
        == 1
    )
    assert "RETRACTED" in run.invoke(app, ["documents", "list", *at]).stdout
    assert "RETRACTED" in run.invoke(app, ["search", "studied with", "--mode", "words", *at]).stdout
    assert "RETRACTED since" in run.invoke(app, ["answers", "show", "a-1", *at]).stdout
    assert "RETRACTED SINCE" in run.invoke(app, ["answers", "list", *at]).stdout
    assert list(
        json.loads(run.invoke(app, ["answers", "show", "a-1", "--json", *at]).stdout)["retracted_since"]
    ) == ["doi:10.1000/0.1"]


def test_concerns_and_corrections_stand_beside(catalogue: Catalogue, tmp_path: Path) -> None:
    """Both are marks of their own, before and after ingest; a retraction or its reinstatement does not touch
    them, nor they it; an older one changes nothing.
    """
    catalogue.put(random_parcel(1))
    for name, kind, date in (
        ("a", "Expression of concern", "1/1/2020"),
        ("b", "Correction", "2/1/2020"),
        ("c", "Retraction", "3/1/2020"),
        ("d", "Correction", "1/1/2019"),
    ):
        load(
            catalogue,
            notices(notices_file(tmp_path / name, ["10.1000/0.1", "10.1000/0.2"], kind, date)),
            name,
        )
    catalogue.put(random_parcel(2))
    both = (
        ("correction", "Corrected on 2020-02-01: Doubt"),
        ("concern", "Expression of concern on 2020-01-01: Doubt"),
    )
    for document in catalogue.documents():
        assert (document.notices, document.retracted) == (both, "Retracted on 2020-03-01: Doubt")
    back = load(
        catalogue, notices(notices_file(tmp_path / "e", ["10.1000/0.1"], "Reinstatement", "4/1/2020")), "e"
    )
    assert (back.unmarked, back.noticed) == (("doi:10.1000/0.1",), ())
    assert (
        catalogue.document("doi:10.1000/0.1").notices,
        catalogue.document("doi:10.1000/0.1").retracted,
    ) == (both, None)
    catalogue.put(random_parcel(1))
    assert catalogue.document("doi:10.1000/0.1").notices == both


def test_pubmed_and_crossref_tell_of_them(tmp_path: Path) -> None:
    """Concerns and errata in PubMed XML, NBIB and Crossref, from the side of the work and of the notice."""
    xml = (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>111</PMID>"
        "<CommentsCorrectionsList><CommentsCorrections"
        ' RefType="ExpressionOfConcernIn">'
        "<RefSource>J</RefSource><PMID>5</PMID></CommentsCorrections><CommentsCorrections"
        ' RefType="ErratumFor"><PMID>7</PMID></CommentsCorrections>'
        "</CommentsCorrectionsList></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    crossref = {
        "DOI": "10.1000/notice",
        "update-to": [
            {"DOI": "10.1000/a", "type": "expression_of_concern"},
            {"DOI": "10.1000/b", "type": "corrigendum"},
        ],
    }
    files = {
        "p.xml": xml,
        "p.nbib": "PMID- 111\nTI  - A\nECI - J. PMID: 5\nEIN - J. PMID: 6\n\nPMID- 9\nEFR - J. PMID: 7\n",
        "c.json": json.dumps(crossref),
    }
    found = {}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        found[name] = [(notice.identifiers, notice.kind) for notice in notices(tmp_path / name)]
    assert found["p.xml"] == [(("pmid:111",), "concern"), (("pmid:7",), "correction")]
    assert found["p.nbib"] == [
        (("pmid:111",), "concern"),
        (("pmid:111",), "correction"),
        (("pmid:7",), "correction"),
    ]
    assert found["c.json"] == [(("doi:10.1000/a",), "concern"), (("doi:10.1000/b",), "correction")]


def test_every_surface_shows_them(tmp_path: Path) -> None:
    """Lists, searches, answers given before, every export that shows retractions, and the pages in both
    languages.
    """
    import kgrag
    from kgrag.export import FORMATS
    from kgrag.export.read_back import read_bytes
    from kgrag.export.recheck import recheck
    from ui.html.parts import mark

    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "kgrag.toml").write_text('embedder = "hash"\n')
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        for number in range(30):  # one document alone answers nothing
            library.catalogue.put(random_parcel(number))
        library.catch_up()
    run, at, text = CliRunner(), ["--library", str(folder)], "Expression of concern on 2020-01-02: Doubt"
    with kgrag.open(folder) as opened:
        answer = opened.ask("What does paper 1 say?")
        before = {name: answer.export(name) for name in ("prov", "annotation", "ro-crate")}
        loaded = run.invoke(
            app,
            [
                "retractions",
                "load",
                str(notices_file(tmp_path / "rw.csv", ["10.1000/0.1"], "Expression of concern")),
                "--json",
                *at,
            ],
        )
        assert json.loads(loaded.stdout)["noticed"] == ["doi:10.1000/0.1"]
        assert {hit.notices for hit in opened.search("paper 1") if hit.document_id == "doi:10.1000/0.1"} == {
            (text,)
        }
        silent = {"json", "cypher", "search", "search-csv", "pdf", "docx", "ro-crate"}
        for name in sorted(set(FORMATS) - silent):
            assert "Expression of concern" in opened.export(answer.id, name).decode(), name
        for name in ("prov", "annotation", "ro-crate"):
            assert not recheck(read_bytes(opened.export(answer.id, name), name), opened.library), name
            assert not recheck(read_bytes(before[name], name), opened.library), name
    assert "NOTICE since" in run.invoke(app, ["answers", "show", answer.id, *at]).stdout
    with kgrag.open(folder) as opened:
        (shown,) = (
            document
            for document in opened.ask("What does paper 1 say?").json["documents"]
            if document["id"] == "doi:10.1000/0.1"
        )
    assert "EXPRESSION OF CONCERN" in mark(shown, "en")
    assert "关注声明" in mark(shown, "zh")
    assert "EXPRESSION OF CONCERN" in run.invoke(app, ["documents", "list", *at]).stdout
    assert (
        "EXPRESSION OF CONCERN"
        in run.invoke(app, ["search", "paper number 1 part", "-k", "50", "--mode", "words", *at]).stdout
    )
    assert text in run.invoke(app, ["retractions", "list", *at]).stdout


def test_marked_by_hand(small_library: Library) -> None:
    """A librarian withdraws a work with a reason, and takes it back; bad words are refused."""
    runner, folder = CliRunner(env={"KGRAG_EMBEDDER": "hash"}), ["--library", str(small_library.folder)]
    words = ["documents", "mark", "doi:10.1000/0.2"]
    assert runner.invoke(app, [*words, "retraction", "Plagiarism.", *folder]).exit_code == 0
    (marked,) = marked_documents(small_library.catalogue)
    assert marked.id == "doi:10.1000/0.2"
    assert "Plagiarism." in marked.retracted
    assert runner.invoke(app, [*words, "reinstatement", "In error.", *folder]).exit_code == 0
    assert marked_documents(small_library.catalogue) == []
    for wrong, error in (
        ([*words, "nonsense", "x"], UsageError),
        ([*words, "retraction", " "], UsageError),
        (["documents", "mark", "doi:none", "retraction", "x"], NotFound),
    ):
        assert isinstance(runner.invoke(app, [*wrong, *folder]).exception, error)
