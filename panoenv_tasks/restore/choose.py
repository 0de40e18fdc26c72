"""Which drawings to take: the fewest that show every pixel often enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panoenv_tasks.restore.drawings import START, Drawing, Mask, painted

#: Clean drawings that must agree on a pixel before no more are asked for.
ENOUGH = 3
#: Choosing looks at every so manyeth pixel in both directions; a box is at least 25 pixels wide.
_STEP = 8


def first_choice(drawings: Sequence[Drawing]) -> list[Drawing]:
    """Return the drawings to begin with, chosen from the boxes alone."""
    clean = [~painted(drawing.boxes, START)[::_STEP, ::_STEP] for drawing in drawings]
    wanted = np.minimum(np.sum(clean, axis=0), ENOUGH) if clean else np.zeros(0)
    seen = np.zeros_like(wanted)
    chosen: list[int] = []
    while (seen < wanted).any():
        gains = [_gain(mask, drawing, seen < wanted) for mask, drawing in zip(clean, drawings, strict=True)]
        best = max((i for i in range(len(drawings)) if i not in chosen), key=lambda i: gains[i])
        chosen.append(best)
        seen = seen + clean[best]
    # Two of everything would not tell which of two is right.
    rest = [i for i in range(len(drawings)) if i not in chosen]
    return [drawings[i] for i in (chosen + rest)[: max(len(chosen), ENOUGH)]]


def next_choice(
    lacking: Mask, clean: Sequence[Mask], drawings: Sequence[Drawing], most: int
) -> list[Drawing]:
    """Return the drawings that show most of the pixels that lack confirmation; none when none shows any.

    Args:
        lacking: Pixels ``(1280, 2560)`` that need another drawing.
        clean: For each drawing left, where it is expected to be clean.
        drawings: The drawings left.
        most: How many to return at most.
    """
    gains = [_gain(mask, drawing, lacking) for mask, drawing in zip(clean, drawings, strict=True)]
    best = sorted(range(len(gains)), key=lambda i: gains[i], reverse=True)
    return [drawings[i] for i in best[:most] if gains[i][0] > 0]


def _gain(clean: Mask, drawing: Drawing, lacking: npt.NDArray[np.bool_]) -> tuple[int, bool]:
    # Where all its boxes are not known, a drawing counts for half: others first.
    shown = int(np.count_nonzero(clean & lacking))
    return (shown if drawing.certain else (shown + 1) // 2, drawing.certain)
