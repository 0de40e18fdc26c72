"""Size and shape: the area an object shows, and how oblong its box is."""

from __future__ import annotations

from panoenv_tasks.blind.boxes import angular_size
from panoenv_tasks.blind.guess import Guess, lead, yes_or_no
from panoenv_tasks.blind.ranges import estimated_area
from panoenv_tasks.items import Box
from panoenv_tasks.taxonomy import Wording


def by_volume(wording: Wording) -> Guess:
    """Name the object that shows the largest, or if so asked the smallest, area."""
    areas = _areas(wording)
    wanted = [-area for area in areas] if wording.asks == "smaller" else areas
    return Guess(wording.options[wanted.index(max(wanted))], _because(areas), lead(wanted))


def compares_in_volume(wording: Wording) -> Guess:
    """Say whether the first object is the larger, or if so asked the smaller, one."""
    first, second = areas = _areas(wording)
    holds = first < second if wording.asks == "smaller" else first > second
    return Guess(yes_or_no(holds), _because(areas), lead(areas))


def most_oblong(wording: Wording) -> Guess:
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


def _areas(wording: Wording) -> list[float]:
    return [estimated_area(box) for box in wording.objects]


def _because(areas: list[float]) -> str:
    stated = ", ".join(f"{a:.1f} m2" for a in areas)
    return f"Area shown, from each box's solid angle and estimated range, in order: {stated}."
