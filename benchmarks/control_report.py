"""The positive control's figures: from the answers of all its models to Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from control_scenes import TAUGHT

from panoenv_tasks.markdown import table
from panoenv_tasks.pairs import Answered, both_right, guess_of
from panoenv_tasks.perturb import Condition
from panoenv_tasks.stats import clustered_mean, figure, interval

#: Conditions under which the twins are asked, each beside the same questions without a picture.
CONDITIONS: tuple[Condition, ...] = ("full", "noimage", "marked", "noimage_nobox")
#: Names of what is asked beside them: questions like the lessons, of scenes that no lesson is of.
UNSEEN, UNSEEN_BLIND = "unseen", "unseen_blind"


def report(out: Path) -> str:
    """Return the figures over all seeds as Markdown."""
    rows = [
        {**json.loads(line), "seed": file.parent.name}
        for file in sorted(out.glob("seed*/answers.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    seeds = sorted({row["seed"] for row in rows})
    parts = [f"# Positive control\n\nSeeds: {len(seeds)}\n"]
    for condition in CONDITIONS:
        asked = [row for row in rows if row["condition"] == condition]
        if not asked:
            continue
        kinds = sorted({row["kind"] for row in asked})
        lines = [
            _line("all", asked, seeds),
            *(_line(k, [r for r in asked if r["kind"] == k], seeds) for k in kinds),
        ]
        heads = ["kind", "pairs", "both right, %", "95 %", "chance", "each seed", "accuracy, %"]
        parts.append(f"## {condition}\n\n{table(heads, lines)}")
    heads = ["conditions", "questions", "gain, points", "95 %", "each seed"]
    parts.append(f"## Gain of the picture\n\n{table(heads, _gains(rows, seeds))}")
    heads = ["kind", "questions", "right, %", "95 %", "without the picture, %", "95 %"]
    parts.append(f"## Scenes that no lesson is of\n\n{table(heads, _unseen(rows))}")
    return "\n".join(parts) + "\n"


def _line(name: str, rows: Sequence[dict[str, Any]], seeds: Sequence[str]) -> list[str]:
    found = _both(rows)
    each = [_both([row for row in rows if row["seed"] == seed]) for seed in seeds]
    accuracy = figure(sum(row["correct"] for row in rows) / len(rows))
    if found is None:
        return [name, "0", "", "", "", "", accuracy]
    return [
        name,
        str(found.share.n),
        figure(found.share.mean),
        interval(found.share.lo, found.share.hi),
        figure(found.chance),
        ", ".join(figure(one.share.mean) for one in each if one),
        accuracy,
    ]


def _both(rows: Sequence[dict[str, Any]]) -> Any:
    return both_right(
        Answered(row["pair"], row["correct"], guess_of(row["question_type"], row["options"]), row["seed"])
        for row in rows
    )


def _gains(rows: Sequence[dict[str, Any]], seeds: Sequence[str]) -> list[list[str]]:
    """Return accuracy with the picture minus accuracy without, on the same questions."""
    right = {(row["condition"], row["seed"], row["id"]): row["correct"] for row in rows}
    lines = []
    for seen, blind, kinds in (
        ("full", "noimage", None),
        ("marked", "noimage_nobox", None),
        ("marked", "noimage_nobox", TAUGHT),
    ):
        asked = [
            {**row, "correct": row["correct"] - right[blind, row["seed"], row["id"]]}
            for row in rows
            if row["condition"] == seen and (kinds is None or row["kind"] in kinds)
        ]
        found = _by_scene(asked)
        if found is None:
            continue
        each = [[row["correct"] for row in asked if row["seed"] == seed] for seed in seeds]
        lines.append(
            [
                f"{seen} - {blind}{', kinds taught' if kinds else ''}",
                str(len(asked)),
                figure(found.mean, signed=True),
                interval(found.lo, found.hi, signed=True),
                ", ".join(figure(sum(one) / len(one), signed=True) for one in each if one),
            ]
        )
    return lines


def _unseen(rows: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
    """Yield per kind how many questions of unseen scenes are right, with the picture and without."""
    asked = [row for row in rows if row["condition"] in (UNSEEN, UNSEEN_BLIND)]
    for kind in sorted({row["kind"] for row in asked}):
        line = [kind]
        for condition in (UNSEEN, UNSEEN_BLIND):
            of = [row for row in asked if (row["kind"], row["condition"]) == (kind, condition)]
            found = _by_scene(of)
            line += [str(len(of))] if condition == UNSEEN else []
            line += [figure(found.mean), interval(found.lo, found.hi)] if found else ["", ""]
        yield line


def _by_scene(rows: Sequence[dict[str, Any]]) -> Any:
    """Return the mean of ``correct`` with an interval clustered by scene; None when there are no rows."""
    scenes = [row["panorama"].rpartition("_")[0] for row in rows]
    return clustered_mean([float(row["correct"]) for row in rows], scenes)
