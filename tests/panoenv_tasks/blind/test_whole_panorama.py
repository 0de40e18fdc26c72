"""The environment, from all questions of a panorama together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.questions import item_of

from panoenv_tasks.blind.answerer import guess
from panoenv_tasks.blind.rungs import by_panorama
from panoenv_tasks.items import Item

PAIR = "Which environment is a better fit for the image: {} or {}?"
LAMP = "the lamp (boundingbox: [100, 600, 200, 700])"
LIST = f"Observing {LAMP}, which of the following is the correct environment: {{}}?"
IS_IT = "Does this scene appear to be set in {}?"
CLASS = "To which general classification does this scene belong: Rural, Infra, Urban?"
INSIDE = "From the visual cues in the image, is the setting of this scene indoors or outdoors?"


def told(items: Sequence[Item]) -> list[str]:
    return [guessed.answer for guessed in by_panorama((), items)]


def test_the_name_on_every_list_is_the_answer_to_all() -> None:
    items = [
        item_of(PAIR.format("Ocean", "CoalMine"), "CoalMine"),
        item_of(LIST.format("HongKong, CoalMine, Rome, Downtown"), "CoalMine"),
        item_of(IS_IT.format("CoalMine"), "Yes"),
        item_of(IS_IT.format("Ocean"), "No"),
        item_of(CLASS, "Infra"),
        item_of(INSIDE, "Indoors"),
    ]
    assert told(items) == ["CoalMine", "CoalMine", "Yes", "No", "Infra", "Indoors"]
    assert told(items) == [item.answer for item in items]


def test_of_two_names_on_every_list_the_one_proposed_more_often_counts() -> None:
    items = [
        item_of(PAIR.format("Ocean", "CoalMine"), "CoalMine"),
        item_of(LIST.format("Ocean, CoalMine, Rome, Downtown"), "CoalMine"),
        item_of(IS_IT.format("CoalMine"), "Yes"),
    ]
    assert told(items) == ["CoalMine", "CoalMine", "Yes"]


def test_a_draw_leaves_every_question_to_itself() -> None:
    items = [item_of(PAIR.format("Ocean", "CoalMine"), "CoalMine"), item_of(CLASS, "Infra")]
    assert told(items) == [guess(item).answer for item in items]


def test_panoramas_do_not_mix_and_other_questions_stay_as_they_are() -> None:
    far = item_of(f"How far is {LAMP} from the viewer?", "About 3.0 meters")
    items = [
        item_of(PAIR.format("Ocean", "CoalMine"), "CoalMine"),
        replace(item_of(LIST.format("Ocean, Rome, HongKong, Downtown"), "Ocean"), frame="another"),
        far,
    ]
    assert told(items) == [guess(item).answer for item in items]


@pytest.mark.parametrize("name", ["Nowhere", "Prison"])
def test_of_an_unknown_or_mixed_place_only_the_name_is_known(name: str) -> None:
    items = [
        item_of(PAIR.format(name, "Rome"), name),
        item_of(LIST.format(f"Ocean, {name}, HongKong, Downtown"), name),
        item_of(INSIDE, "Indoors"),
    ]
    assert told(items) == [name, name, guess(items[2]).answer]
