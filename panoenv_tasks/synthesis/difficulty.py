"""How hard a built question is: how clear its answer, how hidden and how small what it asks about.

Told from what a frame's folder says of its objects, so any built tree has it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks.geometry.turning import bearing_from
from panoenv_tasks.geometry.words import SENSE
from panoenv_tasks.items import BOX_FRAME, DataError
from panoenv_tasks.taxonomy import Wording, recognise

#: Differences smaller than this count as none in the answers about places, metres.
_SIGNIFICANT = 0.5


@dataclass(frozen=True)
class Difficulty:
    """Measures of one question.

    Attributes:
        margin: How far the answer is from another one; see ``margin``. None where that has no meaning.
        visible: The part of its outline that nothing hides, of the most hidden object; 1 without objects.
        degrees: About how wide the smallest object looks: the side of a square of its solid angle. None
            without objects.
    """

    margin: float | None
    visible: float
    degrees: float | None


@dataclass(frozen=True)
class Thing:
    """An object as ``<frame>_objects.json`` describes it."""

    box: tuple[int, int, int, int]
    pixels: int
    faces: Mapping[str, int]
    distance: float
    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    visible: float


def frame_difficulties(folder: Path) -> dict[int, Difficulty]:
    """Return the measures of a frame's questions by ``question_id``.

    Raises:
        DataError: The folder lacks its questions or objects.
    """
    name = folder.name
    try:
        rows = json.loads((folder / f"{name}_qa.json").read_text(encoding="utf-8"))["questions"]
        listed = json.loads((folder / f"{name}_objects.json").read_text(encoding="utf-8"))
        things = {entry["object_id"]: _thing(entry) for entry in listed}
        return {row["question_id"]: _difficulty(row, things) for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = " ".join(str(error).split())[:100]
        raise DataError(
            f"{folder}: no questions and objects of a built frame ({type(error).__name__}: {why})"
        ) from None


def margin(wording: Wording, things: Sequence[Thing]) -> float | None:
    """Return how far an answer is from another one, by the kind of question.

    - views: the share of its pixels by which the main view leads, or that the smallest counted view shows
    - distances to the camera: by what part of itself the nearer distance would have to grow
    - about equally far: how far the difference is from the limit between yes and no, as a part of the limit
    - left and right, above and below, ahead and behind: metres along the axis that decides
    - another point of view: degrees from the limit between two sides
    - volume, flatness, length: by what part of itself the measure that comes second would have to grow

    None for lengths in metres and for questions about the place.
    """
    measure = _MARGINS.get(wording.subcategory)
    if measure is None or not things:
        return None
    try:
        return round(measure(wording, things), 4)
    except ZeroDivisionError:
        # An extent below a millimetre is written as none.
        return None


def _thing(entry: Mapping[str, Any]) -> Thing:
    return Thing(
        box=tuple(entry["bbox"]),
        pixels=entry["pixels"],
        faces=entry["faces"],
        distance=entry["distance_m"][1],
        centre=tuple(entry["center_m"]),
        size=tuple(entry["size_m"]),
        visible=entry["visible"],
    )


def _difficulty(row: Mapping[str, Any], things: Mapping[int, Thing]) -> Difficulty:
    asked = [things[number] for number in row["related_object_ids"]]
    wording = recognise(row["question"])
    return Difficulty(
        margin=margin(wording, asked) if wording else None,
        visible=min((one.visible for one in asked), default=1.0),
        degrees=min((_degrees(one) for one in asked), default=None),
    )


def _degrees(one: Thing) -> float:
    """Take the latitude of the box's middle for that of all pixels: a pixel shows less towards the poles."""
    width, height = BOX_FRAME
    latitude = (0.5 - (one.box[1] + one.box[3]) / 2 / height) * math.pi
    return round(math.sqrt(one.pixels * math.cos(latitude)) * 360 / width, 2)


def _lead(wording: Wording, things: Sequence[Thing]) -> float:
    return min(_main_lead(one) for one in things)


def _main_lead(one: Thing) -> float:
    first, second = [*sorted(one.faces.values(), reverse=True), 0][:2]
    return (first - second) / one.pixels


def _least_view(wording: Wording, things: Sequence[Thing]) -> float:
    return min(min(one.faces.values()) / one.pixels for one in things)


def _views(wording: Wording, things: Sequence[Thing]) -> float:
    """Count the lead of main views where they are asked about, and the least of all views where those are."""
    if wording.asks in ("same_primary", "adjacent"):
        return _lead(wording, things)
    least = _least_view(wording, things)
    return least if wording.asks == "shared" else min(least, _lead(wording, things))


def _nearest(wording: Wording, things: Sequence[Thing]) -> float:
    first, second = sorted(one.distance for one in things)[:2]
    return second / first - 1


def _farthest(wording: Wording, things: Sequence[Thing]) -> float:
    first, second = sorted((one.distance for one in things), reverse=True)[:2]
    return first / second - 1


def _similar(wording: Wording, things: Sequence[Thing]) -> float:
    near, far = sorted(one.distance for one in things)
    limit = max(_SIGNIFICANT, 0.1 * near)
    return abs(far - near - limit) / limit


def _along(wording: Wording, things: Sequence[Thing]) -> float:
    assert wording.direction is not None
    axis, _ = SENSE[wording.direction]
    one, other = things
    return abs(one.centre[axis] - other.centre[axis])


def _all_axes(wording: Wording, things: Sequence[Thing]) -> float:
    """Take the axis whose difference is closest to counting, or to no longer counting."""
    one, other = things
    differences = [abs(a - b) for a, b in zip(one.centre, other.centre, strict=True)]
    return min(abs(difference - _SIGNIFICANT) for difference in differences)


def _outermost(wording: Wording, things: Sequence[Thing]) -> float:
    assert wording.extreme is not None
    axis, sign = SENSE[wording.extreme]
    first, second = sorted((sign * one.centre[axis] for one in things), reverse=True)[:2]
    return first - second


def _side(wording: Wording, things: Sequence[Thing]) -> float:
    bearing = bearing_from(*(one.centre for one in things))
    return 45 - abs(bearing - 90 * round(bearing / 90))


def _volume(wording: Wording, things: Sequence[Thing]) -> float:
    volumes = [math.prod(one.size) for one in things]
    return _ratio([1 / v for v in volumes] if wording.asks == "smaller" else volumes)


def _flatness(wording: Wording, things: Sequence[Thing]) -> float:
    return _ratio([max(one.size) / min(one.size) for one in things])


def _length(wording: Wording, things: Sequence[Thing]) -> float:
    sizes = [sorted(one.size) for one in things]
    return _ratio([longest / middle for _, middle, longest in sizes])


def _ratio(values: Sequence[float]) -> float:
    first, second = sorted(values, reverse=True)[:2]
    return first / second - 1


_MARGINS: dict[str, Callable[[Wording, Sequence[Thing]], float]] = {
    "primary_view": _lead,
    "seam_attribution": _lead,
    "multi_view_visibility": _least_view,
    "shared_visibility": _views,
    "multi_object_relationship": _views,
    "depth_compare": _nearest,
    "depth_binary": _nearest,
    "depth_similarity": _similar,
    "depth_triplet_farthest": _farthest,
    "relpos_binary": _along,
    "relpos_cardinal": _all_axes,
    "relpos_triplet_extreme": _outermost,
    "viewpoint_change": _side,
    "volume_comparison": _volume,
    "volume_binary": _volume,
    "size_triplet_extreme": _volume,
    "shape_flatness": _flatness,
    "shape_elongation": _length,
}
