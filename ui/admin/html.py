"""The administration's pages as HTML: pure functions from plain values to markup.

Knows words and what is shown; the templates know the layout. Forms carry the session's token; without a
script everything works by sending forms, with one the batches refresh themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from kgrag.catalogue.audit import Verdict
from kgrag.catalogue.jobs import Overview
from kgrag.people.rights import ROLES, SWITCHES, Collection
from kgrag.people.users import User
from kgrag.render.templates import Templates, file_of
from ui.admin.state import Batch, Follower, State
from ui.html.style import PAGE_STYLE
from ui.words import Language, word

PAGES = ("overview", "batches", "holdings", "people", "logs")
STYLE = PAGE_STYLE + file_of("ui.admin", "static/admin.css")
SCRIPT = file_of("ui.admin", "static/admin.js")
ACTS = {"running": ("pause", "cancel"), "silent": ("resume", "cancel"), "paused": ("resume", "cancel")}
"""What can be done to a batch, by its state."""
N_PATHS = 5
"""Paths of a batch that are named."""
Plain = Mapping[str, Any]
_TEMPLATES = Templates("ui.admin")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page is set in: the language, the token of its forms, a word about what was just done, and
    the script's nonce.
    """

    language: Language
    token: str
    said: str = ""
    failed: bool = False
    nonce: str = ""

    def w(self, key: str, **values: object) -> str:
        """A word."""
        return word(key, self.language, **values)


def page_html(frame: Frame, page: str, body: str) -> Markup:
    """A whole page with its menu; ``body`` is markup that one of the functions below made."""
    links = [
        ("/admin" if name == "overview" else f"/admin/{name}", f"admin_{name}", name == page)
        for name in PAGES
    ]
    title = frame.w(f"admin_{page}")
    return _TEMPLATES.part("frame.html", "page", frame, title, links, body, STYLE, SCRIPT)


def overview_html(frame: Frame, found: State) -> Markup:
    """Holdings, indexes, models, storage, backups."""
    storage = (
        ("folder", found.folder),
        ("catalogue", found.catalogue),
        ("graph_store", _graph(frame, found)),
        ("library_size", _bytes(found.size_bytes)),
        ("disk_free", _bytes(found.free_bytes)),
    )
    return _TEMPLATES.part(
        "overview.html",
        "overview",
        frame,
        found,
        followers=[_follower(frame, follower) for follower in found.followers],
        storage=storage,
        backups=[(name, _bytes(size), _moment(taken)) for name, size, taken in found.backups],
    )


def _graph(frame: Frame, found: State) -> str:
    """Where the graph is held."""
    if found.neo4j_uri is None:
        return frame.w("embedded")
    return frame.w("neo4j_well" if found.graph == "neo4j" else "neo4j_away", uri=found.neo4j_uri)


def _follower(frame: Frame, follower: Follower) -> Plain:
    """An index: how far it is, and what is being done to it."""
    behind = follower.head - follower.applied
    told = frame.w("at_change", applied=follower.applied, head=follower.head)
    if follower.problem is not None:
        mark, kind, told = frame.w("does_not_answer"), "kg-bad", follower.problem
    elif behind <= 0:
        mark, kind = frame.w("up_to_date"), "kg-well"
    else:
        mark, kind = frame.w("changes_behind", n=behind), "kg-wait"
    return {
        "name": frame.w(f"follower_{follower.name}"),
        "action": f"rebuild/{follower.name}",
        "mark": mark,
        "kind": kind,
        "told": told,
        "chore": follower.chore,
    }


def batches_html(frame: Frame, found: Sequence[Batch], folders: Sequence[str], upload_mb: int) -> Markup:
    """Upload, start, and all batches."""
    listed = list_html(frame, found)
    return _TEMPLATES.part("batches.html", "batches", frame, listed, folders, upload_mb)


def list_html(frame: Frame, found: Sequence[Batch]) -> Markup:
    """The batches alone, as the page refreshes them."""
    return _TEMPLATES.part("batches.html", "listed", frame, [_batch(frame, batch) for batch in found])


def _batch(frame: Frame, batch: Batch) -> Plain:
    job = batch.overview
    state = "silent" if batch.silent else job.state
    done, total = _progress(job)
    return {
        "title": frame.w("batch", n=job.id),
        "action": f"jobs/{job.id}/",
        "state": state,
        "acts": ACTS.get(state, ()),
        "paths": _paths(job.paths),
        "created": _moment_text(job.created),
        "bar": {"max": max(total, 1), "value": done if total else 1} if state in ACTS else None,
        "figures": _figures(frame, job, state),
        "problems": [(problem["path"].rpartition("/")[2], problem["reason"]) for problem in batch.problems],
    }


def _progress(job: Overview) -> tuple[int, int]:
    """How many files are finished, of how many."""
    return sum(job.items[state] for state in ("done", "quarantined", "failed")), sum(job.items.values())


def _paths(paths: Sequence[str]) -> str:
    names = ", ".join(path.rpartition("/")[2] or path for path in paths[:N_PATHS])
    return names + (" …" if len(paths) > N_PATHS else "")


def _figures(frame: Frame, job: Overview, state: str) -> list[str]:
    """A batch's figures, a line each."""
    done, total = _progress(job)
    lines = [
        frame.w("files_line", done=done, all=total),
        frame.w("rate_line", documents=job.documents, rate=f"{job.rate:.0f}"),
        frame.w("took_line", seconds=_duration(job.seconds)),
    ]
    if any(job.records.values()):
        lines.append(frame.w("records_line", **job.records))
    if job.skipped:
        lines.append(frame.w("skipped_line", n=job.skipped))
    if state == "running" and job.left_s is not None and done < total:
        lines.append(frame.w("left_line", left=_duration(job.left_s)))
    return lines


def people_html(
    frame: Frame,
    users: Sequence[User],
    off: Sequence[tuple[str, str]],
    collections: Sequence[Collection],
    me: str,
) -> Markup:
    """Users, switches and collections."""
    return _TEMPLATES.part(
        "people.html", "people", frame, users, off, collections, me, roles=ROLES, switches=SWITCHES
    )


def logs_html(
    frame: Frame, log: str, lines: Sequence[dict[str, Any]], verdict: Verdict, names: dict[str, str]
) -> Markup:
    """One of the two logs, newest first, and whether its chain holds."""
    if log == "security":
        heads: tuple[str, ...] = ("line", "when", "who", "did", "what")
        rows = [_security(frame, line, names) for line in lines]
    else:
        heads = ("line", "when", "question", "quotes", "models")
        rows = [_provenance(frame, line) for line in lines]
    older = lines[-1]["seq"] if lines and lines[-1]["seq"] > 1 else None
    return _TEMPLATES.part("logs.html", "logs", frame, log, heads, rows, verdict, older)


def _security(frame: Frame, line: Plain, names: Mapping[str, str]) -> list[Plain]:
    """An act: when, who, what, to whom."""
    return [
        _cell(line["seq"], number=True),
        _cell(_moment_text(line["at"])),
        _who(frame, line["person"], names),
        _cell(line["action"]),
        _who(frame, line["target"], names),
    ]


def _provenance(frame: Frame, line: Plain) -> list[Plain]:
    """An answer: on which day, to what, from how many quotes, by which models."""
    return [
        _cell(line["seq"], number=True),
        _cell(line["day"]),
        _cell(frame.w("erased") if line["question"] is None else line["question"]),
        _cell(len(line["evidence"]), number=True),
        _cell("; ".join(line["models"].values())),
    ]


def _who(frame: Frame, value: str, names: Mapping[str, str]) -> Plain:
    """A person by name; of one who is gone, the id."""
    if value == "nobody":
        return _cell(frame.w("nobody"))
    if value not in names and value.startswith("u-"):
        return _cell(frame.w("gone_user"), code=value)
    return _cell(names.get(value, value))


def _cell(text: object, *, number: bool = False, code: str = "") -> Plain:
    return {"text": text, "number": number, "code": code}


def _bytes(n: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if n < 1000:
            return f"{n:.0f} {unit}" if unit in ("B", "kB") else f"{n:.1f} {unit}"
        n /= 1000
    return f"{n:.1f} TB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.0f} s"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _moment_text(iso: str) -> str:
    return iso[:19].replace("T", " ")
