"""Machines of the household and the office."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    DARK,
    PINE,
    STEEL,
    WALNUT,
    WHITE,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def monitor(dice: Dice) -> Model:
    """A computer screen on its foot."""
    picture = paint(dice.pick(("2f6fa8", "3a8a6a", "6a4a9a")), "windows", "d8e4ee", 0.16, glow=0.6)
    return Model(
        "monitor",
        (
            tube((0, 0, 0), (0, 0.02, 0), 0.13, 0.13, DARK),
            box((0, 0, -0.03), (0.06, 0.22, 0.03), DARK),
            box((0, 0.12, 0), (0.62, 0.38, 0.04), DARK),
            box((0, 0.14, 0.021), (0.58, 0.34, 0.004), picture),
        ),
    )


def television(dice: Dice) -> Model:
    """A flat screen on its foot."""
    picture = paint("16324a", "rough", "2f6f8f", 0.9, glow=0.5)
    return Model(
        "television",
        (
            box((0, 0, 0), (0.5, 0.03, 0.22), DARK),
            box((0, 0.03, 0), (0.08, 0.08, 0.06), DARK),
            box((0, 0.1, 0), (1.25, 0.72, 0.06), DARK),
            box((0, 0.13, 0.031), (1.19, 0.66, 0.004), picture),
        ),
    )


def fridge(dice: Dice) -> Model:
    """A fridge with two doors."""
    skin = dice.pick((STEEL, WHITE, paint("b8403a")))
    return Model(
        "fridge",
        (
            box((0, 0.04, 0), (0.75, 1.8, 0.65), skin),
            box((0, 1.22, 0.3), (0.75, 0.015, 0.06), DARK),
            box((-0.3, 1.3, 0.34), (0.03, 0.4, 0.04), DARK),
            box((-0.3, 0.6, 0.34), (0.03, 0.5, 0.04), DARK),
            box((0, 0, 0), (0.7, 0.05, 0.6), DARK),
        ),
    )


def stove(dice: Dice) -> Model:
    """A kitchen stove."""
    plates = [tube((x, 0.9, z), (x, 0.915, z), 0.1, 0.1, DARK) for x in (-0.16, 0.16) for z in (-0.14, 0.14)]
    knobs = [
        tube((0.1 * k - 0.2, 0.8, 0.3), (0.1 * k - 0.2, 0.8, 0.34), 0.025, 0.025, DARK) for k in range(5)
    ]
    return Model(
        "stove",
        (
            box((0, 0, 0), (0.62, 0.9, 0.6), WHITE),
            box((0, 0.2, 0.3), (0.5, 0.45, 0.02), DARK),
            box((0, 0.68, 0.32), (0.5, 0.03, 0.04), STEEL),
            *plates,
            *knobs,
            box((0, 0.9, -0.28), (0.62, 0.14, 0.04), STEEL),
        ),
    )


def kitchen_sink(dice: Dice) -> Model:
    """A kitchen unit with a sink."""
    wood = dice.pick((WHITE, PINE, paint("52796f")))
    fronts = [box((sx * 0.3, 0.12, 0.29), (0.56, 0.66, 0.02), wood) for sx in (-1, 1)]
    knobs = [box((sx * 0.06, 0.6, 0.31), (0.02, 0.12, 0.02), DARK) for sx in (-1, 1)]
    return Model(
        "kitchen sink",
        (
            box((0, 0, 0), (1.2, 0.86, 0.56), wood),
            *fronts,
            *knobs,
            box((0, 0.86, 0), (1.24, 0.04, 0.62), paint("4a4a4a", "rough")),
            box((0, 0.875, 0.02), (0.6, 0.03, 0.4), STEEL),
            box((0, 0.895, 0.02), (0.5, 0.015, 0.32), paint("7f858a")),
            tube((0, 0.9, -0.22), (0, 1.15, -0.22), 0.018, 0.018, STEEL),
            tube((0, 1.15, -0.22), (0, 1.1, 0.0), 0.018, 0.015, STEEL),
        ),
    )


def piano(dice: Dice) -> Model:
    """An upright piano."""
    skin = dice.pick((DARK, WALNUT))
    keys = paint("f4f1e8", "books", "1c1c1c", 0.035)
    return Model(
        "piano",
        (
            box((0, 0, -0.15), (1.5, 1.2, 0.34), skin),
            box((0, 0.62, 0.17), (1.5, 0.1, 0.34), skin),
            box((0, 0.72, 0.2), (1.36, 0.012, 0.2), keys),
            *[box((sx * 0.7, 0, 0.26), (0.08, 0.62, 0.08), skin) for sx in (-1, 1)],
            box((0, 1.2, -0.15), (1.56, 0.04, 0.4), skin),
            box((0, 0.86, 0.03), (0.5, 0.28, 0.02), WHITE, pitch=-12),
        ),
    )


def printer(dice: Dice) -> Model:
    """An office printer."""
    return Model(
        "printer",
        (
            box((0, 0, 0), (0.6, 0.7, 0.55), paint("8d9299")),
            box((0, 0.7, 0), (0.64, 0.35, 0.58), WHITE),
            box((0, 0.84, 0.24), (0.44, 0.04, 0.2), DARK),
            box((0, 0.86, 0.32), (0.3, 0.01, 0.2), paint("ffffff")),
            box((0.2, 1.05, 0.2), (0.16, 0.02, 0.1), paint("2f6fa8", glow=0.6)),
            *[box((0, 0.1 + 0.28 * k, 0.28), (0.52, 0.24, 0.02), paint("a7adb3")) for k in range(2)],
        ),
    )


def water_dispenser(dice: Dice) -> Model:
    """A water cooler with its bottle."""
    water = paint("8ecae6", "ribs", "b9e3f5", 0.1)
    return Model(
        "water dispenser",
        (
            box((0, 0, 0), (0.34, 0.98, 0.34), WHITE),
            box((0, 0.62, 0.16), (0.26, 0.22, 0.03), DARK),
            tube((0, 0.98, 0), (0, 1.05, 0), 0.08, 0.14, water),
            tube((0, 1.05, 0), (0, 1.35, 0), 0.14, 0.14, water),
            ball((0, 1.35, 0), (0.14, 0.06, 0.14), water),
            *[
                box((sx * 0.06, 0.78, 0.19), (0.03, 0.05, 0.04), paint(c))
                for sx, c in ((-1, "b5362e"), (1, "2f6fa8"))
            ],
        ),
    )
