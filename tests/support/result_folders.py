"""Write result folders shaped like lmms-eval 0.7.3's, without running it.

For faults and amounts that a real run cannot be made to show; the shape itself is held to a real run by
``tests/leaderboard/test_real_runs.py``.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from support.questions import item_of
from support.shared import shared_file

from panoenv_tasks import load_items
from panoenv_tasks.items import BOX_FRAME, Item, fingerprint, item_id
from panoenv_tasks.perturb import Condition, image_kind
from panoenv_tasks.perturb.wording import without_coordinates
from panoenv_tasks.scoring import VERSIONS, score_answer
from panoenv_tasks.tasks.panoenv.metrics import metric_items
from panoenv_tasks.tasks.panoenv.reported import shown
from panoenv_tasks.taxonomy import recognise

DATE = "20250122_101500"


def item(environment: str, frame: str, question: str, answer: str, split: str = "val") -> Item:
    assert recognise(question), question
    made = item_of(question, answer, environment)
    return replace(made, id=item_id(split, environment, frame, question), split=split, frame=frame)


def made_up_items(panoramas: int = 6, split: str = "val") -> list[Item]:
    """Ten questions of all types per panorama, about objects that do not exist.

    Two panoramas share an environment on the test split, as in the release; elsewhere each has its own.
    """
    rng = random.Random(7)
    items = []
    for number in range(panoramas):
        place = (f"World{number // 2 if split == 'test' else number}", f"P000_{number:06d}")
        a, b, c = (_object(rng, name) for name in ("lamp", "crate", "barrel"))
        metres = f"{rng.uniform(2, 30):.2f} meters"
        yes = rng.choice(["Yes", "No"])
        for question, answer in (
            (f"Is {a} closer to the viewer than {b}?", yes),
            (f"Are {a} and {b} roughly at the same distance from the viewer?", "No"),
            (f"Do {a} and {b} come from the same primary view?", yes),
            (f"Which object is closer to the viewer, {a} or {b}?", "The lamp"),
            (f"Among {a}, {b}, and {c}, which one has the largest volume?", "The crate"),
            (
                f"From which view (front/back/left/right/top/bottom) does {a} primarily come?",
                rng.choice(["Front", "Left"]),
            ),
            ("Which environment is a better fit for the image: Rome or CoalMine?", "Rome"),
            (f"How far is {a} from the viewer?", metres),
            (
                f"From how many different views (front/back/left/right/top/bottom) is {b} visible?",
                f"{rng.randint(1, 3)} different views",
            ),
            (f"In 3D space, how is {a} positioned relative to {b}?", "The lamp is behind the crate."),
        ):
            items.append(item(*place, question, answer, split))
    return items


def as_many_as_released(split: str = "test") -> list[Item]:
    """Made-up questions in the number and mixture of the released test split: 2,991 on 120 panoramas."""
    items: list[Item] = []
    for copy in range(3):
        for base in made_up_items(120, split):
            question = base.question.replace("the lamp", f"the lamp {'ABC'[copy]}")
            if question != base.question or copy == 0:
                items.append(item(base.environment, base.frame, question, base.answer, split))
    return items[:2991]


def _object(rng: random.Random, name: str) -> str:
    x, y = rng.randint(0, BOX_FRAME[0] - 400), rng.randint(0, BOX_FRAME[1] - 300)
    box = f"[{x}, {y}, {x + rng.randint(40, 399)}, {y + rng.randint(40, 299)}]"
    return f"the {name} (boundingbox: {box})"


def val_items() -> list[Item]:
    """The released validation questions."""
    return load_items(shared_file("panoenv_val.jsonl"), "val")


def tagged(answer: str, reasoning: str = "Seen in the panorama.") -> str:
    return f"<Reasoning>{reasoning}</Reasoning><Answer>{answer}</Answer>"


def guesser(seed: int, skill: float) -> Callable[[Item], str]:
    """A made-up model: right with chance ``skill``, else one of the plausible wrong answers."""
    rng = random.Random(seed)

    def answer(item: Item) -> str:
        if rng.random() < skill:
            return tagged(_right(item, rng))
        return tagged(rng.choice(_wrong(item, rng)))

    return answer


def _right(item: Item, rng: random.Random) -> str:
    if item.method != "distance":
        return item.answer
    number = re.search(r"\d+(\.\d+)?", item.answer)
    assert number is not None, item.answer
    return f"{float(number[0]) * rng.uniform(0.94, 1.06):.1f} meters"


def _wrong(item: Item, rng: random.Random) -> list[str]:
    if item.method == "yes_no":
        return ["No" if item.answer == "Yes" else "Yes"]
    if item.options:
        return [o for o in item.options if o != item.answer] or list(item.options)
    if item.method == "distance":
        return [f"{rng.randint(1, 80) / 2:.1f} meters"]
    if item.method == "counting":
        return [f"{n} different views" for n in (1, 2, 4)]
    return ["To the left and above.", "In front of it.", "Behind and to the right."]


@lru_cache(maxsize=500_000)
def _scores(method: Any, gold: str, text: str, question: str) -> tuple[float, float, float, str]:
    paper = score_answer(method, gold, text, "paper", question)
    strict = score_answer(method, gold, text, "strict", question)
    return paper.value, strict.value, float(paper.format_valid), strict.status


def sample(
    item: Item, text: str, dataset: dict[str, Any], condition: Condition = "full", error: str = ""
) -> dict[str, Any]:
    """One line of a sample file."""
    paper, strict, form, status = _scores(item.method, item.answer, text, item.question)
    record = {
        "schema": 1,
        "id": item.id,
        "split": item.split,
        "environment": item.environment,
        "frame": item.frame,
        "question": item.question,
        "question_type": item.question_type,
        "category": item.category,
        "subcategory": item.subcategory,
        "method": item.method,
        "answer": item.answer,
        "text": "" if error else text,
        "prediction": None,
        "error": error,
        "paper": None if error else paper,
        "strict": None if error else strict,
        "format": None if error else form,
        "rewards": None if error else dict.fromkeys(VERSIONS.values(), 0.0),
        "status": "error" if error else status,
        "image": {
            "kind": image_kind(condition),
            "width": 2560,
            "height": 1280,
            "max_pixels": 3276800,
        },
        "run": {
            "condition": condition,
            **dataset,
            "prompts": "panoenv@1",
            "prompts_sha256": "f0" * 32,
            "protocols": list(VERSIONS.values()),
            "versions": {"panoenv": "0.1.0", "lmms-eval": "0.7.3"},
        },
    }
    return {
        "doc_id": 0,
        "target": item.answer,
        "filtered_resps": [text],
        "token_counts": [{"input_tokens": 1800, "output_tokens": 40}],
        "doc_hash": "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b",
        "panoenv": record,
        **metric_items(record, shown(item.category)),
        "input": f"{_shown(item, condition)}\nAnswer in the requested form.",
    }


def _shown(item: Item, condition: Condition) -> str:
    hidden = condition in ("noimage_nobox", "marked")
    return without_coordinates(item.question) if hidden else item.question


def write_run(
    folder: Path,
    items: Sequence[Item],
    answer: Callable[[Item], str],
    *,
    model: str = "acme/Seer-7B",
    backend: str = "qwen2_5_vl",
    condition: Condition = "full",
    date: str = DATE,
    limit: int | None = None,
    base: Sequence[Item] | None = None,
    edit: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    """Write one run of all categories; returns its folder.

    ``base`` are the questions of which ``items`` are what the condition shows, when it changes them.
    ``edit`` may change each sample line before it is written (stored totals stay those of the
    unedited samples); ``limit`` keeps the first rows of each category, as ``--limit`` does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dataset = {
        "condition_items": len(items),
        "dataset_sha256": fingerprint(base or items),
        "dataset_items": len(base or items),
    }
    suffix = "" if condition == "full" else f"_{condition}"
    results: dict[str, Any] = {}
    for category in dict.fromkeys(i.category for i in items):
        chosen = [i for i in items if i.category == category][:limit]
        lines = [sample(i, answer(i), dataset, condition) for i in chosen]
        task = f"panoenv_{items[0].split}_{category}{suffix}"
        results[task] = {"alias": task, **_means(lines)}
        if edit is not None:
            for line in lines:
                edit(line)
        body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{date}_samples_{task}.jsonl").write_text(body, encoding="utf-8")
    content = {
        "results": results,
        "config": {
            "model": backend,
            "model_args": f"pretrained={model}",
            "model_backend": f"lmms_eval.models.chat.{backend}.Model (chat)",
            "batch_size": 1,
            "limit": limit,
            "gen_kwargs": "",
        },
        "lmms_eval_version": "unknown@unknown",
        "date": date,
        "model_name": model,
        "total_evaluation_time_seconds": "1834.5",
    }
    (folder / f"{date}_results.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def _means(lines: Iterable[dict[str, Any]]) -> dict[str, float]:
    records = [line["panoenv"] for line in lines]
    return {
        f"{metric},none": sum(r[name] >= 0.99 for r in records) / len(records)
        for metric, name in (("acc", "paper"), ("acc_strict", "strict"))
    }
