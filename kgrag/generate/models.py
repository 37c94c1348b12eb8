"""Opens language models through llama-index: openai-like servers, Ollama, or Hugging Face on this machine.

Knows how each is opened, called, streamed and seeded, and which errors it raises. Does not know prompts or
drafts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from kgrag.errors import MissingExtra, UsageError
from kgrag.generate.replies import SCHEMA, whole_sentences
from kgrag.settings import Settings

MAX_TOKENS, BAD_REQUEST = 700, 400

Call = Callable[[Sequence[tuple[str, str]], float, int], str]
"""Messages as (role, text), temperature, seed; to a reply."""


def open_calls(settings: Settings) -> tuple[Call, tuple[type[Exception], ...]]:
    """How the configured model is asked, and the errors that asking may raise.

    Raises:
        UsageError, MissingExtra: as ``open_model``.
    """
    llm, errors = open_model(settings)
    kind = str(settings.llm).partition(":")[0]
    if kind == "huggingface":
        return _in_turn(llm, settings, errors), errors
    options = _openai_options if kind == "openai-like" else _ollama_options
    shaped = SCHEMA if settings.llm_structured else None

    def call(messages: Sequence[tuple[str, str]], temperature: float, seed: int) -> str:
        try:
            return _say(llm, messages, settings, errors, **options(temperature, seed, shaped))
        except errors as error:
            if shaped is None or getattr(error, "status_code", None) != BAD_REQUEST:
                raise
            return _say(
                llm, messages, settings, errors, **options(temperature, seed, None)
            )  # the server does not offer it

    return call, errors


def _openai_options(temperature: float, seed: int, schema: dict[str, Any] | None) -> dict[str, Any]:
    shaped = (
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        }
        if schema
        else {}
    )
    return {"temperature": temperature, "seed": seed, **shaped}


def _ollama_options(temperature: float, seed: int, schema: dict[str, Any] | None) -> dict[str, Any]:
    return {"options": {"temperature": temperature, "seed": seed}, **({"format": schema} if schema else {})}


def _in_turn(llm: Any, settings: Settings, errors: tuple[type[Exception], ...]) -> Call:
    """One reply at a time, each with its own seed, so that the same question gives the same drafts; a reply
    ends when its time is up.
    """
    from transformers import set_seed

    turn = Lock()

    def call(messages: Sequence[tuple[str, str]], temperature: float, seed: int) -> str:
        with turn:
            set_seed(seed)
            llm.generate_kwargs = {
                "max_time": settings.llm_timeout_s,
                "do_sample": temperature > 0,
                **({"temperature": temperature} if temperature > 0 else {}),
            }
            return _say(llm, messages, settings, errors)

    return call


def _say(
    llm: Any,
    messages: Sequence[tuple[str, str]],
    settings: Settings,
    errors: tuple[type[Exception], ...],
    **options: Any,
) -> str:
    from llama_index.core.base.llms.types import ChatMessage

    asked = [ChatMessage(role=role, content=text) for role, text in messages]
    if settings.llm_stream:
        return _streamed(llm.stream_chat(asked, **options), settings.llm_timeout_s, errors)
    return str(llm.chat(asked, **options).message.content or "")


def _streamed(parts: Iterable[Any], limit_s: float, errors: tuple[type[Exception], ...]) -> str:
    """The reply as it comes; where it breaks off or takes longer than its time, its whole sentences."""
    text, end = "", time.monotonic() + limit_s
    try:
        for part in parts:
            text = str(part.message.content or "")
            if time.monotonic() > end:
                return whole_sentences(text)
    except errors:
        if not whole_sentences(text):
            raise
        return whole_sentences(text)
    return text


Model = tuple[Any, tuple[type[Exception], ...]]


def _openai_like(settings: Settings, model: str) -> Model:
    try:
        import openai
        from llama_index.llms.openai_like import OpenAILike
    except ImportError as error:
        raise MissingExtra("An OpenAI-compatible model", "llm") from error
    llm = OpenAILike(
        model=model,
        api_base=settings.llm_url,
        api_key=settings.llm_key.get_secret_value() or "none",
        is_chat_model=True,
        timeout=settings.llm_timeout_s,
        max_retries=2,
        max_tokens=MAX_TOKENS,
    )
    # KeyError and TypeError are what llama-index raises on a reply that has not the protocol's shape
    return llm, (openai.OpenAIError, ValueError, KeyError, TypeError, AttributeError, IndexError)


def _ollama(settings: Settings, model: str) -> Model:
    try:
        import httpx
        from llama_index.llms.ollama import Ollama
        from ollama import ResponseError
    except ImportError as error:
        raise MissingExtra("An Ollama model", "llm") from error
    llm = Ollama(
        model=model,
        base_url=settings.llm_url or "http://127.0.0.1:11434",
        request_timeout=settings.llm_timeout_s,
    )
    return llm, (ResponseError, httpx.HTTPError, ConnectionError, ValueError, KeyError)


def _huggingface(settings: Settings, model: str) -> Model:
    try:
        from llama_index.llms.huggingface import HuggingFaceLLM
    except ImportError as error:
        raise MissingExtra("A Hugging Face model on this machine", "llm-local") from error
    errors: tuple[type[Exception], ...] = (RuntimeError, ValueError, OSError)
    try:
        llm = HuggingFaceLLM(model_name=model, tokenizer_name=model, max_new_tokens=MAX_TOKENS)
    except errors as error:
        raise UsageError(
            f"llm = 'huggingface:{model}' is no model that can be loaded"
            f" ({str(error).splitlines()[0][:200]}). Give the folder of a causal language model."
        ) from error
    return llm, errors


def open_model(settings: Settings) -> Model:
    """The configured model as llama-index's own class, and the errors that its calls may raise.

    Raises:
        UsageError: none is configured, or its kind is unknown.
        MissingExtra: its packages are not installed.
    """
    kind, _, model = (settings.llm or "").partition(":")
    makers = {"openai-like": _openai_like, "ollama": _ollama, "huggingface": _huggingface}
    if kind not in makers or not model:
        raise UsageError(
            f"llm = '{settings.llm}' is not known (form: kind:model; kinds: {', '.join(makers)})."
        )
    return makers[kind](settings, model)
