"""Living rooms, kitchens, offices and warehouses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.families.light import LAMPS
from panoenv_tasks.synthesis.scenes.kinds import (
    animals,
    appliances,
    furniture,
    lamps,
    plants,
    seats,
    street,
    things,
    vehicles,
    walls,
    workshop,
)
from panoenv_tasks.synthesis.scenes.layout import Make, Plan
from panoenv_tasks.synthesis.scenes.paint import Paint, Pattern, paint
from panoenv_tasks.synthesis.scenes.scene import Light, Patch, Room, Scene

_WALLPAPERS: tuple[Pattern, ...] = ("plain", "rough", "stripes", "bricks", "tiles", "blotches")


def living_room(dice: Dice, style: str) -> Scene:
    """Return a furnished room with a rug below and a lamp above the camera."""
    room = _room(dice, 3.0, 3.9, 2.8, dice.pick(("e8dcc8", "cfd8d0", "d8c7b8", "c9d3dc")))
    plan = Plan(dice, dice.uniform(0.9, 1.9), room)
    plan.underfoot(things.rug, (things.toy_ball, things.carton, seats.stool, things.vase))
    if plan.along_walls(furniture.cabinet(dice)):
        plan.stack(appliances.television(dice))
    big: Sequence[Make] = (seats.sofa, furniture.bookshelf, walls.fireplace, seats.bed)
    for make in (*big, appliances.piano, furniture.wardrobe, walls.door):
        plan.along_walls(make(dice))
    window = partial(walls.window, dark=style == "evening")
    _hang(plan, (window, 0.9), (walls.painting, 1.4), (walls.painting, 1.4), (walls.wall_clock, 1.8))
    plan.along_walls(walls.curtain(dice))
    plan.scatter(seats.armchair, 2, 1.5, 2.6, facing="camera")
    plan.scatter(furniture.coffee_table, 1, 1.4, 2.4)
    plan.scatter(lamps.floor_lamp, 1, 1.6, 3.2)
    plan.scatter(plants.potted_plant, 2, 1.4, 3.2)
    plan.scatter(things.toy_ball, 1, 1.2, 2.5)
    plan.scatter(seats.stool, 1, 1.3, 2.5)
    _clutter(plan, (things.carton, things.vase, things.toy_ball, plants.potted_plant, seats.stool))
    plan.overhead(lamps.pendant_lamp, 3, (room.height - 0.86, room.height - 0.86), 1.0)
    floor = paint(dice.pick(("b98a5a", "a5774a", "8f6a48")), "planks", "6f4c2c", 0.16)
    return _scene(plan, room, floor, LAMPS[style])


def kitchen(dice: Dice, style: str) -> Scene:
    """Return a kitchen with a dining table and a fan above the camera."""
    room = _room(dice, 2.6, 3.4, 2.7, dice.pick(("dfe8e2", "efe4cf", "d9e2ea")))
    plan = Plan(dice, dice.uniform(0.9, 1.9), room)
    plan.underfoot(things.rug, (things.toy_ball, things.carton, animals.duck, things.trash_can))
    units: Sequence[Make] = (appliances.kitchen_sink, appliances.stove, appliances.fridge)
    for make in (*units, furniture.cabinet, walls.door, furniture.bookshelf):
        plan.along_walls(make(dice), gap=0.06)
    window = partial(walls.window, dark=style == "evening")
    _hang(plan, (window, 1.0), (walls.wall_clock, 1.8), (walls.painting, 1.5))
    side = dice.uniform(0, 330, 10)
    plan.scatter(furniture.table, 1, 1.6, 2.2, sector=(side, side + 30))
    if plan.instances[-1].label == "table":
        plan.stack(things.vase(dice), x=dice.uniform(-0.4, 0.4))
    plan.scatter(seats.chair, 4, 1.2, 2.8, facing="camera", gap=0.05)
    plan.scatter(things.trash_can, 1, 1.3, 3.0)
    plan.scatter(plants.potted_plant, 1, 1.3, 3.0)
    plan.scatter(animals.dog, 1, 1.2, 2.6)
    _clutter(plan, (things.carton, things.barrel, plants.potted_plant, seats.stool, things.vase))
    plan.overhead(lamps.ceiling_fan, 1, (room.height - 0.4, room.height - 0.4), 0.9)
    plan.overhead(lamps.pendant_lamp, 2, (room.height - 0.86, room.height - 0.86), 1.0)
    joints = dice.pick(("5d737e", "9a6b55", "4a5d52"))
    floor = paint("e9e4d8", dice.pick(("checker", "tiles")), joints, 0.4)
    return _scene(plan, room, floor, LAMPS[style])


def office(dice: Dice, style: str) -> Scene:
    """Return an office with desks along the walls."""
    room = _room(dice, 3.4, 4.6, 2.8, dice.pick(("e6e8ea", "dbe4e6", "ece7dd")))
    plan = Plan(dice, dice.uniform(0.9, 1.9), room)
    plan.underfoot(things.rug, (things.carton, things.trash_can, things.toy_ball, seats.stool))
    for _ in range(3):
        if plan.along_walls(furniture.desk(dice)):
            plan.stack(appliances.monitor(dice), x=dice.uniform(-0.4, 0.2), z=-0.1)
    big: Sequence[Make] = (furniture.bookshelf, appliances.printer, appliances.water_dispenser)
    for make in (*big, walls.door, furniture.wardrobe):
        plan.along_walls(make(dice))
    _hang(plan, (walls.whiteboard, 1.0), (walls.window, 1.0), (walls.wall_clock, 2.0), (walls.painting, 1.4))
    plan.scatter(seats.office_chair, 3, 1.2, 3.0, facing="camera", gap=0.1)
    plan.scatter(plants.potted_plant, 2, 1.5, 3.6)
    plan.scatter(things.trash_can, 1, 1.4, 3.0)
    plan.scatter(things.carton, 2, 1.4, 3.2)
    plan.scatter(seats.sofa, 1, 2.0, 3.2, facing="camera")
    _clutter(plan, (things.carton, seats.stool, plants.potted_plant, things.extinguisher))
    plan.overhead(lamps.pendant_lamp, 3, (room.height - 0.86, room.height - 0.86), 1.0)
    carpet = dice.pick((("7d8a94", "727e88"), ("8a8478", "7e786d"), ("66757a", "5c6a6f")))
    floor = paint(carpet[0], "rough", carpet[1], 0.05)
    return _scene(plan, room, floor, LAMPS[style])


def warehouse(dice: Dice, style: str) -> Scene:
    """Return a hall with racks along the walls and a crane hook above the camera."""
    room = _room(dice, 9, 12, 6.5, "aeb6ba")
    room = replace(
        room,
        wall=paint("aeb6ba", "ribs", "98a1a6", 0.5),
        ceiling=paint("8d959a", "ribs", "70787d", 1.2),
    )
    plan = Plan(dice, dice.uniform(1.0, 3.2), room, dice.pick((1.0, 1.4, 2.0)))
    for _ in range(dice.pick((5, 6, 7))):
        plan.along_walls(workshop.rack(dice), gap=0.4)
    plan.scatter(vehicles.forklift, 1, 3.0, 5.5, facing="camera")
    plan.scatter(workshop.conveyor, 1, 3.0, 5.0)
    plan.scatter(workshop.machine, 1, 3.0, 6.0, facing="camera")
    plan.scatter(workshop.workbench, 1, 2.6, 6.0, facing="camera")
    plan.scatter(things.crate, 3, 1.8, 6.0)
    plan.scatter(things.barrel, 4, 1.6, 6.0)
    plan.scatter(things.pallet, 2, 1.6, 6.0)
    plan.scatter(things.carton, 3, 1.6, 6.0)
    plan.scatter(things.cone, 3, 1.6, 6.0)
    for make in (things.ladder, vehicles.hand_cart, things.extinguisher, things.trash_can):
        plan.scatter(make, 1, 1.8, 4.5, facing="camera")
    _clutter(plan, (things.carton, things.barrel, things.crate, things.cone))
    plan.underfoot(street.manhole, (things.carton, things.cone, things.extinguisher, things.toy_ball))
    plan.overhead(workshop.crane_hook, 2, (room.height - 2.5, room.height - 2.5), 2.0)
    under = room.height - 1.3
    plan.scatter(lamps.hanging_lamp, 3, 2.5, 5.0, lift=(under, under))
    lane = paint("d9b23a")
    patches = tuple(Patch(lane, x - 0.07, x + 0.07, room.rear, room.front) for x in (-2.2, 2.2))
    floor = paint("9a9890", "tiles", "7f7d76", 3.0)
    return _scene(plan, room, floor, LAMPS["dim" if style == "dim" else "hall"], patches)


def _hang(plan: Plan, *things_at: tuple[Make, float]) -> None:
    for make, height in things_at:
        plan.along_walls(make(plan.dice), lift=height, gap=0.25)


def _clutter(plan: Plan, small: Sequence[Make]) -> None:
    """Put more of what lies about, some kinds twice."""
    for _ in range(5 + plan.dice.below(4)):
        plan.scatter(plan.dice.pick(small), 1, 1.4, 4.5, gap=0.1)


def _room(dice: Dice, low: float, high: float, height: float, wall: str) -> Room:
    """Return a room around the camera, which stands off its middle."""
    roomy = dice.pick((1.0, 1.0, 1.4, 2.0, 2.8))

    def side() -> float:
        return round(roomy * dice.uniform(low, high, 0.1), 2)

    pattern = dice.pick(_WALLPAPERS)
    period = dice.pick((0.12, 0.25, 0.4)) if pattern != "bricks" else 0.12
    papered = paint(wall, pattern, _shaded(wall, dice.pick((0.84, 0.9, 1.06))), period)
    ceiling = paint("f3f1ec", dice.pick(("plain", "tiles", "rough")), "dcd9d2", 0.6)
    return Room(-side(), side(), -side(), side(), height, papered, ceiling)


def _shaded(colour: str, tone: float) -> str:
    levels = (min(255, round(tone * int(colour[k : k + 2], 16))) for k in (0, 2, 4))
    return "".join(f"{level:02x}" for level in levels)


def _scene(plan: Plan, room: Room, floor: Paint, light: Light, patches: tuple[Patch, ...] = ()) -> Scene:
    return Scene("", plan.eye, tuple(plan.instances), (), floor, patches, room, light)
