"""What a question function gets and gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from panoenv_tasks.geometry.words import Direction, Extreme
from panoenv_tasks.items import Box
from panoenv_tasks.places import Place
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.vocabulary import Rules
from panoenv_tasks.taxonomy import Template


@dataclass(frozen=True)
class Case:
    """One try at a question: a sentence, the objects for its places, and where the frame is.

    ``place`` is None in an environment about which nothing is known; ``others`` are the environments of
    the same world that wrong answers may come from.
    """

    template: Template
    actors: tuple[Object, ...]
    rules: Rules
    dice: Dice
    place: Place | None
    others: dict[str, Place]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The actors as questions print them, with letters where labels repeat."""
        return named_boxes(self.actors, self.rules)

    def name(self, index: int) -> str:
        """Return an actor as answers call it: ``The lamp`` or ``Lamp A``."""
        return self.boxes[index].answer_name


@dataclass(frozen=True)
class Draft:
    """An answer, and what fills the sentence's places besides the objects."""

    answer: str
    direction: Direction | None = None
    extreme: Extreme | None = None
    environment: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A finished question with its gold answer.

    ``pair`` is the same for a question and its twin on another panorama; empty when there is none.
    """

    text: str
    answer: str
    template: Template
    options: tuple[str, ...]
    objects: tuple[int, ...]
    pair: str = ""


def yes_no(holds: bool) -> Draft:
    """Return the answer to a true/false question."""
    return Draft("Yes" if holds else "No")


def named_boxes(actors: Sequence[Object], rules: Rules) -> tuple[Box, ...]:
    """Return actors as boxes; those of one label are told apart by A, B, C in order."""
    labels = [one.label.replace("_", " ") if rules == "ours" else one.label for one in actors]
    totals, seen = Counter(labels), Counter[str]()
    boxes = []
    for one, label in zip(actors, labels, strict=True):
        letter = "ABC"[seen[label]] if totals[label] > 1 else ""
        seen[label] += 1
        boxes.append(Box(label, letter, *one.box))
    return tuple(boxes)
