"""``blind_hard``: the questions on which answering without the image hardly pays.

Chosen by s(x), never by whether a blind answer happened to be right: picking the wrong ones would put
every model that guesses alike below chance.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib import resources

from panoenv_tasks.items import Item

#: A question is kept when the best blind answerer gets at most this far from chance to certainty.
#: Chosen on val: about a third of it stays. Report results as a curve over values, not for one only.
TAU = 0.25

#: Hash of the published list for the released validation split, at ``TAU``.
PUBLISHED_SHA256 = "87e1036e073fa6fe684795e58fb1fcb109f2a770393b00273caf6a42f9e20037"


def chance(item: Item) -> float:
    """Return the chance of a blind pick: 1/2 for Yes/No, 1/n of n options, 0 for an open answer."""
    if item.question_type == "true_false":
        return 0.5
    return 1 / len(item.options) if item.options else 0.0


def advantage(item: Item, probability: float) -> float:
    """Return how far s(x) gets from chance (0) to certainty (1); negative below chance."""
    return (probability - chance(item)) / (1 - chance(item)) if chance(item) < 1 else 1.0


def hard_ids(items: Sequence[Item], blind: Sequence[float], tau: float = TAU) -> list[str]:
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


def published_ids() -> list[str]:
    """Return the ``blind_hard`` questions of the released validation split, as published here."""
    text = resources.files(__package__).joinpath("blind_hard_val.txt").read_text(encoding="utf-8")
    return text.split()
