"""Write what was gathered: CSV files and their dictionary, JSON, Markdown and the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from leaderboard.board import Board
from leaderboard.columns import columns
from leaderboard.history import append_rows
from leaderboard.markdown import render_markdown
from leaderboard.page import render_page
from leaderboard.page.question_data import load_pictures, question_data
from leaderboard.page.table_data import table_data
from leaderboard.ranks import Group, compare
from leaderboard.rows import Row
from leaderboard.summary import columns_page, summary_csv
from panoenv_tasks.scoring import PROTOCOLS


def publish(
    board: Board, reported: Sequence[Row], images: Mapping[str, Path], output: Path
) -> dict[str, Path]:
    """Write all files into ``output``; returns them by kind.

    Args:
        board: What was gathered; pictures that cannot be shown join its refusals.
        reported: Published rows to show beside it.
        images: Panorama file per item id; may be empty.
        output: Folder, made when it is not there.
    """
    output.mkdir(parents=True, exist_ok=True)
    pictures, unusable = load_pictures(board.rows, images)
    board.refusals += unusable
    rows = [*board.rows, *reported]
    groups = compare(board.rows)
    files = {
        "csv": output / "results.csv",
        "summary": output / "summary.csv",
        "columns": output / "columns.md",
        "json": output / "leaderboard.json",
        "markdown": output / "leaderboard.md",
        "page": output / "index.html",
    }
    append_rows(files["csv"], rows)
    _write(files["summary"], summary_csv(rows, groups))
    _write(files["columns"], columns_page(rows[0]))
    table = table_data(rows, groups, board.refusals)
    _write(files["json"], json.dumps(_as_json(rows, groups, table), ensure_ascii=False, allow_nan=False))
    _write(files["markdown"], render_markdown(rows, groups, board.refusals))
    _write(files["page"], render_page(table, question_data(board.rows, pictures), package_version()))
    return files


def package_version() -> str:
    """Return the installed version of panoenv, or ``unknown`` in a bare checkout."""
    try:
        return version("panoenv")
    except PackageNotFoundError:
        return "unknown"


def _as_json(rows: Sequence[Row], groups: Sequence[Group], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the CSV's columns per row, and what depends on the company a row keeps."""
    ranks = {p: {i: r for g in groups for i, r in g.ranks(p).items()} for p in PROTOCOLS}
    return {
        "version": package_version(),
        "rows": [
            {
                **columns(row),
                **{f"rank_{p}": ranks[p].get(row.row_id) for p in PROTOCOLS},
                "multimodal_gain_p": row.gain.p if row.gain else None,
            }
            for row in rows
        ],
        "comparisons": [
            {key: group[key] for key in ("split", "condition", "dataset", "cannot_rank", "ranked", "pairs")}
            for group in table["groups"]
        ],
        "refused": table["refusals"],
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")
