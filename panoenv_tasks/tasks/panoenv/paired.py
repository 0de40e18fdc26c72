"""Metrics of twins in the harness's table: the share of pairs with both answers right, and chance.

The answers are scored by the strict protocol. Two questions of a pair are always in the same task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from panoenv_tasks.items import Category
from panoenv_tasks.pairs import Answered, BothRight, both_right, guess_of
from panoenv_tasks.scoring import CORRECT_FROM
from panoenv_tasks.tasks.panoenv.metrics import Items, Missing, Pooled, Rule
from panoenv_tasks.taxonomy import recognise, subcategories

HEADLINE = "both_right"
TABLE = (HEADLINE, f"{HEADLINE}_se", f"{HEADLINE}_chance", "n_pairs")


def names(category: Category | None) -> list[str]:
    """Return the metrics that a task of twins reports besides those of every task, or a group (None)."""
    own = [name for name, home in subcategories().items() if category in (None, home)]
    return [*TABLE, *(f"{HEADLINE}_{name}" for name in own)]


def pair_items(record: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return one item for each wanted metric of twins; empty where the record does not count."""
    kind = f"{HEADLINE}_{record['subcategory']}"
    item: dict[str, Any] = {}
    if record.get("pair") and not record["error"]:
        wording = recognise(record["question"])
        item = {
            "pair": record["pair"],
            "correct": record["strict"] >= CORRECT_FROM,
            "guess": guess_of(record["question_type"], wording.options if wording else ()),
        }
    all_names = set(names(None))
    return {name: item if name in (*TABLE, kind) else {} for name in wanted if name in all_names}


def rule(name: str) -> Rule:
    """Return how the items of a metric make its value."""
    return {TABLE[1]: standard_error, TABLE[2]: chance, TABLE[3]: pairs}.get(name, share)


def share(items: Items) -> Pooled | Missing:
    """Aggregate to the share of pairs with both answers right."""
    both = _both(items)
    return Pooled(both.share.mean, items, share) if both else Missing(items, share)


def standard_error(items: Items) -> Pooled | Missing:
    """Aggregate to the standard error of that share, clustered by scene."""
    both = _both(items)
    if both is None or both.share.se is None:
        return Missing(items, standard_error)
    return Pooled(both.share.se, items, standard_error)


def chance(items: Items) -> Pooled | Missing:
    """Aggregate to the share that drawing answers from the options would give."""
    both = _both(items)
    return Pooled(both.chance, items, chance) if both else Missing(items, chance)


def pairs(items: Items) -> Pooled:
    """Aggregate to the number of whole pairs."""
    both = _both(items)
    return Pooled(both.share.n if both else 0, items, pairs)


def _both(items: Items) -> BothRight | None:
    return both_right(Answered(**item) for item in items if item)
