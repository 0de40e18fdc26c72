"""The camera turned level, from which way is up in its frame: no heading is known or needed."""

from __future__ import annotations

import math

from panoenv_tasks.geometry.projection import Vector

#: Right, up and forward of the levelled camera, in the camera frame.
Level = tuple[Vector, Vector, Vector]
LEVEL: Vector = (0.0, 1.0, 0.0)


def level_axes(up: Vector) -> Level:
    """Return right, up and forward of the camera turned level, in the camera frame.

    Both frames are x right, y up, z forward. Heading is kept: forward is the camera's forward laid flat.
    Looking straight up or down has no heading; the camera frame is then returned as it is.

    Args:
        up: The world's up in the camera frame, of length 1.
    """
    flat = (-up[2] * up[0], -up[2] * up[1], 1.0 - up[2] * up[2])
    length = math.sqrt(flat[0] * flat[0] + flat[1] * flat[1] + flat[2] * flat[2])
    if length < 0.1:
        return (1.0, 0.0, 0.0), LEVEL, (0.0, 0.0, 1.0)
    x, y, z = (part / length for part in flat)
    right = (up[1] * z - up[2] * y, up[2] * x - up[0] * z, up[0] * y - up[1] * x)
    return right, up, (x, y, z)
