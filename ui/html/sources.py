"""The works of an answer as a reader names them: *Oliver 2013* in a chip, and a block of sources under the
answer.

Pure: the answer's JSON in, plain values out. Does not know templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kgrag.export.works import STYLES
from kgrag.render.short_names import authors, short_names
from kgrag.types.answer_json import AnswerJson, ClaimJson, DocumentJson
from ui.html.parts import Plain, signs
from ui.words import Language, word

STYLE_NAMES = {
    "apa": "APA",
    "gb-t-7714": "GB/T 7714",
    "chicago": "Chicago",
    "ieee": "IEEE",
    "vancouver": "Vancouver",
}
_SAMPLE = re.compile(r"\b[nN]\s*=\s*(\d[\d,]*)")


def cited(answer: AnswerJson) -> list[DocumentJson]:
    """The works that the answer's sentences and records rest on, in the order in which they are named."""
    known = {document["id"]: document for document in answer["documents"]}
    ids = [evidence["document_id"] for claim in answer["claims"] for evidence in claim["evidence"]]
    ids += [fact["document_id"] for fact in answer.get("record", ())]
    return [known[one] for one in dict.fromkeys(ids) if one in known]


def sources(answer: AnswerJson, held: Mapping[str, str], language: Language) -> list[Plain]:
    """The block of sources.

    Args:
        answer: its JSON.
        held: by document what the library holds of it: ``full``, ``record``, or ``gone``; empty where that
            is not known.
        language: of the interface.
    """
    names = short_names(answer["documents"])
    return [
        {
            "id": document["id"],
            "name": names[document["id"]],
            "title": document["title"] or document["id"],
            "where": " · ".join(str(part) for part in (document["venue"], document["year"]) if part),
            "authors": authors(document),
            "signs": signs(document),
            "held": word(f"held_{held[document['id']]}", language) if document["id"] in held else "",
            "gone": held.get(document["id"]) == "gone",
        }
        for document in cited(answer)
    ]


def sense(claim: ClaimJson, language: Language) -> str:
    """What a sentence is, in words: a result of n = 186, reported by others, said with caution; nothing where
    there is nothing to say.
    """
    said = []
    if role := claim.get("role"):
        found = _SAMPLE.search(claim["evidence"][0]["quote"]) if claim["evidence"] else None
        n = f" (n = {found[1]})" if found and role == "result" else ""
        said.append(word(f"is_{role}", language) + n)
    if claim.get("voice") == "cited":
        said.append(word("voice_cited", language))
    if claim.get("modality") in ("negated", "hedged"):
        said.append(word(f"modality_{claim['modality']}", language))
    return " · ".join(said)


def styles(language: Language, chosen: str = "") -> list[tuple[str, str, bool]]:
    """Citation styles: name, how it is written, and whether it is the one chosen."""
    usual = chosen if chosen in STYLES else "gb-t-7714" if language == "zh" else "apa"
    return [(name, STYLE_NAMES[name], name == usual) for name in STYLES]


def visible(repairs: Sequence[Sequence[str]]) -> list[Any]:
    """Repairs that a reader can see: not those of widths and spaces alone."""
    return [each for each in repairs if _folded(each[0]) != _folded(each[1])]


def _folded(text: str) -> str:
    import unicodedata

    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
