"""Means of clustered values with their standard errors and intervals.

The mean over questions is a ratio of cluster sums; its standard error is the usual linearised one
with the finite-cluster correction C / (C - 1) (Cameron and Miller 2015; Miller 2024, arXiv
2411.00640). Shares of right answers in small cells get a Wilson interval at the effective sample
size (Kott and Carr 1997), which stays inside [0, 1] and does not shrink to nothing when all answers
are right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Clusters = Sequence[str] | Sequence[int] | npt.NDArray[Any]
Interval = Literal["t", "wilson", "bootstrap"]

#: Bootstrap resamples.
RESAMPLES = 10_000


@dataclass(frozen=True)
class ClusterTotals:
    """Sum of values and number of values per cluster; arrays of shape (C,)."""

    sums: Floats
    counts: Floats

    @property
    def mean(self) -> float:
        """Mean over values (not over clusters)."""
        return float(self.sums.sum() / self.counts.sum())

    @property
    def residuals(self) -> Floats:
        """What each cluster adds to the deviation from the overall mean; shape (C,), sums to 0."""
        return self.sums - self.mean * self.counts


@dataclass(frozen=True)
class Estimate:
    """A mean with its uncertainty.

    ``se``, ``lo`` and ``hi`` are None when they cannot be known (fewer than two clusters), which is
    not the same as 0 (no variation was seen).
    """

    mean: float
    se: float | None
    lo: float | None
    hi: float | None
    n: int
    clusters: int


def cluster_totals(values: Sequence[float] | Floats, clusters: Clusters) -> ClusterTotals:
    """Partition values by cluster id. The only place where ids become clusters.

    Raises:
        ValueError: Lengths differ, a value is not finite, or a cluster id is missing.
    """
    numbers = np.asarray(values, dtype=np.float64)
    ids = np.asarray(clusters)
    if numbers.ndim != 1 or numbers.shape != ids.shape:
        raise ValueError(f"{numbers.shape} values for {ids.shape} cluster ids; expected one each")
    if not np.isfinite(numbers).all():
        raise ValueError("values must be finite; leave missing ones out, with their cluster ids")
    if ids.dtype == object or (ids.dtype.kind == "U" and bool((ids == "").any())):
        raise ValueError("every value needs a cluster id; some are missing or of mixed type")
    _, codes = np.unique(ids, return_inverse=True)
    return ClusterTotals(
        sums=np.bincount(codes, weights=numbers).astype(np.float64),
        counts=np.bincount(codes).astype(np.float64),
    )


def clustered_mean(
    values: Sequence[float] | Floats,
    clusters: Clusters,
    interval: Interval = "t",
    level: float = 0.95,
) -> Estimate | None:
    """Estimate a mean whose values come in clusters; None when there are no values.

    Args:
        values: One number a question.
        clusters: The cluster of each, e.g. ``Item.panorama``.
        interval: ``t`` with C - 1 degrees of freedom; ``wilson`` for shares (values 0 or 1);
            ``bootstrap`` resamples whole clusters (percentiles, fixed seed).
        level: Coverage aimed at.

    Raises:
        ValueError: See ``cluster_totals``; or ``wilson`` with values outside [0, 1].
    """
    if len(values) == 0:
        return None
    return estimate(cluster_totals(values, clusters), interval, level)


def estimate(totals: ClusterTotals, interval: Interval = "t", level: float = 0.95) -> Estimate:
    """Estimate the mean from totals that were partitioned elsewhere; see ``clustered_mean``."""
    count, n, mean = len(totals.sums), int(totals.counts.sum()), totals.mean
    if count < 2:
        return Estimate(mean, None, None, None, n, count)
    spread = count / (count - 1) * float((totals.residuals**2).sum())
    error = math.sqrt(spread) / float(totals.counts.sum())
    if interval == "bootstrap":
        lo, hi = _bootstrap_interval(totals, level)
    elif interval == "wilson":
        lo, hi = _wilson_interval(mean, error, count, level)
    else:
        reach = t_quantile(0.5 + level / 2, count - 1) * error
        lo, hi = mean - reach, mean + reach
    return Estimate(mean, error, lo, hi, n, count)


def minimal_detectable_difference(
    se: float, clusters: int, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the smallest true difference that a two-sided test would find with the given power.

    Args:
        se: Standard error of the (paired) difference, clustered.
        clusters: Their number; None is returned below two.
        alpha: Of the two-sided test.
        power: Chance to find it, at least 0.5.
    """
    if clusters < 2:
        return None
    df = clusters - 1
    return (t_quantile(1 - alpha / 2, df) + t_quantile(power, df)) * se


def t_quantile(p: float, df: int) -> float:
    """Return the p-quantile of Student's t with ``df`` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def _wilson_interval(share: float, error: float, clusters: int, level: float) -> tuple[float, float]:
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a Wilson interval needs values in [0, 1]; their mean is {share:g}")
    # No variation tells nothing about correlation inside a cluster: count clusters, not questions.
    effective = share * (1 - share) / error**2 if error > 0 else float(clusters)
    effective = max(effective, 1.0)
    q = t_quantile(0.5 + level / 2, clusters - 1)
    centre = (share + q * q / (2 * effective)) / (1 + q * q / effective)
    reach = (q / (1 + q * q / effective)) * math.sqrt(
        share * (1 - share) / effective + q * q / (4 * effective**2)
    )
    return max(0.0, centre - reach), min(1.0, centre + reach)


def _bootstrap_interval(totals: ClusterTotals, level: float) -> tuple[float, float]:
    draws = _resampled_counts(len(totals.sums))
    means = (draws @ totals.sums) / (draws @ totals.counts)
    lo, hi = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2])
    return float(lo), float(hi)


@lru_cache(maxsize=4)
def _resampled_counts(clusters: int) -> Floats:
    """How often each cluster is drawn in each resample; shape (RESAMPLES, clusters)."""
    generator = np.random.default_rng(0)
    drawn = generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=RESAMPLES)
    return drawn.astype(np.float64)
