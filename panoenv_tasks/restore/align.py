"""Where the panorama lies in drawings that are taller: a strip of text above or below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import BOX_FRAME
from panoenv_tasks.restore.drawings import Mask
from panoenv_tasks.restore.vote import Packed, differs

#: Columns are looked at in groups of so many pixels.
_GROUP = 8
#: Strips on both sides must explain the drawings so many times better than one.
_TWO_STRIPS = 2
#: Levels that count as a difference here: more than a JPEG's noise, less than paint.
_PLAIN = 16


@dataclass(frozen=True)
class Place:
    """Rows above the panorama (``above``), or else rows below it, the same in every drawing of a frame."""

    rows: int
    above: bool

    def top(self, height: int) -> int:
        """Return the panorama's first row in a drawing of some height."""
        return self.rows if self.above else height - BOX_FRAME[1] - self.rows


def locate(pictures: Sequence[Packed], outlines: Sequence[Mask]) -> Place:
    """Return where the panorama lies in a frame's drawings.

    Drawings of the same panorama differ only where they are painted: the right place is the one at which
    they agree most outside their boxes.

    Args:
        pictures: Drawings of any height from 1280 on, 2560 wide.
        outlines: For each the pixels ``(1280, 2560)`` in or next to its boxes.
    """
    height = BOX_FRAME[1]
    spare = min(len(picture) for picture in pictures) - height
    if max(len(picture) for picture in pictures) == height:
        return Place(0, True)
    costs: dict[Place, float] = {}
    for above in (True, False):
        pairs = [
            (_differing(pictures[0], other, above), _groups(outlines[0] | mask))
            for other, mask in zip(pictures[1:], outlines[1:], strict=True)
        ]
        for rows in range(spare + 1):
            cost = sum(_unexplained(different, near, rows, above) for different, near in pairs)
            # Labels can look better explained by a box that is shifted over them; one strip is the rule.
            costs[Place(rows, above)] = cost if rows == 0 else cost * _TWO_STRIPS + 1
    return min(costs, key=lambda place: costs[place])


def _differing(one: Packed, other: Packed, above: bool) -> npt.NDArray[np.int32]:
    """Return how many pixels differ in each group of columns, of the rows that both have."""
    rows = min(len(one), len(other))
    part = slice(0, rows) if above else slice(-rows, None)
    different = differs(one[part], other[part], _PLAIN)
    return np.asarray(different.reshape(rows, -1, _GROUP).sum(axis=2, dtype=np.int32))


def _groups(mask: Mask) -> Mask:
    return np.asarray(mask.reshape(len(mask), -1, _GROUP).any(axis=2))


def _unexplained(different: npt.NDArray[np.int32], near: Mask, rows: int, above: bool) -> int:
    top = rows if above else len(different) - BOX_FRAME[1] - rows
    return int(different[top : top + BOX_FRAME[1]][~near].sum())
