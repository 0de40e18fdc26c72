"""The agreement report: judges against the exact scorer, and against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import numpy.typing as npt

from judges.built_in import base_protocol
from judges.protocol import counted_score
from judges.records import JudgedSample, cluster_of
from panoenv_tasks.figures import literal, save_figure
from panoenv_tasks.items import DataError
from panoenv_tasks.markdown import table
from panoenv_tasks.rescore import score_sample
from panoenv_tasks.stats import LEAST_CLUSTERS, figure, resampled_counts, with_interval

#: Every scale is read in steps of a tenth: 0-10 as it is, 1-5 as 0, 2.5, 5, 7.5, 10 rounded half up.
STEPS = 11

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Statistic:
    """A value with its 95 % bootstrap interval; None where it is undefined."""

    value: float | None
    lo: float | None
    hi: float | None


def contingency_tables(
    rows: Sequence[int], columns: Sequence[int], clusters: Sequence[str], shape: tuple[int, int]
) -> Floats:
    """Count pairs per cluster.

    Args:
        rows: First rating of each item, from 0 to ``shape[0] - 1``.
        columns: Second rating of each item, from 0 to ``shape[1] - 1``.
        clusters: Cluster of each item.
        shape: Of one table.

    Returns:
        Counts, shape (clusters, *shape).

    Raises:
        ValueError: A rating is outside the table.
    """
    for ratings, size in zip((rows, columns), shape, strict=True):
        if any(not 0 <= rating < size for rating in ratings):
            raise ValueError(f"ratings must lie from 0 to {size - 1}")
    names, codes = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    counts = np.zeros((len(names), *shape))
    np.add.at(counts, (codes, np.asarray(rows, dtype=int), np.asarray(columns, dtype=int)), 1.0)
    return counts


def quadratic_kappa(counts: Floats) -> Floats:
    """Return Cohen's kappa with quadratic weights (Cohen 1968) of tables of shape (..., k, k).

    NaN where all ratings of both sides are one and the same value.
    """
    k = counts.shape[-1]
    weights = (np.arange(k)[:, None] - np.arange(k)) ** 2.0
    total = counts.sum(axis=(-2, -1))
    by_chance = counts.sum(axis=-1)[..., :, None] * counts.sum(axis=-2)[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (weights * counts).sum(axis=(-2, -1)) * total / (weights * by_chance).sum(axis=(-2, -1))
    return np.asarray(1.0 - ratio, dtype=np.float64)


def auc(counts: Floats) -> Floats:
    """Return the chance that a right answer is rated above a wrong one, ties counting half.

    Args:
        counts: Shape (..., ratings, 2): the second axis is wrong, right.

    Returns:
        Shape (...); NaN where there are no right or no wrong answers.
    """
    wrong, right = counts[..., 0], counts[..., 1]
    below = np.cumsum(wrong, axis=-1) - wrong
    with np.errstate(divide="ignore", invalid="ignore"):
        won = (right * (below + wrong / 2)).sum(axis=-1) / (right.sum(axis=-1) * wrong.sum(axis=-1))
    return np.asarray(won, dtype=np.float64)


def krippendorff_alpha(raters: Sequence[Mapping[str, float]]) -> float | None:
    """Return Krippendorff's alpha for interval data (Krippendorff 2011, "Computing Krippendorff's Alpha").

    Args:
        raters: Each rater's ratings by unit; a unit that fewer than two have rated does not count.

    Returns:
        1 for full agreement, 0 for chance; None when no unit has two ratings or all ratings are equal.
    """
    units = {unit for ratings in raters for unit in ratings}
    rated = [[ratings[unit] for ratings in raters if unit in ratings] for unit in sorted(units)]
    pairable = [np.asarray(values, dtype=np.float64) for values in rated if len(values) > 1]
    if not pairable:
        return None
    pooled = np.concatenate(pairable)
    # Twice the sum of squared differences of all pairs is 2 n (sum of squares) - 2 (sum)^2.
    observed = sum(2 * (len(v) * (v**2).sum() - v.sum() ** 2) / (len(v) - 1) for v in pairable)
    expected = 2 * (len(pooled) * (pooled**2).sum() - pooled.sum() ** 2) / (len(pooled) - 1)
    return float(1 - observed / expected) if expected > 1e-12 else None


def bootstrapped(counts: Floats, statistic: Callable[[Floats], Floats]) -> Statistic:
    """Return a statistic of the summed tables with its percentile interval over environments.

    Args:
        counts: Shape (clusters, ...), see ``contingency_tables``.
        statistic: From tables of shape (n, ...) to values of shape (n,).
    """
    clusters = len(counts)
    value = float(statistic(counts.sum(axis=0)[None])[0]) if clusters else float("nan")
    if np.isnan(value):
        return Statistic(None, None, None)
    if clusters < LEAST_CLUSTERS:
        return Statistic(value, None, None)
    resampled = statistic(np.tensordot(resampled_counts(clusters), counts, axes=1))
    lo, hi = np.nanquantile(resampled, [0.025, 0.975])
    return Statistic(value, float(lo), float(hi))


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


def draw_agreement(report: Mapping[str, Any], path: Path) -> None:
    """Draw a report as a square grid, one row and column a judge.

    On the diagonal the scores of right and wrong answers, below it each pair's confusion table.

    Args:
        report: From ``agreement_report``.
        path: Image file; the suffix picks the format: .pdf, .svg or .png.

    Raises:
        DataError: The suffix is another, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    names = list(report["judges"])
    side = max(4.6, 3.8 * len(names))
    figure = Figure(figsize=(side, 0.92 * side), layout="constrained")
    axes = figure.subplots(len(names), len(names), squeeze=False)
    for unused in axes[np.triu_indices(len(names), 1)]:
        unused.set_axis_off()
    for place, (name, entry) in enumerate(report["judges"].items()):
        head = f"{name}\n{entry['judge_id']}, {entry['protocol']}"
        _scores(axes[place, place], head, np.asarray(entry["confusion"]), entry["auc"]["value"])
    for pair in report["pairs"]:
        _confusion(axes[names.index(pair["b"]), names.index(pair["a"])], pair)
    save_figure(figure, path)


def _scores(axes: Any, name: str, counts: Any, auc: float | None) -> None:
    steps = np.arange(len(counts))
    shares = counts / np.maximum(counts.sum(axis=0), 1)
    axes.bar(steps - 0.2, shares[:, 0], 0.4, label=f"wrong (n={counts[:, 0].sum()})", color="#c44e52")
    axes.bar(steps + 0.2, shares[:, 1], 0.4, label=f"right (n={counts[:, 1].sum()})", color="#4c72b0")
    axes.set_title(f"{_wrapped(name)}\nAUC {'-' if auc is None else f'{auc:.3f}'}", fontsize=10)
    axes.set_xticks(steps)
    axes.set_xlabel("score (scale read as 0-10)")
    axes.set_ylabel("share of the answers")
    axes.legend(title="exact strict scorer", frameon=False)


def _confusion(axes: Any, pair: Mapping[str, Any]) -> None:
    counts = np.asarray(pair["confusion"]).T
    kappa = pair["kappa"]["value"]
    axes.imshow(np.sqrt(counts), cmap="Blues", origin="lower")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = count > counts.max() / 4
            axes.text(
                column, row, count, ha="center", va="center", fontsize=7, color="white" if dark else "black"
            )
    axes.set_title(f"quadratic kappa {'-' if kappa is None else f'{kappa:.3f}'}", fontsize=10)
    axes.set_xlabel(_wrapped(pair["a"]))
    axes.set_ylabel(_wrapped(pair["b"]))
    axes.set_xticks(range(counts.shape[1]))
    axes.set_yticks(range(counts.shape[0]))


def _wrapped(name: str) -> str:
    return "\n".join(literal(line) for part in name.splitlines() for line in wrap(part, 40))
