"""What each condition shows for each item. The id never changes, so any two conditions pair up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from panoenv_tasks.geometry.cube import FACES
from panoenv_tasks.geometry.turning import roll_of
from panoenv_tasks.items import BOX_FRAME, CATEGORIES, Category, DataError, ImageKind, Item
from panoenv_tasks.pairs import comparable
from panoenv_tasks.perturb import coordinates, marks
from panoenv_tasks.perturb.presentation import Picture, Presentation, require_panorama
from panoenv_tasks.perturb.shuffle import shown_instead
from panoenv_tasks.perturb.wording import without_coordinates
from panoenv_tasks.perturb.yaw import turn

Condition = Literal[
    "full",
    "noimage",
    "noimage_nobox",
    "shuffled",
    "marked",
    "cubemap",
    "rot90",
    "rot180",
    "rot270",
    "rot45",
    "rel1000",
    "yx1000",
    "seen",
]
Items = Sequence[Item]

#: What names the objects of a question and does not say where they are.
WITHOUT_COORDINATES: tuple[Condition, ...] = ("noimage_nobox", "marked")

#: The angle of each condition that turns the panorama; only quarter turns keep every kind of question.
TURNS: dict[Condition, int] = {"rot90": 90, "rot180": 180, "rot270": 270, "rot45": 45}
#: The conditions that print the same boxes in other numbers. Models that read the item get pixels.
COORDINATES: tuple[Condition, ...] = ("rel1000", "yx1000", "seen")
#: What a model is told about the six faces, and about boxes beside them.
_SIX_FACES = (
    f"These six pictures are the faces of the cube around the camera, in this order: {', '.join(FACES)}. "
    "Each spans 90 degrees both ways; the upper edge of the front face meets the top face, its lower edge "
    "the bottom face. They were cut from a full 360-degree panorama in equirectangular projection, "
    f"{BOX_FRAME[0]} pixels wide and {BOX_FRAME[1]} high, which is not shown. Its middle column looks "
    "straight ahead (front), a quarter of the width to the right looks right, the outer columns look back "
    "and meet each other, the top row is straight up and the bottom row straight down."
)
_BOXES_BESIDE_FACES = "A bounding box is [x1, y1, x2, y2] in pixels of that panorama."


def _full(items: Items) -> list[Presentation]:
    return [_whole(item) for item in items]


def _noimage(items: Items) -> list[Presentation]:
    return [Presentation(item, item.question, (), "none") for item in items]


def _noimage_nobox(items: Items) -> list[Presentation]:
    return [Presentation(item, without_coordinates(item.question), (), "none") for item in items]


def _shuffled(items: Items) -> list[Presentation]:
    other = shown_instead(items)
    return [replace(_whole(other[item.id]), item=item, question=item.question) for item in items]


def _marked(items: Items) -> list[Presentation]:
    shown = []
    for item in items:
        require_panorama(item, "marked")
        pictures = (Picture(item.image, marks=item.boxes),) if item.image else ()
        kind: ImageKind = "marked" if pictures else "none"
        note = marks.NOTE if item.boxes else ""
        shown.append(Presentation(item, without_coordinates(item.question), pictures, kind, note))
    return shown


def _cubemap(items: Items) -> list[Presentation]:
    shown = []
    for item in items:
        require_panorama(item, "cubemap")
        pictures = tuple(Picture(item.image, face=face) for face in FACES) if item.image else ()
        kind: ImageKind = "cubemap" if pictures else "none"
        words = {"panorama": _SIX_FACES, "boxes": _BOXES_BESIDE_FACES}
        shown.append(Presentation(item, item.question, pictures, kind, **words))
    return shown


def _turned(items: Items, degrees: int) -> list[Presentation]:
    shown = []
    for item in items:
        require_panorama(item, f"rot{degrees}")
        if turned := turn(item, degrees):
            shown.append(_whole(turned, roll=roll_of(degrees)))
    return shown


def _rel1000(items: Items) -> list[Presentation]:
    rewrite, words = coordinates.rel1000, coordinates.REL1000
    return [_renumbered(item, "rel1000", rewrite(item.question), words) for item in items]


def _yx1000(items: Items) -> list[Presentation]:
    rewrite, words = coordinates.yx1000, coordinates.YX1000
    return [_renumbered(item, "yx1000", rewrite(item.question), words) for item in items]


def _seen(items: Items) -> list[Presentation]:
    size = coordinates.seen_size()
    if size is None and any(item.image for item in items):
        raise DataError(
            "condition seen needs the size at which the model sees a panorama, and it is not known; set "
            "PANOENV_SEEN=WIDTHxHEIGHT, for example 2548x1260 for Qwen2.5-VL at max_pixels=3276800"
        )
    # Without any picture nothing is resized.
    size = size or BOX_FRAME
    words = coordinates.in_pixels_of(size)
    return [_renumbered(item, "seen", coordinates.resized(item.question, size), words) for item in items]


def _renumbered(item: Item, condition: Condition, question: str, words: str) -> Presentation:
    """Show a panorama whose boxes are in other coordinates; where no box is printed nothing changes."""
    require_panorama(item, condition)
    whole = _whole(item)
    return replace(whole, question=question, boxes=words) if item.boxes else whole


def _whole(item: Item, roll: int = 0) -> Presentation:
    pictures = (Picture(item.image, roll),) if item.image else ()
    return Presentation(item, item.question, pictures, item.image_kind)


CONDITIONS: dict[Condition, Callable[[Items], list[Presentation]]] = {
    "full": _full,
    "noimage": _noimage,
    "noimage_nobox": _noimage_nobox,
    "shuffled": _shuffled,
    "marked": _marked,
    "cubemap": _cubemap,
    **{name: partial(_turned, degrees=degrees) for name, degrees in TURNS.items()},
    "rel1000": _rel1000,
    "yx1000": _yx1000,
    "seen": _seen,
}


def present(items: Items, condition: Condition) -> list[Presentation]:
    """Show items under a condition; items that it cannot show, or show fairly, are left out.

    Twins are shown in whole pairs, and where coordinates are printed only when both print the same. Items
    without a picture are shown without one: a text-only model can still answer them.

    Raises:
        DataError: Unknown condition, or the data lacks what it needs.
    """
    if condition not in CONDITIONS:
        raise DataError(f"unknown condition {condition!r}; expected one of {', '.join(CONDITIONS)}")
    return CONDITIONS[condition](comparable(items, with_coordinates=condition not in WITHOUT_COORDINATES))


def categories(condition: Condition) -> tuple[Category, ...]:
    """Return the categories of which a condition can show questions: all, except between quarter turns."""
    if TURNS.get(condition, 0) % 90:
        return tuple(c for c in CATEGORIES if c not in ("view_source", "attribute_comparison"))
    return CATEGORIES


def image_kind(condition: Condition, panorama: ImageKind = "erp") -> ImageKind:
    """Return what sort of pictures a condition shows when the data has that kind of panoramas."""
    if condition in ("noimage", "noimage_nobox"):
        return "none"
    kinds: dict[Condition, ImageKind] = {"marked": "marked", "cubemap": "cubemap"}
    return kinds.get(condition, panorama)
