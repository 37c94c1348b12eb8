"""The graph asked without Cypher: by the command line, at the page's address, and by the API, over records
that agree and contradict one another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from ingest.run import ingest
from kgrag.ask import ask
from kgrag.cli.main import app
from kgrag.library import Library
from kgrag.settings import Settings
from ui.app import create_base
from ui.service.service import Service

RECORDS = Path(__file__).parents[2] / "data" / "graph" / "malaria.ris"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two records."""
    made = tmp_path_factory.mktemp("graph") / "library"
    with Library(Settings(library=made, embedder="hash"), create=True) as library:
        assert not ingest(library, [RECORDS])["quarantined"]
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """A client of the service without the Gradio pages."""
    service = Service(Settings(library=folder, embedder="hash"))
    made: FastAPI = create_base(service)
    with TestClient(made, base_url="http://127.0.0.1") as opened:
        yield opened
    service.close()


def told(folder: Path, *arguments: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    done = CliRunner().invoke(app, ["graph", *arguments, "--library", str(folder), "--json"])
    assert done.exit_code == 0, done.output
    plain: dict[str, Any] = json.loads(done.stdout)
    return plain


def test_what_is_said_of_a_concept(folder: Path) -> None:
    """For and against by document, with the figure and the sentence; the contradiction is named."""
    found = told(folder, "said", "malaria")
    nets = next(
        r for r in found["relations"] if r["other"]["name"] == "bed nets" and r["predicate"] == "decreases"
    )
    assert (len(nets["for"]), len(nets["against"]), nets["inverse"]) == (1, 1, True)
    assert (nets["since"], nets["until"], nets["reads"]) == (2019, 2021, "is decreased by")
    assert nets["statements"][0]["quantity"]["ci"] == [30, 50]
    (conflict,) = told(folder, "conflicts")["conflicts"]
    assert (conflict["why"], conflict["one"]["subject"]["name"]) == ("polarity", "bed nets")
    assert told(folder, "said", "malaria", "--year-from", "2020")["relations"][0]["for"] != nets["for"]


def test_facts_of_papers(folder: Path) -> None:
    """Both papers study the title's things by a randomized trial, and the first one concludes."""
    facts = told(folder, "facts")["facts"]
    said = {(f["document_id"][-1], f["type"], f["target"]["name"]) for f in facts}
    assert {("1", "STUDIES", "malaria"), ("2", "STUDIES", "malaria")} <= said
    assert ("1", "USES_METHOD", "randomized trial") in said
    assert any(f["type"] == "CONCLUDES" and "bed nets prevent malaria" in f["sentence"] for f in facts)
    assert {f["document_id"] for f in told(folder, "facts", "malaria")["facts"]} == {
        f["document_id"] for f in facts
    }


def test_the_page(client: TestClient) -> None:
    """A form, names to choose from, the sides with their quotes, the path between two, in both languages;
    what is typed stays text.
    """
    assert "malaria</a>" in client.get("/concepts").text
    page = client.get("/concepts", params={"of": "malaria"}).text
    assert "is decreased by" in page
    assert "1 for, 1 against, since 2019" in page
    assert "percentage 40 %, CI 30 – 50, p &lt; 0.001" in page
    assert "What contradicts what" in page
    assert "<svg" in page
    both = client.get("/concepts", params={"of": "bed nets", "other": "anemia", "lang": "zh"}).text
    assert "经第三概念" in both
    missing = client.get("/concepts", params={"of": "<script>alert(1)</script>"})
    assert missing.status_code == 404
    assert "<script>" not in missing.text
    assert client.get("/concepts", params={"of": "malaria", "year_from": "soon"}).status_code == 400
    assert "since 2021" in client.get("/concepts", params={"of": "malaria", "year_from": "2020"}).text


def test_the_same_for_programs(client: TestClient, folder: Path) -> None:
    """The API gives what the command line prints; an unknown concept is a problem with the next step."""
    said = client.get("/api/v1/concepts/said", params={"of": "malaria"}).json()
    assert said == told(folder, "said", "malaria")
    paths = client.get("/api/v1/concepts/paths", params={"of": "bed nets", "other": "anemia"}).json()
    assert paths["paths"] == told(folder, "paths", "bed nets", "anemia", "-k", "10")["paths"]
    names = client.get("/api/v1/concepts", params={"beginning": "mal"}).json()["concepts"]
    assert [one["name"] for one in names] == ["malaria"]
    unknown = client.get("/api/v1/concepts/said", params={"of": "nothing"})
    assert (unknown.status_code, "kgrag graph concepts" in unknown.json()["detail"]) == (404, True)


@pytest.fixture(scope="module")
def asker(folder: Path) -> Iterator[Library]:
    """The library, opened to be asked."""
    with Library(Settings(library=folder, embedder="hash")) as opened:
        yield opened


def test_the_chat_answers_by_the_graph(asker: Library) -> None:
    """A question for what a thing is associated with gets the graph's relations, what is denied marked so."""
    answer = ask("What is malaria associated with?", asker)
    assert answer.status != "abstained"
    headings = {section.heading for section in answer.sections}
    assert {"is decreased by bed nets", "is decreased by bed nets (denied)", "causes anemia"} <= headings
    assert any(node.kind == "Statement" for claim in answer.claims for node in claim.chain.nodes)


def test_the_chat_tells_how_two_are_connected(asker: Library) -> None:
    """Each step of the best path is a quote; a path goes by what is said, not by what is denied."""
    answer = ask("How are bed nets and anemia connected?", asker)
    assert [claim.text for claim in answer.claims][-1] == "Malaria causes anemia in children."
    assert not any("denied" in section.heading for section in answer.sections)
    assert {claim.evidence[0].document.id for claim in answer.claims} == {"doi:10.5555/malaria.1"}
