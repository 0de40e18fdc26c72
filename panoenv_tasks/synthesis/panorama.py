"""One panorama with what is known of every pixel: the door between sources and questions.

Scenes, TartanAir frames and frame folders all become this one record; nothing after it knows which it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.projection import Floats, Vector, levelled_axes


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
        pose: ``(4, 4)``: the camera frame to the world, whose second axis is up, metres; None where the
            camera is level or its tilt unknown.
        picture: The file of ``rgb`` where it can be copied as it is.
    """

    environment: str
    frame: str
    rgb: npt.NDArray[np.uint8]
    depth: Floats
    segments: npt.NDArray[np.int32]
    labels: Mapping[int, str]
    truth: Mapping[int, Truth] = field(default_factory=dict)
    pose: npt.NDArray[np.float64] | None = None
    picture: Path | None = None

    @property
    def level(self) -> tuple[Vector, Vector, Vector] | None:
        """The axes of the levelled camera frame (right, up, forward) in the camera frame."""
        return None if self.pose is None else levelled_axes(self.pose[1, :3].tolist())
