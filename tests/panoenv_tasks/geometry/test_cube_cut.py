"""A panorama cut into the six faces of the cube."""

from __future__ import annotations

import numpy as np
from PIL import Image

from panoenv_tasks.geometry.cube import FACES, cut_faces
from panoenv_tasks.items import BOX_FRAME
from panoenv_tasks.synthesis.scenes.render import cube, panorama
from panoenv_tasks.synthesis.scenes.source import scene_of
from panoenv_tasks.synthesis.stitch import stitch_colour

WIDTH, HEIGHT = BOX_FRAME


def test_faces_are_what_six_cameras_see():
    scene = scene_of("StreetDay", "P000_000000", 0)
    faces = cut_faces(panorama(scene, HEIGHT, WIDTH).rgb)
    for face, shot in zip(FACES, cube(scene, 640), strict=True):
        error = np.mean((faces[face].astype(float) - shot.rgb) ** 2)
        assert 10 * np.log10(255**2 / error) > 30, face


def test_cutting_undoes_stitching():
    rng = np.random.default_rng(0)
    small = {face: rng.integers(0, 256, (16, 16, 3)).astype(np.uint8) for face in FACES}
    smooth = {
        face: np.asarray(Image.fromarray(pixels).resize((320, 320), Image.Resampling.BICUBIC))
        for face, pixels in small.items()
    }
    back = cut_faces(stitch_colour(smooth, HEIGHT, WIDTH), 320)
    for face in FACES:
        inner = np.abs(back[face].astype(int) - smooth[face])[8:-8, 8:-8]
        assert inner.mean() < 1.0, face
