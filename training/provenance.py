"""What a run was made from, written beside its results and compared before it goes on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from panoenv_tasks.alone import LOCK
from panoenv_tasks.items import DataError, Item, fingerprint
from panoenv_tasks.prompts import active_pack
from panoenv_tasks.scoring import version_of
from panoenv_tasks.whole_file import write_whole
from training.checkpoints import adapter_sha256
from training.identity import base_sha256, pictures_sha256
from training.recipe import Recipe, to_table

RECORD = "run.json"
_PACKAGES = ("panoenv", "trl", "transformers", "torch", "peft", "accelerate", "datasets", "lmms-eval")
#: What must not change between the parts of one run. Versions and the commit are noted only.
_FIXED = ("recipe", "base_sha256", "adapter_sha256", "data", "prompts", "scoring", "processes")
#: A moved folder is still the same run; where it reports to and when it stops change nothing in it.
_MAY_CHANGE = ("output", "data", "model", "adapter", "report_to", "on_alarm")


def run_record(recipe: Recipe, items: Sequence[Item], processes: int) -> dict[str, Any]:
    """Return the record of a run: recipe, hashes of base model, data and prompts, versions, commit.

    ``data.sha256`` covers questions and answers, ``data.pictures_sha256`` the pictures' files, and neither
    the place they were read from.

    Raises:
        DataError: The base model is not there; see ``base_sha256``.
    """
    return {
        "recipe": to_table(recipe),
        "base_sha256": base_sha256(recipe.model) if recipe.model else None,
        "adapter_sha256": adapter_sha256(Path(recipe.adapter)) if recipe.adapter else None,
        "data": {
            "split": recipe.split,
            "questions": len(items),
            "image_kinds": sorted({item.image_kind for item in items}),
            "sha256": fingerprint(items),
            "pictures_sha256": pictures_sha256(items),
        },
        "prompts": {"id": active_pack().id, "sha256": active_pack().sha256},
        "scoring": version_of(recipe.protocol),
        "processes": processes,
        "versions": {name: _version(name) for name in _PACKAGES},
        "commit": _commit(),
    }


def claim_folder(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record into the output folder, or check that the run there is this one.

    A record with nothing beside it is of a run that never got to its first stage, and is replaced.

    Raises:
        DataError: The folder holds another run, or something else.
    """
    path = folder / RECORD
    others = (
        [entry for entry in folder.iterdir() if entry.name not in (RECORD, LOCK)] if folder.exists() else []
    )
    if path.is_file() and others:
        earlier = read_record(path)
        for key in _FIXED:
            if difference := _difference(earlier.get(key), record[key], key):
                raise DataError(
                    f"{folder} holds a run with another {difference}; "
                    "give another output=FOLDER, or make them equal to go on with it"
                )
        return
    if others:
        raise DataError(f"{folder} is not empty and holds no {RECORD}; give another output=FOLDER")
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(record, indent=2) + "\n")


def note_warm_up(folder: Path, sha256: str) -> None:
    """Add to a run's record the model that its supervised stage made: the base of the stages that follow."""
    record = read_record(folder / RECORD)
    if record.get("warm_up_sha256") != sha256:
        write_whole(folder / RECORD, json.dumps({**record, "warm_up_sha256": sha256}, indent=2) + "\n")


def read_record(path: Path) -> dict[str, Any]:
    """Read a run record.

    Raises:
        DataError: It is not JSON or not an object.
    """
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a run record ({error})") from None
    if not isinstance(record, dict):
        raise DataError(f"{path}: not a run record (expected an object)")
    return record


def find_record(inside: Path) -> dict[str, Any] | None:
    """Return the record of the run that a folder belongs to, None when there is none around it."""
    for folder in (inside, *inside.parents[:2]):
        if (folder / RECORD).is_file():
            return read_record(folder / RECORD)
    return None


def _difference(earlier: Any, now: Any, where: str) -> str | None:
    """Name the first place where two records differ, None when they agree."""
    if isinstance(earlier, Mapping) and isinstance(now, Mapping):
        for key in sorted(earlier.keys() | now.keys()):
            if where == "recipe" and key in _MAY_CHANGE:
                continue
            if found := _difference(earlier.get(key), now.get(key), f"{where}.{key}"):
                return found
        return None
    return None if earlier == now else f"{where} ({earlier!r}, now {now!r})"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Return the checkout's commit, with ``+`` when files differ from it; None outside of one."""
    here = Path(__file__).resolve().parent

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=here, capture_output=True, text=True, check=True, timeout=20
        )
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", ".")
        return git("rev-parse", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
