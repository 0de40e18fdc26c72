"""What a command may remove: only files that a marker beside them says PanoEnv wrote.

One rule for all commands. Work in progress lives in a *scratch* folder with a random hidden name; finished
files are *placed* into the folder the user named, and a marker there lists them. A later run takes away
the listed files and nothing else, and refuses a place where it finds a file that nobody listed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from panoenv_tasks.items import DataError
from panoenv_tasks.whole_file import write_whole

MARKER = ".panoenv-wrote.json"
_OWNER = ".panoenv-scratch"
_SUFFIX = ".scratch"
_PROCESS = re.compile(rf"-(\d{{1,18}})-[a-z0-9_]+{re.escape(_SUFFIX)}$")


@contextmanager
def scratch(parent: Path, name: str) -> Iterator[Path]:
    """Yield a new empty folder within ``parent/.<name>-<process>-<random>.scratch``; it is gone at the end.

    What a killed process left behind under the same name is removed first; a living one's is not.

    Raises:
        OSError: ``parent`` cannot be written.
    """
    parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(parent, name)
    folder = Path(tempfile.mkdtemp(prefix=f".{name}-{os.getpid()}-", suffix=_SUFFIX, dir=parent))
    try:
        (folder / _OWNER).touch()
        work = folder / "work"
        work.mkdir()
        yield work
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path, name: str | None = None) -> None:
    """Remove the scratch folders in ``parent`` whose processes are no more, or those under one name.

    A command that keeps what is finished calls it itself: a process may have been killed after its last file
    was placed. Without a name only where no process of another machine is at work: it looks dead from here.
    """
    for folder in parent.glob(f".{escape(name)}-*{_SUFFIX}" if name else f".*{_SUFFIX}"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def require_ours(folder: Path, name: str, advice: str) -> None:
    """Refuse ``folder/name`` when it holds a file that the marker in ``folder`` does not list.

    Raises:
        DataError: The message names the first such file and ends with ``advice``.
    """
    listed = _listed(folder)
    for file in sorted(_files(folder / name)):
        if file.relative_to(folder).as_posix() not in listed:
            raise DataError(f"{file}: not written by panoenv, and nothing of yours is replaced; {advice}")


def clear(folder: Path, name: str) -> None:
    """Remove the files under ``folder/name`` that the marker in ``folder`` lists, and folders left empty."""
    listed = _listed(folder)
    target = folder / name
    for file in _files(target):
        if file.relative_to(folder).as_posix() in listed:
            file.unlink(missing_ok=True)
    _write_marker(folder, {path for path in listed if not _is_within(path, name)})
    for inner in sorted(target.rglob("*"), reverse=True) if target.is_dir() else ():
        if inner.is_dir() and not inner.is_symlink() and not any(inner.iterdir()):
            inner.rmdir()
    if target.is_dir() and not target.is_symlink() and not any(target.iterdir()):
        target.rmdir()


def place(work: Path, folder: Path, name: str, advice: str) -> None:
    """Put the finished file or folder ``work/name`` at ``folder/name``, in place of what we wrote there.

    Raises:
        DataError: ``folder/name`` holds a file that is not ours; see ``require_ours``.
    """
    require_ours(folder, name, advice)
    clear(folder, name)
    new = {file.relative_to(work).as_posix() for file in _files(work / name)}
    # Listed before they are moved: a kill in between leaves a list that is too long, never a file of
    # unknown origin.
    _write_marker(folder, _listed(folder) | new)
    for path in sorted(new):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(work / path, folder / path)


def _is_abandoned(folder: Path) -> bool:
    """Return whether a folder was made by ``scratch``, in a process that is no more.

    One without its marker is ours while it is empty: the process was killed before it wrote it.
    """
    named = _PROCESS.search(folder.name)
    try:
        is_ours = (folder / _OWNER).is_file() or not any(folder.iterdir())
    except OSError:
        return False
    return named is not None and is_ours and not _is_alive(int(named[1]))


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        # In a container nobody may collect the dead.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def _listed(folder: Path) -> set[str]:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    files = marker.get("files") if isinstance(marker, dict) else None
    return {path for path in files if isinstance(path, str)} if isinstance(files, list) else set()


def _write_marker(folder: Path, files: set[str]) -> None:
    marker = folder / MARKER
    if not files:
        marker.unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    content = {"about": "files that panoenv wrote here and may replace", "files": sorted(files)}
    write_whole(marker, json.dumps(content, indent=1) + "\n")


def _files(target: Path) -> Iterator[Path]:
    """Yield the file ``target``, or every file below it; links are files, never followed."""
    if target.is_symlink() or target.is_file():
        yield target
    elif target.is_dir():
        for inner in sorted(target.iterdir()):
            yield from _files(inner)


def _is_within(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}/")
