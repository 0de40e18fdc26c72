"""How many pixels of a panorama a model really sees, said once and recorded."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from panoenv_tasks.items import BOX_FRAME, PANORAMAS
from panoenv_tasks.perturb import image_kind
from panoenv_tasks.tasks.panoenv.names import by_name

FULL_PIXELS = BOX_FRAME[0] * BOX_FRAME[1]


def recording_pixels(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap lmms-eval's ``evaluate`` to record ``max_pixels`` in our samples.

    The printed boxes are pixels of the full panorama. A wrapper whose ``max_pixels`` is lower shows a
    smaller picture under the same numbers, which is a different condition; it is said once.
    """

    @wraps(evaluate)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        model = kwargs.get("lm", args[0] if args else None)
        seen = max_pixels(model)
        tasks = kwargs.get("task_dict", args[1] if len(args) > 1 else {})
        if seen is not None and seen < FULL_PIXELS and _shows_panoramas(tasks) and _is_first_rank():
            print(
                f"panoenv: the model sees at most {seen} pixels, but the printed boxes refer to "
                f"{BOX_FRAME[0]}x{BOX_FRAME[1]} = {FULL_PIXELS}; set max_pixels={FULL_PIXELS} in "
                "--model_args unless this is meant (it is recorded with the results)",
                file=sys.stderr,
            )
        results = evaluate(*args, **kwargs)
        for samples in ((results or {}).get("samples") or {}).values():
            for sample in samples:
                if isinstance(sample.get("panoenv"), dict):
                    sample["panoenv"]["image"]["max_pixels"] = seen
        return results

    return wrapped


def max_pixels(model: Any) -> int | None:
    """Return the pixel limit that a wrapper's image processor keeps to, None where it is not known.

    A wrapper's own ``max_pixels`` does not settle it: those of servers and APIs carry one for video
    frames alone, and send pictures whole.
    """
    stated = getattr(model, "max_pixels", None)
    images = getattr(getattr(model, "processor", None), "image_processor", None)
    applied = getattr(getattr(images, "size", None), "longest_edge", None)
    return stated if isinstance(stated, int) and stated == applied else None


def _shows_panoramas(tasks: Any) -> bool:
    """Look through the harness's nested mapping; a face of the cube is smaller than any usual limit."""
    if not isinstance(tasks, dict):
        return False
    known = by_name()
    return any(
        (key in known and image_kind(known[key].condition) in (*PANORAMAS, "marked"))
        or _shows_panoramas(value)
        for key, value in tasks.items()
    )


def _is_first_rank() -> bool:
    return os.environ.get("RANK", "0") == "0"
