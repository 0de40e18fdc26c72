"""Put the shards of a build together: the tree that one machine would have made."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from panoenv_tasks import owned
from panoenv_tasks.alone import alone
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.build import Settings, Summary, account, claim
from panoenv_tasks.synthesis.frame import place_files, written
from panoenv_tasks.synthesis.job import Outcome
from panoenv_tasks.synthesis.manifest import read_manifest, settings_of


@dataclass(frozen=True)
class _Shard:
    tree: Path
    number: int
    settings: Settings
    manifest: dict[str, Any]
    skipped: dict[str, str]
    frames: int


def merge_shards(
    out: Path, trees: Sequence[Path], progress: Callable[[Path], object] = lambda frame: None
) -> Summary:
    """Write to ``out`` the tree that an unsharded build would have made, byte for byte.

    Files become hard links where that is possible, else copies; the shards stay. A merge that was interrupted
    goes on when it is run again.

    Args:
        out: A new or empty folder, or that of an interrupted merge.
        trees: The trees of all shards, in any order.
        progress: Called with each frame's folder when it is there.

    Raises:
        DataError: A shard is missing, double, of another build or not finished; or ``out`` is in use or
            cannot be written.
    """
    shards = _together([_read(tree) for tree in trees])
    first = shards[0].settings
    selection = {key: value for key, value in first.selection.items() if key != "shard"}
    settings = replace(first, selection=selection)
    try:
        with alone(out, "build", "choose another folder"):
            claim(out, settings)
            for shard in shards:
                for frame in sorted((shard.tree / settings.split).glob("[!.]*/[!.]*")):
                    _take(frame, out / frame.relative_to(shard.tree), settings)
                    progress(frame)
            outcomes = []
            for shard in shards:
                for key, reason in shard.skipped.items():
                    environment, _, name = key.partition("/")
                    outcomes.append(Outcome(environment, name, reason=reason))
            return account(out, settings, outcomes, set())
    except OSError as error:
        raise DataError(
            f"{out}: cannot write ({error.strerror or error}); run the same command again to go on"
        ) from None


def _read(tree: Path) -> _Shard:
    manifest = read_manifest(tree)
    shard = manifest.get("shard")
    if not isinstance(shard, str):
        raise DataError(f"{tree}: not built with --shard")
    try:
        summary = json.loads((tree / "summary.json").read_text(encoding="utf-8"))
        skipped, frames = dict(summary["skipped"]), int(summary["frames"])
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{tree}: shard {shard} is not finished; run its command again") from None
    return _Shard(tree, int(shard.split("/")[0]), settings_of(manifest), manifest, skipped, frames)


def _together(shards: list[_Shard]) -> list[_Shard]:
    """Return the shards by number when they are all of one build and each is there once."""
    shards = sorted(shards, key=lambda shard: shard.number)
    first = shards[0]
    count = int(first.manifest["shard"].split("/")[1])
    for shard in shards:
        wanted = {**first.manifest, "shard": f"{shard.number}/{count}"}
        different = [
            key for key in {**wanted, **shard.manifest} if shard.manifest.get(key) != wanted.get(key)
        ]
        if different:
            raise DataError(f"{shard.tree}: {different[0]} is not that of {first.tree}; shards of one build?")
    if first.manifest != first.settings.manifest():
        raise DataError(f"{first.tree}: of another version of the builder; merge with that one")
    missing = sorted(set(range(1, count + 1)) - {shard.number for shard in shards})
    if missing or len(shards) != count:
        named = f"{missing[0]}/{count} is missing" if missing else "one is named twice"
        raise DataError(f"{len(shards)} shards for {count}: {named}")
    planned = [shard.frames + len(shard.skipped) for shard in shards]
    if planned != [len(range(number, sum(planned), count)) for number in range(count)]:
        raise DataError(
            f"shards of {', '.join(map(str, planned))} frames are not parts of one build; "
            "were they made with one number of --frames, and all to the end?"
        )
    return shards


def _take(frame: Path, target: Path, settings: Settings) -> None:
    if written(target, settings.form) is not None:
        return
    if written(frame, settings.form) is None:
        raise DataError(f"{frame}: not whole; run its shard's command again")
    with owned.scratch(target.parent, target.name) as work:
        for file in frame.iterdir():
            _link_or_copy(file, work / file.name)
        place_files(work, target, settings.form)


def _link_or_copy(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
