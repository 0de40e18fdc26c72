"""The positive control: can a model that sees pass the twins? One trained from scratch on other scenes.

    python benchmarks/positive_control.py OUT                    # under an hour on two cores
    python benchmarks/positive_control.py OUT --size gpu --seeds 0 1 2

Makes training scenes (twins and plain questions of other seeds; never the bundled ones), a small model of
the Qwen2.5-VL family with random weights for each seed, trains every weight by `positive_control.yaml`,
and asks it the bundled twins: as they are, with the objects marked, and each without the picture. Every step
is kept and not done again. The models lie in OUT/seed*/warm_up/model, for lmms-eval like any other.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panoenv_tasks.perturb import Condition

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]
os.environ.setdefault("HF_HUB_OFFLINE", "1")

#: Of the pictures, pixels: 12 x 6 image tokens.
WIDTH = 336
#: Conditions asked, each beside the same questions without a picture.
CONDITIONS: tuple[Condition, ...] = ("full", "noimage", "marked", "noimage_nobox")


@dataclass(frozen=True)
class Size:
    """Scenes to render, the decoder's width and layers, the tower's, and the time for one training.

    ``paced``: steps that the training's pace is measured over beforehand.
    """

    scenes: int
    hidden: int
    layers: int
    vision_hidden: int
    vision_layers: int
    vocabulary: int
    batch: int
    scene_seconds: float
    train_seconds: float
    paced: int


SIZES = {
    "tiny": Size(2, 128, 1, 64, 1, 1024, 8, 600, 5, 4),
    "cpu": Size(160, 256, 4, 128, 3, 2048, 32, 900, 2100, 10),
    "gpu": Size(1000, 256, 5, 256, 3, 2048, 64, 600, 300, 20),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", choices=sorted(SIZES), default="cpu")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", choices=("scenes", "train", "ask", "report"), help="One step only.")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--scene-seconds", type=float, help="No scene is begun after so many.")
    parser.add_argument("--train-seconds", type=float, help="For the training of one seed.")
    chosen = parser.parse_args()
    size, out = SIZES[chosen.size], chosen.out
    steps = [chosen.only] if chosen.only else ["scenes", "train", "ask", "report"]
    if "scenes" in steps:
        from control_scenes import make_scenes

        seconds = chosen.scene_seconds or size.scene_seconds
        count = make_scenes(out / "scenes", size.scenes, width=WIDTH, workers=chosen.workers, seconds=seconds)
        print(f"{count} scenes", flush=True)
    for seed in chosen.seeds:
        if "train" in steps:
            train(out, size, seed, chosen.workers, chosen.train_seconds or size.train_seconds)
        if "ask" in steps:
            ask(out / f"seed{seed}")
    if "report" in steps:
        text = report(out)
        (out / "report.md").write_text(text, encoding="utf-8")
        print(text)


def train(out: Path, size: Size, seed: int, workers: int, seconds: float) -> Path:
    """Train one model for about ``seconds`` and return its folder.

    As many questions are taken, and as often, as the time allows by the pace of the first steps; those on
    views and positions once more at the beginning.
    """
    from control_scenes import load_scenes

    from training.curriculum import run_curriculum
    from training.mixing import LOCALISATION
    from training.recipe import load_recipe

    place = out / f"seed{seed}"
    # Sizes would take the most lessons, and nothing that is asked here needs them first.
    items = [item for item in load_scenes(out / "scenes") if item.category != "attribute_comparison"]
    base = _model(out / f"base{seed}", size, seed, [item.question for item in items[:2000]])

    def recipe(folder: Path, lessons: int, *more: str) -> Any:
        import torch

        precision = "bfloat16" if torch.cuda.is_available() else "float32"
        batch = (f"warm_up.global_batch={size.batch}", f"warm_up.per_device_batch={size.batch}")
        places = (f"model={base}", f"output={folder}", f"seed={seed}", f"workers={max(0, workers - 1)}")
        epochs = max(1, round(lessons / len(items)))
        often = (f"warm_up.epochs={epochs}", f"warm_up.limit={min(len(items), lessons // epochs)}")
        return load_recipe(
            ROOT / "benchmarks" / "positive_control.yaml",
            [*places, *batch, *often, f"precision={precision}", *more],
        )

    file = place.with_name(f"lessons{seed}")
    if not file.is_file():
        began = time.monotonic()
        save = (f"warm_up.save_steps={size.paced}", "warm_up.save_total_limit=2")
        run_curriculum(
            recipe(out / f"trial{seed}", 2 * size.paced * size.batch, "warm_up.localisation_epochs=0", *save),
            items,
        )
        states = (out / f"trial{seed}").rglob("checkpoint-*/trainer_state.json")
        first, last = sorted(state.stat().st_mtime for state in states)
        pace = (last - first) / size.paced
        print(f"{pace:.3f} s a step of {size.batch}", flush=True)
        # The first steps are a little faster than the others, and starting takes time as well.
        rows = (seconds - (time.monotonic() - began)) / (1.15 * pace) * size.batch
        first_pass = sum(item.category in LOCALISATION for item in items)
        lessons = max(rows / (1 + first_pass / len(items)), rows - first_pass)
        file.write_text(str(max(size.batch, int(lessons))), encoding="utf-8")
    return run_curriculum(recipe(place, int(file.read_text("utf-8"))), items)


def _model(folder: Path, size: Size, seed: int, corpus: Sequence[str]) -> Path:
    """Make a model with random weights, whose tokenizer has one token for each fixed part of the prompts."""
    from support.tiny_vlm import Sizes, make_tiny_qwen2_5_vl

    from panoenv_tasks.perturb.marks import NOTE
    from panoenv_tasks.prompts import load_pack

    if (folder / "model.safetensors").is_file():
        return folder
    pack = load_pack()
    templates = [*pack.templates.values(), *pack.without_image.values()]
    texts = chain.from_iterable(kinds.values() for kinds in templates)
    parts = {part for text in texts for part in re.split(r"\{question\}|\{options\}", text) if len(part) > 20}
    # With Qwen's own theta a model from scratch cannot tell the columns of so small a picture apart.
    sizes = Sizes(
        size.layers,
        size.vision_layers,
        size.vision_hidden,
        size.vision_hidden // 64,
        size.vocabulary,
        rope_theta=10.0,
    )
    phrases = [*sorted(parts, key=len, reverse=True), f"{NOTE} ", " (boundingbox: [", "])"]
    return make_tiny_qwen2_5_vl(
        folder, hidden=size.hidden, seed=seed, sizes=sizes, corpus=corpus, phrases=phrases
    )


def ask(place: Path) -> None:
    """Ask the bundled twins under every condition and write one row a question into ``answers.jsonl``."""
    from panoenv_tasks.perturb.conditions import present
    from panoenv_tasks.scoring import score
    from panoenv_tasks.sources import load_items
    from panoenv_tasks.synthesis.mini import ensure_mini_twins

    file = place / "answers.jsonl"
    if file.is_file():
        return
    items = load_items(ensure_mini_twins(), "mini_twins")
    rows = []
    model, processor = _loaded(place / "warm_up" / "model")
    for condition in CONDITIONS:
        shown = present(items, condition)
        for one, text in zip(shown, _answers(model, processor, shown), strict=True):
            told = score(one.item, text, "strict")
            row = {
                "condition": condition,
                "id": one.item.id,
                "pair": one.item.pair,
                "kind": one.item.subcategory,
                "panorama": one.item.panorama,
                "question_type": one.item.question_type,
                "options": one.item.options,
                "gold": one.item.answer,
                "answer": text,
                "correct": told.correct,
            }
            rows.append(row)
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


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


def report(out: Path) -> str:
    """Return the figures over all seeds as Markdown."""
    from panoenv_tasks.markdown import table

    rows = [
        {**json.loads(line), "seed": file.parent.name}
        for file in sorted(out.glob("seed*/answers.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    seeds = sorted({row["seed"] for row in rows})
    parts = [f"# Positive control\n\nSeeds: {len(seeds)}\n"]
    for condition in CONDITIONS:
        asked = [row for row in rows if row["condition"] == condition]
        if not asked:
            continue
        kinds = sorted({row["kind"] for row in asked})
        lines = [
            _line("all", asked, seeds),
            *(_line(k, [r for r in asked if r["kind"] == k], seeds) for k in kinds),
        ]
        heads = ["kind", "pairs", "both right, %", "95 %", "chance", "each seed", "accuracy, %"]
        parts.append(f"## {condition}\n\n{table(heads, lines)}")
    gains = table(["conditions", "gain, points", "95 %", "each seed"], _gains(rows, seeds))
    parts.append(f"## Gain of the picture\n\n{gains}")
    return "\n".join(parts) + "\n"


def _line(name: str, rows: Sequence[dict[str, Any]], seeds: Sequence[str]) -> list[str]:
    found = _both(rows)
    each = [_both([row for row in rows if row["seed"] == seed]) for seed in seeds]
    accuracy = 100 * sum(row["correct"] for row in rows) / len(rows)
    if found is None:
        return [name, "0", "", "", "", "", f"{accuracy:.1f}"]
    return [
        name,
        str(found.share.n),
        f"{100 * found.share.mean:.1f}",
        _interval(found.share, ".1f"),
        f"{100 * found.chance:.1f}",
        ", ".join(f"{100 * one.share.mean:.1f}" for one in each if one),
        f"{accuracy:.1f}",
    ]


def _both(rows: Sequence[dict[str, Any]]) -> Any:
    from panoenv_tasks.pairs import Answered, both_right, guess_of

    return both_right(
        Answered(row["pair"], row["correct"], guess_of(row["question_type"], row["options"]), row["seed"])
        for row in rows
    )


def _gains(rows: Sequence[dict[str, Any]], seeds: Sequence[str]) -> list[list[str]]:
    """Return accuracy with the picture minus accuracy without, on the same questions."""
    from panoenv_tasks.stats import clustered_mean

    lines = []
    for seen, blind in (("full", "noimage"), ("marked", "noimage_nobox")):
        right = {(r["condition"], r["seed"], r["id"]): r["correct"] for r in rows}
        pairs = [
            (r["seed"], r["correct"] - right[blind, r["seed"], r["id"]], r["panorama"].rpartition("_")[0])
            for r in rows
            if r["condition"] == seen
        ]
        found = clustered_mean([float(gain) for _, gain, _ in pairs], [scene for _, _, scene in pairs])
        if found is None:
            continue
        each = [[g for s, g, _ in pairs if s == seed] for seed in seeds]
        lines.append(
            [
                f"{seen} - {blind}",
                f"{100 * found.mean:+.1f}",
                _interval(found, "+.1f"),
                ", ".join(f"{100 * sum(one) / len(one):+.1f}" for one in each if one),
            ]
        )
    return lines


def _interval(found: Any, form: str) -> str:
    return "" if found.lo is None else f"{100 * found.lo:{form}} to {100 * found.hi:{form}}"


if __name__ == "__main__":
    main()
