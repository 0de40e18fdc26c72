"""Plants and what lies between them."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BARK,
    STONE,
)
from panoenv_tasks.synthesis.scenes.paint import Paint, paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, tube

_FOLIAGE = {
    "summer": ("5f9e45", "2f6a2f"),
    "autumn": ("d9882f", "9c4a1c"),
    "winter": ("e8eef2", "aebfc9"),
}


def _leafy(season: str, size: float) -> Paint:
    light, dark = _FOLIAGE[season]
    return paint(light, "leaves", dark, size)


def tree(dice: Dice, season: str = "summer") -> Model:
    """A broad-leaved tree."""
    leaf, tall = _leafy(season, 0.3), dice.uniform(4.5, 6.5, 0.25)
    crown = tall * 0.28
    around = ((0, 0, 0.0), (0.6, 0.1, -0.25), (-0.55, 0.25, -0.2), (0.1, -0.6, -0.22), (-0.1, 0.6, -0.15))
    balls = [
        ball((x * crown, tall + y * crown, z * crown), (crown * 0.8, crown * 0.72, crown * 0.8), leaf)
        for x, z, y in around
    ]
    return Model(
        "tree",
        (
            tube((0, 0, 0), (0, tall * 0.9, 0), 0.22, 0.13, BARK),
            tube((0, tall * 0.55, 0), (crown * 0.5, tall * 0.85, 0), 0.1, 0.06, BARK),
            tube((0, 0, 0), (0, 0.3, 0), 0.34, 0.22, BARK),
            *balls,
        ),
    )


def pine(dice: Dice, season: str = "summer") -> Model:
    """A conifer, white in winter."""
    needle = paint("2f5d3a", "leaves", "e8eef2" if season == "winter" else "1b3d25", 0.2)
    tall = dice.uniform(4.5, 7.0, 0.25)
    tiers = [
        tube(
            (0, tall * (0.14 + 0.2 * k), 0),
            (0, tall * (0.48 + 0.18 * k), 0),
            tall * (0.26 - 0.055 * k),
            0.03,
            needle,
        )
        for k in range(4)
    ]
    return Model("pine tree", (tube((0, 0, 0), (0, tall * 0.3, 0), 0.18, 0.15, BARK), *tiers))


def bush(dice: Dice, season: str = "summer") -> Model:
    """A round shrub, with berries in summer."""
    leaf = _leafy(season, 0.12)
    balls = [
        ball((x, 0.38 + y, z), (0.48, 0.42, 0.45), leaf)
        for x, y, z in ((0, 0.1, 0), (0.42, 0, 0.1), (-0.4, -0.02, -0.08))
    ]
    return Model("bush", tuple(balls))


def potted_plant(dice: Dice) -> Model:
    """A plant in a pot."""
    leaf = paint("4f9a4a", "leaves", "245a2a", 0.08)
    tall = dice.uniform(0.6, 1.0)
    leaves = [
        ball((x, 0.35 + tall * h, z), (0.2, 0.24, 0.2), leaf)
        for x, z, h in ((0, 0, 0.75), (0.2, 0.08, 0.5), (-0.18, 0.12, 0.45), (0.03, -0.2, 0.42))
    ]
    return Model(
        "potted plant",
        (
            tube((0, 0, 0), (0, 0.32, 0), 0.14, 0.2, paint(dice.pick(("b5562e", "d9d3c4", "355070")))),
            tube((0, 0.32, 0), (0, 0.36, 0), 0.18, 0.18, paint("3a2a1c")),
            *leaves,
            tube((0, 0.3, 0), (0, 0.3 + tall * 0.6, 0), 0.025, 0.02, paint("5a4326")),
        ),
    )


def planter(dice: Dice) -> Model:
    """A box of plants and flowers."""
    leaf = paint("4f9a4a", "leaves", "245a2a", 0.08)
    return Model(
        "planter",
        (
            box((0, 0, 0), (1.3, 0.55, 0.5), paint("b5562e", "frame", "8f3f20", 0.06)),
            *[ball((0.35 * k, 0.68, 0), (0.26, 0.26, 0.24), leaf) for k in (-1, 0, 1)],
            *[
                ball((0.3 * k + 0.1, 0.86, 0.12), 0.06, paint(c))
                for k, c in ((-1, "e63946"), (0, "ffd166"), (1, "d16ba5"))
            ],
        ),
    )


def flower_bed(dice: Dice) -> Model:
    """A bed of flowers with a stone edge."""
    heads: list[Solid] = []
    for i in range(7):
        for j in range(4):
            x, z = -1.05 + 0.35 * i, -0.5 + 0.33 * j
            tint = paint(("e63946", "f4a261", "e9c46a", "d16ba5", "f1faee")[(i * 2 + j * 3) % 5])
            heads += [
                tube((x, 0.2, z), (x, 0.42, z), 0.012, 0.012, paint("3f7d3a")),
                ball((x, 0.45, z), (0.1, 0.07, 0.1), tint),
            ]
    return Model(
        "flower bed",
        (
            box((0, 0, 0), (2.6, 0.18, 1.5), STONE),
            box((0, 0.02, 0), (2.4, 0.19, 1.3), paint("4a3626", "rough", size=0.05)),
            *heads,
        ),
    )


def rock(dice: Dice) -> Model:
    """A rock."""
    size = dice.uniform(0.6, 1.1)
    return Model(
        "rock",
        (
            ball((0, 0.3 * size, 0), (0.8 * size, 0.5 * size, 0.6 * size), STONE),
            ball((0.4 * size, 0.2 * size, 0.2 * size), (0.45 * size, 0.35 * size, 0.4 * size), STONE),
        ),
    )


def log(dice: Dice) -> Model:
    """A felled trunk."""
    end = paint("d8b27a", "bands", "b98a55", 0.08)
    return Model(
        "log",
        (
            tube((-1.1, 0.24, 0), (1.1, 0.24, 0), 0.24, 0.21, BARK),
            tube((1.08, 0.24, 0), (1.12, 0.24, 0), 0.19, 0.19, end),
            tube((-1.12, 0.24, 0), (-1.08, 0.24, 0), 0.21, 0.21, end),
            tube((0.3, 0.35, 0), (0.5, 0.7, 0.1), 0.07, 0.05, BARK),
        ),
    )


def hay_bale(dice: Dice) -> Model:
    """A round bale of hay."""
    straw = paint("d9b64f", "rough", "a8842f", 0.08)
    return Model(
        "hay bale",
        (
            tube((-0.6, 0.65, 0), (0.6, 0.65, 0), 0.65, 0.65, straw),
            tube((-0.61, 0.65, 0), (0.61, 0.65, 0), 0.35, 0.35, paint("b8933a", "rough", size=0.06)),
        ),
    )
