"""The positive control: can a model that sees pass the twins? One trained from scratch on other scenes.

    python benchmarks/positive_control.py OUT                 # under an hour on two cores
    python benchmarks/positive_control.py OUT --seeds 0 1 2

Makes training scenes of other seeds (never the bundled ones) and for each seed a small model with random
weights, trains every weight by `positive_control.yaml`, first on large marks, then on marks as they are, and
asks it the bundled twins: as they are, with the objects marked, and each without the picture; and questions
of scenes that it was not trained on. Every step is kept and not done again. The models lie in
OUT/seed*/warm_up/model, for lmms-eval like any other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panoenv_tasks.items import Item

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from control_model import WIDTH, Shape, make_model  # noqa: E402
from control_report import CONDITIONS, UNSEEN, UNSEEN_BLIND, report  # noqa: E402

#: One lesson in so many is shown without its picture, so that being asked without one is nothing new.
_BLIND_EVERY = 10
#: One lesson in so many of the second training still has large marks.
_LARGE_EVERY = 5


@dataclass(frozen=True)
class Size:
    """Scenes to render, the model's shape, and lessons in batches: with large marks, then as they are."""

    scenes: int
    unseen: int
    shape: Shape
    batch: int
    large: int
    plain: int


SIZES = {
    "tiny": Size(2, 1, Shape(128, 1, 64, 1, 1024), 8, 16, 16),
    "cpu": Size(240, 24, Shape(128, 3, 96, 2, 1536), 32, 16_000, 32_000),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=sorted(SIZES), default="cpu")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", choices=("scenes", "train", "ask", "report"), help="One step only.")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    size, out = SIZES[chosen.size], chosen.out
    steps = [chosen.only] if chosen.only else ["scenes", "train", "ask", "report"]
    if "scenes" in steps:
        from control_scenes import make_scenes

        began = time.monotonic()
        count = make_scenes(out / "scenes", size.scenes, width=WIDTH, workers=chosen.workers)
        first = size.scenes
        count += make_scenes(out / "unseen", size.unseen, width=WIDTH, workers=chosen.workers, first=first)
        print(f"{count} scenes in {time.monotonic() - began:.0f} s", flush=True)
    for seed in chosen.seeds:
        if "train" in steps:
            began, busy = time.monotonic(), time.process_time()
            train(out, size, seed)
            told = f"{time.monotonic() - began:.0f} s, {time.process_time() - busy:.0f} s of CPU"
            print(f"seed {seed} trained in {told}", flush=True)
        if "ask" in steps:
            ask(out, seed)
    if "report" in steps:
        text = report(out)
        (out / "report.md").write_text(text, encoding="utf-8")
        print(text)


def train(out: Path, size: Size, seed: int) -> Path:
    """Train one model, first with large marks, and return its folder."""
    from control_scenes import load_lessons

    large, plain = (load_lessons(out / "scenes", marks) for marks in ("large", "plain"))
    corpus = [item.question for item in plain[:2000]]
    base = make_model(out / f"base{seed}", size.shape, seed, corpus)
    random = Random(f"lessons {seed}")
    first = _drawn(large, size.large, random)
    began = _run(base, out / f"large{seed}", size, seed, first)
    mixed = _drawn(large, size.plain // _LARGE_EVERY, random)
    mixed += _drawn(plain, size.plain - len(mixed), random)
    return _run(began, out / f"seed{seed}", size, seed, mixed)


def _drawn(items: Sequence[Item], count: int, random: Random) -> list[Item]:
    """Return so many lessons, each as often as any other, some without a picture."""
    lessons = []
    for number in range(count):
        if number % len(items) == 0:
            order = random.sample(items, len(items))
        item = order[number % len(items)]
        lessons.append(_without_picture(item) if random.randrange(_BLIND_EVERY) == 0 else item)
    return lessons


def _without_picture(item: Item) -> Item:
    from panoenv_tasks.perturb.marks import NOTE

    question = item.question.removeprefix(NOTE).strip()
    return replace(item, question=question, image=None, image_kind="none")


def _run(base: Path, folder: Path, size: Size, seed: int, lessons: Sequence[Item]) -> Path:
    from training.curriculum import run_curriculum
    from training.recipe import load_recipe

    batch = (f"warm_up.global_batch={size.batch}", f"warm_up.per_device_batch={size.batch}")
    places = (f"model={base}", f"output={folder}", f"seed={seed}")
    recipe = load_recipe(ROOT / "benchmarks" / "positive_control.yaml", [*places, *batch])
    return run_curriculum(recipe, lessons)


def ask(out: Path, seed: int) -> None:
    """Ask one model the twins and the unseen scenes; write one row a question into ``answers.jsonl``."""
    from control_scenes import load_lessons

    from panoenv_tasks.perturb.conditions import present
    from panoenv_tasks.sources import load_items
    from panoenv_tasks.synthesis.mini import ensure_mini_twins

    file = out / f"seed{seed}" / "answers.jsonl"
    if file.is_file():
        return
    twins = load_items(ensure_mini_twins(), "mini_twins")
    asked: dict[str, Sequence[Any]] = {name: present(twins, name) for name in CONDITIONS}
    unseen = load_lessons(out / "unseen", "plain")
    asked[UNSEEN] = present(unseen, "full")
    asked[UNSEEN_BLIND] = present([_without_picture(item) for item in unseen], "full")
    model, processor = _loaded(file.parent / "warm_up" / "model")
    rows = [
        _row(condition, one.item, text)
        for condition, shown in asked.items()
        for one, text in zip(shown, _answers(model, processor, shown), strict=True)
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def _row(condition: str, item: Item, text: str) -> dict[str, Any]:
    from panoenv_tasks.scoring import score

    return {
        "condition": condition,
        "id": item.id,
        "pair": item.pair,
        "kind": item.subcategory,
        "panorama": item.panorama,
        "question_type": item.question_type,
        "options": item.options,
        "gold": item.answer,
        "answer": text,
        "correct": score(item, text, "strict").correct,
    }


def _loaded(folder: Path) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = AutoModelForImageTextToText.from_pretrained(folder).to(device).eval()
    return model, AutoProcessor.from_pretrained(folder, padding_side="left")


def _answers(model: Any, processor: Any, shown: Sequence[Any], batch: int = 32) -> Iterator[str]:
    """Yield greedy answers to what a condition shows, in the harness's words."""
    import torch

    from panoenv_tasks.perturb.pictures import draw
    from panoenv_tasks.prompts import render

    for start in range(0, len(shown), batch):
        texts, pictures = [], []
        for one in shown[start : start + batch]:
            words = render(one.item, question=one.text, with_image=bool(one.pictures), boxes=one.boxes)
            seen = [{"type": "image"}] * len(one.pictures)
            turn = [{"role": "user", "content": [*seen, {"type": "text", "text": words}]}]
            texts.append(processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False))
            pictures += [[draw(picture) for picture in one.pictures]] if one.pictures else []
        images = {"images": pictures} if pictures else {}
        inputs = processor(text=texts, padding=True, return_tensors="pt", **images).to(model.device)
        with torch.no_grad():
            made = model.generate(**inputs, max_new_tokens=96, do_sample=False)
        yield from processor.batch_decode(made[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


if __name__ == "__main__":
    main()
