"""The ladder as a table: per rung and kind of question the share of right answers, with chance beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.guessability import (
    TAU,
    blind_hard_ids,
    blind_probabilities,
    chance_level,
    ranking_power,
)
from panoenv_tasks.blind.rungs import Rung, answer_on_every_rung
from panoenv_tasks.items import Item
from panoenv_tasks.scoring import ProtocolName, score
from panoenv_tasks.stats import Estimate, clustered_mean


@dataclass(frozen=True)
class LadderTable:
    """Every rung on every slice of a set of questions.

    Slices are ``total``, the question types, the categories, the sub-categories and ``blind_hard``.
    Estimates are shares with Wilson intervals clustered by environment. ``ranking`` is how well s(x) ranks
    questions, see ``guessability.ranking_power``.
    """

    protocol: ProtocolName
    rungs: Mapping[Rung, Mapping[str, Estimate]]
    chance: Mapping[str, float]
    probabilities: Mapping[str, float]
    hard_ids: Sequence[str]
    ranking: tuple[float | None, float | None]

    def corrected(self, rung: Rung, name: str) -> float:
        """Return a rung's share beyond lucky guesses: 0 at chance, 1 when all is right."""
        chance = self.chance[name]
        return (self.rungs[rung][name].mean - chance) / (1 - chance) if chance < 1 else float("nan")


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
    blind = blind_probabilities(items, fit_on)
    hard = blind_hard_ids(items, blind, tau)
    slices = _slices(items, frozenset(hard))
    rungs: dict[Rung, dict[str, Estimate]] = {}
    right = {item.id: score(item, guess(item).completion).correct for item in items}
    for rung, guesses in answer_on_every_rung(items, fit_on).items():
        hits = [
            float(score(item, told.completion, protocol).correct)
            for item, told in zip(items, guesses, strict=True)
        ]
        rungs[rung] = {name: _share(items, hits, rows) for name, rows in slices.items()}
    return LadderTable(
        protocol=protocol,
        rungs=rungs,
        chance={name: mean(chance_level(items[i]) for i in rows) for name, rows in slices.items()},
        probabilities={item.id: s for item, s in zip(items, blind, strict=True)},
        hard_ids=hard,
        ranking=ranking_power(items, blind, [right[item.id] for item in items]),
    )


def _share(items: Sequence[Item], hits: Sequence[float], rows: Sequence[int]) -> Estimate:
    share = clustered_mean([hits[i] for i in rows], [items[i].environment for i in rows], "wilson")
    assert share is not None, "a slice holds a question"
    return share


def _slices(items: Sequence[Item], hard: frozenset[str]) -> dict[str, list[int]]:
    slices: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        for name in ("total", item.question_type, item.category, item.subcategory):
            slices[name].append(index)
        if item.id in hard:
            slices["blind_hard"].append(index)
    return slices
