"""Distance questions: how far, which is nearer, which is farthest."""

from __future__ import annotations

from panoenv_tasks.blind.guess import Guess, lead, yes_or_no
from panoenv_tasks.blind.ranges import estimated_range
from panoenv_tasks.geometry.words import metres
from panoenv_tasks.taxonomy import Wording


def nearer(wording: Wording) -> Guess:
    """Name the object with the smaller estimated range."""
    ranges = _ranges(wording)
    return Guess(wording.options[ranges.index(min(ranges))], _because(ranges), lead(-r for r in ranges))


def farthest(wording: Wording) -> Guess:
    """Name the object with the largest estimated range."""
    ranges = _ranges(wording)
    return Guess(wording.options[ranges.index(max(ranges))], _because(ranges), lead(ranges))


def is_nearer(wording: Wording) -> Guess:
    """Say whether the first object's estimated range is the smaller one."""
    ranges = _ranges(wording)
    return Guess(yes_or_no(ranges[0] < ranges[1]), _because(ranges), lead(ranges))


def is_similar(wording: Wording) -> Guess:
    """Say no: three pairs in four are not similar, and the estimate is too coarse to find the fourth.

    On val the ratio of the estimated ranges orders similar and other pairs no better than chance.
    """
    return Guess("No", f"{_because(_ranges(wording))} Too coarse to tell, and most pairs differ.")


def description(wording: Wording) -> Guess:
    """State the estimated range."""
    ranges = _ranges(wording)
    return Guess(answer_in_metres(ranges[0]), _because(ranges))


def answer_in_metres(distance: float) -> str:
    """Spell a distance, metres; never 0, which no scorer takes for a distance."""
    return metres(max(distance, 0.1))


def _ranges(wording: Wording) -> list[float]:
    return [estimated_range(box) for box in wording.objects]


def _because(ranges: list[float]) -> str:
    listed = ", ".join(f"{r:.1f} m" for r in ranges)
    return f"Range estimated from each box's lower edge and solid angle, in order: {listed}."
