"""How right are labels that are measured from pixels? Both rule sets against exact scenes.

Each procedural frame is turned into what a recorded frame offers, colour, classes and depth, and measured
twice: with our rules (true range, regions joined across the seam, centre of the visible box) and with the
released ones (planar depth as range, cut at the seam, box centre times median depth). Every object is
matched to the scene's instance that most of its pixels show, whose exact box is the truth. Our rules leave
close calls open; the column "every pair" shows them without that.

    python benchmarks/bench_synthesis_labels.py [FRAMES] [SEED]
"""

from __future__ import annotations

import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from panoenv_tasks.synthesis.build import scene_frames
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object, measure
from panoenv_tasks.synthesis.panorama import FrameError, Panorama, Truth
from panoenv_tasks.synthesis.questions.attributes import (
    elongation,
    flatness,
    flattest,
    longest,
    volume,
)
from panoenv_tasks.synthesis.questions.distances import nearer
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS
from panoenv_tasks.synthesis.scenes.render import panorama
from panoenv_tasks.synthesis.scenes.source import as_recorded, scene_of, with_truth
from panoenv_tasks.synthesis.vocabulary import Rules

RULES: tuple[Rules, ...] = ("ours", "released")


class Tally:
    """Errors, and right answers among those given, by name of the quantity."""

    def __init__(self) -> None:
        self.errors: dict[str, list[float]] = defaultdict(list)
        self.right: dict[str, list[bool]] = defaultdict(list)
        self.forced: dict[str, list[bool]] = defaultdict(list)
        self.pairs = 0

    def answer(self, name: str, given: int | None, forced: int, truth: int) -> None:
        """Count an answer, None for an open question, and the one without margins."""
        self.forced[name].append(forced == truth)
        if given is not None:
            self.right[name].append(given == truth)


def main(frames: int = 12, seed: int = 0) -> None:
    tallies: dict[Rules, Tally] = {rules: Tally() for rules in RULES}
    for source in scene_frames(list(ENVIRONMENTS), frames, seed):
        scene = scene_of(source.environment, source.name, seed)
        shot = panorama(scene)
        exact = with_truth(source.name, scene, shot)
        for rules in RULES:
            ours = rules == "ours"
            seen = as_recorded(source.name, scene, shot, wrap=ours, planar=not ours)
            _count(tallies[rules], seen, exact, rules)
    _report(frames, tallies)


def _count(tally: Tally, seen: Panorama, exact: Panorama, rules: Rules) -> None:
    try:
        objects = choose(measure(seen, rules), rules, Dice(seen.environment, seen.frame))
    except FrameError:
        return
    found = [(one, exact.truth[_instance(seen, exact, one)]) for one in objects]
    for one, truth in found:
        tally.errors["centre, m"].append(math.dist(one.centre, truth.centre))
        tally.errors["volume, factor"].append(_factor(volume(one), math.prod(truth.size)))
    for (a, real_a), (b, real_b) in combinations(found, 2):
        tally.pairs += 1
        _pair(tally, (a, b), (real_a, real_b), rules)


def _pair(tally: Tally, pair: tuple[Object, Object], real: tuple[Truth, Truth], rules: Rules) -> None:
    a, b = pair
    true_gap = math.dist(real[0].centre, real[1].centre)
    if true_gap > 0.5:
        gap = math.dist(a.centre, b.centre)
        tally.errors["distance between two, %"].append(100 * abs(gap - true_gap) / true_gap)
    for axis, name in enumerate(("left or right", "above or below", "front or behind")):
        difference = a.centre[axis] - b.centre[axis]
        true_difference = real[0].centre[axis] - real[1].centre[axis]
        limit = 0.65 if rules == "ours" else 0.5
        side = int(difference < 0)
        given = side if abs(difference) > limit else None
        tally.answer(name, given, side, int(true_difference < 0))
    away = [math.hypot(*truth.centre) for truth in real]
    plainly = int(b.depths.p50 < a.depths.p50)
    tally.answer("which is nearer", nearer(a, b, rules), plainly, int(away[1] < away[0]))
    solid = [replace(one, size=truth.size) for one, truth in zip(pair, real, strict=True)]
    volumes = [volume(one) for one in pair]
    factor = 1.6 if rules == "ours" else 1.0
    clear = min(volumes) > 0 and max(volumes) >= factor * min(volumes)
    larger = _second(volume, pair)
    tally.answer("which is larger", larger if clear else None, larger, _second(volume, solid))
    flatter = _second(lambda one: -flatness(one), pair)
    true_flatter = _second(lambda one: -flatness(one), solid)
    tally.answer("which is flatter", flattest(pair, rules), flatter, true_flatter)
    longer = _second(elongation, pair)
    tally.answer("which is longer", longest(pair, rules), longer, _second(elongation, solid))


def _second(measured: Callable[[Object], float], pair: Sequence[Object]) -> int:
    """Return 1 when the second has more of something, else 0."""
    return int(measured(pair[1]) > measured(pair[0]))


def _instance(seen: Panorama, exact: Panorama, one: Object) -> int:
    inside = exact.segments[seen.segments == one.number]
    return int(np.bincount(inside).argmax())


def _factor(one: float, other: float) -> float:
    return max(one, other) / min(one, other) if min(one, other) > 0 else math.inf


def _report(frames: int, tallies: dict[Rules, Tally]) -> None:
    print(
        f"{frames} frames; pairs of objects: ours {tallies['ours'].pairs}, "
        f"released {tallies['released'].pairs}\n"
    )
    print("| error | ours, median | p90 | released, median | p90 | ratio of medians |")
    print("|---|---|---|---|---|---|")
    for name in tallies["ours"].errors:
        cells = []
        for rules in RULES:
            values = sorted(tallies[rules].errors[name])
            cells += [statistics.median(values), values[int(0.9 * len(values))]]
        print(f"| {name} | {' | '.join(f'{c:.2f}' for c in cells)} | {cells[2] / cells[0]:.1f} |")
    print(
        "\n| order or side | ours, right | of pairs asked | ours, every pair | released, right | of pairs |"
    )
    print("|---|---|---|---|---|---|")
    ours, released = (tallies[rules] for rules in RULES)
    for name in sorted(ours.right):
        cells = [
            _share(ours.right[name]),
            f"{100 * len(ours.right[name]) / ours.pairs:.0f} %",
            _share(ours.forced[name]),
            _share(released.right[name]),
            f"{100 * len(released.right[name]) / released.pairs:.0f} %",
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def _share(right: Sequence[bool]) -> str:
    return f"{100 * sum(right) / len(right):.1f} %"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
