"""Makes the answer that claims nothing: it says why, and what is near.

Knows the reasons that are told. Whether to be silent is decided in ``kgrag.ask``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kgrag.answer.answerable import asks_something
from kgrag.types import Answer, Document, Evidence, Hit, QuestionForm, Understood

N_NEAR = 3
NO_WORD = (
    "There is no word in this that a paper could tell of. Ask what papers say (What is known about …?) or"
    " which there are (Which papers are there on …?)."
)


def asks_for_works(form: QuestionForm) -> bool:
    """Whether a question asks which works there are, or how many: no sentence of a paper answers it."""
    return form.kind == "size" or (form.kind == "works" and form.field == "work")


def abstention(
    understood: Understood,
    hits: Sequence[Hit],
    evidence: Sequence[Evidence],
    models: Mapping[str, str],
    timings_ms: Mapping[str, float],
) -> Answer:
    """An answer that claims nothing.

    Args:
        understood: the question.
        hits: passages found.
        evidence: quotes found, best first.
        models: by their roles.
        timings_ms: of the steps done.
    """
    instead = "" if asks_something(understood.text) else NO_WORD
    found = () if instead else hits
    quotes = () if instead or asks_for_works(understood.form) else evidence[:N_NEAR]
    nearest = tuple({hit.document.id: hit.document for hit in found}.values())[:N_NEAR]
    reason = instead or _not_found(understood, nearest)
    return Answer(
        id="",
        question=understood.question,
        language=understood.language,
        status="abstained",
        reason=reason,
        withheld=tuple((item.quote, "near, but no answer to the question") for item in quotes),
        documents=nearest,
        models=dict(models),
        timings_ms=dict(timings_ms),
        retrieved=tuple(hits),
        understood=understood,
    )


def _not_found(understood: Understood, nearest: Sequence[Document]) -> str:
    """What is told where the library has no answer, and which documents are nearest to one."""
    if not nearest:
        return "The library holds nothing near this question. Use other words, or remove limits."
    missing = (
        f"No record of the library has “{understood.form.thing}” in its title, keywords or abstract."
        if asks_for_works(understood.form)
        else "The passages found do not answer the question."
    )
    return f"{missing} Nearest: {'; '.join(document.title for document in nearest)}."
