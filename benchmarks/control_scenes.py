"""Training scenes of the positive control: of other seeds, in pictures as small as the model sees them.

Each scene is seen under two headings, a quarter turn or more apart, and its objects are asked about in the
kinds of question below. Every question is kept as the condition `marked` shows it: marks are drawn by the
project's own code and the picture is then shrunk, so that thousands fit on a small disk. The first kind is
kept a second time with marks four times as large.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from panoenv_tasks.items import BOX_FRAME, QUESTION_FIELDS, Item
from panoenv_tasks.taxonomy import item_from

#: The bundled twins are of seed 0.
FIRST_SEED = 1000
#: Scenes are rendered at this height, half the full one: in a third of the time.
HEIGHT = 640
#: Objects asked for under each heading by kind of question. Distances and sizes are not among them.
KINDS = {"primary_view": 14, "seam_attribution": 14}
#: All kinds of question: which of two environments it is is asked once for each heading.
TAUGHT = (*KINDS, "env_confusable_pair")
#: Marks of 0.1 % of a picture are not found by a model that starts from nothing: it learns to look for them
#: while they are this many times as large.
LARGE = 4
_LARGE_KIND = "primary_view"
_HEADINGS = 2
_QUALITY = 88
_ROWS = "questions.jsonl"
#: Stands for the panorama, which is not kept.
_ANY = Path("rgb_erp.png")

Marks = Literal["large", "plain"]


def make_scenes(out: Path, count: int, *, width: int, workers: int, first: int = 0) -> int:
    """Render ``count`` scenes into ``out``, those that lie there excepted; return how many it holds now.

    Args:
        out: The folder.
        count: Numbers ``first`` to ``first + count - 1``; a few are lost to too few objects.
        width: Of the pictures kept, pixels; they are half as high.
        workers: Processes.
        first: Number of the first scene.
    """
    out.mkdir(parents=True, exist_ok=True)
    jobs = [(out, number, width) for number in range(first, first + count)]
    if workers == 1:
        for job in jobs:
            _scene_or_none(job)
    else:
        with ProcessPoolExecutor(workers) as pool:
            list(pool.map(_scene_or_none, jobs, chunksize=1))
    return sum(1 for _ in out.glob(f"*/{_ROWS}"))


def load_lessons(out: Path, marks: Marks) -> list[Item]:
    """Return the questions of all scenes as they are shown, as items to train on."""
    return list(chain.from_iterable(_read(file, marks) for file in sorted(out.glob(f"*/{_ROWS}"))))


def facts(item: Item) -> str:
    """Return the reasoning that is taught: the views that show the thing, or the environment."""
    return _facts_in(item.origin)[item.id]


@cache
def _facts_in(file: str) -> dict[str, str]:
    rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    return {row["item"]["id"]: row["facts"] for row in rows}


def _read(file: Path, marks: Marks) -> Iterator[Item]:
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["marks"] == marks:
            item = item_from(
                row["item"], image=file.parent / row["picture"], image_kind="marked", origin=str(file)
            )
            yield replace(item, question=row["shown"])


def _scene_or_none(job: tuple[Path, int, int]) -> None:
    from panoenv_tasks.synthesis.panorama import FrameError

    out, number, width = job
    folder = out / f"{number:05d}"
    if (folder / _ROWS).is_file():
        return
    try:
        _scene(folder, number, width)
    except FrameError:
        return


def _scene(folder: Path, number: int, width: int) -> None:
    from panoenv_tasks.synthesis.choose import choose
    from panoenv_tasks.synthesis.dice import Dice
    from panoenv_tasks.synthesis.objects import measure
    from panoenv_tasks.synthesis.scenes.families import ENVIRONMENTS
    from panoenv_tasks.synthesis.scenes.source import scene_panorama
    from panoenv_tasks.synthesis.twins.turned import turned

    environments = list(ENVIRONMENTS)
    environment, frame = environments[number % len(environments)], f"P000_{number:06d}"
    dice = Dice("control", environment, frame, FIRST_SEED + number)
    panorama = scene_panorama(environment, frame, FIRST_SEED + number, height=HEIGHT)
    chosen = {one.number for one in choose(measure(panorama), "ours", dice)}
    folder.mkdir(exist_ok=True)
    lines: list[dict[str, Any]] = []
    for quarters in dice.shuffled(range(4))[:_HEADINGS]:
        seen = turned(panorama, quarters, f"{frame}_{quarters}")
        lines += _lessons(seen, environment, chosen, dice, folder, width)
    partial = folder / f"{_ROWS}.partial"
    partial.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    os.replace(partial, folder / _ROWS)


def _lessons(
    panorama: Any, environment: str, chosen: set[int], dice: Any, folder: Path, width: int
) -> Iterator[dict[str, Any]]:
    """Write the pictures of a panorama's questions and yield one row a question."""
    from PIL import Image

    from panoenv_tasks.perturb.conditions import present
    from panoenv_tasks.perturb.marks import draw_marks
    from panoenv_tasks.synthesis.choose import refused
    from panoenv_tasks.synthesis.objects import measure
    from panoenv_tasks.synthesis.twins.places import place_question

    objects = {
        one.number: one for one in measure(panorama) if one.number in chosen and not refused(one, "ours")
    }
    questions = [*_questions(list(objects.values()), environment, dice)]
    place = place_question(environment, panorama.frame)
    questions += [replace(place, pair="")] if place else []
    full = Image.fromarray(panorama.rgb).resize(BOX_FRAME, Image.Resampling.NEAREST)
    for number, question in enumerate(questions):
        (shown,) = present([_item(question, environment, panorama.frame)], "marked")
        things = [objects[one] for one in question.objects]
        row = {
            "shown": shown.text,
            "facts": " ".join(_views(*things)) if things else environment,
            "item": {name: getattr(shown.item, name) for name in QUESTION_FIELDS},
        }
        sizes: list[tuple[Marks, int]] = [("plain", 1)]
        sizes += [("large", LARGE)] if shown.item.subcategory == _LARGE_KIND else []
        for marks, scale in sizes:
            picture = f"{panorama.frame[-1]}{number:03d}_{marks}.jpg"
            _save(draw_marks(full, shown.item.boxes, scale=scale), folder / picture, width)
            yield {**row, "marks": marks, "picture": picture}


def _questions(objects: Sequence[Any], environment: str, dice: Any) -> Iterator[Any]:
    from panoenv_tasks.places import place_of
    from panoenv_tasks.synthesis.questions import Question
    from panoenv_tasks.synthesis.questions.ask import FUNCTIONS
    from panoenv_tasks.synthesis.questions.question import Case
    from panoenv_tasks.synthesis.questions.wording import render
    from panoenv_tasks.taxonomy import templates

    place, others = place_of(environment)
    for kind, count in KINDS.items():
        wordings = [one for one in templates() if one.subcategory == kind and one.dialect == "ours"]
        for one in dice.shuffled(objects)[:count]:
            case = Case(dice.pick(wordings), (one,), "ours", dice, place, others)
            draft = FUNCTIONS[kind](case)
            if draft is not None:
                text = render(case.template, case.boxes, draft)
                yield Question(text, draft.answer, case.template, draft.options, (one.number,))


def _views(one: Any) -> list[str]:
    """Return the views that show a thing, the one with most of it first."""
    shares = sorted(one.faces.items(), key=lambda pair: -pair[1])
    return [face for face, count in shares if count >= 0.05 * one.pixels]


def _item(question: Any, environment: str, frame: str) -> Item:
    from panoenv_tasks.perturb.wording import with_coordinates
    from panoenv_tasks.sources.rows import Row, to_item

    scale = BOX_FRAME[1] // HEIGHT

    def full_size(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        x1, y1, x2, y2 = box
        return scale * x1, scale * y1, scale * x2 + scale - 1, scale * y2 + scale - 1

    text = with_coordinates(question.text, full_size)
    kind = question.template.question_type
    return to_item(Row("train", environment, frame, text, kind, question.answer, "", _ANY, "erp", ""))


def _save(picture: Any, path: Path, width: int) -> None:
    from PIL import Image

    small = picture.resize((width, width // 2), Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.save(path, quality=_QUALITY)
