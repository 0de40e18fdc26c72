"""Things of warehouses and workshops."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    CARTON,
    DARK,
    PINE,
    STEEL,
    YELLOW,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, tube


def rack(dice: Dice) -> Model:
    """A tall pallet rack with cartons on three levels."""
    orange, blue = paint("e2711d"), paint("26547c")
    posts = [box((sx * 1.45, 0, sz * 0.45), (0.1, 4.2, 0.1), blue) for sx in (-1, 1) for sz in (-1, 1)]
    levels = (0.15, 1.5, 2.85)
    beams = [box((0, y, sz * 0.45), (2.9, 0.12, 0.07), orange) for y in levels for sz in (-1, 1)]
    decks = [box((0, y + 0.1, 0), (2.8, 0.03, 0.85), paint("a9a39a", "grid", "5c5f62", 0.1)) for y in levels]
    goods: list[Solid] = []
    for y in levels:
        for k in (-1, 0, 1):
            if dice.chance(0.85):
                tall = dice.uniform(0.5, 1.0, 0.05)
                tint = paint(dice.pick(("c29b66", "b58a52", "d1b183", "8fa3ad")), "frame", size=0.05)
                goods.append(box((k * 0.93, y + 0.13, 0), (0.8, tall, 0.75), tint))
    return Model("storage rack", (*posts, *beams, *decks, *goods))


def conveyor(dice: Dice) -> Model:
    """A conveyor belt with two cartons."""
    feet = [box((sx * 0.35, 0, z), (0.08, 0.75, 0.08), STEEL) for sx in (-1, 1) for z in (-1.8, 0, 1.8)]
    return Model(
        "conveyor",
        (
            *feet,
            box((0, 0.72, 0), (0.7, 0.12, 4.2), paint("2e2e31", "bands", "434347", 0.3)),
            *[box((sx * 0.39, 0.7, 0), (0.06, 0.2, 4.2), YELLOW) for sx in (-1, 1)],
            box((0, 0.84, 0.9), (0.45, 0.35, 0.5), CARTON),
            box((0, 0.84, -0.9), (0.4, 0.3, 0.45), CARTON),
        ),
    )


def machine(dice: Dice) -> Model:
    """A milling machine."""
    skin = paint(dice.pick(("3d6e8f", "4f7a5b", "7a7f85")))
    return Model(
        "milling machine",
        (
            box((0, 0, 0), (1.6, 0.9, 1.1), skin),
            box((0, 0.9, -0.3), (0.6, 1.3, 0.5), skin),
            box((0, 1.55, 0.15), (0.5, 0.55, 0.7), skin),
            tube((0, 1.25, 0.35), (0, 1.55, 0.35), 0.05, 0.12, STEEL),
            box((0, 0.9, 0.25), (1.2, 0.12, 0.5), STEEL),
            box((0.85, 1.0, 0.3), (0.12, 0.6, 0.45), DARK),
            box((0.92, 1.2, 0.3), (0.02, 0.3, 0.34), paint("6fd08c", "bands", "1f3a2a", 0.1, glow=0.6)),
            *[
                ball((0.92, 1.08, 0.2 + 0.1 * k), 0.03, paint(c, glow=0.5))
                for k, c in enumerate(("e63946", "ffd166", "3fbf5a"))
            ],
        ),
    )


def workbench(dice: Dice) -> Model:
    """A workbench with tools on the wall behind."""
    tools = [
        box((-0.6 + 0.3 * k, 1.2, -0.33), (0.08, 0.35, 0.03), paint(c))
        for k, c in enumerate(("c0392b", "26547c", "e0a100", "2e7d5b", "5c5f62"))
    ]
    return Model(
        "workbench",
        (
            *[box((sx * 0.85, 0, sz * 0.28), (0.1, 0.85, 0.1), STEEL) for sx in (-1, 1) for sz in (-1, 1)],
            box((0, 0.85, 0), (1.9, 0.07, 0.75), PINE),
            box((0, 0.92, -0.36), (1.9, 0.85, 0.03), paint("8d9299", "spots", "6d7277", 0.06)),
            *tools,
            box((0.4, 0.3, 0), (0.9, 0.5, 0.6), paint("b3202a", "bands", "8c1820", 0.24)),
            box((-0.5, 0.92, 0.15), (0.25, 0.2, 0.3), paint("26547c")),
        ),
    )


def crane_hook(dice: Dice) -> Model:
    """A hook block under a travelling beam; the model's floor is the hook's lower end."""
    ropes = [tube((x, 0.9, 0), (x, 2.2, 0), 0.02, 0.02, STEEL) for x in (-0.14, 0.14)]
    return Model(
        "crane hook",
        (
            box((0, 0.5, 0), (0.5, 0.45, 0.22), paint("e8b21e", "stripes", "1b1b1d", 0.16)),
            tube((0, 0.28, 0), (0, 0.5, 0), 0.06, 0.06, STEEL),
            tube((0, 0.28, 0), (0.16, 0.14, 0), 0.055, 0.055, STEEL),
            tube((0.16, 0.14, 0), (0.1, 0.0, 0), 0.055, 0.05, STEEL),
            tube((0.1, 0.02, 0), (-0.1, 0.04, 0), 0.05, 0.03, STEEL),
            *ropes,
            box((0, 2.2, 0), (0.9, 0.3, 0.5), DARK),
        ),
    )
