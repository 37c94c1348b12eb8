"""What the pages need of a library, in their words: ask step by step, search, the evidence of a claim; each
for one person.

Knows the library, its asker and its threads; ``of(person)`` is the service as that person may use it. What a
person does, their desk does (``kgrag.desk``). Does not know Gradio or HTML.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from kgrag.ask.asker import Asker
from kgrag.catalogue.answers import retracted_since
from kgrag.check.claims import MOST_CLAIMS
from kgrag.desk import Desk
from kgrag.desk.refusals import refusals_of
from kgrag.errors import KgragError, NotFound, UsageError
from kgrag.export.pages.pictures import page_count, page_png
from kgrag.holdings.browse import counts
from kgrag.indexes.read_ahead import read_ahead
from kgrag.library import Library
from kgrag.people.record_access import Records
from kgrag.people.rights import LOCAL, Collection, Person, Rights
from kgrag.render.as_json import answer_to_json, hit_to_json
from kgrag.settings import Settings
from kgrag.types import Answer, Document, Filters
from kgrag.types.answer_json import AnswerJson
from ui.limits import Limits
from ui.service.answerers import Answerers
from ui.service.batches import Batches
from ui.service.chores import Chores
from ui.service.makers import Makers
from ui.service.workers import Workers

logger = logging.getLogger(__name__)
SAMPLE = Path(str(files("kgrag.demo") / "papers"))
"""The bundled papers; their licences lie beside them."""
COMPUTING, WAITING = os.cpu_count() or 1, 16
"""Questions worked on at a time: as many as the processors can use, or more where they wait for a language
model. The others wait their turn.
"""


def never() -> bool:
    """What tells whether somebody has left, where nobody looks."""
    return False


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
        self.makers = Makers(settings) if processes else None
        self.gone = never
        self.workers = Workers(WAITING if settings.llm else processes or COMPUTING)

    def of(self, person: Person, gone: Callable[[], bool] = never) -> Service:
        """The same service as one person may use it; every method below keeps to their rights.

        Args:
            person: who uses it.
            gone: whether they have left; then their work stops.
        """
        theirs = copy(self)
        theirs.person, theirs.gone = person, gone
        return theirs

    def filters(self, filters: Filters = Filters()) -> Filters:
        """Limits that also leave out what the person may not see; everything that is searched, listed or
        counted takes them.
        """
        return self.desk.filters(filters)

    @property
    def desk(self) -> Desk:
        """Where the person does what they may do."""
        return Desk(self.library, self.person, asker=lambda: self.asker, answering=self.answerers)

    def close(self) -> None:
        """Give the library back, when nobody uses it any more; a batch in hand is paused."""
        refusals_of(self.library.catalogue).flush(everything=True)
        for processes in (self.answerers, self.makers):
            if processes:
                processes.close()
        self.batches.close()
        self.chores.close()
        self.workers.close()
        self.library.close()

    def warm_up(self) -> None:
        """Catch the followers up and load the models, so that the first question is fast."""
        self.library.catch_up()
        if self.answerers:
            self.answerers.warm_up()
        if self.makers:
            self.makers.warm_up()
        if self.answerers:
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
        left = threading.Event()
        before = self.gone
        self.gone = lambda: left.is_set() or before()

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
        try:
            while (event := told.get())[0] != "end":
                yield event
        finally:  # also where whoever reads the events has left in the middle
            left.set()

    def check_claims(self, text: str, progress: Callable[[int, int], None]) -> list[dict[str, Any]]:
        """Each claim of a text with what the documents that the person may see say of it; nothing is kept."""
        self._takes_a_turn("read")
        return self.desk.check_claims(text, progress=progress, most=MOST_CLAIMS, stopped=self.gone)

    def check_references(self, text: str) -> list[dict[str, Any]]:
        """Each reference of a text beside the records that the person may see."""
        self._takes_a_turn("read")
        return self.desk.check_references(text)

    def check_ask(self) -> None:
        """Nothing, or Forbidden where the person may not ask, or answers are turned off for them."""
        self.desk.check_ask()

    def asks(self) -> bool:
        """Whether the person may ask; where not, the pages are a search interface."""
        return self.desk.asks()

    def ask(self, question: str, filters: Filters, **options: Any) -> Answer:
        """An answer from what the person may see; kept, and noted in their own history."""
        self.check_ask()
        self._takes_a_turn("ask")
        stopped = options.pop("stopped", never)
        return self.desk.ask(question, filters, stopped=lambda: stopped() or self.gone(), **options)

    def search(
        self, question: str, filters: Filters, top_k: int = 20, mode: str = "full"
    ) -> list[dict[str, Any]]:
        """Passages as JSON."""
        self._takes_a_turn("read")
        searched = self.desk.search(question, filters, top_k=top_k, mode=mode)
        return [hit_to_json(hit, pattern=self.library.settings.openurl) for hit in searched.found.hits]

    def _takes_a_turn(self, right: str) -> None:
        """Count towards the limit on questions what the person may do at all."""
        self.desk.require(right)
        self.limits.hit("ask", self.person.id)

    def answer(self, answer_id: str) -> AnswerJson:
        """A stored answer."""
        return self.desk.answer(answer_id)

    def answer_text(self, answer_id: str) -> str:
        """A stored answer's JSON text as it goes out to the person."""
        return self.desk.told_text(answer_id)

    def export(self, answer_id: str, format: str, asker: str = "anonymous") -> bytes:
        """A stored answer as a file; who asked is named only at their own wish."""
        if self.makers:
            return self.makers.export(self.person, answer_id, format, asker, self.gone)
        return self.desk.export(answer_id, format, asker=asker)

    def rank(self, answer_id: str, ranks: Sequence[int], note: str = "") -> int:
        """Keep a ranking of an answer's candidates; returns its number."""
        return self.desk.rank(answer_id, ranks, note=note)

    def judge(self, answer_id: str, claim_id: str, right: bool, note: str = "") -> int:
        """Keep a verdict on one claim; returns its number."""
        return self.desk.judge(answer_id, claim_id, right=right, note=note)

    def start_batch(self, paths: Sequence[str]) -> int:
        """Make a batch of files and folders of the service's machine, and work on it; returns its number.

        Raises:
            Forbidden: the person starts no batches, or a path is in none of the folders that the settings
                allow.
        """
        self.desk.require("ingest")
        job = self.desk.begin_batch(self.batches.allowed(paths))
        self.batches.work(job)
        return job

    def load_sample(self) -> int:
        """Make a batch of the bundled open-access papers, for a library that holds none; returns its number.

        Raises:
            Forbidden: the person starts no batches.
            UsageError: the library holds papers, or is reading some.
        """
        self.desk.require("ingest")
        running = any(job.state == "running" for job in self.batches.overviews())
        if running or counts(self.library.catalogue)["documents"]:
            raise UsageError(
                "The library holds papers already, or is reading some. Add yours: /admin/batches"
            )
        job = self.desk.begin_batch([SAMPLE])
        self.batches.work(job)
        return job

    def upload(self, files: Iterable[tuple[str, IO[bytes]]]) -> int:
        """Make a batch of uploaded files, and work on it; returns its number.

        Raises:
            Forbidden: the person starts no batches.
            UsageError: no file, or more bytes than ``upload_mb``.
        """
        self.desk.require("ingest")
        job = self.desk.begin_batch(self.batches.kept(files), uploaded=True)
        self.batches.work(job)
        return job

    def steer(self, job: int, act: str) -> None:
        """Pause, resume, cancel or retry a batch; errors as ``Desk.steer``."""
        self.desk.steer(job, act)
        if act in ("resume", "retry"):
            self.batches.work(job)

    def extract_with_model(self, ids: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
        """Statements by the language model from some documents, or what that would cost; errors as
        ``Desk.extract_with_model``.
        """
        return self.desk.extract_with_model(list(ids), dry_run=dry_run)

    def retracted_since(self, answer: AnswerJson) -> dict[str, str]:
        """What was retracted after the answer was given."""
        return retracted_since(self.library.catalogue, answer)

    def passages(self, answer: AnswerJson) -> dict[str, str]:
        """The texts of an answer's passages by id; those deleted since are left out."""
        ids = [evidence["passage_id"] for claim in answer["claims"] for evidence in claim["evidence"]]
        found = self.library.catalogue.passages_by_key(self.library.catalogue.passage_keys(ids).values())
        return {passage.id: passage.text for passage, _ in found.values()}

    def document(self, document_id: str) -> Document:
        """A document that the person may see."""
        return self.desk.document(document_id)

    @property
    def records(self) -> Records:
        """Documents as the person sees them, those among them whose text they may not read."""
        return self.desk.records

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

    def pages_of(self, answer: AnswerJson, claim_number: int) -> dict[str, Any] | None:
        """The pages of a claim's evidence: the address of each page's picture, the page of the quote, and how
        many there are; None without pages.
        """
        evidence = answer["claims"][claim_number]["evidence"][0]
        if not evidence["page"]:
            return None
        document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
        pages = self.page_count(Path(document["source"]["path"]))
        return (
            {
                "base": f"/answers/{answer['id']}/claims/{claim_number}/pages/{{page}}.png",
                "page": evidence["page"],
                "pages": pages,
            }
            if pages
            else None
        )

    def page_of(self, answer: AnswerJson, claim_number: int, page: int) -> bytes | None:
        """A page of a claim's evidence as PNG, with the quote's boxes where it stands on that page; None
        where there is no such page.
        """
        evidence = answer["claims"][claim_number]["evidence"][0]
        document = next(d for d in answer["documents"] if d["id"] == evidence["document_id"])
        boxes = evidence["boxes"] if page == evidence["page"] else ()
        return self.page_png(Path(document["source"]["path"]), page, boxes)

    def page_count(self, path: Path) -> int:
        """How many pages a PDF has."""
        return self.makers.page_count(path) if self.makers else page_count(path)

    def page_png(self, path: Path, page: int, boxes: Sequence[Sequence[float]]) -> bytes | None:
        """A page of a PDF as PNG; None where it has no such page."""
        return self.makers.page_png(path, page, boxes) if self.makers else page_png(path, page, boxes)
