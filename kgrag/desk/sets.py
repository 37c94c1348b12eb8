"""Acts on sets: what somebody gathers under a name, asks alone, and takes away in one go. Reviews begin from
them too: ``set_documents`` is all that they need.

A set is whose it is; one that is shared may be read by everybody of the library. Whatever the person who
looks may not see is not in it for them. None of these acts leaves a line in the log of security: what
somebody reads is their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kgrag.desk.asking import MOST_NOTE, Asking
from kgrag.errors import Forbidden, NotFound, UsageError
from kgrag.people.rights import LOCAL
from kgrag.people.sets import EVERYBODY, Item, ItemKind, ReadingSet, Sets, missing
from kgrag.types import Filters, Passage

if TYPE_CHECKING:
    from kgrag.export.evidence_table import Row
    from kgrag.export.material import Material

MOST_WORKS = 500
"""Works that one export or list of references takes."""
NOTHING = ("-",)
"""A limit to no document at all."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A set with those of its items that the person may see; ``own`` where they may change it."""

    set: ReadingSet
    items: tuple[Item, ...]
    own: bool

    def as_json(self, documents: Sequence[str]) -> dict[str, Any]:
        """As the command line and the API give it, with the documents that it comes to."""
        items = [item.as_json() for item in self.items]
        return {**self.set.as_json(), "items": items, "own": self.own, "documents": list(documents)}


class Gathering(Asking):
    """See the module."""

    # -- sets ---------------------------------------------------------------------------------------

    @property
    def owner(self) -> str:
        """Under which id the person's sets are kept; where nobody logs in they are everybody's."""
        named = self.person == LOCAL or self.person.id.startswith("u-")
        return self.person.id if named else EVERYBODY

    def sets(self) -> list[ReadingSet]:
        """The person's own sets and those that are shared, the last changed first."""
        self.require("sets")
        return self._sets.listed(None if self.in_hand else self.owner)

    def open_set(self, set_id: str) -> Opened:
        """A set with what is in it.

        Raises:
            NotFound: no such set, or not for them; the words are the same.
        """
        self.require("sets")
        found = self._set(set_id)
        items = tuple(item for item in self._sets.items(set_id) if self._sees(item))
        return Opened(found, items, self._owns(found))

    def make_set(self, name: str, note: str = "", *, shared: bool = False, items: Sequence[str] = ()) -> str:
        """Make a set, with things in it; returns its id. Errors as ``add_to_set``."""
        self.require("sets")
        self.within(note, MOST_NOTE, "note")
        found = self._found(items)
        set_id = self._sets.make(self.owner, name, note, shared=shared or self.owner == EVERYBODY)
        self._sets.add(set_id, found)
        return set_id

    def change_set(
        self, set_id: str, *, name: str | None = None, note: str | None = None, shared: bool | None = None
    ) -> None:
        """Give a set another name or note, share it or take it back; errors as ``add_to_set``."""
        self._own(set_id)
        self.within(note or "", MOST_NOTE, "note")
        self._sets.change(set_id, name=name, note=note, shared=shared)

    def delete_set(self, set_id: str) -> None:
        """Remove a set of one's own; errors as ``add_to_set``."""
        self._own(set_id)
        self._sets.delete(set_id)

    def add_to_set(self, set_id: str, items: Sequence[str], note: str = "") -> int:
        """Put things into a set of one's own; returns how many are new.

        Args:
            set_id: of the set.
            items: ids of documents, passages and answers that the person may see.
            note: on each of them.

        Raises:
            NotFound: no such set, document, passage or answer, or not for them; nothing is added.
            Forbidden: the set is somebody else's.
        """
        self._own(set_id)
        self.within(note, MOST_NOTE, "note")
        return self._sets.add(set_id, self._found(items), note)

    def remove_from_set(self, set_id: str, numbers: Sequence[int]) -> int:
        """Take items out by their numbers; returns how many were there. Errors as ``add_to_set``."""
        self._own(set_id)
        return self._sets.remove(set_id, numbers)

    def note_in_set(self, set_id: str, number: int, note: str) -> None:
        """Write a note on an item; errors as ``add_to_set``."""
        self._own(set_id)
        self.within(note, MOST_NOTE, "note")
        self._sets.note(set_id, number, note)

    def set_documents(self, set_id: str) -> list[str]:
        """The ids of the documents of a set that the person may see, each once and in order: those put there,
        those of passages, and those that answers quote. Errors as ``open_set``.
        """
        found: dict[str, None] = {}
        for item in self.open_set(set_id).items:
            found.update(dict.fromkeys(self._documents_of(item)))
        return list(found)

    def within_set(self, set_id: str, filters: Filters = Filters()) -> Filters:
        """Limits to the documents of a set alone; errors as ``open_set``."""
        return replace(filters, documents=tuple(self.set_documents(set_id)) or NOTHING)

    # -- taking away --------------------------------------------------------------------------------

    def export_set(self, set_id: str, format: str = "zip") -> bytes:
        """A set as a file: its works, and the sentences and passages kept with their quotes.

        Args:
            set_id: of the set.
            format: of ``kgrag.export.works.FOR_WORKS``, or ``zip`` for RIS, BibTeX, Word and the evidence
                table in one.

        Raises:
            UsageError: no such format.
            NotFound: no such set, or not for them.
            MissingExtra: the format needs packages that are not installed.
        """
        from kgrag.export.works import together, write_works

        self.require("export")
        material = self.set_material(set_id)
        return together(material) if format == "zip" else write_works(material, format)

    def set_material(self, set_id: str) -> Material:
        """What every export and table of a set is made from; errors as ``open_set``."""
        from kgrag.export.works import of_works

        opened = self.open_set(set_id)
        claims = [claim for item in opened.items for claim in self._claims_of(item)]
        documents = self._records(self.set_documents(set_id))
        return of_works(
            self.library, opened.set.name, documents, claims, id=set_id, created=opened.set.created
        )

    def export_documents(self, ids: Sequence[str], format: str) -> bytes:
        """Works as a file; errors as ``export_set``."""
        from kgrag.export.works import of_works, together, write_works

        self.require("export")
        material = of_works(self.library, "", self._records(self._few(ids)))
        return together(material) if format == "zip" else write_works(material, format)

    def cite(self, ids: Sequence[str], style: str) -> list[str]:
        """Works as a list of references, a line each.

        Raises:
            UsageError: no such style.
            NotFound: one of them is not there, or not for them.
        """
        from kgrag.export.works import of_works, references

        self.require("read")
        return references(of_works(self.library, "", self._records(self._few(ids))), style)

    def copied(self, answer_id: str, style: str, address: str = "") -> str:
        """An answer as one pastes it, with its references; errors as ``cite``."""
        from kgrag.export.material import gather
        from kgrag.export.works import copied

        self.answer_text(answer_id)
        return copied(gather(self.library, answer_id), style, address)

    def evidence_table(self, id: str) -> tuple[str, list[Row]]:
        """An answer or a set as a table: its name, and a row a finding.

        Args:
            id: of an answer or a set.

        Raises:
            NotFound: neither is there, or not for them.
        """
        from kgrag.export.evidence_table import rows_of
        from kgrag.export.material import gather

        if id.startswith("s-"):
            material = self.set_material(id)
        else:
            self.answer_text(id)
            material = gather(self.library, id)
            named = {e["document_id"] for claim in material.answer["claims"] for e in claim["evidence"]}
            named |= {fact["document_id"] for fact in material.answer.get("record", ())}
            kept = {one: work for one, work in material.documents.items() if one in named}
            material = replace(material, documents=kept)
        rows = rows_of(self.library, material, lambda one: self.in_hand or self.records.readable(one))
        return material.answer["question"], rows

    # -- of these -----------------------------------------------------------------------------------

    @property
    def _sets(self) -> Sets:
        return Sets(self.library.catalogue)

    def _set(self, set_id: str) -> ReadingSet:
        found = self._sets.find(set_id)
        if not (found.shared or self._owns(found)):
            raise missing(set_id)
        return found

    def _own(self, set_id: str) -> None:
        self.require("sets")
        if not self._owns(self._set(set_id)):
            raise Forbidden("This set is somebody else's. Make one of your own from it.")

    def _owns(self, found: ReadingSet) -> bool:
        return self.in_hand or found.owner == self.owner

    def _few(self, ids: Sequence[str]) -> list[str]:
        if not ids or len(ids) > MOST_WORKS:
            raise UsageError(f"Give 1 to {MOST_WORKS} documents ({len(ids)} were given).")
        return list(dict.fromkeys(ids))

    def _found(self, ids: Sequence[str]) -> list[tuple[ItemKind, str]]:
        return [(self._kind_of(one), one) for one in ids]

    def _kind_of(self, one: str) -> ItemKind:
        """What an id is of, where the person may see it."""
        kinds: tuple[ItemKind, ...] = ("answer", "document", "passage")
        for kind in kinds:
            if self._sees(Item(0, kind, one, "", "")):
                return kind
        raise NotFound(f"No document, passage or answer '{one}' in this library.")

    def _sees(self, item: Item) -> bool:
        try:
            if item.kind == "answer":
                self.answer_text(item.id)
            elif item.kind == "passage":
                return self.passage(item.id) is not None
            else:
                self._record(item.id)
        except NotFound:
            return False
        return True

    def _record(self, document_id: str) -> Any:
        found = self.library.catalogue.document(document_id) if self.in_hand else None
        return found or self.records.document(document_id)

    def _records(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        return [self.records.as_json(self._record(one)) for one in ids]

    def passage(self, passage_id: str) -> Passage | None:
        """A passage of a document whose text the person may read; None for any other."""
        self.require("read")
        catalogue = self.library.catalogue
        found = catalogue.passages_by_key(catalogue.passage_keys([passage_id]).values())
        passage = next((passage for passage, _ in found.values()), None)
        if passage is None or not (self.in_hand or self.rights.sees(self.person, passage.document_id)):
            return None
        return passage

    def _documents_of(self, item: Item) -> list[str]:
        if item.kind == "document":
            return [item.id]
        if item.kind == "passage":
            found = self.passage(item.id)
            return [found.document_id] if found else []
        answer = self.answer(item.id)
        quoted = [e["document_id"] for claim in answer["claims"] for e in claim["evidence"]]
        named = [fact["document_id"] for fact in answer.get("record", ())]
        return [
            one for one in dict.fromkeys([*quoted, *named]) if self._sees(Item(0, "document", one, "", ""))
        ]

    def _claims_of(self, item: Item) -> list[Any]:
        from kgrag.export.works import quote_of

        if item.kind == "document":
            return []
        if item.kind == "passage":
            found = self.passage(item.id)
            if found is None:
                return []
            return [quote_of(found.id, found.document_id, found.section, found.page, found.text)]
        return list(self.answer(item.id)["claims"])
