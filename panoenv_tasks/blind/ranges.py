"""How far away an object may be, from its box alone, and where in space that puts it."""

from __future__ import annotations

import math

from panoenv_tasks.blind.boxes import direction, lower_edge, solid_angle
from panoenv_tasks.blind.constants import CAMERA_HEIGHT_M, LOWEST_DIP, TYPICAL_SIZE_M
from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.items import Box


def estimated_range(box: Box) -> float:
    """Return the distance from the camera, metres: the geometric mean of two crude estimates.

    One lets the lower edge stand on level ground (range = camera height / sine of the dip), the other
    gives every object the same size. Each fails where the other does not: things that hang or lie far
    below the camera, things that are tiny or huge.
    """
    on_ground = CAMERA_HEIGHT_M / math.sin(max(LOWEST_DIP, -lower_edge(box)))
    by_size = TYPICAL_SIZE_M / math.sqrt(solid_angle(box))
    return math.sqrt(on_ground * by_size)


def estimated_point(box: Box) -> Vector:
    """Return the object's place in the camera frame (x right, y up, z forward), metres."""
    x, y, z = direction(box)
    distance = estimated_range(box)
    return x * distance, y * distance, z * distance


def estimated_area(box: Box) -> float:
    """Return the area the object shows to the camera, square metres: solid angle times range squared."""
    return solid_angle(box) * estimated_range(box) ** 2
