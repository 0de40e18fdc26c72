"""Put models into a scene without collisions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.scenes.scene import Room
from panoenv_tasks.synthesis.scenes.solids import Extent, Instance, Model, bounds, place, resized

Make = Callable[[Dice], Model]
Wall = Literal["front", "rear", "left", "right"]

#: Nothing higher than a pallet stands nearer to the camera than this, in metres.
CAMERA_CLEARANCE, _FLAT = 0.75, 0.2
#: Things may stand on what is no higher than this.
_CARPET = 0.03
_TRIES = 40
#: Things of a kind come in these sizes, so that size and distance cannot be told from the name.
_SIZES = (0.7, 0.8, 0.9, 1.0, 1.0, 1.15, 1.3, 1.5)
#: Rings begin this much nearer than stated, but not nearer than a step.
_NEARER, _STEP = 0.55, 0.9


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
        self, model: Model, x: float, z: float, *, yaw: float = 0, lift: float = 0, gap: float = 0.1
    ) -> bool:
        """Place a model unless it would touch another, the camera or a wall; say whether it was."""
        one = place(model, x, z, yaw=yaw, lift=lift)
        flat = one.extent.size[1] <= _CARPET
        others = [other.extent for other in self.instances]
        in_the_way = [other for other in others if flat or other.size[1] > _CARPET]
        blocked = self._near_camera(one.extent) or self._outside(one.extent)
        if blocked or any(touching(one.extent, other, gap) for other in in_the_way):
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
            model = self._sized(make(self.dice))
            for _ in range(_TRIES):
                angle = self.dice.uniform(*sector, step=1.0)
                part = self.dice.uniform(0, 1)
                away = round(low + (high - low) * part * part, 3)
                x = round(away * math.sin(math.radians(angle)), 3)
                z = round(away * math.cos(math.radians(angle)), 3)
                turn = self.dice.uniform(0, 355, 5.0)
                yaw = angle + 180 + self.dice.uniform(-40, 40, 5.0) if facing == "camera" else turn
                height = self.dice.uniform(*lift, step=0.05)
                if self.put(model, x, z, yaw=yaw, lift=height, gap=gap):
                    break

    def overhead(self, make: Make, most: int, lift: tuple[float, float], within: float) -> None:
        """Hang one to ``most`` models above the camera, ``within`` metres off to each side."""
        for _ in range(1 + self.dice.below(most)):
            x, z = self.dice.uniform(-within, within), self.dice.uniform(-within, within)
            height = self.dice.uniform(*lift)
            self.put(make(self.dice), x, z, lift=height, yaw=self.dice.uniform(0, 350, 10))

    def underfoot(self, flat: Make, small: Sequence[Make]) -> None:
        """Put small things about the feet, and something flat somewhere, seldom under the camera."""
        wide = self.dice.pick((0.5, 2.0, 3.0, 4.0))
        x, z = self.dice.uniform(-wide, wide), self.dice.uniform(-wide, wide)
        self.put(self._sized(flat(self.dice)), x, z, yaw=self.dice.uniform(0, 90, 5.0))
        for make in self.dice.sample(small, 2 + self.dice.below(2)):
            self.scatter(make, 1, _STEP / _NEARER, 1.3 * self.eye / self._reach, gap=0.05)

    def _sized(self, model: Model) -> Model:
        return resized(model, self.dice.pick(_SIZES))

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
        return any(
            not (room.left < x < room.right and room.rear < z < room.front)
            for x, z in _corners(extent, -0.005)
        )


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
