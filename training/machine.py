"""What this machine must have for a recipe, found out before a model is loaded."""

from __future__ import annotations

import importlib.util
from urllib.error import URLError
from urllib.request import urlopen

from panoenv_tasks.items import DataError
from training.recipe import Recipe

_PATIENCE = 5.0


def check_machine(recipe: Recipe) -> None:
    """Refuse a recipe that this machine cannot run.

    Raises:
        DataError: bfloat16 on a GPU without it, or a vLLM server that is not there.
    """
    import torch

    if recipe.precision == "bfloat16" and torch.cuda.is_available() and not torch.cuda.is_bf16_supported():
        raise DataError(f"{torch.cuda.get_device_name()} has no bfloat16; give precision=float32")
    if recipe.generation != "transformers":
        _check_server(recipe.generation)


def _check_server(url: str) -> None:
    if importlib.util.find_spec("vllm") is None:
        raise DataError(
            f"generation={url} needs the package vllm here as well (TRL's client uses it); "
            "run: pip install 'panoenv[vllm]', or give generation=transformers"
        )
    try:
        with urlopen(f"{url.rstrip('/')}/health/", timeout=_PATIENCE):
            pass
    except (URLError, OSError, ValueError) as error:
        raise DataError(
            f"{url}: no server there ({error}); start one with `trl vllm-serve --model MODEL`, "
            "or give generation=transformers"
        ) from None
