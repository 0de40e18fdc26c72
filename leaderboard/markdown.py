"""The table as Markdown, for README files and terminals."""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.ranks import Group
from leaderboard.rows import AUDITED, Refusal, Row
from panoenv_tasks.audit.report import SIGNED
from panoenv_tasks.markdown import escape, one_line, table
from panoenv_tasks.stats import Estimate

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


def _order(row: Row) -> float:
    found = row.strict.get("acc") or row.paper.get("acc")
    return -found.mean if found else 1.0


def _cells(row: Row, rank: int | None) -> list[object]:
    parts = row.strict or row.paper
    notes: list[str] = [row.provenance] if row.provenance != "reproduced" else []
    notes += [row.role] if row.role != "model" else []
    notes += [flag.message for flag in row.flags]
    return [
        rank,
        _name(row.model),
        _interval(row.strict.get("acc")),
        _interval(row.paper.get("acc")),
        f"{_interval(row.acc_read.estimate)} ({row.acc_read.settled} settled)" if row.acc_read else "",
        *(_percent(parts.get(key)) for key in _SHOWN),
        "" if row.format_rate is None else f"{100 * row.format_rate:.1f}",
        f"{row.q_score.estimate.mean:.2f}" if row.q_score else "",
        f"{row.p_score.estimate.mean:.2f}" if row.p_score else "",
        one_line("; ".join(notes), _LONGEST_NOTES),
    ]


def _audit_table(rows: Sequence[Row]) -> list[str]:
    """Return what rows owe to the image; nothing where no run under another condition tells."""
    if not rows:
        return []
    heads = ("model", "multi-modal gain", *(measure.replace("_", " ") for measure in AUDITED))
    return ["", table(heads, [_audit_cells(row) for row in rows])]


def _audit_cells(row: Row) -> list[object]:
    measures = [
        _signed(row.audit.get(measure)) if measure in SIGNED else _interval(row.audit.get(measure))
        for measure in AUDITED
    ]
    return [_name(row.model), _signed(row.gain.estimate if row.gain else None), *measures]


def _name(text: str) -> str:
    return one_line(text, _LONGEST_NAME)


def _signed(found: Estimate | None) -> str:
    return f"{'+' if found and found.mean > 0 else ''}{_interval(found)}"


def _percent(found: Estimate | None) -> str:
    return "" if found is None else f"{100 * found.mean:.1f}"


def _interval(found: Estimate | None) -> str:
    if found is None:
        return ""
    if found.lo is None or found.hi is None:
        return f"{100 * found.mean:.1f}"
    return f"{100 * found.mean:.1f} ({100 * found.lo:.1f} to {100 * found.hi:.1f})"
