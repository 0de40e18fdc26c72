"""What the harness's table shows: the metric lists that the task files name, made when a task is loaded.

Eight figures a task by default. Every other figure can be had from the samples (``panoenv score``), or in the
table as well with ``PANOENV_METRICS=all``.
"""

from __future__ import annotations

import os
from typing import Any

from panoenv_tasks.items import CATEGORIES, Category, DataError
from panoenv_tasks.tasks.panoenv import judging, metrics, paired

SWITCH = "PANOENV_METRICS"
#: What is shown unless all are asked for; a task without such questions has fewer.
SHORT = ("acc", "acc_se", "acc_strict", "acc_strict_se", "acc_tf", "acc_mcq", "acc_oe", "n_error")


def shown(category: Category | None, *, in_pairs: bool = False) -> list[str]:
    """Return the names of the metrics in the table of a task, or of a group (None), in table order.

    Raises:
        DataError: ``PANOENV_METRICS`` is neither ``all`` nor ``short``.
    """
    switch = os.environ.get(SWITCH) or "short"
    if switch not in ("all", "short"):
        raise DataError(f"{SWITCH}={switch}: expected all or short")
    all_names = metrics.names(category)
    if switch == "all":
        return [*(paired.names(category) if in_pairs else ()), *all_names]
    return [*(paired.TABLE if in_pairs else ()), *(name for name in SHORT if name in all_names)]


def __getattr__(name: str) -> list[dict[str, Any]]:
    """Return the list of a category, or of ``group``, under the name that the task files give it.

    For twins that begins with ``paired_``. The harness resolves ``!function module.name`` when it loads a
    task, so the switch is read late.
    """
    plain = name.removeprefix("paired_")
    in_pairs = plain != name
    if plain == "group":
        entries = [{"metric": metric} for metric in (*judging.METRICS, *shown(None, in_pairs=in_pairs))]
        return [{**entry, "aggregation": metrics.pooled} for entry in entries]
    category = next((category for category in CATEGORIES if category == plain), None)
    if category is None:
        raise AttributeError(name)
    judged = [
        {"metric": metric, "aggregation": getattr(judging, metric), "higher_is_better": True}
        for metric in judging.METRICS
    ]
    of_pairs = set(paired.names(category))
    own = [
        {
            "metric": metric,
            "aggregation": paired.rule(metric) if metric in of_pairs else metrics.rule(metric),
            "higher_is_better": not metric.endswith("_se") and metric not in metrics.COUNTS[1:],
        }
        for metric in shown(category, in_pairs=in_pairs)
    ]
    return judged + own
