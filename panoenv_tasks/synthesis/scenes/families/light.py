"""Daylight, lamp light and skies."""

from __future__ import annotations

from typing import Literal

from panoenv_tasks.geometry.projection import Vector
from panoenv_tasks.synthesis.scenes.paint import Colour
from panoenv_tasks.synthesis.scenes.scene import Light, Sky, Skyline

Weather = Literal["day", "warm", "grey", "dusk", "night"]


def _towards(x: float, y: float, z: float) -> Vector:
    length = (x * x + y * y + z * z) ** 0.5
    return (round(x / length, 6), round(y / length, 6), round(z / length, 6))


#: Per kind of room light: from the lamps, where they are, from above, from below.
LAMPS: dict[str, Light] = {
    "day": Light((0.3, 0.29, 0.26), _towards(0.3, 1, -0.25), (0.68, 0.68, 0.69), (0.72, 0.71, 0.69)),
    "evening": Light((0.34, 0.26, 0.15), _towards(0.15, 1, 0.1), (0.5, 0.42, 0.33), (0.56, 0.46, 0.36)),
    "hall": Light((0.4, 0.4, 0.38), _towards(0.25, 1, -0.2), (0.64, 0.65, 0.67), (0.6, 0.6, 0.6)),
    "dim": Light((0.34, 0.3, 0.22), _towards(-0.2, 1, 0.25), (0.42, 0.42, 0.46), (0.34, 0.33, 0.34)),
}

DAYLIGHT: dict[Weather, Light] = {
    "day": Light(
        sun=(0.62, 0.6, 0.54),
        towards=_towards(0.5, 0.8, -0.35),
        above=(0.6, 0.65, 0.72),
        below=(0.36, 0.36, 0.32),
        haze=(0.75, 0.85, 0.94),
        clear=140,
    ),
    "warm": Light(
        sun=(0.66, 0.54, 0.38),
        towards=_towards(-0.75, 0.6, 0.4),
        above=(0.55, 0.56, 0.58),
        below=(0.38, 0.34, 0.28),
        haze=(0.95, 0.87, 0.74),
        clear=130,
    ),
    "grey": Light(
        sun=(0.25, 0.25, 0.26),
        towards=_towards(0.3, 1, 0.2),
        above=(0.68, 0.71, 0.76),
        below=(0.45, 0.47, 0.5),
        haze=(0.86, 0.9, 0.93),
        clear=80,
    ),
    "dusk": Light(
        sun=(0.66, 0.42, 0.24),
        towards=_towards(0.75, 0.55, 0.4),
        above=(0.44, 0.41, 0.5),
        below=(0.32, 0.25, 0.24),
        haze=(0.85, 0.55, 0.42),
        clear=150,
    ),
    "night": Light(
        sun=(0.2, 0.21, 0.28),
        towards=_towards(-0.4, 0.9, 0.3),
        above=(0.4, 0.42, 0.54),
        below=(0.34, 0.29, 0.24),
        haze=(0.12, 0.13, 0.2),
        clear=80,
    ),
}

#: Zenith, horizon and cloud colours.
_SKIES: dict[Weather, tuple[Colour, Colour, Colour]] = {
    "day": ((0.27, 0.5, 0.85), (0.75, 0.87, 0.96), (0.98, 0.98, 1.0)),
    "warm": ((0.38, 0.56, 0.8), (0.96, 0.88, 0.72), (1.0, 0.95, 0.86)),
    "grey": ((0.6, 0.68, 0.76), (0.86, 0.9, 0.93), (0.95, 0.96, 0.97)),
    "dusk": ((0.22, 0.22, 0.45), (0.98, 0.6, 0.38), (0.85, 0.5, 0.5)),
    "night": ((0.02, 0.03, 0.09), (0.15, 0.17, 0.28), (0.16, 0.18, 0.26)),
}


def sky(weather: Weather, cover: float, skyline: Skyline, far: Colour) -> Sky:
    """Return a sky with its clouds and what stands on the horizon in the colour ``far``."""
    return Sky(*_SKIES[weather], cover, skyline, far, stars=weather == "night")
