"""Things to sit and lie on."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    DARK,
    OAK,
    PINE,
    STEEL,
    WALNUT,
    WHITE,
    fabric,
    legs,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def chair(dice: Dice) -> Model:
    """A wooden chair with a cloth seat."""
    wood, cloth = dice.pick((OAK, WALNUT, PINE)), fabric(dice)
    back = [box((0, 0.55 + 0.17 * k, -0.2), (0.42, 0.1, 0.03), wood) for k in range(3)]
    posts = [box((sx * 0.2, 0.45, -0.2), (0.04, 0.55, 0.04), wood) for sx in (-1, 1)]
    seat = [box((0, 0.42, 0), (0.45, 0.03, 0.45), wood), box((0, 0.45, 0.01), (0.41, 0.04, 0.4), cloth)]
    return Model("chair", (*legs(0.45, 0.45, 0.42, 0.04, wood), *seat, *posts, *back))


def stool(dice: Dice) -> Model:
    """A round stool on four slanting legs."""
    wood = dice.pick((OAK, WALNUT, PINE))
    feet = [
        tube((sx * 0.2, 0, sz * 0.2), (sx * 0.12, 0.6, sz * 0.12), 0.02, 0.02, wood)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    return Model("stool", (*feet, tube((0, 0.6, 0), (0, 0.66, 0), 0.19, 0.19, fabric(dice))))


def armchair(dice: Dice) -> Model:
    """A soft chair with arms."""
    cloth = fabric(dice)
    arms = [box((sx * 0.38, 0.1, 0.02), (0.16, 0.5, 0.76), cloth) for sx in (-1, 1)]
    return Model(
        "armchair",
        (
            *legs(0.8, 0.7, 0.1, 0.05, WALNUT),
            *arms,
            box((0, 0.1, 0), (0.92, 0.2, 0.8), cloth),
            box((0, 0.3, 0.04), (0.6, 0.16, 0.68), WHITE),
            box((0, 0.3, -0.33), (0.6, 0.65, 0.16), cloth, pitch=-8),
        ),
    )


def sofa(dice: Dice) -> Model:
    """A sofa for two with pillows."""
    cloth, pillow = fabric(dice), fabric(dice)
    wide = dice.uniform(1.9, 2.4)
    arms = [box((sx * (wide / 2 - 0.1), 0.08, 0.02), (0.2, 0.52, 0.86), cloth) for sx in (-1, 1)]
    seat = (wide - 0.44) / 2
    cushions = [box((sx * (seat / 2 + 0.01), 0.3, 0.06), (seat, 0.16, 0.72), cloth) for sx in (-1, 1)]
    rests = [
        box((sx * (seat / 2 + 0.01), 0.42, -0.26), (seat, 0.42, 0.18), cloth, pitch=-8) for sx in (-1, 1)
    ]
    soft = [
        box((sx * (wide / 2 - 0.42), 0.47, -0.06), (0.38, 0.36, 0.12), pillow, pitch=-25) for sx in (-1, 1)
    ]
    return Model(
        "sofa",
        (
            *legs(wide, 0.8, 0.08, 0.06, WALNUT),
            box((0, 0.08, 0), (wide, 0.22, 0.88), cloth),
            box((0, 0.1, -0.38), (wide, 0.7, 0.16), cloth),
            *arms,
            *cushions,
            *rests,
            *soft,
        ),
    )


def bed(dice: Dice) -> Model:
    """A single or double bed."""
    wood, cover = dice.pick((OAK, WALNUT, PINE)), fabric(dice)
    wide = dice.pick((1.0, 1.5, 1.7))
    count = 1 if wide < 1.2 else 2
    pillows = [
        ball(((k - (count - 1) / 2) * 0.72, 0.62, -0.72), (0.3, 0.1, 0.2), WHITE) for k in range(count)
    ]
    return Model(
        "bed",
        (
            *legs(wide, 2.0, 0.15, 0.08, wood),
            box((0, 0.15, 0), (wide + 0.06, 0.18, 2.06), wood),
            box((0, 0.33, 0), (wide, 0.2, 1.98), WHITE),
            box((0, 0.5, 0.33), (wide + 0.05, 0.06, 1.34), cover),
            box((0, 0.1, -1.04), (wide + 0.1, 0.95, 0.08), wood),
            *pillows,
        ),
    )


def office_chair(dice: Dice) -> Model:
    """A swivel chair."""
    cloth = fabric(dice)
    star = [
        tube((0, 0.09, 0), (x, 0.05, z), 0.03, 0.02, DARK)
        for x, z in ((0.3, 0), (0.09, 0.28), (-0.24, 0.18), (-0.24, -0.18), (0.09, -0.28))
    ]
    wheels = [
        ball((x, 0.04, z), 0.04, DARK)
        for x, z in ((0.3, 0), (0.09, 0.28), (-0.24, 0.18), (-0.24, -0.18), (0.09, -0.28))
    ]
    arms = [box((sx * 0.28, 0.66, 0.02), (0.06, 0.03, 0.3), DARK) for sx in (-1, 1)]
    posts = [box((sx * 0.28, 0.46, 0.02), (0.03, 0.2, 0.04), DARK) for sx in (-1, 1)]
    return Model(
        "office chair",
        (
            *star,
            *wheels,
            tube((0, 0.08, 0), (0, 0.44, 0), 0.03, 0.03, STEEL),
            *arms,
            *posts,
            box((0, 0.44, 0), (0.5, 0.09, 0.5), cloth),
            box((0, 0.6, -0.25), (0.46, 0.62, 0.07), cloth, pitch=-8),
        ),
    )


def garden_chair(dice: Dice) -> Model:
    """A garden chair of bent iron."""
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


def bench(dice: Dice) -> Model:
    """A park bench."""
    slats = [box((0, 0.44, -0.16 + 0.13 * k), (1.7, 0.04, 0.1), OAK) for k in range(4)]
    backs = [box((0, 0.58 + 0.15 * k, -0.27 - 0.03 * k), (1.7, 0.1, 0.04), OAK) for k in range(3)]
    iron = [box((sx * 0.72, 0, z), (0.06, 0.45, 0.06), DARK) for sx in (-1, 1) for z in (-0.2, 0.2)]
    arms = [box((sx * 0.72, 0.4, -0.24), (0.06, 0.6, 0.06), DARK) for sx in (-1, 1)]
    rests = [box((sx * 0.72, 0.66, 0), (0.06, 0.04, 0.5), DARK) for sx in (-1, 1)]
    return Model("bench", (*slats, *backs, *iron, *arms, *rests))
