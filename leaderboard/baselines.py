"""What the project's own text-only models answer, worked out again from the questions.

A run is one of them only where every answer agrees; and what a row is worth above blind answering never
depends on a blind run that somebody sent in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaderboard.datasets import Dataset
from leaderboard.rows import Role
from leaderboard.score import FAILED, MISSING, Codes
from panoenv_tasks.answers.essence import essence
from panoenv_tasks.blind import answer, constant_answer
from panoenv_tasks.items import Item
from panoenv_tasks.perturb import COORDINATES, TURNS, Condition, present
from panoenv_tasks.taxonomy import recognise

#: By the name of the lmms-eval model.
ROLES: dict[str, Role] = {
    "panoenv_blind": "blind",
    "panoenv_constant": "constant",
    "panoenv_oracle": "oracle",
}


@dataclass(frozen=True)
class ShownText:
    """A question as the text-only models get it, and what a prompt has of it.

    Attributes:
        question: What those models read.
        text: What stands in the question's place in a prompt.
        boxes: What the prompt says of the numbers of boxes; empty where they are pixels of the panorama.
    """

    question: str
    text: str
    boxes: str = ""


def shown_texts(items: Sequence[Item], condition: Condition) -> list[ShownText]:
    """Return what a condition makes of the text of questions.

    Args:
        items: Questions of a dataset under that condition: turned ones are turned already.
        condition: The condition.
    """
    if condition in TURNS or condition in ("full", "noimage", "shuffled"):
        return [ShownText(item.question, item.question) for item in items]
    shown = present(items, condition)
    if condition in COORDINATES:
        return [ShownText(i.question, one.text, one.boxes) for i, one in zip(items, shown, strict=True)]
    return [ShownText(one.question, one.text) for one in shown]


def baseline_codes(dataset: Dataset, role: Role, condition: Condition) -> Codes:
    """Return the answers of one of the project's own models, as codes in the dataset's table."""
    key = role, condition
    if key not in dataset.baselines:
        questions = [shown.question for shown in shown_texts(dataset.items, condition)]
        texts = [_reply(role)(_as_shown(i, q)) for i, q in zip(dataset.items, questions, strict=True)]
        answers = [essence(text) for text in texts]
        dataset.baselines[key] = dataset.answers.score(answers, range(len(answers)))
    return dataset.baselines[key]


def role_of(model: str, dataset: Dataset, codes: Codes, condition: Condition) -> tuple[Role, int]:
    """Return the role of a run that calls itself ``model``, and how many answers speak against it.

    Answers that are not there speak against nothing.
    """
    role = ROLES.get(model)
    if role is None:
        return "model", 0
    given = (codes != MISSING) & (codes != FAILED)
    return role, int(np.not_equal(codes, baseline_codes(dataset, role, condition))[given].sum())


def _reply(role: Role) -> Callable[[Item], str]:
    if role == "blind":
        return answer
    return constant_answer if role == "constant" else lambda item: f"<Answer>{item.answer}</Answer>"


def _as_shown(item: Item, question: str) -> Item:
    """Return an item as the models get it: without boxes where its condition hides them."""
    if question == item.question:
        return item
    wording = recognise(question)
    return replace(item, question=question, boxes=wording.objects if wording else ())
