"""What a set of questions gives away to one who does not look, in figures with limits.

The figures of the release's validation split stand beside them; ``panoenv build check panoenv_val.jsonl``
prints them anew. The limits are ours: somewhat outside of what the release shows, so that a set of ours may
be as guessable as the release, and not much more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

from panoenv_tasks.answers.quantities import read_distance
from panoenv_tasks.blind import answer as blind_answer
from panoenv_tasks.items import BOX_FRAME, CATEGORIES, Item
from panoenv_tasks.markdown import table
from panoenv_tasks.scoring import score

Verdict = Literal["inside", "outside", "too few", "no limit"]

#: Below so many questions a figure is shown and not judged.
LEAST = 40
#: Per figure what the validation split shows (1,496 questions, 60 panoramas), and from where to where a set
#: of ours may lie. Views can always be told from printed boxes, so there the blind score has no limit.
_LIMITS: dict[str, tuple[float, float, float]] = {
    "Yes among true/false": (0.465, 0.40, 0.60),
    "distances, 75 % over 25 %": (4.0, 2.5, math.inf),
    "distances, 95 % (m)": (42.6, 15.0, math.inf),
    "distances told by the label's median": (0.10, 0.0, 0.25),
    "main view top or bottom": (0.27, 0.15, 0.45),
    "view at an edge top or bottom": (0.61, 0.25, 0.75),
    "two of one label": (0.12, 0.05, 0.30),
    "boxes as wide as the panorama": (0.002, 0.0, 0.03),
    "blind, view_source": (0.94, 0.0, math.inf),
    "blind, distance": (0.56, 0.0, 0.66),
    "blind, environment": (0.51, 0.0, 0.61),
    "blind, relative_position": (0.49, 0.0, 0.59),
    "blind, attribute_comparison": (0.68, 0.0, 0.80),
}


@dataclass(frozen=True)
class Figure:
    """One figure of a set: over ``n`` questions or boxes; ``value`` is None where there are none."""

    name: str
    value: float | None
    n: int

    @property
    def verdict(self) -> Verdict:
        """Whether it lies within its limits."""
        _, low, high = _LIMITS[self.name]
        if low == 0.0 and high == math.inf:
            return "no limit"
        if self.value is None or self.n < LEAST:
            return "too few"
        return "inside" if low <= self.value <= high else "outside"


def figures(items: Sequence[Item]) -> list[Figure]:
    """Return all figures, in a fixed order."""
    binary = [item for item in items if item.question_type == "true_false"]
    read = [(item, read_distance(item.answer)) for item in _of(items, "distance_description")]
    told = [(item, away) for item, away in read if isinstance(away, float)]
    away = sorted(distance for _, distance in told)
    several = [item for item in items if len(item.boxes) > 1]
    boxes = [box for item in items for box in item.boxes]
    wide = [box.x1 == 0 and box.x2 == BOX_FRAME[0] - 1 for box in boxes]
    lettered = [any(box.letter for box in item.boxes) for item in several]
    low = _quantile(away, 0.25)
    spread = _quantile(away, 0.75) / low if away and low else None
    rows = [
        _share("Yes among true/false", (item.answer == "Yes" for item in binary)),
        Figure("distances, 75 % over 25 %", spread, len(away)),
        Figure("distances, 95 % (m)", _quantile(away, 0.95) if away else None, len(away)),
        _share("distances told by the label's median", _told_by_label(told)),
        _share("main view top or bottom", map(_is_polar, _of(items, "primary_view"))),
        _share("view at an edge top or bottom", map(_is_polar, _of(items, "seam_attribution"))),
        _share("two of one label", lettered),
        _share("boxes as wide as the panorama", wide),
    ]
    for category in CATEGORIES:
        own = [item for item in items if item.category == category]
        right = (score(item, blind_answer(item), "strict").correct for item in own)
        rows.append(_share(f"blind, {category}", right))
    return rows


def render(rows: Sequence[Figure]) -> str:
    """Return the figures as a table for people."""
    return table(
        ("figure", "n", "here", "validation split", "limits", ""),
        [
            (row.name, row.n, _shown(row.value), _shown(_LIMITS[row.name][0]), _range(row.name), row.verdict)
            for row in rows
        ],
    )


def to_json(rows: Sequence[Figure]) -> list[dict[str, Any]]:
    """Return the figures in JSON's types."""
    return [{**asdict(row), "validation_split": _LIMITS[row.name][0], "verdict": row.verdict} for row in rows]


def _of(items: Sequence[Item], subcategory: str) -> list[Item]:
    return [item for item in items if item.subcategory == subcategory]


def _is_polar(item: Item) -> bool:
    return item.answer in ("Top", "Bottom")


def _share(name: str, flags: Iterable[bool]) -> Figure:
    counted = list(flags)
    return Figure(name, sum(counted) / len(counted) if counted else None, len(counted))


def _told_by_label(told: Sequence[tuple[Item, float]]) -> list[bool]:
    """Whether the median distance of the same label in other panoramas is right, or of all labels."""
    right = []
    for item, _ in told:
        others = [(o, away) for o, away in told if o.panorama != item.panorama]
        alike = [away for o, away in others if o.boxes[0].label == item.boxes[0].label]
        if others:
            guess = median(alike or [away for _, away in others])
            right.append(score(item, f"<Answer>About {guess:.1f} meters</Answer>", "strict").correct)
    return right


def _quantile(ranked: Sequence[float], part: float) -> float:
    """Return a quantile of sorted values, interpolated; 0 without values."""
    if not ranked:
        return 0.0
    place = part * (len(ranked) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if value < 1 else f"{value:.1f}"


def _range(name: str) -> str:
    _, low, high = _LIMITS[name]
    if low == 0.0:
        return "-" if high == math.inf else f"at most {high:g}"
    return f"at least {low:g}" if high == math.inf else f"{low:g} to {high:g}"
