"""What lies in a stage's folder, and which of its checkpoints are whole and healthy.

The trainer writes a checkpoint file by file and can be killed in between; a machine can lose power after
that, and a model can diverge. So a finished checkpoint is sealed: its files are flushed to the disk and their
hashes are written beside them. A run goes on from the newest checkpoint whose seal holds and whose weights
are finite.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path

from panoenv_tasks.items import DataError
from panoenv_tasks.whole_file import write_whole

#: A stage's folder holds this file once the stage is over; the stage is then never run again.
DONE = "DONE"
#: The stage's final adapter, with its processor and the run's record.
ADAPTER = "adapter"
#: In its place the final model, of a stage that trains every weight.
MODEL = "model"

_NAME = re.compile(r"checkpoint-(\d+)")
_STATE = "trainer_state.json"
_ADAPTER_WEIGHTS = "adapter_model.safetensors"
_MODEL_WEIGHTS = "model*.safetensors"
#: Hashes of a checkpoint's files, written last.
SEAL = "sha256.json"


def seal(checkpoint: Path) -> None:
    """Flush a checkpoint's files to the disk and write their sha256 into ``sha256.json``.

    Raises:
        OSError: The folder cannot be read or written.
    """
    hashes = {}
    for file in sorted(path for path in checkpoint.rglob("*") if path.is_file() and path.name != SEAL):
        with file.open("rb") as stream:
            hashes[file.relative_to(checkpoint).as_posix()] = hashlib.file_digest(
                stream, "sha256"
            ).hexdigest()
            os.fsync(stream.fileno())
    write_whole(checkpoint / SEAL, json.dumps(hashes, indent=1) + "\n")


def resume_point(folder: Path, processes: int) -> Path | None:
    """Return the newest whole and healthy checkpoint of a stage, None when there is none.

    The trainer itself resumes from the highest number, and silently from one that has lost its optimizer
    or its random state; so whatever cannot be gone on from is renamed out of its sight first, and that is
    said on stderr.

    Args:
        folder: The stage's folder.
        processes: Number of training processes; each leaves a random state of its own.
    """
    found = [(int(match[1]), path) for path in folder.glob("checkpoint-*") if (match := _number(path))]
    for number, path in sorted(found, reverse=True):
        fault = _fault(path, number, processes)
        if fault is None:
            return path
        aside = _set_aside(path)
        print(f"{path}: {fault}; set aside as {aside.name}", file=sys.stderr, flush=True)
    return None


def adapter_sha256(folder: Path) -> str:
    """Return the sha256 of an adapter's weights file.

    Raises:
        DataError: There is none.
    """
    try:
        return hashlib.sha256((folder / _ADAPTER_WEIGHTS).read_bytes()).hexdigest()
    except OSError as error:
        raise DataError(f"{folder}: no adapter there ({error.strerror or error})") from None


def _number(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name) if path.is_dir() else None


def _fault(path: Path, number: int, processes: int) -> str | None:
    """Say why a run cannot go on from a checkpoint, None when it can."""
    if missing := _missing(path, processes):
        return f"incomplete ({missing} is missing)"
    try:
        state = json.loads((path / _STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return f"incomplete ({_STATE} cannot be read)"
    if not isinstance(state, dict) or state.get("global_step") != number:
        return f"{_STATE} is another step's"
    try:
        hashes = json.loads((path / SEAL).read_text("utf-8"))
    except (OSError, ValueError):
        return f"incomplete ({SEAL} is missing)"
    for name, expected in hashes.items():
        try:
            with (path / name).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != expected:
                    return f"damaged ({name} is not what was written)"
        except OSError:
            return f"incomplete ({name} is missing)"
    return None if has_finite_weights(path) else "diverged (its weights are not finite)"


def has_finite_weights(folder: Path) -> bool:
    """Whether every weight of an adapter or model folder is a finite number.

    Raises:
        OSError: The weights cannot be read.
    """
    from safetensors import safe_open

    for file in [folder / _ADAPTER_WEIGHTS] if _is_adapter(folder) else folder.glob(_MODEL_WEIGHTS):
        with safe_open(str(file), framework="pt") as weights:
            names = list(weights.keys())
            if not all(bool(weights.get_tensor(name).isfinite().all()) for name in names):
                return False
    return True


def _is_adapter(folder: Path) -> bool:
    return (folder / "adapter_config.json").is_file() or not any(folder.glob(_MODEL_WEIGHTS))


def _missing(path: Path, processes: int) -> str | None:
    ranks = ["rng_state.pth"] if processes == 1 else [f"rng_state_{rank}.pth" for rank in range(processes)]
    model = ["adapter_config.json", _ADAPTER_WEIGHTS] if _is_adapter(path) else ["config.json"]
    needed = [*model, "scheduler.pt", *ranks, _STATE]
    # DeepSpeed keeps the optimizer in folders of its own, and their name in `latest`.
    if not (path / "latest").is_file():
        needed.append("optimizer.pt")
    return next((name for name in needed if not (path / name).is_file()), None)


def _set_aside(path: Path) -> Path:
    target = path.with_name(f"incomplete-{path.name}")
    number = 2
    while target.exists():
        target = path.with_name(f"incomplete-{path.name}-{number}")
        number += 1
    return path.rename(target)
