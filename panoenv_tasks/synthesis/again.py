"""A built tree asked again: its manifest and its kept truth to a build without rendering."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.build import BUILDER, Settings
from panoenv_tasks.synthesis.frame_folder import FrameFolder, find_frame_folders
from panoenv_tasks.synthesis.manifest import read_manifest, settings_of
from panoenv_tasks.synthesis.vocabulary import Keep


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


def settings_again(tree: Path, seed: int | None, *, extra: bool = False) -> Settings:
    """Return the settings of the new tree: those of the old, or with another seed for the questions.

    ``asked_of`` in its manifest says in what the panoramas' own build was different. The truth stays with
    the old tree.

    Raises:
        DataError: The tree is none.
    """
    manifest = read_manifest(tree)
    old = settings_of(manifest)
    new = replace(
        old,
        seed=old.seed if seed is None else seed,
        form=replace(old.form, keep=()),
        extra=extra or old.extra,
    )
    now = {"builder": BUILDER, "seed": new.seed}
    before = {key: manifest[key] for key in now if manifest.get(key) != now[key]}
    if not before:
        return new
    asked_of = {**old.selection.get("asked_of", {}), **before}
    return replace(new, selection={**old.selection, "asked_of": asked_of})
