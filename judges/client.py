"""An asynchronous client of one judge on one or several servers: bounded, one retry layer, one deadline.

Whoever answers is checked to be the judge that the run began with: with every reply by its name, and
after every failure and every new connection by what the server says it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judges.discovery import ServedJudge, base_address, connection, discover, healthy, served_models
from judges.protocol import Dialect, Message, Sampling
from judges.wire import (
    JudgeError,
    RefusedError,
    Reply,
    Request,
    RetryableError,
    SampleError,
    send,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_LOG = logging.getLogger(__name__)
_IDENTIFYING = ContextVar("identifying", default=False)

#: Failed attempts a question, replies that say "busy" not counted.
ATTEMPTS = 6
#: Failures in a row, over all questions, that count as an outage of a server.
OUTAGE_FAILURES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_LONGEST_POLL = 5.0
_SECONDS_BETWEEN_NOTICES = 30.0
_TRIAL = (Message("user", "What is the capital of France?"),)
_TRIAL_PATTERN = "K7|Q4"
_TRIAL_SCHEMA = """{"type": "object", "properties": {"answer": {"type": "string", "enum": ["K7", "Q4"]}},
    "required": ["answer"], "additionalProperties": false}"""
_TRIAL_REPLIES: dict[Dialect, str] = {
    "vllm": _TRIAL_PATTERN,
    "json": r'\s*\{\s*"answer"\s*:\s*"(K7|Q4)"\s*\}\s*',
    "plain": ".*",
}


class OutageError(Exception):
    """No server came back in time."""


class StoppedError(Exception):
    """The run is ending; the question was not asked, or not again."""


@dataclass(frozen=True)
class Client:
    """Where the judge is and how hard it may be asked. Opens nothing by itself.

    Args:
        url: Base address, with or without ``/v1``; several, with commas between, share the work.
        model: Served name; empty when a server serves one model only.
        revision: Revision of the model, as the operator knows it.
        api_key: Sent as a bearer token.
        in_flight: Questions put to one server at the same time. vLLM queues without bound, so this is
            the bound.
        deadline: Seconds a question may take: queueing in the server, retries and pauses included.
        patience: Seconds an outage of all servers may last before the run is stopped.
    """

    url: str
    model: str = ""
    revision: str = ""
    api_key: str = "EMPTY"
    in_flight: int = 32
    deadline: float = 600.0
    patience: float = 300.0

    @property
    def urls(self) -> tuple[str, ...]:
        """The servers' base addresses.

        Raises:
            JudgeError: One is no address, or given twice.
        """
        bases = [base_address(part.strip()) for part in self.url.split(",")]
        if twice := next((base for base in bases if bases.count(base) > 1), None):
            raise JudgeError(f"{twice} is given twice; each server has an address of its own")
        return tuple(bases)

    @asynccontextmanager
    async def session(self, *, constrained: bool, dialect: Dialect = "vllm") -> AsyncIterator[Session]:
        """Connect: find the model and, when ``constrained``, make sure that patterns are obeyed.

        Raises:
            JudgeError: Nobody answers at an address, the model is not served, patterns are ignored, or
                the servers are not one and the same judge.
        """
        async with AsyncExitStack() as stack:
            servers = []
            for base in self.urls:
                server = _Server(base, self, constrained, dialect)
                server.api = await stack.enter_async_context(
                    connection(base, self.api_key, server.note_connection)
                )
                servers.append(server)
            await asyncio.gather(*(server.introduce() for server in servers))
            session = Session(self, servers)
            stack.push_async_callback(session.close)
            yield session


class Session:
    """A connection to a judge whose identity is known.

    Setting ``stopping`` lets attempts in flight finish and no other begin.

    Raises:
        JudgeError: The servers are not one and the same judge.
    """

    def __init__(self, client: Client, servers: Sequence[_Server]):
        self.client = client
        self.judge = servers[0].judge
        self.stopping = asyncio.Event()
        self._servers = servers
        for server in servers[1:]:
            if server.who != servers[0].who:
                raise JudgeError(
                    f"{server.base} serves {server.described}, {servers[0].base} serves"
                    f" {servers[0].described}; several servers must be the same judge"
                )

    @property
    def in_flight(self) -> int:
        """Questions that all servers together are asked at a time."""
        return self.client.in_flight * len(self._servers)

    async def close(self) -> None:
        """End what still waits for a server's recovery."""
        await asyncio.gather(*(server.close() for server in self._servers))

    async def ask(self, request: Request) -> tuple[Reply, int]:
        """Ask until there is a reply; returns it with the number of attempts.

        Raises:
            SampleError: No reply before the deadline or the last attempt, or the prompt is refused.
            JudgeError: The server refuses every prompt, or another judge has taken its place.
            OutageError: All servers are down for good.
            StoppedError: The run is ending.
        """
        until = time.monotonic() + self.client.deadline
        attempts = failures = 0
        while True:
            server = await self._ready()
            left = until - time.monotonic()
            if left <= 0:
                raise SampleError("request_error", f"no reply within {self.client.deadline:.0f} s")
            attempts += 1
            try:
                return await server.attempt(request, left), attempts
            except RetryableError as error:
                problem = error
                failures += not error.busy
            pause = _pause(attempts, problem.after)
            if failures >= ATTEMPTS or time.monotonic() + pause >= until:
                raise SampleError("request_error", f"{problem} ({attempts} attempts)")
            await self._sleep(pause)

    async def _sleep(self, pause: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), pause)

    async def _ready(self) -> _Server:
        """Return the least loaded server that is up; while none is, wait for one."""
        while True:
            if self.stopping.is_set():
                raise StoppedError
            if replaced := next((s.replaced for s in self._servers if s.replaced), None):
                raise replaced
            up = [server for server in self._servers if not server.down]
            if up:
                return min(up, key=lambda server: server.load)
            if all(server.lost for server in self._servers):
                raise OutageError(self._servers[0].lost)
            recoveries = [server.recovery for server in self._servers if server.recovery]
            stopping = asyncio.create_task(self.stopping.wait())
            await asyncio.wait([*recoveries, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()


class _Server:
    """One server: who it is, how much it is asked, and whether it is well."""

    def __init__(self, base: str, client: Client, constrained: bool, dialect: Dialect):
        self.base = base
        self.api: AsyncOpenAI
        self.judge: ServedJudge
        self.load = 0
        self.recovery: asyncio.Task[None] | None = None
        self.lost = ""
        self.replaced: JudgeError | None = None
        self._client = client
        self._constrained = constrained
        self._dialect: Dialect = dialect
        self._answers_as = ""
        self._failures = 0
        # How often something happened after which another process may be answering, and up to which of
        # these its identity has been checked.
        self._doubts = 0
        self._settled = 0
        self._lock = asyncio.Lock()

    @property
    def down(self) -> bool:
        return bool(self.lost) or self.recovery is not None

    @property
    def who(self) -> tuple[str, str, str]:
        """Name, what is behind it, and the name that replies give."""
        return self.judge.model, self.judge.root, self._answers_as

    @property
    def described(self) -> str:
        return f"{self.judge.model!r} ({self.judge.root!r}, answers as {self._answers_as!r})"

    def note_connection(self) -> None:
        """Note that from now on another process may be answering."""
        if not _IDENTIFYING.get():
            self._doubts += 1

    async def introduce(self) -> None:
        """Find out who is there and whether patterns are obeyed."""
        self.judge = await discover(self.api, self.base, self._client.model, self._client.revision)
        try:
            self._answers_as = await self._trial(self._client.deadline)
        except (RetryableError, SampleError, RefusedError) as error:
            raise JudgeError(f"{self.base} did not answer a trial question: {error}") from None
        self._settled = self._doubts

    async def attempt(self, request: Request, left: float) -> Reply:
        """Make one attempt within ``left`` seconds, and make sure that the judge itself answered it."""
        self.load += 1
        try:
            async with asyncio.timeout(left):
                reply = await send(self.api, self.judge.model, request, left)
                await self._settle_doubts(reply)
        except TimeoutError:
            error = RetryableError(f"no reply within {left:.0f} s")
            self._failed(error)
            raise error from None
        except RetryableError as error:
            self._failed(error)
            raise
        except RefusedError as error:
            await self._refused(error, left)
            raise SampleError("request_error", f"refused: {error}") from None
        finally:
            self.load -= 1
        self._failures = 0
        return reply

    async def close(self) -> None:
        if self.recovery is not None:
            self.recovery.cancel()
            await asyncio.gather(self.recovery, return_exceptions=True)

    async def _refused(self, refusal: RefusedError, left: float) -> None:
        """Raise when not this prompt alone is refused, but a harmless one too."""
        try:
            await self._trial(left)
        except (RefusedError, SampleError):
            raise JudgeError(f"{self.base} refuses: {refusal}; check --url, --model and the key") from None
        except RetryableError as error:
            self._failed(error)
            raise

    async def _settle_doubts(self, reply: Reply) -> None:
        if reply.model != self._answers_as:
            raise JudgeError(
                f"{self.base} answers as {reply.model!r} now; the run began with {self._answers_as!r}:"
                " another model has taken its name. Judge with one model at a time"
            )
        if self._settled == self._doubts:
            return
        async with self._lock:
            if self._settled != self._doubts:
                await self._identify()

    async def _identify(self) -> None:
        """Make sure that the same judge is still there.

        Raises:
            JudgeError: Another model has taken its place, or patterns are ignored.
            RetryableError: It does not say.
        """
        import openai

        doubts = self._doubts
        outside = _IDENTIFYING.set(True)
        try:
            served = await served_models(self.api)
            answers_as = await self._trial(self._client.deadline)
        except (openai.OpenAIError, SampleError, RefusedError) as error:
            raise RetryableError(f"the server does not say which model it serves ({error})") from None
        finally:
            _IDENTIFYING.reset(outside)
        root = served.get(self.judge.model)
        if (root, answers_as) != (self.judge.root, self._answers_as):
            raise JudgeError(
                f"another model has taken the name {self.judge.model!r} at {self.base}: it is now {root!r}"
                f" (answers as {answers_as!r}), the run began with {self.judge.root!r}"
            )
        self._settled = doubts

    async def _trial(self, left: float) -> str:
        """Ask something whose natural answer breaks a pattern; returns who says to have answered.

        A pattern is the one thing that a server may ignore without a word.
        """
        pattern = _TRIAL_PATTERN if self._constrained else None
        sampling = Sampling(max_tokens=16 if pattern else 1)
        request = Request(_TRIAL, sampling, pattern, self._dialect, _TRIAL_SCHEMA if pattern else None)
        async with asyncio.timeout(left):
            reply = await send(self.api, self.judge.model, request, left)
        wanted = _TRIAL_REPLIES[self._dialect]
        if pattern and not re.fullmatch(wanted, reply.text):
            what = "structured_outputs" if self._dialect == "vllm" else "response_format"
            raise JudgeError(
                f"{self.base} ignores {what} (a trial question got {reply.text[:40]!r}); strict protocols"
                " need vLLM 0.12 or newer, or --server json or plain for what other servers can do"
            )
        return reply.model

    def _failed(self, error: RetryableError) -> None:
        self._doubts += 1
        if error.busy:
            return
        self._failures += 1
        if self._failures >= OUTAGE_FAILURES and not self.down:
            self.recovery = asyncio.create_task(self._recover(str(error)))

    async def _recover(self, reason: str) -> None:
        """Wait until the server is well and still the same judge; give up after ``patience`` seconds."""
        patience = self._client.patience
        began, pause, told = time.monotonic(), 0.1, float("-inf")
        try:
            while not await self._is_well():
                down_for = time.monotonic() - began
                if down_for + pause > patience:
                    self.lost = f"the judge server at {self.base} has been down for {patience:.0f} s"
                    _LOG.warning("%s", self.lost)
                    return
                if down_for - told >= _SECONDS_BETWEEN_NOTICES:
                    told = down_for
                    _LOG.warning(
                        "the judge server at %s is down (%s), for %.0f s now; waiting up to %.0f s",
                        *(self.base, reason, down_for, patience),
                    )
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_POLL)
            self._failures = 0
            if told >= 0:
                _LOG.warning(
                    "the judge server at %s is back after %.0f s", self.base, time.monotonic() - began
                )
        except JudgeError as error:
            self.replaced = error
        finally:
            self.recovery = None

    async def _is_well(self) -> bool:
        if not await healthy(self.api, self.base):
            return False
        try:
            async with self._lock:
                await self._identify()
        except (RetryableError, TimeoutError):
            return False
        return True


def _pause(attempt: int, after: float | None) -> float:
    """Full jitter (Brooker, AWS Architecture Blog, 2015), never shorter than the server asks."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 10))
    return max(random.uniform(0, longest), after or 0.0)
