"""The families of places: which things stand where, and in what light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes import indoor, industry, nature, street
from panoenv_tasks.synthesis.scenes.layout import Plan, first_free
from panoenv_tasks.synthesis.scenes.paint import Colour, paint
from panoenv_tasks.synthesis.scenes.scene import Light, Patch, Room, Scene, Sky
from panoenv_tasks.synthesis.scenes.solids import Solid, box

_ALL = ("front", "rear", "left", "right")


def living_room(dice: Dice, style: str) -> Scene:
    evening = style == "evening"
    room = _room(dice, 3.0, 3.9, 2.7, dice.pick(("e8dcc8", "cfd8d0", "d8c7b8", "c9d3dc")))
    eye = 1.45
    plan = Plan(dice, eye, room)
    plan.put(indoor.rug(dice), 0, dice.uniform(-0.5, 0.5), yaw=dice.pick((0, 90)))
    if first_free(plan, _ALL, indoor.cabinet(dice)):
        plan.stack(indoor.television(dice))
    for make in (
        indoor.sofa,
        indoor.bookshelf,
        indoor.fireplace,
        indoor.bed,
        indoor.piano,
        indoor.wardrobe,
        indoor.door,
    ):
        first_free(plan, _ALL, make(dice))
    for make, lift in (
        (indoor.window, 0.9),
        (indoor.painting, 1.4),
        (indoor.painting, 1.4),
        (indoor.wall_clock, 1.8),
    ):
        first_free(plan, _ALL, make(dice), lift=lift, gap=0.25)
    first_free(plan, _ALL, indoor.curtain(dice))
    plan.scatter(indoor.armchair, 2, 1.5, 2.6, facing="camera")
    plan.scatter(indoor.coffee_table, 1, 1.4, 2.4)
    plan.scatter(indoor.floor_lamp, 1, 1.6, 3.2)
    plan.scatter(indoor.potted_plant, 2, 1.4, 3.2)
    plan.scatter(indoor.toy_ball, 1, 1.2, 2.5)
    plan.scatter(indoor.stool, 1, 1.3, 2.5)
    x, z = dice.uniform(-0.9, 0.9), dice.uniform(-0.9, 0.9)
    plan.put(indoor.pendant_lamp(dice), x, z, lift=room.height - 0.86)
    floor = paint(dice.pick(("b98a5a", "a5774a", "8f6a48")), "planks", "6f4c2c", 0.16)
    return Scene("", eye, tuple(plan.instances), (), floor, (), room, _lamp_light(evening))


def kitchen(dice: Dice, style: str) -> Scene:
    room = _room(dice, 2.6, 3.4, 2.6, dice.pick(("dfe8e2", "efe4cf", "d9e2ea")))
    eye = 1.5
    plan = Plan(dice, eye, room)
    for make in (
        indoor.kitchen_sink,
        indoor.stove,
        indoor.fridge,
        indoor.cabinet,
        indoor.door,
        indoor.bookshelf,
    ):
        first_free(plan, _ALL, make(dice), gap=0.06)
    for make, lift in ((indoor.window, 1.0), (indoor.wall_clock, 1.8), (indoor.painting, 1.5)):
        first_free(plan, _ALL, make(dice), lift=lift, gap=0.25)
    side = dice.uniform(0, 350, 10)
    plan.scatter(indoor.table, 1, 1.6, 2.2, sector=(side, side + 30))
    if plan.instances[-1].label == "table":
        plan.stack(indoor.vase(dice), x=dice.uniform(-0.4, 0.4))
    plan.scatter(indoor.chair, 4, 1.2, 2.8, facing="camera", gap=0.05)
    plan.scatter(indoor.trash_can, 1, 1.3, 3.0)
    plan.scatter(indoor.potted_plant, 1, 1.3, 3.0)
    plan.scatter(nature.dog, 1, 1.2, 2.6)
    plan.put(indoor.rug(dice), 0, 0)
    plan.put(
        indoor.ceiling_fan(dice), dice.uniform(-0.7, 0.7), dice.uniform(-0.7, 0.7), lift=room.height - 0.4
    )
    floor = paint("e9e4d8", dice.pick(("checker", "tiles")), dice.pick(("5d737e", "9a6b55", "4a5d52")), 0.4)
    return Scene("", eye, tuple(plan.instances), (), floor, (), room, _lamp_light(style == "evening"))


def office(dice: Dice, style: str) -> Scene:
    room = _room(dice, 3.4, 4.6, 2.8, dice.pick(("e6e8ea", "dbe4e6", "ece7dd")))
    eye = 1.55
    plan = Plan(dice, eye, room)
    for wall in dice.shuffled(_ALL)[:3]:
        if plan.against(wall, indoor.desk(dice)):
            plan.stack(indoor.monitor(dice), x=dice.uniform(-0.4, 0.2), z=-0.1)
    for make in (indoor.bookshelf, indoor.printer, indoor.water_dispenser, indoor.door, indoor.wardrobe):
        first_free(plan, _ALL, make(dice))
    for make, lift in (
        (indoor.whiteboard, 1.0),
        (indoor.window, 1.0),
        (indoor.wall_clock, 2.0),
        (indoor.painting, 1.4),
    ):
        first_free(plan, _ALL, make(dice), lift=lift, gap=0.25)
    plan.scatter(indoor.office_chair, 3, 1.2, 3.0, facing="camera", gap=0.1)
    plan.scatter(indoor.potted_plant, 2, 1.5, 3.6)
    plan.scatter(indoor.trash_can, 1, 1.4, 3.0)
    plan.scatter(industry.carton, 2, 1.4, 3.2)
    plan.scatter(indoor.sofa, 1, 2.0, 3.2, facing="camera")
    plan.put(indoor.rug(dice), 0, 0)
    plan.put(indoor.pendant_lamp(dice), dice.uniform(-1, 1), dice.uniform(-1, 1), lift=room.height - 0.86)
    floor = paint(dice.pick(("7d8a94", "8a8478", "66757a")), "rough", size=0.05)
    return Scene("", eye, tuple(plan.instances), (), floor, (), room, _lamp_light(False))


def warehouse(dice: Dice, style: str) -> Scene:
    room = _room(dice, 9, 12, 6.5, dice.pick(("b9bdb8", "c9c2b2", "a9b4ba")))
    room = replace(
        room, wall=paint("aeb6ba", "ribs", "98a1a6", 0.5), ceiling=paint("7d858a", "ribs", "5c6469", 1.2)
    )
    eye = 1.65
    plan = Plan(dice, eye, room)
    for wall in _ALL:
        for _ in range(dice.pick((1, 2))):
            plan.against(wall, industry.rack(dice), gap=0.4)
    plan.scatter(industry.forklift, 1, 3.0, 5.5, facing="camera")
    plan.scatter(industry.conveyor, 1, 3.0, 5.0)
    plan.scatter(industry.machine, 1, 3.0, 6.0, facing="camera")
    plan.scatter(industry.workbench, 1, 2.6, 6.0, facing="camera")
    for make, count in (
        (industry.crate, 3),
        (industry.barrel, 4),
        (industry.pallet, 2),
        (industry.carton, 3),
        (industry.cone, 3),
    ):
        plan.scatter(make, count, 1.6, 6.0)
    for make in (industry.ladder, industry.hand_cart, industry.extinguisher, indoor.trash_can):
        plan.scatter(make, 1, 1.8, 4.5, facing="camera")
    plan.put(street.manhole(dice), dice.uniform(-0.5, 0.5), dice.uniform(-0.5, 0.5))
    plan.put(
        industry.crane_hook(dice), dice.uniform(-0.9, 0.9), dice.uniform(-0.9, 0.9), lift=room.height - 2.5
    )
    plan.scatter(industry.hanging_lamp, 3, 2.5, 5.0, lift=(room.height - 1.3, room.height - 1.3))
    floor = paint("9a9890", "tiles", "7f7d76", 3.0)
    lane = paint("d9b23a", "plain")
    patches = (Patch(lane, -2.3, -2.15, room.rear, room.front), Patch(lane, 2.15, 2.3, room.rear, room.front))
    light = Light((0.42, 0.42, 0.4), _unit(0.25, 1, -0.2), (0.62, 0.63, 0.65), (0.42, 0.41, 0.4))
    if style == "dim":
        light = Light((0.3, 0.27, 0.2), _unit(-0.2, 1, 0.25), (0.36, 0.36, 0.4), (0.24, 0.23, 0.24))
    return Scene("", eye, tuple(plan.instances), (), floor, patches, room, light)


def street_corner(dice: Dice, style: str) -> Scene:
    eye, plan = 1.65, Plan(dice, 1.65)
    night = style == "night"
    road_x = dice.pick((-4.5, 4.5, 5.0))
    side = 1 if road_x > 0 else -1
    for lane, yaw in ((road_x - 1.9, 180), (road_x + 1.9, 0)):
        z = dice.uniform(-17, -12)
        while z < 20:
            make = dice.pick((street.car, street.car, street.car, street.truck, street.bus))
            plan.put(make(dice), lane, z, yaw=yaw, gap=1.0)
            z += dice.uniform(7, 13)
    for x, yaw in ((road_x + side * 11.5, -side * 90), (road_x - side * 15.5, side * 90)):
        z = dice.uniform(-24, -20)
        while z < 26:
            make = dice.pick((street.house, street.house, street.tower, street.shop))
            model = make(dice)
            away = 5.5 if model.label == "office building" else 0
            if plan.put(model, x + (side * away if x * side > 0 else -side * away), z, yaw=yaw, gap=0.5):
                z += 5
            z += 4.5
    kerb = road_x - side * 4.4
    for make, spacing in ((street.street_light, 14), (nature.tree, 11)):
        z = dice.uniform(-16, -10)
        while z < 18:
            plan.put(
                make(dice),
                kerb + (0 if make is street.street_light else -side * 4.5),
                z,
                yaw=side * 90,
                gap=0.3,
            )
            z += spacing
    things = (
        street.bench,
        street.hydrant,
        street.mailbox,
        street.traffic_light,
        street.stop_sign,
        street.bicycle,
        indoor.trash_can,
        street.kiosk,
        street.phone_booth,
        street.bus_stop,
        industry.cone,
        industry.cone,
        nature.planter,
        nature.dog,
    )
    middle = 270 if side > 0 else 90
    for make in things:
        plan.scatter(make, 1, 2.0, 8.5, facing="camera", sector=(middle - 100, middle + 100))
    plan.put(street.manhole(dice), dice.uniform(-0.5, 0.5), dice.uniform(-0.5, 0.5))
    plan.put(
        dice.pick((street.drone, street.drone))(dice),
        dice.uniform(-1.2, 1.2),
        dice.uniform(-1.2, 1.2),
        lift=dice.uniform(3.4, 4.6),
    )
    asphalt, line = paint("4a4c50", "rough", "3c3e42", 0.08), paint("e9e6da")
    walk = paint("a9a59b", "tiles", "86827a", 0.6)
    patches = (
        Patch(walk, road_x - 8.5, road_x + 8.5, -400, 400),
        Patch(asphalt, road_x - 4, road_x + 4, -400, 400),
        Patch(paint("4a4c50", "bands", "e9e6da", 4.0), road_x - 0.08, road_x + 0.08, -400, 400),
        Patch(line, road_x - 3.8, road_x - 3.68, -400, 400),
        Patch(line, road_x + 3.68, road_x + 3.8, -400, 400),
        Patch(paint("4a4c50", "stripes", "e9e6da", 1.0), road_x - 3.6, road_x + 3.6, 4.5, 7.5),
    )
    sky = Sky(
        *_SKIES["night" if night else "day"],
        0.55,
        "city",
        (0.1, 0.11, 0.16) if night else (0.62, 0.68, 0.75),
        night,
    )
    floor = paint("7f8f5c", "rough", "66764a", 0.3)
    return Scene(
        "", eye, tuple(plan.instances), (), floor, patches, sky, _daylight("night" if night else "day")
    )


def park(dice: Dice, style: str) -> Scene:
    eye, plan = 1.6, Plan(dice, 1.6)
    winter, autumn = style == "winter", style == "autumn"
    season = style

    def leafy(d: Dice) -> object:
        return nature.tree(d, season)

    plan.scatter(nature.fountain, 1, 5.0, 8.0)
    plan.scatter(nature.gazebo, 1, 7.0, 11.0)
    plan.scatter(nature.pond, 1, 5.5, 9.0)
    if plan.instances[-1].label == "pond" and not winter:
        plan.stack(nature.duck(dice), x=0.6, z=0.4, turn=60)
    for make in (nature.slide, nature.swing, nature.statue, nature.picnic_table):
        plan.scatter(make, 1, 3.5, 7.5, facing="camera")
    for make, count in (
        (street.bench, 2),
        (nature.park_lamp, 2),
        (nature.rock, 2),
        (nature.log, 1),
        (nature.flower_bed, 0 if winter else 1),
        (indoor.trash_can, 1),
        (street.bicycle, 1),
        (nature.dog, 1),
        (indoor.toy_ball, 1),
        (nature.duck, 1),
    ):
        plan.scatter(make, count, 2.2, 6.0, facing="camera")
    plan.scatter(lambda d: nature.bush(d, season), 4, 3.0, 9.0)
    plan.scatter(lambda d: nature.tree(d, season), 7, 6.0, 16.0)
    plan.scatter(lambda d: nature.pine(d, season), 4, 7.0, 18.0)
    if dice.chance(0.6):
        plan.scatter(street.balloon, 1, 9.0, 14.0, lift=(14, 20))
    plan.put(
        street.drone(dice), dice.uniform(-1.2, 1.2), dice.uniform(-1.2, 1.2), lift=dice.uniform(3.2, 4.4)
    )
    plan.put(street.manhole(dice), dice.uniform(-0.5, 0.5), dice.uniform(-0.5, 0.5))
    ground = {"summer": ("7fae52", "5f8f3f"), "autumn": ("a9984f", "c07a35"), "winter": ("eef2f5", "d3dde5")}[
        season
    ]
    floor = paint(ground[0], "rough", ground[1], 0.35)
    path = paint("c9b58c" if not winter else "b9b3a6", "rough", "ab9871", 0.15)
    patches = (Patch(path, -1.3, 1.3, -300, 300), Patch(path, -300, 300, 2.2, 4.2))
    sky = Sky(
        *_SKIES["grey" if winter else "warm" if autumn else "day"],
        0.75 if winter else 0.5,
        "mountains" if winter else "hills",
        (0.55, 0.62, 0.66) if winter else (0.42, 0.55, 0.42) if not autumn else (0.58, 0.47, 0.32),
    )
    return Scene(
        "",
        eye,
        tuple(plan.instances),
        (),
        floor,
        patches,
        sky,
        _daylight("grey" if winter else "warm" if autumn else "day"),
    )


def farm(dice: Dice, style: str) -> Scene:
    eye, plan = 1.6, Plan(dice, 1.6)
    dusk = style == "dusk"
    plan.scatter(nature.barn, 1, 12, 16, facing="camera")
    plan.scatter(nature.silo, 1, 11, 16)
    plan.scatter(nature.windmill, 1, 13, 18, facing="camera")
    plan.scatter(street.house, 1, 14, 19, facing="camera")
    plan.scatter(nature.tractor, 1, 4.5, 7.5, facing="camera")
    for make, count in (
        (nature.cow, 3),
        (nature.sheep, 3),
        (nature.hay_bale, 3),
        (nature.well, 1),
        (nature.scarecrow, 1),
        (street.fence, 4),
        (nature.dog, 1),
        (industry.barrel, 1),
        (industry.crate, 1),
        (industry.ladder, 1),
        (nature.log, 1),
    ):
        plan.scatter(make, count, 2.6, 9.0)
    plan.scatter(nature.tree, 4, 9.0, 20.0)
    plan.scatter(nature.bush, 3, 4.0, 10.0)
    plan.put(
        street.drone(dice), dice.uniform(-1.2, 1.2), dice.uniform(-1.2, 1.2), lift=dice.uniform(3.2, 4.6)
    )
    plan.put(industry.pallet(dice), dice.uniform(-0.2, 0.2), dice.uniform(-0.2, 0.2)) if False else None
    field, soil = paint("b3a24f", "rough", "8f8a3e", 0.4), paint("8a6a45", "rough", "6f5335", 0.2)
    patches = (
        Patch(paint("7a5c3c", "stripes", "8fae4a", 1.2), 4.0, 60.0, -60, -3.0),
        Patch(soil, -1.6, 1.6, -300, 300),
    )
    sky = Sky(
        *_SKIES["dusk" if dusk else "day"], 0.45, "hills", (0.38, 0.33, 0.36) if dusk else (0.45, 0.58, 0.42)
    )
    return Scene(
        "", eye, tuple(plan.instances), (), field, patches, sky, _daylight("dusk" if dusk else "day")
    )


def courtyard(dice: Dice, style: str) -> Scene:
    """A walled yard open to the sky: neither indoors nor outdoors."""
    eye, plan = 1.55, Plan(dice, 1.55)
    night = style == "night"
    half_x, half_z, tall = dice.uniform(6, 7.5, 0.5), dice.uniform(6, 8, 0.5), 5.6
    wall = paint(dice.pick(("d9b98c", "c98f6b", "e3d5b8")), "windows", "35424d", 2.6, glow=0.0)
    base = paint("8a7a68", "bricks", "b5a794", 0.2)
    walls: list[Solid] = []
    for x, z, w, d in (
        (0, half_z + 0.2, 2 * half_x + 0.8, 0.4),
        (0, -half_z - 0.2, 2 * half_x + 0.8, 0.4),
        (half_x + 0.2, 0, 0.4, 2 * half_z),
        (-half_x - 0.2, 0, 0.4, 2 * half_z),
    ):
        walls += [
            box((x, 0.9, z), (w, tall - 0.9, d), wall),
            box((x, 0, z), (w + 0.06, 0.9, d + 0.06), base),
            box((x, tall, z), (w + 0.3, 0.25, d + 0.3), paint("8c4a34", "scales", size=0.3)),
        ]
    room = Room(-half_x + 0.05, half_x - 0.05, -half_z + 0.05, half_z - 0.05, 99, base, base)
    plan = Plan(dice, eye, room)
    for make in (
        indoor.door,
        indoor.door,
        street.bicycle,
        nature.planter,
        nature.planter,
        street.bench,
        indoor.cabinet,
    ):
        first_free(plan, _ALL, make(dice))
    first_free(plan, _ALL, indoor.wall_clock(dice), lift=2.4)
    plan.scatter(nature.fountain, 1, 3.6, 5.0)
    plan.scatter(nature.statue, 1, 3.0, 5.5, facing="camera")
    plan.scatter(nature.well, 1, 3.0, 5.5)
    plan.scatter(nature.garden_table, 2, 1.8, 4.5)
    plan.scatter(nature.garden_chair, 4, 1.6, 4.5, facing="camera", gap=0.1)
    plan.scatter(nature.parasol, 1, 2.6, 4.8)
    plan.scatter(indoor.potted_plant, 3, 1.8, 5.5)
    plan.scatter(nature.bush, 2, 2.5, 5.5)
    plan.scatter(lambda d: nature.tree(d, "summer"), 1, 4.0, 5.0)
    for make in (
        nature.dog,
        industry.barrel,
        indoor.trash_can,
        nature.park_lamp,
        industry.ladder,
        indoor.vase,
    ):
        plan.scatter(make, 1, 1.8, 5.0, facing="camera")
    plan.put(street.drone(dice), dice.uniform(-1, 1), dice.uniform(-1, 1), lift=dice.uniform(3.2, 4.4))
    plan.put(street.manhole(dice), dice.uniform(-0.5, 0.5), dice.uniform(-0.5, 0.5))
    sky = Sky(*_SKIES["night" if night else "day"], 0.5, "none", (0, 0, 0), night)
    floor = paint("b9a58a", "tiles", "93816a", 0.5)
    return Scene(
        "", eye, tuple(plan.instances), tuple(walls), floor, (), sky, _daylight("night" if night else "day")
    )


FAMILIES: dict[str, Callable[[Dice, str], Scene]] = {
    "living_room": living_room,
    "kitchen": kitchen,
    "office": office,
    "warehouse": warehouse,
    "street": street_corner,
    "park": park,
    "farm": farm,
    "courtyard": courtyard,
}

#: Zenith, horizon and cloud colours.
_SKIES: dict[str, tuple[Colour, Colour, Colour]] = {
    "day": ((0.27, 0.5, 0.85), (0.75, 0.87, 0.96), (0.98, 0.98, 1.0)),
    "warm": ((0.38, 0.56, 0.8), (0.96, 0.88, 0.72), (1.0, 0.95, 0.86)),
    "grey": ((0.6, 0.68, 0.76), (0.86, 0.9, 0.93), (0.95, 0.96, 0.97)),
    "dusk": ((0.22, 0.22, 0.45), (0.98, 0.6, 0.38), (0.85, 0.5, 0.5)),
    "night": ((0.02, 0.03, 0.08), (0.13, 0.15, 0.25), (0.16, 0.18, 0.26)),
}


def _daylight(kind: str) -> Light:
    return {
        "day": Light(
            (0.62, 0.6, 0.54),
            _unit(0.5, 0.8, -0.35),
            (0.6, 0.65, 0.72),
            (0.34, 0.34, 0.3),
            (0.75, 0.85, 0.94),
            120,
        ),
        "warm": Light(
            (0.66, 0.54, 0.38),
            _unit(-0.75, 0.6, 0.4),
            (0.55, 0.56, 0.58),
            (0.36, 0.32, 0.26),
            (0.95, 0.87, 0.74),
            110,
        ),
        "grey": Light(
            (0.25, 0.25, 0.26),
            _unit(0.3, 1, 0.2),
            (0.68, 0.71, 0.76),
            (0.45, 0.47, 0.5),
            (0.86, 0.9, 0.93),
            70,
        ),
        "dusk": Light(
            (0.6, 0.38, 0.22),
            _unit(0.85, 0.45, 0.4),
            (0.36, 0.34, 0.44),
            (0.26, 0.2, 0.2),
            (0.85, 0.55, 0.42),
            130,
        ),
        "night": Light(
            (0.14, 0.15, 0.2),
            _unit(-0.4, 0.9, 0.3),
            (0.24, 0.26, 0.36),
            (0.2, 0.17, 0.14),
            (0.1, 0.11, 0.18),
            60,
        ),
    }[kind]


def _lamp_light(evening: bool) -> Light:
    if evening:
        return Light((0.36, 0.27, 0.16), _unit(0.15, 1, 0.1), (0.5, 0.42, 0.33), (0.36, 0.3, 0.24))
    return Light((0.34, 0.33, 0.3), _unit(0.3, 1, -0.25), (0.66, 0.66, 0.67), (0.5, 0.49, 0.47))


def _room(dice: Dice, low: float, high: float, height: float, wall: str) -> Room:
    """Return a room around the camera, which stands off its middle."""

    def side() -> float:
        return dice.uniform(low, high, 0.1)

    return Room(-side(), side(), -side(), side(), height, paint(wall, "rough", wall, 0.4), paint("f3f1ec"))


def _unit(x: float, y: float, z: float) -> tuple[float, float, float]:
    length = (x * x + y * y + z * z) ** 0.5
    return (round(x / length, 6), round(y / length, 6), round(z / length, 6))


#: Every procedural environment: its family and style.
STYLES: dict[str, tuple[str, str]] = {
    "LivingRoomDay": ("living_room", "day"),
    "LivingRoomEvening": ("living_room", "evening"),
    "KitchenDay": ("kitchen", "day"),
    "KitchenEvening": ("kitchen", "evening"),
    "OfficeFloor": ("office", "day"),
    "WarehouseBright": ("warehouse", "bright"),
    "WarehouseDim": ("warehouse", "dim"),
    "StreetDay": ("street", "day"),
    "StreetNight": ("street", "night"),
    "CourtyardDay": ("courtyard", "day"),
    "CourtyardNight": ("courtyard", "night"),
    "ParkSummer": ("park", "summer"),
    "ParkAutumn": ("park", "autumn"),
    "ParkWinter": ("park", "winter"),
    "FarmDay": ("farm", "day"),
    "FarmDusk": ("farm", "dusk"),
}


def lay_out(environment: str, dice: Dice) -> Scene:
    """Return a new scene of an environment; the dice decide what stands where."""
    family, style = STYLES[environment]
    return replace(FAMILIES[family](dice, style), environment=environment)
