"""Makes follow-up questions whole: "What causes it?" after "What is blue marble health?" asks what causes
blue marble health.

Knows rules of English and Chinese for pronouns that stand for the question before, and for questions that
leave out what they share with it. Spends no token. What it changes is told, so that people see it and can
refuse it; where no rule is sure, nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kgrag.language.question_form import read_form
from kgrag.language.wordlists import word_list
from kgrag.language.words import FUNCTION_WORDS, has_han, is_chinese, words
from kgrag.library import Library
from kgrag.search.understand import find_entities

Names = Callable[[str], Sequence[str]]
"""The names of things of the library that a question holds, as they stand in it, most telling first."""

MAX_WORDS, MAX_BACK = 14, 3
"""A longer question speaks for itself; a topic older than three questions is forgotten."""
_OBJECT = r"it|them|him|they|he|she"
_POSSESSIVE = {"its": "'s", "their": "'s", "his": "'s", "her": "'s"}
_GENERIC = (
    "approach|approaches|author|authors|concept|condition|disease|diseases|drug|effect|finding|findings|idea"
    "|intervention|journal|method|methods|model|models|paper|phenomenon|problem|program|project|result"
    "|results|software|study|studies|syndrome|technique|term|theory|tool|treatment|trial|virus|work"
)
_AUXILIARY = "is|are|was|were|do|does|did|can|could|will|would|should|may|might|has|have|had"
_EMPTY_IT = re.compile(
    rf"\b(?:{_AUXILIARY}) it (?:\w+ly )?(?:possible|true|likely|known|clear|important|necessary|worth|safe"
    r" to|useful to|take|correct)\b|\bit (?:take|seems?)\b",
    re.I,
)
_THIS = re.compile(
    rf"\b(?:this|that|these|those|the same) (?:{_GENERIC})\b|\b(?:{_AUXILIARY})"
    r" (?P<alone>this|that|these|those)\b|\b(?P<last>this|that|these|those)(?=\s*[?.!]?$)",
    re.I,
)
_PRONOUN = re.compile(rf"\b(?:{_OBJECT}|its|their|his|her)\b", re.I)
_PREPOSITION = (
    "in|for|with|among|on|at|during|after|before|without|by|from|against|of|to|under|between|over|within"
)
_ABOUT = re.compile(r"^(?:(?:and|but|so|ok|okay)[, ]+)?(?:what|how) about (?P<what>.+?)\s*\?*$", re.I)
_AND = re.compile(
    rf"^(?:and|or|but) (?P<what>(?:{_PREPOSITION}) .+?|[^,]{{2,40}}?)\s*\?*$",
    re.I,
)
_BARE = re.compile(
    r"^(?:and |but )?(?P<what>why|how|when|where|how much|how many|since when|why not|by whom|who)\s*[?!.]*$",
    re.I,
)
_PLACE = re.compile(rf"\b(?P<how>{_PREPOSITION}) (?P<whom>[^?]{{2,60}}?)\s*\?*$", re.I)
_ASKS = re.compile(rf"^(?P<what>what|why|how|when|where|who|which)(?P<rest> (?:{_AUXILIARY})\b.+)$", re.I)
LONGEST_OPENING = 12
"""Characters up to which what a Chinese question opens with is a thing."""
_WORD = re.compile(r"\w+(?:['’\-–]\w+)*")
_WORK = re.compile(
    r"\b(?:this|that|these|those|the) (?:paper|article|stud|trial|work|author|review|journal)(?:y|ies|s)?\b",
    re.I,
)
"""What a conversation calls the works of its answers by: no thing that its questions name."""
_VERBS = word_list("question_verbs")
_PLURAL = frozenset(["they", "them", "their", "these", "those"])

_ZH_GENERIC = (
    "概念|方法|研究|论文|文章|疾病|药物|模型|技术|理论|结果|现象|问题|系统|工具|软件|指标|疗法|病毒|综合征"
    "|作品|期刊|项目"
)
_ZH_THIS = re.compile(
    rf"(?:这|那|该|此)(?:一|个|种|项|类|些|篇|本)?(?:{_ZH_GENERIC})"  # 这种方法
    r"|(?<![其吉])(?:它们|他们|她们|它|他|她)(?!人|国|们)"  # 它有什么用
    r"|(?:这个|那个|这些|那些|这种)(?=是|有|对|会|能|和|与|[？?]|$)"  # 这个是什么
    r"|(?:这|那)(?=是|对|会|和|与|有什么|[？?]|$)"  # 这是什么
)
_ZH_ITS = re.compile(r"(?<![尤极与何])其(?![他它中实次余间后])(?=[\u4e00-\u9fff])")
_ZH_ABOUT = re.compile(
    r"^(?:那么?|而|还有)?[，,]?(?P<what>[^，。？?]{1,20}?)(?:又)?(?:呢|怎么样|如何)[？?]?$"
)
_ZH_BARE = re.compile(r"^(?P<what>为什么|为何|怎么|如何|什么时候|何时|在哪里|谁)(?:呢|会这样)?[？?]?$")
_ZH_FRAME = re.compile(
    r"请问|什么是|是什么|为什么|为何|什么|如何|怎么样|怎么|怎样|有哪些|哪些|哪个|哪里|多少|是否|能否|可以|介绍一下|介绍|一下|意思|[吗呢？?。"
    r"，,、！!]"
)
_ZH_ASKS = re.compile(r"什么|怎|如何|哪|谁|多少|几")
_ZH_CUT = re.compile(r"的|有|是|对|会|能|和|与|在|及")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question made whole: as typed, as it is to be asked, and each (words, what they stand for)."""

    question: str
    text: str
    changes: tuple[tuple[str, str], ...]


def complete(question: str, earlier: Sequence[str], names: Names) -> FollowUp | None:
    """The question with what it takes from the conversation written out.

    Args:
        question: as typed.
        earlier: the questions before it, as they were asked, oldest first.
        names: the library's names in a question (``names_in``).

    Returns:
        None where the question stands on its own, or no rule is sure.
    """
    typed = " ".join(question.split())
    if not typed or not earlier:
        return None
    made = _chinese(typed, earlier, names) if has_han(typed) else _english(typed, earlier, names)
    return None if made is None or made[0] == typed else FollowUp(question, made[0], made[1])


def names_in(library: Library) -> Names:
    """What ``complete`` needs of a library: the names of its entities as they stand in a text; those with
    capitals first, then the longer.
    """

    def names(text: str) -> Sequence[str]:
        found = find_entities(text, "zh" if is_chinese(text) else "en", library.graph.find, capitals=False)
        standing = [
            match.group()
            for entity in found
            for form in (entity.name, *entity.aliases)
            if (match := re.search(rf"(?<![A-Za-z_-]){re.escape(form)}(?![A-Za-z_-])", text, re.I))
            and form.lower() not in _VERBS
        ]
        return sorted(
            dict.fromkeys(standing),
            key=lambda name: (not name[0].isupper() or not name[1:], -len(name), name),
        )

    return names


def topic(earlier: Sequence[str], names: Names, *, plural: bool = False) -> str | None:
    """What the conversation is about: the things compared, or the most telling name, or the longest run of
    content words of the last question that has any.

    Args:
        earlier: the questions, oldest first.
        names: the library's names in a question.
        plural: whether a word for several things asks for it; one thing is no topic then.

    Returns:
        None where nothing is a whole noun phrase: half a name would garble the question.
    """
    for text in reversed(earlier[-MAX_BACK:]):
        if _WORK.search(text):
            return None
        compared = read_form(text).others
        if plural and len(compared) > 1:
            return f"{', '.join(compared[:-1])} and {compared[-1]}"
        held = [name for name in names(text) if _is_whole(name, text)]
        held += [run] if not names(text) and (run := _longest_run(text)) else []
        if held or names(text):
            return next((name for name in held if not plural or _is_plural(name)), None)
    return None


def _is_plural(name: str) -> bool:
    """Whether an English noun phrase is of several things; a Chinese one always may be."""
    return has_han(name) or re.search(r"(?<![sui])s$", name) is not None


def _is_whole(name: str, text: str) -> bool:
    """Whether a name in a question is not half of a longer noun phrase: no word that carries meaning stands
    before it.
    """
    if has_han(text):
        return True
    before = _WORD.findall(text[: text.find(name)]) if name in text else []
    return (
        not before
        or before[-1].lower() in FUNCTION_WORDS
        or before[-1].lower() in _VERBS
        or name[0].isupper()
    )


Made = tuple[str, tuple[tuple[str, str], ...]] | None


def _english(typed: str, earlier: Sequence[str], names: Names) -> Made:
    if len(_WORD.findall(typed)) > MAX_WORDS:
        return None
    if match := _BARE.match(typed):
        return _asked_again(match["what"], earlier[-1])
    if (match := _ABOUT.match(typed) or _AND.match(typed)) and not _PRONOUN.fullmatch(match["what"]):
        return _instead(match["what"].strip(), earlier[-1], names, typed)
    if _WORK.search(typed):
        return None
    asks = {word.lower() for word in _WORD.findall(typed)}
    subject = topic(earlier, names, plural=bool(asks & _PLURAL))
    if subject is None or _EMPTY_IT.search(typed):
        return None
    if match := _THIS.search(typed):
        start = (
            match.start("alone")
            if match["alone"]
            else match.start("last")
            if match["last"]
            else match.start()
        )
        return _put(typed, start, match.end(), subject)
    return _pronoun(typed, subject, names)


def _pronoun(typed: str, subject: str, names: Names) -> Made:
    for match in _PRONOUN.finditer(typed):
        before, word = typed[: match.start()], match.group().lower()
        if word in ("her", "his", "its", "their") and _has_owner(before, names):
            continue  # "Why do sharks lose their teeth": it belongs to the question's own subject
        if word in _POSSESSIVE and re.match(r"\s+\w", typed[match.end() :]):
            return _put(
                typed, match.start(), match.end(), subject, subject + ("'" if subject.endswith("s") else "'s")
            )
        if word in ("they", "he", "she", "it", "them", "him", "her"):
            return _put(typed, match.start(), match.end(), subject)
    return None


def _has_owner(before: str, names: Names) -> bool:
    """Whether the words before a possessive hold what it can belong to: a name, or a noun after an
    auxiliary.
    """
    after = re.search(rf"\b(?:{_AUXILIARY}) (?:the |a |an |some |many |most )?(?P<noun>\w+)", before, re.I)
    return bool(names(before)) or (after is not None and after["noun"].lower() not in FUNCTION_WORDS)


def _put(typed: str, start: int, end: int, subject: str, written: str | None = None) -> Made:
    return typed[:start] + (written or subject) + typed[end:], ((typed[start:end], subject),)


def _asked_again(what: str, last: str) -> Made:
    """ "Why?" after "How does it spread?" is "Why does it spread?"."""
    if match := _ASKS.match(last):
        return what[0].upper() + what[1:].lower() + match["rest"], ((what, last),)
    return None


def _instead(what: str, last: str, names: Names, typed: str) -> Made:
    """ "What about India?": the last question with its last name of that kind, or its last place,
    exchanged.
    """
    stem = last.rstrip(" ?？")
    if preposition := re.match(rf"({_PREPOSITION}) ", what, re.I):
        return f"{_without_place(stem, preposition[1])} {what}?", ((typed, last),)
    if what[0].isupper():
        for name in sorted((n for n in names(last) if n[0].isupper()), key=last.rfind, reverse=True):
            return last.replace(name, what), ((name, what),)
    if match := _PLACE.search(stem):
        return f"{stem[: match.start('whom')]}{what}?", ((match["whom"], what),)
    opens = re.match(rf"(?:\w+ )?(?:{_AUXILIARY}) (?:the |an? )?(?P<rest>.+)", last, re.I)
    known = [*names(last), *filter(None, [_longest_run(last)])]
    subject = next((name for name in known if opens and opens["rest"].startswith(name)), None)
    return (last.replace(subject, what), ((subject, what),)) if subject else None


def _without_place(stem: str, preposition: str) -> str:
    """The question before up to its last place with the same preposition; whole where it has none."""
    places = list(re.finditer(rf"\b{preposition} ", stem, re.I))
    return stem[: places[-1].start()].rstrip() if places else stem


def _longest_run(text: str) -> str | None:
    """The longest run of words that carry meaning, as they stand in the text; of Chinese, what is left
    without the words that ask.
    """
    if has_han(text):
        runs = [part for piece in _ZH_FRAME.split(text) for part in _ZH_CUT.split(piece) if len(part) > 1]
        return runs[0] if runs else None
    spans: list[list[re.Match[str]]] = []
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        if match.group().lower() in FUNCTION_WORDS or match.group().lower() in _VERBS:
            spans, run = [*spans, run], []
        else:
            run = [*run, match]
    best = max([*spans, run], key=len)
    while len(best) > 1 and best[-1].group().endswith("ed"):  # How is peer review organised?
        best = best[:-1]
    return text[best[0].start() : best[-1].end()] if best else None


def _chinese(typed: str, earlier: Sequence[str], names: Names) -> Made:
    subject = _chinese_topic(earlier, names)
    last = earlier[-1]
    if match := _ZH_BARE.match(typed):
        return _chinese_why(match["what"], last, subject) if subject else None
    if (match := _ZH_ABOUT.match(typed)) and not _ZH_THIS.search(match["what"]) and typed[0] not in "其如":
        return _chinese_instead(match["what"], last, subject)
    if subject is None:
        return None
    if (match := _ZH_THIS.search(typed)) and not (
        typed[match.end() : match.end() + 1] == "的" and names(typed[: match.start()])
    ):
        return (
            None
            if re.search(r"论文|文章|研究|期刊", match.group())
            else _put(typed, match.start(), match.end(), subject)
        )
    if (match := _ZH_ITS.search(typed)) and not names(typed[: match.start()]):
        return _put(typed, match.start(), match.end(), subject, subject + "的")
    return None


def _chinese_topic(earlier: Sequence[str], names: Names) -> str | None:
    """What the conversation is about: of the names of a question the one that it opens with, else as in
    English.
    """
    for text in reversed(earlier[-MAX_BACK:]):
        plain = re.sub(r"^(?:请问|什么是|何谓)", "", text)
        opening = _ZH_CUT.split(_ZH_FRAME.split(plain)[0])[0]
        if held := next((name for name in names(text) if plain.startswith(name)), None):
            return held
        if 2 <= len(opening) <= LONGEST_OPENING:
            return opening
        if names(text) or _longest_run(text):
            break
    return topic(earlier, names)


def _chinese_why(what: str, last: str, subject: str) -> Made:
    """“为什么？” after “枸杞多糖能降血糖吗？” is “枸杞多糖为什么能降血糖？”; only where the question before
    says yes or no of its subject.
    """
    match = re.match(rf"(?:请问)?{re.escape(subject)}(?P<rest>.+?)吗?[？?。]*$", last)
    if match is None or _ZH_ASKS.search(match["rest"]):
        return None
    return f"{subject}{what}{match['rest']}？", ((what, last),)


def _chinese_instead(what: str, last: str, subject: str | None) -> Made:
    """The question before with its subject exchanged, or the word after the same preposition."""
    if what[0] in "在对与和跟从用":
        place = last.find(what[0])
        following = words(last[place + 1 :]) if place > 0 else []
        if not following or len(following[0]) < 2:
            return None
        return last.replace(what[0] + following[0], what, 1), ((following[0], what[1:]),)
    if subject is None or subject not in last:
        return None
    return last.replace(subject, what), ((subject, what),)
