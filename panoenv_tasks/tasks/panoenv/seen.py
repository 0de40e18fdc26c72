"""The size at which a model really saw its pictures: watched, stated by the user, or not known.

The printed boxes are pixels of the picture that is sent. A model's processor resizes it: Qwen2.5-VL sees a
2560x1280 panorama at 2548x1260 at most, and printed pixels are then up to 20 off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from panoenv_tasks.items import BOX_FRAME, PANORAMAS
from panoenv_tasks.perturb import image_kind, seen_size
from panoenv_tasks.tasks.panoenv.names import by_name

FULL_PIXELS = BOX_FRAME[0] * BOX_FRAME[1]
#: Resizing to whole patches changes the ratio of width to height by up to about this factor.
_SAME_SHAPE = 1.15

Size = tuple[int, int]


@contextmanager
def watching(model: Any) -> Iterator[set[Size]]:
    """Collect the sizes of the pictures that reach a local model, from its processor's grid of patches.

    Covers transformers models with a part ``visual`` that is given a grid of shape (pictures, 3): frames,
    rows and columns of patches, as the Qwen-VL families and GLM-V have. Nothing is collected for others.
    """
    sizes: set[Size] = set()
    network = _network(model)
    patch = getattr(getattr(getattr(network, "config", None), "vision_config", None), "patch_size", None)
    if not isinstance(patch, int) or not hasattr(network, "named_modules"):
        yield sizes
        return

    def note(_: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        grid = named.get("grid_thw", inputs[1] if len(inputs) > 1 else None)
        if grid is not None:
            sizes.update((columns * patch, rows * patch) for _, rows, columns in grid.tolist())

    eyes = [part for name, part in network.named_modules() if name.rpartition(".")[2] == "visual"]
    hooks = [part.register_forward_pre_hook(note, with_kwargs=True) for part in eyes]
    try:
        yield sizes
    finally:
        for hook in hooks:
            hook.remove()


def size_seen(shown: Size | None, watched: Iterable[Size]) -> Size | None:
    """Return the size at which a picture of size ``shown`` was seen; None when that is not known.

    What was watched goes before what is stated (``PANOENV_SEEN``, for servers). Pictures of several shapes
    may have been seen in one run: only one of the same shape counts, and two such leave it open.
    """
    if shown is None:
        return None
    sizes = [size for size in set(watched) if _same_shape(size, shown)]
    if sizes:
        return sizes[0] if len(sizes) == 1 else None
    stated = seen_size()
    return stated if stated and _same_shape(stated, shown) else None


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
    selections = by_name()
    shown = {image_kind(selections[name].condition) for name in tasks if name in selections}
    if seen is not None and seen < FULL_PIXELS and shown & {*PANORAMAS, "marked"}:
        print(
            f"panoenv: the model sees at most {seen} pixels, but the printed boxes refer to "
            f"{BOX_FRAME[0]}x{BOX_FRAME[1]} = {FULL_PIXELS}; set max_pixels={FULL_PIXELS} in "
            "--model_args unless this is meant (it is recorded with the results)",
            file=sys.stderr,
        )


def _network(model: Any) -> Any:
    """Return the transformers model inside a wrapper, below an adapter of PEFT's where there is one."""
    network = getattr(model, "model", None)
    base = getattr(network, "get_base_model", None)
    return base() if callable(base) else network


def _same_shape(one: Size, other: Size) -> bool:
    ratio = (one[0] / one[1]) / (other[0] / other[1])
    return 1 / _SAME_SHAPE < ratio < _SAME_SHAPE
