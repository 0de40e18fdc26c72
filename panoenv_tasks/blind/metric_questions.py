"""Distances, sizes, shapes and relative positions, all from ranges estimated from the boxes.

"In front of" means farther ahead (a larger forward coordinate), not nearer to the viewer: that is how the
release defines it.
"""

from __future__ import annotations

import math

from panoenv_tasks.blind.boxes import BoxEstimates, angular_size
from panoenv_tasks.blind.guess import Guess, lead, yes_or_no
from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.geometry.turning import bearing_from, side_of
from panoenv_tasks.geometry.words import SENSE, Axis, metres, relation_sentence
from panoenv_tasks.items import Box
from panoenv_tasks.taxonomy import Wording

#: Differences along an axis below this are not named in a relation, metres. The release leaves out
#: those below 0.5 m; estimates this coarse can hardly tell those, and naming an axis is the better bet.
#: Chosen on val out of 0, 0.1, 0.2, 0.3 and 0.5: best, with 0, under both protocols.
_UNNAMED_BELOW_M = 0.1


def name_nearer(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Name the object with the smaller estimated range."""
    ranges = _ranges(wording, estimates)
    return Guess(wording.options[ranges.index(min(ranges))], _stated_ranges(ranges), lead(-r for r in ranges))


def name_farthest(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Name the object with the largest estimated range."""
    ranges = _ranges(wording, estimates)
    return Guess(wording.options[ranges.index(max(ranges))], _stated_ranges(ranges), lead(ranges))


def say_whether_nearer(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Say whether the first object's estimated range is the smaller one."""
    ranges = _ranges(wording, estimates)
    return Guess(yes_or_no(ranges[0] < ranges[1]), _stated_ranges(ranges), lead(ranges))


def say_whether_as_far(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Say no: three pairs in four are not similar, and the estimate is too coarse to find the fourth.

    On val the ratio of the estimated ranges orders similar and other pairs no better than chance.
    """
    return Guess(
        "No", f"{_stated_ranges(_ranges(wording, estimates))} Too coarse to tell, and most pairs differ."
    )


def state_range(wording: Wording, estimates: BoxEstimates) -> Guess:
    """State the estimated range."""
    ranges = _ranges(wording, estimates)
    return Guess(answer_in_metres(ranges[0]), _stated_ranges(ranges))


def answer_in_metres(distance: float) -> str:
    """Spell a distance, metres; never 0, which no scorer takes for a distance."""
    return metres(max(distance, 0.1))


def _ranges(wording: Wording, estimates: BoxEstimates) -> list[float]:
    return [estimates.range_of(box) for box in wording.objects]


def _stated_ranges(ranges: list[float]) -> str:
    stated = ", ".join(f"{r:.1f} m" for r in ranges)
    return f"Range estimated from each box's lower edge and solid angle, in order: {stated}."


def name_largest_or_smallest(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Name the object that shows the largest, or if so asked the smallest, area."""
    areas = _areas(wording, estimates)
    wanted = [-area for area in areas] if wording.asks == "smaller" else areas
    return Guess(wording.options[wanted.index(max(wanted))], _stated_areas(areas), lead(wanted))


def say_whether_larger_or_smaller(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Say whether the first object is the larger, or if so asked the smaller, one."""
    first, second = areas = _areas(wording, estimates)
    holds = first < second if wording.asks == "smaller" else first > second
    return Guess(yes_or_no(holds), _stated_areas(areas), lead(areas))


def name_most_oblong(wording: Wording) -> Guess:
    """Name the object with the more oblong box: the guess for flat and for elongated alike.

    The release labels both by one score, smallest over largest extent, lower for flatter and for
    longer objects.
    """
    ratios = [_oblong(box) for box in wording.objects]
    stated = ", ".join(f"{r:.1f}" for r in ratios)
    return Guess(
        wording.options[ratios.index(max(ratios))],
        f"Longer over shorter side of each box as seen from the camera, in order: {stated}.",
        lead(ratios),
    )


def _oblong(box: Box) -> float:
    width, height = angular_size(box)
    return max(width, height) / min(width, height)


def _areas(wording: Wording, estimates: BoxEstimates) -> list[float]:
    return [estimates.area_of(box) for box in wording.objects]


def _stated_areas(areas: list[float]) -> str:
    stated = ", ".join(f"{a:.1f} m2" for a in areas)
    return f"Area shown, from each box's solid angle and estimated range, in order: {stated}."


def say_whether_on_side(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Say whether the first object lies on the asked side of the second."""
    axis, sign = SENSE[wording.direction or "front"]
    first, second = along = [point[axis] * sign for point in _points(wording, estimates)]
    return Guess(yes_or_no(first > second), _stated_offset(_apart(wording, estimates)), lead(along))


def name_outermost(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Name the object that lies farthest in the asked direction."""
    axis, sign = SENSE[wording.extreme or "frontmost"]
    along = [point[axis] * sign for point in _points(wording, estimates)]
    stated = ", ".join(f"{a:.1f} m" for a in along)
    return Guess(
        wording.options[along.index(max(along))],
        f"Coordinates in the asked direction, estimated from the boxes in order: {stated}.",
        lead(along),
    )


def describe_relation(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Describe where the first object is relative to the second, on every axis that matters."""
    apart = _apart(wording, estimates)
    right, up, ahead = (part if abs(part) > _UNNAMED_BELOW_M else 0.0 for part in apart)
    least = min(lead(axis) for axis in zip(*_points(wording, estimates), strict=True))
    signs: dict[Axis, float] = {"depth": ahead, "side": right, "height": up}
    return Guess(relation_sentence(wording.objects, signs), _stated_offset(apart), least)


def state_distance_apart(wording: Wording, estimates: BoxEstimates) -> Guess:
    """State the distance between the estimated points."""
    apart = _apart(wording, estimates)
    return Guess(answer_in_metres(math.hypot(*apart)), _stated_offset(apart))


def state_component_apart(wording: Wording, estimates: BoxEstimates) -> Guess:
    """State the vertical or the horizontal part of that distance, as the wording asks."""
    right, up, ahead = apart = _apart(wording, estimates)
    part = abs(up) if wording.asks == "vertical" else math.hypot(right, ahead)
    return Guess(answer_in_metres(part), _stated_offset(apart))


def name_side_from_elsewhere(wording: Wording, estimates: BoxEstimates) -> Guess:
    """Name the side of the third object for someone at the first who faces the second, seen from above."""
    at, towards, asked = _points(wording, estimates)
    bearing = bearing_from(at, towards, asked)
    side = side_of(bearing)
    return Guess(
        side if side in wording.options else wording.options[-1],
        f"By points estimated from the boxes it lies {bearing:.0f} degrees to the right of the way ahead.",
        1 - abs(bearing - 90 * round(bearing / 90)) / 45,
    )


def _points(wording: Wording, estimates: BoxEstimates) -> list[Vector]:
    return [estimates.point_of(box) for box in wording.objects]


def _apart(wording: Wording, estimates: BoxEstimates) -> Vector:
    first, second = _points(wording, estimates)
    return first[0] - second[0], first[1] - second[1], first[2] - second[2]


def _stated_offset(apart: Vector) -> str:
    right, up, ahead = apart
    return (
        "From points estimated by each box's direction, lower edge and solid angle, the first object is "
        f"{right:+.1f} m to the right, {up:+.1f} m up and {ahead:+.1f} m ahead of the second."
    )
