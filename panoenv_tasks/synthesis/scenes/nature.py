"""Plants, beasts and things of parks and farms. Every model looks along +z from the origin."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.indoor import DARK, OAK, WHITE
from panoenv_tasks.synthesis.scenes.paint import Paint, paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, tube

BARK = paint("6b4f35", "wood", "46331f", 0.1)
STONE = paint("9a958c", "rough", "7b766e", 0.25)
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


def rock(dice: Dice) -> Model:  # noqa: D103
    size = dice.uniform(0.6, 1.1)
    return Model(
        "rock",
        (
            ball((0, 0.3 * size, 0), (0.8 * size, 0.5 * size, 0.6 * size), STONE),
            ball((0.4 * size, 0.2 * size, 0.2 * size), (0.45 * size, 0.35 * size, 0.4 * size), STONE),
        ),
    )


def log(dice: Dice) -> Model:  # noqa: D103
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


def flower_bed(dice: Dice) -> Model:  # noqa: D103
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


def fountain(dice: Dice) -> Model:  # noqa: D103
    water = paint("7fb7d6", "rough", "c4e3f1", 0.3)
    spray = [
        tube((0, 1.5, 0), (0.55 * x, 1.95, 0.55 * z), 0.03, 0.05, paint("d9eef7"))
        for x, z in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    fall = [
        tube((0.55 * x, 1.95, 0.55 * z), (0.95 * x, 1.35, 0.95 * z), 0.05, 0.03, paint("d9eef7"))
        for x, z in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    return Model(
        "fountain",
        (
            tube((0, 0, 0), (0, 0.5, 0), 1.8, 1.8, STONE),
            tube((0, 0.49, 0), (0, 0.52, 0), 1.6, 1.6, water),
            tube((0, 0.5, 0), (0, 1.25, 0), 0.22, 0.15, STONE),
            tube((0, 1.2, 0), (0, 1.4, 0), 0.3, 0.85, STONE),
            tube((0, 1.39, 0), (0, 1.42, 0), 0.75, 0.75, water),
            *spray,
            *fall,
        ),
    )


def statue(dice: Dice) -> Model:  # noqa: D103
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


def picnic_table(dice: Dice) -> Model:  # noqa: D103
    top = [box((0, 0.74, -0.28 + 0.19 * k), (1.9, 0.04, 0.16), OAK) for k in range(4)]
    seats = [box((0, 0.43, sz * 0.72), (1.9, 0.05, 0.28), OAK) for sz in (-1, 1)]
    frames = [
        tube((sx * 0.65, 0, sz * 0.62), (sx * 0.65, 0.74, sz * 0.18), 0.05, 0.05, BARK)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    return Model(
        "picnic table",
        (*top, *seats, *frames, *[box((sx * 0.65, 0.38, 0), (0.07, 0.06, 1.6), BARK) for sx in (-1, 1)]),
    )


def slide(dice: Dice) -> Model:  # noqa: D103
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


def swing(dice: Dice) -> Model:  # noqa: D103
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


def gazebo(dice: Dice) -> Model:  # noqa: D103
    points = ((1.9, 0.0), (0.95, 1.65), (-0.95, 1.65), (-1.9, 0.0), (-0.95, -1.65), (0.95, -1.65))
    posts = [tube((x, 0.2, z), (x, 2.5, z), 0.08, 0.08, WHITE) for x, z in points]
    return Model(
        "gazebo",
        (
            tube((0, 0, 0), (0, 0.2, 0), 2.3, 2.3, paint("b9a88a", "planks", size=0.2)),
            *posts,
            tube((0, 2.5, 0), (0, 3.7, 0), 2.6, 0.1, paint("6b3f2c", "scales", size=0.3)),
            ball((0, 3.75, 0), 0.15, WHITE),
        ),
    )


def park_lamp(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "park lamp",
        (
            tube((0, 0, 0), (0, 0.4, 0), 0.14, 0.08, DARK),
            tube((0, 0.4, 0), (0, 2.9, 0), 0.05, 0.05, DARK),
            ball((0, 3.15, 0), 0.26, paint("fff3cf", glow=0.8)),
            tube((0, 3.36, 0), (0, 3.5, 0), 0.16, 0.02, DARK),
        ),
    )


def pond(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "pond",
        (
            tube((0, 0, 0), (0, 0.06, 0), 3.1, 3.0, STONE),
            tube((0, 0.02, 0), (0, 0.07, 0), 2.7, 2.7, paint("4f8fae", "rough", "8fc3d8", 0.8)),
        ),
    )


def duck(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "duck",
        (
            ball((0, 0.2, 0), (0.16, 0.15, 0.28), WHITE),
            ball((0, 0.45, 0.22), 0.1, paint("2f6a4f")),
            tube((0, 0.25, 0.16), (0, 0.42, 0.21), 0.06, 0.06, paint("2f6a4f")),
            box((0, 0.42, 0.34), (0.07, 0.03, 0.12), paint("f4a261")),
        ),
    )


def dog(dice: Dice) -> Model:  # noqa: D103
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


def cow(dice: Dice) -> Model:  # noqa: D103
    hide = paint("f2efe8", "leaves", "2b2522", 0.6)
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


def sheep(dice: Dice) -> Model:  # noqa: D103
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


def hay_bale(dice: Dice) -> Model:  # noqa: D103
    straw = paint("d9b64f", "rough", "a8842f", 0.08)
    return Model(
        "hay bale",
        (
            tube((-0.6, 0.65, 0), (0.6, 0.65, 0), 0.65, 0.65, straw),
            tube((-0.61, 0.65, 0), (0.61, 0.65, 0), 0.35, 0.35, paint("b8933a", "rough", size=0.06)),
        ),
    )


def barn(dice: Dice) -> Model:  # noqa: D103
    from panoenv_tasks.synthesis.scenes.street import _gable

    wall, trim = paint("9c2f24", "planks", "7a2219", 0.35), paint("f4efe4")
    doors = [
        box((sx * 1.0, 0, 4.02), (1.9, 2.9, 0.08), paint("7a2219", "planks", size=0.3)) for sx in (-1, 1)
    ]
    frame = [
        box((0, 2.9, 4.05), (4.1, 0.18, 0.08), trim),
        *[box((sx * 2.0, 0, 4.05), (0.18, 3.0, 0.08), trim) for sx in (-1, 0, 1)],
    ]
    cross = [box((sx * 1.0, 1.35, 4.08), (0.14, 0.14 + 0.0, 0.05), trim) for sx in (-1, 1)]
    return Model(
        "barn",
        (
            box((0, 0, 0), (9, 4.2, 8), wall),
            *_gable(9, 8, 4.2, 3.2, paint("4a4e57", "ribs", size=0.5), wall),
            *doors,
            *frame,
            *cross,
            box((0, 4.4, 3.4), (1.3, 1.2, 0.1), trim),
        ),
    )


def silo(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "silo",
        (
            tube((0, 0, 0), (0, 8.5, 0), 1.7, 1.7, paint("b9bdc2", "bands", "a1a6ab", 0.8)),
            ball((0, 8.5, 0), (1.7, 1.2, 1.7), paint("9c2f24")),
            box((1.68, 0.5, 0), (0.1, 8, 0.5), paint("6d7680", "grid", size=0.3)),
        ),
    )


def windmill(dice: Dice) -> Model:  # noqa: D103
    sails = [box((0, 0, 1.35), (0.0 + 0.06, 0.06, 0.06), WHITE)]
    arms: list[Solid] = []
    for x, y in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
        arms.append(tube((0, 6.6, 1.5), (x * 2.3, 6.6 + y * 2.3, 1.5), 0.08, 0.05, BARK))
        arms.append(
            box(
                (x * 1.4, 6.6 + y * 1.4 - 1.05, 1.47),
                (0.75, 2.1, 0.04),
                paint("f1ece0", "grid", "b9a88a", 0.3),
                roll=-45 * x * y,
            )
        )
    return Model(
        "windmill",
        (
            tube((0, 0, 0), (0, 6.2, 0), 2.0, 1.25, paint("e6dfd0", "bricks", "cfc6b4", 0.3)),
            tube((0, 6.2, 0), (0, 7.6, 0), 1.5, 0.1, paint("6b3f2c", "scales", size=0.3)),
            box((0, 0, 1.85), (1.0, 2.0, 0.25), paint("4d3527", "planks")),
            box((0, 3.4, 1.5), (0.7, 0.8, 0.25), paint("3f5a6c")),
            tube((0, 6.6, 1.1), (0, 6.6, 1.55), 0.18, 0.18, DARK),
            *arms,
            *sails,
        ),
    )


def tractor(dice: Dice) -> Model:  # noqa: D103
    body, rim, tyre = (
        paint(dice.pick(("2e7d32", "c62828", "1f5fa8"))),
        paint("f2c230"),
        paint("1b1b1d", "ribs", "2e2e31", 0.2),
    )
    rear = [tube((sx * 0.65, 0.8, -0.8), (sx * 1.15, 0.8, -0.8), 0.8, 0.8, tyre) for sx in (-1, 1)] + [
        tube((sx * 1.1, 0.8, -0.8), (sx * 1.17, 0.8, -0.8), 0.45, 0.45, rim) for sx in (-1, 1)
    ]
    front = [tube((sx * 0.55, 0.42, 1.25), (sx * 0.85, 0.42, 1.25), 0.42, 0.42, tyre) for sx in (-1, 1)] + [
        tube((sx * 0.8, 0.42, 1.25), (sx * 0.87, 0.42, 1.25), 0.22, 0.22, rim) for sx in (-1, 1)
    ]
    cab = [box((sx * 0.55, 1.3, z), (0.08, 1.2, 0.08), body) for sx in (-1, 1) for z in (-1.2, -0.1)]
    return Model(
        "tractor",
        (
            *rear,
            *front,
            box((0, 0.6, 0.75), (0.85, 0.75, 1.9), body),
            box((0, 0.6, -0.7), (1.2, 0.7, 1.2), body),
            *cab,
            box((0, 1.35, -0.65), (1.0, 1.0, 0.98), paint("9fc2cf", "rough", "cfe2ea", 1.0)),
            box((0, 2.5, -0.65), (1.35, 0.12, 1.4), body),
            tube((0.25, 1.3, 1.0), (0.25, 2.1, 1.0), 0.06, 0.06, DARK),
            box((0, 0.75, 1.71), (0.7, 0.5, 0.03), DARK),
            *[box((sx * 0.28, 1.12, 1.72), (0.18, 0.14, 0.04), paint("fff6d8", glow=0.8)) for sx in (-1, 1)],
        ),
    )


def well(dice: Dice) -> Model:  # noqa: D103
    from panoenv_tasks.synthesis.scenes.street import _gable

    return Model(
        "well",
        (
            tube((0, 0, 0), (0, 0.85, 0), 0.85, 0.85, paint("9a958c", "bricks", "c9c3b8", 0.22)),
            tube((0, 0.84, 0), (0, 0.87, 0), 0.62, 0.62, paint("17303c")),
            *[box((sx * 0.8, 0.6, 0), (0.12, 1.7, 0.12), BARK) for sx in (-1, 1)],
            tube((-0.8, 1.75, 0), (0.8, 1.75, 0), 0.07, 0.07, BARK),
            *_gable(1.9, 1.5, 2.2, 0.6, paint("6b3f2c", "scales", size=0.2), BARK),
            tube((0, 1.2, 0), (0, 1.5, 0), 0.12, 0.16, paint("8a5a2b", "planks", size=0.1)),
            tube((0, 1.5, 0), (0, 1.75, 0), 0.012, 0.012, DARK),
        ),
    )


def scarecrow(dice: Dice) -> Model:  # noqa: D103
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


def parasol(dice: Dice) -> Model:  # noqa: D103
    cloth = paint(dice.pick(("c0392b", "1f6f8b", "e9a23b")), "stripes", "f5f1e6", 0.9)
    return Model(
        "parasol",
        (
            tube((0, 0, 0), (0, 0.1, 0), 0.3, 0.3, STONE),
            tube((0, 0.1, 0), (0, 2.6, 0), 0.03, 0.03, WHITE),
            tube((0, 2.1, 0), (0, 2.65, 0), 1.45, 0.05, cloth),
        ),
    )


def garden_table(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "garden table",
        (
            tube((0, 0, 0), (0, 0.03, 0), 0.28, 0.28, DARK),
            tube((0, 0, 0), (0, 0.7, 0), 0.04, 0.04, DARK),
            tube((0, 0.7, 0), (0, 0.74, 0), 0.5, 0.5, WHITE),
        ),
    )


def garden_chair(dice: Dice) -> Model:  # noqa: D103
    iron = dice.pick((WHITE, paint("2f5d50"), DARK))
    feet = [
        tube((sx * 0.2, 0, sz * 0.2), (sx * 0.18, 0.45, sz * 0.18), 0.018, 0.018, iron)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    bars = [tube((0.09 * k, 0.45, -0.19), (0.09 * k, 0.92, -0.22), 0.012, 0.012, iron) for k in range(-2, 3)]
    return Model(
        "garden chair",
        (
            *feet,
            tube((0, 0.44, 0), (0, 0.47, 0), 0.23, 0.23, iron),
            *bars,
            tube((-0.22, 0.93, -0.22), (0.22, 0.93, -0.22), 0.018, 0.018, iron),
        ),
    )


def planter(dice: Dice) -> Model:  # noqa: D103
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
