"""Means of clustered values with their standard errors and intervals.

The mean over questions is a ratio of cluster sums; its standard error is the usual linearised one
with the finite-cluster correction C / (C - 1) (Cameron and Miller 2015; Miller 2024, arXiv
2411.00640). Shares get a Wilson interval at the effective sample size n / deff (Korn and Graubard
1998; Dean and Pagano 2015), which stays inside [0, 1]; ``deff`` is the measured design effect, but never
below ``LEAST_DESIGN_EFFECT``. Differences and means of other numbers get Student's t.

No interval is given where none can be trusted, and ``no_interval`` says why.
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

#: The smallest design effect that a share's interval assumes: answers that share a cluster never tell more
#: than independent ones would. It takes over where nothing varies (all right, all wrong), for which no
#: design effect can be measured. The US health statistics use the same floor (Parker et al. 2017).
LEAST_DESIGN_EFFECT = 1.0
#: With fewer clusters a standard error is itself hardly known (t beyond 4.3), so there is no interval.
LEAST_CLUSTERS = 4

#: Bootstrap resamples; their own error is then below a fiftieth of the interval's width.
RESAMPLES = 4_000


@dataclass(frozen=True)
class ClusterTotals:
    """Sum of values and number of values per cluster; arrays of shape (C,)."""

    sums: Floats
    counts: Floats

    @property
    def mean(self) -> float:
        """Mean over values (not over clusters)."""
        return float(self.sums.sum() / self.counts.sum())


@dataclass(frozen=True)
class Estimate:
    """A mean with its uncertainty.

    ``se`` is None when it cannot be known (fewer than two clusters), which is not the same as 0 (no
    variation was seen). ``lo`` and ``hi`` are None where no interval can be given; see ``no_interval``.
    """

    mean: float
    se: float | None
    lo: float | None
    hi: float | None
    n: int
    clusters: int


def cluster_totals(values: Sequence[float] | Floats, clusters: Clusters) -> ClusterTotals:
    """Partition values by cluster id; see ``column_totals``."""
    sums, counts = column_totals(np.asarray(values, dtype=np.float64)[..., None], clusters)
    return ClusterTotals(sums[:, 0], counts[:, 0])


def column_totals(
    values: Floats, clusters: Clusters, held: npt.NDArray[np.bool_] | None = None
) -> tuple[Floats, Floats]:
    """Partition columns of values by cluster id. The only place where ids become clusters.

    Args:
        values: Shape (n, K), or (n, 1) when all columns hold the same values.
        clusters: The cluster of each row.
        held: Shape (n, K): which rows each column holds; None: all.

    Returns:
        Sums and counts, each of shape (C, K); a cluster without rows in a column counts 0 there.

    Raises:
        ValueError: Lengths differ, a value is not finite, or a cluster id is missing.
    """
    ids = np.asarray(clusters)
    if values.ndim != 2 or values.shape[:1] != ids.shape:
        raise ValueError(f"{values.shape[:-1]} values for {ids.shape} cluster ids; expected one each")
    if not np.isfinite(values).all():
        raise ValueError("values must be finite; leave missing ones out, with their cluster ids")
    if ids.dtype == object or (ids.dtype.kind == "U" and bool((ids == "").any())):
        raise ValueError("every value needs a cluster id; some are missing or of mixed type")
    _, codes = np.unique(ids, return_inverse=True)
    size, columns = int(codes.max()) + 1, max(values.shape[1], 1 if held is None else held.shape[1])
    every = np.broadcast_to(values, (len(ids), columns)).T
    rows: list[Any] = (
        [slice(None)] * columns if held is None else [np.flatnonzero(column) for column in held.T]
    )
    sums = [np.bincount(codes[own], column[own], size) for own, column in zip(rows, every, strict=True)]
    counts = [np.bincount(codes[own], minlength=size) for own in rows]
    return np.stack(sums, axis=1), np.stack(counts, axis=1).astype(np.float64)


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
        interval: ``wilson`` for shares (values 0 or 1, or shares themselves); ``t`` with C - 1 degrees of
            freedom for differences and other numbers; ``bootstrap`` resamples whole clusters (percentiles,
            fixed seed).
        level: Coverage aimed at.

    Raises:
        ValueError: See ``cluster_totals``; or ``wilson`` with values outside [0, 1].
    """
    if len(values) == 0:
        return None
    return estimate(cluster_totals(values, clusters), interval, level)


def estimate(totals: ClusterTotals, interval: Interval = "t", level: float = 0.95) -> Estimate:
    """Estimate the mean from totals that were partitioned elsewhere; see ``clustered_mean``."""
    return estimate_columns(totals.sums[:, None], totals.counts[:, None], interval, level)[0]


def estimate_columns(
    sums: Floats, counts: Floats, interval: Interval = "t", level: float = 0.95
) -> list[Estimate]:
    """Estimate one mean per column of totals.

    Args:
        sums: Shape (C, K), see ``column_totals``.
        counts: Shape (C, K); no column may be empty.
        interval: As in ``clustered_mean``.
        level: Coverage aimed at.
    """
    means, errors, clusters = mean_errors(sums, counts)
    estimates = []
    for column, n in enumerate(counts.sum(axis=0)):
        mean, error, count = float(means[column]), float(errors[column]), int(clusters[column])
        if interval == "wilson" and not 0.0 <= mean <= 1.0:
            raise ValueError(f"a Wilson interval needs values in [0, 1]; their mean is {mean:g}")
        lo: float | None
        hi: float | None
        if count < LEAST_CLUSTERS or (error == 0 and interval != "wilson"):
            lo = hi = None
        elif interval == "bootstrap":
            lo, hi = _bootstrap_interval(ClusterTotals(sums[:, column], counts[:, column]), level)
        elif interval == "wilson":
            lo, hi = _wilson_interval(mean, error, float(n), count, level)
        else:
            reach = t_quantile(0.5 + level / 2, count - 1) * error
            lo, hi = mean - reach, mean + reach
        estimates.append(Estimate(mean, error if count > 1 else None, lo, hi, int(n), count))
    return estimates


def no_interval(mean: Estimate) -> str:
    """Say in a few words why an estimate has no interval; empty when it has one."""
    if mean.lo is not None:
        return ""
    if mean.clusters < LEAST_CLUSTERS:
        return f"{mean.clusters} cluster{'s' if mean.clusters != 1 else ''} only"
    return "no variation"


def mean_errors(sums: Floats, counts: Floats) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
    """Return per column mean, standard error (NaN below two clusters) and number of clusters.

    Args:
        sums: Shape (C, K), see ``column_totals``.
        counts: Shape (C, K).
    """
    sizes = counts.sum(axis=0)
    means = sums.sum(axis=0) / sizes
    spread = ((sums - means * counts) ** 2).sum(axis=0)
    clusters = np.count_nonzero(counts, axis=0)
    correction = np.divide(clusters, clusters - 1, out=np.full(len(sizes), np.nan), where=clusters > 1)
    return means, np.sqrt(correction * spread) / sizes, clusters


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


@lru_cache(maxsize=256)
def t_quantile(p: float, df: int) -> float:
    """Return the p-quantile of Student's t with ``df`` degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(df, p))


def _wilson_interval(
    share: float, error: float, n: float, clusters: int, level: float
) -> tuple[float, float]:
    independent = share * (1 - share) / n
    design_effect = error**2 / independent if independent > 0 else 0.0
    effective = n / max(design_effect, LEAST_DESIGN_EFFECT)
    q = t_quantile(0.5 + level / 2, clusters - 1)
    centre = (share + q * q / (2 * effective)) / (1 + q * q / effective)
    reach = (q / (1 + q * q / effective)) * math.sqrt(
        share * (1 - share) / effective + q * q / (4 * effective**2)
    )
    return max(0.0, centre - reach), min(1.0, centre + reach)


def _bootstrap_interval(totals: ClusterTotals, level: float) -> tuple[float, float]:
    draws = resampled_counts(len(totals.sums))
    # Not as a matrix product, whose threads would wait for cores that read files.
    sums, counts = (np.einsum("rc,c->r", draws, part) for part in (totals.sums, totals.counts))
    means = sums / counts
    lo, hi = np.quantile(means, [0.5 - level / 2, 0.5 + level / 2])
    return float(lo), float(hi)


@lru_cache(maxsize=4)
def resampled_counts(clusters: int) -> Floats:
    """How often each cluster is drawn in each resample; shape (RESAMPLES, clusters)."""
    generator = np.random.default_rng(0)
    drawn = generator.multinomial(clusters, np.full(clusters, 1 / clusters), size=RESAMPLES)
    return drawn.astype(np.float64)
