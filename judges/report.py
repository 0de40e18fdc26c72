"""The agreement report: judges against the exact scorer, and against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from judges.agreement import Floats, auc, quadratic_kappa, tables, with_interval
from judges.protocol import base_protocol
from judges.records import Judged
from panoenv_tasks.items import METHODS, DataError
from panoenv_tasks.records import Sample
from panoenv_tasks.scoring import Score, score_answer

#: Every scale is read in steps of a tenth: 0-10 as it is, 1-5 as 0, 2.5, 5, 7.5, 10 rounded half up.
STEPS = 11


def report(files: Mapping[str, Sequence[Judged]]) -> dict[str, Any]:
    """Compare judged runs of the same samples.

    Args:
        files: Judged samples by the name to print, one judge and protocol each.

    Returns:
        ``{"judges": {name: {...}}, "pairs": [...]}``, ready for JSON. Per judge: coverage, AUC and
        quadratic kappa against the exact strict scorer, mean score of right and of wrong answers, and
        the table (score by wrong, right). Per pair: kappa on the samples both scored, and the table.

    Raises:
        DataError: A file has no samples, holds a sample twice or several protocols, or two share none.
    """
    steps = {name: _by_id(name, judged) for name, judged in files.items()}
    return {
        "judges": {name: _against_exact(judged, steps[name]) for name, judged in files.items()},
        "pairs": [_pair(a, b, files, steps) for a, b in combinations(files, 2)],
    }


def _by_id(name: str, judged: Sequence[Judged]) -> dict[str, int]:
    """Return the scored samples' steps (0 to 10) by sample id."""
    ids = {entry.sample.id for entry in judged}
    if not judged:
        raise DataError(f"{name}: no judged samples")
    if len(ids) < len(judged) or len({entry.protocol for entry in judged}) > 1:
        raise DataError(f"{name}: a sample twice or several protocols; compare one run of each at a time")
    low, high = base_protocol(judged[0].protocol).scale
    return {
        entry.sample.id: int((STEPS - 1) * (score - low) / (high - low) + 0.5)
        for entry in judged
        if (score := entry.verdict.score) is not None
    }


def _against_exact(judged: Sequence[Judged], steps: Mapping[str, int]) -> dict[str, Any]:
    scored = [entry for entry in judged if entry.sample.id in steps]
    exact = [_exact(entry.sample) for entry in scored]
    given = [steps[entry.sample.id] for entry in scored]
    clusters = [entry.sample.panorama for entry in scored]
    by_right = tables(given, [int(e.correct) for e in exact], clusters, (STEPS, 2))
    by_value = tables(given, [int((STEPS - 1) * e.value + 0.5) for e in exact], clusters, (STEPS, STEPS))
    confusion = by_right.sum(axis=0)
    return {
        "protocol": judged[0].protocol,
        "judge_id": judged[0].verdict.judge_id,
        "n": len(judged),
        "coverage": len(scored) / len(judged),
        "auc": asdict(with_interval(by_right, auc)),
        "kappa_exact": asdict(with_interval(by_value, quadratic_kappa)),
        "mean_wrong": _mean_step(confusion[:, 0]),
        "mean_right": _mean_step(confusion[:, 1]),
        "confusion": confusion.astype(int).tolist(),
    }


def _exact(sample: Sample) -> Score:
    if sample.method not in METHODS:
        raise DataError(f"{sample.origin}: unknown scoring method {sample.method!r}")
    text = sample.text if "<answer>" in sample.text.lower() else f"<Answer>{sample.text}</Answer>"
    return score_answer(sample.method, sample.answer, text, "strict", sample.question)


def _pair(
    a: str, b: str, files: Mapping[str, Sequence[Judged]], steps: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    shared = {entry.sample.id for entry in files[a]} & {entry.sample.id for entry in files[b]}
    if not shared:
        raise DataError(f"{a} and {b} have no sample in common; compare judges of one run")
    both = [e.sample for e in files[a] if e.sample.id in steps[a] and e.sample.id in steps[b]]
    counts = tables(
        [steps[a][sample.id] for sample in both],
        [steps[b][sample.id] for sample in both],
        [sample.panorama for sample in both],
        (STEPS, STEPS),
    )
    return {
        "a": a,
        "b": b,
        "shared": len(shared),
        "both_scored": len(both),
        "kappa": asdict(with_interval(counts, quadratic_kappa)),
        "confusion": counts.sum(axis=0).astype(int).tolist(),
    }


def _mean_step(counts: Floats) -> float | None:
    total = float(counts.sum())
    return float(counts @ np.arange(STEPS)) / total if total else None


def render(found: Mapping[str, Any]) -> str:
    """Return the report as Markdown tables."""
    lines = [
        "| judge | n | coverage % | AUC | kappa with exact | mean if wrong | mean if right |",
        "|---" * 7 + "|",
    ]
    for name, entry in found["judges"].items():
        lines.append(
            f"| {name} | {entry['n']} | {100 * entry['coverage']:.1f} | {_statistic(entry['auc'])} |"
            f" {_statistic(entry['kappa_exact'])} | {_number(entry['mean_wrong'])} |"
            f" {_number(entry['mean_right'])} |"
        )
    if found["pairs"]:
        lines += ["", "| judges | shared | both scored | quadratic kappa |", "|---" * 4 + "|"]
    for pair in found["pairs"]:
        lines.append(
            f"| {pair['a']} / {pair['b']} | {pair['shared']} | {pair['both_scored']} |"
            f" {_statistic(pair['kappa'])} |"
        )
    return "\n".join(lines)


def _statistic(entry: Mapping[str, float | None]) -> str:
    interval = "" if entry["lo"] is None else f" [{entry['lo']:.3f}, {entry['hi']:.3f}]"
    return "-" if entry["value"] is None else f"{entry['value']:.3f}{interval}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
