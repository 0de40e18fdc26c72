"""Answers of made-up models as an audit reads them, without files."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from panoenv_tasks.audit.meaning import meaning
from panoenv_tasks.audit.model_runs import ConditionSamples, ModelRuns, ScoredAnswer
from panoenv_tasks.items import Item
from panoenv_tasks.perturb import TURNS, Condition, present
from panoenv_tasks.records import answered
from panoenv_tasks.scoring import score

#: A model: what it says to an item that a condition shows; None when the request fails.
Model = Callable[[Item, Condition], str | None]


def runs_of(items: Sequence[Item], conditions: Sequence[Condition], model: Model) -> ModelRuns:
    """What ``model`` answers to the items under each condition."""
    runs = ModelRuns("made/up", "val", "d" * 64, "panoenv@1", "f0" * 32, protocol="strict")
    for condition in conditions:
        shown = present(items, condition)
        answers = {one.item.id: _answer(one.item, condition, model) for one in shown}
        runs.by_condition[condition] = ConditionSamples(answers, {}, len(items) - len(shown), {"erp"})
    return runs


def _answer(item: Item, condition: Condition, model: Model) -> ScoredAnswer:
    said = model(item, condition)
    sample = answered(item, said or "", "" if said is not None else "no reply")
    if said is None:
        return ScoredAnswer(sample, None, None)
    text = f"<Answer>{said}</Answer>"
    claim = meaning(item.method, item.question, text, TURNS.get(condition, 0))
    return ScoredAnswer(sample, float(score(item, text, "strict").correct), claim)
