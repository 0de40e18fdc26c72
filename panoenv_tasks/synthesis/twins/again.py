"""The second opinion on a gold answer: the scene seen by six cube cameras, stitched and measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from panoenv_tasks.geometry.cube import FACE_AXES, FACES, face_rays
from panoenv_tasks.geometry.projection import along
from panoenv_tasks.synthesis.objects import measure
from panoenv_tasks.synthesis.panorama import Panorama
from panoenv_tasks.synthesis.scenes.render import Shot, cube
from panoenv_tasks.synthesis.scenes.scene import Scene
from panoenv_tasks.synthesis.scenes.source import with_truth
from panoenv_tasks.synthesis.stitch import stitch_depth, stitch_labels
from panoenv_tasks.synthesis.twins.pairs import accepted, answer_again
from panoenv_tasks.taxonomy import recognise


def seen_again(scene: Scene, frame: str, height: int = 1280) -> Panorama:
    """Return the scene without colours as it comes by way of six square pictures, as recordings do."""
    size = height // 2
    shots = dict(zip(FACES, cube(scene, size, coloured=False), strict=True))
    planar = {
        face: shot.depth * along(face_rays(face, size), FACE_AXES[face][2]) for face, shot in shots.items()
    }
    shot = Shot(
        np.zeros((height, 2 * height, 3), np.uint8),
        stitch_depth(planar, height, 2 * height),
        stitch_labels({face: shot.segments for face, shot in shots.items()}, height, 2 * height),
    )
    return with_truth(frame, scene, shot)


def confirmed(panorama: Panorama, questions: Sequence[tuple[str, str]]) -> list[bool]:
    """Return for each question and gold answer whether measuring this panorama gives the same answer.

    Nothing of the first run is used but the question's text: its objects are found by their boxes.
    """
    objects = measure(panorama)
    found = []
    for text, gold in questions:
        wording, answer = recognise(text), answer_again(text, objects)
        if wording is None or answer is None:
            found.append(False)
        else:
            found.append(accepted(wording.subcategory, text, gold, answer))
    return found
