"""A study's figures beside the published ones, and what must be known before the difference is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from panoenv_tasks.stats import figure, with_interval
from panoenv_tasks.study.recipe import Study

#: Columns of the board's CSV that the paper has a figure for.
_PUBLISHED = {
    "acc": "Total",
    "tf": "T/F",
    "mcq": "MCQ",
    "oe": "OE",
    "q_score": "Q-Score",
    "p_score": "P-Score",
}
Rows = Sequence[Sequence[str]]


def beside_the_paper(row: Mapping[str, str], paper: Mapping[str, str]) -> Rows:
    """Return the published figures beside ours: shares in percent, judges 0 to 10, protocol paper@1."""
    lines = []
    for key, label in _PUBLISHED.items():
        if not paper.get(key):
            continue
        scale = 1 if key.endswith("_score") else 100
        theirs = float(paper[key])
        ours, lo, hi = (number(row.get(column)) for column in (key, f"{key}_lo", f"{key}_hi"))
        if ours is None:
            told, difference = "not measured here", ""
        else:
            told = with_interval(ours, lo, hi, 2, scale=scale)
            difference = figure(ours - theirs, 2, scale=scale, signed=True)
        lines.append((label, figure(theirs, 2, scale=scale), told, difference))
    return lines


def what_differs(row: Mapping[str, str], study: Study) -> Rows:
    """Return what a reader must know before the difference is laid to the model."""
    if not study.paper_row or not row:
        return []
    asked = row.get("backend") or ""
    if study.model.serve or study.model.url:
        asked += ", behind a server (the paper: transformers)"
    return [
        ("model", row["model"]),
        ("asked by", asked),
        ("prompts", f"{row['prompts']} ({row['prompts_sha256'][:12]})"),
        ("picture", f"sent {row['image_size'] or 'at an unknown size'}, seen {_seen(row, study)}"),
        ("questions", f"{row['n']} {row['split']} (the paper: 3,040, of which 2,991 are released)"),
        ("Q judge", row.get("q_judge_id") or "none"),
        ("P judge", row.get("p_judge_id") or "none"),
        ("doubts", row.get("warning") or "none"),
    ]


def number(cell: str | None) -> float | None:
    """Return the number in a cell of the board's CSV; None where the cell is empty or not there."""
    return float(cell) if cell else None


def published(rows: Sequence[dict[str, str]], study: Study) -> dict[str, str]:
    """Return the board's line for the published row that a study is held to; empty without one."""
    name = study.paper_row
    own = [row for row in rows if row["provenance"] == "reported" and row["model"].split(" (")[0] == name]
    return own[0] if own else {}


def _seen(row: Mapping[str, str], study: Study) -> str:
    if row.get("max_pixels"):
        return f"at most {int(float(row['max_pixels'])):,} px (the paper's training: 3,276,800)"
    return study.model.seen or "at a size that nobody recorded"
