"""Relative positions: differences of points estimated from the boxes.

"In front of" means farther ahead (a larger forward coordinate), not nearer to the viewer: that is how
the release defines it.
"""

from __future__ import annotations

import math

from panoenv_tasks.blind.constants import UNNAMED_BELOW_M
from panoenv_tasks.blind.distances import answer_in_metres
from panoenv_tasks.blind.guess import Guess, lead, yes_or_no
from panoenv_tasks.blind.ranges import estimated_point
from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.geometry.words import SENSE, Axis, relation_sentence
from panoenv_tasks.taxonomy import Wording


def lies_towards(wording: Wording) -> Guess:
    """Say whether the first object lies on the asked side of the second."""
    axis, sign = SENSE[wording.direction or "front"]
    first, second = along = [point[axis] * sign for point in _points(wording)]
    return Guess(yes_or_no(first > second), _because(_apart(wording)), lead(along))


def extreme(wording: Wording) -> Guess:
    """Name the object that lies farthest in the asked direction."""
    axis, sign = SENSE[wording.extreme or "frontmost"]
    along = [point[axis] * sign for point in _points(wording)]
    listed = ", ".join(f"{a:.1f} m" for a in along)
    return Guess(
        wording.options[along.index(max(along))],
        f"Coordinates in the asked direction, estimated from the boxes in order: {listed}.",
        lead(along),
    )


def relation(wording: Wording) -> Guess:
    """Describe where the first object is relative to the second, on every axis that matters."""
    apart = _apart(wording)
    right, up, ahead = (part if abs(part) > UNNAMED_BELOW_M else 0.0 for part in apart)
    signs: dict[Axis, float] = {"depth": ahead, "side": right, "height": up}
    least = min(lead(axis) for axis in zip(*_points(wording), strict=True))
    return Guess(relation_sentence(wording.objects, signs), _because(apart), least)


def straight_line(wording: Wording) -> Guess:
    """State the distance between the estimated points."""
    apart = _apart(wording)
    return Guess(answer_in_metres(math.hypot(*apart)), _because(apart))


def component(wording: Wording) -> Guess:
    """State the vertical or the horizontal part of that distance, as the wording asks."""
    right, up, ahead = apart = _apart(wording)
    part = abs(up) if wording.asks == "vertical" else math.hypot(right, ahead)
    return Guess(answer_in_metres(part), _because(apart))


def _points(wording: Wording) -> list[Vector]:
    return [estimated_point(box) for box in wording.objects]


def _apart(wording: Wording) -> Vector:
    first, second = _points(wording)
    return first[0] - second[0], first[1] - second[1], first[2] - second[2]


def _because(apart: Vector) -> str:
    right, up, ahead = apart
    return (
        "From points estimated by each box's direction, lower edge and solid angle, the first object is "
        f"{right:+.1f} m to the right, {up:+.1f} m up and {ahead:+.1f} m ahead of the second."
    )
