"""Kinds of question that the release does not have: counting, who hides whom, another point of view.

Each needs the picture, or the maps behind it: a number of things that no box gives away, the order of two
things where they overlap, a place seen from elsewhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.turning import SIDES, bearing_from, side_of
from panoenv_tasks.placeholders import fill
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import MIN_PIXELS, Object
from panoenv_tasks.synthesis.panorama import Panorama
from panoenv_tasks.synthesis.questions.ask import nested
from panoenv_tasks.synthesis.questions.question import Draft, Question, named_boxes
from panoenv_tasks.synthesis.questions.wording import render
from panoenv_tasks.taxonomy import Template, extra_subcategories, extra_templates

#: Things are counted when so much of each is seen; more than that of one kind nobody counts at a glance.
_COUNTABLE, _MOST = 0.3, 9
#: A border between two things of so many pixels, at so many of which one is nearer by this much (metres, and
#: as a part of the distance), says that it hides the other: things that touch do not jump so.
_BORDER, _JUMPING, _JUMP, _RELATIVE_JUMP = 40, 0.9, 0.3, 0.08
#: Points of view are at least so far from what is looked at (metres), and sides so far from their limits.
_APART, _CLEAR = 1.0, 20.0
_TRIES = 200


def ask_extra(panorama: Panorama, objects: Sequence[Object], dice: Dice) -> list[Question]:
    """Return one question of each kind that can be asked of a frame.

    Args:
        panorama: The frame.
        objects: Those that questions may be about.
        dice: A stream of its own, so that the other questions stay as they are.
    """
    asked = []
    for kind in extra_subcategories():
        template = dice.pick([t for t in extra_templates() if t.subcategory == kind])
        question = _KINDS[kind](template, panorama, objects, dice)
        if question is not None:
            asked.append(question)
    return asked


def countable(panorama: Panorama) -> dict[str, int]:
    """Return how many things of each label are seen, for labels of which every one is plain to see.

    Only where the things themselves are known, not where regions of a class stand for them. A label that is
    part of another's, as chair is of armchair, is left out: people differ over what it covers.
    """
    pixels = np.bincount(panorama.segments.ravel(), minlength=max(panorama.labels, default=0) + 1)
    counts, doubtful = Counter[str](), set[str]()
    for number, label in panorama.labels.items():
        truth, name = panorama.truth.get(number), label.replace("_", " ")
        if pixels[number] == 0:
            continue
        counts[name] += 1
        if truth is None or pixels[number] < MIN_PIXELS or truth.visible < _COUNTABLE:
            doubtful.add(name)
    names = set(counts)
    within = {name for name in names if any(name in other for other in names - {name})}
    return {name: n for name, n in counts.items() if name not in doubtful | within and n <= _MOST}


def hiding(panorama: Panorama) -> dict[tuple[int, int], bool]:
    """Return for pairs of numbers, the lower first, whether the first hides a part of the second.

    If not, the second hides a part of the first. Pairs whose borders do not tell are left out.
    """
    borders, jumps, nearer = Counter[int](), Counter[int](), Counter[int]()
    base = int(panorama.segments.max()) + 1
    for one, other in _neighbours(panorama.segments.shape):
        a, b = panorama.segments[one], panorama.segments[other]
        here = (a != b) & (a > 0) & (b > 0)
        low, high = np.minimum(a[here], b[here]), np.maximum(a[here], b[here])
        depth_a, depth_b = panorama.depth[one][here], panorama.depth[other][here]
        swapped = a[here] > b[here]
        low_depth = np.where(swapped, depth_b, depth_a)
        high_depth = np.where(swapped, depth_a, depth_b)
        with np.errstate(invalid="ignore"):
            gap = np.abs(low_depth - high_depth)
            clear = gap > np.maximum(_JUMP, _RELATIVE_JUMP * np.minimum(low_depth, high_depth))
        keys = low.astype(np.int64) * base + high
        _count(borders, keys)
        _count(jumps, keys[clear])
        _count(nearer, keys[clear & (low_depth < high_depth)])
    found = {}
    for key, border in borders.items():
        first = nearer[key] / jumps[key] if jumps[key] else 0.5
        if border >= _BORDER and jumps[key] >= _JUMPING * border and first in (0.0, 1.0):
            found[divmod(key, base)] = first == 1.0
    return found


def _count(counter: Counter[int], keys: npt.NDArray[np.int64]) -> None:
    values, counts = np.unique(keys, return_counts=True)
    counter.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))


def _neighbours(shape: tuple[int, ...]) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Yield where neighbours lie, as two windows: below one another, beside, and across the seam."""
    width = shape[1]
    every = slice(None)
    yield (slice(None, -1), every), (slice(1, None), every)
    yield (every, slice(None, -1)), (every, slice(1, None))
    yield (every, slice(width - 1, width)), (every, slice(0, 1))


def _instance_count(
    template: Template, panorama: Panorama, objects: Sequence[Object], dice: Dice
) -> Question | None:
    known = {one.label.replace("_", " ") for one in objects}
    counts = {name: n for name, n in countable(panorama).items() if name in known}
    # Most kinds are there once: every number comes first as often as another.
    if not counts:
        return None
    number = dice.pick(sorted(set(counts.values())))
    name = dice.pick(sorted(name for name, n in counts.items() if n == number))
    return Question(fill(template.text, {"thing": name}), str(number), template, (), ())


def _occlusion_order(
    template: Template, panorama: Panorama, objects: Sequence[Object], dice: Dice
) -> Question | None:
    by_number = {one.number: one for one in objects}
    pairs = [
        (by_number[a], by_number[b]) if first else (by_number[b], by_number[a])
        for (a, b), first in sorted(hiding(panorama).items())
        if a in by_number and b in by_number
    ]
    pairs = [pair for pair in pairs if not nested(pair)]
    # What stands nearer on the floor reaches lower down. Only where there are pairs of which that is true and
    # pairs of which it is not does the answer not follow from the boxes.
    lower = [pair for pair in pairs if pair[0].box[3] > pair[1].box[3]]
    higher = [pair for pair in pairs if pair[0].box[3] < pair[1].box[3]]
    if not lower or not higher:
        return None
    front, back = dice.pick(lower if dice.chance(0.5) else higher)
    yes = dice.chance(0.5)
    return _about(template, (front, back) if yes else (back, front), Draft("Yes" if yes else "No"))


def _viewpoint_change(
    template: Template, panorama: Panorama, objects: Sequence[Object], dice: Dice
) -> Question | None:
    wish = dice.pick(SIDES)
    spare: Question | None = None
    for _ in range(_TRIES):
        actors = tuple(dice.sample(objects, 3))
        if len(actors) < 3 or nested(actors):
            continue
        at, towards, asked = (one.centre for one in actors)
        apart = min(math.dist((at[0], at[2]), (one[0], one[2])) for one in (towards, asked))
        bearing = bearing_from(at, towards, asked)
        side = side_of(bearing)
        # Nobody stands where something hangs.
        if apart < _APART or at[1] >= 0 or abs(bearing - 90 * round(bearing / 90)) > 45 - _CLEAR:
            continue
        question = _about(template, actors, Draft(side, options=tuple(dice.shuffled(SIDES))))
        if side == wish:
            return question
        spare = spare or question
    return spare


def _about(template: Template, actors: tuple[Object, ...], draft: Draft) -> Question:
    text = render(template, named_boxes(actors, "ours"), draft)
    return Question(text, draft.answer, template, draft.options, tuple(one.number for one in actors))


_KINDS: Mapping[str, Callable[[Template, Panorama, Sequence[Object], Dice], Question | None]] = {
    "instance_count": _instance_count,
    "occlusion_order": _occlusion_order,
    "viewpoint_change": _viewpoint_change,
}
