"""``panoenv_mini``: eight synthetic panoramas with 200 questions, made on first use."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from panoenv_tasks import owned
from panoenv_tasks.cache import cache_folder
from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.frame import write_frame
from panoenv_tasks.synthesis.scenes.source import scene_panorama

SPLIT = "mini"
#: One frame of each family, indoors, outdoors and both.
FRAMES: tuple[tuple[str, str], ...] = tuple(
    (environment, "P000_000000")
    for environment in (
        "LivingRoomDay",
        "KitchenEvening",
        "OfficeFloor",
        "WarehouseBright",
        "StreetDay",
        "ParkAutumn",
        "FarmDusk",
        "CourtyardDay",
    )
)
_SEED = 0


def ensure_mini() -> Path:
    """Return the root of the set for ``load_items(root, split="mini")``, building it if it is not there.

    The folder's name carries a hash of everything the content is made from, so another version of the
    builder never reads this one's folder. Processes that build at the same time do not disturb one
    another: each works aside, and the first to finish puts its folder in place.

    Raises:
        DataError: The cache folder cannot be written.
    """
    cache = cache_folder()
    root = cache / f"mini-{recipe_hash()}"
    if root.is_dir():
        return root
    try:
        with owned.scratch(cache, root.name) as work:
            build_mini(work / "done")
            _settle(work / "done", root)
    except OSError as error:
        raise DataError(
            f"{cache}: cannot build panoenv_mini there ({error.strerror}); "
            "point PANOENV_CACHE at a folder with 50 MB to spare"
        ) from None
    return root


def build_mini(root: Path) -> None:
    """Write the whole set under ``root``."""

    def one(frame: tuple[str, str]) -> None:
        environment, name = frame
        panorama = scene_panorama(environment, name, _SEED)
        write_frame(panorama, root / SPLIT / environment / name, "ours", _SEED)

    # Threads, not processes: callers may hold locks and devices that do not survive a fork.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(one, FRAMES))


def recipe_hash() -> str:
    """Return 12 hex digits over the code and tables that decide the content."""
    package = resources.files("panoenv_tasks")
    digest = hashlib.sha256(package.joinpath("taxonomy.yaml").read_bytes())
    rooms = ("geometry", "synthesis")
    for name, content in sorted(pair for room in rooms for pair in _sources(package / room, f"{room}/")):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:12]


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".py", ".yaml")):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _settle(built: Path, root: Path) -> None:
    try:
        built.rename(root)
    except OSError:
        if not root.is_dir():
            raise
