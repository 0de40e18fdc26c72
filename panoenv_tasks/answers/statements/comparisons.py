"""The relation that a multiple-choice question asks about, its opposite, and the words for both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from panoenv_tasks.taxonomy import Wording

_NEAR = (
    "less far|less far away|closer|closest|nearer|nearest|close|near|less distant|least distant"
    "|a shorter distance|the shortest distance|a smaller distance"
)
_FAR = (
    "farther|farthest|further|furthest|far|distant|more distant|most distant|more remote"
    "|a greater distance|the greatest distance"
    "|a larger distance|a longer distance|greater distance|greatest distance|more distance"
    "|most far|less close|less near"
)
_LARGE = (
    "larger|largest|bigger|biggest|big|large|greater|greatest|more space|most space|more room"
    "|the most room|more volume|most volume|huge|bulkier|bulkiest"
    "|more voluminous|higher volume|highest volume|larger in size|less small"
)
_SMALL = (
    "smaller|smallest|small|tinier|tiniest|tiny|less space|least space|less room|least room"
    "|less volume|least volume|lower volume|lowest volume|littler|less big|less large"
)
_FLAT = (
    "flatter|flattest|flat|thinner|thinnest|more flat|most flat|more like a sheet"
    "|more like a plate|more like a board"
    "|more sheet-like|more plate-like|more planar"
)
_THICK = (
    "thicker|thickest|less flat|least flat|bulkier|rounder|more like a block|more block-like|boxier"
    "|more cubic|chunkier"
)
_LONG = (
    "longer|longest|more elongated|most elongated|elongated|more stick-like|stick-like"
    "|more stretched out|most stretched out|more stretched"
    "|thinner|slimmer|slenderer|more slender|more like a pole|more pole-like|long"
)
_SHORT = (
    "shorter|shortest|less elongated|least elongated|stubbier|more compact|more like a block|wider"
    "|less stretched out|less stretched|squatter"
)
_FITTING = (
    "better|best|more likely|likelier|most likely|more fitting|more appropriate|more suitable|more plausible"
)
_UNFITTING = "worse|worst|less likely|least likely|less fitting|less appropriate|less suitable|less plausible"
_EXTREMES = {
    "leftmost": (
        "leftmost|left-most|farthest left|furthest left|farthest to the left|furthest to the left"
        "|most to the left|most left|more to the left"
    ),
    "rightmost": (
        "rightmost|right-most|farthest right|furthest right|farthest to the right"
        "|furthest to the right|most to the right|most right|more to the right"
    ),
    "highest": "highest|topmost|uppermost|top-most|higher|most elevated|higher up|highest up",
    "lowest": "lowest|bottommost|bottom-most|lower|lowermost|lower down|lowest down",
    "frontmost": (
        "frontmost|front-most|farthest forward|furthest forward|most forward|foremost"
        "|farthest to the front|furthest to the front|most in front|farthest ahead"
    ),
    "rearmost": (
        "rearmost|rear-most|backmost|hindmost|farthest back|furthest back|farthest to the back"
        "|furthest to the back|farthest behind|furthest behind|most to the back"
    ),
}
_OPPOSITE = {
    "leftmost": "rightmost", "rightmost": "leftmost", "highest": "lowest", "lowest": "highest",
    "frontmost": "rearmost", "rearmost": "frontmost",
}  # fmt: skip


def compares(wording: Wording | None) -> bool:
    """Whether the options are objects that the question compares, and not views, sides or environments."""
    if wording is None or wording.subcategory == "viewpoint_change":
        return False
    return wording.category not in ("view_source", "environment")


@dataclass(frozen=True)
class Comparison:
    """The words for a relation and for its contrary.

    Of two that begin at one place the longer counts: "less close" is no "close".
    """

    words: re.Pattern[str]
    asked: frozenset[str]

    def signs(self, text: str) -> tuple[str, set[int]]:
        """Return a lower-case text without those words, and 1 for the relation, -1 for the contrary."""
        said = {1 if word in self.asked else -1 for word in self.words.findall(text)}
        return self.words.sub(" ", text), said


def comparison(wording: Wording | None) -> Comparison | None:
    """Return what the question compares its options by; None where it compares nothing."""
    if wording is None:
        return None
    if not compares(wording):
        return _pair(_FITTING, _UNFITTING)
    kind = wording.subcategory
    if kind == "relpos_triplet_extreme" and wording.extreme:
        return _pair(_EXTREMES[wording.extreme], _EXTREMES[_OPPOSITE[wording.extreme]])
    if kind in ("volume_comparison", "size_triplet_extreme"):
        return _pair(_LARGE, _SMALL) if wording.asks == "larger" else _pair(_SMALL, _LARGE)
    by_kind = {
        "depth_compare": (_NEAR, _FAR),
        "depth_triplet_farthest": (_FAR, _NEAR),
        "shape_flatness": (_FLAT, _THICK),
        "shape_elongation": (_LONG, _SHORT),
    }
    return _pair(*by_kind[kind]) if kind in by_kind else None


@lru_cache(maxsize=32)
def _pair(asked: str, contrary: str) -> Comparison:
    longest_first = sorted(f"{asked}|{contrary}".split("|"), key=len, reverse=True)
    words = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
    return Comparison(words, frozenset(asked.split("|")))
