"""How far objects are from the camera."""

from __future__ import annotations

from panoenv_tasks.geometry.words import metres
from panoenv_tasks.synthesis.objects import Depths, Object
from panoenv_tasks.synthesis.questions.question import Case, Draft, yes_no
from panoenv_tasks.synthesis.vocabulary import Rules


def effective(depths: Depths) -> float:
    """Return the released distance for comparisons: of the near part of objects deep from near to far."""
    thick = depths.spread > max(0.6, 0.15 * depths.p50)
    return depths.p20 if thick else depths.p50


def jaccard(a: Depths, b: Depths) -> float:
    """Return how far the middle halves of two objects' distances overlap, 0 to 1."""
    shared = min(a.p75, b.p75) - max(a.p25, b.p25)
    whole = max(a.p75, b.p75) - min(a.p25, b.p25)
    return max(0.0, shared) / whole if whole > 0 else 1.0


def nearer(a: Object, b: Object, rules: Rules) -> int | None:
    """Return 0 or 1 for which of two objects is nearer, or None when that is not plain to see."""
    if rules == "released":
        return 0 if effective(a.depths) < effective(b.depths) else 1
    return (0 if a.depths.p50 < b.depths.p50 else 1) if _apart(a.depths, b.depths) else None


def _apart(a: Depths, b: Depths) -> bool:
    gap = abs(a.p50 - b.p50)
    return gap >= max(0.5, 0.15 * min(a.p50, b.p50)) and jaccard(a, b) == 0.0


def depth_compare(case: Case) -> Draft | None:
    """Which of two is nearer?"""
    first = nearer(*_pair(case), case.rules)
    return None if first is None else Draft(case.name(first))


def depth_binary(case: Case) -> Draft | None:
    """Is the first nearer than the second?"""
    first = nearer(*_pair(case), case.rules)
    return None if first is None else yes_no(first == 0)


def depth_similarity(case: Case) -> Draft | None:
    """Are two about equally far?"""
    a, b = (one.depths for one in _pair(case))
    gap, least = abs(a.p50 - b.p50), min(a.p50, b.p50)
    if case.rules == "released":
        return yes_no(jaccard(a, b) > 0.3 or gap < max(0.5, 0.1 * least))
    if gap <= max(0.25, 0.06 * least):
        return yes_no(True)
    return yes_no(False) if gap >= max(1.0, 0.3 * least) and jaccard(a, b) == 0.0 else None


def distance_description(case: Case) -> Draft | None:
    """How far is it?"""
    depths = case.actors[0].depths
    # A deep object has no one distance: half of it would be out of the scorer's tolerance.
    if case.rules == "ours" and depths.spread > max(0.4, 0.25 * depths.p50):
        return None
    return Draft(metres(depths.p50))


def depth_triplet_farthest(case: Case) -> Draft | None:
    """Which of three is farthest?"""
    if case.rules == "released":
        far = [one.depths.p80 for one in case.actors]
        return Draft(case.name(far.index(max(far))))
    ranked = sorted(range(3), key=lambda k: -case.actors[k].depths.p50)
    first, second = (case.actors[k].depths for k in ranked[:2])
    return Draft(case.name(ranked[0])) if _apart(first, second) else None


def _pair(case: Case) -> tuple[Object, Object]:
    a, b = case.actors
    return a, b
