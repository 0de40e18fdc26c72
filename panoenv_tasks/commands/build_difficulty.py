"""Difficulty of a built tree's questions, written beside them, and trees of those that are wanted."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Any

from panoenv_tasks.commands.build_gate import copy_frames, require_new
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.whole_file import write_whole

FILE = "difficulty.jsonl"
MEASURES = ("margin", "visible", "degrees", "blind")

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Condition:
    """One ``--where``: the field, how it is compared, and with what."""

    field: str
    sign: str
    value: float | str

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a question meets it; one without that measure does not."""
        measured = row[self.field]
        return measured is not None and _COMPARE[self.sign](measured, self.value)


def read_condition(text: str) -> Condition:
    """Return what ``visible>=0.8`` or ``kind=depth_compare`` says.

    Raises:
        DataError: It is none.
    """
    match = re.fullmatch(r"\s*(\w+)\s*(>=|<=|!=|>|<|=)\s*(\S+)\s*", text)
    if match and match[1] == "kind" and match[2] in ("=", "!="):
        return Condition("kind", match[2], match[3])
    if match and match[1] in MEASURES:
        try:
            return Condition(match[1], match[2], float(match[3]))
        except ValueError:
            pass
    raise DataError(
        f"--where {text!r}: expected one of {', '.join(MEASURES)} with a number, like visible>=0.8, "
        "or kind=<sub-category>"
    )


def write_difficulty(tree: Path, split: str) -> list[dict[str, Any]]:
    """Measure every question of a built tree and write ``<split>/difficulty.jsonl``; return its rows.

    ``blind`` is the chance that closed-form geometry is right without the picture, learned on the places
    of the tree other than the question's own.

    Raises:
        DataError: The tree is none, or has too few places to learn from.
    """
    from tqdm import tqdm

    from panoenv_tasks.blind.guessability import blind_probabilities
    from panoenv_tasks.sources import load_items
    from panoenv_tasks.synthesis.difficulty import frame_difficulties

    items = load_items(tree, split)
    # As at the gate: what only a builder's own tree has, measures of its objects, is needed below.
    blind = blind_probabilities([replace(item, split="candidate") for item in items])
    folders = {Path(item.origin.rpartition(":")[0]).parent: None for item in items}
    measured = {
        (folder, number): difficulty
        for folder in tqdm(folders, unit="frame", delay=2, leave=False)
        for number, difficulty in frame_difficulties(folder).items()
    }
    rows = []
    for item, chance in zip(items, blind, strict=True):
        file, _, number = item.origin.rpartition(":")
        difficulty = measured[Path(file).parent, int(number)]
        rows.append(
            {
                "id": item.id,
                "environment": item.environment,
                "frame": item.frame,
                "question_id": int(number),
                "kind": item.subcategory,
                "margin": difficulty.margin,
                "visible": difficulty.visible,
                "degrees": difficulty.degrees,
                "blind": round(chance, 4),
            }
        )
    try:
        write_whole(tree / split / FILE, "".join(json.dumps(row) + "\n" for row in rows))
    except OSError as error:
        raise DataError(f"{tree}: cannot write ({error.strerror or error})") from None
    return rows


def select_tree(tree: Path, split: str, out: Path, wanted: Sequence[Condition]) -> int:
    """Write to ``out`` the frames of a tree with the questions that meet all conditions; return how many.

    Raises:
        DataError: The tree was not measured, ``out`` is in use, or it cannot be written.
    """
    from panoenv_tasks.sources import load_items

    require_new(out)
    rows = _rows(tree / split / FILE, tree)
    kept: dict[Path, set[str]] = {}
    for item in load_items(tree, split):
        if item.id not in rows:
            raise DataError(f"{item.origin}: not measured; run `panoenv build difficulty {tree}` again")
        if all(condition.holds(rows[item.id]) for condition in wanted):
            file, _, number = item.origin.rpartition(":")
            kept.setdefault(Path(file), set()).add(number)
    copy_frames(tree, split, kept, out)
    return sum(map(len, kept.values()))


def render(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the quartiles of each measure as a table for people."""
    lines = []
    for name in MEASURES:
        values = [row[name] for row in rows if row[name] is not None]
        quarters = quantiles(values, n=4) if len(values) > 1 else [float("nan")] * 3
        lines.append((name, len(values), *(f"{value:.2f}" for value in quarters)))
    return table(("measure", "questions", "a quarter below", "half below", "three quarters below"), lines)


def _rows(file: Path, tree: Path) -> dict[str, dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return {row["id"]: {name: row[name] for name in ("kind", *MEASURES)} for row in rows}
    except FileNotFoundError:
        raise DataError(f"{file}: not there; run `panoenv build difficulty {tree}` first") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{file}: not readable ({error}); run `panoenv build difficulty {tree}` again"
        ) from None
