"""What a question's text shows to a learner: the boxes on the sphere, and what is asked of them.

No rule of the benchmark and no estimate of a distance is in here, so that the fitted rung shows what can be
learned from text, not what we know about the generator.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from panoenv_tasks.blind.boxes import angular_size, direction, lower_edge, solid_angle
from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES
from panoenv_tasks.items import Box
from panoenv_tasks.taxonomy import Wording, templates

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
    return templates().index(wording.template)
