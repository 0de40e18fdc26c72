"""Where objects are relative to one another, in the camera frame: x right, y up, z forward."""

from __future__ import annotations

import math

from panoenv_tasks.synthesis.geometry import Vector
from panoenv_tasks.synthesis.questions.distances import metres
from panoenv_tasks.synthesis.questions.question import Case, Draft, yes_no
from panoenv_tasks.taxonomy import DIRECTIONS, EXTREMES, Direction, Extreme, answer_name

#: The released threshold for a difference to count, metres.
SIGNIFICANT = 0.5
#: Ours leaves the question open when a difference lies between these.
_UNCLEAR_FROM, _CLEAR_FROM = 0.35, 0.65

#: Axis and sign of each direction. "In front" means farther forward, not nearer, as in the release.
_AXES: dict[Direction, tuple[int, int]] = {
    "right": (0, 1),
    "left": (0, -1),
    "above": (1, 1),
    "below": (1, -1),
    "front": (2, 1),
    "behind": (2, -1),
}
_EXTREME_AXES: dict[Extreme, tuple[int, int]] = {
    "rightmost": (0, 1),
    "leftmost": (0, -1),
    "highest": (1, 1),
    "lowest": (1, -1),
    "frontmost": (2, 1),
    "rearmost": (2, -1),
}
_OPPOSITE: dict[Direction, Direction] = {
    "right": "left",
    "left": "right",
    "above": "below",
    "below": "above",
    "front": "behind",
    "behind": "front",
}
#: The words of a relation, in the order of released answers: forward, sideways, upwards.
_WORDS = (
    (2, "in front of", "behind"),
    (0, "to the right of", "to the left of"),
    (1, "above", "below"),
)


def _difference(case: Case) -> Vector:
    a, b = (one.centre for one in case.actors)
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def relpos_binary(case: Case) -> Draft | None:
    """Does the first lie in a given direction from the second?"""
    difference = _difference(case)
    if case.template.direction:
        axis, sign = _AXES[case.template.direction]
        reach = sign * difference[axis]
        return yes_no(reach > 0) if abs(reach) >= _CLEAR_FROM else None
    limit = SIGNIFICANT if case.rules == "released" else _CLEAR_FROM
    true = [d for d in DIRECTIONS if _AXES[d][1] * difference[_AXES[d][0]] > limit]
    if not true:
        return None
    direction, holds = case.dice.pick(true), case.dice.chance(0.5)
    return Draft("Yes" if holds else "No", direction=direction if holds else _OPPOSITE[direction])


def relpos_cardinal(case: Case) -> Draft | None:
    """Describe where the first is from the second."""
    difference = _difference(case)
    if case.rules == "ours" and any(_UNCLEAR_FROM < abs(d) < _CLEAR_FROM for d in difference):
        return None
    words = [
        ahead if difference[axis] > 0 else back
        for axis, ahead, back in _WORDS
        if abs(difference[axis]) > SIGNIFICANT
    ]
    if not words:
        if case.rules == "ours":
            return None
        words = ["at a similar position to"]
    other = case.boxes[1]
    whom = other.name if other.letter else f"the {other.name}"
    return Draft(f"{answer_name(case.boxes[0])} is {' and '.join(words)} {whom}.")


def relpos_distance_straightline(case: Case) -> Draft | None:
    """How far apart are the middles of two objects?"""
    return _apart(case, math.dist(*(one.centre for one in case.actors)))


def relpos_distance_components(case: Case) -> Draft | None:
    """How far apart are they on the map, or in height?"""
    x, y, z = _difference(case)
    return _apart(case, abs(y) if case.template.asks == "vertical" else math.sqrt(x * x + z * z))


def _apart(case: Case, value: float) -> Draft | None:
    # Below that, rounding to a decimeter alone can cost the scorer's ten per cent.
    return metres(value) if case.rules == "released" or value >= SIGNIFICANT else None


def relpos_triplet_extreme(case: Case) -> Draft | None:
    """Which of three lies farthest in a direction?"""
    fixed = case.template.extreme
    extreme = fixed if fixed else case.dice.pick(EXTREMES)
    axis, sign = _EXTREME_AXES[extreme]
    reach = [sign * one.centre[axis] for one in case.actors]
    first, second = sorted(reach, reverse=True)[:2]
    if case.rules == "ours" and first - second < _CLEAR_FROM:
        return None
    return Draft(case.name(reach.index(first)), extreme=extreme)
