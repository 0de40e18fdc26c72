"""The ladder as a table: per rung and kind of question the share of right answers, with chance beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.blind.ladder.climb import climb
from panoenv_tasks.blind.ladder.hard import TAU, chance, hard_ids
from panoenv_tasks.blind.ladder.probability import probabilities
from panoenv_tasks.blind.ladder.rungs import Rung
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import ProtocolName, score
from panoenv_tasks.stats import Estimate, clustered_mean


@dataclass(frozen=True)
class LadderTable:
    """Every rung on every slice of a set of questions.

    Slices are ``total``, the question types, the categories, the sub-categories and ``blind_hard``.
    Estimates are shares with errors clustered by panorama.
    """

    protocol: ProtocolName
    rungs: Mapping[Rung, Mapping[str, Estimate]]
    chance: Mapping[str, float]
    probabilities: Mapping[str, float]
    hard_ids: Sequence[str]


def ladder_table(
    items: Sequence[Item],
    fit_on: Sequence[Item] | None = None,
    protocol: ProtocolName = "paper",
    tau: float = TAU,
) -> LadderTable:
    """Answer the questions on every rung and score the answers.

    Args:
        items: The questions.
        fit_on: Where the fitted rungs and s(x) learn (train or val); None for ``items`` themselves. An
            environment never helps to answer its own questions.
        protocol: Which scores; s(x) always follows ``paper``.
        tau: The largest blind advantage of a ``blind_hard`` question.

    Raises:
        DataError: Too few questions to learn from.
    """
    blind = probabilities(items, fit_on)
    hard = hard_ids(items, blind, tau)
    slices = _slices(items, frozenset(hard))
    rungs: dict[Rung, dict[str, Estimate]] = {}
    for rung, answers in climb(items, fit_on).items():
        hits = [
            float(score(item, Guess(answer, rung).completion, protocol).correct)
            for item, answer in zip(items, answers, strict=True)
        ]
        rungs[rung] = {
            name: found
            for name, rows in slices.items()
            if (found := clustered_mean([hits[i] for i in rows], [items[i].panorama for i in rows]))
        }
    return LadderTable(
        protocol=protocol,
        rungs=rungs,
        chance={name: mean(chance(items[i]) for i in rows) for name, rows in slices.items()},
        probabilities={item.id: s for item, s in zip(items, blind, strict=True)},
        hard_ids=hard,
    )


def _slices(items: Sequence[Item], hard: frozenset[str]) -> dict[str, list[int]]:
    slices: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for name in ("total", item.question_type, item.category, item.subcategory):
            slices[name].append(index)
        if item.id in hard:
            slices["blind_hard"].append(index)
    return slices
