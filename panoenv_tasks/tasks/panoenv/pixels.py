"""How many pixels of a panorama a model really sees, said once and recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from panoenv_tasks.items import BOX_FRAME, PANORAMAS
from panoenv_tasks.perturb import image_kind
from panoenv_tasks.tasks.panoenv.names import by_name

FULL_PIXELS = BOX_FRAME[0] * BOX_FRAME[1]


def max_pixels(model: Any) -> int | None:
    """Return the pixel limit that a wrapper's image processor keeps to, None where it is not known.

    A wrapper's own ``max_pixels`` does not settle it: those of servers and APIs carry one for video
    frames alone, and send pictures whole.
    """
    stated = getattr(model, "max_pixels", None)
    images = getattr(getattr(model, "processor", None), "image_processor", None)
    applied = getattr(getattr(images, "size", None), "longest_edge", None)
    return stated if isinstance(stated, int) and stated == applied else None


def warn(seen: int | None, tasks: Iterable[str]) -> None:
    """Say that the model sees fewer pixels than the printed boxes refer to.

    A wrapper whose ``max_pixels`` is lower shows a smaller picture under the same numbers, which is a
    different condition. A face of the cube is smaller than any usual limit.
    """
    known = by_name()
    shown = {image_kind(known[name].condition) for name in tasks if name in known}
    if seen is not None and seen < FULL_PIXELS and shown & {*PANORAMAS, "marked"}:
        print(
            f"panoenv: the model sees at most {seen} pixels, but the printed boxes refer to "
            f"{BOX_FRAME[0]}x{BOX_FRAME[1]} = {FULL_PIXELS}; set max_pixels={FULL_PIXELS} in "
            "--model_args unless this is meant (it is recorded with the results)",
            file=sys.stderr,
        )
