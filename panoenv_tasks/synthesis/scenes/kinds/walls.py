"""Things on a wall or before it; their backs are at z = 0."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BRASS,
    DARK,
    FABRICS,
    MIRROR,
    OAK,
    STEEL,
    WALNUT,
    WHITE,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def painting(dice: Dice) -> Model:
    """A framed landscape; its back is at z = 0, for a wall. Hang it with ``lift``."""
    sky, land = dice.pick((("9cc9e8", "4f8a4a"), ("f3b27a", "6b4a6e"), ("c9dcec", "e0d3ae")))
    wide, tall = dice.uniform(0.8, 1.4), dice.uniform(0.6, 0.9)
    return Model(
        "painting",
        (
            box((0, 0, 0.02), (wide, tall, 0.04), BRASS),
            box((0, 0.06, 0.042), (wide - 0.12, tall - 0.12, 0.004), paint(sky)),
            box((0, 0.06, 0.046), (wide - 0.12, (tall - 0.12) * 0.42, 0.004), paint(land, "rough", size=0.1)),
            ball((wide * 0.2, tall * 0.68, 0.046), (0.08, 0.08, 0.004), paint("fff0a8")),
        ),
    )


def mirror(dice: Dice) -> Model:
    """A tall framed mirror for a wall; its back is at z = 0."""
    return Model(
        "mirror",
        (
            box((0, 0, 0.02), (0.7, 1.7, 0.04), dice.pick((BRASS, WALNUT, DARK))),
            box((0, 0.06, 0.041), (0.58, 1.58, 0.004), MIRROR),
        ),
    )


def wall_clock(dice: Dice) -> Model:
    """A round clock for a wall; its back is at z = 0. Hang it with ``lift``."""
    marks = [
        box((x, 0.24 + y, 0.05), (0.03, 0.03, 0.006), DARK)
        for x, y in ((0, 0.165), (0, -0.195), (0.18, -0.015), (-0.18, -0.015))
    ]
    return Model(
        "wall clock",
        (
            tube((0, 0.25, 0), (0, 0.25, 0.04), 0.27, 0.27, dice.pick((WALNUT, DARK, paint("b5362e")))),
            tube((0, 0.25, 0.04), (0, 0.25, 0.05), 0.23, 0.23, WHITE),
            *marks,
            box((0, 0.24, 0.055), (0.02, 0.16, 0.006), DARK),
            box((0.05, 0.24, 0.055), (0.12, 0.02, 0.006), DARK),
        ),
    )


def door(dice: Dice) -> Model:
    """A panelled door for a wall; its back is at z = 0."""
    wood = dice.pick((OAK, WALNUT, paint("5f7f8f"), paint("7f3b36")))
    panels = [
        box((sx * 0.2, y, 0.05), (0.3, h, 0.02), wood) for sx in (-1, 1) for y, h in ((0.2, 0.7), (1.1, 0.75))
    ]
    return Model(
        "door",
        (
            box((0, 0, 0.015), (1.06, 2.12, 0.03), WHITE),
            box((0, 0, 0.03), (0.9, 2.03, 0.04), wood),
            *panels,
            ball((0.36, 1.02, 0.09), 0.04, BRASS),
        ),
    )


def window(dice: Dice, *, dark: bool = False) -> Model:
    """A window with a cross bar for a wall, ``dark``: at night. Hang it with ``lift``."""
    day, night = paint("bfe3f7", "rough", "8cc2e6", 2.0, glow=0.85), paint("1b2440", "rough", "2c3a5c", 2.0)
    view = night if dark else day
    bars = [box((0, 0, 0.05), (0.05, 1.3, 0.03), WHITE), box((0, 0.63, 0.05), (1.5, 0.05, 0.03), WHITE)]
    return Model(
        "window",
        (
            box((0, -0.05, 0.02), (1.6, 1.4, 0.04), WHITE),
            box((0, 0, 0.042), (1.46, 1.3, 0.004), view),
            *bars,
            box((0, -0.1, 0.08), (1.7, 0.05, 0.16), WHITE),
        ),
    )


def curtain(dice: Dice) -> Model:
    """A folded curtain for a wall; its back is at z = 0."""
    cloth = paint(dice.pick(FABRICS), "ribs", size=0.11)
    folds = [
        tube((0.1 * k - 0.25, 0.05, 0.06), (0.1 * k - 0.25, 2.2, 0.06), 0.06, 0.05, cloth) for k in range(6)
    ]
    return Model("curtain", (*folds, tube((-0.4, 2.22, 0.06), (0.4, 2.22, 0.06), 0.015, 0.015, BRASS)))


def fireplace(dice: Dice) -> Model:
    """A brick fireplace with a fire and a chimney."""
    brick = paint("9c4a35", "bricks", "cfc4b4", 0.08)
    fire = [
        tube((x, 0.1, 0.14), (x, 0.1 + h, 0.14), 0.08, 0.0, paint(c, glow=1.0))
        for x, h, c in ((-0.15, 0.3, "f28c28"), (0.0, 0.42, "ffd447"), (0.16, 0.28, "f25c28"))
    ]
    return Model(
        "fireplace",
        (
            *[box((sx * 0.55, 0, 0.15), (0.3, 1.0, 0.3), brick) for sx in (-1, 1)],
            box((0, 0.75, 0.15), (0.8, 0.25, 0.3), brick),
            box((0, 0, 0.04), (0.8, 0.75, 0.06), paint("1c1614")),
            box((0, 1.0, 0.18), (1.6, 0.09, 0.42), OAK),
            box((0, 1.09, 0.12), (0.9, 1.4, 0.24), brick),
            box((0, 0.02, 0.16), (0.6, 0.08, 0.14), WALNUT),
            *fire,
        ),
    )


def whiteboard(dice: Dice) -> Model:
    """A whiteboard with scribbles for a wall; its back is at z = 0. Hang it with ``lift``."""
    lines = [
        box(
            (dice.uniform(-0.4, 0.1), 0.25 + 0.17 * k, 0.032),
            (dice.uniform(0.5, 1.0), 0.025, 0.004),
            paint(dice.pick(("2a4d8f", "b5362e", "2f7d4a"))),
        )
        for k in range(4)
    ]
    return Model(
        "whiteboard",
        (
            box((0, 0, 0.015), (1.9, 1.1, 0.03), STEEL),
            box((0, 0.04, 0.028), (1.82, 1.02, 0.006), WHITE),
            *lines,
            box((0, -0.03, 0.06), (1.5, 0.03, 0.1), STEEL),
        ),
    )
