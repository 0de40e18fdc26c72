"""Which form of the data lies at a path, and reading it whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from panoenv_tasks.items import DataError, Item
from panoenv_tasks.sources import annotation, hub, snapshot
from panoenv_tasks.sources.rows import SPLITS, Problem


def load_items(path: str | Path | None = None, split: str = "test") -> list[Item]:
    """Load the questions of one split from any supported form.

    Args:
        path: A folder or file: the release snapshot, an annotation JSONL (with or without a
            panorama root beside it), or a tree built by ``panoenv build``. None means
            ``$PANOENV_DATA``, else the hub snapshot if it is already in the local cache.
        split: ``train``, ``val``, ``test`` or ``mini``. An annotation file holds one split and
            takes its name from here unless the file name says another.

    Returns:
        The items in file order.

    Raises:
        DataError: Nothing is there, or a row cannot be used; the message names the first bad row
            and how many there are. ``panoenv data check`` lists them all.
    """
    items, problems = read_items(path, split)
    if problems:
        more = f" ({len(problems)} problems; `panoenv data check` lists all)"
        raise DataError(f"{problems[0]}{more if len(problems) > 1 else ''}")
    return items


def read_items(path: str | Path | None, split: str) -> tuple[list[Item], list[Problem]]:
    """Read one split in whatever form it has, and list what cannot be used.

    Args:
        path: As in ``load_items``.
        split: The split to read.

    Raises:
        DataError: There is no such data at all.
    """
    if split not in SPLITS:
        raise DataError(f"unknown split {split!r}; expected one of {', '.join(SPLITS)}")
    root = find_root(path)
    entries = _read(root, split)
    items = [entry for entry in entries if isinstance(entry, Item)]
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    return items, problems + _across_rows(items)


def find_root(path: str | Path | None) -> Path:
    """Return the data's place: ``path``, else ``$PANOENV_DATA``, else the fetched hub snapshot.

    Raises:
        DataError: None of them is there.
    """
    chosen = path or os.environ.get("PANOENV_DATA")
    if chosen:
        root = Path(chosen).expanduser()
        if not root.exists():
            named = "PANOENV_DATA" if not path else "the path"
            raise DataError(f"{root}: no such file or folder; {named} should point at PanoEnv-QA data")
        return root
    cached = hub.cached()
    if cached is None:
        raise DataError(
            "no PanoEnv-QA data; set PANOENV_DATA to a folder or annotation file, or run `panoenv data fetch`"
        )
    return cached


def splits_at(root: Path) -> list[str]:
    """Return the splits that a place holds, in the order of ``SPLITS``."""
    if root.is_file():
        stated = annotation.split_of(root)
        return [stated] if stated else []
    files = {annotation.split_of(file) for file in root.glob("*.jsonl")}
    return [s for s in SPLITS if s in files or snapshot.frames(root, s)]


def _read(root: Path, split: str) -> list[Item | Problem]:
    if root.is_file():
        stated = annotation.split_of(root)
        if stated not in (None, split):
            raise DataError(f"{root}: holds the {stated} split by its name, but {split} was asked for")
        return list(annotation.read(root, split))
    files = [f for f in sorted(root.glob("*.jsonl")) if annotation.split_of(f) == split]
    if len(files) > 1:
        raise DataError(f"{root}: {files[0].name} and {files[1].name} both claim the {split} split")
    if files:
        return list(annotation.read(files[0], split))
    if snapshot.frames(root, split) or snapshot.dead_links(root, split):
        return list(snapshot.read(root, split))
    here = ", ".join(splits_at(root)) or "none"
    raise DataError(
        f"{root}: no questions of the {split} split (splits found: {here}); expected "
        f"{split}/<Environment>/<frame>/<frame>_qa.json or panoenv_{split}.jsonl{nameless(root)}"
    )


def nameless(root: Path) -> str:
    """Return what to say of annotation files whose names state no split."""
    files = [file.name for file in sorted(root.glob("*.jsonl")) if annotation.split_of(file) is None]
    if not files:
        return ""
    return (
        f"; the name of {files[0]} states no split: rename it, or give its own path instead of the folder's"
    )


def _across_rows(items: Iterable[Item]) -> list[Problem]:
    problems = []
    first_seen: dict[str, Item] = {}
    kinds: dict[str, Item] = {}
    for item in items:
        earlier = first_seen.setdefault(item.id, item)
        if earlier is not item:
            problems.append(Problem(item.origin, f"duplicate of {earlier.origin} (id {item.id}); remove one"))
        kinds.setdefault(item.image_kind, item)
    if len(kinds) > 1:
        listed = ", ".join(f"{kind} ({item.origin})" for kind, item in sorted(kinds.items()))
        problems.append(
            Problem(
                next(iter(kinds.values())).origin,
                f"image kinds are mixed: {listed}; they are different conditions, keep one",
            )
        )
    return problems
