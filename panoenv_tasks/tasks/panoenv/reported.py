"""What the harness's table shows: the metric lists that the task files name, made when a task is loaded.

Eight figures a task by default. Every other figure can be had from the samples (``panoenv score``), or in the
table as well with ``PANOENV_METRICS=all``.
"""

from __future__ import annotations

import os
from typing import Any

from panoenv_tasks.items import CATEGORIES, Category, DataError
from panoenv_tasks.tasks.panoenv import judging, metrics

SWITCH = "PANOENV_METRICS"
#: What is shown unless all are asked for; a task without such questions has fewer.
SHORT = ("acc", "acc_se", "acc_strict", "acc_strict_se", "acc_tf", "acc_mcq", "acc_oe", "n_error")


def shown(category: Category | None) -> list[str]:
    """Return the names of the metrics in the table of a task, or of a group (None), in table order.

    Raises:
        DataError: ``PANOENV_METRICS`` is neither ``all`` nor ``short``.
    """
    switch = os.environ.get(SWITCH) or "short"
    if switch not in ("all", "short"):
        raise DataError(f"{SWITCH}={switch}: expected all or short")
    known = metrics.names(category)
    return known if switch == "all" else [name for name in SHORT if name in known]


def __getattr__(name: str) -> list[dict[str, Any]]:
    """Return the list of a category, or of ``group``, under the name that the task files give it.

    The harness resolves ``!function module.name`` when it loads a task, so the switch is read late.
    """
    if name == "group":
        entries = [{"metric": metric} for metric in (*judging.METRICS, *shown(None))]
        return [{**entry, "aggregation": metrics.pooled} for entry in entries]
    category = next((category for category in CATEGORIES if category == name), None)
    if category is None:
        raise AttributeError(name)
    judged = [
        {"metric": metric, "aggregation": getattr(judging, metric), "higher_is_better": True}
        for metric in judging.METRICS
    ]
    own = [
        {
            "metric": metric,
            "aggregation": metrics.rule(metric),
            "higher_is_better": not metric.endswith("_se") and metric not in metrics.COUNTS[1:],
        }
        for metric in shown(category)
    ]
    return judged + own
