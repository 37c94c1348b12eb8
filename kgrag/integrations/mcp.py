"""Serves the library by the Model Context Protocol over stdio: ask, search, check, evidence and export, all
read-only for the library's documents.

Needs the package ``mcp`` (extra ``mcp``). Knows the Python surface. An error is told to the client in the
same words as on the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

from pydantic import Field

from kgrag.check.claims import MOST_CLAIMS
from kgrag.errors import KgragError, MissingExtra, NotFound
from kgrag.export import FORMATS, format_named
from kgrag.generate.confidential import is_restricted
from kgrag.integrations.notebook import OpenLibrary

STAYS = "the text may not leave the house (restricted_licences, restricted_paths; llm_in_house allows it)."
P = ParamSpec("P")
R = TypeVar("R")
INSTRUCTIONS = (
    "A library's own papers. `ask` answers with sentences that each point to exact words; `evidence` gives"
    " the words and the path of one sentence. `check` tells of any text which claims the library supports or"
    " contradicts. Cite only what these tools return; an abstention is an answer too."
)


def serve(folder: Path | None, as_user: str | None = None) -> None:
    """Run over stdin and stdout until the client closes them, within the rights of a user where one is named.

    Raises:
        MissingExtra: the package ``mcp`` is not installed.
        NotFound: no library there, or no such user.
        Forbidden: the user is disabled.
    """
    with OpenLibrary(folder, as_user) as library:
        make_server(library).run("stdio")


def make_server(library: OpenLibrary) -> Any:
    """The server over an open library.

    Raises:
        MissingExtra: the package ``mcp`` is not installed.
    """
    try:
        from mcp.server import MCPServer
        from mcp.types import ToolAnnotations
    except ModuleNotFoundError as error:
        raise MissingExtra("The MCP server", "mcp") from error
    server = MCPServer("kgrag", instructions=INSTRUCTIONS, log_level="WARNING")
    read_only = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )

    def ask(
        question: Annotated[str, Field(description="In English or Chinese.", min_length=1, max_length=2000)],
    ) -> dict[str, Any]:
        """Answer a question from the library, each sentence with its quotes and chain; or abstain and say
        why.
        """
        plain = _allowed(library, library.ask(question).id)
        return {
            key: plain[key]
            for key in (
                "id",
                "question",
                "status",
                "reason",
                "text",
                "verdict",
                "claims",
                "withheld",
                "documents",
            )
            if key in plain
        }

    def search(
        question: Annotated[str, Field(min_length=1, max_length=2000)],
        top_k: Annotated[int, Field(ge=1, le=50)] = 10,
    ) -> dict[str, Any]:
        """Find passages of the library, best first; `records` are documents whose text is elsewhere, at their
        link.
        """
        names = (
            "passage_id",
            "document_id",
            "score",
            "text",
            "title",
            "year",
            "section",
            "page",
            "retracted",
            "notices",
            "link",
        )
        found = library.search(question, top_k=top_k)
        return {
            "hits": [
                {name: getattr(hit, name) for name in names}
                | ({"text": None, "withheld": STAYS} if _stays(library, hit.document_id) else {})
                for hit in found
            ],
            "records": list(found.records),
        }

    def check(
        text: Annotated[
            str,
            Field(
                description="Sentences in English or Chinese, such as an answer about to be given.",
                min_length=1,
                max_length=20_000,
            ),
        ],
    ) -> dict[str, Any]:
        """Each claim of a text: supported, contradicted or unsupported by the library, with the words that
        say so.
        """
        return {
            "claims": [
                claim | {name: _told_quote(library, claim[name]) for name in ("nearest", "contradicted_by")}
                for claim in library.check_claims(text, most=MOST_CLAIMS)
            ]
        }

    def evidence(
        answer_id: str, claim_id: Annotated[str, Field(description="As in the answer: c1, c2, …")] = "c1"
    ) -> dict[str, Any]:
        """The exact words, their place, what stands around them, and the path through the graph, of one
        sentence of an answer.
        """
        _allowed(library, answer_id)
        return _evidence(library, answer_id, claim_id)

    def export(answer_id: str, format: Annotated[str, Field(description=", ".join(FORMATS))]) -> str:
        """An answer in a text format for papers, reference managers and repositories."""
        if format_named(format).suffix in (".crate.zip", ".docx", ".pdf"):
            raise KgragError(
                f"The format '{format}' is no text. Write it to a file: kgrag export {answer_id} --format"
                f" {format} -o FILE"
            )
        _allowed(library, answer_id)
        return library.export(answer_id, format).decode()

    for tool in (ask, search, check, evidence, export):
        server.tool(annotations=read_only)(_told(tool))
    return server


def _told(tool: Callable[P, R]) -> Callable[P, R]:
    """A tool whose errors reach the client with our words only."""

    @wraps(tool)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        from mcp.server.mcpserver.exceptions import ToolError

        try:
            return tool(*args, **kwargs)
        except KgragError as error:
            raise ToolError(str(error)) from error

    return call


def _stays(library: OpenLibrary, document_id: str) -> bool:
    """Whether a text may not be told: an assistant's model is taken to be outside the house unless
    ``llm_in_house`` says otherwise.
    """
    settings = library.library.settings
    if settings.llm_in_house:
        return False
    try:
        return is_restricted(library.library.catalogue.document(document_id), settings)
    except NotFound:
        return bool(settings.restricted_licences or settings.restricted_paths)


def _told_quote(library: OpenLibrary, quote: dict[str, Any] | None) -> dict[str, Any] | None:
    """A quote that may be told; of one that may not, where it stands."""
    return (
        quote | {"quote": None, "withheld": STAYS}
        if quote and _stays(library, quote["document_id"])
        else quote
    )


def _allowed(library: OpenLibrary, answer_id: str) -> dict[str, Any]:
    """A stored answer that may be told whole; what was withheld is left out where it may be from a text that
    stays in the house.

    Raises:
        KgragError: a claim rests on such a text.
    """
    plain = dict(library.answer(answer_id).json)
    quoted = {evidence["document_id"] for claim in plain["claims"] for evidence in claim["evidence"]}
    if staying := sorted(document_id for document_id in quoted if _stays(library, document_id)):
        raise KgragError(f"Answer '{answer_id}' rests on {', '.join(staying)}: {STAYS} Read it in the chat.")
    near = {hit["document_id"] for hit in plain["trace"]["retrieved"]}
    return plain | ({"withheld": []} if any(_stays(library, document_id) for document_id in near) else {})


def _evidence(library: OpenLibrary, answer_id: str, claim_id: str) -> dict[str, Any]:
    from kgrag.export.material import gather

    material = gather(library.library, answer_id)
    found = [q for q in material.quotes() if q.claim["id"] == claim_id]
    if not found:
        known = ", ".join(claim["id"] for claim in material.answer["claims"]) or "none"
        raise NotFound(f"No claim '{claim_id}' in answer '{answer_id}' (found: {known}).")
    quotes = [
        {
            **q.evidence,
            "before": q.before,
            "after": q.after,
            "document_span": None if q.start is None else [q.start, q.end],
            "retraction": material.mark(q.evidence["document_id"]),
            "notices": list(material.notices.get(q.evidence["document_id"], ())),
        }
        for q in found
    ]
    return {
        "claim": found[0].claim["text"],
        "support": found[0].claim["support"],
        "quotes": quotes,
        "path": found[0].claim["path"],
    }
