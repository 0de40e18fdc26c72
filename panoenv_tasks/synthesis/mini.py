"""The bundled sets, made on first use: ``panoenv_mini`` and ``panoenv_mini_twins``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from panoenv_tasks import owned
from panoenv_tasks.cache import cache_folder
from panoenv_tasks.items import DataError, item_id
from panoenv_tasks.synthesis.choose import choose
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.frame import write_folder
from panoenv_tasks.synthesis.objects import Object, measure
from panoenv_tasks.synthesis.panorama import Panorama
from panoenv_tasks.synthesis.questions import Question, ask
from panoenv_tasks.synthesis.scenes.source import scene_panorama

#: The name of every frame, and the seed of all scenes and questions.
FRAME, SEED = "P000_000000", 0
#: The environments of ``panoenv_mini``: one frame of each family, indoors, outdoors and both.
MINI: tuple[str, ...] = (
    "LivingRoomDay",
    "KitchenEvening",
    "OfficeFloor",
    "WarehouseBright",
    "StreetDay",
    "ParkAutumn",
    "FarmDusk",
    "CourtyardDay",
)
#: Those of ``panoenv_mini_twins``: pairs that are easily confused, so that places have twins as well.
MINI_TWINS: tuple[str, ...] = (
    "KitchenDay",
    "KitchenEvening",
    "WarehouseBright",
    "WarehouseDim",
    "CourtyardDay",
    "CourtyardNight",
    "FarmDay",
    "FarmDusk",
)
#: How often each kind of question is asked of each panorama, for the gate to pick from; how many are kept.
_ROUNDS, _QUESTIONS = 32, 25
#: The list of what was kept, beside this file.
KEPT = "mini_kept.txt"
#: Names and sizes of what was built.
_FILES = ".files.json"
_ROOMS = ("geometry", "synthesis")


def ensure_mini() -> Path:
    """Return the root of the set for ``load_items(root, split="mini")``: eight panoramas, 200 questions.

    It is built if it is not there. The folder's name carries a hash of everything the content is made
    from, so another version of the builder never reads this one's folder. Processes that build at the
    same time do not disturb one another: each works aside, and the first to finish puts its folder in
    place.

    Raises:
        DataError: The cache folder cannot be written.
    """
    return _ensure("mini", recipe_hash(_ROOMS), build_mini)


def ensure_mini_twins() -> Path:
    """Return the root of the set for ``load_items(root, split="mini_twins")``; see ``ensure_mini``.

    Raises:
        DataError: The cache folder cannot be written.
    """
    # Which answers pass for which, and so which pairs are kept, is the scorer's word.
    return _ensure("mini_twins", recipe_hash((*_ROOMS, "answers", "scoring")), build_mini_twins)


def build_mini(root: Path) -> None:
    """Write the whole of ``panoenv_mini`` under ``root``."""
    kept = mini_ids()

    def one(environment: str) -> None:
        panorama = scene_panorama(environment, FRAME, SEED)
        objects, candidates = mini_candidates(panorama)
        picked = [
            question for question in candidates if item_id("mini", environment, FRAME, question.text) in kept
        ]
        if len(picked) != _QUESTIONS:
            raise DataError(
                f"{KEPT}: {len(picked)} of its questions can be asked of {environment}, {_QUESTIONS} should; "
                "scenes or questions have changed since, make it anew with "
                "`python -m panoenv_tasks.commands.mini_choice`"
            )
        order = Dice("order", environment, SEED)
        write_folder(panorama, root / "mini" / environment / FRAME, objects, order.shuffled(picked))

    _all(one, MINI)


def mini_candidates(panorama: Panorama) -> tuple[list[Object], list[Question]]:
    """Return the objects of one of the panoramas and the many questions of which 25 are kept.

    ``mini_ids`` names those: they were picked once, by the blind gate (``blind.pick``), which needs other
    panoramas and more time than a first use may take.
    """
    about = (panorama.environment, panorama.frame, SEED)
    objects = choose(measure(panorama), "ours", Dice("questions", *about))
    asked = (
        question
        for turn in range(_ROUNDS)
        for question in ask(objects, panorama.environment, "ours", Dice("candidates", *about, turn))
    )
    return objects, list({question.text: question for question in asked}.values())


def mini_ids() -> frozenset[str]:
    """Return the ids of the questions of ``panoenv_mini``."""
    text = resources.files(__package__).joinpath(KEPT).read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def build_mini_twins(root: Path) -> None:
    """Write the whole of ``panoenv_mini_twins`` under ``root``."""
    from panoenv_tasks.synthesis.twins.frame import write_twins

    _all(lambda name: write_twins(name, FRAME, SEED, root / "mini_twins" / name), MINI_TWINS)


def recipe_hash(rooms: Sequence[str]) -> str:
    """Return 12 hex digits over the code and tables that decide the content."""
    package = resources.files("panoenv_tasks")
    digest = hashlib.sha256(package.joinpath("taxonomy.yaml").read_bytes())
    for name, content in sorted(pair for room in rooms for pair in _sources(package / room, f"{room}/")):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:12]


def _ensure(name: str, recipe: str, build: Callable[[Path], None]) -> Path:
    cache = cache_folder()
    root = cache / f"{name}-{recipe}"
    if _is_whole(root):
        return root
    try:
        with owned.scratch(cache, root.name) as work:
            build(work / "done")
            _list_files(work / "done")
            _settle(work / "done", root)
    except OSError as error:
        raise DataError(
            f"{cache}: cannot build panoenv_{name} there ({error.strerror}); "
            "point PANOENV_CACHE at a folder with 100 MB to spare"
        ) from None
    return root


def _list_files(root: Path) -> None:
    sizes = {
        file.relative_to(root).as_posix(): file.stat().st_size
        for file in sorted(root.rglob("*"))
        if file.is_file()
    }
    (root / _FILES).write_text(json.dumps(sizes, indent=1) + "\n", encoding="utf-8")


def _is_whole(root: Path) -> bool:
    """Whether every file that was built is there in its size: a lost or cut one is made again."""
    try:
        sizes = json.loads((root / _FILES).read_text(encoding="utf-8"))
        return all((root / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def _all(make: Callable[[str], None], environments: Sequence[str]) -> None:
    # Threads, not processes: callers may hold locks and devices that do not survive a fork.
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(make, environments))


def _sources(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".py", ".yaml", ".txt")):
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _settle(built: Path, root: Path) -> None:
    """Put a built set in its place, or its files in the place of a damaged one's."""
    if not root.is_dir():
        try:
            built.rename(root)
            return
        except OSError:
            if not root.is_dir():  # Otherwise another process was first.
                raise
    for file in sorted(path for path in built.rglob("*") if path.is_file()):
        target = root / file.relative_to(built)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)
