"""Which pictures were found whole, kept from run to run in the cache folder.

A picture counts as known while its file has the size and the time of change it had. Pictures that were
found bad are not kept. Losing this file costs time and nothing else, so trouble with it is passed over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from panoenv_tasks.cache import cache_folder

#: Raise it when pictures must be checked anew, because the check has become stricter.
_CHECK = 1


@dataclass(frozen=True)
class CheckedImage:
    """A picture that was decoded to its end.

    Attributes:
        path: Where it lies.
        state: Size and time of change of the file that was read.
        sha256: Of the file, 64 hex digits.
        width: Pixels.
        height: Pixels.
    """

    path: Path
    state: str
    sha256: str
    width: int
    height: int


def recall(paths: Iterable[Path]) -> dict[Path, CheckedImage]:
    """Return those of some pictures that were found whole and have not changed since."""
    pictures = {}
    with suppress(sqlite3.Error, OSError), _table() as table:
        for path in paths:
            row = table.execute(
                "SELECT sha256, width, height FROM whole WHERE path = ? AND state = ?",
                (_key(path), state := state_of(path)),
            ).fetchone()
            if row:
                pictures[path] = CheckedImage(path, state, *row)
    return pictures


def remember(images: Iterable[CheckedImage]) -> None:
    """Keep pictures that were found whole."""
    with suppress(sqlite3.Error, OSError), _table() as table, table:
        table.executemany(
            "INSERT OR REPLACE INTO whole VALUES (?, ?, ?, ?, ?)",
            [(_key(image.path), image.state, image.sha256, image.width, image.height) for image in images],
        )


def state_of(path: Path) -> str:
    """Return size and time of change of a file; empty, and never recalled, where there is none."""
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


@contextmanager
def _table() -> Iterator[sqlite3.Connection]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / f"images-{_CHECK}.sqlite", timeout=5)) as table:
        table.execute(
            "CREATE TABLE IF NOT EXISTS whole"
            " (path TEXT PRIMARY KEY, state TEXT, sha256 TEXT, width INTEGER, height INTEGER)"
        )
        yield table


def _key(path: Path) -> str:
    return str(path.resolve())
