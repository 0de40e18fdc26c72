"""What an audit prints for one measure on one set of questions, and two estimates that only audits need.

Errors are clustered by environment, like all others (``stats``). Where too little is there to say
anything, a figure says so and has neither a value nor an interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from panoenv_tasks.stats import (
    LEAST_CLUSTERS,
    ClusterTotals,
    Estimate,
    cluster_totals,
    clustered_mean,
    estimate,
    t_quantile,
)
from panoenv_tasks.stats.estimates import Clusters, Floats

#: A gap needs this many marked questions in this many clusters, and two of each side in a stratum: with one
#: question a stratum has no spread, and five questions have given -100 [-100, -100].
LEAST_MARKED, LEAST_MARKED_CLUSTERS, LEAST_IN_STRATUM = 20, 10, 2
#: A ratio needs this much below its line: near 0 it says -893 of a model that is a little worse than blind.
LEAST_BELOW = 10.0


@dataclass(frozen=True)
class Figure:
    """One measure on one set of questions.

    Attributes:
        estimate: The value and its interval; None where too little is there to say.
        reason: Why there is no value; empty where there is one.
        beside: What the value was made from or must be read with, by name, as shares.
    """

    estimate: Estimate | None
    reason: str = ""
    beside: Mapping[str, float] = field(default_factory=dict)


def share(
    values: Sequence[float], clusters: Clusters, beside: Mapping[str, float] | None = None
) -> Figure | None:
    """Return the mean of values in [0, 1] with a Wilson interval; None when there are none."""
    mean = clustered_mean(values, clusters, "wilson")
    return Figure(mean, beside=beside or {}) if mean else None


def difference(
    first: Sequence[float], second: Sequence[float], clusters: Clusters, names: tuple[str, str]
) -> Figure | None:
    """Return mean(first - second), paired by question, with the two means beside it; None without any."""
    mean = clustered_mean(np.subtract(first, second), clusters)
    if mean is None:
        return None
    return Figure(mean, beside=dict(zip(names, (float(np.mean(first)), float(np.mean(second))), strict=True)))


def ratio(above: Sequence[float], below: Sequence[float], clusters: Clusters) -> Figure | None:
    """Estimate sum(above) / sum(below); the interval resamples whole clusters.

    Returns:
        None when there is nothing; no value when there is less than ``LEAST_BELOW`` to divide by.
    """
    if not above:
        return None
    if sum(below) < LEAST_BELOW:
        return Figure(None, f"only {sum(below):.1f} to divide by, at least {LEAST_BELOW:.0f} are needed")
    totals = ClusterTotals(cluster_totals(above, clusters).sums, cluster_totals(below, clusters).sums)
    return Figure(replace(estimate(totals, "bootstrap"), n=len(above)))


def gap(
    values: Sequence[float] | Floats,
    marked: Sequence[bool] | npt.NDArray[np.bool_],
    strata: Clusters,
    clusters: Clusters,
    level: float = 0.95,
) -> Figure | None:
    """Estimate mean(others) - mean(marked) of values in [0, 1], the others weighted to the marked's strata.

    So a gap is not made by the marked being of easier or harder kinds. Strata with fewer than
    ``LEAST_IN_STRATUM`` questions on either side take no part. The error is linearised and clustered, like
    that of a mean (``stats.estimates``), with the weights held fixed.

    Returns:
        The estimate, ``n`` counting the marked; None when nothing is marked; no value below ``LEAST_MARKED``
        marked questions or ``LEAST_MARKED_CLUSTERS`` clusters of them.
    """
    value, inside, kind = np.asarray(values, np.float64), np.asarray(marked, bool), np.asarray(strata)
    if not inside.any():
        return None
    usable = [
        k
        for k in np.unique(kind)
        if min((inside[kind == k]).sum(), (~inside[kind == k]).sum()) >= LEAST_IN_STRATUM
    ]
    keep = np.isin(kind, usable)
    n, places = int(inside[keep].sum()), len(np.unique(np.asarray(clusters)[keep & inside]))
    if n < LEAST_MARKED or places < LEAST_MARKED_CLUSTERS:
        needed = f"at least {LEAST_MARKED} in {LEAST_MARKED_CLUSTERS} are needed"
        return Figure(None, f"{n} such questions in {places} environments; {needed}")
    gap_, influence = 0.0, np.zeros(len(value))
    for k in usable:
        here, there = (kind == k) & inside, (kind == k) & ~inside
        weight = float(here.sum()) / n
        gap_ += weight * float(value[there].mean() - value[here].mean())
        influence[here] = -weight * (value[here] - value[here].mean()) / here.sum()
        influence[there] = weight * (value[there] - value[there].mean()) / there.sum()
    sums = cluster_totals(influence[keep], np.asarray(clusters)[keep]).sums
    count = len(sums)
    error = math.sqrt(count / (count - 1) * float((sums**2).sum()))
    if error == 0 or count < LEAST_CLUSTERS:
        return Figure(Estimate(gap_, error, None, None, n, count))
    reach = t_quantile(0.5 + level / 2, count - 1) * error
    return Figure(Estimate(gap_, error, max(-1.0, gap_ - reach), min(1.0, gap_ + reach), n, count))
