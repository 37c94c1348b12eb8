"""Offers the library as a llama-index retriever and query engine. Needs llama-index-core (extra ``llm``).

Source nodes carry the quote's span, page and chain in their metadata, so that what an engine shows can be
followed to the exact words.
"""

from __future__ import annotations

from typing import Any

from kgrag.errors import MissingExtra
from kgrag.integrations.notebook import AnswerResult, OpenLibrary

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.response.schema import Response
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
except ModuleNotFoundError as error:
    raise MissingExtra("The llama-index adapter", "llm") from error


class KgragRetriever(BaseRetriever):  # type: ignore[misc]  # its base is not always installed
    """Passages of a library as nodes, best first.

    Args:
        library: opened by ``kgrag.open``.
        top_k: how many passages, 1 … 1000.
        mode: full, nograph, dense, words or graph.
    """

    def __init__(self, library: OpenLibrary, top_k: int = 10, mode: str = "full") -> None:
        self.library, self.top_k, self.mode = library, top_k, mode
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self.library.search(query_bundle.query_str, top_k=self.top_k, mode=self.mode)
        return [
            NodeWithScore(
                score=hit.score,
                node=TextNode(
                    id_=hit.passage_id,
                    text=hit.text,
                    metadata={
                        "document_id": hit.document_id,
                        "title": hit.title,
                        "year": hit.year,
                        "section": hit.section,
                        "page": hit.page,
                        "retracted": hit.retracted,
                        "notices": list(hit.notices),
                    },
                ),
            )
            for hit in hits
        ]


class KgragQueryEngine(BaseQueryEngine):  # type: ignore[misc]  # as above
    """Answers of a library; an abstention is a response with its reason and no source nodes.

    Args:
        library: opened by ``kgrag.open``.
        options: those of ``OpenLibrary.ask``.
    """

    def __init__(self, library: OpenLibrary, **options: Any) -> None:
        self.library, self.options = library, options
        super().__init__(callback_manager=None)

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self.library.ask(query_bundle.query_str, **self.options)
        metadata = {"answer_id": answer.id, "status": answer.status, "reason": answer.reason}
        return Response(response=answer.text or answer.reason, source_nodes=_nodes(answer), metadata=metadata)

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        import asyncio

        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}


def _nodes(answer: AnswerResult) -> list[NodeWithScore]:
    """One node a quote; the chain is the path of section 5's object."""
    return [
        NodeWithScore(
            score=claim["support"]["score"],
            node=TextNode(
                id_=f"{answer.id}/{claim['id']}/{number}",
                text=evidence["quote"],
                metadata={
                    "claim_id": claim["id"],
                    "claim": claim["text"],
                    "document_id": evidence["document_id"],
                    "passage_id": evidence["passage_id"],
                    "span": evidence["span"],
                    "page": evidence["page"],
                    "section": evidence["section"],
                    "chain": claim["path"],
                },
            ),
        )
        for claim in answer.json["claims"]
        for number, evidence in enumerate(claim["evidence"], start=1)
    ]
