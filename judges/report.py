"""The agreement report: judges against the exact scorer, and against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from judges.agreement import (
    Floats,
    auc,
    bootstrapped,
    contingency_tables,
    krippendorff_alpha,
    quadratic_kappa,
)
from judges.built_in import base_protocol
from judges.protocol import counted_score
from judges.records import JudgedSample, cluster_of
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.rescore import score_sample
from panoenv_tasks.stats import figure, with_interval

#: Every scale is read in steps of a tenth: 0-10 as it is, 1-5 as 0, 2.5, 5, 7.5, 10 rounded half up.
STEPS = 11


def agreement_report(files: Mapping[str, Sequence[JudgedSample]]) -> dict[str, Any]:
    """Compare judged runs of the same samples.

    Args:
        files: Judged samples by the name to print, one judge and protocol each.

    Returns:
        ``{"judges": {name: {...}}, "pairs": [...], "alpha"}``, ready for JSON. Per judge, in total and under
        ``question_type``: coverage, AUC and quadratic kappa against the exact strict scorer, mean score of
        right and of wrong answers, and the table (score by wrong, right). An answer that was none counts
        with the lowest score, as in the published mean. Per pair: kappa on the samples both scored, and the
        table. ``alpha``: Krippendorff's, of all judges together; None for a single one.

    Raises:
        DataError: A file has no samples, holds a sample twice or several protocols, or two share none.
    """
    steps = {name: _by_id(name, judged) for name, judged in files.items()}
    return {
        "judges": {name: _against_exact(judged, steps[name]) for name, judged in files.items()},
        "pairs": [_pair(a, b, files, steps) for a, b in combinations(files, 2)],
        "alpha": krippendorff_alpha(list(steps.values())) if len(files) > 1 else None,
    }


def _by_id(name: str, judged: Sequence[JudgedSample]) -> dict[str, int]:
    """Return the steps (0 to 10) of the samples that count in the published mean, by sample id."""
    ids = {entry.sample.id for entry in judged}
    if not judged:
        raise DataError(f"{name}: no judged samples")
    if len(ids) < len(judged) or len({entry.protocol for entry in judged}) > 1:
        raise DataError(f"{name}: a sample twice or several protocols; compare one run of each at a time")
    protocol = base_protocol(judged[0].protocol)
    low, high = protocol.scale
    return {
        entry.sample.id: int((STEPS - 1) * (score - low) / (high - low) + 0.5)
        for entry in judged
        if (score := counted_score(protocol, entry.verdict)) is not None
    }


def _against_exact(judged: Sequence[JudgedSample], steps: Mapping[str, int]) -> dict[str, Any]:
    types = sorted({entry.sample.question_type for entry in judged})
    return {
        "protocol": judged[0].protocol,
        "judge_id": judged[0].verdict.judge_id,
        **_compared(judged, steps),
        "question_type": {
            name: _compared([e for e in judged if e.sample.question_type == name], steps) for name in types
        },
    }


def _compared(judged: Sequence[JudgedSample], steps: Mapping[str, int]) -> dict[str, Any]:
    scored = [entry for entry in judged if entry.sample.id in steps]
    exact = [score_sample(entry.sample, "strict") for entry in scored]
    given = [steps[entry.sample.id] for entry in scored]
    clusters = [cluster_of(entry.sample) for entry in scored]
    by_right = contingency_tables(given, [int(e.correct) for e in exact], clusters, (STEPS, 2))
    by_value = contingency_tables(
        given, [int((STEPS - 1) * e.value + 0.5) for e in exact], clusters, (STEPS, STEPS)
    )
    confusion = by_right.sum(axis=0)
    return {
        "n": len(judged),
        "coverage": len(scored) / len(judged),
        "auc": asdict(bootstrapped(by_right, auc)),
        "kappa_exact": asdict(bootstrapped(by_value, quadratic_kappa)),
        "mean_wrong": _mean_step(confusion[:, 0]),
        "mean_right": _mean_step(confusion[:, 1]),
        "confusion": confusion.astype(int).tolist(),
    }


def _pair(
    a: str, b: str, files: Mapping[str, Sequence[JudgedSample]], steps: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    shared = {entry.sample.id for entry in files[a]} & {entry.sample.id for entry in files[b]}
    if not shared:
        raise DataError(f"{a} and {b} have no sample in common; compare judges of one run")
    both = [e.sample for e in files[a] if e.sample.id in steps[a] and e.sample.id in steps[b]]
    counts = contingency_tables(
        [steps[a][sample.id] for sample in both],
        [steps[b][sample.id] for sample in both],
        [cluster_of(sample) for sample in both],
        (STEPS, STEPS),
    )
    return {
        "a": a,
        "b": b,
        "shared": len(shared),
        "both_scored": len(both),
        "kappa": asdict(bootstrapped(counts, quadratic_kappa)),
        "confusion": counts.sum(axis=0).astype(int).tolist(),
    }


def _mean_step(counts: Floats) -> float | None:
    total = float(counts.sum())
    return float(counts @ np.arange(STEPS)) / total if total else None


def agreement_markdown(report: Mapping[str, Any]) -> str:
    """Return the report as Markdown tables."""
    header = ("judge", "n", "coverage %", "AUC", "kappa with exact", "mean if wrong", "mean if right")
    rows = []
    for name, entry in report["judges"].items():
        rows.append(_row(name, entry))
        rows += [
            _row(f"{name}: {kind or '(unknown)'}", cell) for kind, cell in entry["question_type"].items()
        ]
    pairs = [
        (f"{pair['a']} / {pair['b']}", pair["shared"], pair["both_scored"], _statistic(pair["kappa"]))
        for pair in report["pairs"]
    ]
    tables = [table(header, rows)]
    if pairs:
        tables.append(table(("judges", "shared", "both scored", "quadratic kappa"), pairs))
    labelled = {name: entry["labelled"] for name, entry in report["judges"].items() if "labelled" in entry}
    if labelled:
        tables.append(_labelled_table(labelled))
    if report["alpha"] is not None:
        tables.append(f"Krippendorff's alpha of all {len(report['judges'])} judges: {report['alpha']:.3f}")
    return "\n\n".join(tables)


def _labelled_table(labelled: Mapping[str, Mapping[str, Any]]) -> str:
    header = ("judge", "labelled", "false accepts %", "false refusals %", "right by labels %")
    rows = []
    for name, rates in labelled.items():
        count = sum(cell["labelled"] for cell in rates["cells"].values())
        for who in ("judge", "rules"):
            errors = rates[who] or {"false_accepts": None, "false_refusals": None}
            shown = map(_share, (errors["false_accepts"], errors["false_refusals"], rates["share_right"]))
            rows.append((name if who == "judge" else f"{name}: rules", count, *shown))
    return table(header, rows)


def _share(rate: Mapping[str, float | None] | None) -> str:
    """A rate in per cent with its 95 % interval."""
    if rate is None or rate["value"] is None:
        return "-"
    return with_interval(rate["value"], rate["lo"], rate["hi"])


def _row(name: str, cell: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        name,
        cell["n"],
        figure(cell["coverage"]),
        _statistic(cell["auc"]),
        _statistic(cell["kappa_exact"]),
        _number(cell["mean_wrong"]),
        _number(cell["mean_right"]),
    )


def _statistic(entry: Mapping[str, float | None]) -> str:
    return with_interval(entry["value"], entry["lo"], entry["hi"], 3, scale=1) or "-"


def _number(value: float | None) -> str:
    return figure(value, 2, scale=1) or "-"
