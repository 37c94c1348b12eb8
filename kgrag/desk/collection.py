"""Acts on the documents of the library: batches, deletion, duplicates, notices, vocabularies, names.

Knows what changes; reading files and extracting are ``ingest``'s, loaded on use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kgrag.backends import load_backend
from kgrag.catalogue.jobs import Jobs
from kgrag.desk.counter import Counter
from kgrag.errors import UsageError
from kgrag.holdings import entities, notices, vocabularies

CANCELLED = "cancelled by the admin"


class Holdings(Counter):
    """See the module."""

    # -- batches ------------------------------------------------------------------------------------

    def ingest(
        self, paths: Sequence[Path], *, progress: Callable[[Any], None] = lambda _: None
    ) -> dict[str, Any]:
        """Read files and folders into the library, to the end; the object of ``kgrag ingest --json``."""
        self.require("ingest")
        done: dict[str, Any] = load_backend("ingest", "run")(
            self.library, paths, progress, lambda job: self._note_batch("batch-started", job)
        )
        return done

    def watch(self, folder: Path, every_s: float, *, stop: threading.Event) -> Iterator[dict[str, Any]]:
        """Ingest what appears or changes in a folder, until told to stop; the report of each batch.

        Raises:
            UsageError: no such folder.
        """
        self.require("ingest")
        reports: Iterator[dict[str, Any]] = load_backend("ingest", "watch")(
            self.library,
            folder,
            every_s,
            stop,
            begun=lambda job: self._note_batch("batch-started", job),
        )
        return reports

    def begin_batch(self, paths: Sequence[Path], *, uploaded: bool = False) -> int:
        """Make a batch of files and folders without reading them; returns its number. ``work`` reads."""
        self.require("ingest")
        action = "batch-uploaded" if uploaded else "batch-started"
        job: int = load_backend("ingest", "begin")(
            self.library, paths, lambda job: self._note_batch(action, job)
        )
        return job

    def work(self, job: int, *, progress: Callable[[Any], None] = lambda _: None) -> dict[str, Any]:
        """Join a batch as one of its workers; what it does was noted when it was begun."""
        self.require("ingest")
        done: dict[str, Any] = load_backend("ingest", "work")(self.library, job, progress)
        return done

    def steer(self, job: int, act: str, *, reason: str = CANCELLED) -> int:
        """Pause, resume, cancel or retry a batch; returns how many files are read again.

        Raises:
            UsageError: no such act, or the batch is in no state for it.
            NotFound: no such batch.
        """
        jobs = Jobs(self.library.catalogue, self.library.settings.lease_s)
        acts: dict[str, Callable[[], int | None]] = {
            "pause": lambda: jobs.pause(job),
            "resume": lambda: jobs.resume(job),
            "cancel": lambda: jobs.cancel(job, reason),
            "retry": lambda: jobs.retry(job),
        }
        if act not in acts:
            raise UsageError(f"No act '{act}' (found: {', '.join(acts)}).")
        return self._noted("ingest", f"batch-{act}", str(job), acts[act]) or 0

    def _note_batch(self, action: str, job: int) -> None:
        """Inside the transaction that makes the batch."""
        self._begun("ingest", action, str(job))

    # -- documents ----------------------------------------------------------------------------------

    def delete_document(self, document_id: str) -> dict[str, str]:
        """Remove a document from the catalogue and from every index; returns the followers' warnings.

        Raises:
            NotFound: no such document.
        """
        self._noted(
            "ingest", "document-deleted", document_id, lambda: self.library.catalogue.delete(document_id)
        )
        return self.library.catch_up()

    def merge_documents(self, first: str, second: str, *, by: str | None = None) -> str:
        """Make two documents one; returns its id.

        Args:
            first, second: ids of documents that the person may see.
            by: who is named beside the decision; default the person's id.

        Raises:
            NotFound: one of them is not there, or not for them.
            UsageError: they are one already.
        """
        self._see_both(first, second)
        merged: str = self._noted(
            "curate",
            "documents-merged",
            f"{first} {second}",
            lambda: str(self._duplicates().merge(first, second, by or self.person.id)),
        )
        self.library.catch_up()
        return merged

    def keep_apart(self, first: str, second: str, *, by: str | None = None) -> None:
        """Note that two documents are different works; arguments and errors as ``merge_documents``."""
        self._see_both(first, second)
        self._noted(
            "curate",
            "documents-kept-apart",
            f"{first} {second}",
            lambda: self._duplicates().keep_apart(first, second, by or self.person.id),
        )

    def split_document(
        self, document_id: str, source: int | None = None, *, by: str | None = None
    ) -> list[str]:
        """Take a document of several sources apart; returns the ids it became.

        Args:
            document_id: of a document that the person may see.
            source: the number of the one source that is another work; None: all are.
            by: who is named beside the decisions; default the person's id.

        Raises:
            NotFound: no such document, or not for them.
            UsageError: it has one source, or none of that number.
        """
        self._see(document_id)
        became: list[str] = self._noted(
            "curate",
            "document-split",
            document_id,
            lambda: list(self._duplicates().split(document_id, by or self.person.id, source)),
        )
        self.library.catch_up()
        return became

    def edit_document(
        self, document_id: str, field: str, value: str | None, *, by: str | None = None
    ) -> None:
        """Correct a field of a record, or take the correction back (None).

        Raises:
            NotFound: no such document, or not for the person.
            UsageError: no such field, or no value for it.
        """
        self._see(document_id)
        self._noted(
            "curate",
            "record-corrected",
            f"{document_id} {field}",
            lambda: load_backend("ingest", "edit")(
                self.library.catalogue, document_id, field, value, by or self.person.id
            ),
        )
        self.library.catch_up()

    def undo_decision(self, decision: int) -> Any:
        """Take a decision on a pair back; the documents of a merge are as they were. Returns the decision.

        Raises:
            NotFound: no such decision.
            UsageError: it was taken back before.
        """
        taken = self._noted(
            "curate", "decision-undone", str(decision), lambda: self._duplicates().undo(decision)
        )
        self.library.catch_up()
        return taken

    def _see_both(self, first: str, second: str) -> None:
        self._see(first)
        self._see(second)

    def _see(self, document_id: str) -> None:
        self.require("curate")
        if not self.in_hand:
            self.rights.document(self.person, document_id)

    def _duplicates(self) -> Any:
        return load_backend("ingest", "duplicates")(self.library.catalogue)

    def load_notices(self, told: Iterable[notices.NoticeLike], source: str) -> notices.Loaded:
        """Take notices of retraction, concern and correction into the mirror, and mark the documents."""
        return self._noted(
            "curate",
            "notices-loaded",
            source,
            lambda: notices.load(self.library.catalogue, told, source),
        )

    def mark_document(self, document_id: str, kind: str, reason: str) -> notices.Loaded:
        """Say that a document's work is retracted, doubted, corrected, or stands again; errors as
        ``kgrag.holdings.notices.mark``.
        """
        return self._noted(
            "curate",
            f"document-{kind}",
            document_id,
            lambda: notices.mark(self.library.catalogue, document_id, kind, reason, "by hand"),
        )

    # -- names and extraction -----------------------------------------------------------------------

    def load_vocabulary(self, path: Path, name: str | None = None) -> dict[str, Any]:
        """Read a vocabulary into the library; errors as ``kgrag.holdings.vocabularies.load``."""
        self.require("curate")
        return vocabularies.load(
            self.library.catalogue,
            path,
            name,
            begun=lambda name: self._begun("curate", "vocabulary-loaded", name),
        )

    def remove_vocabulary(self, name: str) -> None:
        """Forget a vocabulary.

        Raises:
            NotFound: none of that name.
        """
        self._noted(
            "curate",
            "vocabulary-removed",
            name,
            lambda: vocabularies.remove(self.library.catalogue, name),
        )

    def merge_names(self, one: str, into: str, *, by: str | None = None) -> dict[str, Any]:
        """Decide that a name is another one, and find the documents concerned anew; errors as
        ``kgrag.holdings.entities.merge``.
        """
        ids = self._noted(
            "curate",
            "names-merged",
            " ".join,
            lambda: entities.merge(self.library.catalogue, one, into, by or self.person.id),
        )
        return {"merged": ids[0], "into": ids[1], **self._found_anew(ids)}

    def split_name(self, one: str, *, by: str | None = None) -> dict[str, Any]:
        """Undo a merge of names, and find the documents concerned anew; errors as
        ``kgrag.holdings.entities.split``.
        """
        ids = self._noted(
            "curate",
            "names-split",
            " ".join,
            lambda: entities.split(self.library.catalogue, one, by or self.person.id),
        )
        return {"split": ids[0], "from": ids[1], **self._found_anew(ids)}

    def extract_again(self, ids: Sequence[str] | None = None) -> dict[str, Any]:
        """Extract once more, with vocabularies, settings and decisions as they are now."""
        self._begun("ingest", "extracted-again", _how_many(ids))
        done: dict[str, Any] = load_backend("ingest", "again")(self.library, ids)
        return done

    def extract_with_model(
        self, ids: Sequence[str] | None = None, *, dry_run: bool = False
    ) -> dict[str, Any]:
        """Statements by the language model from some documents, or what that would cost.

        Raises:
            UsageError: no model is configured.
            Forbidden: the person starts no batches, or extraction by a model is turned off for their role.
        """
        self.require("ingest")
        self.rights.require_on(self.person, "extraction")
        if not dry_run and self.library.settings.llm is not None:  # without a model nothing is begun
            self._begun("ingest", "extracted-with-model", _how_many(ids))
        figures: dict[str, Any] = load_backend("ingest", "with_model")(
            self.library, ids, dry_run=dry_run, person=self.person
        )
        return figures

    def _found_anew(self, ids: Sequence[str]) -> dict[str, Any]:
        done: dict[str, Any] = load_backend("ingest", "again")(
            self.library, entities.documents_naming(self.library.catalogue, ids)
        )
        return done


def _how_many(ids: Sequence[str] | None) -> str:
    return "all" if ids is None else str(len(ids))
