"""Beasts, and one that only looks like a person."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BARK,
    DARK,
    WHITE,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def duck(dice: Dice) -> Model:
    """A mallard."""
    return Model(
        "duck",
        (
            ball((0, 0.2, 0), (0.16, 0.15, 0.28), WHITE),
            ball((0, 0.45, 0.22), 0.1, paint("2f6a4f")),
            tube((0, 0.25, 0.16), (0, 0.42, 0.21), 0.06, 0.06, paint("2f6a4f")),
            box((0, 0.42, 0.34), (0.07, 0.03, 0.12), paint("f4a261")),
        ),
    )


def dog(dice: Dice) -> Model:
    """A dog."""
    coat = paint(dice.pick(("8a5a2b", "2b2b2e", "d9c7a3")))
    feet = [
        tube((sx * 0.11, 0, z), (sx * 0.11, 0.32, z), 0.045, 0.055, coat)
        for sx in (-1, 1)
        for z in (-0.26, 0.24)
    ]
    ears = [box((sx * 0.1, 0.68, 0.42), (0.05, 0.16, 0.08), DARK) for sx in (-1, 1)]
    return Model(
        "dog",
        (
            *feet,
            ball((0, 0.42, 0), (0.17, 0.17, 0.4), coat),
            ball((0, 0.68, 0.44), (0.14, 0.14, 0.16), coat),
            box((0, 0.58, 0.56), (0.13, 0.11, 0.2), coat),
            *ears,
            ball((0, 0.66, 0.67), 0.035, DARK),
            tube((0, 0.5, -0.36), (0, 0.78, -0.55), 0.04, 0.02, coat),
        ),
    )


def cow(dice: Dice) -> Model:
    """A cow."""
    hide = paint("f2efe8", "blotches", "2b2522", 0.35)
    feet = [
        tube((sx * 0.25, 0, z), (sx * 0.25, 0.75, z), 0.08, 0.11, hide)
        for sx in (-1, 1)
        for z in (-0.65, 0.6)
    ]
    horns = [
        tube((sx * 0.14, 1.55, 1.12), (sx * 0.26, 1.75, 1.12), 0.04, 0.01, paint("d9cbb0")) for sx in (-1, 1)
    ]
    ears = [ball((sx * 0.26, 1.45, 1.1), (0.12, 0.06, 0.05), paint("2b2522")) for sx in (-1, 1)]
    return Model(
        "cow",
        (
            *feet,
            ball((0, 1.0, 0), (0.42, 0.42, 0.95), hide),
            tube((0, 1.15, 0.7), (0, 1.4, 1.1), 0.24, 0.18, hide),
            ball((0, 1.38, 1.22), (0.18, 0.2, 0.3), hide),
            ball((0, 1.28, 1.46), (0.14, 0.12, 0.1), paint("e3b7a0")),
            *horns,
            *ears,
            tube((0, 1.1, -0.92), (0, 0.5, -1.02), 0.03, 0.04, paint("2b2522")),
        ),
    )


def sheep(dice: Dice) -> Model:
    """A sheep."""
    wool, face = paint("efeae0", "leaves", "cfc8ba", 0.1), paint("3a332e")
    feet = [
        tube((sx * 0.16, 0, z), (sx * 0.16, 0.4, z), 0.05, 0.05, face) for sx in (-1, 1) for z in (-0.3, 0.3)
    ]
    return Model(
        "sheep",
        (
            *feet,
            ball((0, 0.62, 0), (0.36, 0.34, 0.55), wool),
            ball((0, 0.8, 0.58), (0.14, 0.18, 0.2), face),
            ball((0, 0.95, 0.5), (0.16, 0.12, 0.14), wool),
            *[ball((sx * 0.18, 0.86, 0.52), (0.09, 0.04, 0.05), face) for sx in (-1, 1)],
        ),
    )


def scarecrow(dice: Dice) -> Model:
    """A scarecrow."""
    coat = paint(dice.pick(("7a3b2e", "2f5d8c", "5c6b3a")), "checker", "c9a24a", 0.12)
    return Model(
        "scarecrow",
        (
            tube((0, 0, 0), (0, 1.7, 0), 0.04, 0.04, BARK),
            tube((-0.85, 1.45, 0), (0.85, 1.45, 0), 0.09, 0.09, coat),
            tube((0, 0.75, 0), (0, 1.55, 0), 0.3, 0.2, coat),
            ball((0, 1.82, 0), (0.18, 0.2, 0.18), paint("d9b64f")),
            tube((0, 1.93, 0), (0, 1.97, 0), 0.38, 0.38, paint("6b4f35")),
            tube((0, 1.95, 0), (0, 2.2, 0), 0.2, 0.14, paint("6b4f35")),
        ),
    )
