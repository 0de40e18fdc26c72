"""One process at a time in an output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panoenv_tasks.items import DataError

#: Held while a process is at work in a folder; the file stays, the lock ends with the process.
LOCK = ".lock"


@contextmanager
def alone(folder: Path, work: str, advice: str) -> Iterator[None]:
    """Hold a folder's lock; the folder is made where it is missing.

    Args:
        folder: The output folder.
        work: What is at work there, in the words of the refusal.
        advice: What to do other than wait.

    Raises:
        DataError: Another process holds it.
        OSError: The folder cannot be made or written to.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise DataError(f"{folder}: another {work} is at work there; wait for it or {advice}") from None
    try:
        yield
    finally:
        lock.release()
