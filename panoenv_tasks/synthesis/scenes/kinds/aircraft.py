"""Things that fly; hang them with ``lift``."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    DARK,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def balloon(dice: Dice) -> Model:
    """A hot-air balloon; hang it with ``lift``."""
    one, two = dice.pick((("e63946", "ffd166"), ("1d7874", "f4c095"), ("5e60ce", "f8edeb")))
    skin = paint(one, "stripes", two, 2.2)
    ropes = [
        tube((sx * 0.6, 1.1, sz * 0.6), (sx * 1.4, 3.4, sz * 1.4), 0.03, 0.03, DARK)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    return Model(
        "hot-air balloon",
        (
            box((0, 0, 0), (1.3, 1.1, 1.3), paint("8a5a2b", "checker", "a9743c", 0.16)),
            *ropes,
            tube((0, 3.3, 0), (0, 5.2, 0), 1.5, 3.1, skin),
            ball((0, 7.0, 0), (3.7, 3.7, 3.7), skin),
        ),
    )


def drone(dice: Dice) -> Model:
    """A small quadcopter; hang it with ``lift``."""
    skin = paint(dice.pick(("e8e8e8", "2b2b2e", "d35400")))
    arms = [
        tube((0, 0.1, 0), (sx * 0.42, 0.14, sz * 0.42), 0.035, 0.03, skin) for sx in (-1, 1) for sz in (-1, 1)
    ]
    props = [
        tube(
            (sx * 0.42, 0.17, sz * 0.42),
            (sx * 0.42, 0.19, sz * 0.42),
            0.26,
            0.26,
            paint("6d7680", "stripes", "9aa0a6", 0.2),
        )
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    feet = [tube((sx * 0.16, -0.1, -0.2), (sx * 0.16, -0.1, 0.2), 0.02, 0.02, DARK) for sx in (-1, 1)]
    return Model(
        "drone",
        (ball((0, 0.1, 0), (0.22, 0.1, 0.26), skin), *arms, *props, *feet, ball((0, 0.02, 0.18), 0.06, DARK)),
    )
