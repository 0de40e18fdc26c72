"""The documents of a task: one row per question, made from items under a condition."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError, Item, Split, fingerprint
from panoenv_tasks.perturb import Condition, Picture, Presentation, present, seen_size
from panoenv_tasks.perturb.wording import without_coordinates
from panoenv_tasks.prompts import active_pack, render
from panoenv_tasks.scoring import VERSIONS
from panoenv_tasks.sources import load_items
from panoenv_tasks.sources.images import check_images
from panoenv_tasks.sources.locate import find_root
from panoenv_tasks.sources.released import is_built
from panoenv_tasks.tasks.panoenv.names import Selection
from panoenv_tasks.tasks.panoenv.record import asked, package_versions
from panoenv_tasks.taxonomy import item_from


def rows(selection: Selection) -> tuple[dict[str, Any], ...]:
    """Return the documents of a task.

    A document is flat and JSON-like, since ``datasets`` and worker processes carry it about: the
    record that will be logged (as JSON text), the prompt, and the picture recipes.

    Raises:
        DataError: Data is missing or unusable.
    """
    shown = _presented(selection.split, selection.condition)
    run = _run_facts(selection.split, selection.condition)
    own = [presentation for presentation in shown if selection.category in (None, presentation.item.category)]
    if not own:
        # lmms-eval would stop with an index error.
        raise DataError(f"{selection.name}: the data has no question for this task; leave it out")
    return tuple(_row(presentation, run) for presentation in own)


def require_images(selection: Selection) -> None:
    """Check that every question of a task has the pictures that its condition shows.

    Raises:
        DataError: A picture is missing, unreadable or of the wrong size.
    """
    if selection.condition.startswith("noimage"):
        return
    problems = check_images([p.item for p in _presented(selection.split, selection.condition)])
    if problems:
        without = Selection(selection.split, None, "noimage").name
        raise DataError(f"{problems[0]} ({len(problems)} problems with images; {without} needs none)")


# One process may evaluate several data sets in turn, so the place is part of what is remembered.
@lru_cache(maxsize=4)
def _items_at(root: Path, split: str) -> tuple[Item, ...]:
    return tuple(load_items(root, split))


@lru_cache(maxsize=4)
def _presented_at(
    root: Path, split: Split, condition: Condition, _: tuple[int, int] | None
) -> tuple[Presentation, ...]:
    return tuple(present(_items_at(root, split), condition))


def _presented(split: Split, condition: Condition) -> tuple[Presentation, ...]:
    # So may the size that one condition prints its boxes for.
    return _presented_at(data_root(split), split, condition, seen_size() if condition == "seen" else None)


def data_root(split: str) -> Path:
    """Return where a split lies; the bundled synthetic sets are built on first use."""
    from panoenv_tasks.synthesis import mini

    if split == "mini":
        return mini.ensure_mini()
    if split == "mini_twins":
        return mini.ensure_mini_twins()
    return find_root(None)


def item_of(doc: dict[str, Any]) -> Item:
    """Return the item behind a document for models that read it instead of the prompt; without its image.

    Boxes are in pixels of the panorama, whatever coordinates the condition prints. Where it hides them,
    question and item have none; the options stay, the prompt lists them.
    """
    record = json.loads(doc["record"])
    item = item_from(record, image_kind=record["image"]["kind"])
    if doc["question"] != without_coordinates(item.question):
        return item
    return replace(item, question=doc["question"], boxes=())


def pictures_of(doc: dict[str, Any]) -> list[Picture]:
    """Return the picture recipes of a document.

    Raises:
        DataError: Its condition shows the panorama, and the data has none.
    """
    recipes = json.loads(doc["pictures"])
    if recipes is None:
        raise DataError(f"no panorama for {doc['id']}; see `panoenv data check`")
    return [Picture.from_json(recipe) for recipe in recipes]


def _run_facts(split: Split, condition: Condition) -> dict[str, Any]:
    items, pack = _items_at(data_root(split), split), active_pack()
    shown = _presented(split, condition)
    return {
        "condition": condition,
        **({"built": True} if is_built(data_root(split)) else {}),
        **({"boxes_in_pixels_of": seen_size()} if condition == "seen" else {}),
        "condition_items": len(shown),
        "condition_left_out": len(items) - len(shown),
        "dataset_sha256": fingerprint(items),
        "dataset_items": len(items),
        "prompts": pack.id,
        "prompts_sha256": pack.sha256,
        "protocols": list(VERSIONS.values()),
        "versions": package_versions(),
    }


def _row(shown: Presentation, run: dict[str, Any]) -> dict[str, Any]:
    blind = run["condition"].startswith("noimage")
    missing = shown.image_kind == "none" and not blind
    pictures = None if missing else [picture.to_json() for picture in shown.pictures]
    return {
        "id": shown.item.id,
        "record": json.dumps(asked(shown, run), ensure_ascii=False),
        "answer": shown.item.answer,
        "question": shown.question,
        "prompt": render(
            shown.item,
            question=shown.text,
            with_image=not blind,
            boxes=shown.boxes,
            panorama=shown.panorama,
        ),
        "pictures": json.dumps(pictures),
    }
