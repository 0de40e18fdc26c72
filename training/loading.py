"""Load an exported model where it will be used: in lmms-eval, and in vLLM where that is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

from panoenv_tasks.items import DataError

User = Literal["lmms_eval", "vllm"]

#: lmms-eval's model names by transformers model type.
HARNESS_MODELS = {
    "qwen2_vl": "qwen2_vl",
    "qwen2_5_vl": "qwen2_5_vl",
    "qwen3_vl": "qwen3_vl",
}
_PROGRAMS: dict[User, str] = {
    "lmms_eval": (
        "import sys, torch; from lmms_eval.models import get_model; "
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'; "
        "get_model(sys.argv[2])(pretrained=sys.argv[1], device=device, device_map=device)"
    ),
    "vllm": (
        "import sys; from vllm import LLM; "
        "LLM(model=sys.argv[1], max_model_len=2048, enforce_eager=True, gpu_memory_utilization=0.5)"
    ),
}
_TIMEOUT = 1800.0
#: Set by launchers for each training process; a program that inherits them would wait for its peers.
_LAUNCHER_PREFIXES = ("RANK", "LOCAL_", "WORLD_SIZE", "MASTER_", "ACCELERATE_", "TORCHELASTIC_", "GROUP_")


def check_loading(folder: Path) -> dict[User, str]:
    """Load a model folder in lmms-eval and vLLM, each in a process of its own.

    Returns:
        Per user ``loaded``, or ``skipped: why`` where it is not installed or has no such family.

    Raises:
        DataError: One of them cannot load the folder.
    """
    family = str(json.loads((folder / "config.json").read_text("utf-8")).get("model_type"))
    found: dict[User, str] = {}
    for user, program in _PROGRAMS.items():
        if importlib.util.find_spec(user) is None:
            found[user] = "skipped: not installed"
        elif user == "lmms_eval" and family not in HARNESS_MODELS:
            found[user] = f"skipped: no model for {family}"
        else:
            _load(user, program, [str(folder), HARNESS_MODELS.get(family, "")])
            found[user] = "loaded"
    return found


def _load(user: User, program: str, arguments: list[str]) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_LAUNCHER_PREFIXES)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise DataError(f"{arguments[0]}: {user} cannot load the exported model ({last})")
