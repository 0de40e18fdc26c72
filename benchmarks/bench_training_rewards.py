"""Reward functions per second, as TRL calls them, against the scorer's own functions called bare."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Any

from panoenv_tasks.answers.tags import has_valid_format
from panoenv_tasks.items import Method
from panoenv_tasks.scoring import score_answer
from training.rewards import accuracy_reward, format_reward

BATCH = 32
BATCHES = 400
LAMP, CRATE = "the lamp (boundingbox: [10, 20, 30, 40])", "the crate (boundingbox: [50, 60, 70, 80])"
#: Method, question, gold, other answers.
CASES: tuple[tuple[Method, str, str, tuple[str, ...]], ...] = (
    ("yes_no", "Does this scene appear to be set in Rome?", "No", ("Yes", "no.", "Yes and no")),
    ("mcq", f"Which object looks flatter, {LAMP} or {CRATE}?", "The lamp", ("crate", "B. The crate")),
    ("distance", f"How far is {LAMP} from the viewer?", "About 4.5 meters", ("4.4 m", "15 feet", "far")),
    (
        "spatial",
        f"What is the spatial relationship of {LAMP} relative to {CRATE} in the 3D world?",
        "The lamp is behind and to the left of the crate.",
        ("behind the crate", "The crate is in front of the lamp."),
    ),
)


def main() -> None:
    batches = [_batch(Random(number)) for number in range(BATCHES)]
    bare, ours = [], []
    for _ in range(3):
        bare.append(_time(_scorer, batches))
        ours.append(_time(_rewards, batches))
    total = BATCH * BATCHES
    print(f"{total} completions of {len(CASES)} kinds, strict protocol, accuracy and format")
    print(f"scorer, called bare: {total / min(bare):,.0f} completions/s")
    print(f"reward functions:    {total / min(ours):,.0f} completions/s")
    print(f"a step of {BATCH} completions: {1000 * min(ours) / BATCHES:.2f} ms")
    print(f"ratio: {min(ours) / min(bare):.3f} of the bare scorer's time")


def _batch(random: Random) -> dict[str, list[Any]]:
    rows = []
    for _ in range(BATCH):
        method, question, gold, others = random.choice(CASES)
        said = random.choice((gold, *others))
        text = f"<Reasoning>{'It stands there. ' * random.randrange(12)}</Reasoning><Answer>{said}</Answer>"
        rows.append((method, question, gold, text))
    methods, questions, golds, texts = (list(column) for column in zip(*rows, strict=True))
    return {"method": methods, "question": questions, "answer": golds, "text": texts}


def _scorer(batch: dict[str, list[Any]]) -> None:
    rows = zip(batch["method"], batch["answer"], batch["text"], batch["question"], strict=True)
    for method, gold, text, question in rows:
        score_answer(method, gold, text, "strict", question)
        has_valid_format(text)


def _rewards(batch: dict[str, list[Any]]) -> None:
    completions = [[{"role": "assistant", "content": text}] for text in batch["text"]]
    columns = {name: batch[name] for name in ("method", "question", "answer")}
    accuracy_reward(completions, **columns)
    format_reward(completions, **columns)


def _time(run: Callable[[dict[str, list[Any]]], None], batches: list[dict[str, list[Any]]]) -> float:
    start = time.process_time()
    for batch in batches:
        run(batch)
    return time.process_time() - start


if __name__ == "__main__":
    main()
