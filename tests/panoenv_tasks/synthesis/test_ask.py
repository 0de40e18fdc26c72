"""Sentences, and 25 questions of a frame."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest
from support.questions import item_of
from support.synthetic import thing

from panoenv_tasks import taxonomy
from panoenv_tasks.items import Box
from panoenv_tasks.scoring import score
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.questions import ask
from panoenv_tasks.synthesis.questions.ask import FUNCTIONS
from panoenv_tasks.synthesis.questions.question import Draft, named_boxes
from panoenv_tasks.synthesis.questions.wording import render
from panoenv_tasks.taxonomy import recognise, subcategories, templates

BOXES = (
    Box("floor lamp", "A", 10, 20, 300, 400),
    Box("floor lamp", "B", 5, 6, 70, 80),
    Box("crate", "", 0, 0, 2559, 99),
)
DRAFT = Draft("", "left", "highest", "ParkSummer", ("ParkSummer", "FarmDay", "KitchenDay"))


def varied_objects(count=20):
    """Objects all around the camera, of many sizes, shapes and distances."""
    faces = ("front", "right", "back", "left")
    sizes = ((0.2, 0.2, 3), (1, 1, 1), (2, 3, 0.1), (4, 5, 6), (0.5, 0.9, 0.5))
    found = []
    for k in range(count):
        distance = 2.0 + 1.7 * ((k * 7) % 11)
        near = faces[k % 4]
        several = {near: 6000, faces[(k + 1) % 4]: 4000} if k % 3 == 0 else {near: 10_000}
        found.append(
            thing(
                ("tree", "crate", "lamp", "car", "sofa", "bench", "statue")[k % 7],
                number=k + 1,
                distance=distance,
                box=(120 * k, 500 + 10 * (k % 5), 120 * k + 90, 650 + 10 * (k % 3)),
                faces=several,
                centre=(distance * (-1) ** k, (k % 5) - 2.0, distance * (-1) ** (k // 2)),
                size=sizes[k % 5],
            )
        )
    return found


@pytest.mark.parametrize("template", templates(), ids=lambda t: f"{t.dialect}-{t.text[:40]}")
def test_every_sentence_is_recognised_as_itself_and_as_nothing_else(template):
    question = render(template, BOXES, DRAFT)
    matches = [t for _, pattern, t in taxonomy._patterns() if pattern.fullmatch(question)]
    assert matches == [template]
    wording = recognise(question)
    assert wording is not None
    slots = sorted(set(re.findall(r"\{([abc])\}", template.text)))
    assert wording.objects == BOXES[: len(slots)]
    if "{options}" in template.text:
        assert wording.options == DRAFT.options
    if "{env}" in template.text:
        assert wording.environment == "ParkSummer"
    if "{extreme}" in template.text:
        assert wording.extreme == "highest"


def test_every_subcategory_has_our_own_words_and_a_function():
    assert {t.subcategory for t in templates() if t.dialect == "ours"} == set(subcategories())
    assert set(FUNCTIONS) == set(subcategories())
    ours = {t.text for t in templates() if t.dialect == "ours"}
    assert not ours & {t.text for t in templates() if t.dialect == "released"}


def test_our_sentences_read_as_sentences():
    for template in templates():
        if template.dialect == "ours":
            question = render(template, BOXES, DRAFT)
            assert re.match(r"[A-Z]", question)
            assert question.endswith(("?", "."))
            assert "  " not in question
            assert "the the" not in question


def test_labels_that_repeat_get_letters_and_ours_drop_underscores():
    actors = [thing("floor_lamp"), thing("crate"), thing("floor_lamp")]
    assert [box.name for box in named_boxes(actors, "ours")] == ["floor lamp A", "crate", "floor lamp B"]
    assert [box.name for box in named_boxes(actors, "released")] == ["floor_lamp A", "crate", "floor_lamp B"]


@pytest.mark.parametrize("rules", ["ours", "released"])
def test_a_frame_gets_25_questions_five_of_each_category(rules):
    questions = ask(varied_objects(), "ParkSummer", rules, Dice(rules))
    assert len(questions) == 25
    assert set(Counter(q.template.category for q in questions).values()) == {5}
    assert {q.template.subcategory for q in questions} == set(subcategories()) - {"env_scene_judgement"}
    assert len({q.text for q in questions}) == 25


def test_an_unknown_place_costs_the_environment_questions_only():
    questions = ask(varied_objects(), "Atlantis", "ours", Dice(0))
    assert len(questions) == 20
    assert all(q.template.category != "environment" for q in questions)


def test_questions_depend_on_the_dice_alone():
    once, again = (ask(varied_objects(), "FarmDay", "ours", Dice("x")) for _ in range(2))
    assert once == again
    assert once != ask(varied_objects(), "FarmDay", "ours", Dice("y"))


def test_answers_are_balanced_and_objects_take_turns():
    yes, used = Counter(), Counter()
    for seed in range(60):
        for question in ask(varied_objects(), "ParkSummer", "ours", Dice(seed)):
            used.update(question.objects)
            if question.template.question_type == "true_false":
                yes[question.answer] += 1
    assert 0.42 < yes["Yes"] / yes.total() < 0.58
    assert len(used) == 20
    assert max(used.values()) < 4 * min(used.values())


def test_objects_inside_one_another_are_not_compared():
    large = thing("sofa", number=1, box=(100, 100, 900, 900))
    inside = thing("lamp", number=2, box=(200, 200, 300, 300))
    questions = ask([large, inside], "ParkSummer", "ours", Dice(0))
    assert all(len(q.objects) < 2 for q in questions)


@pytest.mark.parametrize("rules", ["ours", "released"])
@pytest.mark.parametrize("environment", ["ParkSummer", "CourtyardNight", "Sewerage"])
def test_gold_scores_one_under_both_protocols(rules, environment):
    for seed in range(12):
        for question in ask(varied_objects(), environment, rules, Dice(seed)):
            item = as_item(question)
            for protocol in ("paper", "strict"):
                if protocol == "paper" and "similar position" in item.answer:
                    continue
                result = score(item, f"<Reasoning>r</Reasoning><Answer>{item.answer}</Answer>", protocol)
                assert result.value == 1.0, (protocol, item.question, item.answer)


def as_item(question):
    wording = recognise(question.text)
    assert wording is not None
    assert wording.template == dataclasses.replace(question.template)
    if question.template.question_type == "multiple_choice":
        assert question.answer in wording.options
    return item_of(question.text, question.answer)
