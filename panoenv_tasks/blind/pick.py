"""The blind gate for a small set: of many candidates one question per panorama and kind.

``gate`` leaves questions out until few are left; a set of eight panoramas with every kind of question needs
one of each. So for each kind one candidate of every panorama is picked so that blind answerers are right
about as often as chance, all of them at once, and that right answers are spread evenly. They are fitted on
other questions, of other environments. Then they are fitted on what was picked, asked again, and it is
picked again against all of them: else whoever differs a little from those at the gate would find it open.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean

import numpy as np
import numpy.typing as npt

from panoenv_tasks.blind.cross_fitting import cross_fit
from panoenv_tasks.blind.encoding import encode, kind_of
from panoenv_tasks.blind.gate import RUNGS_AT_THE_GATE, chance_of
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.blind.rungs import Rung, by_forest, by_geometry, by_panorama, by_ranges, by_template
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import ProtocolName, score

#: Per item id whether an answerer is right.
_Right = Mapping[str, bool]
_Floats = npt.NDArray[np.float64]

_STARTS = 60
#: How often the answerers are fitted on what was picked.
_ROUNDS = 4
#: The weight of an even spread of right answers.
_EVEN = 0.1
#: The answerers that are: what they learn depends on the set.
_FITTED: Mapping[Rung, Callable[[Sequence[Item], Sequence[Item]], list[Guess]]] = {
    "template": by_template,
    "ranges": by_ranges,
    "panorama": by_panorama,
    "forest": by_forest,
}


@dataclass(frozen=True)
class PickedKind:
    """How one sub-category fared.

    Attributes:
        candidates: How many there were.
        chance: See ``gate.GatedKind``.
        before: Share of right answers among the candidates, per answerer fitted on other panoramas.
        after: The same among those picked.
    """

    candidates: int
    chance: float
    before: Mapping[Rung, float]
    after: Mapping[Rung, float]


def pick_one_each(
    candidates: Sequence[Item], known: Sequence[Item], protocol: ProtocolName = "paper"
) -> tuple[list[Item], dict[str, PickedKind]]:
    """Pick one question per panorama and sub-category that blind answerers guess as often as chance.

    Args:
        candidates: Several questions of each sub-category per panorama.
        known: Questions of other panoramas, for the answerers to be fitted on. Those of an item's own
            environment take no part in what is fitted for it.
        protocol: What counts as right.

    Returns:
        The questions picked, in the order they came, and how each sub-category fared. The same every time.
    """
    kinds: dict[str, list[Item]] = defaultdict(list)
    for item in candidates:
        kinds[item.subcategory].append(item)
    chances = {kind: chance_of(items) for kind, items in kinds.items()}
    at_first = _fitted_on(known, candidates, protocol)
    at_first["geometry"] = _right(candidates, by_geometry(candidates), protocol)
    answerers = [*at_first.values()]
    picked: list[Item] = []
    for turn in range(1 + _ROUNDS):
        if turn:
            answerers += _fitted_on(picked, candidates, protocol).values()
        best = {item.id for kind, items in kinds.items() for item in _best(items, answerers, chances[kind])}
        picked = [item for item in candidates if item.id in best]
    told = {}
    for kind, items in kinds.items():
        kept = [item for item in picked if item.subcategory == kind]
        before, after = _shares(at_first, items), _shares(at_first, kept)
        told[kind] = PickedKind(len(items), chances[kind], before, after)
    return picked, told


def _shares(right: Mapping[Rung, _Right], items: Sequence[Item]) -> dict[Rung, float]:
    return {rung: mean(right[rung][item.id] for item in items) for rung in RUNGS_AT_THE_GATE}


def _fitted_on(
    known: Sequence[Item], candidates: Sequence[Item], protocol: ProtocolName
) -> dict[Rung, _Right]:
    return {
        rung: _right(candidates, cross_fit(known, candidates, learn), protocol)
        for rung, learn in _FITTED.items()
    }


def _right(candidates: Sequence[Item], told: Sequence[Guess], protocol: ProtocolName) -> _Right:
    return {
        item.id: score(item, guess.completion, protocol).correct
        for item, guess in zip(candidates, told, strict=True)
    }


def _best(items: Sequence[Item], answerers: Sequence[_Right], chance: float) -> list[Item]:
    """Return one item per panorama, by descent from many starts: each in turn is exchanged for the best."""
    rows: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        rows[item.panorama].append(index)
    groups = [np.array(group) for group in rows.values()]
    right = np.array([[told[item.id] for told in answerers] for item in items], np.float64)
    answers = _one_hot(items)
    draw = Random(items[0].subcategory).random
    best: tuple[float, list[int]] = (math.inf, [])
    for _ in range(_STARTS):
        picked = [int(group[int(draw() * len(group))]) for group in groups]
        reached, improved = math.inf, True
        while improved:
            improved = False
            for place, group in enumerate(groups):
                others = [*picked[:place], *picked[place + 1 :]]
                cost = _cost(
                    right[others].sum(axis=0) + right[group],
                    answers[others].sum(axis=0) + answers[group],
                    len(groups),
                    chance,
                )
                least = int(np.argmin(cost))
                if cost[least] < reached - 1e-9:
                    picked[place], reached, improved = int(group[least]), float(cost[least]), True
        if reached < best[0] - 1e-9:
            best = reached, picked
    return [items[i] for i in sorted(best[1])]


def _cost(hits: _Floats, votes: _Floats, count: int, chance: float) -> _Floats:
    """Return how far answerers are from chance, and right answers from an even spread; one number a row.

    Args:
        hits: ``(ways, answerers)``, how many of ``count`` questions each gets right.
        votes: ``(ways, answers)``, how often each answer is the right one.
        count: How many questions are picked.
        chance: The chance level.
    """
    excess = hits - chance * count
    if chance != 0.5:
        # Of two answers the wrong one is as good to know as the right one; of more it is not.
        excess = np.maximum(excess, 0)
    cost: _Floats = (excess * excess).sum(axis=1) + _EVEN * (votes * votes).sum(axis=1)
    return cost


def _one_hot(items: Sequence[Item]) -> _Floats:
    """Return which answer is right, ``(items, answers)``; a column of zeros where answers are numbers."""
    if kind_of(items[0]) == "distance":
        return np.zeros((len(items), 1))
    targets = [encode(item) for item in items]
    columns = list(dict.fromkeys(targets))
    return np.array([[target == column for column in columns] for target in targets], np.float64)
