"""Parks and farms."""

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
    plants,
    seats,
    street,
    things,
    vehicles,
)
from panoenv_tasks.synthesis.scenes.kinds import park as kinds
from panoenv_tasks.synthesis.scenes.layout import Make, Plan
from panoenv_tasks.synthesis.scenes.paint import Colour, paint
from panoenv_tasks.synthesis.scenes.scene import Patch, Scene, Skyline

_FAR = 300

#: Per season: weather, two ground colours, two path colours, what stands on the horizon.
_SEASONS: dict[str, tuple[Weather, tuple[str, str], tuple[str, str], Skyline, Colour]] = {
    "summer": ("day", ("7fae52", "5f8f3f"), ("c9b58c", "ab9871"), "hills", (0.42, 0.55, 0.42)),
    "autumn": ("warm", ("a9984f", "c07a35"), ("c9b58c", "ab9871"), "hills", (0.58, 0.47, 0.32)),
    "winter": ("grey", ("eef2f5", "d3dde5"), ("b9b3a6", "a39d90"), "mountains", (0.55, 0.62, 0.66)),
}


def park(dice: Dice, style: str) -> Scene:
    """Return a park where paths cross at the camera, in summer, autumn or winter."""
    plan = Plan(dice, dice.uniform(1.1, 2.8), reach=dice.pick((1.0, 2.0, 4.0, 8.0)))
    plan.scatter(kinds.fountain, 1, 5.0, 8.0)
    plan.scatter(buildings.gazebo, 1, 7.0, 11.0)
    plan.scatter(kinds.pond, 1, 5.5, 9.0)
    if plan.instances[-1].label == "pond" and style != "winter":
        plan.stack(animals.duck(dice), x=0.6, z=0.4, turn=60)
    large: Sequence[Make] = (kinds.slide, kinds.swing, kinds.statue, furniture.picnic_table)
    for make in large:
        plan.scatter(make, 1, 3.5, 7.5, facing="camera")
    plan.scatter(seats.bench, 2, 2.2, 6.0, facing="camera")
    plan.scatter(lamps.park_lamp, 2, 2.2, 6.0)
    plan.scatter(plants.rock, 2, 2.2, 6.0)
    if style != "winter":
        plan.scatter(plants.flower_bed, 1, 2.2, 6.0)
    small: Sequence[Make] = (plants.log, things.trash_can, vehicles.bicycle, animals.dog)
    for make in (*small, things.toy_ball, animals.duck):
        plan.scatter(make, 1, 2.2, 6.0, facing="camera")
    plan.scatter(lambda d: plants.bush(d, style), 4, 3.0, 9.0)
    plan.scatter(lambda d: plants.tree(d, style), 7, 6.0, 16.0)
    plan.scatter(lambda d: plants.pine(d, style), 4, 7.0, 18.0)
    plan.scatter(aircraft.balloon, dice.below(2), 12.0, 18.0, lift=(14, 20))
    for make in dice.sample((*large, *small, seats.bench, plants.rock), 8):
        plan.scatter(make, 1, 2.2, 7.0)
    plan.scatter(buildings.house, 3, 50.0, 30.0)
    plan.overhead(aircraft.drone, 3, (plan.eye + 1.6, plan.eye + 5.0), 1.5)
    plan.underfoot(street.manhole, (things.toy_ball, animals.duck, plants.rock, things.trash_can))
    weather, ground, path, skyline, far = _SEASONS[style]
    gravel = paint(path[0], "rough", path[1], 0.15)
    return Scene(
        environment="",
        eye=plan.eye,
        instances=tuple(plan.instances),
        walls=(),
        floor=paint(ground[0], "rough", ground[1], 0.35),
        patches=(Patch(gravel, -1.3, 1.3, -_FAR, _FAR), Patch(gravel, -_FAR, _FAR, 2.2, 4.2)),
        backdrop=sky(weather, 0.75 if style == "winter" else 0.5, skyline, far),
        light=DAYLIGHT[weather],
    )


def farm(dice: Dice, style: str) -> Scene:
    """Return a farm track between barn, mill and fields."""
    plan = Plan(dice, dice.uniform(1.1, 2.8), reach=dice.pick((1.0, 2.0, 4.0, 8.0)))
    plan.scatter(buildings.barn, 1, 12, 16, facing="camera")
    plan.scatter(buildings.silo, 1, 11, 16)
    plan.scatter(buildings.windmill, 1, 13, 18, facing="camera")
    plan.scatter(buildings.house, 1, 14, 19, facing="camera")
    plan.scatter(vehicles.tractor, 1, 4.5, 7.5, facing="camera")
    plan.scatter(animals.cow, 3, 2.6, 9.0)
    plan.scatter(animals.sheep, 3, 2.6, 9.0)
    plan.scatter(plants.hay_bale, 3, 2.6, 9.0)
    plan.scatter(street.fence, 4, 2.6, 9.0)
    small: Sequence[Make] = (kinds.well, animals.scarecrow, animals.dog, things.barrel)
    for make in (*small, things.crate, things.ladder, plants.log):
        plan.scatter(make, 1, 2.6, 8.0, facing="camera")
    plan.scatter(plants.tree, 4, 9.0, 20.0)
    plan.scatter(plants.bush, 3, 4.0, 10.0)
    for make in dice.sample((*small, plants.hay_bale, animals.cow, animals.sheep), 8):
        plan.scatter(make, 1, 2.6, 8.0)
    plan.scatter(buildings.house, 3, 50.0, 30.0)
    plan.overhead(aircraft.drone, 3, (plan.eye + 1.6, plan.eye + 5.0), 1.5)
    plan.underfoot(things.pallet, (animals.duck, things.carton, things.toy_ball, plants.rock))
    weather: Weather = "dusk" if style == "dusk" else "day"
    far = (0.38, 0.33, 0.36) if style == "dusk" else (0.45, 0.58, 0.42)
    crops, soil = paint("7a5c3c", "stripes", "8fae4a", 1.2), paint("8a6a45", "rough", "6f5335", 0.2)
    return Scene(
        environment="",
        eye=plan.eye,
        instances=tuple(plan.instances),
        walls=(),
        floor=paint("b3a24f", "rough", "8f8a3e", 0.4),
        patches=(Patch(crops, 4.0, 60.0, -60, -3.0), Patch(soil, -1.6, 1.6, -_FAR, _FAR)),
        backdrop=sky(weather, 0.45, "hills", far),
        light=DAYLIGHT[weather],
    )
