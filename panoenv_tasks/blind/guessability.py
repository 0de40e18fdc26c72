"""How guessable is a question: s(x), and ``blind_hard``, the questions on which blindness hardly pays.

s(x) is the chance that closed-form geometry is right, told from the question alone. It is mostly the
sub-category: on val it ranks all questions with an AUC of 0.81, those of one sub-category with 0.49, no
better than chance. So ``blind_hard`` is a choice of sub-categories more than of questions. It is chosen by
s(x), never by whether a blind answer happened to be right: picking the wrong ones would put every model that
guesses alike below chance.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.cross_fitting import cross_fit
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.pairs import guess_of
from panoenv_tasks.scoring import ProtocolName, score
from panoenv_tasks.taxonomy import subcategories

#: A question is kept when the best blind answerer gets at most this far from chance to certainty.
#: Chosen on val: about a third of it stays. Report results as a curve over values, not for one only.
TAU = 0.25


def blind_probabilities(
    items: Sequence[Item], fit_on: Sequence[Item] | None = None, protocol: ProtocolName = "paper"
) -> list[float]:
    """Return s(x) per item, in their order.

    A logistic regression of "geometry was right" on the sub-category and on how clear the case was to
    geometry. The forest's votes, and a slope per sub-category, were tried as well and added nothing on val
    (AUC 0.81 with and without).
    An item's own environment, hence its own answer, takes no part in its s(x).

    Args:
        items: The questions.
        fit_on: Where right and wrong are learned, train or val; None for ``items`` themselves.
        protocol: What is right.

    Raises:
        DataError: Too few questions, or all from one fold of environments: nothing to learn from.
    """
    known = items if fit_on is None else fit_on
    guesses = {item.id: guess(item) for item in (*known, *items)}
    right = {item.id: score(item, guesses[item.id].completion, protocol).correct for item in known}

    def learn_and_tell(outside: Sequence[Item], asked: Sequence[Item]) -> list[float]:
        hits = [right[item.id] for item in outside]
        if len(set(hits)) < 2:
            raise DataError(
                f"s(x) has {len(hits)} questions of other environments to learn from, all alike; "
                "fit it on more questions"
            )
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(max_iter=1000).fit(_grid(outside, guesses), hits)
        shares: Any = model.predict_proba(_grid(asked, guesses))
        return [float(share) for _, share in shares]

    return cross_fit(known, items, learn_and_tell)


def ranking_power(
    items: Sequence[Item], blind: Sequence[float], right: Sequence[bool]
) -> tuple[float | None, float | None]:
    """Return how well s(x) ranks right before wrong: the AUC over all questions, and within sub-categories.

    The second is over all pairs of a right and a wrong question of one sub-category. 0.5 is chance; None
    where there is no such pair.
    """
    by_kind: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        by_kind[item.subcategory].append(index)
    return _auc([range(len(items))], blind, right), _auc(by_kind.values(), blind, right)


def _auc(groups: Iterable[Sequence[int]], blind: Sequence[float], right: Sequence[bool]) -> float | None:
    ahead = pairs = 0.0
    for group in groups:
        hit, missed = (np.array([blind[i] for i in group if right[i] == wanted]) for wanted in (True, False))
        difference = hit[:, None] - missed[None, :]
        ahead += float((difference > 0).sum() + (difference == 0).sum() / 2)
        pairs += difference.size
    return ahead / pairs if pairs else None


def chance_level(item: Item) -> float:
    """Return the chance of a blind pick: 1/2 for Yes/No, 1/n of n options, 0 for an open answer."""
    return guess_of(item.question_type, item.options)


def advantage(item: Item, probability: float) -> float:
    """Return how far s(x) gets from chance (0) to certainty (1); negative below chance."""
    return (probability - chance_level(item)) / (1 - chance_level(item)) if chance_level(item) < 1 else 1.0


def blind_hard_ids(items: Sequence[Item], blind: Sequence[float], tau: float = TAU) -> list[str]:
    """Return the sorted ids of the questions with a blind advantage of at most ``tau``.

    Within every true/false sub-category the commoner answer is cut down to the rarer one, the most
    guessable first, so that a constant answer earns chance there.

    Args:
        items: The questions.
        blind: Their s(x), in the same order.
        tau: The largest blind advantage kept.
    """
    kept: list[str] = []
    by_answer: dict[str, dict[str, list[tuple[float, str]]]] = defaultdict(lambda: defaultdict(list))
    for item, probability in zip(items, blind, strict=True):
        gain = advantage(item, probability)
        if gain > tau:
            continue
        if item.question_type == "true_false":
            by_answer[item.subcategory][item.answer].append((gain, item.id))
        else:
            kept.append(item.id)
    for answers in by_answer.values():
        rarest = min(len(answers[answer]) for answer in ("Yes", "No"))
        for rows in answers.values():
            kept.extend(name for _, name in sorted(rows)[:rarest])
    return sorted(kept)


def ids_hash(ids: Iterable[str]) -> str:
    """Return the sha256 of a list of ids: sorted, one a line."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(ids)).encode()).hexdigest()


def _grid(items: Sequence[Item], guesses: Mapping[str, Guess]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One row per item: its sub-category as 26 columns of 0 and 1, and the margin of its guess."""
    names = list(subcategories())
    return np.array(
        [[*(float(item.subcategory == name) for name in names), guesses[item.id].margin] for item in items]
    )
