"""Is one model better than another? Paired differences, sign flips of whole panoramas, ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.stats.estimates import (
    Clusters,
    Estimate,
    Floats,
    cluster_totals,
    column_totals,
    estimate,
    mean_errors,
)

#: Up to this many clusters every one of the 2^C sign patterns is tried; above it they are sampled.
EXACT_CLUSTERS = 14
#: Sign patterns drawn by default; the smallest sampled p-value is then 1 / 10,001.
FLIPS = 10_000


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


def paired_difference(
    a: Sequence[float] | Floats,
    b: Sequence[float] | Floats,
    clusters: Clusters,
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
    gap = estimate(totals, "t", level)
    p = float(sign_flip_p(totals.sums[:, None])[0]) if count > 1 else None
    return Difference(gap, p, exact=count <= EXACT_CLUSTERS)


def sign_flip_p(sums: Floats, resamples: int = FLIPS, seed: int = 0) -> Floats:
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
    exact = count <= EXACT_CLUSTERS
    signs = _all_signs(count) if exact else _drawn_signs(count, resamples, seed)
    observed = np.abs(sums.sum(axis=0))
    # A flipped sum that equals the observed one up to rounding is as extreme, not less so.
    bar = observed - 1e-6 * (1.0 + np.abs(sums).sum(axis=0))
    # Hoeffding: a random pattern reaches z standard deviations with probability at most
    # 2 exp(-z^2 / 2), below 1e-5 from z = 5 on. Such sums count as reached by no drawn pattern.
    tried = np.flatnonzero(exact | (bar**2 < 25 * (sums**2).sum(axis=0)) | (observed == 0))
    hits, single = np.zeros(pairs), sums.astype(np.float32)
    # Blocks of flipped sums small enough to stay near the processor.
    block = max(1, 2_000_000 // len(signs))
    for start in range(0, len(tried), block):
        part = tried[start : start + block]
        hits[part] = (np.abs(signs @ single[:, part]) >= bar[part]).sum(axis=0)
    return hits / len(signs) if exact else (1 + hits) / (1 + len(signs))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's step-down adjusted p-values, in the order given (Holm 1979)."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def pairwise(values: Floats, clusters: Clusters) -> Pairwise:
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
        sums, counts = column_totals(values, clusters)
        gaps = sums[:, upper[0]] - sums[:, upper[1]]
        difference[upper], errors, _ = mean_errors(gaps, counts[:, upper[0]])
        error[upper] = error.T[upper] = errors
        if len(counts) > 1:
            p[upper] = p.T[upper] = sign_flip_p(gaps)
    difference -= difference.T
    for a in range(models):
        others = np.arange(models) != a
        adjusted[a, others] = holm(p[a, others].tolist())
    return Pairwise(difference, error, p, adjusted)


def _all_signs(clusters: int) -> npt.NDArray[np.float32]:
    bits = (np.arange(2**clusters)[:, None] >> np.arange(clusters)) & 1
    return (1 - 2 * bits).astype(np.float32)


def _drawn_signs(clusters: int, resamples: int, seed: int) -> npt.NDArray[np.float32]:
    bits = np.random.default_rng(seed).integers(0, 2, size=(resamples, clusters), dtype=np.int8)
    return (1 - 2 * bits).astype(np.float32)
