"""Vehicles, buildings and street furniture. Every model looks along +z from the origin."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.indoor import DARK, OAK, STEEL, WHITE
from panoenv_tasks.synthesis.scenes.paint import Paint, paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, tube

_BODY = ("b3202a", "1f4e8c", "d9dbde", "26282b", "e0a100", "2f6f4f", "6d7680")
_PANE = paint("27333d", "rough", "4d626f", 1.2)
_LAMP = paint("fff6d8", glow=0.8)
_TAIL = paint("c21d1d", glow=0.5)
_TYRE, _HUB = paint("1b1b1d"), paint("b9bdc2")


def wheels(width: float, axles: tuple[float, ...], radius: float) -> list[Solid]:
    """Return a wheel with its hub on both sides of every axle (z of the axle)."""
    parts: list[Solid] = []
    for z in axles:
        for side in (-1, 1):
            x = side * width / 2
            parts.append(tube((x - side * 0.22, radius, z), (x, radius, z), radius, radius, _TYRE))
            parts.append(
                tube(
                    (x - side * 0.05, radius, z),
                    (x + side * 0.012, radius, z),
                    radius * 0.55,
                    radius * 0.5,
                    _HUB,
                )
            )
    return parts


def car(dice: Dice) -> Model:  # noqa: D103
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
            box((0, 0.92, -0.25), (1.52, 0.46, 1.75), _PANE),
            box((0, 0.92, 0.72), (1.48, 0.1, 0.62), _PANE, pitch=34),
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


def truck(dice: Dice) -> Model:  # noqa: D103
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
            box((0, 1.65, 2.8), (2.12, 0.8, 1.64), _PANE),
            box((0, 0.85, 3.62), (1.5, 0.4, 0.06), DARK),
            *[box((sx * 0.85, 0.75, 3.62), (0.36, 0.24, 0.08), _LAMP) for sx in (-1, 1)],
            *[box((sx * 1.3, 1.7, 3.3), (0.22, 0.45, 0.12), DARK) for sx in (-1, 1)],
            box((0, 0.78, -0.95), (2.42, 2.5, 5.1), load),
            *[box((sx * 0.9, 0.62, -3.52), (0.3, 0.16, 0.06), _TAIL) for sx in (-1, 1)],
        ),
    )


def bus(dice: Dice) -> Model:  # noqa: D103
    body = paint(dice.pick(("c0392b", "d98e04", "1f6f8b", "3b7d3b")))
    panes = [
        box((sx * 1.24, 1.5, 3.6 - 1.45 * k), (0.04, 0.85, 1.2), _PANE) for sx in (-1, 1) for k in range(6)
    ]
    return Model(
        "bus",
        (
            *wheels(2.44, (3.0, -2.9), 0.5),
            box((0, 0.42, 0), (2.46, 2.55, 9.4), body),
            *panes,
            box((0, 1.1, 4.71), (2.2, 1.35, 0.04), _PANE),
            box((0, 2.5, 4.72), (1.5, 0.34, 0.04), paint("ffcf5c", "books", "2b2b2e", 0.12, glow=0.7)),
            *[box((sx * 0.9, 0.65, 4.72), (0.36, 0.22, 0.05), _LAMP) for sx in (-1, 1)],
            box((0, 2.95, 0), (2.3, 0.1, 9.0), WHITE),
            *[box((sx * 0.95, 0.7, -4.72), (0.3, 0.3, 0.05), _TAIL) for sx in (-1, 1)],
            box((0, 1.4, -4.71), (2.0, 1.0, 0.04), _PANE),
            *[box((sx * 1.241, 0.98, 0), (0.03, 0.14, 9.3), WHITE) for sx in (-1, 1)],
        ),
    )


def bicycle(dice: Dice) -> Model:  # noqa: D103
    frame = paint(dice.pick(_BODY))
    rings: list[Solid] = []
    for z in (-0.52, 0.52):
        spokes = 12
        points = [(0.0, 0.34 + 0.33 * _COS[k], z + 0.33 * _COS[(k + 3) % 12]) for k in range(spokes)]
        rings += [tube(points[k], points[(k + 1) % spokes], 0.025, 0.025, _TYRE) for k in range(spokes)]
        rings += [tube(points[k], points[k + 6], 0.006, 0.006, _HUB) for k in range(6)]
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


#: The cosine of 0, 30, 60, ... 330 degrees.
_COS = (1.0, 0.8660254, 0.5, 0.0, -0.5, -0.8660254, -1.0, -0.8660254, -0.5, 0.0, 0.5, 0.8660254)


def _gable(width: float, depth: float, base: float, rise: float, used: Paint, wall: Paint) -> list[Solid]:
    """Return a pitched roof whose ridge runs along x: two slabs, and steps that fill the gables."""
    slope = (rise * rise + (depth / 2) * (depth / 2)) ** 0.5
    pitch = {0.6: 31.0, 0.8: 38.7}.get(round(rise / (depth / 2), 1), 45.0)
    slabs = [
        box(
            (0, base + rise / 2 - 0.05, sz * depth / 4),
            (width + 0.6, 0.16, slope + 0.5),
            used,
            pitch=sz * pitch,
        )
        for sz in (-1, 1)
    ]
    steps = 8
    fill = [
        box((0, base + rise * k / steps, 0), (width, rise / steps, depth * (1 - (k + 1) / steps)), wall)
        for k in range(steps - 1)
    ]
    return [*slabs, *fill]


def house(dice: Dice) -> Model:  # noqa: D103
    wall = paint(
        *dice.pick(
            (
                ("e9dcc3", "rough"),
                ("b5533c", "bricks", "d8cfc2", 0.16),
                ("a9c3cf", "planks", None, 0.3),
                ("d9a679", "rough"),
            )
        )
    )
    roof = paint(dice.pick(("8c3b2a", "4a4e57", "6b4a35")), "scales", size=0.35)
    wide, deep, floors = dice.uniform(7, 9, 0.5), 7.0, dice.pick((1, 2))
    tall = 2.9 * floors
    trim, glass = paint("f7f4ec"), paint("3f5a6c", "rough", "7fa0b5", 1.0)
    parts = [box((0, 0, 0), (wide, tall, deep), wall), *_gable(wide, deep, tall, deep * 0.3, roof, wall)]
    for level in range(floors):
        for k in (-1, 0, 1):
            if level == 0 and k == 0:
                continue
            x, y = k * wide * 0.31, 0.9 + 2.9 * level
            for side in (-1, 1):
                parts += [
                    box((x, y, side * deep / 2), (1.5, 1.4, 0.1), trim),
                    box((x, y + 0.1, side * (deep / 2 + 0.03)), (1.26, 1.2, 0.06), glass),
                    box((x, y + 0.1, side * (deep / 2 + 0.06)), (0.06, 1.2, 0.04), trim),
                ]
    parts += [
        box((0, 0, deep / 2), (1.3, 2.3, 0.12), trim),
        box((0, 0, deep / 2 + 0.05), (1.05, 2.1, 0.08), paint(dice.pick(("7f3b36", "2f5d50", "2d4a73")))),
        ball((0.38, 1.0, deep / 2 + 0.12), 0.06, paint("d9b44a")),
        box((0, 0, deep / 2 + 0.5), (1.8, 0.15, 1.0), paint("a8a49c", "rough")),
        box(
            (wide * 0.3, tall, -deep * 0.2),
            (0.8, deep * 0.3 + 0.7, 0.8),
            paint("9c4a35", "bricks", "cfc4b4", 0.15),
        ),
    ]
    return Model("house", tuple(parts))


def tower(dice: Dice) -> Model:
    """A tall office building."""
    skin = paint(
        *dice.pick(
            (
                ("8d99a6", "windows", "31485c", 2.6),
                ("c9b79c", "windows", "3d4a57", 2.8),
                ("5d6b78", "windows", "a9c7da", 2.4),
                ("a65d4a", "windows", "2c3945", 2.8),
            )
        )
    )
    wide, deep, tall = dice.uniform(10, 14, 1), dice.uniform(10, 14, 1), dice.uniform(20, 38, 1)
    return Model(
        "office building",
        (
            box((0, 3.6, 0), (wide, tall - 3.6, deep), skin),
            box((0, 0, 0), (wide - 0.6, 3.6, deep - 0.6), paint("4a5560", "ribs", "6f8796", 1.6)),
            box((0, 3.4, 0), (wide + 0.4, 0.4, deep + 0.4), paint("d8d4cb")),
            box((0, tall, 0), (wide + 0.3, 0.6, deep + 0.3), paint("9aa0a6")),
            box((wide * 0.2, tall + 0.6, 0), (3, 2.2, 3), paint("8a8f94")),
            box((0, 0, deep / 2 - 0.2), (2.8, 2.7, 0.3), _PANE),
        ),
    )


def shop(dice: Dice) -> Model:  # noqa: D103
    wall = paint(dice.pick(("d9c7a3", "b9655a", "8fa8a0")), "bricks", size=0.2)
    cloth = paint(dice.pick(("c0392b", "2e7d5b", "1f4e8c")), "stripes", "f5f1e6", 0.7)
    return Model(
        "shop",
        (
            box((0, 0, 0), (7, 4.2, 6), wall),
            box((-0.9, 0.5, 3.0), (4.4, 2.1, 0.1), paint("9fc2cf", "rough", "e2eef2", 1.2, glow=0.3)),
            box((2.4, 0, 3.0), (1.1, 2.4, 0.12), paint("4d3527", "wood")),
            box((0, 2.55, 3.6), (6.6, 0.08, 1.5), cloth, pitch=20),
            box((0, 3.2, 3.03), (5.4, 0.7, 0.12), paint("2b3a42")),
            box((0, 3.38, 3.1), (4.2, 0.34, 0.04), paint("f3d27a", "books", "2b3a42", 0.3, glow=0.6)),
            box((0, 4.2, 0), (7.3, 0.3, 6.3), paint("8d8a83")),
        ),
    )


def street_light(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "street light",
        (
            tube((0, 0, 0), (0, 0.5, 0), 0.16, 0.11, DARK),
            tube((0, 0.5, 0), (0, 5.6, 0), 0.08, 0.06, DARK),
            tube((0, 5.5, 0), (0, 5.8, 1.5), 0.05, 0.04, DARK),
            box((0, 5.66, 1.6), (0.34, 0.16, 0.7), DARK),
            box((0, 5.63, 1.62), (0.28, 0.05, 0.56), paint("fff1c4", glow=1.0)),
        ),
    )


def traffic_light(dice: Dice) -> Model:  # noqa: D103
    lit = dice.below(3)
    lamps = [
        ball((0, 3.45 - 0.3 * k, 0.17), (0.11, 0.11, 0.05), paint(c, glow=1.0 if k == lit else 0.15))
        for k, c in enumerate(("e63946", "f4b942", "3fbf5a"))
    ]
    return Model(
        "traffic light",
        (
            tube((0, 0, 0), (0, 3.0, 0), 0.07, 0.06, paint("4a4e52")),
            box((0, 2.65, 0.02), (0.36, 1.02, 0.28), paint("1f2426")),
            *lamps,
        ),
    )


def stop_sign(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "road sign",
        (
            tube((0, 0, 0), (0, 2.3, 0), 0.035, 0.035, STEEL),
            tube((0, 2.25, 0.03), (0, 2.25, 0.06), 0.38, 0.38, WHITE),
            tube((0, 2.25, 0.04), (0, 2.25, 0.07), 0.34, 0.34, paint("c8202c")),
            box((0, 2.19, 0.06), (0.46, 0.12, 0.02), WHITE),
        ),
    )


def hydrant(dice: Dice) -> Model:  # noqa: D103
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


def mailbox(dice: Dice) -> Model:  # noqa: D103
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


def bench(dice: Dice) -> Model:  # noqa: D103
    slats = [box((0, 0.44, -0.16 + 0.13 * k), (1.7, 0.04, 0.1), OAK) for k in range(4)]
    backs = [box((0, 0.58 + 0.15 * k, -0.27 - 0.03 * k), (1.7, 0.1, 0.04), OAK) for k in range(3)]
    iron = [box((sx * 0.72, 0, z), (0.06, 0.45, 0.06), DARK) for sx in (-1, 1) for z in (-0.2, 0.2)]
    arms = [box((sx * 0.72, 0.4, -0.24), (0.06, 0.6, 0.06), DARK) for sx in (-1, 1)]
    rests = [box((sx * 0.72, 0.66, 0), (0.06, 0.04, 0.5), DARK) for sx in (-1, 1)]
    return Model("bench", (*slats, *backs, *iron, *arms, *rests))


def bus_stop(dice: Dice) -> Model:  # noqa: D103
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


def kiosk(dice: Dice) -> Model:  # noqa: D103
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


def phone_booth(dice: Dice) -> Model:  # noqa: D103
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


def manhole(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "manhole cover",
        (
            tube((0, 0, 0), (0, 0.015, 0), 0.5, 0.5, paint("3c3f42")),
            tube((0, 0.004, 0), (0, 0.02, 0), 0.42, 0.42, paint("5a5e61", "checker", "3c3f42", 0.09)),
        ),
    )


def fence(dice: Dice) -> Model:  # noqa: D103
    wood = dice.pick((WHITE, paint("8a6a45", "wood")))
    pales = [box((-1.4 + 0.28 * k, 0.05, 0), (0.12, 1.0, 0.03), wood) for k in range(11)]
    rails = [box((0, y, -0.03), (3.0, 0.1, 0.04), wood) for y in (0.25, 0.75)]
    posts = [box((sx * 1.5, 0, -0.03), (0.1, 1.15, 0.1), wood) for sx in (-1, 1)]
    return Model("fence", (*pales, *rails, *posts))


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
