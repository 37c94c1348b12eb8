"""What the pages need of a library, in their words: ask step by step, search, the evidence of a claim.

Knows the library and its asker; one instance serves all visitors. Does not know Gradio or HTML.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kgrag.answer_json import answer_to_json, hit_to_json
from kgrag.answers import retracted_since, stored_answer
from kgrag.ask import Asker
from kgrag.errors import KgragError
from kgrag.export import export_answer
from kgrag.export.pictures import page_picture
from kgrag.feedback import store_claim_verdict, store_ranking
from kgrag.library import Library
from kgrag.searches import kept_search
from kgrag.settings import Settings
from kgrag.types import Filters
from kgrag.understand import understand


class Service:
    """See the module.

    Args:
        settings: of the library; an empty library is made where there is none.
    """

    def __init__(self, settings: Settings) -> None:
        self.library = Library(settings, create=True)
        self.asker = Asker(self.library)

    def close(self) -> None:
        """Give the library back."""
        self.library.close()

    def warm_up(self) -> None:
        """Catch the followers up and load the models, so that the first question is fast."""
        self.library.catch_up()
        self.library.embedder.embed_query("warm")
        self.asker.verifier.verify(["The library is open."], [["The library is open today."]])

    def steps(self, question: str, filters: Filters, **options: Any) -> Iterator[tuple[str, Any]]:
        """``("step", name)`` as each starts, then ``("answer", json)`` or ``("error", error)``; the options are those of ``Asker.ask``."""
        told: queue.Queue[tuple[str, Any]] = queue.Queue()

        def work() -> None:
            try:
                answer = self.asker.ask(question, filters=filters, progress=lambda step: told.put(("step", step)), **options)
                told.put(("answer", answer_to_json(answer)))
            except KgragError as error:
                told.put(("error", error))
            finally:
                told.put(("end", None))

        threading.Thread(target=work, daemon=True, name="ask").start()
        while (event := told.get())[0] != "end":
            yield event

    def search(self, question: str, filters: Filters, top_k: int = 20, mode: str = "full") -> list[dict[str, Any]]:
        """Passages as JSON."""
        understood = understand(question, self.library)
        return [hit_to_json(hit) for hit in kept_search(self.asker.retriever, understood, top_k, mode, filters)[1].hits]

    def answer(self, answer_id: str) -> dict[str, Any]:
        """A stored answer."""
        return stored_answer(self.library.catalogue, answer_id)

    def export(self, answer_id: str, format: str) -> bytes:
        """A stored answer as a file."""
        return export_answer(self.library, answer_id, format)

    def rank(self, answer_id: str, ranks: Sequence[int], rater: str, note: str) -> None:
        """Keep a ranking of an answer's candidates."""
        store_ranking(self.library.catalogue, answer_id, ranks, rater, note)

    def judge(self, answer_id: str, claim_id: str, right: bool, rater: str) -> None:
        """Keep a verdict on one claim."""
        store_claim_verdict(self.library.catalogue, answer_id, claim_id, right, rater)

    def retracted_since(self, answer: dict[str, Any]) -> dict[str, str]:
        """What was retracted after the answer was given."""
        return retracted_since(self.library.catalogue, answer)

    def passages(self, answer: dict[str, Any]) -> dict[str, str]:
        """The texts of an answer's passages by id; those deleted since are left out."""
        ids = [evidence["passage_id"] for claim in answer["claims"] for evidence in claim["evidence"]]
        found = self.library.catalogue.passages_by_key(self.library.catalogue.passage_keys(ids).values())
        return {passage.id: passage.text for passage, _ in found.values()}

    def page_of(self, answer: dict[str, Any], claim_number: int) -> str | None:
        """The page of a claim's evidence as a picture with its boxes; None where the source has no pages."""
        evidence = answer["claims"][claim_number]["evidence"][0]
        if not evidence["page"]:
            return None
        document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
        return page_picture(Path(document["source"]["path"]), evidence["page"], evidence["boxes"])
