"""Verdicts that were paid for: an append-only file of JSON lines, one writer at a time.

A line goes out in one write as soon as its verdict is there, so a process that dies loses none that
it had; a line that death cut short is dropped at the next opening. Only scored verdicts are given
back: what failed is on record, and is asked again.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from types import TracebackType

from judges.records import Verdict, verdict_from_dict, verdict_to_dict
from panoenv_tasks.items import DataError

_LOG = logging.getLogger(__name__)


class Store:
    """Verdicts by key (``identity.verdict_key``). Use as a context manager.

    Args:
        path: The file, made when needed; None keeps verdicts in memory only.
    """

    def __init__(self, path: Path | None = None):
        self._path = path
        self._known: dict[str, Verdict] = {}
        self._file: int | None = None

    def __enter__(self) -> Store:
        """Lock the file, cut off a torn last line, read the rest.

        Raises:
            DataError: Another process is writing to it, or it cannot be opened.
        """
        if self._path is None:
            return self
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise DataError(f"{self._path}: cannot open the verdict store ({error.strerror})") from None
        _lock(self._file, self._path)
        self._load(self._path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, which also unlocks it."""
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def get(self, key: str) -> Verdict | None:
        """Return the scored verdict under ``key``, if there is one."""
        return self._known.get(key)

    def add(self, key: str, verdict: Verdict) -> None:
        """Keep a verdict. Failures are written down but never given back."""
        if verdict.status == "scored":
            self._known[key] = verdict
        if self._file is None:
            return
        line = json.dumps({"key": key, **verdict_to_dict(verdict)}).encode() + b"\n"
        while line:
            line = line[os.write(self._file, line) :]

    def _load(self, path: Path) -> None:
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(path, whole)
        unreadable = 0
        for line in content[:whole].splitlines():
            try:
                row = json.loads(line)
                key = str(row.pop("key"))
                verdict = verdict_from_dict(row)
            except (ValueError, KeyError, TypeError, AttributeError):
                unreadable += 1
                continue
            if verdict.status == "scored":
                self._known[key] = verdict
        if unreadable:
            _LOG.warning("%s: %d unreadable lines; those verdicts are asked again", path, unreadable)


def _lock(file: int, path: Path) -> None:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise DataError(f"{path}: another process is judging into this store; wait or use another") from None
