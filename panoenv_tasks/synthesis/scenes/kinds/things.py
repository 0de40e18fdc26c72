"""Small things that lie and stand about."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    CARTON,
    DARK,
    FABRICS,
    PINE,
    STEEL,
    WHITE,
    YELLOW,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def rug(dice: Dice) -> Model:
    """A patterned rug."""
    one, two = dice.sample(FABRICS, 2)
    wide, deep = dice.uniform(1.8, 2.6), dice.uniform(1.3, 1.8)
    border = paint(one, "rough", size=0.05)
    field = paint(two, dice.pick(("bands", "checker", "tiles")), "e8dcc0", 0.3)
    return Model(
        "rug",
        (
            box((0, 0, 0), (wide, 0.012, deep), border),
            box((0, 0.004, 0), (wide - 0.3, 0.012, deep - 0.3), field),
        ),
    )


def vase(dice: Dice) -> Model:
    """A vase with three flowers."""
    clay = paint(dice.pick(("2f6690", "c8553d", "81b29a")), "bands", "f2e8cf", 0.12)
    stems = [
        tube((0, 0.4, 0), (x, 0.75, z), 0.008, 0.008, paint("3f7d3a"))
        for x, z in ((0.1, 0.05), (-0.12, 0.02), (0.0, -0.1))
    ]
    heads = [
        ball((x, 0.78, z), 0.07, paint(dice.pick(("e63946", "f4a261", "e9c46a", "d16ba5"))))
        for x, z in ((0.1, 0.05), (-0.12, 0.02), (0.0, -0.1))
    ]
    return Model(
        "vase",
        (
            tube((0, 0, 0), (0, 0.2, 0), 0.07, 0.14, clay),
            tube((0, 0.2, 0), (0, 0.4, 0), 0.14, 0.06, clay),
            *stems,
            *heads,
        ),
    )


def trash_can(dice: Dice) -> Model:
    """A round bin with a lid."""
    skin = dice.pick((STEEL, paint("3a7d44"), paint("355070")))
    return Model(
        "trash can",
        (tube((0, 0, 0), (0, 0.62, 0), 0.19, 0.24, skin), tube((0, 0.62, 0), (0, 0.68, 0), 0.25, 0.2, DARK)),
    )


def toy_ball(dice: Dice) -> Model:
    """A striped ball."""
    one, two = dice.pick((("e63946", "f1faee"), ("ffb703", "023047"), ("2a9d8f", "e9c46a")))
    return Model("ball", (ball((0, 0.2, 0), 0.2, paint(one, "bands", two, 0.14)),))


def carton(dice: Dice) -> Model:
    """A cardboard box."""
    w, h, d = dice.uniform(0.5, 0.8, 0.05), dice.uniform(0.4, 0.6, 0.05), dice.uniform(0.4, 0.6, 0.05)
    return Model(
        "cardboard box",
        (
            box((0, 0, 0), (w, h, d), CARTON),
            box((0, 0.01, 0), (0.08, h, d + 0.01), paint("e0c896")),
            box((w * 0.2, h * 0.4, d / 2), (0.16, 0.12, 0.012), WHITE),
        ),
    )


def crate(dice: Dice) -> Model:
    """A wooden crate."""
    size = dice.uniform(0.8, 1.1, 0.05)
    half, bar = size / 2, 0.09
    slats = paint("b98a55", "planks", "6f4f2c", 0.17)
    edges = [box((sx * half, 0, sz * half), (bar, size, bar), PINE) for sx in (-1, 1) for sz in (-1, 1)]
    rims = [box((0, y, sz * half), (size, bar, bar), PINE) for y in (0.0, size - bar) for sz in (-1, 1)]
    rims += [box((sx * half, y, 0), (bar, bar, size), PINE) for y in (0.0, size - bar) for sx in (-1, 1)]
    return Model("crate", (box((0, 0, 0), (size, size, size), slats), *edges, *rims))


def barrel(dice: Dice) -> Model:
    """An oil drum."""
    skin = paint(dice.pick(("1f5fa8", "c0392b", "2e7d5b", "e0a100")))
    hoops = [tube((0, y, 0), (0, y + 0.04, 0), 0.315, 0.315, skin) for y in (0.28, 0.58)]
    return Model(
        "barrel",
        (
            tube((0, 0, 0), (0, 0.9, 0), 0.29, 0.29, skin),
            *hoops,
            tube((0, 0.88, 0), (0, 0.92, 0), 0.31, 0.31, STEEL),
            tube((0, 0, 0), (0, 0.04, 0), 0.31, 0.31, STEEL),
            tube((0.14, 0.92, 0), (0.14, 0.95, 0), 0.05, 0.05, DARK),
        ),
    )


def pallet(dice: Dice) -> Model:
    """A pallet."""
    slats = [box((0, 0.11, -0.5 + 0.167 * k), (1.2, 0.03, 0.12), PINE) for k in range(7)]
    feet = [box((x, 0, 0), (0.1, 0.11, 1.1), PINE) for x in (-0.55, 0, 0.55)]
    return Model("pallet", (*slats, *feet))


def cone(dice: Dice) -> Model:
    """A traffic cone."""
    return Model(
        "traffic cone",
        (
            box((0, 0, 0), (0.42, 0.04, 0.42), DARK),
            tube((0, 0.04, 0), (0, 0.72, 0), 0.16, 0.03, paint("f26a1b", "bands", "f7f4ee", 0.32)),
        ),
    )


def ladder(dice: Dice) -> Model:
    """A stepladder."""
    metal = dice.pick((STEEL, YELLOW))
    rails = [
        tube((sx * 0.28, 0, sz * 0.5), (sx * 0.2, 2.1, 0), 0.035, 0.035, metal)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    rungs = [
        box((0, 0.3 * k + 0.25, 0.44 - 0.0714 * k), (0.54 - 0.02 * k, 0.04, 0.08), STEEL) for k in range(6)
    ]
    return Model("ladder", (*rails, *rungs, box((0, 2.08, 0), (0.46, 0.05, 0.2), DARK)))


def extinguisher(dice: Dice) -> Model:
    """A fire extinguisher."""
    red = paint("c62828")
    return Model(
        "fire extinguisher",
        (
            tube((0, 0, 0), (0, 0.5, 0), 0.11, 0.11, red),
            ball((0, 0.5, 0), (0.11, 0.09, 0.11), red),
            tube((0, 0.55, 0), (0, 0.66, 0), 0.035, 0.035, DARK),
            box((0, 0.64, 0.05), (0.04, 0.03, 0.16), DARK),
            tube((0.05, 0.62, 0), (0.13, 0.25, 0.05), 0.02, 0.02, DARK),
            box((0, 0.22, 0.105), (0.1, 0.14, 0.02), WHITE),
        ),
    )
