"""Furniture and household things. Sizes in metres; every model looks along +z from the origin."""

from __future__ import annotations

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.paint import Paint, paint
from panoenv_tasks.synthesis.scenes.solids import Model, Solid, ball, box, place, tube

OAK, WALNUT, PINE = (
    paint("b98a55", "wood", "8f6236", 0.12),
    paint("6b4427", "wood", "482b16", 0.12),
    paint("dcb98a", "wood", "c29a66", 0.12),
)
STEEL = paint("b4b8bd", "wood", "9aa0a6", 0.3)
DARK = paint("2b2b2e")
WHITE = paint("f2f0ea")
GLASS = paint("a9c9d6", "rough", "c9e0e8", 1.0)
BRASS = paint("c8a14a")
_FABRICS = ("8c2f39", "2f5d8c", "4f7a4a", "c7a24a", "7a5a8c", "b5651d", "5c6b73", "3c6e71")


def fabric(dice: Dice) -> Paint:
    """Return a woven cloth in one of a few colours."""
    return paint(dice.pick(_FABRICS), "rough", size=0.03)


def legs(width: float, depth: float, height: float, thick: float, used: Paint) -> list[Solid]:
    """Return four straight legs at the corners of a footprint."""
    half = thick / 2
    return [
        box((sx * (width / 2 - half), 0, sz * (depth / 2 - half)), (thick, height, thick), used)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]


def chair(dice: Dice) -> Model:  # noqa: D103
    wood, cloth = dice.pick((OAK, WALNUT, PINE)), fabric(dice)
    back = [box((0, 0.55 + 0.17 * k, -0.2), (0.42, 0.1, 0.03), wood) for k in range(3)]
    posts = [box((sx * 0.2, 0.45, -0.2), (0.04, 0.55, 0.04), wood) for sx in (-1, 1)]
    seat = [box((0, 0.42, 0), (0.45, 0.03, 0.45), wood), box((0, 0.45, 0.01), (0.41, 0.04, 0.4), cloth)]
    return Model("chair", (*legs(0.45, 0.45, 0.42, 0.04, wood), *seat, *posts, *back))


def stool(dice: Dice) -> Model:  # noqa: D103
    wood = dice.pick((OAK, WALNUT, PINE))
    feet = [
        tube((sx * 0.2, 0, sz * 0.2), (sx * 0.12, 0.6, sz * 0.12), 0.02, 0.02, wood)
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]
    return Model("stool", (*feet, tube((0, 0.6, 0), (0, 0.66, 0), 0.19, 0.19, fabric(dice))))


def armchair(dice: Dice) -> Model:  # noqa: D103
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


def sofa(dice: Dice) -> Model:  # noqa: D103
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


def bed(dice: Dice) -> Model:  # noqa: D103
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


def table(dice: Dice) -> Model:  # noqa: D103
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


def coffee_table(dice: Dice) -> Model:  # noqa: D103
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


def desk(dice: Dice) -> Model:  # noqa: D103
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


def monitor(dice: Dice) -> Model:  # noqa: D103
    picture = paint(dice.pick(("2f6fa8", "3a8a6a", "6a4a9a")), "windows", "d8e4ee", 0.16, glow=0.6)
    return Model(
        "monitor",
        (
            tube((0, 0, 0), (0, 0.02, 0), 0.13, 0.13, DARK),
            box((0, 0, -0.03), (0.06, 0.22, 0.03), DARK),
            box((0, 0.12, 0), (0.62, 0.38, 0.04), DARK),
            box((0, 0.14, 0.021), (0.58, 0.34, 0.004), picture),
        ),
    )


def office_chair(dice: Dice) -> Model:  # noqa: D103
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


def bookshelf(dice: Dice) -> Model:  # noqa: D103
    wood = dice.pick((OAK, WALNUT, PINE))
    rows, wide = 5, dice.uniform(0.9, 1.3)
    parts = [box((sx * (wide / 2 - 0.015), 0, 0), (0.03, 2.0, 0.3), wood) for sx in (-1, 1)]
    parts += [box((0, 0.4 * k, 0), (wide, 0.03, 0.3), wood) for k in range(rows)]
    parts += [box((0, 1.97, 0), (wide, 0.03, 0.3), wood), box((0, 0, -0.14), (wide, 2.0, 0.02), wood)]
    for row in range(rows):
        one, two = dice.sample(_FABRICS, 2)
        tall, full = dice.uniform(0.24, 0.32), dice.uniform(0.6, 0.92) * (wide - 0.08)
        shift = -(wide - 0.08 - full) / 2 * dice.pick((-1, 1))
        spines = paint(one, "books", two, 0.045)
        parts.append(box((shift, 0.4 * row + 0.03, 0.01), (full, tall, 0.22), spines))
    return Model("bookshelf", tuple(parts))


def wardrobe(dice: Dice) -> Model:  # noqa: D103
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


def cabinet(dice: Dice) -> Model:  # noqa: D103
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


def television(dice: Dice) -> Model:  # noqa: D103
    picture = paint("16324a", "rough", "2f6f8f", 0.9, glow=0.5)
    return Model(
        "television",
        (
            box((0, 0, 0), (0.5, 0.03, 0.22), DARK),
            box((0, 0.03, 0), (0.08, 0.08, 0.06), DARK),
            box((0, 0.1, 0), (1.25, 0.72, 0.06), DARK),
            box((0, 0.13, 0.031), (1.19, 0.66, 0.004), picture),
        ),
    )


def floor_lamp(dice: Dice) -> Model:  # noqa: D103
    shade = paint(dice.pick(("f4e3b0", "f0d7c0", "e9efd8")), glow=0.75)
    return Model(
        "floor lamp",
        (
            tube((0, 0, 0), (0, 0.03, 0), 0.16, 0.16, DARK),
            tube((0, 0.03, 0), (0, 1.4, 0), 0.018, 0.018, BRASS),
            tube((0, 1.35, 0), (0, 1.7, 0), 0.26, 0.17, shade),
        ),
    )


def pendant_lamp(dice: Dice) -> Model:
    """A lamp on a cord of 0.6 m; the model's floor is the lower rim, hang it with ``lift``."""
    shade = paint(dice.pick(("d65a31", "2a6f97", "e9c46a", "f4f1de")), "bands", size=0.14, glow=0.45)
    return Model(
        "pendant lamp",
        (
            tube((0, 0, 0), (0, 0.26, 0), 0.3, 0.1, shade),
            ball((0, 0.03, 0), 0.09, paint("fff4cc", glow=1.0)),
            tube((0, 0.26, 0), (0, 0.86, 0), 0.012, 0.012, DARK),
        ),
    )


def ceiling_fan(dice: Dice) -> Model:
    """Five blades; the model's floor is the lower end of the motor, hang it with ``lift``."""
    wood = dice.pick((OAK, WALNUT, WHITE))
    blade = box((0, 0.07, 0.4), (0.15, 0.015, 0.6), wood)
    blades = [_swung(blade, 72 * k) for k in range(5)]
    return Model(
        "ceiling fan",
        (
            *blades,
            tube((0, 0, 0), (0, 0.16, 0), 0.11, 0.13, BRASS),
            ball((0, -0.01, 0), (0.09, 0.06, 0.09), paint("fff4cc", glow=0.8)),
            tube((0, 0.16, 0), (0, 0.4, 0), 0.02, 0.02, BRASS),
        ),
    )


def _swung(part: Solid, yaw: float) -> Solid:
    return place(Model("", (part,)), 0, 0, yaw=yaw).parts[0]


def rug(dice: Dice) -> Model:  # noqa: D103
    one, two = dice.sample(_FABRICS, 2)
    wide, deep = dice.uniform(1.8, 2.6), dice.uniform(1.3, 1.8)
    border, field = paint(one, "rough", size=0.05), paint(two, "spots", "e8dcc0", 0.22)
    return Model(
        "rug",
        (
            box((0, 0, 0), (wide, 0.012, deep), border),
            box((0, 0.004, 0), (wide - 0.3, 0.012, deep - 0.3), field),
        ),
    )


def potted_plant(dice: Dice) -> Model:  # noqa: D103
    leaf = paint("4f9a4a", "leaves", "245a2a", 0.08)
    tall = dice.uniform(0.6, 1.0)
    leaves = [
        ball((x, 0.35 + tall * h, z), (0.2, 0.24, 0.2), leaf)
        for x, z, h in ((0, 0, 0.75), (0.2, 0.08, 0.5), (-0.18, 0.12, 0.45), (0.03, -0.2, 0.42))
    ]
    return Model(
        "potted plant",
        (
            tube((0, 0, 0), (0, 0.32, 0), 0.14, 0.2, paint(dice.pick(("b5562e", "d9d3c4", "355070")))),
            tube((0, 0.32, 0), (0, 0.36, 0), 0.18, 0.18, paint("3a2a1c")),
            *leaves,
            tube((0, 0.3, 0), (0, 0.3 + tall * 0.6, 0), 0.025, 0.02, paint("5a4326")),
        ),
    )


def vase(dice: Dice) -> Model:  # noqa: D103
    clay = paint(dice.pick(("2f6690", "c8553d", "81b29a")), "bands", "f2e8cf", 0.12)
    stems = [
        tube((0, 0.4, 0), (x, 0.75, z), 0.008, 0.008, paint("3f7d3a"))
        for x, z in ((0.1, 0.05), (-0.12, 0.02), (0.0, -0.1))
    ]
    heads = [
        ball((x, 0.78, z), 0.07, paint(dice.pick(("e63946", "f4a261", "e9c46a", "d16ba5"))))
        for x, z in ((0.1, 0.05), (-0.12, 0.02), (0.0, -0.1))
    ]
    return Model(
        "vase",
        (
            tube((0, 0, 0), (0, 0.2, 0), 0.07, 0.14, clay),
            tube((0, 0.2, 0), (0, 0.4, 0), 0.14, 0.06, clay),
            *stems,
            *heads,
        ),
    )


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
            box((0, 0.06, 0.041), (0.58, 1.58, 0.004), GLASS),
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


def window(dice: Dice) -> Model:
    """A window with a cross bar for a wall; its back is at z = 0. Hang it with ``lift``."""
    view = paint("bfe3f7", "rough", "8cc2e6", 2.0, glow=0.85)
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
    cloth = paint(dice.pick(_FABRICS), "ribs", size=0.11)
    folds = [
        tube((0.1 * k - 0.25, 0.05, 0.06), (0.1 * k - 0.25, 2.2, 0.06), 0.06, 0.05, cloth) for k in range(6)
    ]
    return Model("curtain", (*folds, tube((-0.4, 2.22, 0.06), (0.4, 2.22, 0.06), 0.015, 0.015, BRASS)))


def fireplace(dice: Dice) -> Model:  # noqa: D103
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


def fridge(dice: Dice) -> Model:  # noqa: D103
    skin = dice.pick((STEEL, WHITE, paint("b8403a")))
    return Model(
        "fridge",
        (
            box((0, 0.04, 0), (0.75, 1.8, 0.65), skin),
            box((0, 1.22, 0.3), (0.75, 0.015, 0.06), DARK),
            box((-0.3, 1.3, 0.34), (0.03, 0.4, 0.04), DARK),
            box((-0.3, 0.6, 0.34), (0.03, 0.5, 0.04), DARK),
            box((0, 0, 0), (0.7, 0.05, 0.6), DARK),
        ),
    )


def stove(dice: Dice) -> Model:  # noqa: D103
    plates = [tube((x, 0.9, z), (x, 0.915, z), 0.1, 0.1, DARK) for x in (-0.16, 0.16) for z in (-0.14, 0.14)]
    knobs = [
        tube((0.1 * k - 0.2, 0.8, 0.3), (0.1 * k - 0.2, 0.8, 0.34), 0.025, 0.025, DARK) for k in range(5)
    ]
    return Model(
        "stove",
        (
            box((0, 0, 0), (0.62, 0.9, 0.6), WHITE),
            box((0, 0.2, 0.3), (0.5, 0.45, 0.02), DARK),
            box((0, 0.68, 0.32), (0.5, 0.03, 0.04), STEEL),
            *plates,
            *knobs,
            box((0, 0.9, -0.28), (0.62, 0.14, 0.04), STEEL),
        ),
    )


def kitchen_sink(dice: Dice) -> Model:  # noqa: D103
    wood = dice.pick((WHITE, PINE, paint("52796f")))
    fronts = [box((sx * 0.3, 0.12, 0.29), (0.56, 0.66, 0.02), wood) for sx in (-1, 1)]
    knobs = [box((sx * 0.06, 0.6, 0.31), (0.02, 0.12, 0.02), DARK) for sx in (-1, 1)]
    return Model(
        "kitchen sink",
        (
            box((0, 0, 0), (1.2, 0.86, 0.56), wood),
            *fronts,
            *knobs,
            box((0, 0.86, 0), (1.24, 0.04, 0.62), paint("4a4a4a", "rough")),
            box((0, 0.875, 0.02), (0.6, 0.03, 0.4), STEEL),
            box((0, 0.895, 0.02), (0.5, 0.015, 0.32), paint("7f858a")),
            tube((0, 0.9, -0.22), (0, 1.15, -0.22), 0.018, 0.018, STEEL),
            tube((0, 1.15, -0.22), (0, 1.1, 0.0), 0.018, 0.015, STEEL),
        ),
    )


def trash_can(dice: Dice) -> Model:  # noqa: D103
    skin = dice.pick((STEEL, paint("3a7d44"), paint("355070")))
    return Model(
        "trash can",
        (tube((0, 0, 0), (0, 0.62, 0), 0.19, 0.24, skin), tube((0, 0.62, 0), (0, 0.68, 0), 0.25, 0.2, DARK)),
    )


def toy_ball(dice: Dice) -> Model:  # noqa: D103
    one, two = dice.pick((("e63946", "f1faee"), ("ffb703", "023047"), ("2a9d8f", "e9c46a")))
    return Model("ball", (ball((0, 0.2, 0), 0.2, paint(one, "bands", two, 0.14)),))


def piano(dice: Dice) -> Model:  # noqa: D103
    skin = dice.pick((DARK, WALNUT))
    keys = paint("f4f1e8", "books", "1c1c1c", 0.035)
    return Model(
        "piano",
        (
            box((0, 0, -0.15), (1.5, 1.2, 0.34), skin),
            box((0, 0.62, 0.17), (1.5, 0.1, 0.34), skin),
            box((0, 0.72, 0.2), (1.36, 0.012, 0.2), keys),
            *[box((sx * 0.7, 0, 0.26), (0.08, 0.62, 0.08), skin) for sx in (-1, 1)],
            box((0, 1.2, -0.15), (1.56, 0.04, 0.4), skin),
            box((0, 0.86, 0.03), (0.5, 0.28, 0.02), WHITE, pitch=-12),
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


def printer(dice: Dice) -> Model:  # noqa: D103
    return Model(
        "printer",
        (
            box((0, 0, 0), (0.6, 0.7, 0.55), paint("8d9299")),
            box((0, 0.7, 0), (0.64, 0.35, 0.58), WHITE),
            box((0, 0.84, 0.24), (0.44, 0.04, 0.2), DARK),
            box((0, 0.86, 0.32), (0.3, 0.01, 0.2), paint("ffffff")),
            box((0.2, 1.05, 0.2), (0.16, 0.02, 0.1), paint("2f6fa8", glow=0.6)),
            *[box((0, 0.1 + 0.28 * k, 0.28), (0.52, 0.24, 0.02), paint("a7adb3")) for k in range(2)],
        ),
    )


def water_dispenser(dice: Dice) -> Model:  # noqa: D103
    water = paint("8ecae6", "ribs", "b9e3f5", 0.1)
    return Model(
        "water dispenser",
        (
            box((0, 0, 0), (0.34, 0.98, 0.34), WHITE),
            box((0, 0.62, 0.16), (0.26, 0.22, 0.03), DARK),
            tube((0, 0.98, 0), (0, 1.05, 0), 0.08, 0.14, water),
            tube((0, 1.05, 0), (0, 1.35, 0), 0.14, 0.14, water),
            ball((0, 1.35, 0), (0.14, 0.06, 0.14), water),
            *[
                box((sx * 0.06, 0.78, 0.19), (0.03, 0.05, 0.04), paint(c))
                for sx, c in ((-1, "b5362e"), (1, "2f6fa8"))
            ],
        ),
    )
