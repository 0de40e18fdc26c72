"""s(x): how likely the best blind answerer is right about a question, from the question alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.blind.ladder.climb import held_out
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.scoring import ProtocolName, score
from panoenv_tasks.taxonomy import subcategories


def probabilities(
    items: Sequence[Item], fit_on: Sequence[Item] | None = None, protocol: ProtocolName = "paper"
) -> list[float]:
    """Return s(x) per item, in their order.

    A logistic regression of "geometry was right" on the sub-category and on how clear the case was to
    geometry. The forest's votes were tried as well and added nothing on val (AUC 0.81 with and without).
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

    return held_out(known, items, learn_and_tell)


def blind_adjusted(hits: Sequence[bool], blind: Sequence[float]) -> float:
    """Return the blind-adjusted score: 0 for the best blind answerer, 1 for all right.

    Our name, after the circular-accuracy adjustment of EASI: sum(hit - s) / sum(1 - s). Negative when
    a model is worse than blind. NaN without questions.
    """
    gained = sum(float(hit) - s for hit, s in zip(hits, blind, strict=True))
    possible = sum(1 - s for s in blind)
    return gained / possible if possible else float("nan")


def _grid(items: Sequence[Item], guesses: Mapping[str, Guess]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One row per item: its sub-category as 26 columns of 0 and 1, and the margin of its guess."""
    names = list(subcategories())
    return np.array(
        [[*(float(item.subcategory == name) for name in names), guesses[item.id].margin] for item in items]
    )
