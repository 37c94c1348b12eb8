"""Drafts by a language model through llama-index: openai-like servers, Ollama, or Hugging Face on this
machine.

Knows sampling, the day's budget, and what may leave the house; prompts and replies are ``replies``', the
kinds of model ``models``'. Whatever the model says is only a draft: every sentence is verified afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kgrag.errors import ServiceUnavailable
from kgrag.generate.budget import Budget
from kgrag.generate.confidential import is_restricted, model_is_local
from kgrag.generate.models import open_calls
from kgrag.generate.replies import prompt, read_draft
from kgrag.settings import Settings
from kgrag.types import Draft, Evidence, Understood

N_EVIDENCE = 12
TEMPERATURE = 0.7


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

    def draft(self, question: Understood, evidence: Sequence[Evidence], n_candidates: int) -> list[Draft]:
        """Up to n_candidates different drafts by sampling, the coolest first.

        Raises:
            ServiceUnavailable: no call succeeded; the text is the first reason. Or all the evidence may not
                leave the house, or the day's budget is used up.
        """
        evidence = self._permitted(evidence)[:N_EVIDENCE]
        messages = prompt(question.text, evidence)
        length = sum(len(text) for _, text in messages)
        n_candidates = self._budget.affordable(n_candidates, length)
        with ThreadPoolExecutor(min(4, n_candidates)) as pool:
            replies = list(pool.map(lambda number: self._reply(messages, number), range(n_candidates)))
        texts = [reply for reply in replies if isinstance(reply, str)]
        self._budget.spend(n_candidates * length + sum(map(len, texts)))
        failures = [reply for reply in replies if isinstance(reply, Exception)]
        if not texts and failures:
            raise ServiceUnavailable(
                f"The model '{self.identity}' did not answer ({type(failures[0]).__name__}:"
                f" {str(failures[0])[:200]})."
            )
        drafts = {
            draft.text: draft
            for text in texts
            if (draft := read_draft(text, evidence, self.identity)).sentences
        }
        return list(drafts.values())

    def _permitted(self, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
        """The evidence that this model may see: all of it in the house, else what no licence or path keeps
        in.
        """
        if model_is_local(self._settings):
            return evidence
        permitted = [item for item in evidence if not is_restricted(item.document, self._settings)]
        if evidence and not permitted:
            raise ServiceUnavailable(
                "The evidence may not leave the house (restricted_licences, restricted_paths), so"
                f" '{self.identity}' was not asked."
            )
        return permitted

    def _reply(self, messages: Sequence[tuple[str, str]], number: int) -> str | Exception:
        """One reply; the error as a value, so that one failed call does not lose the others."""
        call, errors = self._opened
        try:
            return call(messages, 0.0 if number == 0 else TEMPERATURE, number)
        except errors as error:
            return error
