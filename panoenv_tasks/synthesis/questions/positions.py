"""Where objects are relative to one another, in the camera frame: x right, y up, z forward."""

from __future__ import annotations

import math

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES, OPPOSITE, SENSE, metres, relation_sentence
from panoenv_tasks.synthesis.questions.question import Case, Draft, yes_no

#: The released threshold for a difference to count, metres.
SIGNIFICANT = 0.5
#: Ours leaves the question open when a difference lies between these.
_UNCLEAR_FROM, _CLEAR_FROM = 0.35, 0.65


def _difference(case: Case) -> Vector:
    a, b = (one.centre for one in case.actors)
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def relpos_binary(case: Case) -> Draft | None:
    """Does the first lie in a given direction from the second?"""
    difference = _difference(case)
    if case.template.direction:
        axis, sign = SENSE[case.template.direction]
        reach = sign * difference[axis]
        return yes_no(reach > 0) if abs(reach) >= _CLEAR_FROM else None
    limit = SIGNIFICANT if case.rules == "released" else _CLEAR_FROM
    true = [d for d in DIRECTIONS if SENSE[d][1] * difference[SENSE[d][0]] > limit]
    if not true:
        return None
    direction, holds = case.dice.pick(true), case.dice.chance(0.5)
    return Draft("Yes" if holds else "No", direction=direction if holds else OPPOSITE[direction])


def relpos_cardinal(case: Case) -> Draft | None:
    """Describe where the first is from the second."""
    difference = _difference(case)
    if case.rules == "ours" and any(_UNCLEAR_FROM < abs(d) < _CLEAR_FROM for d in difference):
        return None
    right, up, ahead = (d if abs(d) > SIGNIFICANT else 0.0 for d in difference)
    if case.rules == "ours" and not (right or up or ahead):
        return None
    return Draft(relation_sentence(case.boxes, {"depth": ahead, "side": right, "height": up}))


def relpos_distance_straightline(case: Case) -> Draft | None:
    """How far apart are the middles of two objects?"""
    return _apart(case, math.dist(*(one.centre for one in case.actors)))


def relpos_distance_components(case: Case) -> Draft | None:
    """How far apart are they on the map, or in height?"""
    x, y, z = _difference(case)
    return _apart(case, abs(y) if case.template.asks == "vertical" else math.sqrt(x * x + z * z))


def _apart(case: Case, value: float) -> Draft | None:
    # Below that, rounding to a decimeter alone can cost the scorer's ten per cent.
    return Draft(metres(value)) if case.rules == "released" or value >= SIGNIFICANT else None


def relpos_triplet_extreme(case: Case) -> Draft | None:
    """Which of three lies farthest in a direction?"""
    fixed = case.template.extreme
    extreme = fixed if fixed else case.dice.pick(EXTREMES)
    axis, sign = SENSE[extreme]
    reach = [sign * one.centre[axis] for one in case.actors]
    first, second = sorted(reach, reverse=True)[:2]
    if case.rules == "ours" and first - second < _CLEAR_FROM:
        return None
    return Draft(case.name(reach.index(first)), extreme=extreme)
