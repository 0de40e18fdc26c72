"""What a study will do and cost, before it does anything."""

from __future__ import annotations

from pathlib import Path

from panoenv_tasks.markdown import table
from panoenv_tasks.study.recipe import Study
from panoenv_tasks.study.steps import Step, servers, steps_of

#: Questions of each split as released or bundled.
QUESTIONS = {"test": 2991, "val": 1496, "mini": 200}
TWINS = 212
#: A panorama at 2548x1260 is 4,095 tokens in Qwen2.5-VL; a question with its prompt about 300 (measured).
PICTURE_TOKENS, TEXT_TOKENS = 4095, 300
#: How many pictures a condition shows with each question; one where it is not said.
PICTURES = {"noimage": 0, "noimage_nobox": 0, "cubemap": 6}


def plan_lines(study: Study, out: Path) -> list[str]:
    """Return the plan: steps with their questions and prompt tokens, servers, and each step's command."""
    steps = steps_of(study, out.absolute())
    rows = [(step.name, _questions(study, step) or "", _tokens(study, step) or "") for step in steps]
    total = sum(_questions(study, step) for step in steps)
    tokens = sum(_tokens(study, step) for step in steps)
    lines = [
        f"{study.name}: {len(steps)} steps, {total:,} questions, about {tokens / 1e6:.1f} M prompt tokens"
    ]
    lines += ["", table(["step", "questions", "prompt tokens"], rows, align="lrr"), ""]
    lines += [f"served here, one after the other: {one.model} as {one.name}" for one in servers(steps)]
    lines += [f"{step.name}: {' '.join(step.command)}" for step in steps]
    return lines


def _questions(study: Study, step: Step) -> int:
    if step.name == "ask-twins":
        return min(TWINS, study.limit or TWINS)
    if step.name.startswith("ask-") or step.name.startswith("judge-"):
        # A limit counts for each of the five tasks.
        return min(QUESTIONS[study.split], 5 * study.limit if study.limit else QUESTIONS[study.split])
    return 0


def _tokens(study: Study, step: Step) -> int:
    if not step.name.startswith("ask-"):
        return 0
    pictures = PICTURES.get(step.name.removeprefix("ask-"), 1)
    return _questions(study, step) * (TEXT_TOKENS + pictures * PICTURE_TOKENS)
