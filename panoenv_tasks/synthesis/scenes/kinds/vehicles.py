"""Things that drive."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.kinds.stock import (
    CARTON,
    DARK,
    HUB,
    PANE,
    STEEL,
    TYRE,
    WHITE,
    YELLOW,
    wheels,
)
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, box, tube

_BODY = ("b3202a", "1f4e8c", "d9dbde", "26282b", "e0a100", "2f6f4f", "6d7680")
_LAMP = paint("fff6d8", glow=0.8)
_TAIL = paint("c21d1d", glow=0.5)
#: The cosine of 0, 30, 60, ... 330 degrees.
_COS = (1.0, 0.8660254, 0.5, 0.0, -0.5, -0.8660254, -1.0, -0.8660254, -0.5, 0.0, 0.5, 0.8660254)


def car(dice: Dice) -> Model:
    """A saloon car."""
    body = paint(dice.pick(_BODY))
    lamps = [box((sx * 0.62, 0.55, 2.06), (0.36, 0.16, 0.06), _LAMP) for sx in (-1, 1)]
    tails = [box((sx * 0.64, 0.6, -2.06), (0.3, 0.16, 0.06), _TAIL) for sx in (-1, 1)]
    handles = [box((sx * 0.885, 0.82, z), (0.03, 0.04, 0.18), DARK) for sx in (-1, 1) for z in (-0.75, 0.25)]
    mirrors = [box((sx * 0.98, 0.92, 0.75), (0.2, 0.13, 0.1), body) for sx in (-1, 1)]
    pillars = [box((0, 0.98, z), (1.545, 0.4, 0.09), body) for z in (-0.28,)]
    return Model(
        "car",
        (
            *wheels(1.76, (1.3, -1.3), 0.33),
            box((0, 0.28, 0), (1.76, 0.62, 4.1), body),
            box((0, 0.85, 1.25), (1.6, 0.1, 1.5), body, pitch=4),
            box((0, 0.92, -0.25), (1.52, 0.46, 1.75), PANE),
            box((0, 0.92, 0.72), (1.48, 0.1, 0.62), PANE, pitch=34),
            *pillars,
            box((0, 1.36, -0.27), (1.54, 0.07, 1.75), body),
            box((0, 0.9, -1.2), (1.5, 0.12, 0.7), body),
            *lamps,
            *tails,
            *handles,
            *mirrors,
            box((0, 0.3, 2.06), (1.7, 0.18, 0.1), DARK),
            box((0, 0.3, -2.06), (1.7, 0.18, 0.1), DARK),
            box((0, 0.46, 2.08), (0.42, 0.1, 0.02), WHITE),
        ),
    )


def truck(dice: Dice) -> Model:
    """A lorry with a box body."""
    cab, load = (
        paint(dice.pick(_BODY)),
        paint(dice.pick(("e8e6df", "3a6ea5", "c0392b", "2e7d5b")), "ribs", size=0.5),
    )
    return Model(
        "truck",
        (
            *wheels(2.3, (2.5, -1.3, -2.4), 0.48),
            box((0, 0.5, 0), (1.2, 0.25, 7.0), DARK),
            box((0, 0.62, 2.75), (2.3, 2.1, 1.7), cab),
            box((0, 1.65, 2.8), (2.12, 0.8, 1.64), PANE),
            box((0, 0.85, 3.62), (1.5, 0.4, 0.06), DARK),
            *[box((sx * 0.85, 0.75, 3.62), (0.36, 0.24, 0.08), _LAMP) for sx in (-1, 1)],
            *[box((sx * 1.3, 1.7, 3.3), (0.22, 0.45, 0.12), DARK) for sx in (-1, 1)],
            box((0, 0.78, -0.95), (2.42, 2.5, 5.1), load),
            *[box((sx * 0.9, 0.62, -3.52), (0.3, 0.16, 0.06), _TAIL) for sx in (-1, 1)],
        ),
    )


def bus(dice: Dice) -> Model:
    """A city bus."""
    body = paint(dice.pick(("c0392b", "d98e04", "1f6f8b", "3b7d3b")))
    panes = [
        box((sx * 1.24, 1.5, 3.6 - 1.45 * k), (0.04, 0.85, 1.2), PANE) for sx in (-1, 1) for k in range(6)
    ]
    return Model(
        "bus",
        (
            *wheels(2.44, (3.0, -2.9), 0.5),
            box((0, 0.42, 0), (2.46, 2.55, 9.4), body),
            *panes,
            box((0, 1.1, 4.71), (2.2, 1.35, 0.04), PANE),
            box((0, 2.5, 4.72), (1.5, 0.34, 0.04), paint("ffcf5c", "books", "2b2b2e", 0.12, glow=0.7)),
            *[box((sx * 0.9, 0.65, 4.72), (0.36, 0.22, 0.05), _LAMP) for sx in (-1, 1)],
            box((0, 2.95, 0), (2.3, 0.1, 9.0), WHITE),
            *[box((sx * 0.95, 0.7, -4.72), (0.3, 0.3, 0.05), _TAIL) for sx in (-1, 1)],
            box((0, 1.4, -4.71), (2.0, 1.0, 0.04), PANE),
            *[box((sx * 1.241, 0.98, 0), (0.03, 0.14, 9.3), WHITE) for sx in (-1, 1)],
        ),
    )


def bicycle(dice: Dice) -> Model:
    """A bicycle."""
    frame = paint(dice.pick(_BODY))
    rings: list[Solid] = []
    for z in (-0.52, 0.52):
        spokes = 12
        points = [(0.0, 0.34 + 0.33 * _COS[k], z + 0.33 * _COS[(k + 3) % 12]) for k in range(spokes)]
        rings += [tube(points[k], points[(k + 1) % spokes], 0.025, 0.025, TYRE) for k in range(spokes)]
        rings += [tube(points[k], points[k + 6], 0.006, 0.006, HUB) for k in range(6)]
    bars = [
        ((0, 0.34, -0.52), (0, 0.85, -0.2)),
        ((0, 0.34, -0.52), (0, 0.32, -0.02)),
        ((0, 0.32, -0.02), (0, 0.85, -0.2)),
        ((0, 0.32, -0.02), (0, 0.85, 0.32)),
        ((0, 0.82, -0.19), (0, 0.88, 0.32)),
        ((0, 0.34, 0.52), (0, 1.02, 0.3)),
    ]
    return Model(
        "bicycle",
        (
            *rings,
            *[tube(p, q, 0.022, 0.022, frame) for p, q in bars],
            box((0, 0.9, -0.22), (0.14, 0.06, 0.28), DARK),
            tube((-0.28, 1.04, 0.28), (0.28, 1.04, 0.28), 0.02, 0.02, DARK),
            tube((0, 0.85, -0.2), (0, 0.92, -0.22), 0.02, 0.02, STEEL),
        ),
    )


def tractor(dice: Dice) -> Model:
    """A tractor."""
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


def forklift(dice: Dice) -> Model:
    """A forklift truck."""
    return Model(
        "forklift",
        (
            *wheels(1.1, (0.7, -0.65), 0.3),
            box((0, 0.25, -0.25), (1.05, 0.65, 1.7), YELLOW),
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


def hand_cart(dice: Dice) -> Model:
    """A cart with a carton on it."""
    tray = paint(dice.pick(("1f5fa8", "c0392b", "2e7d5b")))
    return Model(
        "hand cart",
        (
            *wheels(0.6, (0.35, -0.35), 0.11),
            box((0, 0.2, 0), (0.65, 0.06, 1.05), tray),
            *[tube((sx * 0.28, 0.24, -0.5), (sx * 0.28, 1.0, -0.58), 0.022, 0.022, STEEL) for sx in (-1, 1)],
            tube((-0.28, 1.0, -0.58), (0.28, 1.0, -0.58), 0.022, 0.022, STEEL),
            box((0.05, 0.26, 0.1), (0.5, 0.35, 0.5), CARTON),
        ),
    )
