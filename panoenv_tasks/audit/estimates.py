"""Two estimates that only audits need, with errors over panoramas like all others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from panoenv_tasks.stats import ClusterTotals, Estimate, cluster_totals, estimate, t_quantile
from panoenv_tasks.stats.estimates import Clusters, Floats


def ratio(above: Sequence[float], below: Sequence[float], clusters: Sequence[str]) -> Estimate | None:
    """Estimate sum(above) / sum(below); the interval resamples whole clusters.

    Returns:
        None when there is nothing, or nothing to divide by.
    """
    if not above or sum(below) <= 0:
        return None
    totals = ClusterTotals(cluster_totals(above, clusters).sums, cluster_totals(below, clusters).sums)
    return replace(estimate(totals, "bootstrap"), n=len(above))


def gap(
    values: Sequence[float] | Floats,
    marked: Sequence[bool] | npt.NDArray[np.bool_],
    strata: Clusters,
    clusters: Clusters,
    level: float = 0.95,
) -> Estimate | None:
    """Estimate mean(others) - mean(marked) of values in [0, 1], the others weighted to the marked's strata.

    So a gap is not made by the marked being of easier or harder kinds. Strata that lack either side take
    no part. The error is linearised and clustered, like that of a mean (``stats.estimates``), with the
    weights held fixed.

    Returns:
        The estimate, ``n`` counting the marked; None when no stratum has both sides.
    """
    value, inside, kind = np.asarray(values, np.float64), np.asarray(marked, bool), np.asarray(strata)
    usable = [k for k in np.unique(kind) if len(set(inside[kind == k].tolist())) == 2]
    if not usable:
        return None
    keep = np.isin(kind, usable)
    n = int(inside[keep].sum())
    difference, influence = 0.0, np.zeros(len(value))
    for k in usable:
        here, there = (kind == k) & inside, (kind == k) & ~inside
        weight = float(here.sum()) / n
        difference += weight * float(value[there].mean() - value[here].mean())
        influence[here] = -weight * (value[here] - value[here].mean()) / here.sum()
        influence[there] = weight * (value[there] - value[there].mean()) / there.sum()
    sums = cluster_totals(influence[keep], np.asarray(clusters)[keep]).sums
    count = len(sums)
    if count < 2:
        return Estimate(difference, None, None, None, n, count)
    error = math.sqrt(count / (count - 1) * float((sums**2).sum()))
    reach = t_quantile(0.5 + level / 2, count - 1) * error
    lo, hi = max(-1.0, difference - reach), min(1.0, difference + reach)
    return Estimate(difference, error, lo, hi, n, count)
