"""Conditions: the same questions shown differently, so that what a score rests on can be measured."""

from panoenv_tasks.perturb.conditions import (
    CONDITIONS,
    COORDINATES,
    TURNS,
    WITHOUT_COORDINATES,
    Condition,
    categories,
    image_kind,
    present,
)
from panoenv_tasks.perturb.coordinates import seen_size
from panoenv_tasks.perturb.pictures import draw, size_shown
from panoenv_tasks.perturb.presentation import Picture, Presentation
from panoenv_tasks.perturb.yaw import turn

__all__ = [
    "CONDITIONS",
    "COORDINATES",
    "TURNS",
    "WITHOUT_COORDINATES",
    "Condition",
    "Picture",
    "Presentation",
    "categories",
    "draw",
    "image_kind",
    "present",
    "seen_size",
    "size_shown",
    "turn",
]
