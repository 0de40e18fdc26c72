"""One procedural scene to three panoramas: one thing at two distances, and the first panorama turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from panoenv_tasks.synthesis.choose import choose, refused
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.frame import write_folder
from panoenv_tasks.synthesis.objects import Object, measure
from panoenv_tasks.synthesis.panorama import FrameError, Panorama
from panoenv_tasks.synthesis.questions import Question
from panoenv_tasks.synthesis.scenes.render import panorama as render
from panoenv_tasks.synthesis.scenes.scene import Scene
from panoenv_tasks.synthesis.scenes.source import scene_of, with_truth
from panoenv_tasks.synthesis.twins.again import confirmed, seen_again
from panoenv_tasks.synthesis.twins.near import Apart, as_if_scaled, set_apart
from panoenv_tasks.synthesis.twins.pairs import MEASURED, TURNED, Pair, find_pairs
from panoenv_tasks.synthesis.twins.places import place_question
from panoenv_tasks.synthesis.twins.turned import turned

#: What a frame's panoramas are called after its own name: one thing at one distance, at another, and the
#: first turned.
PARTS = ("a", "b", "c")
#: A change is visible when so many pixels of the panorama differ by so many of 255 levels in some colour
#: (8,000 of full size: 90 by 90), and no fewer than show the thing itself.
CHANGED, LEVELS = 8_000, 16
#: So many ways to set a thing apart are thought through, and the best of them rendered until one gives this
#: many pairs.
_THOUGHT, _TRIED, _ENOUGH = 24, 5, 6


@dataclass(frozen=True)
class Part:
    """One panorama of a frame, the objects to be told of it, and its questions so far."""

    panorama: Panorama
    objects: Sequence[Object]
    questions: list[Question]


@dataclass(frozen=True)
class _Found:
    apart: Apart
    panoramas: tuple[Panorama, Panorama]
    objects: tuple[Sequence[Object], Sequence[Object]]
    pairs: Sequence[Pair]


def twin_parts(environment: str, frame: str, seed: int, height: int = 1280) -> dict[str, Part]:
    """Return a frame's panoramas with their questions by the letters in ``PARTS``.

    A pair is kept when its two texts are the same (with other boxes only where the camera turned), either
    answer is wrong for the other panorama, the change is visible, and both answers come out again when the
    scenes are seen by six cube cameras and measured anew.

    Raises:
        FrameError: Too few objects, or no thing that could be set at two distances.
    """
    dice = Dice("twins", environment, frame, seed)
    found = _set_apart(scene_of(environment, frame, seed), frame, dice, height)
    (first, second), (objects, moved) = found.panoramas, found.objects
    quarters = 1 + dice.below(3)
    third = turned(first, quarters, f"{frame}_c")
    third_objects = _usable(third, objects)

    again, moved_again = (
        seen_again(scene, shown.frame, height)
        for scene, shown in zip(found.apart.scenes, found.panoramas, strict=True)
    )
    pairs = [("b", pair) for pair in _both_confirmed(found.pairs, again, moved_again)]
    if not pairs:
        raise FrameError("no pair of answers came out again when measured by six cube cameras")
    around = find_pairs(objects, third_objects, TURNED, dice)
    turned_again = turned(again, quarters, third.frame)
    pairs += [("c", pair) for pair in _both_confirmed(around, again, turned_again)]
    if not any(letter == "c" for letter, _ in pairs):
        raise FrameError("no answer that is certain changes when the camera turns")

    parts = {
        "a": Part(first, objects, []),
        "b": Part(second, moved, []),
        "c": Part(third, third_objects, []),
    }
    for number, (letter, pair) in enumerate(dice.shuffled(pairs), start=1):
        name = f"{environment}/{frame}/{number:02d}"
        parts["a"].questions.append(replace(pair.first, pair=name))
        parts[letter].questions.append(replace(pair.second, pair=name))
    asked = place_question(environment, frame)
    if asked is not None:
        parts["a"].questions.append(asked)
    return parts


def write_twins(environment: str, frame: str, seed: int, folder: Path) -> None:
    """Write a frame's panoramas as ``folder/<frame>_a``, ``_b`` and ``_c``; ``_a`` is written last.

    Raises:
        FrameError: See ``twin_parts``.
        OSError: The folder cannot be written.
    """
    parts = twin_parts(environment, frame, seed)
    for letter in reversed(PARTS):
        part = parts[letter]
        write_folder(part.panorama, folder / part.panorama.frame, part.objects, part.questions)


def changed_pixels(one: Panorama, other: Panorama) -> int:
    """Return how many pixels differ by ``LEVELS`` or more in some colour."""
    difference = np.abs(one.rgb.astype(np.int16) - other.rgb.astype(np.int16)).max(axis=2)
    return int(np.count_nonzero(difference >= LEVELS))


def _set_apart(scene: Scene, frame: str, dice: Dice, height: int) -> _Found:
    """Return the best of a few pairs of scenes with one thing at two distances."""
    objects = choose(measure(_taken(scene, frame, height, coloured=False)), "ours", dice)
    best: _Found | None = None
    for apart in _promising(scene, objects, dice)[:_TRIED]:
        outlined = [_taken(one, frame, height, coloured=False) for one in apart.scenes]
        first, second = (_usable(one, objects) for one in outlined)
        pairs = find_pairs(first, second, MEASURED, dice, about=apart.index + 1)
        if len(pairs) > (len(best.pairs) if best else 0):
            one, other = (
                _taken(moved, f"{frame}_{letter}", height)
                for moved, letter in zip(apart.scenes, PARTS, strict=False)
            )
            shown = next(thing.pixels for thing in first if thing.number == apart.index + 1)
            if changed_pixels(one, other) >= max(CHANGED, shown):
                best = _Found(apart, (one, other), (first, second), pairs)
        if best is not None and len(best.pairs) >= _ENOUGH:
            break
    if best is None:
        raise FrameError("no thing here can be set at two distances with its outline kept, for all to see")
    return best


def _promising(scene: Scene, objects: Sequence[Object], dice: Dice) -> list[Apart]:
    """Return ways to set one thing at two distances, those first that should give most pairs."""
    ranked = []
    for apart, _ in zip(set_apart(scene, objects, dice), range(_THOUGHT), strict=False):
        first, second = (
            [as_if_scaled(one, k) if one.number == apart.index + 1 else one for one in objects]
            for k in apart.k
        )
        ranked.append((-len(find_pairs(first, second, MEASURED, dice, about=apart.index + 1)), apart))
    return [apart for _, apart in sorted(ranked, key=lambda pair: pair[0])]


def _taken(scene: Scene, frame: str, height: int, *, coloured: bool = True) -> Panorama:
    return with_truth(frame, scene, render(scene, height, 2 * height, coloured=coloured))


def _usable(panorama: Panorama, known: Sequence[Object]) -> list[Object]:
    """Return the same objects as measured in another panorama."""
    numbers = {one.number for one in known}
    return [one for one in measure(panorama) if one.number in numbers and not refused(one, "ours")]


def _both_confirmed(pairs: Sequence[Pair], first: Panorama, second: Panorama) -> list[Pair]:
    ones = confirmed(first, [(p.first.text, p.first.answer) for p in pairs])
    others = confirmed(second, [(p.second.text, p.second.answer) for p in pairs])
    return [p for p, one, other in zip(pairs, ones, others, strict=True) if one and other]
