"""Twins per CPU minute, beside what their panoramas would cost as frames of their own.

    python benchmarks/bench_synthesis_twins.py [--scenes N]

Prints, for N scenes in memory (nothing is written): pairs found, CPU seconds a scene, pairs a CPU minute, and
how many times a plain frame's CPU time a scene of twins takes for its three panoramas.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.panorama import FrameError
from panoenv_tasks.synthesis.questions import ask
from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS
from panoenv_tasks.synthesis.scenes.source import scene_panorama
from panoenv_tasks.synthesis.twins.frame import twin_parts


def plain(environment: str, frame: str) -> None:
    """What a build does for a plain frame, but for writing it."""
    dice = Dice("questions", environment, frame, 0)
    objects = choose(measure(scene_panorama(environment, frame, 0)), "ours", dice)
    ask(objects, environment, "ours", dice)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenes", type=int, default=8)
    scenes = parser.parse_args().scenes
    names = list(ENVIRONMENTS)
    frames = [(names[k % len(names)], f"P000_{k // len(names):06d}") for k in range(scenes)]
    plain(*frames[0])  # Tables are made once.
    start = time.process_time()
    for frame in frames:
        plain(*frame)
    single = time.process_time() - start
    kinds: Counter[str] = Counter()
    skipped = 0
    start = time.process_time()
    for number, frame in enumerate(frames, start=1):
        try:
            parts = twin_parts(*frame, 0)
        except FrameError:
            skipped += 1
            continue
        asked = [question.template.subcategory for question in parts["a"].questions]
        kinds.update(asked)
        print(f"{number}/{scenes} {frame[0]}: {len(asked)} pairs", flush=True)
    spent = time.process_time() - start
    pairs = kinds.total()
    print(f"{scenes} scenes: {skipped} without twins, {pairs} pairs of {len(kinds)} kinds")
    print(f"{spent / scenes:.2f} CPU s a scene; {60 * pairs / spent:.0f} pairs a CPU minute")
    print(
        f"a plain frame takes {single / scenes:.2f} CPU s: a scene of twins {spent / single:.1f} times that"
    )
    print(", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))


if __name__ == "__main__":
    main()
