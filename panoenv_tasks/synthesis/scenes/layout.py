"""Put models into a scene without collisions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.paint import Paint, Pattern
from panoenv_tasks.synthesis.scenes.plinth import STONES, may_stand_on_plinth, plinth_under, room_of_plinth
from panoenv_tasks.synthesis.scenes.scene import Room
from panoenv_tasks.synthesis.scenes.solids import Extent, Instance, Model, bounds, place, resized

Make = Callable[[Dice], Model]
Wall = Literal["front", "rear", "left", "right"]

#: Nothing higher than a pallet stands nearer to the camera than this, in metres.
CAMERA_CLEARANCE, _FLAT = 0.75, 0.2
#: Things may stand on what is no higher than this.
_CARPET = 0.03
_TRIES = 40
#: What is above or below the camera clears its upright axis by this, but for this share.
_OFF_AXIS, _ACROSS = 0.3, 0.1
#: Things of a kind come in sizes from the first to the last, so that size and distance cannot be told from
#: the name.
_SIZES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.3, 1.5, 1.8, 2.2, 2.6)
_HEADROOM = 0.05
#: This share of what can stand on a plinth does: its height is that of the camera times one of these.
_RAISED, _PLINTHS = 0.3, (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
#: Half of the things wear a pattern where they are plain, and all are a little lighter or darker.
_PATTERNED = 0.5
_PATTERNS: tuple[Pattern, ...] = ("rough", "blotches", "leaves", "stripes", "bands", "spots", "wood")
_TONES = (0.78, 0.86, 0.94, 1.0, 1.06, 1.14, 1.22)
#: Rings begin this much nearer than stated, but not nearer than a step.
_NEARER, _STEP = 0.4, 0.9


class Plan:
    """The instances placed so far, and ways to place more.

    ``reach`` widens the rings in which things are scattered.
    """

    def __init__(self, dice: Dice, eye: float, room: Room | None = None, reach: float = 1.0) -> None:
        self.dice = dice
        self.eye = eye
        self.instances: list[Instance] = []
        self._room = room
        self._reach = reach

    def put(
        self,
        model: Model,
        x: float,
        z: float,
        *,
        yaw: float = 0,
        lift: float = 0,
        gap: float = 0.1,
        plinth: bool = False,
    ) -> bool:
        """Place a model unless it would touch another, the camera or a wall; say whether it was.

        With ``plinth`` it is set on one that fills its ``lift``.
        """
        one = place(model, x, z, yaw=yaw, lift=lift)
        if plinth:
            one = replace(one, plinth=plinth_under(one.extent, self.dice.pick(STONES)))
        flat = one.extent.size[1] <= _CARPET
        others = [extent for other in self.instances for extent in taken_up(other)]
        in_the_way = [other for other in others if flat or other.size[1] > _CARPET]
        for extent in taken_up(one):
            blocked = self._near_camera(extent) or self._outside(extent)
            if blocked or any(touching(extent, other, gap) for other in in_the_way):
                return False
        self.instances.append(one)
        return True

    def stack(self, model: Model, *, x: float = 0, z: float = 0, turn: float = 0) -> None:
        """Stand a small model on the one placed last, at an offset in that one's own axes."""
        below = self.instances[-1].extent
        c, s = math.cos(math.radians(below.yaw)), math.sin(math.radians(below.yaw))
        model = self._sized(model)
        top = below.centre[1] + below.size[1] / 2 + 0.003
        px, pz = below.centre[0] + c * x + s * z, below.centre[2] - s * x + c * z
        one = place(model, round(px, 4), round(pz, 4), yaw=below.yaw + turn, lift=round(top, 4))
        self.instances.append(one)

    def along_walls(self, model: Model, *, lift: float = 0, gap: float = 0.12) -> bool:
        """Place a model, in some size, with its back to any wall that has room; say whether one had."""
        model = self._sized(model)
        walls: Sequence[Wall] = ("front", "rear", "left", "right")
        return any(self._against(wall, model, lift, gap) for wall in self.dice.shuffled(walls))

    def _against(self, wall: Wall, model: Model, lift: float, gap: float) -> bool:
        room = self._room
        assert room is not None
        centre, size = bounds(model.parts)
        back = 0.01 - (centre[2] - size[2] / 2)
        for _ in range(_TRIES):
            along_x = wall in ("front", "rear")
            low, high = (room.left, room.right) if along_x else (room.rear, room.front)
            half = size[0] / 2 + 0.08
            if high - low < 2 * half:
                return False
            spot = self.dice.uniform(low + half, high - half)
            x, z, yaw = {
                "rear": (spot, room.rear + back, 0),
                "front": (spot, room.front - back, 180),
                "left": (room.left + back, spot, 90),
                "right": (room.right - back, spot, -90),
            }[wall]
            if self.put(model, x, z, yaw=yaw, lift=lift, gap=gap):
                return True
        return False

    def scatter(
        self,
        make: Make,
        count: int,
        near: float,
        far: float,
        *,
        facing: Literal["camera", "any"] = "any",
        lift: tuple[float, float] = (0, 0),
        sector: tuple[float, float] = (0, 360),
        gap: float = 0.3,
    ) -> None:
        """Place up to ``count`` models, each in some size, in a ring around the camera.

        They stand denser on its inside; the plan's ``reach`` moves its outside. ``sector`` is in degrees
        from the forward axis, clockwise seen from above.
        """
        low, high = max(_STEP, _NEARER * near), self._reach * far
        for _ in range(count):
            # What hangs keeps its size: its upper end belongs at the ceiling.
            model = make(self.dice)
            model = self._sized(model) if lift == (0, 0) else self._worn(model)
            raised = self._raised(model, lift)
            for _ in range(_TRIES):
                angle = self.dice.uniform(*sector, step=1.0)
                part = self.dice.uniform(0, 1)
                away = round(low + (high - low) * part * part, 3)
                x = round(away * math.sin(math.radians(angle)), 3)
                z = round(away * math.cos(math.radians(angle)), 3)
                turn = self.dice.uniform(0, 355, 5.0)
                yaw = angle + 180 + self.dice.uniform(-40, 40, 5.0) if facing == "camera" else turn
                height = self.dice.uniform(*lift, step=0.05)
                if raised:
                    height = round(self.eye * self.dice.pick(_PLINTHS), 3)
                if self.put(model, x, z, yaw=yaw, lift=height, gap=gap, plinth=raised):
                    break

    def overhead(self, make: Make, most: int, lift: tuple[float, float], within: float) -> None:
        """Hang one to ``most`` models above the camera, ``within`` metres off to each side."""
        for _ in range(1 + self.dice.below(most)):
            model = self._worn(make(self.dice))
            x, z = self._beside(model, within)
            height = self.dice.uniform(*lift)
            self.put(model, x, z, lift=height, yaw=self.dice.uniform(0, 350, 10))

    def underfoot(self, flat: Make, small: Sequence[Make]) -> None:
        """Put small things about the feet, and something flat somewhere, seldom under the camera."""
        model = self._sized(flat(self.dice))
        x, z = self._beside(model, self.dice.pick((1.0, 2.0, 3.0, 4.0)))
        self.put(model, x, z, yaw=self.dice.uniform(0, 90, 5.0))
        for make in self.dice.sample((*small, *small), 3 + self.dice.below(3)):
            self.scatter(make, 1, _STEP / _NEARER, 1.3 * self.eye / self._reach, gap=0.05)

    def _beside(self, model: Model, within: float) -> tuple[float, float]:
        """Return a place up to ``within`` metres off, seldom one across the camera's upright axis."""
        size = bounds(model.parts)[1]
        half = math.hypot(size[0], size[2]) / 2 + _OFF_AXIS
        across = self.dice.chance(_ACROSS)
        for _ in range(_TRIES):
            x, z = self.dice.uniform(-within, within), self.dice.uniform(-within, within)
            if across or math.hypot(x, z) > half:
                break
        return x, z

    def _sized(self, model: Model) -> Model:
        """Return a model in some size that fits under the ceiling, worn."""
        size = self.dice.pick(_SIZES)
        if self._room is not None:
            tall = bounds(model.parts)[1][1]
            size = min(size, (self._room.height - _HEADROOM) / tall)
        return self._worn(resized(model, size))

    def _worn(self, model: Model) -> Model:
        """Return a model a little lighter or darker, and some with a pattern where they were plain."""
        tone, patterned = self.dice.pick(_TONES), self.dice.chance(_PATTERNED)
        pattern, period = self.dice.pick(_PATTERNS), self.dice.uniform(0.04, 0.3)

        def worn(used: Paint) -> Paint:
            if used.glow or used.gleam:
                return used
            first, second = (
                (min(1.0, r * tone), min(1.0, g * tone), min(1.0, b * tone))
                for r, g, b in (used.colour, used.second)
            )
            if patterned and used.pattern == "plain":
                dark = (first[0] * 0.7, first[1] * 0.7, first[2] * 0.7)
                return replace(used, colour=first, second=dark, pattern=pattern, size=period)
            return replace(used, colour=first, second=second)

        return replace(model, parts=tuple(replace(part, paint=worn(part.paint)) for part in model.parts))

    def _raised(self, model: Model, lift: tuple[float, float]) -> bool:
        standing = Extent(*bounds(model.parts), 0)
        may = lift == (0, 0) and may_stand_on_plinth(model.label, standing)
        return may and self.dice.chance(_RAISED)

    def _near_camera(self, extent: Extent) -> bool:
        low = extent.centre[1] - extent.size[1] / 2
        if extent.centre[1] + extent.size[1] / 2 < _FLAT or low > self.eye + 0.3:
            return False
        camera = Extent((0, self.eye, 0), (2 * CAMERA_CLEARANCE, 10, 2 * CAMERA_CLEARANCE), 0)
        return touching(extent, camera, 0)

    def _outside(self, extent: Extent) -> bool:
        room = self._room
        if room is None:
            return False
        if extent.centre[1] + extent.size[1] / 2 > room.height + 0.01:
            return True
        return any(
            not (room.left < x < room.right and room.rear < z < room.front)
            for x, z in _corners(extent, -0.005)
        )


def taken_up(one: Instance) -> list[Extent]:
    """Return the upright boxes of an instance and of its plinth."""
    return [one.extent, *([room_of_plinth(one.extent)] if one.plinth else [])]


def _corners(extent: Extent, gap: float) -> list[tuple[float, float]]:
    c, s = math.cos(math.radians(extent.yaw)), math.sin(math.radians(extent.yaw))
    half_x, half_z = extent.size[0] / 2 + gap, extent.size[2] / 2 + gap
    return [
        (
            extent.centre[0] + c * sx * half_x + s * sz * half_z,
            extent.centre[2] - s * sx * half_x + c * sz * half_z,
        )
        for sx, sz in ((-1, -1), (-1, 1), (1, 1), (1, -1))
    ]


def touching(one: Extent, other: Extent, gap: float) -> bool:
    """Whether two upright boxes come closer than ``gap``, by their separating axes."""
    reach = (one.size[1] + other.size[1]) / 2
    if abs(one.centre[1] - other.centre[1]) >= reach - 1e-6:
        return False
    first, second = _corners(one, gap / 2), _corners(other, gap / 2)
    for extent in (one, other):
        c, s = math.cos(math.radians(extent.yaw)), math.sin(math.radians(extent.yaw))
        for ax, az in ((c, -s), (s, c)):
            a = [ax * x + az * z for x, z in first]
            b = [ax * x + az * z for x, z in second]
            if max(a) <= min(b) or max(b) <= min(a):
                return False
    return True
