"""Each act of the desk with the least role that may, the lines it leaves and how it is done; and a library
with something of everything, on which it is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ingest.readers.notices import Notice
from kgrag.backends import load_backend
from kgrag.catalogue import Catalogue
from kgrag.catalogue.answers import store_answer
from kgrag.catalogue.jobs import Jobs
from kgrag.desk import Desk
from kgrag.holdings import entities, vocabularies
from kgrag.learn.align import Options
from kgrag.library import Library
from kgrag.people.rights import Person, Rights
from kgrag.people.users import Users
from kgrag.review.project import trail
from kgrag.review.project.bundle import pack
from kgrag.review.project.state import read
from kgrag.settings import Settings
from kgrag.testing import random_parcel

PASSWORD = "a long enough password"
D1, D2, D3, D4, D5 = (f"doi:10.1000/0.{number}" for number in (1, 2, 3, 4, 5))
QUESTION = "What does paper 2 say?"
REVIEW = "review-one"


@dataclass(frozen=True)
class Made:
    """A library with something of everything, and what acts are given."""

    folder: Path
    answer: str
    claim: str
    candidates: int

    @property
    def backup(self) -> Path:
        """A backup in it."""
        return self.folder / "backups" / "kgrag-1.zip"

    def file(self, name: str) -> Path:
        """A file beside it."""
        return self.folder.parent / name


Do = Callable[[Desk, Made], Any]
NOTICE = Notice(("doi:10.1000/0.3",), "retraction", "2020-01-01", "Retracted.")
ACTS: dict[str, tuple[str, int, Do]] = {
    "check_ask": ("reader", 0, lambda d, m: d.check_ask()),
    "ask": ("reader", 0, lambda d, m: d.ask(QUESTION)),
    "search": ("reader", 0, lambda d, m: d.search("Radium", top_k=3)),
    "check_claims": ("reader", 0, lambda d, m: d.check_claims("Radium was studied.")),
    "check_references": ("reader", 0, lambda d, m: d.check_references("10.1000/0.1")),
    "answer_text": ("reader", 0, lambda d, m: d.answer_text(m.answer)),
    "answer": ("reader", 0, lambda d, m: d.answer(m.answer)),
    "told_text": ("reader", 0, lambda d, m: d.told_text(m.answer)),
    "created": ("reader", 0, lambda d, m: d.created(m.answer)),
    "document": ("reader", 0, lambda d, m: d.document(D1)),
    "history": ("reader", 0, lambda d, m: d.history()),
    "build_query": ("reader", 0, lambda d, m: d.build_query("Radium in papers", "pubmed")),
    "forget": ("reader", 1, lambda d, m: d.forget()),
    "sets": ("reader", 0, lambda d, m: d.sets()),
    "make_set": ("reader", 0, lambda d, m: d.make_set("one", items=[D1])),
    "open_set": ("reader", 0, lambda d, m: d.open_set(_own_set(d))),
    "change_set": ("reader", 0, lambda d, m: d.change_set(_own_set(d), name="two")),
    "delete_set": ("reader", 0, lambda d, m: d.delete_set(_own_set(d))),
    "add_to_set": ("reader", 0, lambda d, m: d.add_to_set(_own_set(d), [D2, m.answer])),
    "remove_from_set": ("reader", 0, lambda d, m: d.remove_from_set(_own_set(d), [2])),
    "note_in_set": (
        "reader",
        0,
        lambda d, m: d.note_in_set(s := _own_set(d), d.open_set(s).items[0].number, "read"),
    ),
    "set_documents": ("reader", 0, lambda d, m: d.set_documents(_own_set(d))),
    "within_set": ("reader", 0, lambda d, m: d.within_set(_own_set(d))),
    "set_material": ("reader", 0, lambda d, m: d.set_material(_own_set(d))),
    "export_set": ("researcher", 0, lambda d, m: d.export_set(d.sets()[0].id, "ris")),
    "export_documents": ("researcher", 0, lambda d, m: d.export_documents([D1, D2], "bibtex")),
    "cite": ("reader", 0, lambda d, m: d.cite([D1], "plain")),
    "copied": ("reader", 0, lambda d, m: d.copied(m.answer, "plain")),
    "passage": ("reader", 0, lambda d, m: d.passage(f"{D1}#0")),
    "evidence_table": ("reader", 0, lambda d, m: d.evidence_table(m.answer)),
    "deep_search": ("reader", 0, lambda d, m: d.deep_search(QUESTION, max_steps=2)),
    "replay_deep": ("reader", 0, lambda d, m: d.replay_deep([])),
    "export": ("researcher", 0, lambda d, m: d.export(m.answer, "markdown")),
    "export_many": ("researcher", 0, lambda d, m: d.export_many([m.answer, m.answer], "markdown")),
    "reviews": ("researcher", 0, lambda d, m: d.reviews()),
    "review": ("researcher", 0, lambda d, m: d.review(REVIEW)),
    "create_review": ("researcher", 1, lambda d, m: d.create_review("Does radium heal?")),
    "add_reviewer": ("researcher", 1, lambda d, m: d.add_reviewer(REVIEW, "rosa", "screener")),
    "add_review_set": ("researcher", 1, lambda d, m: d.add_review_set(REVIEW, m.file("set.ris"))),
    "search_review": ("researcher", 1, lambda d, m: d.search_review(REVIEW, "radium[tiab]")),
    "refresh_review": ("researcher", 1, lambda d, m: d.refresh_review(REVIEW)),
    "next_record": ("researcher", 0, lambda d, m: d.next_record(REVIEW)),
    "decide": ("researcher", 1, lambda d, m: d.decide(REVIEW, "r1", "exclude", reason="animals")),
    "settle": ("researcher", 1, lambda d, m: d.settle(REVIEW, "r1", "include")),
    "not_retrieved": ("researcher", 1, lambda d, m: d.not_retrieved(REVIEW, "r1")),
    "undo_review_act": ("researcher", 1, lambda d, m: d.undo_review_act(REVIEW, 5)),
    "review_record": ("researcher", 0, lambda d, m: d.review_record(REVIEW, "r1")),
    "review_records": ("researcher", 0, lambda d, m: d.review_records(REVIEW)),
    "review_names": ("researcher", 0, lambda d, m: d.review_names(d.review(REVIEW))),
    "last_decision": ("researcher", 0, lambda d, m: d.last_decision(REVIEW)),
    "report": ("researcher", 0, lambda d, m: d.report()),
    "novelty": ("researcher", 0, lambda d, m: d.novelty("We propose radium.")),
    "review_status": ("researcher", 0, lambda d, m: d.review_status(REVIEW)),
    "review_flow": ("researcher", 0, lambda d, m: d.review_flow(REVIEW)),
    "export_review": ("researcher", 1, lambda d, m: d.export_review(REVIEW)),
    "open_review": ("researcher", 1, lambda d, m: d.open_review(m.file("review.zip"))),
    "rank": ("researcher", 0, lambda d, m: d.rank(m.answer, list(range(1, m.candidates + 1)))),
    "judge": ("researcher", 0, lambda d, m: d.judge(m.answer, m.claim, right=True)),
    "merge_documents": ("librarian", 1, lambda d, m: d.merge_documents(D1, D2)),
    "keep_apart": ("librarian", 1, lambda d, m: d.keep_apart(D1, D2)),
    "split_document": ("librarian", 1, lambda d, m: d.split_document(D4)),
    "edit_document": ("librarian", 1, lambda d, m: d.edit_document(D1, "volume", "12")),
    "undo_decision": ("librarian", 1, lambda d, m: d.undo_decision(1)),
    "load_notices": ("librarian", 1, lambda d, m: d.load_notices([NOTICE], "notices.csv")),
    "mark_document": ("librarian", 1, lambda d, m: d.mark_document(D1, "retraction", "Plagiarism.")),
    "load_vocabulary": ("librarian", 1, lambda d, m: d.load_vocabulary(m.file("terms.csv"), "new")),
    "remove_vocabulary": ("librarian", 1, lambda d, m: d.remove_vocabulary("old")),
    "merge_names": ("librarian", 1, lambda d, m: d.merge_names("Radium", "Paris")),
    "split_name": ("librarian", 1, lambda d, m: d.split_name("Polonium")),
    "ingest": ("admin", 1, lambda d, m: d.ingest([m.file("empty")])),
    "watch": ("admin", 0, lambda d, m: list(d.watch(m.file("empty"), 0.0, stop=_stopped()))),
    "begin_batch": ("admin", 1, lambda d, m: d.begin_batch([m.file("empty")], uploaded=True)),
    "work": ("admin", 0, lambda d, m: d.work(1)),
    "steer": ("admin", 1, lambda d, m: d.steer(1, "pause")),
    "delete_document": ("admin", 1, lambda d, m: d.delete_document(D1)),
    "extract_again": ("admin", 1, lambda d, m: d.extract_again([D1])),
    "extract_with_model": ("admin", 1, lambda d, m: d.extract_with_model([D1])),
    "users": ("admin", 0, lambda d, m: d.users()),
    "user": ("admin", 0, lambda d, m: d.user("rosa")),
    "user_with_id": ("admin", 0, lambda d, m: d.user_with_id(d.user("rosa").id)),
    "add_user": ("admin", 1, lambda d, m: d.add_user("new", "reader", password=PASSWORD)),
    "set_password": ("admin", 1, lambda d, m: d.set_password("rosa", PASSWORD)),
    "set_role": ("admin", 1, lambda d, m: d.set_role("rosa", "librarian")),
    "set_groups": ("admin", 1, lambda d, m: d.set_groups("rosa", ["arts"])),
    "set_disabled": ("admin", 1, lambda d, m: d.set_disabled("rosa", True)),
    "unlock": ("admin", 1, lambda d, m: d.unlock("rosa")),
    "forget_user": ("admin", 1, lambda d, m: d.forget_user("rosa")),
    "delete_user": ("admin", 1, lambda d, m: d.delete_user("rosa")),
    "purge_history": ("admin", 1, lambda d, m: d.purge_history()),
    "switch": ("admin", 1, lambda d, m: d.switch("feedback", "reader", on=False)),
    "set_collection": ("admin", 1, lambda d, m: d.set_collection("new", ["7*"], groups=["arts"])),
    "delete_collection": ("admin", 1, lambda d, m: d.delete_collection("old")),
    "rebuild": ("admin", 1, lambda d, m: d.rebuild("words")),
    "queue_rebuild": ("admin", 1, lambda d, m: d.queue_rebuild("words", lambda name: None)),
    "rebuild_graph_by_files": ("admin", 1, lambda d, m: d.rebuild_graph_by_files(m.file("graph"), None)),
    "back_up": ("admin", 1, lambda d, m: d.back_up(m.file("backup.zip"))),
    "queue_backup": ("admin", 1, lambda d, m: d.queue_backup(lambda: "kgrag-2.zip")),
    "remove_backup": ("admin", 1, lambda d, m: d.remove_backup(m.backup)),
    "download_backup": ("admin", 1, lambda d, m: d.download_backup(m.backup)),
    "examine": ("admin", 1, lambda d, m: d.examine(repair=True)),
    "examine_model": ("admin", 1, lambda d, m: d.examine_model()),
    "log_lines": ("admin", 0, lambda d, m: d.log_lines("security")),
    "verify_log": ("admin", 0, lambda d, m: d.verify_log("security")),
    "train_reward": ("admin", 1, lambda d, m: d.train_reward()),
    "evaluate_reward": ("admin", 0, lambda d, m: d.evaluate_reward()),
    "promote_reward": ("admin", 1, lambda d, m: d.promote_reward("v0001")),
    "roll_back_reward": ("admin", 1, lambda d, m: d.roll_back_reward()),
    "rank_extraction": ("admin", 1, lambda d, m: d.rank_extraction(m.file("ranked.jsonl"))),
    "train_extraction": ("admin", 1, lambda d, m: d.train_extraction(0.8)),
    "forget_extraction": ("admin", 1, lambda d, m: d.forget_extraction()),
    "calibrate": ("admin", 1, lambda d, m: d.calibrate(SimpleNamespace())),  # type: ignore[arg-type]
    "reset_threshold": ("admin", 1, lambda d, m: d.reset_threshold()),
    "align": ("admin", 1, lambda d, m: d.align("sft", "model", out=m.file("out"), options=Options())),
}
"""Each act: the least role that may, the lines it leaves, and how it is done."""
NO_ACTS = {"require", "filters", "asks", "within"}
"""What a desk tells of a person without doing anything."""
HEAVY = (
    "ingest.run.work",
    "ingest.extract.with_model.extract_with_model",
    "graph.neo4j_files.rebuild",
    "kgrag.upkeep.doctor.examine",
    "kgrag.upkeep.self_test.examine_model",
    "kgrag.learn.reward.train",
    "kgrag.learn.reward.evaluate",
    "kgrag.reward.versions.promote",
    "kgrag.reward.versions.rollback",
    "kgrag.learn.extraction.train",
    "kgrag.learn.extraction.forget",
    "kgrag.learn.threshold.recalibrate",
    "kgrag.verify.library_threshold.reset",
    "kgrag.learn.align.align",
)
"""What needs much data, a model or a server, and is tested where it lives."""


def settings(folder: Path) -> Settings:
    return Settings(library=folder, embedder="hash", llm="none/none")


def fill(library: Library, place: Path) -> dict[str, Any]:
    catalogue = library.catalogue
    for number in range(8):
        catalogue.put(random_parcel(number))
    library.catch_up()
    Users(catalogue).add("ada", "admin")
    rosa = Users(catalogue).add("rosa", "reader")
    plain = library.settings.model_copy(update={"llm": None})
    with Library(plain) as without_model:
        desk = Desk(without_model, rosa.person)
        answer = desk.answer(desk.ask(QUESTION).id)
    answer = {
        **answer,
        "id": "a-two",
        "candidates": answer["candidates"] * 2,
    }  # two, so that they can be ranked
    store_answer(catalogue, answer)
    Desk(library, Person("u-lea", "lea", "librarian")).make_set("for all", shared=True, items=[D1])
    Rights(catalogue).set_collection("old", ["7.xml"])
    duplicates = load_backend("ingest", "duplicates")(catalogue)
    duplicates.keep_apart(D1, D3, "somebody")
    duplicates.merge(D4, D5, "somebody")
    vocabularies.load(catalogue, place / "terms.csv", "old")
    entities.merge(catalogue, "Polonium", "Radium", "somebody")
    Jobs(catalogue).create([str(place)], [(str(place / "a.txt"), 1)])
    (library.folder / "backups").mkdir()
    (library.folder / "backups" / "kgrag-1.zip").touch()
    return answer


def begin_review(catalogue: Catalogue, place: Path) -> None:
    """A review whose team is everybody's, with one record that is decided on (act 5); another as a file."""
    (place / "set.ris").write_text("TY  - JOUR\nTI  - Radium in daily use\nPY  - 1910\nER  - \n", "utf-8")
    with catalogue.writing() as connection:
        write = partial(trail.append, connection, REVIEW, "u-admin")
        write("created", {"question": "Does radium heal?"})
        for role in ("researcher", "librarian"):
            write("member", {"person": f"u-{role}", "role": "lead"})
        write("set", {"name": "PubMed", "origin": "a.ris", "records": [{"title": "Radium in hospitals"}]})
        write("decided", {"record": "r1", "verdict": "include", "stage": "abstract"})
    events = trail.events_of(catalogue, REVIEW)
    (place / "review.zip").write_bytes(pack(read("review-two", events), events))


def _own_set(desk: Desk) -> str:
    return desk.make_set("one", items=[D1])


def _stopped() -> threading.Event:
    stop = threading.Event()
    stop.set()
    return stop
