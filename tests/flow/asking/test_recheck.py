"""``kgrag verify`` finds what was changed in an export, or in the library since, and names it; what holds,
holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kgrag.ask.asker import Asker
from kgrag.cli.main import app
from kgrag.errors import KgragError, ReadError
from kgrag.export import export_answer
from kgrag.export.read_back import read_bytes
from kgrag.export.recheck import recheck
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.settings import Settings

CHECKED = ("json", "prov", "annotation", "ro-crate")
NOTICE = "Retraction: 10.1000/notice (2020-01-01)"
Plain = dict[str, Any]


@pytest.fixture(scope="module")
def answer_ids(own_papers: Library) -> dict[str, str]:
    """An answer from XML, and one from a PDF with pages and boxes."""
    asker = Asker(own_papers)
    questions = {
        "jats": "What is blue marble health?",
        "pdf": "How does DraggleSimulator teach genetic drift?",
    }
    return {name: answer_to_json(asker.ask(question))["id"] for name, question in questions.items()}


def _findings(content: bytes, library: Library | None) -> set[str]:
    return {finding.what for finding in recheck(read_bytes(content, "file"), library)}


@pytest.mark.parametrize("format", CHECKED)
@pytest.mark.parametrize("source", ["jats", "pdf"])
def test_what_was_not_changed_holds(
    own_papers: Library, answer_ids: dict[str, str], format: str, source: str
) -> None:
    """No false alarm, with the library and without."""
    exported = read_bytes(export_answer(own_papers, answer_ids[source], format), "file")
    assert recheck(exported, own_papers) == []
    assert recheck(exported) == []
    assert exported.quotes


def _claim(plain: Plain) -> Plain:
    claim: Plain = plain["claims"][0]
    return claim


def _evidence(plain: Plain) -> Plain:
    evidence: Plain = _claim(plain)["evidence"][0]
    return evidence


def _edit_quote(plain: Plain) -> None:
    quote = _evidence(plain)["quote"]
    _evidence(plain)["quote"] = quote[:9] + ("x" if quote[9] != "x" else "y") + quote[10:]


def _shift_span(plain: Plain) -> None:
    _evidence(plain)["span"] = [place + 1 for place in _evidence(plain)["span"]]


def _swap_passage(plain: Plain) -> None:
    stem, _, number = _evidence(plain)["passage_id"].rpartition("#p")
    _evidence(plain)["passage_id"] = f"{stem}#p{int(number) + 1 if int(number) == 0 else int(number) - 1}"


def _swap_page(plain: Plain) -> None:
    _evidence(plain)["page"] += 1


def _move_box(plain: Plain) -> None:
    _evidence(plain)["boxes"][0][0] += 5


def _invent_edge(plain: Plain) -> None:
    next(step for step in _claim(plain)["path"] if step["edge"])["edge"]["type"] = "CITES"


def _drop_step(plain: Plain) -> None:
    _claim(plain)["path"].pop()


def _edit_record(plain: Plain) -> None:
    plain["documents"][0]["year"] = 1999


def _edit_claim(plain: Plain) -> None:
    _claim(plain)["text"] = "Not " + _claim(plain)["text"]


def _raise_score(plain: Plain) -> None:
    _claim(plain)["support"]["score"] = 0.1


def _swap_model(plain: Plain) -> None:
    plain["models"]["verifier"] = "a better one"


def _drop_record(plain: Plain) -> None:
    plain["documents"].pop(0)


TAMPERING: list[tuple[Callable[[Plain], None], str]] = [
    (_edit_quote, "quote"),
    (_shift_span, "quote"),
    (_swap_passage, "quote"),
    (_swap_page, "page"),
    (_move_box, "box"),
    (_invent_edge, "edge"),
    (_drop_step, "edge"),
    (_edit_record, "record"),
    (_edit_claim, "claim"),
    (_raise_score, "support"),
    (_swap_model, "identity"),
    (_drop_record, "record"),
]


@pytest.mark.parametrize(("change", "named"), TAMPERING, ids=[change.__name__[1:] for change, _ in TAMPERING])
def test_each_change_of_an_answer_is_named(
    own_papers: Library, answer_ids: dict[str, str], change: Callable[[Plain], None], named: str
) -> None:
    """Against the library each kind is found under its own name; within a crate, although its checksums were
    made anew, also without the library.
    """
    body = export_answer(own_papers, answer_ids["pdf"], "json")
    plain = json.loads(body)
    change(plain)
    found = _findings(json.dumps(plain).encode(), own_papers)
    assert named in found
    assert "stored" in found
    crate = _repacked(
        export_answer(own_papers, answer_ids["pdf"], "ro-crate"), {"answer.json": json.dumps(plain).encode()}
    )
    assert named in _findings(crate, own_papers)
    assert _findings(crate, None) - {"checksum"}


def _repacked(crate: bytes, changes: dict[str, bytes | None], *, honest: bool = False) -> bytes:
    """A crate with files changed (None: removed) and, unless ``honest``, the checksums in its metadata made
    anew.
    """
    with zipfile.ZipFile(io.BytesIO(crate)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    for name, content in changes.items():
        if content is None:
            del files[name]
        else:
            files[name] = content
    metadata = json.loads(files["ro-crate-metadata.json"])
    if not honest:
        for node in metadata["@graph"]:
            if node["@id"] in files and "sha256" in node:
                node["sha256"] = hashlib.sha256(files[node["@id"]]).hexdigest()
    files["ro-crate-metadata.json"] = json.dumps(metadata).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return buffer.getvalue()


def test_each_change_of_a_crate_is_named(own_papers: Library, answer_ids: dict[str, str]) -> None:
    """A file changed, removed or added; a passage rewritten with its checksum; a record rewritten with its
    checksum: all without the library.
    """
    crate = export_answer(own_papers, answer_ids["jats"], "ro-crate")
    with zipfile.ZipFile(io.BytesIO(crate)) as zipped:
        text, records = zipped.read("evidence/001.txt"), json.loads(zipped.read("records.json"))
    records[0]["title"] = "Another title"
    assert _findings(_repacked(crate, {"answer.md": b"changed"}, honest=True), None) == {"checksum"}
    assert _findings(_repacked(crate, {"answer.md": None}), None) == {"file"}
    assert _findings(_repacked(crate, {"more.txt": b"added"}), None) == {"file"}
    assert "quote" in _findings(_repacked(crate, {"evidence/001.txt": text[5:]}), None)
    assert _findings(_repacked(crate, {"records.json": json.dumps(records).encode()}), None) == {"record"}
    assert "file" in _findings(_repacked(crate, {"provenance.jsonld": b"{}"}), None)


@pytest.mark.parametrize("format", ["prov", "annotation"])
def test_changes_of_linked_data_are_named(
    own_papers: Library, answer_ids: dict[str, str], format: str
) -> None:
    """A text or number of the file that is changed alone is found against the library, whichever it is (forty
    of all, drawn by a fixed seed).
    """
    content = export_answer(own_papers, answer_ids["pdf"], format)
    plain, missed = json.loads(content), []
    places = [
        place
        for place in _leaves(plain["@graph"] if format == "prov" else plain["first"])
        if place[-1] not in ("conformsTo",)
    ]
    assert len(places) > 50
    for place in random.Random(8).sample(places, 40):
        changed = json.loads(content)
        holder = changed["@graph"] if format == "prov" else changed["first"]
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = holder[place[-1]] + (1 if isinstance(holder[place[-1]], int | float) else "x")
        try:
            if not recheck(read_bytes(json.dumps(changed).encode(), "file"), own_papers):
                missed.append(place)
        except ReadError:
            continue
    assert missed == []


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*place, key))]
    if isinstance(value, list):
        return [leaf for key, item in enumerate(value) for leaf in _leaves(item, (*place, key))]
    return [place] if value is not None else []


@pytest.mark.parametrize("format", CHECKED)
def test_what_changed_in_the_library_is_named(
    own_papers: Library, answer_ids: dict[str, str], format: str, tmp_path: Path
) -> None:
    """A document retracted since, an answer given by another library, a document deleted: each is found, in
    every format.
    """
    content = export_answer(own_papers, answer_ids["jats"], format)
    shutil.copytree(own_papers.folder, tmp_path / "library")
    with Library(Settings(library=tmp_path / "library")) as copy:
        document_id = next(iter(read_bytes(content, "file").documents))
        copy.catalogue.set_retracted({document_id: NOTICE})
        assert _findings(content, copy) == {"retraction"}
        assert _findings(export_answer(copy, answer_ids["jats"], format), copy) == {"retraction"}
        copy.catalogue.delete(document_id)
        assert _findings(content, copy) >= {"passage", "record"}
    with Library(Settings(library=tmp_path / "other", embedder="hash"), create=True) as other:
        assert _findings(content, other) >= {"identity", "passage", "record"}


@pytest.mark.parametrize("format", ["json", "prov", "annotation"])
def test_damaged_files_are_told_not_thrown(
    own_papers: Library, answer_ids: dict[str, str], format: str, tmp_path: Path
) -> None:
    """Any value left out or of another kind is a finding or a ``ReadError``, never another error."""
    from kgrag.export.recheck import report

    content, path = export_answer(own_papers, answer_ids["pdf"], format), tmp_path / "file.json"
    places = _leaves(json.loads(content))
    for number, place in enumerate(random.Random(9).sample(places, 30)):
        holder = changed = json.loads(content)
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = [None, {"a": 1}, [1, "b"]][number % 3]
        path.write_text(json.dumps(changed), "utf-8")
        with contextlib.suppress(ReadError):
            report(path, own_papers)


def test_the_command_names_findings_and_fails(
    own_papers: Library, answer_ids: dict[str, str], tmp_path: Path
) -> None:
    """Exit 0 with counts when all holds; exit 1 with each finding when not; what is no export is told."""
    path, run = tmp_path / "answer.json", CliRunner().invoke
    path.write_bytes(export_answer(own_papers, answer_ids["jats"], "json"))
    done = run(app, ["verify", str(path), "--library", str(own_papers.folder), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["checked"]["quotes"] > 0
    path.write_text(path.read_text("utf-8").replace('"quote": "', '"quote": "X', 1), "utf-8")
    done = run(app, ["verify", str(path)])
    assert done.exit_code == 1
    assert "span\tc1/1" in done.stdout
    assert "DOES NOT HOLD" in done.stdout
    for content, told in (
        (b"[]", "no export"),
        (b"PK\x03\x04junk", "damaged"),
        (b'{"claims": 1, "models": 2}', "damaged"),
        (b"\xff\xfe", "damaged"),
    ):
        path.write_bytes(content)
        done = run(app, ["verify", str(path)])
        assert isinstance(done.exception, KgragError)
        assert told in str(done.exception)
        assert done.exception.exit_code == 1
    assert "No file" in str(run(app, ["verify", str(tmp_path / "none")]).exception)
