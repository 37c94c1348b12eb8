"""Reads how a sentence stands to the relation in it: affirmed or denied; asserted, hedged, asked, or said of
others.

Knows words and the tree above and around the word that states the relation. What is asked or denied is never
affirmed; where several signs stand, the most cautious holds (asked, hedged, of others, asserted).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ingest.concepts.parse import TEXT
from ingest.statements.tree import base_form
from ingest.statements.verbs import words
from kgrag.types import Stance

_CITED = re.compile(
    r"""
      \bet\ al\b  # Smith et al. found
    | \((?:[A-Z][^()]*,?\ )?(?:19|20)\d\d[a-z]?\)  # (Smith, 2004)
    | \[\d+(?:\s*[-–,]\s*\d+)*\]  # [12, 13]
    | \b(?i:previous(?:ly)?|earlier|prior|others?|some|several|many)\s+(?:\w+\s+)?  # several studies
      (?:stud(?:y|ies)|work|reports?|authors?|researchers?|investigators?|groups?|analyses|trials?|reviews?
        |scholars?|papers?|experts?|scientists?)\b
    | \b(?:has|have|had|was|were|is|are)\ (?:(?:also|previously|recently|often|widely|long|already)\ )*
      (?:been\ )?(?:reported|claimed|argued|known|believed|stated|asserted|alleged)\b  # has been reported
    | \b(?:has|have|had)\ (?:(?:also|previously|recently|often|long|already)\ )+been\ \w+(?:ed|wn|nd)\b
    | \b(?:[Aa]ccording\ to|[Aa]s\ (?:reported|shown|described|argued|claimed|noted|suggested|proposed)\ by)\b
    | \b[Ii]t\ (?:has\ been|is|was)\ (?:\w+\ )?(?:shown|suggested|reported|claimed|argued|proposed|thought)\b
    | \b(?:(?:[A-Z][a-z]+|colleagues|coworkers|co-workers|they|he|she|critics|proponents|opponents|advocates
        |experts|manufacturers|scholars|researchers|authors|scientists|reports?|literature)\b)
      (?:\ \(\d{4}\))?\ (?:have\ |has\ |had\ )?  # Jones and colleagues have claimed that
      (?:reported|claim(?:ed|s)?|argue[sd]?|reports|found|showed|suggest(?:ed|s)?|propose[sd]?|state[sd]?
        |concluded?|noted|assert(?:ed|s)?|demonstrated|maintain(?:ed|s)?|contend(?:ed|s)?|believe[sd]?
        |observed|described)\ that\b
    """,
    re.X,
)
_OURS = re.compile(
    r"""
      \b(?:we|our|here|this\ (?:study|paper|work|article)  # our results
        |the\ present\ (?:study|work)|these\ (?:results|data|findings))\b
    """,
    re.I | re.X,
)
_ASKED = re.compile(
    r"""
      \?\s*["”')]?\s*$  # does X reduce Y?
    | \bwhether\b
    | \b(?:to|will|should|must|we)\ (?:(?:further|also|then|next)\ )*  # to investigate
      (?:investigate|examine|assess|evaluate|determine|explore|clarify|elucidate|test|study|establish
        |understand|address)(?:d|ed)?\b
    | \bused\ to\ (?:identify|quantify|compare|analy[sz]e)\b  # regressions were used to identify links
    | \b(?:aims?|objectives?|goals?|purpose)\b[^.;]*\b(?:was|is|were|are|to)\b  # the aim of this work was
    | \b(?:remains?|is|are|was|were)\ (?:(?:still|largely|yet|currently|however)\ )*  # remains unclear
      (?:unknown|unclear|uncertain|controversial|unresolved|to\ be\ \w+ed|debated|disputed|poorly\ understood
        |not\ (?:(?:yet|well|fully|entirely|completely)\ )*(?:known|clear|understood|certain|established))\b
    | \b(?:hypothes[ie]s|hypothesi[sz]ed?|hypothesi[sz]ing|asked|sought|set\ out)\b  # we hypothesized
    | \b(?:further|more|additional|future)\ (?:research|studies|work|trials?|evidence|investigation)\b[^.;]*
      \b(?:needed|required|necessary|warranted)\b  # further studies are needed
    | \b(?:requires?|needs?|warrants?|deserves?|merits?)\ (?:further|more|additional|future|careful)\b
    """,
    re.I | re.X,
)
_ABOVE = (
    "xcomp",
    "ccomp",
    "dobj",
    "attr",
    "acl",
    "pobj",
    "prep",
    "advcl",
    "nsubjpass",
    "acomp",
    "pcomp",
    "oprd",
)
_MOST_ABOVE = 8


def stance(doc: Any, trigger: Any, ends: Iterable[Any]) -> tuple[str, Stance]:
    """(polarity, modality) of the relation that ``trigger`` states between the heads ``ends``.

    Args:
        doc: the parsed sentence.
        trigger: the token that states the relation.
        ends: head tokens of subject and object.
    """
    above = _governors(trigger)
    denied = _is_denied(trigger, above, list(ends))
    return "negative" if denied else "positive", _modality(doc.user_data[TEXT], trigger, above)


def _is_denied(trigger: Any, above: list[Any], ends: list[Any]) -> bool:
    denials = sum(_denials_at(token, token is trigger) for token in (trigger, *above))
    for end in ends:
        if any(
            _has_child(one, ("det", "preconj"), ("no", "neither", "none")) for one in (end, *_first_of(end))
        ):
            denials += 1
        if end.head.lower_ == "without" or (end.dep_ == "conj" and end.head.head.lower_ == "without"):
            denials += 1
    if _has_child(trigger, ("nsubj", "nsubjpass"), ("nothing", "none", "nobody")):
        denials += 1
    return denials % 2 == 1


def _first_of(token: Any) -> list[Any]:
    """The noun that a joined one is joined to: *neither X nor Y* stands before X alone."""
    return [token.head] if token.dep_ == "conj" and token.head.pos_ in ("NOUN", "PROPN") else []


def _denials_at(token: Any, own: bool) -> int:
    """How often a word denies what is under it: by *not*, by *no*, or by what it means itself."""
    low = base_form(token)
    denied = _has_child(token, ("neg", "advmod", "preconj", "cc"), _NEVER) or _has_child(
        token, ("det", "preconj", "amod"), ("no", "neither", "little")
    )
    if (low in _DOUBTS and denied) or low in _KNOWING:
        return 0
    denying = low in words("deny") if token.pos_ in ("VERB", "AUX") else low in words("deny_nouns")
    return int(denied) + int(denying and (not own or token.pos_ == "VERB"))


_DOUBTS = ("doubt", "question")
"""*No doubt that* denies nothing."""
_KNOWING = ("know", "clear", "understand", "certain", "known")
"""What is *not known* is open and not denied."""
_NEVER = ("not", "n't", "n’t", "never", "neither", "nor", "hardly", "scarcely", "no")


def _has_child(token: Any, labels: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    return any(child.dep_ in labels and child.lower_ in forms for child in token.children)


def _governors(trigger: Any) -> list[Any]:
    """The words above the trigger whose denial or doubt is about it."""
    found: list[Any] = []
    token = trigger
    for _ in range(_MOST_ABOVE):
        head = token.head
        if head is token or head.i == token.i:
            break
        if token.dep_ == "conj":
            if not _shares(token, head):
                break
            found.extend([])
        elif not _passes(token, head):
            break
        else:
            found.append(head)
        token = head
    return found


def _passes(token: Any, head: Any) -> bool:
    """Whether what denies or doubts the head does so to the token."""
    if token.dep_ == "nsubj":
        return base_form(head) in words("find")
    if token.dep_ not in _ABOVE:
        return False
    if token.dep_ == "advcl":
        return bool(token.tag_ in ("VBG", "VBN"))
    if token.dep_ == "acl" and head.pos_ == "NOUN":
        return base_form(head) in words("evidence") or base_form(head) in words("ask_nouns")
    return True


def _shares(token: Any, head: Any) -> bool:
    """Whether a joined verb stands under the same words: it has no subject of its own, and is not set
    against.
    """
    own = any(child.dep_ in ("nsubj", "nsubjpass") for child in token.children)
    against = any(child.dep_ == "cc" and child.lower_ in ("but", "yet") for child in head.children)
    return not own and not against


def _modality(text: str, trigger: Any, above: list[Any]) -> Stance:
    if _is_asked(text, trigger, above):
        return "asked"
    if _is_hedged(trigger, above):
        return "hedged"
    if _CITED.search(text) and not _OURS.search(text):
        return "of others"
    return "asserted"


def _is_asked(text: str, trigger: Any, above: list[Any]) -> bool:
    if _ASKED.search(text):
        return True
    asking = (
        base_form(token) in words("ask" if token.pos_ in ("VERB", "AUX") else "ask_nouns")
        for token in above
        if token.pos_ in ("VERB", "AUX", "NOUN")
    )
    conditional = any(
        _has_child(token, ("mark",), ("whether", "if", "unless")) for token in (trigger, *above)
    )
    return any(asking) or conditional


def _is_hedged(trigger: Any, above: list[Any]) -> bool:
    for token in (trigger, *above):
        if token.i != trigger.i and token.pos_ in ("VERB", "AUX") and base_form(token) in words("hedge"):
            return True
        if token.lower_ in words("hedge_words"):
            return True
        for child in token.children:
            if child.dep_ == "aux" and child.lower_ in words("may"):
                return True
            if child.lower_ in words("hedge_words") and child.dep_ in ("advmod", "amod", "acomp", "npadvmod"):
                return True
    return False
