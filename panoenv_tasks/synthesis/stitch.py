"""Six cube faces to one panorama: colour bilinear, labels nearest, planar depth to range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, Face, face_of, ring_rays
from panoenv_tasks.geometry.projection import Floats, Rays, along, erp_rays

#: Depth from here on, in metres, is sky or out of range: TartanAir saturates at 65504 (float16).
FAR = 1000.0

Faces = Mapping[Face, npt.NDArray[Any]]


@dataclass(frozen=True)
class _Lookup:
    """Where each panorama pixel finds its value; all arrays are ``(height, width)``.

    ``nearest`` indexes the six faces laid end to end, flat. ``x`` and ``y`` are pixel coordinates in
    the column of faces with their one-pixel rings. ``cosine`` is between the ray and its face's axis.
    """

    nearest: npt.NDArray[np.int32]
    x: Floats
    y: Floats
    cosine: Floats


def stitch_colour(faces: Faces, height: int, width: int) -> npt.NDArray[np.uint8]:
    """Return the panorama ``(height, width, 3)`` of six ``(n, n, 3)`` uint8 images, bilinear."""
    import cv2

    size = _size(faces)
    lookup = _lookup(height, width, size)
    flat = np.concatenate([faces[face].reshape(-1, 3) for face in FACES])
    column = flat[_ringed(size)]
    return np.asarray(
        cv2.remap(column, lookup.x, lookup.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def stitch_labels(faces: Faces, height: int, width: int) -> npt.NDArray[Any]:
    """Return the panorama of six ``(n, n)`` label maps, nearest neighbour, type kept."""
    flat = np.concatenate([faces[face].ravel() for face in FACES])
    return flat[_lookup(height, width, _size(faces)).nearest]


def stitch_depth(faces: Faces, height: int, width: int, *, planar_as_range: bool = False) -> Floats:
    """Return distances from the camera, in metres, from six planar depth maps.

    Pinhole depth is measured along the camera's axis. The nearest value is taken first and divided by
    the cosine of the panorama pixel's own ray after, which makes no points between surfaces.

    Args:
        faces: Six ``(n, n)`` depth maps in metres.
        height: Rows of the panorama.
        width: Columns of the panorama.
        planar_as_range: Skip the division and keep far values: what the released labels show.

    Returns:
        ``(height, width)`` float32; infinite where there is no surface within ``FAR``.
    """
    lookup = _lookup(height, width, _size(faces))
    planar = np.concatenate([faces[face].ravel() for face in FACES])[lookup.nearest]
    planar = planar.astype(np.float32)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(planar) & (planar > 0)
        if not planar_as_range:
            known &= planar < FAR
            planar /= lookup.cosine
    planar[~known] = np.inf
    return planar


def edge_jump(faces: Faces) -> float | None:
    """Return by what factor, as a logarithm, planar depth typically jumps across the cube's twelve edges.

    On an edge both faces' axes make the same angle with a ray, so planar depths can be compared as they
    are: the median of the absolute logarithm is 0.003 to 0.016 in our scenes, and 0.15 to 1.2 when the
    bytes of the floats are in another order. None when hardly any depth is known there.
    """
    size = _size(faces)
    flat = np.concatenate([faces[face].ravel() for face in FACES])
    beyond = _ringed(size).reshape(len(FACES), size + 2, size + 2)
    own, other = [], []
    for index, face in enumerate(FACES):
        here, ring = faces[face], beyond[index]
        own += [here[0], here[-1], here[:, 0], here[:, -1]]
        other += [flat[part] for part in (ring[0, 1:-1], ring[-1, 1:-1], ring[1:-1, 0], ring[1:-1, -1])]
    one, two = (np.concatenate(parts).astype(np.float64) for parts in (own, other))
    with np.errstate(invalid="ignore"):
        known = (one > 0) & (one < FAR) & (two > 0) & (two < FAR)
    if np.count_nonzero(known) < size:
        return None
    return float(np.median(np.abs(np.log(one[known] / two[known]))))


def _size(faces: Faces) -> int:
    sizes = {face: faces[face].shape[:2] for face in FACES}
    height, width = sizes["front"]
    if height != width or len(set(sizes.values())) != 1:
        raise ValueError(f"six square faces of one size are needed, found {sizes}")
    return int(height)


@lru_cache(maxsize=2)
def _lookup(height: int, width: int, size: int) -> _Lookup:
    rays = erp_rays(height, width)
    met = face_of(rays)
    u, v, cosine = _project(rays, met)
    column, row = _pixel(u, size), _pixel(v, size)
    nearest = met.astype(np.int32) * (size * size) + _clip(row, size) * size + _clip(column, size)
    return _Lookup(
        nearest=nearest,
        x=column + np.float32(1),
        y=row + np.float32(1) + met.astype(np.float32) * np.float32(size + 2),
        cosine=cosine,
    )


@lru_cache(maxsize=2)
def _ringed(size: int) -> npt.NDArray[np.int32]:
    """Return where each pixel of the ringed faces' column comes from, ``(6 * (n + 2), n + 2)``.

    The ring of a face takes the nearest pixel of the face that its rays meet, so that bilinear
    sampling has no seam at the twelve edges.
    """
    parts = []
    for index, face in enumerate(FACES):
        rays = ring_rays(face, size)
        met = face_of(rays)
        u, v, _ = _project(rays, met)
        row, column = _clip(_pixel(v, size), size), _clip(_pixel(u, size), size)
        part = met.astype(np.int32) * (size * size) + row * size + column
        inner = np.arange(size * size, dtype=np.int32).reshape(size, size)
        part[1:-1, 1:-1] = index * size * size + inner
        parts.append(part)
    return np.concatenate(parts)


def _project(rays: Rays, met: npt.NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
    """Return each ray's place on its face, both in [-1, 1], and its component along the axis."""
    u, v, depth = (np.empty(met.shape, np.float32) for _ in range(3))
    for index, face in enumerate(FACES):
        here = met == index
        right, down, forward = FACE_AXES[face]
        part = rays[:, here]
        depth[here] = along(part, forward)
        u[here] = along(part, right) / depth[here]
        v[here] = along(part, down) / depth[here]
    return u, v, depth


def _pixel(place: Floats, size: int) -> Floats:
    return ((place + np.float32(1)) * np.float32(size / 2) - np.float32(0.5)).astype(np.float32)


def _clip(coordinate: Floats, size: int) -> npt.NDArray[np.int32]:
    return np.clip(np.rint(coordinate), 0, size - 1).astype(np.int32)
