"""Writes an answer as plain text for the terminal: sentences with numbers, then each number's quote, source
and chain.

Pure: takes the answer's JSON object, returns text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgrag.types import Record

MANY_AUTHORS = 12


def author_names(record: Record) -> str:
    """Names in order, the first ``MANY_AUTHORS`` and how many there are; a work without authors has its
    editors'.
    """
    names = [maker.name + ("" if record.authors else " (ed.)") for maker in record.makers]
    return "; ".join(names[:MANY_AUTHORS]) + (f"; … ({len(names)})" if len(names) > MANY_AUTHORS else "")


MARKS = {"concern": "EXPRESSION OF CONCERN", "correction": "CORRECTED"}


def answer_as_text(answer: Mapping[str, Any]) -> str:
    """The answer as one reads it in a terminal."""
    documents = {document["id"]: document for document in answer["documents"]}
    lines = [f"{answer['question']}", ""]
    if answer.get("record") and answer["status"] != "abstained":
        return "\n".join([*lines, answer["reason"], "", *record_as_text(answer), f"answer {answer['id']}"])
    lines += record_as_text(answer)
    if answer["status"] == "abstained":
        lines += [f"{'Note' if answer.get('record') else 'No answer'}: {answer['reason']}"]
        lines += [f"  near: “{item['text']}”" for item in answer["withheld"]]
        return "\n".join([*lines, "", f"answer {answer['id']}"])
    lines += [verdict_as_text(answer), ""] if answer.get("verdict") else []
    columns = _columns(answer)
    opens = {part["claims"][0]: part["heading"] for part in answer.get("sections", ())}
    for number, claim in enumerate(answer["claims"], start=1):
        column = f"{columns[claim['text']]}: " if claim["text"] in columns else ""
        lines += ["", f"{opens[claim['id']]}:"] if claim["id"] in opens else []
        lines.append(f"{column}{claim['text']} [{number}]")
    for number, claim in enumerate(answer["claims"], start=1):
        lines += ["", *_evidence_lines(number, claim, documents)]
    if answer["withheld"]:
        lines += [
            "",
            "Withheld: " + "; ".join(f"“{item['text']}” ({item['reason']})" for item in answer["withheld"]),
        ]
    if answer.get("missing"):
        lines += ["", f"Nothing was found on: {'; '.join(answer['missing'])}"]
    if answer["reason"]:
        lines += ["", f"Note: {answer['reason']}"]
    took = sum(answer["trace"]["timings_ms"].values())
    steps = ", ".join(f"{name} {value:.0f}" for name, value in answer["trace"]["timings_ms"].items())
    cost = answer["trace"].get("model")
    spent = (
        f" · the model: {cost['requests']} requests, {cost['prompt_tokens'] + cost['reply_tokens']:,} tokens"
        if cost
        else ""
    )
    return "\n".join([*lines, "", f"answer {answer['id']} · {took:.0f} ms ({steps}){spent}"])


def _columns(answer: Mapping[str, Any]) -> dict[str, str]:
    """The name of the column in which each sentence of a comparison stands."""
    table = answer.get("table") or {"columns": [], "rows": []}
    return {
        cell["text"]: name for row in table["rows"] for name, cell in zip(table["columns"], row, strict=True)
    }


def record_as_text(answer: Mapping[str, Any]) -> list[str]:
    """What the catalogue's records say, a line for each work; empty where the question does not ask for
    it.
    """
    lines = [
        f"By the catalogue: {_fact(fact)}{' RETRACTED' if fact['retracted'] else ''}"
        for fact in answer.get("record", ())
    ]
    return [*lines, ""] if lines else []


def _fact(fact: Mapping[str, Any]) -> str:
    return (
        f"“{fact['title']}”, {fact['value']}"
        if fact["field"] == "work"
        else f"{fact['value']} ({fact['field']} of “{fact['title']}”)"
    )


def verdict_as_text(answer: Mapping[str, Any]) -> str:
    """The verdict on a yes/no question in one line, with the numbers of the sentences whose evidence it is
    read from; empty where there is none.
    """
    verdict = answer.get("verdict")
    if not verdict:
        return ""
    said = {"yes": "probably yes", "no": "probably no", "mixed": "papers disagree"}.get(
        verdict["label"], "unclear"
    )
    numbers = "".join(
        f"[{number}]"
        for number, claim in enumerate(answer["claims"], start=1)
        if claim["id"] in verdict["claims"]
    )
    return f"In short: {said} (probability {verdict['probability']:.2f}, read from the evidence of {numbers})"


def _evidence_lines(
    number: int, claim: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    evidence = claim["evidence"][0]
    document = documents[evidence["document_id"]]
    place = ", ".join(
        str(part)
        for part in (evidence["section"], f"page {evidence['page']}" if evidence["page"] else None)
        if part
    )
    mark = marks_as_text(document, " · ")
    return [
        f"[{number}] {citation(document)}{mark}",
        f"    {' · '.join(part for part in (place, _sense(claim, evidence['quote'])) if part)}",
        f"    chain: {chain_as_text(claim['path'])}",
    ]


VOICES = {"own": "of this work", "cited": "reported by others", "common": "said without a source"}


def _sense(claim: Mapping[str, Any], quote: str) -> str:
    """What the quote is in its paper, and how well a claim in other words is supported."""
    said = ["exact quote"] if claim["text"].strip() == quote.strip() else []
    said += [claim["role"]] if claim.get("role") else []
    said += [VOICES[claim["voice"]]] if claim.get("voice") else []
    said += [] if said[:1] == ["exact quote"] else [f"support {claim['support']['score']:.2f}"]
    return ", ".join(said)


def marks_as_text(document: Mapping[str, Any], before: str = " ") -> str:
    """RETRACTED, EXPRESSION OF CONCERN, CORRECTED: each that stands, after ``before``; empty for none."""
    kinds = (["RETRACTED"] if document["retracted"] else []) + [
        MARKS[notice["kind"]] for notice in document.get("notices", ())
    ]
    return "".join(before + kind for kind in dict.fromkeys(kinds))


def citation(document: Mapping[str, Any]) -> str:
    """Author (year). Title. Venue. Identifier; a work that only its content names has none."""
    makers = document["authors"] or document.get("editors", ())
    names = [maker.get("literal") or maker.get("family") or "" for maker in makers]
    who = " & ".join(names[:2]) + (" et al." if len(names) > 2 else "")
    who += f" (ed{'s' if len(names) > 1 else ''}.)" if names and not document["authors"] else ""
    identifiers = document["identifiers"]
    where = next(
        (f"{kind}:{identifiers[kind]}" for kind in ("doi", "pmid") if kind in identifiers),
        "" if document["id"].startswith("sha256:") else document["id"],
    )
    year = f"({document['year']})" if document["year"] else ""
    return (
        " ".join(part for part in (who, year) if part)
        + (". " if who or year else "")
        + ". ".join(part for part in (document["title"] or "untitled", document["venue"], where) if part)
    )


def chain_as_text(path: list[Mapping[str, Any]]) -> str:
    """entity –MENTIONS– passage –HAS– paper."""
    parts = []
    for step in path:
        parts.append(step["node"]["name"] if step["node"]["kind"] != "Passage" else step["node"]["id"])
        if step["edge"]:
            parts.append(f"–{step['edge']['type']}–")
    return " ".join(parts)
