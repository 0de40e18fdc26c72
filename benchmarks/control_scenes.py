"""Training scenes of the positive control: of other seeds, in pictures as small as the model sees them.

One in a few is a scene of twins with their questions, the others are plain; every panorama is asked what any
panorama is asked. Each question is kept as the condition `marked` shows it: marks are drawn at full size by
the project's own code, and the picture is then shrunk, so that thousands fit on a small disk.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

from panoenv_tasks.items import BOX_FRAME, QUESTION_FIELDS, Item
from panoenv_tasks.taxonomy import item_from

#: The bundled twins are of seed 0.
FIRST_SEED = 1000
#: Scenes are rendered at this height, half the full one: in a third of the time.
HEIGHT = 640
_QUALITY = 88
_ROWS = "questions.jsonl"
#: Stands for the panorama, which is not kept.
_ANY = Path("rgb_erp.png")
#: One scene in so many is one of twins, which takes five times as long as a plain one.
TWINS_EVERY = 4
#: A panorama is asked so many times 25 questions.
_ROUNDS = 4


def make_scenes(out: Path, count: int, *, width: int, workers: int, seconds: float, first: int = 0) -> int:
    """Render up to ``count`` scenes into ``out`` until ``seconds`` are over; return how many it holds now.

    Args:
        out: The folder; scenes that lie there already are kept.
        count: Numbers ``first`` to ``first + count - 1`` are tried; not every scene has twins.
        width: Of the pictures kept, pixels; they are half as high.
        workers: Processes.
        seconds: No scene is begun after that.
        first: Number of the first scene.
    """
    out.mkdir(parents=True, exist_ok=True)
    end = time.time() + seconds
    jobs = [(out, number, width, end) for number in range(first, first + count)]
    if workers == 1:
        for job in jobs:
            _scene_or_none(job)
    else:
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(_scene_or_none, jobs, chunksize=1))
    return sum(1 for _ in out.glob(f"*/{_ROWS}"))


def load_scenes(out: Path) -> list[Item]:
    """Return the questions of all scenes as the condition shows them, as items to train on."""
    return list(chain.from_iterable(_read(file) for file in sorted(out.glob(f"*/{_ROWS}"))))


def facts(item: Item) -> str:
    """Return what the scene knows of the things that a question names: the reasoning that is taught."""
    return _facts_in(item.origin)[item.id]


@cache
def _facts_in(file: str) -> dict[str, str]:
    rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    return {row["item"]["id"]: row["facts"] for row in rows}


def _read(file: Path) -> Iterator[Item]:
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        item = item_from(
            {**row["item"], "pair": row["pair"]},
            image=file.parent / row["picture"],
            image_kind="marked",
            origin=str(file),
        )
        yield replace(item, question=row["shown"])


def _scene_or_none(job: tuple[Path, int, int, float]) -> None:
    from panoenv_tasks.synthesis.panorama import FrameError

    out, number, width, end = job
    folder = out / f"{number:05d}"
    if time.time() > end or (folder / _ROWS).is_file():
        return
    try:
        _scene(folder, number, width)
    except FrameError:
        return


def _scene(folder: Path, number: int, width: int) -> None:
    from PIL import Image

    from panoenv_tasks.items import Split
    from panoenv_tasks.perturb.conditions import present
    from panoenv_tasks.perturb.marks import draw_marks
    from panoenv_tasks.synthesis.dice import Dice
    from panoenv_tasks.synthesis.questions import ask
    from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS

    environments = list(ENVIRONMENTS)
    environment = environments[number % len(environments)]
    seed = FIRST_SEED + number
    split: Split = "train"
    parts = _parts(environment, f"P000_{number:06d}", seed, twins=number % TWINS_EVERY == 0)
    folder.mkdir(exist_ok=True)
    lines = []
    for letter, part in parts.items():
        panorama = Image.fromarray(part.panorama.rgb).resize(BOX_FRAME, Image.Resampling.NEAREST)
        dice = Dice("control", environment, part.panorama.frame, seed)
        more = [q for _ in range(_ROUNDS) for q in ask(part.objects, environment, "ours", dice)]
        questions = list({question.text: question for question in (*more, *part.questions)}.values())
        items = [_item(question, environment, part.panorama.frame, split) for question in questions]
        things = {one.number: one for one in part.objects}
        known = {
            item.id: _facts(item, [things[number] for number in question.objects])
            for item, question in zip(items, questions, strict=True)
        }
        # A twin is shown together with its other half, which lies in another panorama.
        pairs = {item.id: item.pair for item in items}
        for number, shown in enumerate(present([replace(item, pair="") for item in items], "marked")):
            picture = f"{letter}{number:03d}.jpg"
            _save(draw_marks(panorama, shown.item.boxes), folder / picture, width)
            fields = {name: getattr(shown.item, name) for name in QUESTION_FIELDS}
            line = {"shown": shown.text, "picture": picture, "pair": pairs[shown.item.id]}
            lines.append({**line, "facts": known[shown.item.id], "item": fields})
    partial = folder / f"{_ROWS}.partial"
    partial.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    os.replace(partial, folder / _ROWS)


def _parts(environment: str, frame: str, seed: int, *, twins: bool) -> dict[str, Any]:
    """Return a scene's panoramas with their objects and pairs of questions: three, or a plain one."""
    from panoenv_tasks.synthesis.choose import choose
    from panoenv_tasks.synthesis.dice import Dice
    from panoenv_tasks.synthesis.objects import measure
    from panoenv_tasks.synthesis.scenes.source import scene_panorama
    from panoenv_tasks.synthesis.twins import frame as twins_of

    if twins:
        # How many pixels must change is meant for the full size.
        changed = round(twins_of.CHANGED * (HEIGHT / BOX_FRAME[1]) ** 2)
        with patch.object(twins_of, "CHANGED", changed):
            return dict(twins_of.twin_parts(environment, frame, seed, HEIGHT))
    panorama = scene_panorama(environment, frame, seed, height=HEIGHT)
    objects = choose(measure(panorama), "ours", Dice("control objects", environment, frame, seed))
    return {"a": twins_of.Part(panorama, objects, [])}


def _item(question: Any, environment: str, frame: str, split: str) -> Item:
    from panoenv_tasks.perturb.wording import with_coordinates
    from panoenv_tasks.sources.rows import Row, to_item

    scale = BOX_FRAME[1] // HEIGHT
    low, high = 0, scale - 1

    def full_size(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        x1, y1, x2, y2 = box
        return scale * x1 + low, scale * y1 + low, scale * x2 + high, scale * y2 + high

    text = with_coordinates(question.text, full_size)
    kind = question.template.question_type
    return to_item(
        Row(split, environment, frame, text, kind, question.answer, "", _ANY, "erp", "", question.pair)
    )


def _facts(item: Item, things: Sequence[Any]) -> str:
    if item.category == "environment":
        return item.environment
    return "; ".join(f"{box.phrase}: {_fact(item, one)}" for box, one in zip(item.boxes, things, strict=True))


def _fact(item: Item, one: Any) -> str:
    from panoenv_tasks.synthesis.questions.attributes import volume

    if item.category == "view_source":
        shares = sorted(one.faces.items(), key=lambda pair: -pair[1])
        return " ".join(face for face, count in shares if count >= 0.05 * one.pixels)
    if item.category == "relative_position":
        return " ".join(f"{value:+.1f}" for value in one.centre)
    if item.category == "distance":
        return f"{one.depths.p50:.1f}"
    if item.subcategory.startswith("shape"):
        return " ".join(f"{value:.2f}" for value in sorted(one.size))
    return f"{one.depths.p50:.1f}, {volume(one):.2f}"


def _save(picture: Any, path: Path, width: int) -> None:
    from PIL import Image

    small = picture.resize((width, width // 2), Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.save(path, quality=_QUALITY)
