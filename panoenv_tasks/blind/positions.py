"""Relative positions: differences of points estimated from the boxes.

"In front of" means farther ahead (a larger forward coordinate), not nearer to the viewer: that is how
the release defines it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from panoenv_tasks.blind.constants import UNNAMED_BELOW_M
from panoenv_tasks.blind.distances import metres
from panoenv_tasks.blind.guess import Guess, lead, yes_or_no
from panoenv_tasks.blind.ranges import estimated_point
from panoenv_tasks.items import Box
from panoenv_tasks.synthesis.geometry import Vector
from panoenv_tasks.taxonomy import Direction, Extreme, Wording, answer_name

#: Per word its axis (0 right, 1 up, 2 forward) and which way along it.
_SENSE: dict[Direction | Extreme, tuple[int, int]] = {
    "right": (0, 1),
    "left": (0, -1),
    "above": (1, 1),
    "below": (1, -1),
    "front": (2, 1),
    "behind": (2, -1),
    "rightmost": (0, 1),
    "leftmost": (0, -1),
    "highest": (1, 1),
    "lowest": (1, -1),
    "frontmost": (2, 1),
    "rearmost": (2, -1),
}
#: Axis, phrase for a positive and for a negative difference, in the order of released answers.
_PHRASES = (
    (2, "in front of", "behind"),
    (0, "to the right of", "to the left of"),
    (1, "above", "below"),
)


def lies_towards(wording: Wording) -> Guess:
    """Say whether the first object lies on the asked side of the second."""
    axis, sign = _SENSE[wording.direction or "front"]
    first, second = along = [point[axis] * sign for point in _points(wording)]
    return Guess(yes_or_no(first > second), _because(_apart(wording)), lead(along))


def extreme(wording: Wording) -> Guess:
    """Name the object that lies farthest in the asked direction."""
    axis, sign = _SENSE[wording.extreme or "frontmost"]
    along = [point[axis] * sign for point in _points(wording)]
    stated = ", ".join(f"{a:.1f} m" for a in along)
    return Guess(
        wording.options[along.index(max(along))],
        f"Coordinates in the asked direction, estimated from the boxes in order: {stated}.",
        lead(along),
    )


def relation(wording: Wording) -> Guess:
    """Describe where the first object is relative to the second, on every axis that matters."""
    apart = _apart(wording)
    right, up, ahead = (part if abs(part) > UNNAMED_BELOW_M else 0.0 for part in apart)
    least = min(lead(axis) for axis in zip(*_points(wording), strict=True))
    return Guess(relation_sentence(wording.objects, (right, up, ahead)), _because(apart), least)


def relation_sentence(objects: Sequence[Box], signs: Vector) -> str:
    """Spell a relation as released answers do; only the signs count, and 0 leaves an axis out."""
    named = [
        positive if signs[axis] > 0 else negative for axis, positive, negative in _PHRASES if signs[axis]
    ]
    a, b = (answer_name(box) for box in objects)
    return f"{a} is {' and '.join(named) or 'at a similar position to'} {b[:1].lower()}{b[1:]}."


def straight_line(wording: Wording) -> Guess:
    """State the distance between the estimated points."""
    apart = _apart(wording)
    return Guess(metres(math.hypot(*apart)), _because(apart))


def component(wording: Wording) -> Guess:
    """State the vertical or the horizontal part of that distance, as the wording asks."""
    right, up, ahead = apart = _apart(wording)
    part = abs(up) if wording.asks == "vertical" else math.hypot(right, ahead)
    return Guess(metres(part), _because(apart))


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
