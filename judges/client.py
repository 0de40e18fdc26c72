"""An asynchronous client of one judge server: bounded, with one retry layer and one deadline."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judges.protocol import Message, Sampling
from judges.wire import (
    Judge,
    JudgeError,
    Reply,
    Request,
    RetryableError,
    SampleError,
    base_address,
    discover,
    healthy,
    send,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: Attempts a question, the first included.
ATTEMPTS = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_PROBE = Request(
    prompt=(Message("user", "What is the capital of France?"),),
    sampling=Sampling(max_tokens=16),
    pattern="K7|Q4",
)


@dataclass(frozen=True)
class Client:
    """Where the judge is and how hard it may be asked. Opens nothing by itself.

    Args:
        url: Base address, with or without ``/v1``.
        model: Served name; empty when the server serves one model only.
        revision: Revision of the model, as the operator knows it.
        api_key: Sent as a bearer token.
        in_flight: Questions asked at the same time. vLLM queues without bound, so this is the bound.
        deadline: Seconds a question may take: queueing in the server, retries and pauses included.
        patience: Seconds an outage may last before the run is stopped.
    """

    url: str
    model: str = ""
    revision: str = ""
    api_key: str = "EMPTY"
    in_flight: int = 32
    deadline: float = 600.0
    patience: float = 300.0

    @asynccontextmanager
    async def session(self, *, constrained: bool) -> AsyncIterator[Session]:
        """Connect: find the model and, when ``constrained``, make sure that patterns are obeyed.

        Raises:
            JudgeError: Nobody answers there, the model is not served, or patterns are ignored.
        """
        from openai import AsyncOpenAI

        base = base_address(self.url)
        async with AsyncOpenAI(base_url=f"{base}/v1", api_key=self.api_key, max_retries=0) as api:
            judge = await discover(api, base, self.model, self.revision)
            session = Session(self, judge, api, Breaker(lambda: healthy(api, base), self.patience))
            if constrained:
                await _probe(session)
            yield session


class Session:
    """A connection to a judge whose identity is known."""

    def __init__(self, client: Client, judge: Judge, api: AsyncOpenAI, breaker: Breaker):
        self.client = client
        self.judge = judge
        self._api = api
        self._breaker = breaker

    async def ask(self, request: Request) -> tuple[Reply, int]:
        """Ask until there is a reply; returns it with the number of attempts.

        Raises:
            SampleError: No reply before the deadline or the last attempt, or the prompt is refused.
            JudgeError: The server refuses every prompt.
            OutageError: The server is down for good.
        """
        until = time.monotonic() + self.client.deadline
        for attempt in range(1, ATTEMPTS + 1):
            await self._breaker.ready()
            left = until - time.monotonic()
            if left <= 0:
                raise SampleError("request_error", f"no reply within {self.client.deadline:.0f} s")
            try:
                reply = await send(self._api, self.judge.model, request, left)
            except RetryableError as error:
                self._breaker.failed()
                problem = error
            else:
                self._breaker.succeeded()
                return reply, attempt
            pause = _pause(attempt, problem.after)
            if attempt < ATTEMPTS and time.monotonic() + pause < until:
                await asyncio.sleep(pause)
            else:
                break
        raise SampleError("request_error", f"{problem} ({attempt} attempts)")


def _pause(attempt: int, after: float | None) -> float:
    """Full jitter (Brooker, AWS Architecture Blog, 2015), never shorter than the server asks."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
    return max(random.uniform(0, longest), after or 0.0)


async def _probe(session: Session) -> None:
    """Ask something whose natural answer breaks the pattern: unknown parameters are not refused."""
    try:
        reply, _ = await session.ask(_PROBE)
    except (SampleError, OutageError) as error:
        raise JudgeError(f"the judge server did not answer a trial question: {error}") from None
    if reply.text not in ("K7", "Q4"):
        raise JudgeError(
            f"the judge server ignores structured_outputs (a trial question got {reply.text[:40]!r});"
            " strict protocols need vLLM 0.12 or newer"
        )


#: Failures in a row, over all questions, that count as an outage.
OUTAGE_FAILURES = 5
_LONGEST_POLL = 5.0


class OutageError(Exception):
    """The server did not come back in time."""


class Breaker:
    """Shared by all questions in flight; each calls ``ready`` before an attempt.

    Args:
        healthy: Asks the server's ``/health``; never raises.
        patience: Seconds an outage may last.
    """

    def __init__(self, healthy: Callable[[], Awaitable[bool]], patience: float):
        self._healthy = healthy
        self._patience = patience
        self._failures = 0
        self._down = ""
        self._lock = asyncio.Lock()

    def succeeded(self) -> None:
        """Note that the server answered."""
        self._failures = 0

    def failed(self) -> None:
        """Note a failure that may be the server's: connection, time-out, 5xx."""
        self._failures += 1

    async def ready(self) -> None:
        """Return when the server may be asked; during an outage, when it is well again.

        Raises:
            OutageError: It has not come back within ``patience`` seconds, now or before.
        """
        if self._failures < OUTAGE_FAILURES:
            return
        async with self._lock:
            if self._failures >= OUTAGE_FAILURES:
                await self._recovery()

    async def _recovery(self) -> None:
        if self._down:
            raise OutageError(self._down)
        until, pause = time.monotonic() + self._patience, 0.1
        while not await self._healthy():
            if time.monotonic() + pause > until:
                self._down = f"the judge server has been down for {self._patience:.0f} s"
                raise OutageError(self._down)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_POLL)
        self._failures = 0
