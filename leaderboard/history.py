"""The append-only CSV: lines are added, never changed, moved or removed, whoever else writes at the time."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from leaderboard.columns import Value, columns
from leaderboard.rows import Row
from leaderboard.standing import History
from leaderboard.untrusted import look_alike
from panoenv_tasks.items import DataError

#: What spreadsheet programs take for the start of a formula (full-width forms included).
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
#: A spreadsheet cell holds at most 32,767 characters.
_LONGEST_CELL = 32_000


def append_rows(path: Path, rows: Iterable[Row]) -> int:
    """Append the rows that the CSV file does not hold yet (by ``row_id``); returns how many.

    The file is replaced in one step, so that a crash leaves the old one whole, and under a lock, so that
    two boards that write at one time lose nothing. A line about a run that is there already, of which more
    is known now, names the line before it under ``replaces``.

    Raises:
        DataError: The file exists with other columns, or with these in another order. One that lacks
            only the last ones, from an older version, gets them.
    """
    new = [columns(row) for row in rows]
    if not new:
        return 0
    header = list(new[0])
    with FileLock(path.with_name(f".{path.name}.lock")):
        lines = _old_lines(path, header)
        known = {line["row_id"] for line in lines}
        latest = {_run_of(line): line["row_id"] for line in lines if line["samples_sha256"]}
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([line[name] for name in header] for line in lines)
        added = 0
        for flat in new:
            if flat["row_id"] not in known:
                known.add(str(flat["row_id"]))
                replaced = latest.get(_run_of(flat), "")
                writer.writerow([csv_cell(value) for value in {**flat, "replaces": replaced}.values()])
                added += 1
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        partial.write_text(out.getvalue(), encoding="utf-8", errors="replace", newline="")
        os.replace(partial, path)
    return added


def read_history(path: Path) -> History:
    """Read what an earlier board settled from its CSV; nothing when there is none."""
    if not path.is_file():
        return History()
    owners: dict[str, str] = {}
    order: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as source:
        for number, line in enumerate(csv.DictReader(source)):
            if sha256 := line.get("samples_sha256"):
                order.setdefault(sha256, number)
            # Lines of an older version do not say who sent them in.
            if line.get("role") == "model" and line.get("provenance") in ("unverified", "reproduced"):
                name, submission = line.get("model") or "", line.get("submission") or ""
                owners.setdefault(look_alike(csv_text(name)), csv_text(submission))
    return History(owners, order)


def csv_cell(value: Value) -> str | int | float:
    """Return a value as a CSV cell that no spreadsheet program runs or breaks a line at.

    Text keeps its characters, but for control characters (a space), a leading quote where a formula or
    a quote would start (``csv_text`` takes it away), and the end of what no spreadsheet cell can hold.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = _CONTROL.sub(" ", value).strip()[:_LONGEST_CELL]
    return f"'{text}" if text.startswith((*_FORMULA, "'")) else text


def csv_text(cell: str) -> str:
    """Return the text that ``csv_cell`` wrote as a cell."""
    return cell.removeprefix("'")


def _run_of(line: dict[str, str] | dict[str, Value]) -> tuple[str, ...]:
    return tuple(str(line[name]) for name in ("samples_sha256", "model", "condition", "submission"))


def _old_lines(path: Path, header: list[str]) -> list[dict[str, str]]:
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
        lines = list(reader)
    if any(None in line for line in lines):
        raise DataError(f"{path}: a line has more cells than there are columns; move it away and start anew")
    return lines
