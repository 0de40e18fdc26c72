"""Streets and courtyards."""

from __future__ import annotations

from collections.abc import Sequence

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.families.light import DAYLIGHT, Weather, sky
from panoenv_tasks.synthesis.scenes.kinds import (
    aircraft,
    animals,
    buildings,
    furniture,
    lamps,
    park,
    plants,
    seats,
    things,
    vehicles,
    walls,
)
from panoenv_tasks.synthesis.scenes.kinds import street as kinds
from panoenv_tasks.synthesis.scenes.layout import Make, Plan
from panoenv_tasks.synthesis.scenes.paint import paint
from panoenv_tasks.synthesis.scenes.scene import Patch, Room, Scene
from panoenv_tasks.synthesis.scenes.solids import Solid, box

#: How far roads and pavements run, metres.
_FAR = 400


def street(dice: Dice, style: str) -> Scene:
    """Return a pavement beside a road with traffic, and houses on both sides."""
    night = style == "night"
    plan = Plan(dice, dice.uniform(1.2, 3.0), reach=dice.pick((1.0, 2.5, 6.0)))
    side = dice.pick((-1, 1))
    road = side * dice.pick((4.5, 5.0))
    for lane, yaw in ((road - 1.9, 180), (road + 1.9, 0)):
        z = dice.uniform(-17, -12)
        while z < 20:
            kind = dice.pick((vehicles.car, vehicles.car, vehicles.car, vehicles.truck, vehicles.bus))
            plan.put(kind(dice), lane, z, yaw=yaw, gap=1.0)
            z += dice.uniform(7, 13)
    for x, yaw in ((road + side * 11.5, -side * 90), (road - side * 15.5, side * 90)):
        _houses(plan, x, yaw, lit=night)
    kerb = road - side * 4.4
    for z in range(-15, 18, 14):
        plan.put(lamps.street_light(dice), kerb, z + dice.uniform(-1, 1), yaw=side * 90)
    for z in range(-14, 18, 11):
        plan.put(plants.tree(dice), kerb - side * 4.5, z + dice.uniform(-2, 2), gap=0.3)
    things_there: Sequence[Make] = (
        seats.bench,
        kinds.hydrant,
        kinds.mailbox,
        lamps.traffic_light,
        kinds.stop_sign,
        vehicles.bicycle,
        things.trash_can,
        buildings.kiosk,
        kinds.phone_booth,
        kinds.bus_stop,
        things.cone,
        things.cone,
        plants.planter,
        animals.dog,
    )
    pavement = 270 if side > 0 else 90
    for make in things_there:
        plan.scatter(make, 1, 2.0, 8.5, facing="camera", sector=(pavement - 100, pavement + 100))
    for make in dice.sample(things_there, 8):
        plan.scatter(make, 1, 2.0, 8.5, sector=(pavement - 100, pavement + 100))
    plan.scatter(lambda d: buildings.tower(d, lit=night), 4, 60.0, 50.0)
    plan.scatter(plants.tree, 4, 30.0, 30.0)
    _above_and_below(plan, (things.cone, things.toy_ball, kinds.hydrant, things.carton))
    weather: Weather = "night" if night else "day"
    far = (0.1, 0.11, 0.17) if night else (0.62, 0.68, 0.75)
    lawn = paint("7f8f5c", "rough", "66764a", 0.3)
    return Scene(
        environment="",
        eye=plan.eye,
        instances=tuple(plan.instances),
        walls=(),
        floor=lawn,
        patches=_road(road),
        backdrop=sky(weather, 0.55, "city", far),
        light=DAYLIGHT[weather],
    )


def courtyard(dice: Dice, style: str) -> Scene:
    """Return a walled yard open to the sky: neither indoors nor outdoors."""
    weather: Weather = "night" if style == "night" else "day"
    roomy = dice.pick((1.0, 1.2, 1.8, 2.6))
    half_x, half_z = round(roomy * dice.uniform(6, 7.5, 0.5), 2), round(roomy * dice.uniform(6, 8, 0.5), 2)
    brick = paint("8a7a68", "bricks", "b5a794", 0.2)
    room = Room(0.05 - half_x, half_x - 0.05, 0.05 - half_z, half_z - 0.05, 99, brick, brick)
    plan = Plan(dice, dice.uniform(1.1, 2.4), room)
    by_wall: Sequence[Make] = (walls.door, walls.door, vehicles.bicycle, plants.planter, plants.planter)
    for make in (*by_wall, seats.bench, furniture.cabinet):
        plan.along_walls(make(dice))
    plan.along_walls(walls.wall_clock(dice), lift=2.4)
    plan.scatter(park.fountain, 1, 3.6, 5.0)
    plan.scatter(park.statue, 1, 3.0, 5.5, facing="camera")
    plan.scatter(park.well, 1, 3.0, 5.5)
    plan.scatter(furniture.garden_table, 2, 1.8, 4.5)
    plan.scatter(seats.garden_chair, 4, 1.6, 4.5, facing="camera", gap=0.1)
    plan.scatter(park.parasol, 1, 2.6, 4.8)
    plan.scatter(plants.potted_plant, 3, 1.8, 5.5)
    plan.scatter(plants.bush, 2, 2.5, 5.5)
    plan.scatter(plants.tree, 1, 4.0, 5.0)
    for make in (animals.dog, things.barrel, things.trash_can, lamps.park_lamp, things.ladder, things.vase):
        plan.scatter(make, 1, 1.8, 5.0, facing="camera")
    for make in (things.barrel, plants.potted_plant, things.crate, things.vase):
        plan.scatter(make, 1, 1.8, 9.0)
    _above_and_below(plan, (things.vase, things.toy_ball, things.carton, plants.potted_plant))
    return Scene(
        environment="",
        eye=plan.eye,
        instances=tuple(plan.instances),
        walls=_yard_walls(dice, half_x, half_z, lit=weather == "night"),
        floor=paint("b9a58a", "tiles", "93816a", 0.5),
        patches=(),
        backdrop=sky(weather, 0.5, "none", (0, 0, 0)),
        light=DAYLIGHT[weather],
    )


def _above_and_below(plan: Plan, small: Sequence[Make]) -> None:
    plan.underfoot(kinds.manhole, small)
    plan.overhead(aircraft.drone, 3, (plan.eye + 1.6, plan.eye + 5.0), 1.5)


def _houses(plan: Plan, x: float, yaw: float, *, lit: bool) -> None:
    dice = plan.dice
    z = dice.uniform(-24, -20)
    while z < 26:
        make = dice.pick((buildings.house, buildings.house, buildings.tower, buildings.shop))
        model = make(dice, lit=lit)
        back = 5.5 if model.label == "office building" else 0.0
        if plan.put(model, x + (back if x > 0 else -back), z, yaw=yaw, gap=0.5):
            z += 5
        z += 4.5


def _road(x: float) -> tuple[Patch, ...]:
    tar, white = "4a4c50", "e9e6da"
    line = paint(white)
    return (
        Patch(paint("a9a59b", "tiles", "86827a", 0.6), x - 8.5, x + 8.5, -_FAR, _FAR),
        Patch(paint(tar, "rough", "3c3e42", 0.08), x - 4, x + 4, -_FAR, _FAR),
        Patch(paint(tar, "bands", white, 4.0), x - 0.08, x + 0.08, -_FAR, _FAR),
        Patch(line, x - 3.8, x - 3.68, -_FAR, _FAR),
        Patch(line, x + 3.68, x + 3.8, -_FAR, _FAR),
        Patch(paint(tar, "stripes", white, 1.0), x - 3.6, x + 3.6, 4.5, 7.5),
    )


def _yard_walls(dice: Dice, half_x: float, half_z: float, *, lit: bool) -> tuple[Solid, ...]:
    tall = 5.6
    pane = "ffd98a" if lit else "35424d"
    wall = paint(dice.pick(("d9b98c", "c98f6b", "e3d5b8")), "windows", pane, 2.6, gleam=0.9 * lit)
    base = paint("8a7a68", "bricks", "b5a794", 0.2)
    coping = paint("8c4a34", "scales", size=0.3)
    parts: list[Solid] = []
    for x, z, wide, deep in (
        (0, half_z + 0.2, 2 * half_x + 0.8, 0.4),
        (0, -half_z - 0.2, 2 * half_x + 0.8, 0.4),
        (half_x + 0.2, 0, 0.4, 2 * half_z),
        (-half_x - 0.2, 0, 0.4, 2 * half_z),
    ):
        parts.append(box((x, 0.9, z), (wide, tall - 0.9, deep), wall))
        parts.append(box((x, 0, z), (wide + 0.06, 0.9, deep + 0.06), base))
        parts.append(box((x, tall, z), (wide + 0.3, 0.25, deep + 0.3), coping))
    return tuple(parts)
