"""Where a drawing was really painted, learned from where it differs from what the others agree on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import BOX_FRAME
from panoenv_tasks.restore.drawings import Margin, Mask, Rectangle

#: Paint is looked at in squares of this many pixels: whole squares of a JPEG, too.
BLOCK = 8
#: Added around all paint that was found: soft edges, and what a JPEG smears.
PAD = 24
#: Paint farther from every box of its drawing than this, sideways or upright, does not belong to one.
_FAR = (960, 240)
#: Strokes this close to one another are one piece of writing, pixels.
_GAP = 48
#: Writing over the panorama that is wider than this may stand on a background as wide as the picture.
_BADGE = 320
#: Writing at one place in this many drawings may still be chance.
_FEW = 3
#: Rows above and below common writing that may belong to it, in blocks.
_LINE = 4


@dataclass(frozen=True)
class Paint:
    """What one drawing shows of its painter.

    Attributes:
        margin: How far paint was found beyond a box on each side.
        stray: Rectangles of paint that belongs to no box.
        share: Share of the picture outside the drawing's boxes that is painted.
    """

    margin: Margin
    stray: tuple[Rectangle, ...]
    share: float


def find_paint(different: Mask, boxes: Sequence[Rectangle], least: int) -> Paint:
    """Return the margin and the stray paint that explain where a drawing differs.

    Args:
        different: Pixels ``(1280, 2560)`` that differ from the agreed picture.
        boxes: The boxes that are known to be painted on the drawing.
        least: Pixels of a block that must differ before it counts; more than 1 where there is noise.
    """
    blocks = _blocks(different, least)
    rows, columns = np.nonzero(blocks)
    over = _overshoot(rows * BLOCK, columns * BLOCK, boxes)
    far = np.maximum(over[:, ::2] / _FAR[0], over[:, 1::2] / _FAR[1]).max(axis=1, initial=0) > 1
    near = over[~far].max(axis=0, initial=0)
    margin = (int(near[0]), int(near[1]), int(near[2]), int(near[3]))
    strays = np.zeros_like(blocks)
    strays[rows[far], columns[far]] = True
    outside = np.count_nonzero((over > 0).any(axis=1))
    return Paint(margin, tuple(_pieces(strays)), outside / blocks.size)


def widened(margins: Iterable[Margin]) -> Margin:
    """Return the margin that contains all given ones."""
    left, top, right, bottom = zip(*margins, strict=True)
    return max(left), max(top), max(right), max(bottom)


def padded(margin: Margin) -> Margin:
    """Return a learned margin with room for what is too faint to be seen."""
    left, top, right, bottom = margin
    return left + PAD, top + PAD, right + PAD, bottom + PAD


def find_caption(different: Sequence[Mask], clean: Sequence[Mask], least: int) -> Rectangle | None:
    """Return where a caption is written over the panorama, or None.

    Only what is written anew on every drawing differs at one place in most of them. The background of a
    caption does not differ, so all the width counts where more than a badge is found.

    Args:
        different: For each drawing the pixels ``(1280, 2560)`` that differ from the agreed picture.
        clean: Where each is expected to be unpainted.
        least: Pixels of a block that must differ before it counts; more than 1 where there is noise.
    """
    from scipy import ndimage

    written = [_blocks(marks & mask, least) for marks, mask in zip(different, clean, strict=True)]
    shown = np.sum([_blocks(mask, 1) for mask in clean], axis=0)
    common = np.sum(written, axis=0) > np.maximum(_FEW, shown / 2)
    if np.count_nonzero(common) < 2:
        return None
    # The line of writing goes on where fewer drawings have letters.
    reached = np.any([_joined(blocks) for blocks in written], axis=0)
    lines = np.flatnonzero(common.any(axis=1))
    reached[: max(0, lines[0] - _LINE)] = False
    reached[lines[-1] + 1 + _LINE :] = False
    pieces, _ = ndimage.label(reached)
    rows, columns = np.nonzero(np.isin(pieces, np.unique(pieces[common])))
    left, right = int(columns.min()) * BLOCK, int(columns.max() + 1) * BLOCK - 1
    top, bottom = int(rows.min()) * BLOCK - PAD, int(rows.max() + 1) * BLOCK - 1 + PAD
    if right - left > _BADGE:
        return 0, top, BOX_FRAME[0] - 1, bottom
    return left - PAD, top, right + PAD, bottom


def cover(mask: Mask, rectangles: Iterable[Rectangle]) -> None:
    """Set a mask to False inside rectangles, which may reach beyond the picture."""
    for left, top, right, bottom in rectangles:
        mask[max(0, top) : bottom + 1, max(0, left) : right + 1] = False


def _overshoot(
    tops: npt.NDArray[np.int64], lefts: npt.NDArray[np.int64], boxes: Sequence[Rectangle]
) -> npt.NDArray[np.int64]:
    """Return for each block how far it reaches beyond the box that needs to grow least, four sides."""
    best = np.full((len(tops), 4), 10**6)
    cost = np.full(len(tops), np.inf)
    zero = np.zeros_like(tops)
    for x1, y1, x2, y2 in boxes:
        across = x1 > x2 or x2 >= BOX_FRAME[0]
        over = np.stack(
            [
                zero if across else x1 - lefts,
                y1 - tops,
                zero if across else lefts + BLOCK - 1 - x2,
                tops + BLOCK - 1 - y2,
            ],
            axis=1,
        )
        over = np.maximum(over, 0)
        needed = np.maximum(over[:, ::2] / _FAR[0], over[:, 1::2] / _FAR[1]).max(axis=1)
        better = needed < cost
        best[better], cost[better] = over[better], needed[better]
    return best


def _blocks(different: Mask, least: int) -> Mask:
    width, height = BOX_FRAME
    squares = different.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return np.asarray(squares.any(axis=(1, 3)) if least == 1 else squares.sum(axis=(1, 3)) >= least)


def _joined(blocks: Mask) -> Mask:
    """Return blocks with the gaps between letters and words filled."""
    from scipy import ndimage

    joined: Mask = ndimage.binary_dilation(blocks, np.ones((3, 2 * (_GAP // BLOCK) + 1), bool))
    return joined


def _pieces(blocks: Mask) -> list[Rectangle]:
    """Return the rectangles around pieces of writing, with room around them."""
    from scipy import ndimage

    if not blocks.any():
        return []
    joined, _ = ndimage.label(_joined(blocks))
    rectangles = []
    for rows, columns in ndimage.find_objects(np.where(blocks, joined, 0)):
        tall = (rows.stop - rows.start) * BLOCK
        rectangles.append(
            (
                columns.start * BLOCK - PAD - tall,
                rows.start * BLOCK - PAD,
                columns.stop * BLOCK - 1 + PAD + tall,
                rows.stop * BLOCK - 1 + PAD,
            )
        )
    return rectangles
