"""What this machine must have for a recipe, found out before a model is loaded."""

from __future__ import annotations

import importlib.util
import json
import shlex
from urllib.error import URLError
from urllib.request import urlopen

from panoenv_tasks.geometry.cube import FACES
from panoenv_tasks.items import DataError
from training.recipe import Recipe

_PATIENCE = 5.0
#: The newest vLLM that TRL 1.16 takes (its own extra). From 0.32 on it cannot read the log-probabilities.
_NEWEST_VLLM = "0.31"
#: Tokens of a prompt and its completion: a panorama at the default pixel limit makes 4,095.
_CONTEXT = 8192


def check_machine(recipe: Recipe) -> None:
    """Refuse a recipe that this machine cannot run.

    Raises:
        DataError: bfloat16 on a GPU without it, or a vLLM server that is not there.
    """
    import torch

    if recipe.precision == "bfloat16" and torch.cuda.is_available() and not torch.cuda.is_bf16_supported():
        raise DataError(f"{torch.cuda.get_device_name()} has no bfloat16; give precision=float32")
    if recipe.generation != "transformers":
        _check_server(recipe)


def server_flags(recipe: Recipe) -> list[str]:
    """Return what ``vllm serve MODEL`` (0.30 or 0.31) needs to sample for a recipe.

    The first four are what TRL 1.16's deprecated ``trl vllm-serve`` imposes; the others give the server the
    recipe's pictures: pixel limits, number in a prompt, and room for their tokens.
    """
    pictures = len(FACES) if "cubemap" in recipe.conditions else 1
    flags = [
        "--enable-scale-out",
        *("--weight-transfer-config", json.dumps({"backend": "nccl"})),
        *("--logprobs-mode", "processed_logprobs"),
        *("--max-logprobs", "-1"),
        *("--dtype", recipe.precision),
        *("--max-model-len", str(_CONTEXT)),
        *("--limit-mm-per-prompt", json.dumps({"image": pictures})),
    ]
    if recipe.max_pixels is None:
        return flags
    pixels = {"min_pixels": recipe.min_pixels, "max_pixels": recipe.max_pixels}
    return [*flags, "--mm-processor-kwargs", json.dumps(pixels)]


def _check_server(recipe: Recipe) -> None:
    url = recipe.generation
    if importlib.util.find_spec("vllm") is None:
        raise DataError(
            f"generation={url} needs the package vllm here as well (TRL's client uses it); "
            "run: pip install 'panoenv[vllm]', or give generation=transformers"
        )
    try:
        with urlopen(f"{url.rstrip('/')}/health", timeout=_PATIENCE):
            pass
    except (URLError, OSError, ValueError) as error:
        command = shlex.join(["vllm", "serve", str(recipe.model), *server_flags(recipe)])
        raise DataError(
            f"{url}: no server there ({error}); start one on other GPUs: VLLM_SERVER_DEV_MODE=1 {command} "
            "--port PORT, or give generation=transformers"
        ) from None
    check_version(url)


def check_version(url: str) -> None:
    """Refuse a vLLM server that TRL's client cannot read.

    Raises:
        DataError: It is newer than TRL takes, or does not say its version.
    """
    from packaging.version import InvalidVersion, Version

    try:
        with urlopen(f"{url.rstrip('/')}/version", timeout=_PATIENCE) as reply:
            version = Version(json.load(reply)["version"])
    except (URLError, OSError, ValueError, KeyError, TypeError, InvalidVersion) as error:
        raise DataError(f"{url}: does not say its vLLM version ({error}); expected `vllm serve`") from None
    if (version.major, version.minor) > Version(_NEWEST_VLLM).release:
        raise DataError(
            f"{url}: vLLM {version}, which TRL cannot read; serve with vLLM {_NEWEST_VLLM}: "
            "pip install 'panoenv[vllm]'"
        )
