"""From right and wrong answers to the cells of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from leaderboard.manifest import Manifest
from panoenv_tasks.items import CATEGORIES
from panoenv_tasks.stats import Estimate, clustered_mean, column_totals, estimate_columns

Floats = npt.NDArray[np.float64]


def by_cell(correct: Floats, manifest: Manifest) -> dict[str, Estimate]:
    """Estimate every cell, errors clustered by panorama; cells without answers are absent.

    The total carries a t interval; the smaller cells a Wilson interval, because a sub-category has
    about as many questions as there are panoramas and often few right answers.

    Args:
        correct: 1 right, 0 wrong, NaN no answer to score; shape (n,), in manifest order.
        manifest: The questions.
    """
    there = ~np.isnan(correct)
    held = manifest.masks[there]
    filled = [bool(mask.any()) for mask in held.T]
    if not any(filled):
        return {}
    values, clusters = correct[there, None], manifest.panoramas[there]
    sums, counts = column_totals(values, clusters, held[:, filled])
    cells = [key for key, some in zip(manifest.cells, filled, strict=True) if some]
    found = dict(zip(cells, estimate_columns(sums, counts, "wilson"), strict=True))
    found["acc"] = estimate_columns(sums[:, :1], counts[:, :1])[0]
    return {key: _inside(cell) for key, cell in found.items()}


def cross_checks(correct: Floats, manifest: Manifest) -> dict[str, Estimate]:
    """Estimate the total in three other ways: by environment, as if independent, by bootstrap."""
    there = ~np.isnan(correct)
    values = correct[there]
    found = {
        "environment": clustered_mean(values, manifest.environments[there]),
        "naive": clustered_mean(values, np.arange(len(values))),
        "bootstrap": clustered_mean(values, manifest.panoramas[there], "bootstrap"),
    }
    return {key: _inside(cell) for key, cell in found.items() if cell is not None}


def _inside(share: Estimate) -> Estimate:
    """Cut a t interval at 0 and 1: no share lies beyond."""
    if share.lo is None or share.hi is None:
        return share
    return replace(share, lo=max(0.0, share.lo), hi=min(1.0, share.hi))


def macro(cells: Mapping[str, Estimate]) -> float | None:
    """Return the plain mean over the five categories; None unless all are there."""
    means = [cells[c].mean for c in CATEGORIES if c in cells]
    return sum(means) / len(means) if len(means) == len(CATEGORIES) else None
