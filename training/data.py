"""Questions as the rows TRL trains on: a conversation, an image opened when it is needed, the gold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from panoenv_tasks import load_items
from panoenv_tasks.geometry.cube import FACES, Face, cut_faces
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.perturb import CONDITIONS, Picture, Presentation
from panoenv_tasks.prompts import render
from panoenv_tasks.scoring import ProtocolName
from panoenv_tasks.sources.images import check_images, open_image
from training.sections import Shown

if TYPE_CHECKING:
    import datasets
    from PIL.Image import Image

#: Splits that may be trained on; every other split is for measuring.
TRAINABLE = ("train", "val")
#: Decoded panoramas kept per process (10 MB each). A generation batch is handed out once per
#: micro-batch, so room for its questions means that each panorama is decoded once per batch.
_CACHED_IMAGES = 16


def training_items(path: str | None, split: str) -> list[Item]:
    """Load the questions to train on and check that each has a readable image.

    Args:
        path: As in ``panoenv_tasks.load_items``.
        split: ``train``, or ``val`` when it was asked for.

    Raises:
        DataError: A split that is for measuring, whether asked for or found in the rows; no image or
            one that cannot be read.
    """
    if split not in TRAINABLE:
        raise DataError(f"split {split!r} is for measuring and not for training; use train")
    items = load_items(path, split)
    for item in items:
        if item.split != split:
            raise DataError(f"{item.origin}: a question of split {item.split!r} among {split!r}")
    if problems := check_images(items):
        raise DataError(f"{problems[0]} ({len(problems)} such problems)")
    return items


def training_rows(
    rows: Sequence[Item], protocol: ProtocolName, conditions: Sequence[Shown] = ("full",)
) -> datasets.Dataset:
    """Return questions as a TRL dataset, in the order given.

    The columns are ``prompt`` (one user turn of plain text; TRL puts the images before it), ``images``
    (decoded on access, never stored), what the rewards read (``method``, ``answer``, ``question``,
    ``protocol``) and what the logs show (``item``, ``category``, ``question_type``).

    Args:
        rows: The questions.
        protocol: What the rewards score by.
        conditions: How questions are shown; with several, a question takes turns from one time to the next.

    Raises:
        DataError: A condition needs raw panoramas, and the data has drawings.
    """
    import datasets

    shown = _shown(rows, conditions)
    table = {
        "prompt": [[{"role": "user", "content": wording(one)}] for one in shown],
        "images": [[json.dumps(picture.to_json()) for picture in one.pictures] for one in shown],
        "item": [item.id for item in rows],
        "method": [item.method for item in rows],
        "answer": [item.answer for item in rows],
        "question": [item.question for item in rows],
        "category": [item.category for item in rows],
        "question_type": [item.question_type for item in rows],
        "protocol": [protocol] * len(rows),
    }
    return datasets.Dataset.from_dict(table).with_transform(_with_pictures)


def supervised_rows(rows: Sequence[Item], reasoning: Callable[[Item], str] | None = None) -> datasets.Dataset:
    """Return questions as a TRL dataset for supervised training, in the order given.

    The columns are ``prompt`` and ``images`` as in ``training_rows``, and ``completion``: the gold answer in
    the form that is asked for. The data hold no reasoning: it is empty, or what ``reasoning`` returns. A
    question without a picture is asked in the words for that.
    """
    import datasets

    shown = _shown(rows, ("full",))
    table = {
        "prompt": [[{"role": "user", "content": wording(one)}] for one in shown],
        "images": [[json.dumps(picture.to_json()) for picture in one.pictures] for one in shown],
        "completion": [
            [{"role": "assistant", "content": gold_completion(item, reasoning(item) if reasoning else "")}]
            for item in rows
        ],
    }
    return datasets.Dataset.from_dict(table).with_transform(_with_pictures)


def gold_completion(item: Item, reasoning: str = "") -> str:
    """Return the completion that a supervised stage teaches."""
    return f"<Reasoning>{reasoning}</Reasoning><Answer>{item.answer}</Answer>"


def wording(shown: Presentation) -> str:
    """Return the prompt of a question as it is shown; the harness asks in the same words."""
    return render(
        shown.item,
        question=shown.text,
        with_image=bool(shown.pictures),
        boxes=shown.boxes,
        panorama=shown.panorama,
    )


def drawn(picture: Picture) -> Image:
    """Return a whole panorama or a cube face, RGB; copies in one batch are one object.

    Raises:
        DataError: The file cannot be read.
    """
    return _faces(str(picture.path))[picture.face] if picture.face else _picture(str(picture.path))


def _shown(rows: Sequence[Item], conditions: Sequence[Shown]) -> list[Presentation]:
    times: Counter[str] = Counter()
    shown = []
    for item in rows:
        # By id: a turn by the row would tie a condition to the kind of question in a balanced stage.
        turn = crc32(item.id.encode()) + times[item.id]
        times[item.id] += 1
        shown += CONDITIONS[conditions[turn % len(conditions)]]([item])
    return shown


def _with_pictures(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    if "images" not in batch:
        return batch
    recipes = [[Picture.from_json(json.loads(text)) for text in texts] for texts in batch["images"]]
    return {**batch, "images": [[drawn(picture) for picture in row] for row in recipes]}


@lru_cache(maxsize=_CACHED_IMAGES)
def _faces(path: str) -> dict[Face, Image]:
    import numpy as np
    from PIL import Image

    cut = cut_faces(np.asarray(_picture(path)))
    return {face: Image.fromarray(cut[face]) for face in FACES}


@lru_cache(maxsize=_CACHED_IMAGES)
def _picture(path: str) -> Image:
    return open_image(Path(path))
