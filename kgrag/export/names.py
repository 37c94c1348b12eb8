"""Names the files that people take away: after the work or the question, not after an id.

Pure: records in, names out.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from kgrag.render.short_names import short_name
from kgrag.types.answer_json import AnswerJson

LONGEST, WORDS = 80, 6


def answer_name(answer: AnswerJson) -> str:
    """An answer's file after the first work that it quotes: author, year and title; else after the
    question.
    """
    known = {document["id"]: document for document in answer["documents"]}
    quoted = [e["document_id"] for claim in answer["claims"] for e in claim["evidence"]]
    work = next((known[one] for one in quoted if one in known), None)
    if work is None:
        return answer["question"]
    title = " ".join((work["title"] or "").split()[:WORDS])
    return f"{short_name(work)} {title}"


def plain_name(text: str) -> str:
    """A name that every file system takes: letters of any script, figures and hyphens."""
    kept = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", text)).strip("-_")
    return kept[:LONGEST].strip("-") or "kgrag"


def disposition(name: str, suffix: str) -> dict[str, str]:
    """The header that names a file, in letters that old programs read too (RFC 6266)."""
    whole = plain_name(name) + suffix
    latin = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    latin = re.sub(r"-{2,}", "-", latin).strip("-")
    latin = latin if not latin.startswith(".") else f"kgrag{latin}"
    return {
        "Content-Disposition": f"attachment; filename=\"{latin}\"; filename*=UTF-8''{quote(whole, safe='')}"
    }
