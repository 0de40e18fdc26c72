"""One panorama with what is known of every pixel: the meeting point of sources and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats, Vector


class FrameError(ValueError):
    """A frame that cannot be used: it is reported with this reason and skipped."""


@dataclass(frozen=True)
class Truth:
    """What a procedural scene knows of an object beyond its pixels.

    ``centre`` and ``size`` (metres) are of the box along the object's own axes; ``visible`` is the part
    of its outline that nothing hides.
    """

    centre: Vector
    size: Vector
    visible: float


@dataclass(frozen=True)
class Panorama:
    """A panorama and its maps, all of one height and width.

    Attributes:
        environment: Name of the environment.
        frame: Name of the frame in it.
        rgb: ``(height, width, 3)`` uint8.
        depth: ``(height, width)`` float32: distance from the camera in metres, infinite where unknown.
        segments: ``(height, width)`` int32: 0 for background, else the number of an object.
        labels: The label of every object number.
        truth: Exact knowledge by object number; empty for recorded data.
        level: The axes of the levelled camera frame (right, up, forward) in the camera frame; None where
            the camera is level or its tilt unknown.
    """

    environment: str
    frame: str
    rgb: npt.NDArray[np.uint8]
    depth: Floats
    segments: npt.NDArray[np.int32]
    labels: Mapping[int, str]
    truth: Mapping[int, Truth] = field(default_factory=dict)
    level: tuple[Vector, Vector, Vector] | None = None
