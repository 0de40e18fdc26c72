"""How large objects are, how flat and how long."""

from __future__ import annotations

from collections.abc import Sequence

from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.questions.question import Case, Draft, yes_no
from panoenv_tasks.synthesis.vocabulary import Rules

#: One object must have this many times the volume of the next, or be that much flatter, or longer.
_LARGER, _FLATTER, _LONGER = 1.6, 1.6, 1.4
#: The winner must be flat, or long, by itself: shortest over longest extent, longest over middle.
_FLAT, _LONG = 0.3, 1.6


def volume(one: Object) -> float:
    """Return the product of the extents, cubic metres."""
    a, b, c = one.size
    return a * b * c


def flatness(one: Object) -> float:
    """Return shortest over longest extent: lower is flatter."""
    return min(one.size) / max(one.size)


def elongation(one: Object) -> float:
    """Return longest over middle extent: higher is longer."""
    _, middle, longest = sorted(one.size)
    return longest / middle


def _extreme(values: Sequence[float], factor: float) -> int | None:
    """Return which value is the largest, or None when it is not ``factor`` times the next."""
    ranked = sorted(range(len(values)), key=lambda k: -values[k])
    clear = values[ranked[0]] >= factor * values[ranked[1]]
    return ranked[0] if clear else None


def _by_volume(case: Case) -> int | None:
    """Return which actor is the largest, or if so asked the smallest."""
    volumes = [volume(one) for one in case.actors]
    if min(volumes) <= 0:
        return None
    if case.template.asks == "smaller":
        volumes = [1 / v for v in volumes]
    return _extreme(volumes, 1.0 if case.rules == "released" else _LARGER)


def volume_comparison(case: Case) -> Draft | None:
    """Which of two is larger, or smaller?"""
    found = _by_volume(case)
    return None if found is None else Draft(case.name(found))


def volume_binary(case: Case) -> Draft | None:
    """Is the first larger, or smaller, than the second?"""
    found = _by_volume(case)
    return None if found is None else yes_no(found == 0)


def size_triplet_extreme(case: Case) -> Draft | None:
    """Which of three is the largest, or the smallest?"""
    return volume_comparison(case)


def flattest(actors: Sequence[Object], rules: Rules) -> int | None:
    """Return which object is the flattest."""
    values = [flatness(one) for one in actors]
    if min(values) <= 0:
        return None
    found = _extreme([1 / v for v in values], 1.0 if rules == "released" else _FLATTER)
    plain = found is None or rules == "released" or values[found] <= _FLAT
    return found if plain else None


def longest(actors: Sequence[Object], rules: Rules) -> int | None:
    """Return which object is the most drawn out; the release takes the flattest for it."""
    if rules == "released":
        return flattest(actors, rules)
    if min(min(one.size) for one in actors) <= 0:
        return None
    values = [elongation(one) for one in actors]
    found = _extreme(values, _LONGER)
    return found if found is None or values[found] >= _LONG else None


def shape_flatness(case: Case) -> Draft | None:
    """Which of two is flatter?"""
    found = flattest(case.actors, case.rules)
    return None if found is None else Draft(case.name(found))


def shape_elongation(case: Case) -> Draft | None:
    """Which of two is longer for its width?"""
    found = longest(case.actors, case.rules)
    return None if found is None else Draft(case.name(found))
