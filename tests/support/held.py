"""Another process's lock on a folder, held by the system's own call."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold a lock file as another process would.

    Once lmms-eval has run in a process, filelock gives that process one lock as often as it asks.
    """
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
