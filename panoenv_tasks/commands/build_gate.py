"""A built tree without the questions that blind answerers can guess."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from panoenv_tasks import owned
from panoenv_tasks.blind.gate import GatedKind, blind_gate
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.sources import load_items


def gate_tree(tree: Path, split: str, out: Path, wanted: int) -> Mapping[str, GatedKind]:
    """Write to ``out`` the frames of a built tree with the questions that pass the blind gate.

    Args:
        tree: A tree of ``panoenv build``.
        split: Its split.
        out: A new or empty folder.
        wanted: How many questions of a kind must be left for it to pass; other kinds are left out.

    Returns:
        What became of each kind.

    Raises:
        DataError: ``out`` is in use, the tree is none, or it cannot be written.
    """
    require_new(out)
    if not list((tree / split).glob("*/*/*_qa.json")):
        raise DataError(f"{tree}: no built tree; expected {split}/<Environment>/<frame>/<frame>_qa.json")
    gate = blind_gate(load_items(tree, split), wanted)
    kept: dict[Path, set[str]] = {}
    for item in gate.kept:
        origin, _, number = item.origin.rpartition(":")
        kept.setdefault(Path(origin), set()).add(number)
    copy_frames(tree, split, kept, out)
    return gate.kinds


def require_new(out: Path) -> None:
    """Refuse a folder that holds anything.

    Raises:
        DataError: It does.
    """
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out}: not empty; choose another folder")


def copy_frames(tree: Path, split: str, kept: Mapping[Path, Iterable[str]], out: Path) -> None:
    """Write to ``out`` the frames of a tree with some of their questions.

    Args:
        tree: The tree.
        split: Its split.
        kept: By question file, the ``question_id`` of those that stay.
        out: A new or empty folder.

    Raises:
        DataError: ``out`` cannot be written.
    """
    try:
        with owned.scratch(out.parent, out.name) as work:
            for file, numbers in kept.items():
                _write_frame(file, numbers, work / "out" / file.parent.relative_to(tree))
            if kept:
                out.mkdir(exist_ok=True)
                (work / "out" / split).rename(out / split)
    except OSError as error:
        raise DataError(f"{out}: cannot write ({error.strerror or error})") from None


def render(kinds: Mapping[str, GatedKind]) -> str:
    """Return what became of each kind as a table for people."""
    return table(
        ("kind", "candidates", "kept", "chance", "best blind before", "after", ""),
        [
            (
                kind,
                gated.candidates,
                gated.kept,
                _percent(gated.chance),
                _percent(max(gated.before.values())),
                _percent(max(gated.after.values())),
                "passes" if gated.passes else "left out",
            )
            for kind, gated in sorted(kinds.items())
        ],
    )


def _write_frame(file: Path, numbers: Iterable[str], folder: Path) -> None:
    """Copy a frame with those of its questions whose ``question_id`` is in ``numbers``."""
    wanted = set(numbers)
    folder.mkdir(parents=True)
    content = json.loads(file.read_text(encoding="utf-8"))
    content["questions"] = [row for row in content["questions"] if str(row["question_id"]) in wanted]
    for other in sorted(file.parent.iterdir()):
        if other.is_file() and other != file:
            shutil.copyfile(other, folder / other.name)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / file.name).write_text(text + "\n", encoding="utf-8")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
