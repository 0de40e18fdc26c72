"""The floor below the floor: one constant answer per question type."""

from __future__ import annotations

from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.items import Item

#: Per question type the constant that is right most often on val with the ``paper`` protocol: "No"
#: (53.5 %); the last option of the question (42.0 %; the first 33.6 %, the second 39.8 %); "1 different
#: view" (13.7 %; the answer to most counting questions, and read as one metre by the distance scorer).
_TRUE_FALSE = "No"
_OPEN_ENDED = "1 different view"


def constant(item: Item) -> Guess:
    """Return the constant for the item's question type; needs nothing but the type and the options."""
    if item.question_type == "true_false":
        answer = _TRUE_FALSE
    elif item.question_type == "multiple_choice" and item.options:
        answer = item.options[-1]
    else:
        answer = _OPEN_ENDED
    return Guess(answer, "A constant for this type of question; neither image nor boxes were used.")


def constant_answer(item: Item) -> str:
    """Return the constant as a full completion, for the model ``panoenv_constant``."""
    return constant(item).completion
