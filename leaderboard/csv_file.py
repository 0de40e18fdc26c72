"""The append-only CSV: rows are added, never changed, moved or removed."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable
from pathlib import Path

from leaderboard.columns import Value, columns
from leaderboard.rows import Row
from panoenv_tasks.items import DataError

#: What spreadsheet programs take for the start of a formula (full-width forms included).
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20|%")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
#: A spreadsheet cell holds at most 32,767 characters.
_LONGEST = 32_000


def append_rows(path: Path, rows: Iterable[Row]) -> int:
    """Append the rows that the file does not hold yet (by ``row_id``); returns how many.

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
            writer.writerow([cell(value) for value in flat.values()])
            added += 1
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(out.getvalue(), encoding="utf-8", errors="replace", newline="")
    os.replace(partial, path)
    return added


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


def cell(value: Value) -> str | int | float:
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
    text = _CONTROL.sub(" ", value).strip()[:_LONGEST]
    return f"'{text}" if text.startswith(_FORMULA) else text
