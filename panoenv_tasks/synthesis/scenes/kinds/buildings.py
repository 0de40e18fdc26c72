"""Houses and other buildings."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BARK,
    DARK,
    OAK,
    PANE,
    WHITE,
    gable,
)
from panoenv_tasks.synthesis.scenes.paint import Paint, paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, tube


def house(dice: Dice, *, lit: bool = False) -> Model:
    """A house with a pitched roof, one or two storeys; ``lit``: light in its windows."""
    wall = dice.pick(
        (
            paint("e9dcc3", "rough"),
            paint("b5533c", "bricks", "d8cfc2", 0.16),
            paint("a9c3cf", "planks", size=0.3),
            paint("d9a679", "rough"),
        )
    )
    roof = paint(dice.pick(("8c3b2a", "4a4e57", "6b4a35")), "scales", size=0.35)
    chimney = paint("9c4a35", "bricks", "cfc4b4", 0.15)
    wide, deep, floors = dice.uniform(7, 9, 0.5), 7.0, dice.pick((1, 2))
    tall, front = 2.9 * floors, deep / 2
    trim = paint("f7f4ec")
    leaf = paint(dice.pick(("7f3b36", "2f5d50", "2d4a73")))
    windows = [
        part
        for level in range(floors)
        for k in (-1, 0, 1)
        if level or k
        for side in (-1, 1)
        for part in _window(k * wide * 0.31, 0.9 + 2.9 * level, side, front, trim, lit)
    ]
    parts = [
        box((0, 0, 0), (wide, tall, deep), wall),
        *gable(wide, deep, tall, deep * 0.3, roof, wall),
        *windows,
        box((0, 0, front), (1.3, 2.3, 0.12), trim),
        box((0, 0, front + 0.05), (1.05, 2.1, 0.08), leaf),
        ball((0.38, 1.0, front + 0.12), 0.06, paint("d9b44a")),
        box((0, 0, front + 0.5), (1.8, 0.15, 1.0), paint("a8a49c", "rough")),
        box((wide * 0.3, tall, -deep * 0.2), (0.8, deep * 0.3 + 0.7, 0.8), chimney),
    ]
    return Model("house", tuple(parts))


def _window(x: float, y: float, side: int, front: float, trim: Paint, lit: bool) -> list[Solid]:
    pane = paint("ffd98a", glow=0.9) if lit else paint("3f5a6c", "rough", "7fa0b5", 1.0)
    return [
        box((x, y, side * front), (1.5, 1.4, 0.1), trim),
        box((x, y + 0.1, side * (front + 0.03)), (1.26, 1.2, 0.06), pane),
        box((x, y + 0.1, side * (front + 0.06)), (0.06, 1.2, 0.04), trim),
    ]


def tower(dice: Dice, *, lit: bool = False) -> Model:
    """A tall office building; ``lit``: light in its windows."""
    wall, pane, size = dice.pick(
        (
            ("8d99a6", "31485c", 2.6),
            ("c9b79c", "3d4a57", 2.8),
            ("5d6b78", "a9c7da", 2.4),
            ("a65d4a", "2c3945", 2.8),
        )
    )
    skin = paint(wall, "windows", "ffd98a" if lit else pane, size, gleam=0.8 * lit)
    wide, deep, tall = dice.uniform(10, 14, 1), dice.uniform(10, 14, 1), dice.uniform(20, 38, 1)
    return Model(
        "office building",
        (
            box((0, 3.6, 0), (wide, tall - 3.6, deep), skin),
            box((0, 0, 0), (wide - 0.6, 3.6, deep - 0.6), paint("4a5560", "ribs", "6f8796", 1.6)),
            box((0, 3.4, 0), (wide + 0.4, 0.4, deep + 0.4), paint("d8d4cb")),
            box((0, tall, 0), (wide + 0.3, 0.6, deep + 0.3), paint("9aa0a6")),
            box((wide * 0.2, tall + 0.6, 0), (3, 2.2, 3), paint("8a8f94")),
            box((0, 0, deep / 2 - 0.2), (2.8, 2.7, 0.3), PANE),
        ),
    )


def shop(dice: Dice, *, lit: bool = False) -> Model:
    """A shop with an awning; ``lit``: light in its window."""
    wall = paint(dice.pick(("d9c7a3", "b9655a", "8fa8a0")), "bricks", size=0.2)
    cloth = paint(dice.pick(("c0392b", "2e7d5b", "1f4e8c")), "stripes", "f5f1e6", 0.7)
    return Model(
        "shop",
        (
            box((0, 0, 0), (7, 4.2, 6), wall),
            box(
                (-0.9, 0.5, 3.0),
                (4.4, 2.1, 0.1),
                paint("9fc2cf", "rough", "e2eef2", 1.2, glow=0.9 if lit else 0.3),
            ),
            box((2.4, 0, 3.0), (1.1, 2.4, 0.12), paint("4d3527", "wood")),
            box((0, 2.55, 3.6), (6.6, 0.08, 1.5), cloth, pitch=20),
            box((0, 3.2, 3.03), (5.4, 0.7, 0.12), paint("2b3a42")),
            box((0, 3.38, 3.1), (4.2, 0.34, 0.04), paint("f3d27a", "books", "2b3a42", 0.3, glow=0.6)),
            box((0, 4.2, 0), (7.3, 0.3, 6.3), paint("8d8a83")),
        ),
    )


def kiosk(dice: Dice) -> Model:
    """A kiosk with an awning."""
    cloth = paint(dice.pick(("c0392b", "2e7d5b", "b5651d")), "stripes", "f5f1e6", 0.4)
    return Model(
        "kiosk",
        (
            box((0, 0, 0), (2.2, 2.3, 1.8), paint("3e6b5c", "planks", size=0.25)),
            box((0, 1.05, 0.9), (1.7, 0.9, 0.06), paint("3a2c20")),
            box((0, 1.0, 1.05), (1.9, 0.07, 0.4), OAK),
            box((0, 2.0, 1.3), (2.2, 0.06, 0.9), cloth, pitch=18),
            box((0, 2.3, 0), (2.5, 0.14, 2.1), paint("2b3a42")),
            box((0, 2.44, 0.2), (1.6, 0.4, 0.1), paint("f3d27a", "books", "7f3b36", 0.2)),
        ),
    )


def gazebo(dice: Dice) -> Model:
    """An open round pavilion."""
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


def barn(dice: Dice) -> Model:
    """A red barn."""
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
            *gable(9, 8, 4.2, 3.2, paint("4a4e57", "ribs", size=0.5), wall),
            *doors,
            *frame,
            *cross,
            box((0, 4.4, 3.4), (1.3, 1.2, 0.1), trim),
        ),
    )


def silo(dice: Dice) -> Model:
    """A grain silo."""
    return Model(
        "silo",
        (
            tube((0, 0, 0), (0, 8.5, 0), 1.7, 1.7, paint("b9bdc2", "bands", "a1a6ab", 0.8)),
            ball((0, 8.5, 0), (1.7, 1.2, 1.7), paint("9c2f24")),
            box((1.68, 0.5, 0), (0.1, 8, 0.5), paint("6d7680", "grid", size=0.3)),
        ),
    )


def windmill(dice: Dice) -> Model:
    """A windmill."""
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
