"""Statistics of agreement: weighted kappa, AUC, Krippendorff's alpha, and intervals over environments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.stats import LEAST_CLUSTERS, resampled_counts

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
