"""Stop asking a server that is down, wait until it is well, give up after a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

#: Failures in a row, over all questions, that count as an outage.
THRESHOLD = 5
_LONGEST_PAUSE = 5.0


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
        if self._failures < THRESHOLD:
            return
        async with self._lock:
            if self._failures >= THRESHOLD:
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
            pause = min(2 * pause, _LONGEST_PAUSE)
        self._failures = 0
