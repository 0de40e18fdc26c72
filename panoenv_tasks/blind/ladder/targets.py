"""Gold answers as numbers that a forest can learn, and numbers as answers.

Nearly every question is a choice between a few texts: Yes and No, the options, the counts. A relation is
three choices, one per axis; a distance is the logarithm of metres.
"""

from __future__ import annotations

import math
from typing import Literal

from panoenv_tasks.answers.choices import read_choice, read_yes_no
from panoenv_tasks.answers.quantities import read_count, read_distance
from panoenv_tasks.answers.relations import read_relation
from panoenv_tasks.blind.distances import answer_in_metres
from panoenv_tasks.geometry.words import Axis, relation_sentence
from panoenv_tasks.items import Item

Kind = Literal["choice", "relation", "distance"]
#: One number per thing to predict: an index, three signs (ahead, right, up), or log metres.
Target = tuple[float, ...]

_AXES: tuple[Axis, ...] = ("depth", "side", "height")
_COUNTS = ("1 different view", *(f"{count} different views" for count in range(2, 7)))


def kind_of(item: Item) -> Kind:
    """Return what sort of answer the item wants."""
    if item.subcategory == "relpos_cardinal":
        return "relation"
    return "distance" if item.method == "distance" else "choice"


def choices(item: Item) -> tuple[str, ...]:
    """Return the texts that a ``choice`` item chooses from."""
    if item.question_type == "true_false":
        return ("Yes", "No")
    return _COUNTS if item.method == "counting" else item.options


def encode(item: Item) -> Target | None:
    """Return the gold answer as numbers; None when it cannot be read as one of its kind."""
    kind = kind_of(item)
    if kind == "relation":
        signs = read_relation(item.answer, [box.name for box in item.boxes]).signs
        return tuple(float(signs.get(axis, 0)) for axis in _AXES)
    if kind == "distance":
        distance = read_distance(item.answer)
        return (math.log(distance),) if isinstance(distance, float) and distance > 0 else None
    index = _chosen(item)
    return None if index is None else (float(index),)


def spell(item: Item, target: Target) -> str:
    """Return numbers as the answer text they stand for; the inverse of ``encode``."""
    kind = kind_of(item)
    if kind == "relation":
        return relation_sentence(item.boxes, dict(zip(_AXES, target, strict=True)))
    if kind == "distance":
        return answer_in_metres(math.exp(target[0]))
    return choices(item)[int(target[0])]


def _chosen(item: Item) -> int | None:
    if item.question_type == "true_false":
        truth = read_yes_no(item.answer)
        return None if isinstance(truth, str) else int(not truth)
    if item.method == "counting":
        count = read_count(item.answer)
        return int(count) - 1 if isinstance(count, float) and 1 <= count <= len(_COUNTS) else None
    option = read_choice(item.answer, item.options)
    return option if isinstance(option, int) else None
