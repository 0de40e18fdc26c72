"""Verdicts that were paid for: an append-only file of JSON lines that several runs may share.

A line goes out in one write as soon as its verdict is there, so a process that dies loses none that
it had; a line that death cut short is dropped by whoever opens or writes next. Only scored verdicts are
given back: what failed is on record, and is asked again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from judges.records import Verdict, verdict_from_dict, verdict_to_dict
from panoenv_tasks.items import DataError

_LOG = logging.getLogger(__name__)
#: Seconds to wait for another run's write; one takes microseconds.
_LOCK_PATIENCE = 60.0


class Store:
    """Verdicts by key (``judge_one.verdict_keys``). Use as a context manager.

    Several processes may have one file open: each write is made under a lock beside the file, and reads
    what the others have written meanwhile.

    Args:
        path: The file, made when needed; None keeps verdicts in memory only.
    """

    def __init__(self, path: Path | None = None):
        self._path = path
        self._known: dict[str, Verdict] = {}
        self._file: int | None = None
        self._read_up_to = 0

    def __enter__(self) -> Store:
        """Open the file, cut off a torn last line, read the rest.

        Raises:
            DataError: It cannot be opened, or its lock is held for a minute.
        """
        if self._path is None:
            return self
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            with self._alone(self._path):
                self._catch_up(self._path)
        except OSError as error:
            raise DataError(f"{self._path}: cannot open the verdict store ({error.strerror})") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def get(self, key: str) -> Verdict | None:
        """Return the scored verdict under ``key``, if there is one."""
        return self._known.get(key)

    def add(self, key: str, verdict: Verdict) -> None:
        """Keep a verdict. Failures are written down but never given back.

        Raises:
            DataError: It cannot be written (a full disk); the file keeps all earlier verdicts.
        """
        if verdict.status == "scored":
            self._known[key] = verdict
        if self._file is None or self._path is None:
            return
        line = json.dumps({"key": key, **verdict_to_dict(verdict)}).encode() + b"\n"
        try:
            with self._alone(self._path):
                self._catch_up(self._path)
                while line:
                    line = line[os.write(self._file, line) :]
                self._read_up_to = os.fstat(self._file).st_size
        except OSError as error:
            raise DataError(
                f"{self._path}: cannot write a verdict ({error.strerror}); make room and run again"
            ) from None

    @contextmanager
    def _alone(self, path: Path) -> Iterator[None]:
        lock = FileLock(f"{path}.lock", timeout=_LOCK_PATIENCE)
        try:
            with lock:
                yield
        except Timeout:
            raise DataError(f"{path}.lock: held by another process for {_LOCK_PATIENCE:.0f} s") from None

    def _catch_up(self, path: Path) -> None:
        """Read what was written since the last look. A torn last line is cut off: its writer is dead."""
        assert self._file is not None
        size = os.fstat(self._file).st_size
        if size == self._read_up_to:
            return
        with path.open("rb") as file:
            file.seek(self._read_up_to)
            content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(path, self._read_up_to + whole)
        self._read_up_to += whole
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
