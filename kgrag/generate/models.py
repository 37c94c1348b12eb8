"""Opens language models through llama-index: openai-like servers, Ollama, or Hugging Face on this machine.

Knows how each is opened, called, streamed, seeded and cut short, and which errors it raises. Does not know
prompts or drafts, nor what a question may cost: nothing is tried twice here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

from kgrag.errors import MissingExtra, UsageError
from kgrag.generate.confidential import model_is_local
from kgrag.generate.replies import whole_sentences
from kgrag.settings import Settings

CHARACTERS_A_TOKEN = 4
CONNECT_S = 3.0
"""Longest wait for a server to take a connection."""


def never() -> bool:
    """What tells that nobody has stopped the question."""
    return False


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    Args:
        messages: (role, text), in order.
        max_tokens: of the reply.
        limit_s: for the whole reply.
        temperature: 0 for the likeliest reply; ``seed`` tells replies apart.
        schema: JSON Schema that the reply shall fit, where the server can hold it to one.
        grammar: GBNF that the reply shall fit, where the server can hold it to one.
        stopped: looked at with every part of a stream; once it says so, the stream is closed.
    """

    messages: Sequence[tuple[str, str]]
    max_tokens: int
    limit_s: float
    temperature: float = 0.0
    seed: int = 0
    schema: dict[str, Any] | None = None
    grammar: str | None = None
    stopped: Callable[[], bool] = never

    @property
    def tokens(self) -> int:
        """Of the prompt, counted as four characters each."""
        return sum(len(text) for _, text in self.messages) // CHARACTERS_A_TOKEN + 1


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: its text, whether it was cut short, and its tokens where the server counted them."""

    text: str
    cut: bool = False
    prompt_tokens: int | None = None
    reply_tokens: int | None = None


Call = Callable[[Request], Reply]
Errors = tuple[type[Exception], ...]
_READING: Errors = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, OSError)
"""What reading a reply that has not the protocol's shape raises, beside the client's own errors."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A model: how it is asked, the errors that asking may raise, and how its connections are closed."""

    call: Call
    errors: Errors
    close: Callable[[], None]


def open_calls(settings: Settings) -> Opened:
    """The configured model.

    Raises:
        UsageError, MissingExtra: as ``open_model``.
    """
    llm, errors = open_model(settings)
    kind = str(settings.llm).partition(":")[0]
    if kind == "huggingface":
        return Opened(_in_turn(llm), errors, lambda: None)
    options = _openai_options if kind == "openai-like" else _ollama_options
    stream, local = settings.llm_stream, model_is_local(settings)

    def call(request: Request) -> Reply:
        asked = _messages(request)
        more = options(request, stream, local)
        if stream:
            return _streamed(llm.stream_chat(asked, **more), request, errors)
        return _whole(llm.chat(asked, **more))

    return Opened(call, errors, partial(close_model, llm))


def _openai_options(request: Request, stream: bool, local: bool) -> dict[str, Any]:
    import httpx

    shaped: dict[str, Any] = {}
    if request.schema:
        schema = {"name": "answer", "strict": True, "schema": request.schema}
        shaped["response_format"] = {"type": "json_schema", "json_schema": schema}
    if request.grammar and local:
        shaped["extra_body"] = {"grammar": request.grammar}
    return {
        "temperature": request.temperature,
        "seed": request.seed,
        "max_tokens": request.max_tokens,
        "timeout": httpx.Timeout(request.limit_s, connect=min(CONNECT_S, request.limit_s)),
        **shaped,
    }


def _ollama_options(request: Request, stream: bool, local: bool) -> dict[str, Any]:
    limits = {"temperature": request.temperature, "seed": request.seed, "num_predict": request.max_tokens}
    return {"options": limits, **({"format": request.schema} if request.schema else {})}


def _in_turn(llm: Any) -> Call:
    """One reply at a time, each with its own seed, so that the same question gives the same drafts; a reply
    ends when its time is up.
    """
    from transformers import set_seed

    turn = Lock()

    def call(request: Request) -> Reply:
        asked_at = time.monotonic()
        with turn:
            set_seed(request.seed)
            sampled = request.temperature > 0
            llm.max_new_tokens = request.max_tokens
            llm.generate_kwargs = {
                "max_time": max(0.1, request.limit_s - (time.monotonic() - asked_at)),
                "do_sample": sampled,
                **({"temperature": request.temperature} if sampled else {}),
            }
            return Reply(str(llm.chat(_messages(request)).message.content or ""))

    return call


def _messages(request: Request) -> list[Any]:
    from llama_index.core.base.llms.types import ChatMessage

    return [ChatMessage(role=role, content=text) for role, text in request.messages]


def _whole(response: Any) -> Reply:
    return Reply(str(response.message.content or ""), _was_cut(response.raw), *_tokens(response))


def _streamed(parts: Iterable[Any], request: Request, errors: Errors) -> Reply:
    """The reply as it comes; where it breaks off or takes longer than its time, its whole sentences."""
    text, end, last = "", time.monotonic() + request.limit_s, None
    try:
        for part in parts:
            text, last = str(part.message.content or ""), part
            if time.monotonic() > end or request.stopped():
                # closing the stream ends the server's work too
                getattr(parts, "close", lambda: None)()
                return Reply(whole_sentences(text), cut=True)
    except errors:
        if not whole_sentences(text):
            raise
        return Reply(whole_sentences(text), cut=True)
    return Reply(text, _was_cut(last.raw), *_tokens(last)) if last is not None else Reply(text)


def _was_cut(raw: Any) -> bool:
    choices = getattr(raw, "choices", None)
    if choices:
        return getattr(choices[0], "finish_reason", None) == "length"
    return isinstance(raw, dict) and raw.get("done_reason") == "length"


def _tokens(response: Any) -> tuple[int | None, int | None]:
    """Tokens of prompt and reply as the server counted them."""
    told = getattr(response, "additional_kwargs", None) or {}
    return told.get("prompt_tokens"), told.get("completion_tokens")


def close_model(llm: Any) -> None:
    """Close the connections that a model's client keeps open."""
    for name in ("_client", "client"):
        close = getattr(getattr(llm, name, None), "close", None)
        if callable(close):
            close()


Model = tuple[Any, Errors]


def _openai_like(settings: Settings, model: str, max_tokens: int | None) -> Model:
    try:
        import httpx
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
        max_retries=0,
        max_tokens=max_tokens,
    )
    # a stream that dies raises httpx's own errors
    return llm, (openai.OpenAIError, httpx.HTTPError, httpx.StreamError, *_READING)


def _ollama(settings: Settings, model: str, max_tokens: int | None) -> Model:
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
        additional_kwargs={"num_predict": max_tokens} if max_tokens else {},
    )
    return llm, (ResponseError, httpx.HTTPError, httpx.StreamError, *_READING)


def _huggingface(settings: Settings, model: str, max_tokens: int | None) -> Model:
    try:
        from llama_index.llms.huggingface import HuggingFaceLLM
    except ImportError as error:
        raise MissingExtra("A Hugging Face model on this machine", "llm-local") from error
    errors: Errors = (RuntimeError, ValueError, OSError)
    try:
        llm = HuggingFaceLLM(
            model_name=model, tokenizer_name=model, max_new_tokens=max_tokens or settings.llm_max_tokens
        )
    except errors as error:
        raise UsageError(
            f"llm = 'huggingface:{model}' is no model that can be loaded"
            f" ({str(error).splitlines()[0][:200]}). Give the folder of a causal language model."
        ) from error
    return llm, errors


def open_model(settings: Settings, max_tokens: int | None = None) -> Model:
    """The configured model as llama-index's own class, and the errors that its calls may raise.

    Args:
        settings: ``llm`` and the others whose names begin with ``llm_``.
        max_tokens: of every reply; None where each request says it.

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
    return makers[kind](settings, model, max_tokens)
