"""What the drawings agree on, pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import BOX_FRAME
from panoenv_tasks.restore.drawings import Mask

#: Red, green and blue of a pixel in one number, so that two pixels are compared at once.
Packed = npt.NDArray[np.uint32]
Levels = npt.NDArray[np.uint8]

#: Rows voted on at a time: the arrays of a band stay in the processor's cache.
_BAND = 32
_DISPUTED = 255


@dataclass(frozen=True)
class Vote:
    """The outcome of a vote.

    Attributes:
        value: ``(1280, 2560)``, the winning colours.
        level: ``(1280, 2560)``: how many clean drawings confirm each, at most 3; 0 where none is
            expected to be clean or where the clean ones stay divided.
        divided: Share of the pixels on which clean drawings do not all agree.
    """

    value: Packed
    level: Levels
    divided: float


def pack(rgb: npt.NDArray[np.uint8]) -> Packed:
    """Return ``(height, width, 3)`` colours as one number a pixel."""
    red, green, blue = (rgb[:, :, channel].astype(np.uint32) for channel in range(3))
    return np.asarray(red << 16 | green << 8 | blue, np.uint32)


def unpack(value: Packed) -> npt.NDArray[np.uint8]:
    """Return packed colours as ``(height, width, 3)``."""
    return np.stack([value >> 16 & 255, value >> 8 & 255, value & 255], axis=-1).astype(np.uint8)


def vote(
    pictures: Sequence[Packed], clean: Sequence[Mask], objects: Sequence[Sequence[int]], tolerance: int
) -> Vote:
    """Let the drawings vote on every pixel.

    Args:
        pictures: The drawings, ``(1280, 2560)`` each.
        clean: Where each is expected to be unpainted.
        objects: For each drawing the numbers of its objects.
        tolerance: Levels by which a colour channel may differ between drawings that agree; 0 asks for
            equality, as lossless drawings have it.
    """
    width, height = BOX_FRAME
    value, level = np.empty((height, width), np.uint32), np.empty((height, width), np.uint8)
    bits = np.array([reduce(or_, (1 << k % 63 for k in numbers), 0) for numbers in objects], np.uint64)
    divided = 0
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        colours = np.stack([picture[rows].ravel() for picture in pictures])
        usable = np.stack([mask[rows].ravel() for mask in clean])
        best, levels = _vote(colours, usable, bits, tolerance)
        disputed = levels >= _DISPUTED
        divided += int(np.count_nonzero(disputed))
        levels[disputed] -= _DISPUTED
        value[rows], level[rows] = best.reshape(-1, width), levels.reshape(-1, width)
    return Vote(value, level, divided / (width * height))


def differs(one: Packed, other: Packed, tolerance: int) -> Mask:
    """Return where two pictures differ by more than the tolerance in any channel."""
    if tolerance == 0:
        return np.asarray(one != other)
    return np.asarray(distance(one, other) > tolerance)


def distance(one: Packed, other: Packed) -> npt.NDArray[np.int16]:
    """Return by how many levels two pictures differ in the channel where they differ most."""
    parts = [
        np.abs((one >> shift & 255).astype(np.int16) - (other >> shift & 255).astype(np.int16))
        for shift in (16, 8, 0)
    ]
    return np.maximum(np.maximum(parts[0], parts[1]), parts[2])


def _vote(
    colours: Packed, usable: Mask, bits: npt.NDArray[np.uint64], tolerance: int
) -> tuple[Packed, npt.NDArray[np.int16]]:
    """Vote on columns of pixels ``(drawings, n)``; returns colours and levels, disputed ones raised."""
    votes = usable.sum(axis=0, dtype=np.int16)
    first = np.take_along_axis(colours, usable.argmax(axis=0)[None], axis=0)[0]
    same = np.stack([~differs(row, first, tolerance) for row in colours])
    level = np.minimum(votes, 3)
    value = first
    hidden = np.flatnonzero(votes == 0)
    if hidden.size:
        # Nothing confirms these; what most drawings show is the best guess (outlines hide little).
        most = _majority(colours[:, hidden], np.ones((len(colours), hidden.size), bool), bits, tolerance)
        value[hidden] = most[0]
    disputed = np.flatnonzero((usable & ~same).any(axis=0))
    if disputed.size:
        value[disputed], levels = _majority(colours[:, disputed], usable[:, disputed], bits, tolerance)
        level[disputed] = levels + _DISPUTED
    return value, level.astype(np.int16)


def _majority(
    colours: Packed, usable: Mask, bits: npt.NDArray[np.uint64], tolerance: int
) -> tuple[Packed, npt.NDArray[np.int16]]:
    """Return the winning colours and how many confirm them, 0 where it stays undecided.

    Two drawings that share a painted object can agree on its paint. A colour whose supporters have no
    object in common is the panorama; otherwise it needs twice the votes of the next.
    """
    count, size = colours.shape
    support = np.zeros((count, size), np.int16)
    common = np.full((count, size), np.iinfo(np.uint64).max, np.uint64)
    agree = np.empty((count, count, size), bool)
    for i in range(count):
        for j in range(count):
            agree[i, j] = usable[i] & usable[j] & ~differs(colours[i], colours[j], tolerance)
            support[i] += agree[i, j]
            common[i] &= np.where(agree[i, j], bits[j], np.iinfo(np.uint64).max)
    independent = (support >= 2) & (common == 0)
    rank = support + 64 * independent.astype(np.int16)
    winner = rank.argmax(axis=0)
    columns = np.arange(size)
    ally = agree[winner, :, columns].T
    rival = np.where(ally, 0, rank).max(axis=0)
    votes, against = support[winner, columns], np.where(ally, 0, support).max(axis=0)
    alone = independent[winner, columns] & (rival < 64)
    decided = alone | ((votes >= 2) & (votes >= 2 * against))
    return colours[winner, columns], np.where(decided, np.minimum(votes, 3), 0).astype(np.int16)
