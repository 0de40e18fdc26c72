"""From one scored answer to the harness's metrics, and exact pooling over the tasks of a group.

lmms-eval weights a group's mean by the item count of whichever metric came last, and hands a group
only its tasks' numbers. So every metric value is a float that carries its per-question items; a group
pools those, and its figures are exact whatever the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from panoenv_tasks.items import Category
from panoenv_tasks.scoring import CORRECT_FROM, STATUSES
from panoenv_tasks.stats import clustered_mean
from panoenv_tasks.taxonomy import method_for, templates

#: One per question: ``score`` and ``environment``, or empty where the question does not contribute.
Items = Sequence[dict[str, Any]]
Rule = Callable[[Items], "Pooled | Missing"]

#: The paper's reward: accuracy 0.90, format 0.10 (paper_results.yaml, training_setup).
ACCURACY_WEIGHT, FORMAT_WEIGHT = 0.90, 0.10

_TYPES = {"true_false": "acc_tf", "multiple_choice": "acc_mcq", "open_ended": "acc_oe"}
_OPEN_PARTS = {
    "distance": "acc_oe_distance",
    "counting": "acc_oe_count",
    "spatial": "acc_oe_relation",
    "default": "acc_oe_relation",
}
_STATUSES = (*STATUSES, "error")
#: Metrics that are counts of questions; all others are means.
COUNTS = tuple(f"n_{status}" for status in _STATUSES)
#: Means that also get a standard error over environments, under ``<name>_se``.
WITH_ERROR = ("acc", "acc_strict", "acc_tf", "acc_mcq", "acc_oe")


class Pooled(float):
    """A metric's value that remembers the items it came from and how they make a value."""

    items: Items
    rule: Rule

    def __new__(cls, value: float, items: Items, rule: Rule) -> Pooled:
        """Make the value; see ``metric_items`` for the items."""
        made = super().__new__(cls, value)
        made.items = list(items)
        made.rule = rule
        return made


class Missing(str):
    """``N/A``, as the harness writes it where a task has no number; its items still count in a group."""

    items: Items
    rule: Rule

    def __new__(cls, items: Items, rule: Rule) -> Missing:
        """Remember the items, as ``Pooled`` does."""
        made = super().__new__(cls, "N/A")
        made.items = list(items)
        made.rule = rule
        return made


def names(category: Category | None) -> list[str]:
    """Return the metrics that a task of ``category`` reports, or a group (None), in table order."""
    own = [t for t in templates() if category in (None, t.category)]
    methods = {method_for(t.subcategory, "") for t in own}
    types = {t.question_type for t in own}
    means = [
        "acc",
        "acc_strict",
        *(name for kind, name in _TYPES.items() if kind in types),
        *dict.fromkeys(name for method, name in _OPEN_PARTS.items() if method in methods),
    ]
    errors = [f"{name}_se" for name in WITH_ERROR if name in means]
    by_subcategory = [f"acc_{name}" for name in dict.fromkeys(t.subcategory for t in own)]
    return [*means, *by_subcategory, "format_valid", "reward", "reward_strict", *errors, *COUNTS]


def reward(value: float, format_valid: float) -> float:
    """Return the paper's training reward of an answer, from its value under either protocol."""
    return ACCURACY_WEIGHT * value + FORMAT_WEIGHT * format_valid


def values(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the metrics to which one scored record contributes, with what it contributes.

    A failed request has no answer: it adds to the counts and to no mean.
    """
    contributions = {f"n_{s}": float(record["status"] == s) for s in _STATUSES}
    if record["error"]:
        return contributions
    correct = float(record["paper"] >= CORRECT_FROM)
    contributions |= {
        "acc": correct,
        "acc_strict": float(record["strict"] >= CORRECT_FROM),
        _TYPES[record["question_type"]]: correct,
        f"acc_{record['subcategory']}": correct,
        "format_valid": record["format"],
        "reward": reward(record["paper"], record["format"]),
        # What training pays by default.
        "reward_strict": reward(record["strict"], record["format"]),
    }
    if record["question_type"] == "open_ended":
        contributions[_OPEN_PARTS[record["method"]]] = correct
    return contributions | {f"{name}_se": contributions[name] for name in WITH_ERROR if name in contributions}


def metric_items(record: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return one item for each wanted metric, with a score where the record has one.

    Every metric gets an item for every question, so that the harness's sample counts are right. One that its
    task does not list must not be among them: a group would take it for a metric whose name holds it.
    """
    scores = values(record)
    place = record["environment"]
    return {name: {"score": scores[name], "environment": place} if name in scores else {} for name in wanted}


def rule(name: str) -> Rule:
    """Return how the items of a metric make its value."""
    if name.endswith("_se"):
        return standard_error
    return total if name in COUNTS else mean


def mean(items: Items) -> Pooled | Missing:
    """Aggregate items to their mean; ``N/A`` when none has a score."""
    scores = [item["score"] for item in items if item]
    return Pooled(sum(scores) / len(scores), items, mean) if scores else Missing(items, mean)


def total(items: Items) -> Pooled:
    """Aggregate items to their sum."""
    return Pooled(sum(item["score"] for item in items if item), items, total)


def standard_error(items: Items) -> Pooled | Missing:
    """Aggregate items to the standard error of their mean, clustered by environment.

    ``N/A`` with fewer than two environments: one environment says nothing about the next.
    """
    scored = [item for item in items if item]
    estimate = clustered_mean([i["score"] for i in scored], [i["environment"] for i in scored])
    if estimate is None or estimate.se is None:
        return Missing(items, standard_error)
    return Pooled(estimate.se, items, standard_error)


def pooled(values: Sequence[Any], sizes: Sequence[int], weight_by_size: bool) -> Pooled | Missing:
    """Aggregate one metric of a group's tasks over all their questions, by the metric's own rule.

    The rule comes with the values and not from the task file, because lmms-eval matches a group's
    metric names as substrings: what the file says for ``acc_se`` also reaches ``acc_seam_attribution``.
    """
    ours = [value for value in values if isinstance(value, Pooled | Missing)]
    rule = ours[0].rule if ours else mean
    return rule([item for value in ours for item in value.items])
