"""Tables, shelves and cupboards."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    BARK,
    BRASS,
    DARK,
    FABRICS,
    OAK,
    PINE,
    WALNUT,
    WHITE,
    fabric,
    legs,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def table(dice: Dice) -> Model:
    """A dining table."""
    wood = dice.pick((OAK, WALNUT, PINE))
    wide, deep = dice.uniform(1.2, 1.9), dice.uniform(0.75, 0.95)
    return Model(
        "table",
        (
            *legs(wide - 0.06, deep - 0.06, 0.72, 0.07, wood),
            box((0, 0.72, 0), (wide, 0.04, deep), wood),
            box((0, 0.62, 0), (wide - 0.14, 0.1, deep - 0.14), wood),
        ),
    )


def coffee_table(dice: Dice) -> Model:
    """A low table with books and a cup."""
    wood = dice.pick((OAK, WALNUT))
    books = [
        box((0.2, 0.42 + 0.03 * k, 0.02), (0.26, 0.03, 0.19), fabric(dice), yaw=12 * k) for k in range(3)
    ]
    cup = tube((-0.25, 0.42, 0.05), (-0.25, 0.51, 0.05), 0.035, 0.045, WHITE)
    return Model(
        "coffee table",
        (
            *legs(1.05, 0.55, 0.38, 0.06, wood),
            box((0, 0.38, 0), (1.1, 0.04, 0.6), wood),
            box((0, 0.14, 0), (0.98, 0.02, 0.5), wood),
            *books,
            cup,
        ),
    )


def desk(dice: Dice) -> Model:
    """A desk with drawers."""
    wood = dice.pick((OAK, PINE, WALNUT))
    drawers = [box((0.48, 0.12 + 0.19 * k, 0.3), (0.34, 0.17, 0.02), WHITE) for k in range(3)]
    knobs = [box((0.48, 0.19 + 0.19 * k, 0.31), (0.1, 0.02, 0.03), DARK) for k in range(3)]
    return Model(
        "desk",
        (
            box((0, 0.71, 0), (1.5, 0.04, 0.7), wood),
            box((-0.71, 0, 0), (0.05, 0.71, 0.65), wood),
            box((0.48, 0.06, 0), (0.42, 0.65, 0.6), wood),
            box((0, 0.3, -0.3), (1.4, 0.4, 0.03), wood),
            *drawers,
            *knobs,
        ),
    )


def picnic_table(dice: Dice) -> Model:
    """A table with two benches."""
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


def garden_table(dice: Dice) -> Model:
    """A round garden table."""
    return Model(
        "garden table",
        (
            tube((0, 0, 0), (0, 0.03, 0), 0.28, 0.28, DARK),
            tube((0, 0, 0), (0, 0.7, 0), 0.04, 0.04, DARK),
            tube((0, 0.7, 0), (0, 0.74, 0), 0.5, 0.5, WHITE),
        ),
    )


def cabinet(dice: Dice) -> Model:
    """A sideboard with drawers."""
    wood = dice.pick((OAK, WALNUT, PINE))
    fronts = [
        box((sx * 0.38, 0.12 + 0.24 * k, 0.22), (0.7, 0.21, 0.02), wood) for sx in (-1, 1) for k in range(3)
    ]
    knobs = [ball((sx * 0.38, 0.22 + 0.24 * k, 0.25), 0.025, BRASS) for sx in (-1, 1) for k in range(3)]
    return Model(
        "cabinet",
        (
            box((0, 0, 0), (1.6, 0.88, 0.44), DARK),
            box((0, 0.88, 0), (1.66, 0.04, 0.5), wood),
            *fronts,
            *knobs,
        ),
    )


def bookshelf(dice: Dice) -> Model:
    """A shelf full of books."""
    wood = dice.pick((OAK, WALNUT, PINE))
    rows, wide = 5, dice.uniform(0.9, 1.3)
    parts = [box((sx * (wide / 2 - 0.015), 0, 0), (0.03, 2.0, 0.3), wood) for sx in (-1, 1)]
    parts += [box((0, 0.4 * k, 0), (wide, 0.03, 0.3), wood) for k in range(rows)]
    parts += [box((0, 1.97, 0), (wide, 0.03, 0.3), wood), box((0, 0, -0.14), (wide, 2.0, 0.02), wood)]
    for row in range(rows):
        one, two = dice.sample(FABRICS, 2)
        tall, full = dice.uniform(0.24, 0.32), dice.uniform(0.6, 0.92) * (wide - 0.08)
        shift = -(wide - 0.08 - full) / 2 * dice.pick((-1, 1))
        spines = paint(one, "books", two, 0.045)
        parts.append(box((shift, 0.4 * row + 0.03, 0.01), (full, tall, 0.22), spines))
    return Model("bookshelf", tuple(parts))


def wardrobe(dice: Dice) -> Model:
    """A wardrobe with two doors."""
    wood = dice.pick((OAK, WALNUT, PINE, WHITE))
    doors = [box((sx * 0.36, 0.12, 0.3), (0.68, 1.92, 0.03), wood) for sx in (-1, 1)]
    knobs = [ball((sx * 0.06, 1.05, 0.34), 0.03, BRASS) for sx in (-1, 1)]
    return Model(
        "wardrobe",
        (
            box((0, 0, 0), (1.5, 2.1, 0.58), wood),
            *doors,
            *knobs,
            box((0, 2.1, 0), (1.58, 0.06, 0.66), wood),
            box((0, 0.12, 0.295), (0.02, 1.92, 0.02), DARK),
        ),
    )
