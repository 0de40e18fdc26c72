"""Questions and gold answers as numbers that a learner can use, and numbers as answers.

Features are the boxes on the sphere and what is asked of them. No rule of the benchmark and no estimate of
a distance is among them, so that the fitted rungs show what can be learned from text, not what we know
about the generator. Targets: nearly every question is a choice between a few texts (Yes and No, the
options, the counts); a relation is three choices, one per axis; a distance is the logarithm of metres.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from panoenv_tasks.answers.choices import read_choice, read_yes_no
from panoenv_tasks.answers.quantities import read_count, read_distance
from panoenv_tasks.answers.relations import read_relation
from panoenv_tasks.blind.boxes import angular_size, direction, lower_edge, solid_angle
from panoenv_tasks.blind.metric_questions import answer_in_metres
from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES, Axis, relation_sentence
from panoenv_tasks.items import Box, Item
from panoenv_tasks.taxonomy import Wording, extra_templates, templates

_MOST_OBJECTS = 3

Features = npt.NDArray[np.float64]


def features(wording: Wording) -> Features:
    """Return a fixed number of features, shape ``(55,)``; absent objects are zeros.

    Nine per object (unit direction, largest part of it, width, height, solid angle, lower and upper
    edge), the same nine as differences of every pair, and the wording as an index.
    """
    objects = [_of_box(box) for box in wording.objects[:_MOST_OBJECTS]]
    objects += [np.zeros(9)] * (_MOST_OBJECTS - len(objects))
    pairs = [objects[a] - objects[b] for a, b in ((0, 1), (0, 2), (1, 2))]
    return np.concatenate([*objects, *pairs, [_asked(wording)]])


def _of_box(box: Box) -> Features:
    x, y, z = direction(box)
    width, height = angular_size(box)
    bottom = lower_edge(box)
    largest = max(abs(x), abs(y), abs(z))
    size = math.log(solid_angle(box))
    return np.array([x, y, z, largest, math.log(width), math.log(height), size, bottom, bottom + height])


def _asked(wording: Wording) -> int:
    if wording.direction:
        return DIRECTIONS.index(wording.direction)
    if wording.extreme:
        return EXTREMES.index(wording.extreme)
    return (*templates(), *extra_templates()).index(wording.template)


Kind = Literal["choice", "relation", "distance"]
#: One number per thing to predict: an index, three signs (ahead, right, up), or log metres.
Target = tuple[float, ...]

_AXES: tuple[Axis, ...] = ("depth", "side", "height")
_INSTANCES = tuple(map(str, range(1, 10)))
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
    if item.subcategory == "instance_count":
        return _INSTANCES
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
