"""The CSV files: the append-only ``results.csv``, ``summary.csv``, their dictionary ``columns.md``.

Lines of ``results.csv`` are added, never changed, moved or removed, whoever else writes at the time.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from leaderboard.columns import Value, columns, meaning, said_of
from leaderboard.comparisons import Group
from leaderboard.rows import Row
from leaderboard.standing import History
from leaderboard.untrusted import look_alike, writable
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.whole_file import write_whole

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
    with writing_alone(path.parent):
        lines = _old_lines(path, header)
        row_ids = {line["row_id"] for line in lines}
        latest = {_run_of(line): line["row_id"] for line in lines if line["samples_sha256"]}
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([line[name] for name in header] for line in lines)
        added = 0
        for flat in new:
            if flat["row_id"] not in row_ids:
                row_ids.add(str(flat["row_id"]))
                replaced = latest.get(_run_of(flat), "")
                writer.writerow([csv_cell(value) for value in {**flat, "replaces": replaced}.values()])
                added += 1
        write_whole(path, writable(out.getvalue()))
    return added


@contextmanager
def writing_alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes a board into a folder."""
    with FileLock(folder / ".results.csv.lock"):
        yield


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


def summary_csv(rows: Sequence[Row], groups: Sequence[Group]) -> str:
    """Return ``summary.csv``: one line a row, the best first within a group of comparable rows."""
    ranks = {i: r for group in groups for i, r in group.ranks("strict").items()}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(said_of()["summary"])
    for row in sorted(rows, key=lambda r: (r.provenance == "reported", r.group, -_score(r))):
        writer.writerow([csv_cell(value) for value in _line(row, ranks.get(row.row_id)).values()])
    return out.getvalue()


def columns_page(example: Row) -> str:
    """Return ``columns.md``: what every column of both CSV files says, in their order."""
    lines = [
        "# Columns",
        "",
        "Shares are fractions of 1, differences too; empty is unknown, never 0. Text that a spreadsheet",
        "would run starts with a quote: take one leading quote away to have it back.",
        "",
        "## summary.csv",
        "",
        table(("column", "says"), said_of()["summary"].items()),
        "",
        "## results.csv",
        "",
        table(("column", "says"), [(name, meaning(name)) for name in columns(example)]),
    ]
    return "\n".join(lines) + "\n"


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


def _score(row: Row) -> float:
    cell = row.strict.get("acc") or row.paper.get("acc")
    return cell.mean if cell else -1.0


def _line(row: Row, rank: int | None) -> dict[str, Value]:
    flat, strict = columns(row), row.strict.get("acc")
    suffix = "_strict" if row.strict else ""
    line: dict[str, Value] = {name: flat.get(name) for name in said_of()["summary"]}
    return line | {
        "rank": rank,
        "strict": flat["acc_strict"],
        "lo": flat["acc_strict_lo"] if strict else None,
        "hi": flat["acc_strict_hi"] if strict else None,
        "paper": flat["acc"],
        "gain": flat["multimodal_gain"],
        **{name: flat[f"{name}{suffix}"] for name in ("tf", "mcq", "oe")},
        "flags": flat["warning"],
    }
