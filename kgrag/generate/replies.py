"""Reads a model's replies, in prose, as structured output, or as bare numbers of quotes.

Knows words only. Whatever comes back is a draft: a quote is put in its own words, every other sentence is
verified afterwards, and a citation is a hint. What a reply says of itself, of the quotes, or of nothing is no
sentence of the draft.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise

from kgrag.generate.phrases import is_empty, plain_blocks, without_opening
from kgrag.generate.quoting import CITATION, quotes_in
from kgrag.generate.short_answers import is_short, quote_that_holds
from kgrag.language.sentences import split_sentences
from kgrag.types import Draft, Evidence

MAX_POINTED = 4
"""Quotes that one draft may point to."""
COUNTING = 4
"""So many numbers in a row are counted, not chosen."""
_POINTERS_ONLY = re.compile(
    r"[\s\d\[\]【】(),，、;.:#&*-]*(?:and|quotes?|引文|和|\s)*[\s\d\[\]【】(),，、;.:#&*-]*", re.I
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[,，]\d{3})+|\d+\.\d+|\d{4,}")
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"^.*</think(?:ing)?>", re.DOTALL | re.IGNORECASE)

Sentence = tuple[str, tuple[Evidence, ...]]


def read_draft(text: str, evidence: Sequence[Evidence], maker: str, question: str = "") -> Draft:
    """A reply as sentences with the evidence it gives for them.

    Args:
        text: the reply.
        evidence: the quotes of the prompt, in its order.
        maker: who wrote it.
        question: against which short answers and empty phrases are told.

    Returns:
        Sentences that copy a quote are that quote; numbers alone are the quotes they point to; numbers that
        no quote has are dropped. An empty draft where nothing is said.
    """
    said = without_thinking(text)
    if (pointed := pointers(said, len(evidence))) is not None:
        return Draft(tuple(_quote(evidence[n]) for n in pointed), maker)
    items = _structured(said)
    if items is None:
        items = [(said, ())]
    sentences = [s for part, cited in items for s in _sentences(part, cited, evidence, question)]
    return Draft(tuple({sentence: (sentence, given) for sentence, given in sentences}.values()), maker)


def read_pointed(text: str, evidence: Sequence[Evidence], maker: str) -> Draft:
    """A reply of which only the quotes count that it points to or copies; its own sentences are left out."""
    said = without_thinking(text)
    if (items := _structured(said)) is not None:
        said = "\n".join(f"[{', '.join(map(str, cited))}] {part}" for part, cited in items)
    pointed = pointers(said, len(evidence))
    if pointed is None:
        copied = [found.quote for found in quotes_in(said, [item.quote for item in evidence])]
        pointed = list(dict.fromkeys(copied or _valid(_cited(said), len(evidence))))[:MAX_POINTED]
    return Draft(tuple(_quote(evidence[n]) for n in pointed), maker)


def without_thinking(text: str) -> str:
    """A reply without what a model thought aloud before it, whether or not the thought was closed."""
    return _THOUGHT.sub("", _THINKING.sub("", text)).strip()


def pointers(text: str, n_quotes: int) -> list[int] | None:
    """The quotes, from 0, to which a reply of numbers alone points; None for any other reply.

    Numbers that are counted up, one after another, choose nothing.
    """
    if not re.search(r"\d", text) or not _POINTERS_ONLY.fullmatch(text) or _THOUSANDS.search(text):
        return None
    bracketed = _cited(text)
    numbers = bracketed or [int(digits) for digits in re.findall(r"\d+", text)]
    if len(numbers) >= COUNTING and all(b == a + 1 for a, b in pairwise(numbers[:COUNTING])):
        return []
    valid = _valid(numbers, n_quotes)
    return list(dict.fromkeys(valid))[:MAX_POINTED] if valid or bracketed else None


def whole_sentences(text: str) -> str:
    """The text up to its last sentence that has an end; empty where none has."""
    spans = split_sentences(text)
    kept = [
        end
        for start, end in spans
        if text[start:end].rstrip().endswith((".", "!", "?", "。", "！", "？", "]", "】"))
    ]
    return text[: kept[-1]] if kept else ""


def _quote(item: Evidence) -> Sentence:
    return item.quote.strip(), (item,)


def _valid(numbers: Sequence[int], n_quotes: int) -> list[int]:
    return [number - 1 for number in numbers if 1 <= number <= n_quotes]


def _cited(text: str) -> list[int]:
    return [int(n) for group in CITATION.findall(text) for n in re.findall(r"\d+", group)]


def _structured(text: str) -> list[tuple[str, tuple[int, ...]]] | None:
    """The sentences of a structured reply, each with the numbers it cites; None where it is none."""
    bare = re.sub(r"^```(?:json)?\s*|\s*```$", "", text)
    if not bare.startswith("{"):
        return None
    try:
        items = json.loads(bare)["sentences"]
        return [(str(item.get("text", "")), tuple(map(int, _numbers(item)))) for item in items]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _numbers(item: dict[str, object]) -> list[int]:
    given = item.get("quotes", item.get("quote"))
    if given is None:
        raise KeyError("quotes")
    return [int(str(n)) for n in (given if isinstance(given, list) else [given])]


def _sentences(
    text: str, cited: Sequence[int], evidence: Sequence[Evidence], question: str
) -> list[Sentence]:
    """The sentences of a part of a reply: the quotes it copies, and what is said between them."""
    copied = quotes_in(text, [item.quote for item in evidence])
    if not copied:
        return _said(text, cited, evidence, question)
    sentences: list[Sentence] = []
    done = 0
    for found in copied:
        sentences += _said_beside(text[done : found.start], evidence, question)
        sentences.append(_quote(evidence[found.quote]))
        done = found.end
    return sentences + _said_beside(text[done:], evidence, question)


def _said_beside(text: str, evidence: Sequence[Evidence], question: str) -> list[Sentence]:
    """What is said before, between or after copied quotes; a citation alone is that of a quote beside it."""
    return _said(text, (), evidence, question) if re.search(r"\w", CITATION.sub(" ", text)) else []


def _said(text: str, cited: Sequence[int], evidence: Sequence[Evidence], question: str) -> list[Sentence]:
    """The sentences that a model wrote itself; a short answer is the quote that holds it, and an empty phrase
    with a citation the quote that it cites.
    """
    said: list[Sentence] = []
    for block in plain_blocks(text):
        for sentence, numbers in _with_citations(block):
            given = tuple(evidence[n] for n in dict.fromkeys(_valid([*numbers, *cited], len(evidence))))
            own = without_opening(sentence, question)
            if is_empty(own, question) or _is_title(own, evidence):
                said += [_quote(item) for item in given[:MAX_POINTED]]
            elif is_short(own) and (item := quote_that_holds(own, question, given, evidence)):
                said.append(_quote(item))
            else:
                said.append((own, given))
    return said


def _is_title(sentence: str, evidence: Sequence[Evidence]) -> bool:
    """Whether a sentence only names one of the papers."""
    titles = {item.document.record.title or "" for item in evidence}
    return any(
        found.end - found.start >= len(sentence.strip(" .")) for found in quotes_in(sentence, [*titles])
    )


def _with_citations(block: str) -> list[tuple[str, list[int]]]:
    """The sentences of a block without their citations, and these; a block that begins with a citation has
    them before each sentence, others after it.
    """
    leading = CITATION.match(block.lstrip()) is not None
    spans = [(match.start(), match.end(), _cited(match.group())) for match in CITATION.finditer(block)]
    # blanks keep the places; a full stop after a citation belongs to the sentence before it
    bare = CITATION.sub(lambda match: " " * len(match.group()), block)
    found: list[tuple[str, list[int]]] = []
    sentences = split_sentences(bare)
    for place, (start, end) in enumerate(sentences):
        before = sentences[place - 1][1] if place else 0
        after = sentences[place + 1][0] if place + 1 < len(sentences) else len(block)
        low, high = (before, end) if leading else (start, after)
        numbers = [n for a, _, numbers in spans if low <= a < high for n in numbers]
        found.append((_tidied(bare[start:end]), numbers))
    found = [(sentence, numbers) for sentence, numbers in found if re.search(r"\w", sentence)]
    if not found and spans:
        return [("", [n for _, _, numbers in spans for n in numbers])]
    return found


def _tidied(sentence: str) -> str:
    return re.sub(r"\s+([.,;:!?。，；：！？])", r"\1", " ".join(sentence.split()))
