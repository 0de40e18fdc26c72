"""From right and wrong answers to the cells of a row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from leaderboard.manifest import Manifest
from panoenv_tasks.items import CATEGORIES
from panoenv_tasks.stats import Estimate, clustered_mean, column_totals, estimate_columns

Floats = npt.NDArray[np.float64]


def by_cell(correct: Floats, manifest: Manifest) -> dict[str, Estimate]:
    """Estimate every cell, errors clustered by panorama; cells without answers are absent.

    Every cell carries the same interval, Wilson's at the effective sample size: see ``panoenv_tasks.stats``.

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
    return dict(zip(cells, estimate_columns(sums, counts, "wilson"), strict=True))


def cross_checks(correct: Floats, manifest: Manifest) -> dict[str, Estimate]:
    """Estimate the total in three other ways: by environment, as if independent, by bootstrap."""
    there = ~np.isnan(correct)
    values = correct[there]
    found = {
        "environment": clustered_mean(values, manifest.environments[there], "wilson"),
        "naive": clustered_mean(values, np.arange(len(values)), "wilson"),
        "bootstrap": clustered_mean(values, manifest.panoramas[there], "bootstrap"),
    }
    return {key: cell for key, cell in found.items() if cell is not None}


def macro(cells: Mapping[str, Estimate]) -> float | None:
    """Return the plain mean over the five categories; None unless all are there."""
    means = [cells[c].mean for c in CATEGORIES if c in cells]
    return sum(means) / len(means) if len(means) == len(CATEGORIES) else None
