"""Check frame folders before a build: what is wrong with each, and what the good ones hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from panoenv_tasks.places import place_of
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.frame_folder import FrameFolder, read_frame_folder
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.panorama import FrameError


@dataclass(frozen=True)
class FrameCheck:
    """What a frame holds, or why it cannot be used.

    Attributes:
        frame: The frame.
        reason: Why not; empty for a good one.
        usable: Objects that questions can be about.
        known: The share of pixels whose range is known.
        middle: The median of the known ranges, metres.
        exact: Objects whose centre and size are given and need not be measured.
    """

    frame: FrameFolder
    reason: str = ""
    usable: int = 0
    known: float = 0.0
    middle: float = 0.0
    exact: int = 0


def check_frame(frame: FrameFolder) -> FrameCheck:
    """Read a frame and choose objects as a build does."""
    try:
        panorama = read_frame_folder(frame)
        objects = choose(measure(panorama), "ours", Dice("check", frame.name))
    except FrameError as error:
        return FrameCheck(frame, str(error))
    known = np.isfinite(panorama.depth)
    return FrameCheck(
        frame,
        usable=len(objects),
        known=float(known.mean()),
        middle=float(np.median(panorama.depth[known])),
        exact=sum(one.number in panorama.truth for one in objects),
    )


def render(checks: Sequence[FrameCheck]) -> list[str]:
    """Return the findings as lines for people: bad frames first, then what the good ones hold."""
    good = [one for one in checks if not one.reason]
    lines = [f"{one.frame.environment}/{one.frame.name}: {one.reason}" for one in checks if one.reason]
    lines.append(f"{len(checks)} frames, {len(good)} of them good")
    if good:
        nearest, farthest = min(one.middle for one in good), max(one.middle for one in good)
        usable = [one.usable for one in good]
        lines += [
            f"usable objects: {min(usable)} to {max(usable)} a frame, "
            f"{sum(one.exact for one in good)} of {sum(usable)} with exact centre and size",
            f"median range: {nearest:.1f} to {farthest:.1f} m; known in at least "
            f"{100 * min(one.known for one in good):.0f} % of a frame's pixels",
        ]
    unknown = Counter(one.frame.environment for one in good if place_of(one.frame.environment)[0] is None)
    if unknown:
        lines.append(
            f"{unknown.total()} frames of {len(unknown)} environments that are not in environments.yaml "
            f"({sorted(unknown)[0]}): their five questions about the place are not asked"
        )
    return lines
