"""Lights, hanging and standing."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BRASS,
    DARK,
    OAK,
    WALNUT,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, place, tube


def floor_lamp(dice: Dice) -> Model:
    """A standing lamp with a shade."""
    shade = paint(dice.pick(("f4e3b0", "f0d7c0", "e9efd8")), glow=0.75)
    return Model(
        "floor lamp",
        (
            tube((0, 0, 0), (0, 0.03, 0), 0.16, 0.16, DARK),
            tube((0, 0.03, 0), (0, 1.4, 0), 0.018, 0.018, BRASS),
            tube((0, 1.35, 0), (0, 1.7, 0), 0.26, 0.17, shade),
        ),
    )


def pendant_lamp(dice: Dice) -> Model:
    """A lamp on a cord of 0.6 m; the model's floor is the lower rim, hang it with ``lift``."""
    shade = paint(dice.pick(("d65a31", "2a6f97", "e9c46a", "f4f1de")), "bands", size=0.14, glow=0.45)
    return Model(
        "pendant lamp",
        (
            tube((0, 0, 0), (0, 0.26, 0), 0.3, 0.1, shade),
            ball((0, 0.03, 0), 0.09, paint("fff4cc", glow=1.0)),
            tube((0, 0.26, 0), (0, 0.86, 0), 0.012, 0.012, DARK),
        ),
    )


def ceiling_fan(dice: Dice) -> Model:
    """Five blades; the model's floor is the lower end of the motor, hang it with ``lift``."""
    wood = dice.pick((OAK, WALNUT, DARK))
    blade = box((0, 0.07, 0.4), (0.15, 0.015, 0.6), wood)
    blades = [_swung(blade, 72 * k) for k in range(5)]
    return Model(
        "ceiling fan",
        (
            *blades,
            tube((0, 0, 0), (0, 0.16, 0), 0.11, 0.13, BRASS),
            ball((0, -0.01, 0), (0.09, 0.06, 0.09), paint("fff4cc", glow=0.8)),
            tube((0, 0.16, 0), (0, 0.4, 0), 0.02, 0.02, BRASS),
        ),
    )


def _swung(part: Solid, yaw: float) -> Solid:
    return place(Model("", (part,)), 0, 0, yaw=yaw).parts[0]


def hanging_lamp(dice: Dice) -> Model:
    """A factory lamp on a rod of 1 m; the model's floor is the lower rim, hang it with ``lift``."""
    return Model(
        "factory lamp",
        (
            tube((0, 0, 0), (0, 0.3, 0), 0.42, 0.12, paint("3c4a52")),
            tube((0, -0.01, 0), (0, 0.03, 0), 0.36, 0.36, paint("fff6dc", glow=1.0)),
            tube((0, 0.3, 0), (0, 1.3, 0), 0.02, 0.02, DARK),
        ),
    )


def street_light(dice: Dice) -> Model:
    """A street lamp."""
    return Model(
        "street light",
        (
            tube((0, 0, 0), (0, 0.5, 0), 0.16, 0.11, DARK),
            tube((0, 0.5, 0), (0, 5.6, 0), 0.08, 0.06, DARK),
            tube((0, 5.5, 0), (0, 5.8, 1.5), 0.05, 0.04, DARK),
            box((0, 5.66, 1.6), (0.34, 0.16, 0.7), DARK),
            box((0, 5.63, 1.62), (0.28, 0.05, 0.56), paint("fff1c4", glow=1.0)),
        ),
    )


def traffic_light(dice: Dice) -> Model:
    """A traffic light; one of its lamps is lit."""
    lit = dice.below(3)
    lamps = [
        ball((0, 3.45 - 0.3 * k, 0.17), (0.11, 0.11, 0.05), paint(c, glow=1.0 if k == lit else 0.15))
        for k, c in enumerate(("e63946", "f4b942", "3fbf5a"))
    ]
    return Model(
        "traffic light",
        (
            tube((0, 0, 0), (0, 3.0, 0), 0.07, 0.06, paint("4a4e52")),
            box((0, 2.65, 0.02), (0.36, 1.02, 0.28), paint("1f2426")),
            *lamps,
        ),
    )


def park_lamp(dice: Dice) -> Model:
    """A lamp with a globe."""
    return Model(
        "park lamp",
        (
            tube((0, 0, 0), (0, 0.4, 0), 0.14, 0.08, DARK),
            tube((0, 0.4, 0), (0, 2.9, 0), 0.05, 0.05, DARK),
            ball((0, 3.15, 0), 0.26, paint("fff3cf", glow=0.8)),
            tube((0, 3.36, 0), (0, 3.5, 0), 0.16, 0.02, DARK),
        ),
    )
