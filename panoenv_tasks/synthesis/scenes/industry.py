"""Things of warehouses and workshops. Every model looks along +z from the origin."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.indoor import DARK, PINE, STEEL, WHITE
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, tube
from panoenv_tasks.synthesis.scenes.street import wheels

_CARTON = paint("c29b66", "frame", "a98350", 0.05)
_YELLOW = paint("e8b21e")


def crate(dice: Dice) -> Model:  # noqa: D103
    size = dice.uniform(0.8, 1.1, 0.05)
    half, bar = size / 2, 0.09
    slats = paint("b98a55", "planks", "6f4f2c", 0.17)
    edges = [box((sx * half, 0, sz * half), (bar, size, bar), PINE) for sx in (-1, 1) for sz in (-1, 1)]
    rims = [box((0, y, sz * half), (size, bar, bar), PINE) for y in (0.0, size - bar) for sz in (-1, 1)]
    rims += [box((sx * half, y, 0), (bar, bar, size), PINE) for y in (0.0, size - bar) for sx in (-1, 1)]
    return Model("crate", (box((0, 0, 0), (size, size, size), slats), *edges, *rims))


def barrel(dice: Dice) -> Model:  # noqa: D103
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


def pallet(dice: Dice) -> Model:  # noqa: D103
    slats = [box((0, 0.11, -0.5 + 0.167 * k), (1.2, 0.03, 0.12), PINE) for k in range(7)]
    feet = [box((x, 0, 0), (0.1, 0.11, 1.1), PINE) for x in (-0.55, 0, 0.55)]
    return Model("pallet", (*slats, *feet))


def carton(dice: Dice) -> Model:  # noqa: D103
    w, h, d = dice.uniform(0.5, 0.8, 0.05), dice.uniform(0.4, 0.6, 0.05), dice.uniform(0.4, 0.6, 0.05)
    return Model(
        "cardboard box",
        (
            box((0, 0, 0), (w, h, d), _CARTON),
            box((0, 0.01, 0), (0.08, h, d + 0.01), paint("e0c896")),
            box((w * 0.2, h * 0.4, d / 2), (0.16, 0.12, 0.012), WHITE),
        ),
    )


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


def forklift(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "forklift",
        (
            *wheels(1.1, (0.7, -0.65), 0.3),
            box((0, 0.25, -0.25), (1.05, 0.65, 1.7), _YELLOW),
            box((0, 0.9, -0.85), (1.0, 0.35, 0.5), DARK),
            box((0, 0.85, -0.2), (0.5, 0.15, 0.5), DARK),
            box((0, 0.95, -0.42), (0.5, 0.5, 0.12), DARK),
            *[box((sx * 0.45, 0.85, z), (0.07, 1.25, 0.07), DARK) for sx in (-1, 1) for z in (-0.75, 0.35)],
            box((0, 2.1, -0.2), (1.0, 0.07, 1.25), DARK),
            *[box((sx * 0.28, 0.1, 0.85), (0.1, 2.5, 0.12), STEEL) for sx in (-1, 1)],
            *[box((0, y, 0.85), (0.6, 0.1, 0.1), STEEL) for y in (0.4, 1.4, 2.4)],
            *[box((sx * 0.25, 0.12, 1.45), (0.12, 0.05, 1.1), STEEL) for sx in (-1, 1)],
            tube((0, 1.1, 0.3), (0, 1.25, 0.15), 0.16, 0.16, DARK),
        ),
    )


def cone(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "traffic cone",
        (
            box((0, 0, 0), (0.42, 0.04, 0.42), DARK),
            tube((0, 0.04, 0), (0, 0.72, 0), 0.16, 0.03, paint("f26a1b", "bands", "f7f4ee", 0.32)),
        ),
    )


def ladder(dice: Dice) -> Model:  # noqa: D103
    metal = dice.pick((STEEL, _YELLOW))
    rails = [
        tube((sx * 0.28, 0, sz * 0.5), (sx * 0.2, 2.1, 0), 0.035, 0.035, metal)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    rungs = [
        box((0, 0.3 * k + 0.25, 0.44 - 0.0714 * k), (0.54 - 0.02 * k, 0.04, 0.08), STEEL) for k in range(6)
    ]
    return Model("ladder", (*rails, *rungs, box((0, 2.08, 0), (0.46, 0.05, 0.2), DARK)))


def hand_cart(dice: Dice) -> Model:  # noqa: D103
    tray = paint(dice.pick(("1f5fa8", "c0392b", "2e7d5b")))
    return Model(
        "hand cart",
        (
            *wheels(0.6, (0.35, -0.35), 0.11),
            box((0, 0.2, 0), (0.65, 0.06, 1.05), tray),
            *[tube((sx * 0.28, 0.24, -0.5), (sx * 0.28, 1.0, -0.58), 0.022, 0.022, STEEL) for sx in (-1, 1)],
            tube((-0.28, 1.0, -0.58), (0.28, 1.0, -0.58), 0.022, 0.022, STEEL),
            box((0.05, 0.26, 0.1), (0.5, 0.35, 0.5), _CARTON),
        ),
    )


def conveyor(dice: Dice) -> Model:  # noqa: D103
    feet = [box((sx * 0.35, 0, z), (0.08, 0.75, 0.08), STEEL) for sx in (-1, 1) for z in (-1.8, 0, 1.8)]
    return Model(
        "conveyor",
        (
            *feet,
            box((0, 0.72, 0), (0.7, 0.12, 4.2), paint("2e2e31", "bands", "434347", 0.3)),
            *[box((sx * 0.39, 0.7, 0), (0.06, 0.2, 4.2), _YELLOW) for sx in (-1, 1)],
            box((0, 0.84, 0.9), (0.45, 0.35, 0.5), _CARTON),
            box((0, 0.84, -0.9), (0.4, 0.3, 0.45), _CARTON),
        ),
    )


def machine(dice: Dice) -> Model:  # noqa: D103
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


def workbench(dice: Dice) -> Model:  # noqa: D103
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


def extinguisher(dice: Dice) -> Model:  # noqa: D103
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
