"""How far two judges agree, and how well a judge separates right from wrong answers.

Every statistic is read from a contingency table, and the tables add up over panoramas: the bootstrap
draws panoramas with replacement and adds their tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 2000


@dataclass(frozen=True)
class Statistic:
    """A value with its 95 % bootstrap interval; None where it is undefined."""

    value: float | None
    lo: float | None
    hi: float | None


def tables(
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


def quadratic_kappa(table: Floats) -> Floats:
    """Return Cohen's kappa with quadratic weights (Cohen 1968) of tables of shape (..., k, k).

    NaN where all ratings of both sides are one and the same value.
    """
    k = table.shape[-1]
    weights = (np.arange(k)[:, None] - np.arange(k)) ** 2.0
    total = table.sum(axis=(-2, -1))
    by_chance = table.sum(axis=-1)[..., :, None] * table.sum(axis=-2)[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (weights * table).sum(axis=(-2, -1)) * total / (weights * by_chance).sum(axis=(-2, -1))
    return np.asarray(1.0 - ratio, dtype=np.float64)


def auc(table: Floats) -> Floats:
    """Return the chance that a right answer is rated above a wrong one, ties counting half.

    Args:
        table: Shape (..., ratings, 2): the second axis is wrong, right.

    Returns:
        Shape (...); NaN where there are no right or no wrong answers.
    """
    wrong, right = table[..., 0], table[..., 1]
    below = np.cumsum(wrong, axis=-1) - wrong
    with np.errstate(divide="ignore", invalid="ignore"):
        won = (right * (below + wrong / 2)).sum(axis=-1) / (right.sum(axis=-1) * wrong.sum(axis=-1))
    return np.asarray(won, dtype=np.float64)


def with_interval(counts: Floats, statistic: Callable[[Floats], Floats], seed: int = 0) -> Statistic:
    """Return a statistic of the summed tables with its percentile interval over panoramas.

    Args:
        counts: Shape (clusters, ...), see ``tables``.
        statistic: From tables of shape (n, ...) to values of shape (n,).
        seed: Of the resampling.
    """
    clusters = len(counts)
    value = float(statistic(counts.sum(axis=0)[None])[0]) if clusters else float("nan")
    if np.isnan(value):
        return Statistic(None, None, None)
    if clusters < 2:
        return Statistic(value, None, None)
    generator = np.random.default_rng(seed)
    draws = generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=RESAMPLES)
    resampled = statistic(np.tensordot(draws.astype(np.float64), counts, axes=1))
    lo, hi = np.nanquantile(resampled, [0.025, 0.975])
    return Statistic(value, float(lo), float(hi))
