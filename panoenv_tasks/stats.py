"""Error bars and tests that know that about 25 questions share one panorama.

Everything here works from one thing: per cluster (a panorama), the sum of the values and their
number (``ClusterTotals``). Standard errors, degrees of freedom, bootstrap and sign flips all read
that one partition, so they cannot disagree about what a cluster is.

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
Interval = Literal["t", "wilson", "bootstrap"]

#: Up to this many clusters every one of the 2^C sign patterns is tried; above it they are sampled.
EXACT_CLUSTERS = 14
#: Resamples drawn by default; the smallest sampled p-value is then 1 / 10,001.
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


@dataclass(frozen=True)
class Difference:
    """A paired difference ``a - b`` with the p-value of the whole-cluster sign-flip test.

    ``p`` is two-sided; None with fewer than two clusters. ``exact`` tells whether every sign
    pattern was tried.
    """

    estimate: Estimate
    p: float | None
    exact: bool


@dataclass(frozen=True)
class Pairwise:
    """Every model against every other; arrays of shape (M, M), entry [a, b] about ``a - b``.

    ``p`` is the two-sided sign-flip value; ``adjusted`` is Holm's within row ``a``: the family is
    one model's comparisons with all others. ``se`` is NaN with fewer than two clusters; p is then 1.
    """

    difference: Floats
    se: Floats
    p: Floats
    adjusted: Floats

    def ranks(self, alpha: float = 0.05) -> list[int]:
        """Rank with uncertainty: 1 + the number of models significantly better.

        Models that cannot be told apart share a rank.
        """
        better = (self.adjusted < alpha) & (self.difference < 0)
        return [1 + int(row.sum()) for row in better]


def cluster_totals(
    values: Sequence[float] | Floats, clusters: Sequence[str] | Sequence[int] | npt.NDArray[Any]
) -> ClusterTotals:
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
    clusters: Sequence[str] | Sequence[int] | npt.NDArray[Any],
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
    error = math.sqrt(count / (count - 1) * float((totals.residuals**2).sum())) / n
    if interval == "bootstrap":
        lo, hi = _bootstrap_interval(totals, level)
    elif interval == "wilson":
        lo, hi = _wilson_interval(mean, error, count, level)
    else:
        reach = t_quantile(0.5 + level / 2, count - 1) * error
        lo, hi = mean - reach, mean + reach
    return Estimate(mean, error, lo, hi, n, count)


def paired_difference(
    a: Sequence[float] | Floats,
    b: Sequence[float] | Floats,
    clusters: Sequence[str] | Sequence[int] | npt.NDArray[Any],
    level: float = 0.95,
) -> Difference | None:
    """Compare two models on the same questions; None when there are no questions.

    The interval is clustered t. The p-value flips the sign of the difference of whole clusters:
    under the null hypothesis a panorama is as likely to favour one model as the other.

    Args:
        a: Values of the first model, one a question.
        b: Values of the second model on the same questions in the same order.
        clusters: The cluster of each question.
        level: Coverage of the interval.

    Raises:
        ValueError: Lengths differ, or see ``cluster_totals``.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} and {len(b)} values cannot be paired; expected the same number")
    if len(a) == 0:
        return None
    totals = cluster_totals(np.asarray(a, dtype=np.float64) - np.asarray(b, np.float64), clusters)
    count = len(totals.sums)
    found = estimate(totals, "t", level)
    p = float(sign_flip_p(totals.sums[:, None])[0]) if count > 1 else None
    return Difference(found, p, exact=count <= EXACT_CLUSTERS)


def sign_flip_p(sums: Floats, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Return two-sided p-values of the sign-flip test for many differences at once.

    Args:
        sums: Shape (C, K): per cluster, the summed difference of each of K pairs.
        resamples: Sign patterns to draw when C exceeds ``EXACT_CLUSTERS``.
        seed: Of the drawn patterns.

    Returns:
        Shape (K,). Exact p-values count the observed pattern among the 2^C; sampled ones are
        (1 + hits) / (1 + resamples) (Phipson and Smyth 2010), never 0.
    """
    count, pairs = sums.shape
    if count <= EXACT_CLUSTERS:
        signs = 1.0 - 2.0 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1)
    else:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(resamples, count))
    observed = np.abs(sums.sum(axis=0))
    # A flipped sum that equals the observed one up to rounding is as extreme, not less so.
    bar = observed - 1e-9 * (1.0 + np.abs(sums).sum(axis=0))
    hits = np.empty(pairs)
    block = max(1, 20_000_000 // len(signs))
    for start in range(0, pairs, block):
        part = slice(start, start + block)
        hits[part] = (np.abs(signs @ sums[:, part]) >= bar[part]).sum(axis=0)
    return hits / len(signs) if count <= EXACT_CLUSTERS else (1 + hits) / (1 + len(signs))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's step-down adjusted p-values, in the order given (Holm 1979)."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def pairwise(values: Floats, clusters: Sequence[str] | Sequence[int] | npt.NDArray[Any]) -> Pairwise:
    """Compare every model with every other on the same questions.

    Args:
        values: Shape (questions, models): the same questions for every model, more is better.
        clusters: The cluster of each question.
    """
    models = values.shape[1]
    difference, error = np.zeros((models, models)), np.full((models, models), np.nan)
    p, adjusted = np.ones((models, models)), np.ones((models, models))
    upper = np.triu_indices(models, k=1)
    if len(values) and len(upper[0]):
        totals = [cluster_totals(values[:, m], clusters) for m in range(models)]
        sums, counts = np.stack([t.sums for t in totals], axis=1), totals[0].counts
        gaps = sums[:, upper[0]] - sums[:, upper[1]]
        found = [estimate(ClusterTotals(gap, counts)) for gap in gaps.T]
        difference[upper] = [e.mean for e in found]
        error[upper] = error.T[upper] = [np.nan if e.se is None else e.se for e in found]
        if len(counts) > 1:
            p[upper] = p.T[upper] = sign_flip_p(gaps)
    difference -= difference.T
    for a in range(models):
        others = np.arange(models) != a
        adjusted[a, others] = holm(p[a, others].tolist())
    return Pairwise(difference, error, p, adjusted)


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
