"""How many pixels of a panorama a model really sees, said once and recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from panoenv_tasks.items import BOX_FRAME

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
        if seen is not None and seen < FULL_PIXELS and _has_our_tasks(tasks):
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
    """Return the pixel limit that a wrapper applies to images, None when it states none."""
    for holder in (model, getattr(model, "processor", None)):
        value = getattr(holder, "max_pixels", None)
        if isinstance(value, int):
            return value
    return None


def _has_our_tasks(tasks: Any) -> bool:
    if not isinstance(tasks, dict):
        return False
    return any(
        str(getattr(key, "group_name", key)).startswith("panoenv") or _has_our_tasks(value)
        for key, value in tasks.items()
    )
