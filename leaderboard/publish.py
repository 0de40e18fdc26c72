"""Write what was gathered: the append-only CSV, JSON, Markdown and the page."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from leaderboard.board import Board
from leaderboard.columns import Value, columns
from leaderboard.markdown import render_markdown
from leaderboard.page import render_page
from leaderboard.page.question_data import question_data
from leaderboard.page.table_data import table_data
from leaderboard.ranks import Group, compare
from leaderboard.rows import Row
from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import PROTOCOLS

#: What spreadsheet programs take for the start of a formula (full-width forms included).
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
#: A spreadsheet cell holds at most 32,767 characters.
_LONGEST_CELL = 32_000


def publish(
    board: Board, reported: Sequence[Row], images: Mapping[str, Path], output: Path
) -> dict[str, Path]:
    """Write all four files into ``output``; returns them by kind.

    Args:
        board: What was gathered.
        reported: Published rows to show beside it.
        images: Panorama file per item id; may be empty.
        output: Folder, made when it is not there.
    """
    output.mkdir(parents=True, exist_ok=True)
    rows = [*board.rows, *reported]
    groups = compare(board.rows)
    files = {
        "csv": output / "results.csv",
        "json": output / "leaderboard.json",
        "markdown": output / "leaderboard.md",
        "page": output / "index.html",
    }
    append_rows(files["csv"], rows)
    table = table_data(rows, groups, board.refusals)
    _write(files["json"], json.dumps(_as_json(rows, groups, table), ensure_ascii=False))
    _write(files["markdown"], render_markdown(rows, groups, board.refusals))
    _write(files["page"], render_page(table, question_data(board.rows, images), package_version()))
    return files


def append_rows(path: Path, rows: Iterable[Row]) -> int:
    """Append the rows that the CSV file does not hold yet (by ``row_id``); returns how many.

    The file is replaced in one step, so that a crash leaves the old one whole.

    Raises:
        DataError: The file exists with other columns, or with these in another order. One that lacks
            only the last ones, from an older version, gets them.
    """
    new = [columns(row) for row in rows]
    if not new:
        return 0
    header = list(new[0])
    old = _old_rows(path, header)
    known = {line["row_id"] for line in old}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([line[name] for name in header] for line in old)
    added = 0
    for flat in new:
        if flat["row_id"] not in known:
            known.add(str(flat["row_id"]))
            writer.writerow([csv_cell(value) for value in flat.values()])
            added += 1
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(out.getvalue(), encoding="utf-8", errors="replace", newline="")
    os.replace(partial, path)
    return added


def csv_cell(value: Value) -> str | int | float:
    """Return a value as a CSV cell that no spreadsheet program runs or breaks a line at.

    Text keeps its characters, but for control characters (a space), a leading quote where a
    formula would start, and the end of what no spreadsheet cell can hold.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = _CONTROL.sub(" ", value).strip()[:_LONGEST_CELL]
    return f"'{text}" if text.startswith(_FORMULA) else text


def package_version() -> str:
    """Return the installed version of panoenv, or ``unknown`` in a bare checkout."""
    try:
        return version("panoenv")
    except PackageNotFoundError:
        return "unknown"


def _old_rows(path: Path, header: list[str]) -> list[dict[str, str]]:
    """Return the lines of an existing file; columns that are newer than the file are empty in them."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source, restval="")
        names = list(reader.fieldnames or ())
        if "row_id" not in names or names != header[: len(names)]:
            raise DataError(
                f"{path}: has other columns than this version writes; move it away and start anew"
            )
        reader.fieldnames = header
        rows = list(reader)
    if any(None in row for row in rows):
        raise DataError(f"{path}: a line has more cells than there are columns; move it away and start anew")
    return rows


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
            {key: group[key] for key in ("split", "condition", "dataset", "ranked", "pairs")}
            for group in table["groups"]
        ],
        "refused": table["refusals"],
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")
