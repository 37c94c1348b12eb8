"""A review: what its trail tells is what is counted, whatever was done in whichever order."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError
from typer.testing import CliRunner

from kgrag.catalogue import Catalogue
from kgrag.catalogue.schema_review import review_events
from kgrag.cli.main import app
from kgrag.errors import Forbidden, NotFound, ReadError, UsageError
from kgrag.review.project import trail
from kgrag.review.project.acts import Reviews
from kgrag.review.project.agreement import ac1, agreements
from kgrag.review.project.bundle import pack
from kgrag.review.project.flow import as_svg, flow, methods
from kgrag.review.project.living import refresh, retracted, search_into
from kgrag.review.project.queue import progress, queue
from kgrag.review.project.state import read
from kgrag.testing import random_parcel
from kgrag.types import Filters

ROWS = [
    {
        "title": f"Bisoprolol in heart failure, study {n}",
        "year": 2000 + n,
        "identifiers": {"doi": f"10.1/{n}"},
    }
    for n in range(6)
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """One for all: reviews do not see each other."""
    opened = Catalogue(tmp_path_factory.mktemp("reviews") / "library")
    yield opened
    opened.close()


@pytest.fixture
def lead(catalogue: Catalogue) -> Reviews:
    return Reviews(catalogue, "u-lead")


@pytest.fixture
def begun(lead: Reviews) -> str:
    """A review of two people with six records."""
    identifier = lead.create("Do beta blockers help in heart failure?", "pico", {"P": "adults"}, screeners=2)
    lead.add_member(identifier, "u-two", "screener")
    lead.add_set(identifier, "PubMed", "a.nbib", ROWS, "heart failure[ti]")
    return identifier


def test_duplicates_are_united_across_sets(lead: Reviews, begun: str) -> None:
    """The same DOI, or the same title and year, is one record; the same title with another DOI is a group."""
    again = [
        {"title": "Something else", "identifiers": {"doi": "10.1/0"}, "abstract": "New."},
        {"title": "Bisoprolol in heart failure: study 1", "year": 2001},
        {"title": "Bisoprolol in heart failure, study 2", "year": 2002, "identifiers": {"doi": "10.9/pre"}},
        {"title": "Editorial", "year": 2001},
        {"title": "Editorial", "year": 2001},
    ]
    told = lead.add_set(begun, "Embase", "b.ris", again)
    review = lead.open(begun)
    assert told == {"records": 5, "duplicates": 2, "new": 3}
    assert review.record("r1").abstract == "New."
    assert review.record("r1").sets == (1, 2)
    assert review.united.groups() == [["r3", "r7"]]
    assert len(review.records) == 9


ACT = st.tuples(
    st.sampled_from(["u-lead", "u-two"]),
    st.sampled_from(["decide", "settle", "undo", "not-retrieved"]),
    st.integers(1, 6),
    st.sampled_from(["include", "include", "exclude", "maybe"]),
    st.sampled_from(["abstract", "abstract", "full"]),
    st.sampled_from(["", "animals", "no trial"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ACT, max_size=40))
def test_flow_adds_up_to_the_trail(catalogue: Catalogue, acts: list[Any]) -> None:
    """Whatever people do, each box of the flow is what the boxes before it leave."""
    lead = Reviews(catalogue, "u-lead")
    identifier = lead.create("Question?", screeners=2)
    lead.add_member(identifier, "u-two", "screener")
    lead.add_set(identifier, "PubMed", "a", ROWS + ROWS[:2])
    done = []
    for person, act, number, verdict, stage, reason in acts:
        reviews, record = Reviews(catalogue, person), f"r{number}"
        try:
            if act == "decide":
                done.append(reviews.decide(identifier, record, verdict, stage, reason))
            elif act == "settle":
                done.append(reviews.settle(identifier, record, verdict, stage, reason))
            elif act == "not-retrieved":
                done.append(reviews.not_retrieved(identifier, record))
            elif done:
                reviews.undo(identifier, done[number % len(done)])
        except (UsageError, Forbidden, NotFound):
            continue
    review = lead.open(identifier)
    counted = flow(review)
    assert counted["identified_total"] - counted["duplicates_removed"] == len(review.records) == 6
    assert counted["screened"] + counted["awaiting_screening"] == 6
    assert counted["screened"] - counted["excluded"] == counted["sought"]
    assert counted["sought"] - counted["not_retrieved"] == counted["assessed"]
    decided = counted["included"] + sum(counted["excluded_reasons"].values())
    assert counted["assessed"] - decided == counted["awaiting_assessment"] >= 0
    assert flow(read(identifier, lead.events(identifier))) == counted


def test_two_people_blind_and_in_conflict(lead: Reviews, begun: str, catalogue: Catalogue) -> None:
    """A record waits for both; where they differ it is a conflict, which a lead's word ends."""
    other = Reviews(catalogue, "u-two")
    assert len(queue(lead.open(begun), "abstract", "u-lead")) == 6
    for reviews, verdicts in ((lead, "iiexex"), (other, "ieexex")):
        for number, letter in enumerate(verdicts, 1):
            verdict = {"i": "include", "e": "exclude", "x": "maybe"}[letter]
            reviews.decide(begun, f"r{number}", verdict)
    review = lead.open(begun)
    assert review.outcome("abstract", "r2") == "conflict"
    assert progress(review, "abstract")["conflicts"] == 1
    (pair,) = agreements(review, "abstract")
    assert (pair["records"], pair["same"]) == (6, 5)
    assert pair["kappa"] == pytest.approx(0.75)
    with pytest.raises(Forbidden):
        other.settle(begun, "r2", "include")
    lead.settle(begun, "r2", "exclude", reason="animals")
    assert lead.open(begun).outcome("abstract", "r2") == "exclude"
    assert lead.open(begun).at_stage("full") == ["r1"]


def test_an_act_sent_twice_is_one(lead: Reviews, begun: str, catalogue: Catalogue) -> None:
    """A tab that was offline sends its acts again: the token keeps them one; the later word of a person takes
    the earlier's place, and undone it is the earlier again.
    """
    first = lead.decide(begun, "r1", "include", token="t-1")
    assert lead.decide(begun, "r1", "include", token="t-1") == first
    second = lead.decide(begun, "r1", "exclude")
    assert [d.verdict for d in lead.open(begun).of("abstract", "r1")] == ["exclude"]
    with pytest.raises(Forbidden):
        Reviews(catalogue, "u-two").undo(begun, second)
    lead.undo(begun, second)
    assert [d.verdict for d in lead.open(begun).of("abstract", "r1")] == ["include"]
    with pytest.raises(NotFound):
        lead.undo(begun, second)


def test_others_do_not_see_it(begun: str, catalogue: Catalogue) -> None:
    """Who is not in the team is told what is told of a review that is not there."""
    stranger = Reviews(catalogue, "u-three")
    with pytest.raises(NotFound, match="No review"):
        stranger.open(begun)
    assert begun not in [review.id for review in stranger.all()]
    reader = Reviews(catalogue, "u-lead")
    reader.add_member(begun, "u-three", "reader")
    with pytest.raises(Forbidden):
        stranger.decide(begun, "r1", "include")


@pytest.mark.parametrize("statement", [update(review_events).values(kind="x"), delete(review_events)])
def test_the_trail_cannot_be_changed(begun: str, catalogue: Catalogue, statement: Any) -> None:
    """The database itself refuses."""
    with pytest.raises(DatabaseError, match="append-only"), catalogue.writing() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (("r9", "include"), "r1 to r6"),
        (("r1", "perhaps"), "include, exclude, maybe"),
        (("r1", "include", "full"), "not included by its abstract"),
    ],
)
def test_wrong_acts_are_refused(lead: Reviews, begun: str, act: Any, told: str) -> None:
    """In words that say what there is."""
    with pytest.raises((UsageError, NotFound), match=told):
        lead.decide(begun, *act)


def test_agreement_beyond_chance() -> None:
    """AC1 of Gwet's definition: high where nearly all is excluded, where kappa falls to nothing."""
    a, b = ["e"] * 95 + ["i"] * 5, ["e"] * 90 + ["i"] * 5 + ["e"] * 5
    assert ac1(a, b, 2) == pytest.approx((0.9 - 0.095) / (1 - 0.095))
    assert ac1([], [], 2) is None


def test_opened_elsewhere_with_the_same_counts(
    lead: Reviews, begun: str, catalogue: Catalogue, tmp_path: Path
) -> None:
    """The zip is the same twice, opens in another library with the same counts and acts undone, and one that
    was changed is refused.
    """
    lead.undo(begun, lead.decide(begun, "r1", "include"))
    lead.decide(begun, "r2", "include")
    content = pack(lead.open(begun), lead.events(begun))
    assert content == pack(lead.open(begun), lead.events(begun))
    file = tmp_path / "review.zip"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="already"):
        lead.put_back(file)
    elsewhere = Catalogue(tmp_path / "elsewhere")
    with elsewhere.writing() as connection:
        trail.append(connection, "review-before", "u-x", "created", {"question": "Other?"})
    there = Reviews(elsewhere, "u-new")
    assert there.put_back(file) == begun
    assert flow(there.open(begun)) == flow(lead.open(begun))
    assert there.open(begun).decisions.keys() == lead.open(begun).decisions.keys()
    elsewhere.close()
    with zipfile.ZipFile(file) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    files["trail.jsonl"] = b"\n".join(files["trail.jsonl"].splitlines()[:2])
    with zipfile.ZipFile(file, "w") as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    with pytest.raises(ReadError, match="was changed"):
        lead.put_back(file)


def test_flow_and_methods_for_people(lead: Reviews, begun: str) -> None:
    """The picture is well-formed and escapes names; the paragraphs say counts, source and test."""
    lead.add_set(begun, "<Embase & more>", "b.ris", [{"title": "Another one, of the heart"}])
    review = lead.open(begun)
    picture = as_svg(flow(review))
    assert "<Embase & more> (n = 1)" in "".join(ElementTree.fromstring(picture).itertext())
    assert "7 records from 2 sources: PubMed (6 records" in methods(review)
    assert "共从2个来源获得7条记录" in methods(review, "zh")
    assert "the program excluded nothing" in methods(review)


def test_commands_from_records_to_export(tmp_path: Path) -> None:
    """A review on the command line: create, add, next, decide, undo, status, flow, methods, export, open."""

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["review", *words, "--library", str(tmp_path / "library")])
        assert done.exit_code == 0, (words, done.output, done.exception)
        return done.stdout.strip()

    (tmp_path / "a.ris").write_text(
        "".join(f"TY  - JOUR\nTI  - {row['title']}\nPY  - {row['year']}\nER  - \n" for row in ROWS), "utf-8"
    )
    (tmp_path / "library").mkdir()
    CliRunner().invoke(app, ["ingest", str(tmp_path / "a.ris"), "--library", str(tmp_path / "library")])
    identifier = run("create", "Beta blockers in heart failure", "--protocol", "P=adults")
    assert (
        json.loads(run("add", identifier, str(tmp_path / "a.ris"), "--name", "PubMed", "--json"))["new"] == 6
    )
    shown = json.loads(run("next", identifier, "--json"))
    assert shown["left"] == 6
    act = run("decide", identifier, shown["record"], "include")
    run("undo", identifier, act)
    run("decide", identifier, "r1", "include")
    run("decide", identifier, "r2", "exclude", "--reason", "animals")
    run("decide", identifier, "r1", "include", "--stage", "full")
    assert json.loads(run("next", identifier, "--json"))["left"] == 4
    status = json.loads(run("status", identifier, "--json"))
    assert status["stages"]["abstract"]["decided"] == 2
    counted = json.loads(run("flow", identifier, "--svg", str(tmp_path / "flow.svg"), "--json"))
    assert (counted["excluded"], counted["included"]) == (1, 1)
    assert (tmp_path / "flow.svg").read_text("utf-8").startswith("<svg")
    assert "PubMed (6 records" in run("methods", identifier)
    run("export", identifier, "-o", str(tmp_path / "r.zip"))
    opened = CliRunner().invoke(
        app, ["review", "open", str(tmp_path / "r.zip"), "--library", str(tmp_path / "other")]
    )
    assert opened.stdout.strip() == identifier


def test_what_is_new_is_told_once(tmp_path: Path) -> None:
    """A strategy asked again brings what came since, once; asked once more, or by two at once, nothing twice;
    a retraction is told with its record.
    """
    opened = Catalogue(tmp_path / "library")
    for number in range(4):
        opened.put(random_parcel(number))
    lead = Reviews(opened, "u-lead")
    identifier = lead.create("Radium?")
    query = " OR ".join(f'"paper {number}"[ti]' for number in range(6)) + " OR paper*[ti]"
    assert search_into(lead, identifier, query, Filters())["new"] == 4
    assert [one["new"] for one in refresh(lead, identifier, Filters())] == [0]
    for number in (4, 5):
        opened.put(random_parcel(number))
    assert [one["new"] for one in refresh(lead, identifier, Filters())] == [2]
    assert [one["new"] for one in refresh(lead, identifier, Filters())] == [0]
    review = lead.open(identifier)
    assert [one.records for one in review.sets] == [4, 2]
    assert flow(review)["duplicates_removed"] == 0
    document = review.record("r1").identifiers["document"]
    opened.set_retracted({document: "Retracted in 2020."})
    assert [one["record"] for one in retracted(lead, identifier)] == ["r1"]
    opened.close()
