"""A built tree asked again: its manifest and its kept truth to a build without rendering."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.build import BUILDER, Settings
from panoenv_tasks.synthesis.frame import Form
from panoenv_tasks.synthesis.frame_folder import FrameFolder, find_frame_folders
from panoenv_tasks.synthesis.vocabulary import Keep

#: What a manifest holds besides the selection.
_OWN = frozenset("format builder source split rules seed wording picture keep".split())


def frames_again(tree: Path) -> list[FrameFolder]:
    """Return the frames of a tree with all that was kept of them.

    Raises:
        DataError: The tree is none, or not everything was kept.
    """
    manifest = read_manifest(tree)
    lacking = [one for one in get_args(Keep) if one not in manifest.get("keep", ())]
    if lacking:
        raise DataError(
            f"{tree}: built without --keep {','.join(lacking)}; "
            "build it anew with --keep depth,instances,scene to ask it again"
        )
    return find_frame_folders(tree / str(manifest["split"]))


def settings_again(tree: Path, seed: int | None) -> Settings:
    """Return the settings of the new tree: those of the old, or with another seed for the questions.

    ``asked_of`` in its manifest says in what the panoramas' own build was different.

    Raises:
        DataError: The tree is none.
    """
    old = read_manifest(tree)
    new_seed = old["seed"] if seed is None else seed
    selection = {key: value for key, value in old.items() if key not in _OWN}
    before = {key: old[key] for key, now in (("builder", BUILDER), ("seed", new_seed)) if old.get(key) != now}
    if before:
        selection["asked_of"] = {**selection.get("asked_of", {}), **before}
    return Settings(
        old["source"], old["split"], old["rules"], new_seed, selection, Form(old.get("picture", "png"))
    )


def read_manifest(tree: Path) -> dict[str, Any]:
    """Return a built tree's ``panoenv.json``.

    Raises:
        DataError: It is not there or not whole.
    """
    file = tree / "panoenv.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise DataError(f"{file}: not there; expected a tree of `panoenv build`") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"source", "split", "rules", "seed"} <= found.keys():
        raise DataError(f"{file}: not a manifest of a build")
    return found
