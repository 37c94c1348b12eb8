"""Drafts by a language model through llama-index: openai-like servers, Ollama, or Hugging Face on this
machine.

Knows how a model points or writes, what a question and a day may cost, and what may leave the house; prompts
are ``prompts``', replies ``replies``', the kinds of model ``models``'. Whatever the model says is only a
draft: a quote is shown in its own words, every other sentence is verified afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kgrag.errors import ServiceUnavailable
from kgrag.generate.abilities import mode_of
from kgrag.generate.asking import Asking
from kgrag.generate.confidential import is_restricted, model_is_local
from kgrag.generate.limits.allowance import Allowance
from kgrag.generate.limits.budget import CHARACTERS_A_TOKEN, Budget
from kgrag.generate.limits.pause import Pause
from kgrag.generate.models import Reply, Request, never, open_calls
from kgrag.generate.pointing import votes_to_drafts
from kgrag.generate.prompts import (
    GRAMMAR,
    POINTING,
    SCHEMA,
    WRITING,
    grouped,
    identity_of,
    pointing_prompt,
    repair_prompt,
    writing_prompt,
)
from kgrag.generate.replies import read_draft, read_pointed, whole_sentences
from kgrag.settings import Settings
from kgrag.types import Cost, Draft, Evidence, Understood

N_EVIDENCE = 12
TEMPERATURE = 0.7
POINTING_TOKENS = 8
"""Of a reply that points: room for two numbers."""
N_WAYS = 4
"""Drafts asked for side by side, of a server elsewhere."""


@dataclass(frozen=True)
class Written:
    """Drafts of one question, the quotes that the model was given, and what else may be asked for it."""

    drafts: list[Draft]
    quotes: list[Evidence]
    asking: Asking

    @property
    def cost(self) -> Cost:
        """What the question has cost until now."""
        return self.asking.allowance.cost()


class LlmGenerator:
    """See the module. Implements ``Generator``.

    Args:
        settings: ``llm`` as ``kind:model``, and the others whose names begin with ``llm_``.

    Raises:
        UsageError: an unknown kind.
        MissingExtra: the packages of this kind are not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self._opened = open_calls(settings)
        self.identity = str(settings.llm)
        self._settings, self._budget = settings, Budget(settings.library, settings.llm_budget_tokens)
        server = f"{settings.llm} {settings.llm_url or ''}".strip()
        self._pause = Pause(settings.library, server, settings.llm_pause_s)
        self._local = model_is_local(settings)
        self._unshaped = False
        self._n_quotes = N_EVIDENCE

    @property
    def writes(self) -> bool:
        """Whether the model writes sentences; else it points to quotes."""
        return mode_of(self._settings) == "write"

    @property
    def prompt(self) -> str:
        """Names the prompt in use."""
        return identity_of(WRITING if self.writes else POINTING)

    def draft(self, question: Understood, evidence: Sequence[Evidence], n_candidates: int) -> list[Draft]:
        """Up to n_candidates different drafts; see ``drafted``."""
        return self.drafted(question, evidence, n_candidates).drafts

    def drafted(
        self,
        question: Understood,
        evidence: Sequence[Evidence],
        n_candidates: int,
        stopped: Callable[[], bool] = never,
    ) -> Written:
        """Up to n_candidates different drafts, the likeliest first.

        A model that points gives quotes: the first draft has those that its likeliest reply points to. Once
        ``stopped`` says so, nothing more is waited for.

        Raises:
            ServiceUnavailable: no call succeeded; the text is the first reason. Or all the evidence may not
                leave the house, the day's budget is used up, or the server has just failed.
        """
        permitted = self._permitted(evidence)
        self._pause.check()
        asking = self._asking(stopped)
        writes = self.writes
        try:
            texts, quotes = self._replies(asking, question.text, permitted, n_candidates, writes)
        finally:
            self._budget.spend(asking.allowance.cost().tokens * CHARACTERS_A_TOKEN)
        if not writes:
            pointed = [read_pointed(text, quotes, self.identity) for text in texts]
            return Written(votes_to_drafts(pointed, self.identity)[:n_candidates], quotes, asking)
        drafts = [read_draft(text, quotes, self.identity, question.text) for text in texts]
        different = list({draft.text: draft for draft in drafts if draft.sentences}.values())
        return Written(different, quotes, asking)

    def repaired(
        self, written: Written, question: Understood, faults: Sequence[tuple[str, str]]
    ) -> list[Draft]:
        """The sentences that were not supported, written again once, as a draft in a list; empty where the
        model gives none or the question may cost no more.

        Args:
            written: the drafts that they are from.
            question: what was asked.
            faults: each sentence with the reason.
        """
        if not self.writes or not faults:
            return []
        messages = repair_prompt(question.text, faults, written.quotes)
        before = written.cost.tokens
        reply = written.asking.once(
            Request(messages, self._settings.llm_max_tokens, self._settings.llm_timeout_s)
        )
        self._budget.spend((written.cost.tokens - before) * CHARACTERS_A_TOKEN)
        if not isinstance(reply, Reply):
            return []
        draft = read_draft(reply.text, written.quotes, self.identity, question.text)
        return [draft] if draft.sentences else []

    def close(self) -> None:
        """Close the connections to the model's server; a later question opens them anew."""
        self._opened.close()

    def _asking(self, stopped: Callable[[], bool]) -> Asking:
        settings = self._settings
        allowance = Allowance(settings.llm_timeout_s, settings.llm_requests, settings.llm_question_tokens)
        return Asking(self._opened.call, self._opened.errors, self.identity, allowance, self._pause, stopped)

    def _replies(
        self, asking: Asking, question: str, evidence: Sequence[Evidence], n: int, writes: bool
    ) -> tuple[list[str], list[Evidence]]:
        """The replies, and the quotes that they were given: fewer where the model's context is short."""
        while True:
            quotes = grouped(evidence[: self._n_quotes])
            request = self._request(question, quotes, writes)
            n = self._budget.affordable(n, request.tokens * CHARACTERS_A_TOKEN)
            first = asking.once(request)
            if isinstance(first, Reply):
                break
            if first.kind == "too long" and len(quotes) > 1:
                self._n_quotes = len(quotes) // 2
            elif first.kind == "refused" and (request.schema or request.grammar):
                self._unshaped = True  # the server does not offer it
            else:
                raise ServiceUnavailable(first.words)
        more = [replace(request, temperature=TEMPERATURE, seed=number) for number in range(1, n)]
        # one after another a server of one slot reads the shared prompt once
        others = asking.many(more, 1 if self._local else N_WAYS)
        replies = [first, *others]
        return [whole_sentences(r.text) or r.text if r.cut and writes else r.text for r in replies], quotes

    def _request(self, question: str, quotes: Sequence[Evidence], writes: bool) -> Request:
        if not writes:
            grammar = None if self._unshaped else GRAMMAR
            messages = pointing_prompt(question, quotes)
            return Request(messages, POINTING_TOKENS, self._settings.llm_timeout_s, grammar=grammar)
        schema = SCHEMA if self._settings.llm_structured and not self._unshaped else None
        messages, length = writing_prompt(question, quotes), self._settings.llm_max_tokens
        return Request(messages, length, self._settings.llm_timeout_s, schema=schema)

    def _permitted(self, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
        """The evidence that this model may see: all of it in the house, else what no licence or path keeps
        in.
        """
        if self._local:
            return evidence
        permitted = [item for item in evidence if not is_restricted(item.document, self._settings)]
        if evidence and not permitted:
            raise ServiceUnavailable(
                "The evidence may not leave the house (restricted_licences, restricted_paths), so"
                f" '{self.identity}' was not asked."
            )
        return permitted
