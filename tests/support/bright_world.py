"""A made-up world that a tiny model can learn in seconds: every answer hangs on how bright the picture is.

It is written in the released form with released wordings, so the real loader, prompts, scorers, tasks
and trainer read it like any other data. ``PYTHONPATH=tests python -m support.bright_world FOLDER``
writes the world, a tiny model that guesses, and a recipe that teaches it to see.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from panoenv_tasks.items import Item

_LAMP = "the lamp (boundingbox: [600, 500, 700, 640])"
#: Question type, question, answer in a bright picture, answer in a dark one.
QUESTIONS = (
    ("true_false", "Does this scene appear to be set in Daylight?", "Yes", "No"),
    (
        "multiple_choice",
        "From the visual cues in the image, is the setting of this scene indoors or outdoors?",
        "Outdoors",
        "Indoors",
    ),
    (
        "open_ended",
        f"How many camera views (front/back/left/right/top/bottom) can observe {_LAMP}?",
        "1 different view",
        "2 different views",
    ),
)
#: Width and height of a picture: eight image tokens.
SIZE = (112, 56)
#: What ``smoke`` needs to teach the warmed-up model within minutes.
LEARNING = (
    "max_pixels=6272",
    *(
        f"{stage}.{setting}"
        for stage in ("stage1", "stage2")
        for setting in (
            "per_device_batch=32",
            "global_batch=32",
            "num_generations=8",
            "max_completion_length=20",
            "max_grad_norm=1.0",
            "save_steps=100",
            "limit=null",
        )
    ),
    "stage1.learning_rate=2e-3",
    "stage2.learning_rate=3e-3",
)


def write_bright_world(
    root: Path, split: str, panoramas: int, *, seed: int = 0, size: tuple[int, int] = SIZE
) -> Path:
    """Write ``panoramas`` pictures, half of them bright, with one question of each type about each."""
    from PIL import Image

    random = Random(f"{seed} {split}")
    for number in range(panoramas):
        bright = number % 2 == 0
        grey = random.randrange(190, 250) if bright else random.randrange(5, 65)
        folder = root / split / "BrightWorld" / f"P000_{number:06d}"
        (folder / "visualizations").mkdir(parents=True)
        questions = []
        for index, (kind, question, if_bright, if_dark) in enumerate(QUESTIONS, start=1):
            picture = Image.new("RGB", size, (grey, grey, grey))
            picture.save(folder / "visualizations" / f"q{index}_bright_world.png")
            questions.append(
                {
                    "question_id": index,
                    "question": question,
                    "question_type": kind,
                    "answer": if_bright if bright else if_dark,
                }
            )
        file = folder / f"{folder.name}_qa.json"
        file.write_text(json.dumps({"questions": questions}), "utf-8")
    return root


def write_short_prompts(path: Path) -> Path:
    """Write a prompt pack of a few words, for ``$PANOENV_PROMPTS``: the real one is mostly explanation."""
    from panoenv_tasks.prompts.pack import KINDS

    words = {"multiple_choice": "{question} {options}"}
    templates = {
        category: {kind: words.get(kind, "{question}") for kind in kinds} for category, kinds in KINDS.items()
    }
    pack = {"name": "short", "version": 1, "templates": templates}
    path.write_text(json.dumps(pack), "utf-8")
    return path


def warm_up(folder: Path, items: Sequence[Item], *, steps: int = 80, seed: int = 0) -> None:
    """Teach the checkpoint in ``folder`` to answer in form and to see, but to answer at a guess.

    The targets describe the picture rightly, break the form in 30 % and are right in 60 %: a start
    from which rewards vary and can be raised.
    """
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    random = Random(seed)
    torch.manual_seed(seed)
    model = AutoModelForImageTextToText.from_pretrained(folder)
    processor = AutoProcessor.from_pretrained(folder, padding_side="left")
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        batch, targets = _warm_up_batch(processor, random.choices(items, k=16), random)
        labels = batch["input_ids"].masked_fill(~targets, -100)
        model(**batch, labels=labels).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)


def _warm_up_batch(processor: Any, items: Sequence[Item], random: Random) -> tuple[Any, Any]:
    from PIL import Image

    from panoenv_tasks.prompts import render

    turns = [
        [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": render(item)}]}]
        for item in items
    ]
    prompts = processor.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    answers = [_target(item, random) + "<|im_end|>" for item in items]
    batch = processor(
        text=[prompt + answer for prompt, answer in zip(prompts, answers, strict=True)],
        images=[[Image.open(item.image).convert("RGB")] for item in items if item.image],
        padding=True,
        return_tensors="pt",
    )
    targets = batch["input_ids"].new_zeros(batch["input_ids"].shape).bool()
    for row, answer in enumerate(answers):
        targets[row, -len(processor.tokenizer(answer).input_ids) :] = True
    return batch, targets


def _target(item: Item, random: Random) -> str:
    options = next(q[2:] for q in QUESTIONS if q[1] == item.question)
    right, wrong = item.answer, next(o for o in options if o != item.answer)
    bright = item.answer == options[0]
    answer = right if random.random() < 0.6 else wrong
    seen = f"<Reasoning>The image is {'bright' if bright else 'dark'}.</Reasoning>"
    tagged = f"<Answer>{answer}</Answer>"
    return seen + tagged if random.random() < 0.7 else random.choice([tagged, seen + answer])


def main(folder: Path) -> None:
    """Write world, prompts, model and recipe into ``folder`` and say how to train."""
    from support.tiny_vlm import make_tiny_qwen2_5_vl

    from panoenv_tasks import load_items
    from training.recipe import load_recipe, to_yaml

    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PANOENV_PROMPTS"] = str(write_short_prompts(folder / "prompts.yaml"))
    world = write_bright_world(folder / "world", "train", panoramas=64)
    model = make_tiny_qwen2_5_vl(folder / "model", hidden=256)
    warm_up(model, load_items(world, "train"))
    places = [f"model={model}", f"data={world}", f"output={folder / 'run'}"]
    (folder / "recipe.yaml").write_text(to_yaml(load_recipe("smoke", [*LEARNING, *places])), "utf-8")
    print(f"PANOENV_PROMPTS={folder / 'prompts.yaml'} panoenv train {folder / 'recipe.yaml'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
