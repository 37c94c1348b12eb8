"""Records whose letters went wrong before they came here, or could not be read: each is told with a warning.

Knows what UTF-8 looks like that was read as Windows-1252. Does not mend: what the letters were is the
source's to say.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kgrag.types import Record

_LOST = "\ufffd"
_WRONG = re.compile(
    "[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|â€[\u0080-\u00bf\u0152\u0153\u2018-\u201d\u2122\u02dc¦]"
    "|(?:[ä-é][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u2013-\u203a\u20ac\u2122]{2}){2}"
    "|(?:[ÐÑ][\u0080-\u00bf\u0152-\u0192\u2013-\u2122]){3}"
)
"""UTF-8 of Latin letters, of quotation marks, of Chinese and of Cyrillic, each read byte by byte."""


def with_warning(record: Record) -> Record:
    """The record; where some of its letters are wrong or lost, with a warning that names the field."""
    fields = {
        "title": record.title,
        "authors": " ".join(author.name for author in record.makers[:50]),
        "venue": record.venue,
        "abstract": record.abstract,
    }
    lost = [name for name, text in fields.items() if text and _LOST in text]
    wrong = [name for name, text in fields.items() if text and _WRONG.search(text)]
    told = [f"letters that could not be read in {', '.join(lost)} (shown as {_LOST})"] if lost else []
    told += [f"letters in a wrong encoding in {', '.join(wrong)}, as the file has them"] if wrong else []
    if not told:
        return record
    before = record.extra.get("warnings")
    return replace(record, extra={**record.extra, "warnings": "; ".join(filter(None, (before, *told)))})
