"""The reading room's own pages as HTML: sets, one set, the evidence table, what can be asked.

Pure: values in, markup out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from kgrag.export.evidence_table import Row
from ui.html.exports import groups
from ui.html.parts import TEMPLATES, Plain, signs
from ui.html.sources import styles
from ui.html.style import PAGE_STYLE
from ui.words import Language, word, words


@dataclass(frozen=True, slots=True)
class Room:
    """What every page is set in: the language, its own path, the citation style chosen, the token of its
    forms, whether the person is an admin, and a word about what was just done.
    """

    language: Language
    path: str
    style: str = ""
    token: str = ""
    is_admin: bool = False
    said: str = ""
    failed: bool = False

    @property
    def told(self) -> Plain:
        """What was just done."""
        return {"text": self.said, "failed": self.failed}


def page_html(room: Room, title: str, body: Markup, here: str) -> Markup:
    """A whole page; ``here`` is the entry of the menu that it belongs to."""
    return TEMPLATES.part(
        "frame.html",
        "page",
        title,
        body,
        room.path,
        here,
        room.language,
        PAGE_STYLE,
        words(room.language),
        room.is_admin,
    )


def sets_html(room: Room, sets: Sequence[Plain]) -> Markup:
    """The sets that the person has and may read, and a form for a new one."""
    body = TEMPLATES.part("sets.html", "listed", sets, room.token, room.told, words(room.language))
    return page_html(room, word("sets", room.language), body, "/sets")


def set_html(room: Room, found: Plain, items: Sequence[Plain], *, own: bool) -> Markup:
    """One set with what is in it."""
    language = room.language
    shown = [
        each
        | {
            "signs": signs(each),
            "held": word(f"held_{each['held']}", language) if each["held"] else "",
        }
        for each in map(dict, items)
    ]
    body = TEMPLATES.part(
        "sets.html",
        "opened",
        found,
        shown,
        room.token,
        room.told,
        groups(language, works=True),
        styles(language, room.style),
        own,
        words(language),
    )
    return page_html(room, found["name"], body, "/sets")


def table_html(
    room: Room, title: str, rows: Sequence[Row], marks: Mapping[str, Sequence[str]], back: str
) -> Markup:
    """A row a finding.

    Args:
        room: of the page; its path is the table's address.
        title: of the answer or set.
        rows: of it.
        marks: signs of documents that must be known.
        back: where it was opened from.
    """
    shown = [_row(row, marks.get(row.document_id, ()), room.language) for row in rows]
    body = TEMPLATES.part("sets.html", "table", shown, room.path, back, words(room.language))
    return page_html(room, f"{word('as_table', room.language)}: {title}", body, "/sets")


def _row(row: Row, marks: Sequence[str], language: Language) -> Plain:
    direction = word(f"direction_{row.direction}", language) if row.direction else ""
    return {
        "paper": row.paper,
        "address": f"/?paper={quote(row.document_id, safe='')}",
        "signs": list(marks),
        "finding": row.finding,
        "role": word(f"is_{row.role}", language) if row.role else "",
        "design": row.design[0 if language == "en" else 1],
        "n": row.n,
        "n_value": row.n.replace(",", ""),
        "population": row.population,
        "direction": direction,
        "page": row.page or "",
    }


def help_html(room: Room, forms: Sequence[tuple[str, str]]) -> Markup:
    """What can be asked: each form of question with an example from this library."""
    body = TEMPLATES.part("help.html", "forms", forms, words(room.language))
    return page_html(room, word("what_can_i_ask", room.language), body, "/help")
