"""The sky above and what stands on the horizon, as a function of direction alone."""

from __future__ import annotations

import numpy as np

from panoenv_tasks.synthesis.scenes.paint import Plane, grain, soft_grain
from panoenv_tasks.synthesis.scenes.scene import Sky

#: No skyline is higher than this: the y of its rays.
_SKYLINE = np.float32(0.4)

Place = tuple[Plane, Plane, Plane]


def sky_colour(sky: Sky, ray: Place) -> Place:
    """Return the colour of directions that meet nothing."""
    x, y, z = ray
    high = np.clip(y, 0, 1)
    rise = 1 - (1 - high) * (1 - high)
    colour = [np.float32(h) + np.float32(t - h) * rise for h, t in zip(sky.horizon, sky.zenith, strict=True)]
    if sky.stars:
        bright = (grain(x * 9, z * 9 + y * 7) > np.float32(0.93)) & (y > 0.12)
        colour = [part + bright * np.float32(0.5) for part in colour]
    if sky.cover > 0:
        flat = np.float32(0.35) / (high + np.float32(0.18))
        veil = soft_grain(x * flat, z * flat) * np.float32(0.65)
        veil += soft_grain(x * flat * 2 + 3, z * flat * 2 + 1) * np.float32(0.35)
        part = np.clip((veil - np.float32(0.92 - 0.75 * sky.cover)) * 4, 0, 1)
        part = part * np.clip(high * 6, 0, 1)
        colour = [c + (np.float32(white) - c) * part for c, white in zip(colour, sky.cloud, strict=True)]
    if sky.skyline != "none":
        low = np.flatnonzero(y < _SKYLINE)
        hidden, tone = _skyline(sky, x[low], y[low], z[low])
        for part, far in zip(colour, sky.far, strict=True):
            part[low] = np.where(hidden, np.float32(far) * tone, part[low])
    return (colour[0], colour[1], colour[2])


def _skyline(sky: Sky, x: Plane, y: Plane, z: Plane) -> tuple[Plane, Plane]:
    """Return where the far horizon hides the sky, and how light it is there."""
    level = np.abs(x) + np.abs(z) + np.float32(1e-6)
    part = z / level
    around = np.where(x >= 0, 1 - part, 3 + part)
    slope = y / np.sqrt(x * x + z * z + np.float32(1e-6))
    zero = np.zeros_like(around)
    if sky.skyline == "city":
        block = np.floor(around * 18)
        tall = grain(block / 64 * 7, zero) * np.float32(0.26) - np.float32(0.02)
        window = (grain(np.floor(around * 126) / 64 * 5, np.floor(slope * 70) / 64 * 3)) > 0.62
        return slope < tall, np.float32(0.9) + window * np.float32(0.25)
    if sky.skyline == "mountains":
        tall = soft_grain(around * 2, zero + 2) * np.float32(0.34)
        tall += soft_grain(around * 6, zero + 5) * np.float32(0.06) - np.float32(0.06)
        snow = slope > tall - np.float32(0.05)
        return slope < tall, np.float32(0.85) + snow * np.float32(0.35)
    tall = soft_grain(around * 2, zero + 1) * np.float32(0.14)
    tall += soft_grain(around * 10, zero + 6) * np.float32(0.02)
    return slope < tall, np.float32(0.85) + slope * 2
