"""One frame's drawings to its panorama."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.restore.align import Place, locate
from panoenv_tasks.restore.choose import ENOUGH, first_choice, next_choice
from panoenv_tasks.restore.confidence import Confidence
from panoenv_tasks.restore.drawings import START, Drawing, Margin, Mask, Rectangle, painted
from panoenv_tasks.restore.paint import cover, find_caption, find_paint, padded, widened
from panoenv_tasks.restore.vote import Packed, Vote, differs, distance, pack, unpack, vote

#: A drawing that differs over more of the picture than this, outside its boxes, shows something else.
_FOREIGN = 0.25
#: When clean drawings stay divided on more than this share of the picture, more drawings do not help.
_HOPELESS = 0.25
#: So many more drawings are asked for one by one, then all that may help.
_SINGLY = 2
#: When clean drawings are divided on more than this share of the picture, their noise is measured.
_NOISY = 0.02
#: Levels by which nearly all pixels of noisy drawings (JPEG of different alignment) may differ, at most.
_MOST_NOISE = 12
#: In noisy drawings fewer differing pixels of a block are noise.
_SPECKLE = 12
#: Share of the pixels that noise is measured on; the rest may be paint beyond the margin.
_QUIET = 0.98
#: Levels up to which JPEG drawings may differ where one of them smears paint or text next to the place.
_SMEAR = 32
_PNG = b"\x89PNG\r\n\x1a\n"
_OUTLINE: Margin = (6, 6, 6, 6)


class RestoreError(Exception):
    """This frame cannot be restored; the message says why."""


@dataclass(frozen=True)
class Restored:
    """A panorama and what is known of it.

    Attributes:
        rgb: ``(1280, 2560, 3)``.
        confidence: Shares of the pixels by number of confirming drawings.
        used: Names of the drawings that were read, in order.
        left_aside: Names of the drawings that show something else, with the reason.
        margin: How far beyond boxes paint was taken to reach.
        tolerance: Levels by which drawings could differ and count as agreeing; 0 means exact.
        caption: Where a caption is written over the panorama in every drawing, if it is.
    """

    rgb: npt.NDArray[np.uint8]
    confidence: Confidence
    used: tuple[str, ...]
    left_aside: dict[str, str]
    margin: Margin
    tolerance: int
    caption: Rectangle | None


@dataclass
class _Desk:
    """The drawings on the table while a frame is worked on."""

    drawings: list[Drawing] = field(default_factory=list)
    pictures: list[Packed] = field(default_factory=list)
    strays: list[tuple[Rectangle, ...]] = field(default_factory=list)
    left_aside: dict[str, str] = field(default_factory=dict)
    margin: Margin = START
    lossy: bool = False
    tolerance: int = 0
    learned: Margin = (0, 0, 0, 0)
    caption: Rectangle | None = None
    place: Place | None = None

    def clean(self, index: int) -> Mask:
        """Return where a drawing on the table is expected to be unpainted."""
        mask = self.expected(self.drawings[index])
        cover(mask, self.strays[index])
        return mask

    def expected(self, drawing: Drawing) -> Mask:
        """Return where any drawing is expected to be unpainted."""
        mask = ~painted(drawing.boxes, self.margin)
        cover(mask, [self.caption] if self.caption else [])
        return mask


def restore_frame(drawings: Sequence[Drawing], read: Callable[[Drawing], Path]) -> Restored:
    """Return the panorama behind the drawings of one frame.

    Begins with the drawings that the boxes ask for, and reads more as long as pixels lack confirmation.

    Args:
        drawings: All drawings of the frame that can be had.
        read: Returns a drawing's file, fetching it if need be.

    Raises:
        RestoreError: There are too few drawings, or they do not show one panorama.
        DataError: A drawing cannot be fetched.
    """
    if len(drawings) < 2:
        raise RestoreError(f"{len(drawings)} drawings; at least 2 are needed to tell paint from picture")
    desk = _Desk()
    waiting = list(drawings)
    _take(desk, first_choice(waiting), waiting, read)
    numbers = {box: k for k, box in enumerate(sorted({box for drawing in drawings for box in drawing.boxes}))}
    for asked in count():
        outcome = _settle(desk, numbers)
        if outcome.divided > _HOPELESS and asked >= _SINGLY:
            raise RestoreError(f"the drawings are divided over {100 * outcome.divided:.0f} % of the picture")
        lacking = outcome.level < ENOUGH
        # One by one while one may do: each has to be fetched.
        most = 1 if asked < _SINGLY else len(waiting)
        chosen = next_choice(lacking, [desk.expected(drawing) for drawing in waiting], waiting, most)
        if chosen:
            _take(desk, chosen, waiting, read)
        elif not lacking.any() or not _narrow(desk):
            break
    levels = np.bincount(outcome.level.ravel(), minlength=4) / outcome.level.size
    return Restored(
        rgb=unpack(outcome.value),
        confidence=Confidence(*(float(levels[level]) for level in (3, 2, 1, 0))),
        used=tuple(drawing.name for drawing in desk.drawings),
        left_aside=desk.left_aside,
        margin=desk.margin,
        tolerance=desk.tolerance,
        caption=desk.caption,
    )


def _take(
    desk: _Desk, chosen: Sequence[Drawing], waiting: list[Drawing], read: Callable[[Drawing], Path]
) -> None:
    """Move drawings to the table."""
    taken = []
    for drawing in chosen:
        waiting.remove(drawing)
        file = read(drawing)
        try:
            taken.append((drawing, _open(file)))
            desk.lossy |= not _is_png(file)
        except DataError as error:
            # Records are published: no path of this machine in them.
            desk.left_aside[drawing.name] = str(error).removeprefix(f"{file}: ")
    if not taken:
        return
    if desk.place is None:
        outlines = [painted(drawing.boxes, _OUTLINE) for drawing, _ in taken]
        desk.place = locate([picture for _, picture in taken], outlines)
    for drawing, picture in taken:
        top = desk.place.top(len(picture))
        if not 0 <= top <= len(picture) - BOX_FRAME[1]:
            desk.left_aside[drawing.name] = "less high than the other drawings"
            continue
        desk.drawings.append(drawing)
        desk.pictures.append(picture[top : top + BOX_FRAME[1]])
        desk.strays.append(())


def _settle(desk: _Desk, numbers: Mapping[Rectangle, int]) -> Vote:
    """Vote, learn from the outcome where the drawings are painted, and vote again until nothing is new."""
    if len(desk.pictures) < 2:
        raise RestoreError(_too_few(desk))
    while True:
        objects = [[numbers[box] for box in drawing.boxes] for drawing in desk.drawings]
        clean = [desk.clean(index) for index in range(len(desk.drawings))]
        outcome = vote(desk.pictures, clean, objects, desk.tolerance)
        if desk.lossy and outcome.divided > _NOISY and not desk.tolerance:
            desk.tolerance = _noise(desk.pictures, clean)
            if desk.tolerance:
                continue
        if not _learn(desk, outcome, clean):
            return _smeared(desk, outcome, clean, objects) if desk.lossy and not desk.tolerance else outcome


def _smeared(desk: _Desk, outcome: Vote, clean: Sequence[Mask], objects: Sequence[Sequence[int]]) -> Vote:
    """Let pixels next to paint or to a strip of text, where a JPEG smears, agree within a tolerance."""
    lacking = outcome.level < ENOUGH
    if not lacking.any():
        return outcome
    loose = vote(desk.pictures, clean, objects, _SMEAR)
    better = loose.level > outcome.level
    return Vote(
        np.where(better, loose.value, outcome.value), np.maximum(loose.level, outcome.level), outcome.divided
    )


def _learn(desk: _Desk, outcome: Vote, clean: Sequence[Mask]) -> bool:
    """Return whether the drawings show paint where it was not expected; the table then knows better."""
    agreed = outcome.level >= 2
    # A JPEG's smear is no paint; the margin has room for it.
    least, off = (_SPECKLE, max(desk.tolerance, _SMEAR)) if desk.lossy else (1, 0)
    different = [agreed & differs(picture, outcome.value, off) for picture in desk.pictures]
    if desk.caption is None and (caption := find_caption(different, clean, least)):
        desk.caption = caption
        return True
    new = False
    for index in reversed(range(len(desk.drawings))):
        drawing = desk.drawings[index]
        cover(different[index], [desk.caption] if desk.caption else [])
        paint = find_paint(different[index], drawing.boxes, least)
        if paint.share > _FOREIGN:
            _set_aside(desk, index, f"differs over {100 * paint.share:.0f} % of the picture")
            return True
        desk.learned = widened([desk.learned, paint.margin])
        strays = {*desk.strays[index], *paint.stray}
        new |= len(strays) > len(desk.strays[index])
        desk.strays[index] = tuple(sorted(strays))
    if widened([desk.margin, desk.learned]) != desk.margin:
        desk.margin = widened([desk.margin, padded(desk.learned)])
        return True
    return new


def _narrow(desk: _Desk) -> bool:
    """Take the learned margin instead of the first guess; return whether that shows more."""
    before = desk.margin
    left, top, right, bottom = (min(pair) for pair in zip(before, padded(desk.learned), strict=True))
    desk.margin = (left, top, right, bottom)
    return desk.margin != before


def _set_aside(desk: _Desk, index: int, reason: str) -> None:
    drawing = desk.drawings[index]
    if drawing.certain and not drawing.boxes:
        # Nothing should be painted on it: then it is the others that are not the plain picture.
        raise RestoreError(f"{drawing.name} has no box, and yet {reason}; the drawings show no plain picture")
    for pile in (desk.drawings, desk.pictures, desk.strays):
        del pile[index]
    desk.left_aside[drawing.name] = reason


def _too_few(desk: _Desk) -> str:
    listed = "; ".join(f"{name}: {reason}" for name, reason in sorted(desk.left_aside.items()))
    return f"fewer than 2 usable drawings ({listed})"


def _noise(pictures: Sequence[Packed], clean: Sequence[Mask]) -> int:
    """Return the tolerance that drawings of one picture need, or 0 when more than noise divides them."""
    worst = 0
    for picture, mask in zip(pictures[1:], clean[1:], strict=True):
        both = clean[0] & mask
        apart = distance(pictures[0][both], picture[both])
        if apart.size:
            worst = max(worst, int(np.quantile(apart[::7], _QUIET)))
    return 2 * worst if worst <= _MOST_NOISE else 0


def _open(file: Path) -> Packed:
    from panoenv_tasks.sources.images import open_image

    rgb = np.asarray(open_image(file))
    height, width, _ = rgb.shape
    if width != BOX_FRAME[0] or height < BOX_FRAME[1]:
        raise DataError(f"{width}x{height} pixels; expected {BOX_FRAME[0]} by {BOX_FRAME[1]} or more")
    return pack(rgb)


def _is_png(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(len(_PNG)) == _PNG
