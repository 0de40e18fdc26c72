"""Means, coverage and lists of what went wrong, for one judged run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from judges.defence import SUSPICIONS
from judges.protocol import Protocol
from judges.records import MODEL_FAILURES, STATUSES, JudgedSample, Usage, Verdict, cluster_of
from panoenv_tasks.markdown import table
from panoenv_tasks.stats import clustered_mean, figure, interval

#: How totals are broken down: fields of a sample.
BREAKDOWNS = ("question_type", "category")
_EXCERPT = 120


def run_totals(judged: Sequence[JudgedSample], protocol: Protocol) -> dict[str, Any]:
    """Return everything about a judged run that is worth printing, ready for JSON.

    ``{"protocol", "metric", "scale", "headline", "judge_id", "total": cell, "question_type": {name:
    cell}, "category": {name: cell}, "flags", "usage", "failures", "suspects"}``. ``headline`` names
    the cell's field that the protocol publishes: ``mean_zero_filled`` where unread replies are zeros by
    the protocol's own rule, else ``mean``, in which the judged model's own failures are worth the lowest
    score and the judge's are missing. ``coverage`` is the share of answers in ``mean``. ``mean_clean`` is
    the same mean with steering text removed from the answers, which ``moved`` so many verdicts;
    ``mean_scored`` leaves the model's failures out. ``usage`` counts what this run had to pay for.
    """
    verdicts = [entry.verdict for entry in judged]
    flags = Counter(flag for v in verdicts for flag in v.flags)
    return {
        "protocol": protocol.id,
        "metric": protocol.metric,
        "scale": list(protocol.scale),
        "headline": protocol.headline,
        "judge_id": verdicts[0].judge_id if verdicts else "",
        "total": _cell(judged, protocol.scale[0]),
        **{field: _by(judged, field, protocol.scale[0]) for field in BREAKDOWNS},
        "flags": dict(sorted(flags.items())),
        "usage": tokens_paid_for(verdicts),
        "failures": [_failure(entry) for entry in judged if entry.verdict.score is None],
        "suspects": [_suspect(entry) for entry in judged if set(entry.verdict.flags) & set(SUSPICIONS)],
    }


def tokens_paid_for(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return the tokens of all verdicts that were not known already."""
    return asdict(sum((verdict.usage for verdict in verdicts if not verdict.reused), Usage()))


def totals_markdown(totals: dict[str, Any]) -> str:
    """Return totals as Markdown: tables, then counts, failures and suspects."""
    lines = [f"{totals['metric']} under {totals['protocol']} by {totals['judge_id']}", ""]
    header = ("", "n", "scored", "coverage %", "mean", "95 %", "zero-filled", "clean", "expected")
    rows = [_row("total", totals["total"])]
    for field in BREAKDOWNS:
        rows += [_row(name or "(unknown)", cell) for name, cell in totals[field].items()]
    lines.append(table(header, rows))
    statuses = ", ".join(f"{name} {count}" for name, count in totals["total"]["statuses"].items())
    flags = ", ".join(f"{name} {count}" for name, count in totals["flags"].items()) or "none"
    usage = ", ".join(f"{name} {count}" for name, count in totals["usage"].items())
    lines += ["", f"statuses: {statuses}", f"flags: {flags}", f"tokens paid for: {usage}"]
    if moved := totals["total"]["moved"]:
        lines.append(f"without text that addresses the judge, {moved} verdicts move (column clean)")
    if totals["headline"] == "mean_zero_filled":
        lines.append("published under this protocol: the zero-filled mean")
    for entry in totals["suspects"]:
        lines.append(
            f"suspect {entry['id']} ({', '.join(entry['flags'])}): {_number(entry['score'])},"
            f" without the suspicious text {_number(entry['clean_score'])}: {entry['answer']!r}"
        )
    for entry in totals["failures"]:
        lines.append(f"not scored {entry['id']}: {entry['status']}, {entry['reason']}")
    return "\n".join(lines)


def _by(judged: Sequence[JudgedSample], field: str, lowest: float) -> dict[str, Any]:
    groups: dict[str, list[JudgedSample]] = {}
    for entry in judged:
        groups.setdefault(str(getattr(entry.sample, field)), []).append(entry)
    return {name: _cell(groups[name], lowest) for name in sorted(groups)}


def _cell(judged: Sequence[JudgedSample], lowest: float) -> dict[str, Any]:
    scores = [float(s) for entry in judged if (s := entry.verdict.score) is not None]
    settled = [entry for entry in judged if _is_settled(entry.verdict)]
    values = [lowest if entry.verdict.score is None else float(entry.verdict.score) for entry in settled]
    cleaned = [
        value if entry.verdict.clean_score is None else entry.verdict.clean_score
        for entry, value in zip(settled, values, strict=True)
    ]
    estimate = clustered_mean(values, [cluster_of(entry.sample) for entry in settled])
    expected = [e for entry in judged if (e := entry.verdict.expected) is not None]
    statuses = Counter(entry.verdict.status for entry in judged)
    missing = len(judged) - len(settled)
    return {
        "n": len(judged),
        "scored": len(scores),
        "coverage": len(settled) / len(judged) if judged else 0.0,
        "mean": estimate.mean if estimate else None,
        "se": estimate.se if estimate else None,
        "lo": estimate.lo if estimate else None,
        "hi": estimate.hi if estimate else None,
        "environments": estimate.clusters if estimate else 0,
        "mean_zero_filled": (sum(values) + lowest * missing) / len(judged) if judged else None,
        "mean_scored": sum(scores) / len(scores) if scores else None,
        "mean_clean": sum(cleaned) / len(cleaned) if cleaned else None,
        "moved": sum(value != clean for value, clean in zip(values, cleaned, strict=True)),
        "expected": sum(expected) / len(expected) if expected else None,
        "statuses": {status: statuses[status] for status in STATUSES if statuses[status]},
    }


def _is_settled(verdict: Verdict) -> bool:
    """Whether asking the judge again cannot change the verdict: a score, or the model's own failure."""
    return verdict.score is not None or verdict.status in MODEL_FAILURES


def _failure(entry: JudgedSample) -> dict[str, Any]:
    verdict = entry.verdict
    return {
        "id": entry.sample.id,
        "status": verdict.status,
        "reason": verdict.reason,
        "raw": verdict.raw[:_EXCERPT],
    }


def _suspect(entry: JudgedSample) -> dict[str, Any]:
    verdict = entry.verdict
    return {
        "id": entry.sample.id,
        "flags": [flag for flag in verdict.flags if flag in SUSPICIONS],
        "score": verdict.score,
        "clean_score": verdict.clean_score,
        "answer": entry.sample.text[-_EXCERPT:],
    }


def _row(name: str, cell: dict[str, Any]) -> list[object]:
    ends = interval(cell["lo"], cell["hi"], 2, scale=1) or "-"
    others = [cell["mean_zero_filled"], cell["mean_clean"], cell["expected"]]
    figures = [_number(cell["mean"]), ends, *map(_number, others)]
    return [name, cell["n"], cell["scored"], figure(cell["coverage"]), *figures]


def _number(value: float | None) -> str:
    return figure(value, 2, scale=1) or "-"
