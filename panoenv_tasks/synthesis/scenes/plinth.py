"""Plinths: what a thing stands on that is higher than the floor."""

from __future__ import annotations

from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Extent, Solid, box

#: Built in, planted or afloat: on a plinth they would be absurd.
_FIXED = frozenset(
    (
        *"door fireplace curtain tree bush fence fountain pond swing rock rug manhole".split(),
        *("pine tree", "flower bed", "street light", "park lamp", "traffic light"),
    )
)
_LOWEST, _LARGEST = 0.35, 2.7
#: How far a plinth reaches beyond what stands on it, and the thin dark mat that shows the contact.
_MARGIN, _MAT, _MAT_THICK = 0.09, 0.035, 0.006
STONES = (("c9c2b4", "a79f90"), ("8c939a", "70777e"), ("b08968", "8f6b4d"), ("d8d4cb", "b9b3a6"))


def may_stand_on_plinth(label: str, extent: Extent) -> bool:
    """Whether a thing of this name and size can be set on a plinth."""
    size = extent.size
    return label not in _FIXED and size[1] >= _LOWEST and max(size) <= _LARGEST


def plinth_under(above: Extent, stone: tuple[str, str] = STONES[0]) -> tuple[Solid, Solid]:
    """Return block and mat from the floor up to the underside of an upright box."""
    (x, _, z), (wide, _, deep), yaw = above.centre, above.size, above.yaw
    block, mat = paint(stone[0], "rough", stone[1], 0.06), paint("2b2a28")
    top = underside(above) - _MAT_THICK
    around, under = 2 * _MARGIN, 2 * _MAT
    return (
        box((x, 0, z), (wide + around, top, deep + around), block, yaw=yaw),
        box((x, top, z), (wide + under, _MAT_THICK, deep + under), mat, yaw=yaw),
    )


def room_of_plinth(above: Extent) -> Extent:
    """Return the upright box that the plinth under a thing takes up."""
    (x, _, z), (wide, _, deep), height = above.centre, above.size, underside(above)
    around = 2 * _MARGIN
    return Extent((x, height / 2, z), (wide + around, height, deep + around), above.yaw)


def underside(extent: Extent) -> float:
    """Return how high above the floor an upright box ends below."""
    return extent.centre[1] - extent.size[1] / 2
