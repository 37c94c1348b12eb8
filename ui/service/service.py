"""What the pages need of a library, in their words: ask step by step, search, the evidence of a claim; each
for one person.

Knows the library, its asker and who may do what; ``of(person)`` is the service as that person may use it.
Does not know Gradio or HTML.
"""

from __future__ import annotations

import json
import logging
import os
import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import IO, Any

from kgrag.ask.asker import Asker
from kgrag.backends import load_backend
from kgrag.catalogue.answers import retracted_since
from kgrag.catalogue.audit import log_security
from kgrag.check.claims import MOST_CLAIMS, check_claims
from kgrag.check.references import ReferenceChecker
from kgrag.errors import KgragError, NotFound, UsageError
from kgrag.export import export_answer, format_named
from kgrag.export.pages.pictures import page_count, page_png
from kgrag.indexes.read_ahead import read_ahead
from kgrag.library import Library
from kgrag.people.feedback import store_claim_verdict, store_ranking
from kgrag.people.history import named_asker, remember
from kgrag.people.pseudonyms import pseudonym
from kgrag.people.record_access import Records
from kgrag.people.rights import LOCAL, Collection, Person, Rights, may, require
from kgrag.render.as_json import answer_to_json, hit_to_json
from kgrag.search.record import kept_search
from kgrag.search.understand import understand
from kgrag.settings import Settings
from kgrag.types import Answer, Document, Filters
from ui.limits import Limits
from ui.service.answerers import Answerers
from ui.service.batches import Batches
from ui.service.chores import Chores
from ui.service.workers import Workers

logger = logging.getLogger(__name__)
COMPUTING, WAITING = os.cpu_count() or 1, 16
"""Questions worked on at a time: as many as the processors can use, or more where they wait for a language
model. The others wait their turn.
"""
NAMELESS = {"local": "staff", "anonymous": "anonymous", "open": "anonymous"}
"""Who ranks where nobody logs in."""


class Service:
    """See the module.

    Args:
        settings: of the library; an empty library is made where there is none.
        processes: that answer questions; 0 where the service's own threads do, as they always do with a
            language model, for which they mostly wait.
    """

    def __init__(self, settings: Settings, processes: int = 0) -> None:
        self.library = Library(settings, create=True)
        self.asker = Asker(self.library)
        self.rights = Rights(self.library.catalogue)
        self.batches = Batches(self.library)
        self.chores = Chores(self.library)
        self.limits = Limits(settings)
        self.person = LOCAL
        self.answerers = Answerers(settings, processes) if processes and not settings.llm else None
        self.workers = Workers(WAITING if settings.llm else processes or COMPUTING)

    def of(self, person: Person) -> Service:
        """The same service as one person may use it; every method below keeps to their rights."""
        theirs = copy(self)
        theirs.person = person
        return theirs

    def filters(self, filters: Filters = Filters()) -> Filters:
        """Limits that also leave out what the person may not see; everything that is searched, listed or
        counted takes them.
        """
        return self.rights.filters(self.person, filters)

    @property
    def rater(self) -> str:
        """Under which name the person's rankings are kept: their pseudonym, which tells other staff
        nothing.
        """
        return NAMELESS.get(self.person.id.partition("-")[0]) or pseudonym(
            self.library.folder, self.person.id, "rater"
        )

    def close(self) -> None:
        """Give the library back, when nobody uses it any more; a batch in hand is paused."""
        self.batches.close()
        self.chores.close()
        self.workers.close()
        if self.answerers:
            self.answerers.close()
        self.library.close()

    def warm_up(self) -> None:
        """Catch the followers up and load the models, so that the first question is fast."""
        self.library.catch_up()
        if self.answerers:
            self.answerers.warm_up()
            self.library.embedder.embed_query("warm")
        else:
            self.asker.warm_up()
        read_ahead(self.library.folder, self.workers.is_open)
        self.workers.submit_idle(self._remember_sentences)

    def _remember_sentences(self) -> None:
        """In idle time, make the vectors of sentences that questions will need."""
        try:
            self.library.sentences.forget()
            self.library.sentences.fill(self.workers.is_open, self.workers.is_idle)
        except KgragError:
            logger.exception("the sentences' vectors could not be made; questions embed them as they come")

    def steps(self, question: str, filters: Filters, **options: Any) -> Iterator[tuple[str, Any]]:
        """``("step", name)`` as each starts, then ``("answer", json)`` or ``("error", error)``; the options
        are those of ``Asker.ask``.
        """
        return self._events(
            "answer", lambda step: answer_to_json(self.ask(question, filters, progress=step, **options))
        )

    def checks(self, text: str) -> Iterator[tuple[str, Any]]:
        """``("step", (done, of))`` with each claim of a text, then ``("claims", json)`` or ``("error",
        error)``.
        """
        return self._events("claims", lambda step: self.check_claims(text, lambda done, of: step((done, of))))

    def _events(self, name: str, work: Callable[[Callable[[Any], None]], Any]) -> Iterator[tuple[str, Any]]:
        """What is done in its turn tells on the way, and what comes of it."""
        told: queue.Queue[tuple[str, Any]] = queue.Queue()

        def run() -> None:
            try:
                told.put((name, work(lambda step: told.put(("step", step)))))
            except KgragError as error:
                told.put(("error", error))
            except Exception as error:  # whatever it is, the page must say that it failed
                logger.exception("a question failed")
                told.put(("error", error))
            finally:
                told.put(("end", None))

        self.workers.submit(run)
        while (event := told.get())[0] != "end":
            yield event

    def check_claims(self, text: str, progress: Callable[[int, int], None]) -> list[dict[str, Any]]:
        """Each claim of a text with what the documents that the person may see say of it; nothing is kept."""
        require(self.person, "read")
        self.limits.hit("ask", self.person.id)
        if self.answerers:
            return self.answerers.check(text, filters=self.filters(), progress=progress, most=MOST_CLAIMS)
        return [
            item.as_json() for item in check_claims(text, self.asker, self.filters(), progress, MOST_CLAIMS)
        ]

    def check_references(self, text: str) -> list[dict[str, Any]]:
        """Each reference of a text beside the records that the person may see."""
        require(self.person, "read")
        self.limits.hit("ask", self.person.id)
        return [
            item.as_json()
            for item in ReferenceChecker(self.library.catalogue, self.filters().hidden).check(text)
        ]

    def check_ask(self) -> None:
        """Nothing, or Forbidden where the person may not ask, or answers are turned off for them."""
        require(self.person, "ask")
        self.rights.require_on(self.person, "answers")

    def asks(self) -> bool:
        """Whether the person may ask; where not, the pages are a search interface."""
        return may(self.person, "ask") and self.rights.switches(self.person).answers

    def ask(self, question: str, filters: Filters, **options: Any) -> Answer:
        """An answer from what the person may see; kept, and noted in their own history."""
        self.check_ask()
        self.limits.hit("ask", self.person.id)
        answer = (self.answerers or self.asker).ask(question, filters=self.filters(filters), **options)
        remember(self.library, self.person, answer.id)
        return answer

    def search(
        self, question: str, filters: Filters, top_k: int = 20, mode: str = "full"
    ) -> list[dict[str, Any]]:
        """Passages as JSON."""
        require(self.person, "read")
        self.limits.hit("ask", self.person.id)
        limits = self.filters(filters)
        understood = understand(question, self.library, limits.hidden)
        return [
            hit_to_json(hit, pattern=self.library.settings.openurl)
            for hit in kept_search(self.asker.retriever, understood, top_k, mode, limits)[1].hits
        ]

    def answer(self, answer_id: str) -> dict[str, Any]:
        """A stored answer."""
        plain: dict[str, Any] = json.loads(self.answer_text(answer_id))
        return plain

    def answer_text(self, answer_id: str) -> str:
        """A stored answer's JSON text, byte for byte."""
        require(self.person, "read")
        return self.rights.answer_text(self.person, answer_id)

    def export(self, answer_id: str, format: str, asker: str = "anonymous") -> bytes:
        """A stored answer as a file; who asked is named only at their own wish
        (``kgrag.people.history.named_asker``).
        """
        require(self.person, "export")
        format_named(format)
        self.answer_text(answer_id)
        return export_answer(
            self.library, answer_id, format, named_asker(self.library, self.person, answer_id, asker)
        )

    def rank(self, answer_id: str, ranks: Sequence[int], note: str = "") -> int:
        """Keep a ranking of an answer's candidates; returns its number."""
        self._may_judge(answer_id)
        return store_ranking(self.library.catalogue, answer_id, ranks, self.rater, note)

    def judge(self, answer_id: str, claim_id: str, right: bool, note: str = "") -> int:
        """Keep a verdict on one claim; returns its number."""
        self._may_judge(answer_id)
        return store_claim_verdict(self.library.catalogue, answer_id, claim_id, right, self.rater, note)

    def start_batch(self, paths: Sequence[str]) -> int:
        """Make a batch of files and folders of the service's machine; returns its number."""
        return self._batch("batch-started", lambda: self.batches.start(paths))

    def upload(self, files: Iterable[tuple[str, IO[bytes]]]) -> int:
        """Make a batch of uploaded files; returns its number."""
        return self._batch("batch-uploaded", lambda: self.batches.upload(files))

    def steer(self, job: int, act: str) -> None:
        """Pause, resume, cancel or retry a batch.

        Raises:
            UsageError: no such act, or the batch is in no state for it.
            NotFound: no such batch.
        """
        acts: dict[str, Callable[[int], object]] = {
            "pause": self.batches.jobs.pause,
            "resume": self.batches.resume,
            "cancel": self.batches.jobs.cancel,
            "retry": self.batches.retry,
        }
        if act not in acts:
            raise UsageError(f"No act '{act}' (found: {', '.join(acts)}).")
        self._batch(f"batch-{act}", lambda: (acts[act](job), job)[1])

    def extract_with_model(self, ids: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
        """Statements by the language model from some documents, or what that would cost.

        Raises:
            UsageError: no model is configured.
            Forbidden: the person starts no batches, or extraction by a model is turned off for their role.
        """
        figures: dict[str, Any] = load_backend("ingest", "with_model")(
            self.library, list(ids), dry_run=dry_run, person=self.person
        )
        if not dry_run:
            log_security(self.library.catalogue, self.person.id, "extracted-with-model", str(len(ids)))
        return figures

    def _batch(self, action: str, work: Callable[[], int]) -> int:
        require(self.person, "ingest")
        job = work()
        log_security(self.library.catalogue, self.person.id, action, str(job))
        return job

    def _may_judge(self, answer_id: str) -> None:
        require(self.person, "feedback")
        self.answer_text(answer_id)

    def retracted_since(self, answer: dict[str, Any]) -> dict[str, str]:
        """What was retracted after the answer was given."""
        return retracted_since(self.library.catalogue, answer)

    def passages(self, answer: dict[str, Any]) -> dict[str, str]:
        """The texts of an answer's passages by id; those deleted since are left out."""
        ids = [evidence["passage_id"] for claim in answer["claims"] for evidence in claim["evidence"]]
        found = self.library.catalogue.passages_by_key(self.library.catalogue.passage_keys(ids).values())
        return {passage.id: passage.text for passage, _ in found.values()}

    def document(self, document_id: str) -> Document:
        """A document that the person may see."""
        require(self.person, "read")
        return self.rights.document(self.person, document_id)

    @property
    def records(self) -> Records:
        """Documents as the person sees them, those among them whose text they may not read."""
        return Records(self.rights, self.person, self.library.settings.openurl)

    def link(self, document_id: str) -> str | None:
        """Where a document's full text is elsewhere; None without a pattern, or where the document is
        gone.
        """
        try:
            return self.records.link(self.document(document_id))
        except NotFound:
            return None

    def collections(self) -> list[Collection]:
        """The collections that are open to the person."""
        hidden = self.rights.hidden(self.person)
        return [c for c in self.rights.collections() if c.key not in hidden]

    def pages_of(self, answer: dict[str, Any], claim_number: int) -> dict[str, Any] | None:
        """The pages of a claim's evidence: the address of each page's picture, the page of the quote, and how
        many there are; None without pages.
        """
        evidence = answer["claims"][claim_number]["evidence"][0]
        if not evidence["page"]:
            return None
        document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
        pages = page_count(Path(document["source"]["path"]))
        return (
            {
                "base": f"/answers/{answer['id']}/claims/{claim_number}/pages/{{page}}.png",
                "page": evidence["page"],
                "pages": pages,
            }
            if pages
            else None
        )

    def page_of(self, answer: dict[str, Any], claim_number: int, page: int) -> bytes | None:
        """A page of a claim's evidence as PNG, with the quote's boxes where it stands on that page; None
        where there is no such page.
        """
        evidence = answer["claims"][claim_number]["evidence"][0]
        document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
        return page_png(
            Path(document["source"]["path"]), page, evidence["boxes"] if page == evidence["page"] else ()
        )
