"""The blind gate for a small set: of many candidates one question per panorama and kind.

``gate`` leaves questions out until few are left; a set of eight panoramas with every kind of question needs
one of each. So for each kind one candidate of every panorama is picked so that blind answerers are right
about as often as chance, all of them at once, and that right answers are spread evenly. They are fitted on
other questions, of other environments.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean

from panoenv_tasks.blind.cross_fitting import cross_fit
from panoenv_tasks.blind.encoding import encode, kind_of
from panoenv_tasks.blind.gate import RUNGS_AT_THE_GATE, chance_of
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.blind.rungs import Rung, by_forest, by_geometry, by_panorama, by_ranges, by_template
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import ProtocolName, score

_STARTS = 60


@dataclass(frozen=True)
class PickedKind:
    """How one sub-category fared.

    Attributes:
        candidates: How many there were.
        chance: See ``gate.GatedKind``.
        before: Share of right answers among the candidates, per answerer.
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
    right = _right(candidates, known, protocol)
    kinds: dict[str, list[Item]] = defaultdict(list)
    for item in candidates:
        kinds[item.subcategory].append(item)
    kept: set[str] = set()
    told: dict[str, PickedKind] = {}
    for kind, items in kinds.items():
        chance = chance_of(items)
        picked = _best(items, right, chance)
        kept |= {item.id for item in picked}
        before, after = (
            {rung: mean(right[item.id][rung] for item in some) for rung in RUNGS_AT_THE_GATE}
            for some in (items, picked)
        )
        told[kind] = PickedKind(len(items), chance, before, after)
    return [item for item in candidates if item.id in kept], told


def _right(
    candidates: Sequence[Item], known: Sequence[Item], protocol: ProtocolName
) -> dict[str, dict[Rung, bool]]:
    """Return per item id and answerer whether it is right."""
    guesses: dict[Rung, list[Guess]] = {
        "template": cross_fit(known, candidates, by_template),
        "geometry": by_geometry(candidates),
        "ranges": cross_fit(known, candidates, by_ranges),
        "panorama": cross_fit(known, candidates, by_panorama),
        "forest": cross_fit(known, candidates, by_forest),
    }
    return {
        item.id: {rung: score(item, told[i].completion, protocol).correct for rung, told in guesses.items()}
        for i, item in enumerate(candidates)
    }


def _best(items: Sequence[Item], right: Mapping[str, Mapping[Rung, bool]], chance: float) -> list[Item]:
    by_panorama: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_panorama[item.panorama].append(item)
    groups = list(by_panorama.values())
    draw = Random(items[0].subcategory).random
    best: tuple[float, list[Item]] = (math.inf, [])
    for _ in range(_STARTS):
        picked = [group[int(draw() * len(group))] for group in groups]
        found = _cost(picked, right, chance)
        improved = True
        while improved:
            improved = False
            for place, group in enumerate(groups):
                for other in group:
                    tried = [*picked[:place], other, *picked[place + 1 :]]
                    cost = _cost(tried, right, chance)
                    if cost < found - 1e-9:
                        picked, found, improved = tried, cost, True
        if found < best[0] - 1e-9:
            best = found, picked
    return best[1]


def _cost(picked: Sequence[Item], right: Mapping[str, Mapping[Rung, bool]], chance: float) -> float:
    """Return how far the answerers are from chance, and right answers from an even spread."""
    total = 0.0
    for rung in RUNGS_AT_THE_GATE:
        excess = sum(right[item.id][rung] for item in picked) - chance * len(picked)
        # Of two answers the wrong one is as good to know as the right one.
        if excess > 0 or chance == 0.5:
            total += excess * excess
    if kind_of(picked[0]) != "distance":
        votes = Counter(encode(item) for item in picked)
        total += 0.1 * sum(count * count for count in votes.values())
    return total
