"""Ranges and sizes learned from other environments' answers, from boxes and labels together.

One ridge regression corrects the closed form's range of an object with such a box and label, another its
size. Both learn from everything that answers tell: distances give values, orders give the sign of a
difference. A label's own effect is shrunk towards none, so that a label seen once says little and one never
seen nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.answers.choices import read_choice, read_yes_no
from panoenv_tasks.answers.quantities import read_distance
from panoenv_tasks.blind.boxes import (
    BY_GEOMETRY,
    BoxEstimates,
    angular_size,
    estimated_range,
    lower_edge,
    solid_angle,
)
from panoenv_tasks.items import Box, Item
from panoenv_tasks.taxonomy import recognise

Floats = npt.NDArray[np.float64]
#: A difference of which only the sign is known counts as this much, in logarithms: about a factor of two.
_TYPICAL_DIFFERENCE = 0.7
#: How much less an order says than a value.
_WEIGHT_OF_ORDER = 0.5
#: Ridge penalties: of what every box has, and of a label's own effect. Round values, not tuned.
_RIDGE, _RIDGE_OF_LABELS = 0.1, 2.0
_LEAST_ROWS = 10
#: One row to learn from: positive and negative object (None: a value, not a difference), target, weight.
_Row = tuple[Box, Box | None, float, float]
_NEARER = {"depth_binary", "depth_compare"}
_LARGER = {"volume_binary", "volume_comparison", "size_triplet_extreme"}


@dataclass(frozen=True)
class _Ridge:
    """Weights of a ridge regression on a box and its label; the last weights are the labels'."""

    labels: tuple[str, ...]
    weights: Floats

    def __call__(self, box: Box) -> float:
        return float(_features(box, self.labels) @ self.weights)


def learn_estimates(known: Sequence[Item]) -> BoxEstimates:
    """Return estimates fitted on the answers to known questions; closed-form geometry where too few tell.

    Sizes are areas, cubed roots of volumes squared, in arbitrary units: only their order is meant.
    """
    far = _fit(list(_ranges(known)))
    large = _fit(list(_sizes(known)))
    return BoxEstimates(
        range_of=(lambda box: estimated_range(box) * math.exp(far(box))) if far else BY_GEOMETRY.range_of,
        area_of=(lambda box: BY_GEOMETRY.area_of(box) * math.exp(large(box)))
        if large
        else BY_GEOMETRY.area_of,
    )


def _fit(rows: Sequence[_Row]) -> _Ridge | None:
    """Fit what remains to be said beyond the closed form."""
    if len(rows) < _LEAST_ROWS:
        return None
    labels = tuple(sorted({box.label for a, b, _, _ in rows for box in (a, b) if box}))
    grid = np.array([_features(a, labels) - (_features(b, labels) if b else 0.0) for a, b, _, _ in rows])
    targets, weights = (np.array([row[place] for row in rows]) for place in (2, 3))
    penalty = np.full(grid.shape[1], _RIDGE_OF_LABELS)
    penalty[: grid.shape[1] - len(labels)] = _RIDGE
    gram = (grid * weights[:, None]).T @ grid + np.diag(penalty)
    return _Ridge(labels, np.linalg.solve(gram, (grid * weights[:, None]).T @ targets))


def _features(box: Box, labels: Sequence[str]) -> Floats:
    width, height = angular_size(box)
    common = [
        1.0,
        math.log(solid_angle(box)),
        lower_edge(box),
        lower_edge(box) + height,
        math.log(width / height),
    ]
    return np.array([*common, *(float(box.label == label) for label in labels)])


def _ranges(known: Sequence[Item]) -> Iterator[_Row]:
    """What answers say of ranges, beyond the closed form."""
    for item in known:
        wording = recognise(item.question)
        if wording is None:
            continue
        boxes, kind = wording.objects, item.subcategory
        if kind == "distance_description":
            distance = read_distance(item.answer)
            if isinstance(distance, float) and distance > 0:
                yield boxes[0], None, math.log(distance / estimated_range(boxes[0])), 1.0
        elif kind in _NEARER or kind == "depth_triplet_farthest":
            for more, less in _ordered(item, boxes):
                if kind in _NEARER:
                    more, less = less, more
                yield more, less, _order(estimated_range(more) / estimated_range(less)), _WEIGHT_OF_ORDER


def _sizes(known: Sequence[Item]) -> Iterator[_Row]:
    """What answers say of sizes, beyond the closed form."""
    for item in known:
        wording = recognise(item.question)
        if wording is not None and item.subcategory in _LARGER:
            for more, less in _ordered(item, wording.objects):
                if wording.asks == "smaller":
                    more, less = less, more
                yield (
                    more,
                    less,
                    _order(BY_GEOMETRY.area_of(more) / BY_GEOMETRY.area_of(less)),
                    _WEIGHT_OF_ORDER,
                )


def _order(ratio: float) -> float:
    """Return how much is missing, in logarithms, until the first is typically larger than the second.

    Never less than nothing: an order that the closed form gets right by far is no reason to doubt it.
    """
    return max(0.0, _TYPICAL_DIFFERENCE - math.log(ratio))


def _ordered(item: Item, boxes: Sequence[Box]) -> Iterator[tuple[Box, Box]]:
    """Yield pairs of which the gold answer names the first; nothing where it cannot be read."""
    if item.question_type == "true_false":
        truth = read_yes_no(item.answer)
        if isinstance(truth, bool):
            yield (boxes[0], boxes[1]) if truth else (boxes[1], boxes[0])
        return
    index = read_choice(item.answer, item.options)
    if isinstance(index, int):
        yield from ((boxes[index], other) for place, other in enumerate(boxes) if place != index)
