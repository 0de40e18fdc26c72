"""Which of the measured objects questions may be about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.panorama import FrameError
from panoenv_tasks.synthesis.vocabulary import Rules

#: Most and fewest objects of a frame, as in the release.
MOST, FEWEST = 20, 4
MIN_SIDE = 25
#: Objects less visible than this are hard to name, let alone to measure.
MIN_VISIBLE = 0.4
MIN_KNOWN = 0.5
#: Two boxes of one label that overlap like this at one distance are pieces of one thing.
_SAME_BOX, _SAME_INSIDE = 0.65, 0.85

_BACKGROUND = frozenset(
    "sky skysphere skybox ground groundlandscape landscape terrain road street sidewalk pavement floor "
    "wall ceiling roof cloud clouds water steps decal decals fog".split()
)
#: Names in TartanAir's class maps that say nothing to a person.
_JUNK = frozenset("z bp sm mesh cube plane sphere object instancedfoliageactor none unlabeled".split())
#: What the released generator leaves out by substring and by name.
_RELEASED_PARTS = ("sky", "ground", "wall", "ceiling", "floor", "road")
_RELEASED_NAMES = frozenset("cloud clouds terrain landscape roof sidewalk steps".split())


def choose(objects: Sequence[Object], rules: Rules, dice: Dice) -> list[Object]:
    """Return up to ``MOST`` objects, as many different labels as possible, by number.

    Raises:
        FrameError: Fewer than ``FEWEST`` are left after the filters; the reason says why each went.
    """
    reasons = Counter[str]()
    kept = []
    for one in objects:
        reason = refused(one, rules)
        if reason:
            reasons[reason] += 1
        else:
            kept.append(one)
    distinct = _distinct(kept)
    if len(distinct) < len(kept):
        reasons["piece of another"] = len(kept) - len(distinct)
    if len(distinct) < FEWEST:
        listed = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items())) or "nothing else found"
        raise FrameError(f"{len(distinct)} usable objects, at least {FEWEST} are needed ({listed})")
    return sorted(_sampled(distinct, dice), key=lambda one: one.number)


def refused(one: Object, rules: Rules) -> str:
    """Return why questions should not be about an object; empty when they may."""
    return _refused_released(one) if rules == "released" else _refused(one)


def _refused(one: Object) -> str:
    if one.label.lower() in _BACKGROUND:
        return "background"
    if one.label.lower() in _JUNK:
        return "without a telling name"
    if one.crosses_seam:
        return "across the seam"
    if _too_small(one):
        return "too small"
    if one.known < MIN_KNOWN:
        return "without known distance"
    if one.visible < MIN_VISIBLE:
        return "mostly hidden"
    return ""


def _refused_released(one: Object) -> str:
    if one.label in _RELEASED_NAMES or any(part in one.label for part in _RELEASED_PARTS):
        return "background"
    return "too small" if _too_small(one) else ""


def _too_small(one: Object) -> bool:
    x1, y1, x2, y2 = one.box
    return x2 - x1 < MIN_SIDE or y2 - y1 < MIN_SIDE


def _distinct(objects: Sequence[Object]) -> list[Object]:
    """Leave out the smaller of two boxes that show one thing in pieces."""
    kept: list[Object] = []
    for one in sorted(objects, key=lambda o: (-o.pixels, o.number)):
        if not any(_same_thing(one, other) for other in kept):
            kept.append(one)
    return kept


def _same_thing(one: Object, other: Object) -> bool:
    if one.label != other.label:
        return False
    gap = abs(one.depths.p50 - other.depths.p50)
    if gap > 0.4 * min(one.depths.p50, other.depths.p50):
        return False
    shared = overlap(one, other)
    union = area(one) + area(other) - shared
    return shared > _SAME_BOX * union or shared > _SAME_INSIDE * min(area(one), area(other))


def area(one: Object) -> int:
    """Return the number of pixels in an object's box."""
    x1, y1, x2, y2 = one.box
    return (x2 - x1 + 1) * (y2 - y1 + 1)


def overlap(one: Object, other: Object) -> int:
    """Return the number of pixels that two boxes share."""
    ax1, ay1, ax2, ay2 = one.box
    bx1, by1, bx2, by2 = other.box
    wide, tall = min(ax2, bx2) - max(ax1, bx1) + 1, min(ay2, by2) - max(ay1, by1) + 1
    return max(0, wide) * max(0, tall)


def _sampled(objects: Sequence[Object], dice: Dice) -> list[Object]:
    """Take objects in rounds, two of each label a round; polar and many-faced ones come first."""
    rank = {one.number: dice.uniform(0, 1, 1e-6) * _weight(one) for one in objects}
    by_label: dict[str, list[Object]] = {}
    for one in sorted(objects, key=lambda o: -rank[o.number]):
        by_label.setdefault(one.label, []).append(one)
    rounds: list[list[Object]] = []
    for group in by_label.values():
        for turn, one in enumerate(group):
            # Two of a kind count as one, so that there are some to be told apart.
            if turn // 2 == len(rounds):
                rounds.append([])
            rounds[turn // 2].append(one)
    return [one for group in rounds for one in group][:MOST]


def _weight(one: Object) -> float:
    polar = 1.3 if "top" in one.faces or "bottom" in one.faces else 1.0
    return polar * (1.2 if len(one.faces) > 1 else 1.0)
