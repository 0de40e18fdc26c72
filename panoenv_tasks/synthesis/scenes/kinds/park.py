"""Things of parks and yards."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BARK,
    DARK,
    STONE,
    WHITE,
    gable,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def fountain(dice: Dice) -> Model:
    """A round fountain."""
    water = paint("7fb7d6", "rough", "c4e3f1", 0.3)
    jet = paint("d9eef7", glow=0.2)
    around = ((1, 0), (0.5, 0.87), (-0.5, 0.87), (-1, 0), (-0.5, -0.87), (0.5, -0.87))
    rise = [tube((0, 1.4, 0), (0.28 * x, 2.0, 0.28 * z), 0.02, 0.025, jet) for x, z in around]
    crest = [tube((0.28 * x, 2.0, 0.28 * z), (0.5 * x, 1.95, 0.5 * z), 0.025, 0.03, jet) for x, z in around]
    fall = [tube((0.5 * x, 1.95, 0.5 * z), (0.68 * x, 1.42, 0.68 * z), 0.03, 0.04, jet) for x, z in around]
    return Model(
        "fountain",
        (
            tube((0, 0, 0), (0, 0.5, 0), 1.8, 1.8, STONE),
            tube((0, 0.49, 0), (0, 0.52, 0), 1.6, 1.6, water),
            tube((0, 0.5, 0), (0, 1.25, 0), 0.22, 0.15, STONE),
            tube((0, 1.2, 0), (0, 1.4, 0), 0.3, 0.85, STONE),
            tube((0, 1.39, 0), (0, 1.42, 0), 0.75, 0.75, water),
            *rise,
            *crest,
            *fall,
        ),
    )


def statue(dice: Dice) -> Model:
    """A statue of a person on a plinth."""
    bronze = dice.pick((paint("6f7f6a", "rough", "4f5f52", 0.2), paint("c9c4b8", "rough", "a7a296", 0.2)))
    return Model(
        "statue",
        (
            box((0, 0, 0), (1.1, 0.25, 1.1), STONE),
            box((0, 0.25, 0), (0.85, 0.95, 0.85), STONE),
            box((0, 1.2, 0), (0.95, 0.1, 0.95), STONE),
            *[tube((sx * 0.13, 1.3, 0), (sx * 0.12, 2.0, 0), 0.1, 0.12, bronze) for sx in (-1, 1)],
            tube((0, 1.95, 0), (0, 2.6, 0), 0.2, 0.27, bronze),
            ball((0, 2.9, 0), (0.16, 0.2, 0.17), bronze),
            tube((0.27, 2.5, 0), (0.55, 3.05, 0.2), 0.08, 0.06, bronze),
            tube((-0.27, 2.5, 0), (-0.42, 1.95, 0.15), 0.08, 0.06, bronze),
        ),
    )


def slide(dice: Dice) -> Model:
    """A playground slide."""
    chute = paint(dice.pick(("e63946", "ffb703", "2a9d8f")))
    posts = [
        box((sx * 0.35, 0, z), (0.08, 2.6 if z < -1.2 else 1.7, 0.08), paint("2f5d8c"))
        for sx in (-1, 1)
        for z in (-1.5, -0.8)
    ]
    rungs = [box((0, 0.3 + 0.3 * k, -1.55), (0.7, 0.05, 0.06), WHITE) for k in range(5)]
    return Model(
        "slide",
        (
            *posts,
            *rungs,
            box((0, 1.65, -1.15), (0.78, 0.06, 0.8), chute),
            tube((-0.28, 1.7, -0.78), (-0.28, 0.25, 1.5), 0.06, 0.06, chute),
            tube((0.28, 1.7, -0.78), (0.28, 0.25, 1.5), 0.06, 0.06, chute),
            box((0, 0.93, 0.36), (0.5, 0.05, 2.72), chute, pitch=32.5),
            box((0, 0.18, 1.7), (0.56, 0.06, 0.5), chute),
        ),
    )


def swing(dice: Dice) -> Model:
    """A frame with two swings."""
    frame = paint(dice.pick(("c0392b", "2f5d8c")))
    poles = [
        tube((sx * 1.6, 0, sz * 0.8), (sx * 1.4, 2.3, 0), 0.05, 0.05, frame)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    ropes = [
        tube((x + sx * 0.22, 2.3, 0), (x + sx * 0.22, 0.55, 0.0), 0.015, 0.015, DARK)
        for x in (-0.6, 0.6)
        for sx in (-1, 1)
    ]
    seats = [box((x, 0.5, 0), (0.5, 0.05, 0.22), paint("ffb703")) for x in (-0.6, 0.6)]
    return Model("swing", (*poles, tube((-1.45, 2.3, 0), (1.45, 2.3, 0), 0.06, 0.06, frame), *ropes, *seats))


def pond(dice: Dice) -> Model:
    """A round pond."""
    return Model(
        "pond",
        (
            tube((0, 0, 0), (0, 0.06, 0), 3.1, 3.0, STONE),
            tube((0, 0.02, 0), (0, 0.07, 0), 2.7, 2.7, paint("4f8fae", "rough", "8fc3d8", 0.8)),
        ),
    )


def well(dice: Dice) -> Model:
    """A well with a roof and a bucket."""
    return Model(
        "well",
        (
            tube((0, 0, 0), (0, 0.85, 0), 0.85, 0.85, paint("9a958c", "bricks", "c9c3b8", 0.22)),
            tube((0, 0.84, 0), (0, 0.87, 0), 0.62, 0.62, paint("17303c")),
            *[box((sx * 0.8, 0.6, 0), (0.12, 1.7, 0.12), BARK) for sx in (-1, 1)],
            tube((-0.8, 1.75, 0), (0.8, 1.75, 0), 0.07, 0.07, BARK),
            *gable(1.9, 1.5, 2.2, 0.6, paint("6b3f2c", "scales", size=0.2), BARK),
            tube((0, 1.2, 0), (0, 1.5, 0), 0.12, 0.16, paint("8a5a2b", "planks", size=0.1)),
            tube((0, 1.5, 0), (0, 1.75, 0), 0.012, 0.012, DARK),
        ),
    )


def parasol(dice: Dice) -> Model:
    """A sunshade."""
    cloth = paint(dice.pick(("c0392b", "1f6f8b", "e9a23b")), "stripes", "f5f1e6", 0.9)
    return Model(
        "parasol",
        (
            tube((0, 0, 0), (0, 0.1, 0), 0.3, 0.3, STONE),
            tube((0, 0.1, 0), (0, 2.6, 0), 0.03, 0.03, WHITE),
            tube((0, 2.1, 0), (0, 2.65, 0), 1.45, 0.05, cloth),
        ),
    )
