"""An asynchronous client of one judge on one or several servers: bounded, one retry layer, one deadline."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from judges.protocol import Dialect
from judges.server import Server
from judges.wire import JudgeError, Reply, Request, RetryableError, SampleError, base_address, connection

#: Failed attempts a question, replies that say "busy" not counted.
ATTEMPTS = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


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
                server = Server(
                    base,
                    model=self.model,
                    revision=self.revision,
                    deadline=self.deadline,
                    patience=self.patience,
                    constrained=constrained,
                    dialect=dialect,
                )
                server.api = await stack.enter_async_context(
                    connection(base, self.api_key, server.note_connection)
                )
                servers.append(server)
            await asyncio.gather(*(server.identify() for server in servers))
            session = Session(self, servers)
            stack.push_async_callback(session.close)
            yield session


class Session:
    """A connection to a judge whose identity is known.

    Setting ``stopping`` lets attempts in flight finish and no other begin.

    Raises:
        JudgeError: The servers are not one and the same judge.
    """

    def __init__(self, client: Client, servers: Sequence[Server]):
        self.client = client
        self.judge = servers[0].judge
        self.stopping = asyncio.Event()
        self._servers = servers
        for server in servers[1:]:
            if server.identity != servers[0].identity:
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

    async def _ready(self) -> Server:
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


def _pause(attempt: int, after: float | None) -> float:
    """Full jitter (Brooker, AWS Architecture Blog, 2015), never shorter than the server asks."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 10))
    return max(random.uniform(0, longest), after or 0.0)
