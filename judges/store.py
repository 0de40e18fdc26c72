"""Verdicts that were paid for, under keys of all that decides them: a file that several runs may share.

A line goes out in one write as soon as its verdict is there, so a process that dies loses none that
it had; a line that death cut short is dropped by whoever opens or writes next. Only scored verdicts are
given back: what failed is on record, and is asked again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from judges import defence
from judges.judge_one import JudgeQuestion
from judges.protocol import ModelProtocol
from judges.records import Verdict, verdict_from_dict, verdict_to_dict
from judges.server import ServedJudge
from panoenv_tasks.items import DataError

_LOG = logging.getLogger(__name__)
#: Seconds to wait for another run's write; one takes microseconds.
_LOCK_PATIENCE = 60.0


def judge_identity(protocol: ModelProtocol, judge: ServedJudge) -> dict[str, Any]:
    """Return everything but the prompt that decides a verdict, ready for JSON.

    The served name alone is no identity: an alias may move to another model, so ``root`` is in it. The
    server's version is not: a run may be resumed after an upgrade, and the record says which it was.
    """
    return {
        "protocol": protocol.id,
        "model": judge.model,
        "root": judge.root,
        "revision": judge.revision,
        "prompt_sha256": protocol.template.sha256,
        "sampling": asdict(protocol.sampling),
        "pattern": protocol.pattern,
        "rescue": asdict(protocol.rescue) if protocol.rescue else None,
        "parser": defence.PARSER_VERSION,
    }


def judge_id(protocol: ModelProtocol, judge: ServedJudge) -> str:
    """Return the short name of a judge: ``model@revision/`` and 12 digits of the identity's hash."""
    digest = hashlib.sha256(_json(judge_identity(protocol, judge))).hexdigest()
    return f"{judge.model}@{judge.revision}/{digest[:12]}"


def verdict_keys(
    protocol: ModelProtocol, judge: ServedJudge, questions: Sequence[JudgeQuestion]
) -> dict[JudgeQuestion, str]:
    """Return the keys under which the questions' verdicts are stored (sha256, 64 hex digits)."""
    # The identity is the same for all; writing it out each time took most of a large run's start.
    begun = hashlib.sha256(b"[" + _json(judge_identity(protocol, judge)) + b", ")
    keys = {}
    for question in questions:
        whole = begun.copy()
        whole.update(_json(question.prompt))
        if question.pattern != protocol.pattern:
            whole.update(b", " + _json(question.pattern))
        whole.update(b"]")
        keys[question] = whole.hexdigest()
    return keys


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


class Store:
    """Verdicts by key (``verdict_keys``). Use as a context manager.

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
