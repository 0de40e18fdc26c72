"""What a blind solver returns and how it is said, and the guess that looks at nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from panoenv_tasks.items import Item

#: Per question type the constant that is right most often on val with the ``paper`` protocol: "No"
#: (53.5 %); the last option of the question (42.0 %; the first 33.6 %, the second 39.8 %); "1 different
#: view" (13.7 %; the answer to most counting questions, and read as one metre by the distance scorer).
_TRUE_FALSE = "No"
_OPEN_ENDED = "1 different view"


@dataclass(frozen=True)
class Guess:
    """An answer in the wording of released answers, and one sentence on how it came about.

    ``margin`` says how clear the case was, from 0 (another answer was as good, or nothing was computed)
    to 1; it takes no part in the answer.
    """

    answer: str
    because: str
    margin: float = 0.0

    @property
    def completion(self) -> str:
        """The guess as a full model output, reasoning and answer in their tags."""
        return f"<Reasoning>{self.because}</Reasoning><Answer>{self.answer}</Answer>"


def yes_or_no(true: bool) -> str:
    """Spell a truth value as released answers do."""
    return "Yes" if true else "No"


def lead(values: Iterable[float]) -> float:
    """Return how far the largest value is ahead of the next: 0 for a tie, 1 for opposite signs."""
    best, second = sorted(values)[:-3:-1]
    return (best - second) / ((abs(best) + abs(second)) or 1.0)


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
