"""Street furniture."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    DARK,
    OAK,
    STEEL,
    WHITE,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, ball, box, tube


def stop_sign(dice: Dice) -> Model:
    """A round no-entry sign."""
    return Model(
        "road sign",
        (
            tube((0, 0, 0), (0, 2.3, 0), 0.035, 0.035, STEEL),
            tube((0, 2.25, 0.03), (0, 2.25, 0.06), 0.38, 0.38, WHITE),
            tube((0, 2.25, 0.04), (0, 2.25, 0.07), 0.34, 0.34, paint("c8202c")),
            box((0, 2.19, 0.06), (0.46, 0.12, 0.02), WHITE),
        ),
    )


def hydrant(dice: Dice) -> Model:
    """A fire hydrant."""
    red = paint("c62828")
    return Model(
        "fire hydrant",
        (
            tube((0, 0, 0), (0, 0.06, 0), 0.2, 0.2, red),
            tube((0, 0.06, 0), (0, 0.62, 0), 0.14, 0.14, red),
            ball((0, 0.62, 0), (0.16, 0.14, 0.16), red),
            tube((-0.24, 0.45, 0), (0.24, 0.45, 0), 0.06, 0.06, red),
            tube((0, 0.42, 0.1), (0, 0.42, 0.22), 0.08, 0.08, paint("e9c46a")),
            tube((0, 0.7, 0), (0, 0.82, 0), 0.04, 0.03, red),
        ),
    )


def mailbox(dice: Dice) -> Model:
    """A mailbox on legs."""
    blue = paint(dice.pick(("1f4e9c", "c0392b")))
    return Model(
        "mailbox",
        (
            *[box((sx * 0.2, 0, sz * 0.18), (0.06, 0.3, 0.06), DARK) for sx in (-1, 1) for sz in (-1, 1)],
            box((0, 0.28, 0), (0.52, 0.7, 0.48), blue),
            tube((-0.26, 0.98, 0), (0.26, 0.98, 0), 0.24, 0.24, blue),
            box((0, 0.86, 0.24), (0.36, 0.05, 0.03), DARK),
            box((0, 0.5, 0.245), (0.28, 0.2, 0.01), WHITE),
        ),
    )


def bus_stop(dice: Dice) -> Model:
    """A bus shelter."""
    glass = paint("a7c4cf", "tiles", "dbe8ec", 1.0)
    return Model(
        "bus stop",
        (
            *[box((sx * 1.7, 0, -0.6), (0.1, 2.4, 0.1), STEEL) for sx in (-1, 1)],
            *[box((sx * 1.7, 0, 0.6), (0.1, 2.4, 0.1), STEEL) for sx in (-1, 1)],
            box((0, 2.4, 0), (3.8, 0.12, 1.6), paint("37474f")),
            box((0, 0.3, -0.6), (3.3, 1.9, 0.05), glass),
            box((0, 0.45, -0.3), (2.4, 0.06, 0.4), OAK),
            *[box((sx * 0.9, 0, -0.3), (0.08, 0.45, 0.3), STEEL) for sx in (-1, 1)],
            box((1.7, 0.4, 0), (0.06, 1.7, 1.0), paint("e0a100", "frame", "37474f", 0.1)),
        ),
    )


def phone_booth(dice: Dice) -> Model:
    """A red phone booth."""
    red = paint("b71c1c")
    pane = paint("9db7c0", "tiles", "b71c1c", 0.24)
    return Model(
        "phone booth",
        (
            box((0, 0, 0), (0.95, 0.12, 0.95), DARK),
            box((0, 0.12, 0), (0.82, 2.1, 0.82), pane),
            *[box((sx * 0.42, 0.1, sz * 0.42), (0.1, 2.2, 0.1), red) for sx in (-1, 1) for sz in (-1, 1)],
            box((0, 2.2, 0), (0.98, 0.3, 0.98), red),
            box((0, 2.27, 0.49), (0.7, 0.15, 0.02), WHITE),
            ball((0, 2.5, 0), (0.46, 0.16, 0.46), red),
        ),
    )


def manhole(dice: Dice) -> Model:
    """A manhole cover, flat on the ground."""
    return Model(
        "manhole cover",
        (
            tube((0, 0, 0), (0, 0.015, 0), 0.5, 0.5, paint("3c3f42")),
            tube((0, 0.004, 0), (0, 0.02, 0), 0.42, 0.42, paint("5a5e61", "checker", "3c3f42", 0.09)),
        ),
    )


def fence(dice: Dice) -> Model:
    """Three metres of fence."""
    wood = dice.pick((WHITE, paint("8a6a45", "wood")))
    pales = [box((-1.4 + 0.28 * k, 0.05, 0), (0.12, 1.0, 0.03), wood) for k in range(11)]
    rails = [box((0, y, -0.03), (3.0, 0.1, 0.04), wood) for y in (0.25, 0.75)]
    posts = [box((sx * 1.5, 0, -0.03), (0.1, 1.15, 0.1), wood) for sx in (-1, 1)]
    return Model("fence", (*pales, *rails, *posts))
