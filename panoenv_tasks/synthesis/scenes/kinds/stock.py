"""Paints and parts that many kinds share."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.paint import Paint, paint
from panoenv_tasks.synthesis.scenes.solids import Solid, box, tube

OAK = paint("b98a55", "wood", "8f6236", 0.12)
WALNUT = paint("6b4427", "wood", "482b16", 0.12)
PINE = paint("dcb98a", "wood", "c29a66", 0.12)
BARK = paint("6b4f35", "wood", "46331f", 0.1)
STONE = paint("9a958c", "rough", "7b766e", 0.25)
STEEL = paint("b4b8bd", "wood", "9aa0a6", 0.3)
BRASS = paint("c8a14a")
DARK = paint("2b2b2e")
WHITE = paint("f2f0ea")
YELLOW = paint("e8b21e")
CARTON = paint("c29b66", "frame", "a98350", 0.05)
MIRROR = paint("a9c9d6", "rough", "c9e0e8", 1.0)
PANE = paint("27333d", "rough", "4d626f", 1.2)
TYRE = paint("1b1b1d")
HUB = paint("b9bdc2")
FABRICS = ("8c2f39", "2f5d8c", "4f7a4a", "c7a24a", "7a5a8c", "b5651d", "5c6b73", "3c6e71")


def fabric(dice: Dice) -> Paint:
    """Return a woven cloth in one of a few colours."""
    return paint(dice.pick(FABRICS), "rough", size=0.03)


def legs(width: float, depth: float, height: float, thick: float, used: Paint) -> list[Solid]:
    """Return four straight legs at the corners of a footprint."""
    half = thick / 2
    return [
        box((sx * (width / 2 - half), 0, sz * (depth / 2 - half)), (thick, height, thick), used)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]


def wheels(width: float, axles: tuple[float, ...], radius: float) -> list[Solid]:
    """Return a wheel with its hub on both sides of every axle (z of the axle)."""
    parts: list[Solid] = []
    for z in axles:
        for side in (-1, 1):
            x = side * width / 2
            parts.append(tube((x - side * 0.22, radius, z), (x, radius, z), radius, radius, TYRE))
            parts.append(
                tube(
                    (x - side * 0.05, radius, z),
                    (x + side * 0.012, radius, z),
                    radius * 0.55,
                    radius * 0.5,
                    HUB,
                )
            )
    return parts


def gable(width: float, depth: float, base: float, rise: float, used: Paint, wall: Paint) -> list[Solid]:
    """Return a pitched roof whose ridge runs along x: two slabs, and steps that fill the gables."""
    slope = (rise * rise + (depth / 2) * (depth / 2)) ** 0.5
    pitch = {0.6: 31.0, 0.8: 38.7}.get(round(rise / (depth / 2), 1), 45.0)
    slabs = [
        box(
            (0, base + rise / 2 - 0.05, sz * depth / 4),
            (width + 0.6, 0.16, slope + 0.5),
            used,
            pitch=sz * pitch,
        )
        for sz in (-1, 1)
    ]
    steps = 8
    fill = [
        box((0, base + rise * k / steps, 0), (width, rise / steps, depth * (1 - (k + 1) / steps)), wall)
        for k in range(steps - 1)
    ]
    return [*slabs, *fill]
