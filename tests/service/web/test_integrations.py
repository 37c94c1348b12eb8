"""The library inside other programs, through their own libraries: llama-index, and an MCP client over
stdio.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kgrag
from kgrag.integrations.notebook import OpenLibrary
from kgrag.library import Library

QUESTION = "What is blue marble health?"


@pytest.fixture(scope="module")
def opened(own_papers: Library) -> Iterator[OpenLibrary]:
    """The papers, opened as a user opens them."""
    with kgrag.open(own_papers.folder) as library:
        yield library


def test_a_llama_index_engine_runs_on_the_library(opened: OpenLibrary) -> None:
    """The retriever gives passages in order; the engine's source nodes carry spans that hold the quote and
    chains that end at the document.
    """
    from kgrag.integrations.llama_index import KgragQueryEngine, KgragRetriever

    nodes = KgragRetriever(opened, top_k=4).retrieve(QUESTION)
    assert [node.node_id for node in nodes] == [hit.passage_id for hit in opened.search(QUESTION, top_k=4)]
    response = KgragQueryEngine(opened, candidates=2).query(QUESTION)
    texts = {
        p.id: p.text
        for node in response.source_nodes
        for p in opened.library.catalogue.passages_of(node.metadata["document_id"])
    }
    assert response.source_nodes
    for node in response.source_nodes:
        assert texts[node.metadata["passage_id"]][slice(*node.metadata["span"])] == node.text
        assert node.metadata["document_id"] in {step["node"]["id"] for step in node.metadata["chain"]}
    refused = asyncio.run(KgragQueryEngine(opened).aquery("How do I bake sourdough bread at home?"))
    assert refused.source_nodes == []
    assert refused.metadata["status"] == "abstained"
    assert str(refused)


def test_an_mcp_client_runs_against_the_command(own_papers: Library) -> None:
    """Started as an assistant starts it: five read-only tools, an answer, its evidence, its export, a checked
    text; errors in our own words.
    """
    told = asyncio.run(_talk(own_papers.folder))
    assert {tool.name for tool in told["tools"]} == {"ask", "search", "check", "evidence", "export"}
    assert all(tool.annotations.read_only_hint and tool.description for tool in told["tools"])
    answer, evidence = told["answer"], told["evidence"]
    assert answer["status"] in ("answered", "partial")
    assert evidence["quotes"][0]["quote"] == answer["claims"][0]["evidence"][0]["quote"]
    assert evidence["path"] == answer["claims"][0]["path"]
    assert len(told["hits"]["hits"]) == 3
    assert told["ris"].startswith("TY  - JOUR")
    assert [claim["label"] for claim in told["checked"]["claims"]] == ["supported"]
    assert "No answer 'a-none' in this library" in told["no_answer"]
    assert "No claim 'c99'" in told["no_claim"]
    assert "is no text" in told["no_text"]
    assert "No format 'odt' (found: json, " in told["no_format"]


def test_restricted_texts_are_not_told_to_assistants(
    opened: OpenLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An assistant's model is outside the house unless the admin says otherwise: no tool tells such a
    text.
    """
    from kgrag.integrations.mcp import make_server

    answer = opened.ask(QUESTION)
    answer_id, words = answer.id, " ".join(answer.claims[0].quotes[0].quote.split()[4:9])
    told = {
        "ask": {"question": QUESTION},
        "evidence": {"answer_id": answer_id},
        "export": {"answer_id": answer_id, "format": "markdown"},
        "search": {"question": QUESTION},
        "check": {
            "text": "Blue marble health recognizes a disease burden among the poor of wealthy countries."
        },
    }
    for in_house in (None, True):
        closed = opened.library.settings.model_copy(
            update={"restricted_paths": ("*pntd*",), "llm_in_house": in_house}
        )
        monkeypatch.setattr(opened.library, "settings", closed)
        results = {
            name: asyncio.run(_in_process(make_server(opened), name, arguments))
            for name, arguments in told.items()
        }
        assert all(("may not leave the house" in text) is (in_house is None) for text in results.values())
        assert all((words in text) is (in_house is True) for text in results.values())


async def _in_process(server: Any, tool: str, arguments: dict[str, Any]) -> str:
    from mcp import Client

    async with Client(server) as client:
        return " ".join(part.text for part in (await client.call_tool(tool, arguments)).content)


async def _talk(folder: Path) -> dict[str, Any]:
    from mcp import Client, StdioServerParameters

    root = str(Path(__file__).parents[3])
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from kgrag.cli.main import main; main()", "mcp", "--library", str(folder)],
        env={"PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
        cwd=root,
    )
    async with Client(command, read_timeout_seconds=120) as client:
        tools = (await client.list_tools()).tools
        answer = await _call(client, "ask", question=QUESTION)
        name = answer["id"]
        return {
            "tools": tools,
            "answer": answer,
            "checked": await _call(client, "check", text=answer["claims"][0]["text"]),
            "hits": await _call(client, "search", question=QUESTION, top_k=3),
            "evidence": await _call(client, "evidence", answer_id=name, claim_id="c1"),
            "ris": (await client.call_tool("export", {"answer_id": name, "format": "ris"})).content[0].text,
            "no_answer": await _error(client, "evidence", answer_id="a-none"),
            "no_claim": await _error(client, "evidence", answer_id=name, claim_id="c99"),
            "no_text": await _error(client, "export", answer_id=name, format="docx"),
            "no_format": await _error(client, "export", answer_id=name, format="odt"),
        }


async def _call(client: Any, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return json.loads(result.content[0].text)


async def _error(client: Any, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)
