"""Twins: one question on two panoramas, whose right answers differ; it counts only when both are right.

The two texts are the same, so whoever does not look gives the same answer twice and is right at most
once. One who draws answers at random, with any odds, has both right in at most a quarter of the pairs: the
chances of the two answers add up to 1 at most, so their product is 1/4 at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from panoenv_tasks.items import Item, QuestionType
from panoenv_tasks.stats import Estimate, clustered_mean


@dataclass(frozen=True)
class Answered:
    """One answer to a question that has a twin.

    ``guess`` is the chance to be right of someone who draws one of the options; see ``guess_of``. ``run``
    tells runs apart that asked the same pairs.
    """

    pair: str
    correct: bool
    guess: float
    run: str = ""


@dataclass(frozen=True)
class BothRight:
    """The share of pairs with both answers right.

    ``chance`` is what drawing from the options would give, ``alone`` how many answers lack their twin's:
    they are left out.
    """

    share: Estimate
    chance: float
    alone: int


def both_right(answers: Iterable[Answered]) -> BothRight | None:
    """Return the share of pairs with both answers right, clustered by scene; None without a whole pair."""
    by_pair: dict[tuple[str, str], list[Answered]] = {}
    for answer in answers:
        by_pair.setdefault((answer.run, answer.pair), []).append(answer)
    whole = {name: pair for name, pair in by_pair.items() if len(pair) == 2}
    share = clustered_mean(
        [float(all(answer.correct for answer in pair)) for pair in whole.values()],
        [scene_of(pair) for _, pair in whole],
        "wilson",
    )
    if share is None:
        return None
    chance = sum(first.guess * second.guess for first, second in whole.values()) / len(whole)
    return BothRight(share, chance, sum(len(pair) != 2 for pair in by_pair.values()))


def scene_of(pair: str) -> str:
    """Return what a pair's name says of its scene: pairs of one scene are no independent trials."""
    return pair.rpartition("/")[0]


def guess_of(question_type: QuestionType | str, options: Sequence[str]) -> float:
    """Return the chance of a blind draw: of Yes or No, of one of the options, and 0 for open answers."""
    if question_type == "true_false":
        return 0.5
    return 1 / len(options) if options else 0.0


def comparable(items: Sequence[Item], *, with_coordinates: bool) -> list[Item]:
    """Return the questions that are fair as pairs; those without a pair stay.

    Left out are questions whose twin is not there and, where coordinates are shown, pairs that print
    different boxes: the boxes would tell the answers.
    """
    texts: dict[str, list[str]] = {}
    for item in items:
        if item.pair:
            texts.setdefault(item.pair, []).append(item.question)

    def fair(item: Item) -> bool:
        both = texts.get(item.pair, ())
        return not item.pair or (len(both) == 2 and (not with_coordinates or both[0] == both[1]))

    return [item for item in items if fair(item)]
