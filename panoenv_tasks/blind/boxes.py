"""What a printed box says by itself: direction, angular size, cube faces, and a crude range.

Camera frame as in ``panoenv_tasks.geometry``: x right, y up, z forward; the centre of the panorama looks
forward. Any integers are accepted as a box: a right edge left of the left edge means that the box
crosses the seam, rows are cut to the panorama, and nothing is ever empty.

The numbers assumed here and by the solvers were not fitted per question, per label or per environment.
"Chosen on val" means: a round value picked by hand on the 1,496 released validation questions; the test
questions were never looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from panoenv_tasks.geometry.cube import FACES, Face, face_of
from panoenv_tasks.geometry.projection import Vector, direction_at
from panoenv_tasks.items import BOX_FRAME, Box

WIDTH, HEIGHT = BOX_FRAME

#: Released boxes are the object's pixels grown by this much on every side that had room. A property
#: of the released boxes (the smallest unpadded area equals the generator's minimum), not tuned.
BOX_PADDING_PX = 5

#: Points per side of the grid laid over a box; precision against speed, not tuned.
GRID_POINTS = 64

#: Assumed height of the camera above the ground, metres: a person's eyes. Not tuned.
CAMERA_HEIGHT_M = 1.7

#: A lower edge nearer to the horizon than this says nothing about the distance: the ground range would
#: run off to infinity, and few distant objects stand on the camera's own ground. Radians. Chosen on val
#: out of 5, 10, 15 and 20 degrees by the share of right depth, volume and position orders.
LOWEST_DIP = math.radians(15)

#: Assumed size of an object about which nothing is known, metres: the side of the square it shows. It
#: only scales distances; no order depends on it. Chosen on val by the share of distances within 10 %,
#: smoothed over neighbouring values. With 180 distances that choice flatters val: about 7 % of
#: distances come out right whatever the value, 12.8 % with this one.
TYPICAL_SIZE_M = 6.0


def direction(box: Box) -> Vector:
    """Return the unit direction of the box's centre, as the release computes it (no half pixel)."""
    left, right = _columns(box)
    top, bottom = _rows(box)
    return direction_at((left + right) / 2, (top + bottom) / 2, WIDTH, HEIGHT)


def lower_edge(box: Box) -> float:
    """Return the latitude of the lower edge, radians; negative below the horizon."""
    return _latitude(_rows(box)[1])


def angular_size(box: Box) -> tuple[float, float]:
    """Return width and height as seen from the camera, radians; the width at the box's middle row."""
    left, right = _columns(box)
    top, bottom = _rows(box)
    middle = math.cos(_latitude((top + bottom + 1) / 2))
    return (right + 1 - left) / WIDTH * math.tau * middle, (bottom + 1 - top) / HEIGHT * math.pi


def solid_angle(box: Box) -> float:
    """Return the part of the sphere inside the box, steradians, more than 0 and at most 4 pi."""
    left, right = _columns(box)
    top, bottom = _rows(box)
    rows = math.sin(_latitude(top)) - math.sin(_latitude(bottom + 1))
    return (right + 1 - left) / WIDTH * math.tau * rows


def seen_on(box: Box) -> dict[Face, float]:
    """Return the cube faces that the object shows on, each with its share of the object's pixels.

    The object is taken to be the ellipse inside the unpadded box: it hardly ever fills the corners,
    which is where a box reaches a face that its object does not.
    """
    left, right = _unpadded(*_columns(box), WIDTH - 1)
    top, bottom = _unpadded(*_rows(box), HEIGHT - 1)
    steps = [(i + 0.5) / GRID_POINTS for i in range(GRID_POINTS)]
    row = [direction_at(left + (right - left) * step, HEIGHT / 2, WIDTH, HEIGHT) for step in steps]
    tilts = [_latitude(top + (bottom - top) * step) for step in steps]
    across = np.array([math.cos(tilt) for tilt in tilts])[:, None]
    rays = np.stack(
        [
            across * [x for x, _, _ in row],
            np.broadcast_to(np.array([[math.sin(tilt)] for tilt in tilts]), (GRID_POINTS,) * 2),
            across * [z for _, _, z in row],
        ]
    )
    from_middle = 2 * np.array(steps) - 1
    inside = from_middle[:, None] ** 2 + from_middle**2 <= 1
    points = np.bincount(face_of(rays[:, inside].astype(np.float32)), minlength=len(FACES))
    return {face: n / inside.sum() for face, n in zip(FACES, points, strict=True) if n}


def _columns(box: Box) -> tuple[int, int]:
    span = box.x2 - box.x1
    return box.x1, box.x1 + (span % WIDTH if span < 0 else min(span, WIDTH - 1))


def _rows(box: Box) -> tuple[int, int]:
    top, bottom = sorted(min(max(y, 0), HEIGHT - 1) for y in (box.y1, box.y2))
    return top, bottom


def _latitude(y: float) -> float:
    return (0.5 - y / HEIGHT) * math.pi


def _unpadded(low: int, high: int, last: int) -> tuple[float, float]:
    inner_low = low + (BOX_PADDING_PX if low != 0 else 0)
    inner_high = high - (BOX_PADDING_PX if high != last else 0)
    if inner_low > inner_high:
        return (low + high) / 2, (low + high) / 2
    return inner_low, inner_high


def estimated_range(box: Box) -> float:
    """Return the distance from the camera, metres: the geometric mean of two crude estimates.

    One lets the lower edge stand on level ground (range = camera height / sine of the dip), the other
    gives every object the same size. Each fails where the other does not: things that hang or lie far
    below the camera, things that are tiny or huge.
    """
    on_ground = CAMERA_HEIGHT_M / math.sin(max(LOWEST_DIP, -lower_edge(box)))
    by_size = TYPICAL_SIZE_M / math.sqrt(solid_angle(box))
    return math.sqrt(on_ground * by_size)


def estimated_area(box: Box) -> float:
    """Return the area the object shows to the camera, square metres: solid angle times range squared."""
    return solid_angle(box) * estimated_range(box) ** 2


@dataclass(frozen=True)
class BoxEstimates:
    """What is believed of an object from its box: its range, metres, and its area, square metres."""

    range_of: Callable[[Box], float]
    area_of: Callable[[Box], float]

    def point_of(self, box: Box) -> Vector:
        """Return the object's place in the camera frame (x right, y up, z forward), metres."""
        x, y, z = direction(box)
        distance = self.range_of(box)
        return x * distance, y * distance, z * distance


BY_GEOMETRY = BoxEstimates(estimated_range, estimated_area)
