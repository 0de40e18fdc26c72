"""What lies in a stage's folder, and which of its checkpoints are whole.

The trainer writes a checkpoint file by file and can be killed in between.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

#: A stage's folder holds this file once the stage is over; the stage is then never run again.
DONE = "DONE"
#: The stage's final adapter, with its processor and the run's record.
ADAPTER = "adapter"

_NAME = re.compile(r"checkpoint-(\d+)")
_STATE = "trainer_state.json"


def resume_point(folder: Path, processes: int) -> Path | None:
    """Return the newest whole checkpoint of a stage, None when there is none.

    The trainer itself resumes from the highest number, and silently from one that has lost its
    optimizer or its random state; so whatever is not whole is renamed out of its sight first.

    Args:
        folder: The stage's folder.
        processes: Number of training processes; each leaves a random state of its own.
    """
    found = [(int(match[1]), path) for path in folder.glob("checkpoint-*") if (match := _number(path))]
    whole = []
    for number, path in sorted(found):
        if _is_whole(path, number, processes):
            whole.append(path)
        else:
            _set_aside(path)
    return whole[-1] if whole else None


def adapter_sha256(folder: Path) -> str:
    """Return the sha256 of an adapter's weights file."""
    return hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()


def _number(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name) if path.is_dir() else None


def _is_whole(path: Path, number: int, processes: int) -> bool:
    random_states = (
        ["rng_state.pth"] if processes == 1 else [f"rng_state_{rank}.pth" for rank in range(processes)]
    )
    needed = ["adapter_config.json", "adapter_model.safetensors", "scheduler.pt", *random_states]
    # DeepSpeed keeps the optimizer in folders of its own, and their name in `latest`.
    optimizer = (path / "optimizer.pt").is_file() or (path / "latest").is_file()
    if not optimizer or not all((path / name).is_file() for name in needed):
        return False
    try:
        state = json.loads((path / _STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(state, dict) and state.get("global_step") == number


def _set_aside(path: Path) -> None:
    target = path.with_name(f"incomplete-{path.name}")
    number = 2
    while target.exists():
        target = path.with_name(f"incomplete-{path.name}-{number}")
        number += 1
    path.rename(target)
