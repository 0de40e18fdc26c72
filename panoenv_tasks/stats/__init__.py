"""Error bars and tests that know that about 25 questions share one panorama.

Everything here works from one thing: per cluster (a panorama), the sum of the values and their
number (``ClusterTotals``). Standard errors, degrees of freedom, bootstrap and sign flips all read
that one partition, so they cannot disagree about what a cluster is.
"""

from panoenv_tasks.stats.comparisons import (
    Difference,
    Pairwise,
    holm,
    paired_difference,
    pairwise,
    sign_flip_p,
)
from panoenv_tasks.stats.estimates import (
    LEAST_CLUSTERS,
    LEAST_DESIGN_EFFECT,
    ClusterTotals,
    Estimate,
    cluster_totals,
    clustered_mean,
    column_totals,
    estimate,
    estimate_columns,
    minimal_detectable_difference,
    no_interval,
    resampled_counts,
    t_quantile,
)
from panoenv_tasks.stats.shown import BRACKETS, figure, interval, with_interval

__all__ = [
    "BRACKETS",
    "LEAST_CLUSTERS",
    "LEAST_DESIGN_EFFECT",
    "ClusterTotals",
    "Difference",
    "Estimate",
    "Pairwise",
    "cluster_totals",
    "clustered_mean",
    "column_totals",
    "estimate",
    "estimate_columns",
    "figure",
    "holm",
    "interval",
    "minimal_detectable_difference",
    "no_interval",
    "paired_difference",
    "pairwise",
    "resampled_counts",
    "sign_flip_p",
    "t_quantile",
    "with_interval",
]
