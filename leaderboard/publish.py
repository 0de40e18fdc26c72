"""Write what was gathered: CSV files and their dictionary, JSON, Markdown and the page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from leaderboard.board import Board
from leaderboard.columns import columns
from leaderboard.comparisons import Group, compare
from leaderboard.csv_files import append_rows, columns_page, summary_csv, writing_alone
from leaderboard.page import render_page
from leaderboard.page.question_data import load_pictures, question_data
from leaderboard.page.table_data import table_data
from leaderboard.rows import AUDITED, Refusal, Row, share_text
from leaderboard.untrusted import writable
from panoenv_tasks.audit.report import SIGNED
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import escape, one_line, table
from panoenv_tasks.scoring import PROTOCOLS
from panoenv_tasks.stats import Estimate, figure
from panoenv_tasks.whole_file import write_whole

_SHOWN = ("tf", "mcq", "oe", "oe_distance", "oe_count", "oe_relation")
_HEADS = (
    "rank",
    "model",
    "strict",
    "paper",
    "with reader",
    "T/F",
    "MCQ",
    "OE",
    "distance",
    "count",
    "relation",
    "format",
    "Q",
    "P",
    "notes",
)
#: Longer names and remarks are cut.
_LONGEST_NAME, _LONGEST_NOTES, _LONGEST_REFUSAL = 80, 200, 400


def publish(
    board: Board, reported: Sequence[Row], images: Mapping[str, Path], output: Path
) -> dict[str, Path]:
    """Write all files into ``output``; returns them by kind.

    Args:
        board: What was gathered; pictures that cannot be shown join its refusals.
        reported: Published rows to show beside it.
        images: Panorama file per item id; may be empty.
        output: Folder, made when it is not there.

    Raises:
        DataError: A file cannot be written; each is the new one whole or the old one whole.
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
    shown = table_data(rows, groups, board.refusals)
    texts = {
        "summary": summary_csv(rows, groups),
        "columns": columns_page(rows[0]),
        "json": json.dumps(_as_json(rows, groups, shown), ensure_ascii=False, allow_nan=False),
        "markdown": render_markdown(rows, groups, board.refusals),
        "page": render_page(shown, question_data(board.rows, pictures), package_version()),
    }
    try:
        append_rows(files["csv"], rows)
        with writing_alone(output):
            for kind, text in texts.items():
                write_whole(files[kind], writable(text))
    except OSError as error:
        problem = f"cannot be written ({error.strerror}); no file there is cut short"
        raise DataError(f"{output}: {problem}: make room and run again") from None
    return files


def package_version() -> str:
    """Return the installed version of panoenv, or ``unknown`` in a bare checkout."""
    try:
        return version("panoenv")
    except PackageNotFoundError:
        return "unknown"


def render_markdown(rows: Sequence[Row], groups: Sequence[Group], refusals: Sequence[Refusal]) -> str:
    """Render one table per group, then reported rows, then what was refused."""
    ranks = {i: r for group in groups for i, r in group.ranks("strict").items()}
    remarks = {group.key: group.cannot_rank for group in groups if group.cannot_rank}
    lines = [
        "# PanoEnv-QA leaderboard",
        "",
        "Percent of questions answered right; intervals are 95 %, clustered by environment. Rank is 1 +",
        "the number of models significantly better (strict protocol, sign flips of whole environments,",
        "Holm). Part columns are under the strict protocol, in reported rows under the paper's.",
    ]
    tables: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        key = ("", "", "") if row.provenance == "reported" else row.group
        tables.setdefault(key, []).append(row)
    for key, members in tables.items():
        first = members[0]
        title = (
            "Reported by others, not recomputed here"
            if not key[0]
            else f"{escape(_name(first.split))}, {escape(first.condition)} (dataset {key[0][:12]})"
        )
        if any(flag.code == "foreign" for flag in first.flags):
            title += ", answers that others published"
        ordered = sorted(members, key=_order)
        lines += [
            "",
            f"## {title}",
            "",
            *([remarks[key], ""] if key in remarks else []),
            table(_HEADS, [_cells(row, ranks.get(row.row_id)) for row in ordered]),
        ]
        lines += _audit_table([row for row in ordered if row.gain or row.audit])
    if refusals:
        lines += ["", "## Refused", ""]
        lines += [f"- {escape(one_line(str(refusal), _LONGEST_REFUSAL))}" for refusal in refusals]
    return "\n".join(lines) + "\n"


def _as_json(rows: Sequence[Row], groups: Sequence[Group], shown: Mapping[str, Any]) -> dict[str, Any]:
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
            for group in shown["groups"]
        ],
        "refused": shown["refusals"],
    }


def _order(row: Row) -> float:
    total = row.strict.get("acc") or row.paper.get("acc")
    return -total.mean if total else 1.0


def _cells(row: Row, rank: int | None) -> list[object]:
    parts = row.strict or row.paper
    notes: list[str] = [row.provenance] if row.provenance != "reproduced" else []
    notes += [row.role] if row.role != "model" else []
    notes += [flag.message for flag in row.flags]
    return [
        rank,
        _name(row.model),
        share_text(row.strict.get("acc")),
        share_text(row.paper.get("acc")),
        f"{share_text(row.acc_read.estimate)} ({row.acc_read.settled} settled)" if row.acc_read else "",
        *(_percent(parts.get(key)) for key in _SHOWN),
        figure(row.format_rate),
        *(figure(score.estimate.mean, 2, scale=1) if score else "" for score in (row.q_score, row.p_score)),
        one_line("; ".join(notes), _LONGEST_NOTES),
    ]


def _audit_table(rows: Sequence[Row]) -> list[str]:
    """Return what rows owe to the image; nothing where no run under another condition tells."""
    if not rows:
        return []
    heads = ("model", "multi-modal gain", *(measure.replace("_", " ") for measure in AUDITED))
    return ["", table(heads, [_audit_cells(row) for row in rows])]


def _audit_cells(row: Row) -> list[object]:
    gain = share_text(row.gain.estimate if row.gain else None, signed=True)
    measures = [share_text(row.audit.get(measure), signed=measure in SIGNED) for measure in AUDITED]
    return [_name(row.model), gain, *measures]


def _name(text: str) -> str:
    return one_line(text, _LONGEST_NAME)


def _percent(share: Estimate | None) -> str:
    return figure(share.mean if share else None)
