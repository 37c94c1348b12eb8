"""Sends requests to a model within what a question may cost, and answers failures with words instead of
errors.

Knows the allowance and the pause. Does not know what is asked. A call runs in a thread of its own, so that no
server, however slow, holds a question longer than its deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, replace

from kgrag.generate.limits.allowance import Allowance, Spent
from kgrag.generate.limits.failures import Failure, failure_of
from kgrag.generate.limits.pause import Pause
from kgrag.generate.models import CHARACTERS_A_TOKEN, Call, Errors, Reply, Request, never

GRACE_S = 0.2
"""What a call may take beyond its own limit, to give back what it has read until then."""
LOOK_S = 0.25
"""How often a wait looks whether the question was stopped."""
N_FAULTS = 2
"""Requests after which a server that reports faults is left alone."""


@dataclass
class Asking:
    """The requests of one question.

    Args:
        call: asks the model.
        errors: what asking may raise.
        model: its name, for people.
        allowance: what the question may cost.
        pause: where a server's failure is noted for all.
        stopped: whether the person who asked has stopped it; then nothing more is waited for or sent.
    """

    call: Call
    errors: Errors
    model: str
    allowance: Allowance
    pause: Pause
    stopped: Callable[[], bool] = never
    _faults: int = 0

    def once(self, request: Request) -> Reply | Failure:
        """A reply, or what went wrong; a server's fault is tried once more, any other failure is not."""
        while True:
            answered = self._sent(request)
            if isinstance(answered, Reply):
                return answered
            if answered.kind != "faulty" or self._faults >= N_FAULTS:
                break
        if answered.passing:
            self.pause.begin(answered.words)
        return answered

    def many(self, requests: Sequence[Request], n_ways: int) -> list[Reply]:
        """The replies that come, in order, so many requests at a time; after the first failure no more are
        sent.
        """
        replies: list[Reply] = []
        for start in range(0, len(requests), n_ways):
            some = requests[start : start + n_ways]
            if len(some) == 1:
                answered = [self._sent(some[0])]
            else:
                with ThreadPoolExecutor(len(some)) as pool:
                    answered = list(pool.map(self._sent, some))
            replies += [item for item in answered if isinstance(item, Reply)]
            if any(isinstance(item, Failure) for item in answered):
                break
        return replies

    def _sent(self, request: Request) -> Reply | Failure:
        try:
            left = self.allowance.take(request.tokens, request.max_tokens)
        except Spent as spent:
            return Failure("spent", f"The model '{self.model}' was not asked further: {spent}.")
        pool = ThreadPoolExecutor(1, thread_name_prefix="model")
        limited = replace(request, limit_s=min(request.limit_s, left), stopped=self.stopped)
        future: Future[Reply] = pool.submit(self.call, limited)
        try:
            reply = self._waited(future, left + GRACE_S)
        except TooLate:
            if self.stopped():
                return Failure("spent", "The question was stopped.")
            return Failure("slow", f"The model '{self.model}' did not answer in time.")
        except self.errors as error:
            failure = failure_of(error, self.model)
            self._faults += failure.kind == "faulty"
            self.allowance.correct(0, -request.max_tokens)
            return failure
        finally:
            pool.shutdown(wait=False)
        self._counted(request, reply)
        return reply

    def _waited(self, future: Future[Reply], left_s: float) -> Reply:
        """The reply of a call, waited for until the time is up or the question is stopped.

        Raises:
            TooLate: one of the two.
        """
        end = time.monotonic() + left_s
        while not self.stopped():
            left = max(0.0, end - time.monotonic())
            wait([future], timeout=min(LOOK_S, left))
            if future.done():
                return future.result()
            if left <= LOOK_S:
                break
        raise TooLate

    def _counted(self, request: Request, reply: Reply) -> None:
        """What the reply has cost, as the server counted it, in the place of what was taken for it."""
        prompt = request.tokens if reply.prompt_tokens is None else reply.prompt_tokens
        said = reply.reply_tokens
        if said is None:
            said = len(reply.text) // CHARACTERS_A_TOKEN + 1
        self.allowance.correct(prompt - request.tokens, said - request.max_tokens)
