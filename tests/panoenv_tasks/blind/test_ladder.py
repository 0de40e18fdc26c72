"""The rungs and s(x) on planted questions, where it is known what can be learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import item_of

from panoenv_tasks.blind.cross_fitting import cross_fit, folds
from panoenv_tasks.blind.guess import Guess
from panoenv_tasks.blind.guessability import blind_probabilities
from panoenv_tasks.blind.rungs import answer_on_every_rung, by_forest, by_template
from panoenv_tasks.items import DataError, Item

FIT = "Which environment is a better fit for the image: {} or {}?"


def box_at(x: int, y: int = 600) -> str:
    return f"(boundingbox: [{x}, {y}, {x + 100}, {y + 100}])"


def nearer(left: int, right: int, answer: str, environment: str) -> Item:
    question = f"Is the lamp {box_at(left)} closer to the viewer than the sofa {box_at(right)}?"
    return item_of(question, answer, environment)


def flatter(low: int, high: int, environment: str) -> Item:
    """The lower object is the answer, which no rule of ours says."""
    question = f"Which object looks flatter, the lamp {box_at(900, low)} or the sofa {box_at(500, high)}?"
    return item_of(question, "The lamp" if low > high else "The sofa", environment)


def planted(environments: Sequence[str], each: int = 10) -> list[Item]:
    """ "Yes" whenever the first object is in the left half: only boxes tell."""
    return [
        nearer(left, 1200, "Yes" if left < 1280 else "No", name)
        for place, name in enumerate(environments)
        for n in range(each)
        for left in [100 + 37 * place + 9 * n + 1200 * (n % 2)]
    ]


def texts(guesses: Sequence[Guess]) -> list[str]:
    return [guess.answer for guess in guesses]


def test_template_gives_the_commonest_answer_to_the_wording() -> None:
    known = [nearer(n, 1200, "Yes", "Rome") for n in range(30)]
    asked = [nearer(7, 900, "No", "Ruins")]
    assert texts(by_template(known, asked)) == ["Yes"]


def test_template_does_not_trust_a_handful() -> None:
    known = [nearer(n, 1200, "Yes", "Rome") for n in range(9)]
    assert by_template(known, [nearer(7, 900, "Yes", "Ruins")])[0].answer == "No"


def test_template_counts_options_by_position() -> None:
    known = [item_of(FIT.format(f"Rome{n}", "Ruins"), f"Rome{n}", "Rome") for n in range(30)]
    asked = item_of(FIT.format("Ocean", "House"), "House", "Ocean")
    assert by_template(known, [asked])[0].answer == "Ocean"


def test_template_gives_the_median_distance() -> None:
    known = [
        item_of(f"How far is the lamp {box_at(n)} from the viewer?", f"About {n}.0 meters", "Rome")
        for n in (1, 2, 4, 50, 99)
    ]
    asked = item_of(f"How far is the sofa {box_at(9)} from the viewer?", "About 1.0 meters", "Ruins")
    assert by_template(known, [asked])[0].answer == "About 4.0 meters"


def test_without_anything_known_every_rung_gives_the_constant() -> None:
    asked = [nearer(7, 900, "Yes", "Ruins")]
    assert texts(by_template([], asked)) == texts(by_forest([], asked)) == ["No"]


def test_forest_learns_from_boxes_what_templates_cannot() -> None:
    known, asked = planted(["Rome", "Ruins", "Ocean"]), planted(["House"])
    gold = [item.answer for item in asked]
    assert texts(by_forest(known, asked)) == gold
    assert texts(by_template(known, asked)) != gold


def test_forest_learns_whichever_object_is_named_first() -> None:
    known = [flatter(700 + 5 * n, 300, "Rome") for n in range(12)]  # always "The lamp", named first
    asked = [flatter(300, 700 + 5 * n, "Ruins") for n in range(5)]  # always "The sofa", named second
    assert set(texts(by_forest(known, asked))) == {"The sofa"}


def test_an_item_without_options_gets_the_constant() -> None:
    known = [item_of(FIT.format("Rome", "Ruins") + " " * n, "Rome", "Rome") for n in range(30)]
    odd = item_of("Which place is it?", question_type="multiple_choice")
    assert texts(by_template(known, [odd])) == texts(by_forest(known, [odd])) == ["1 different view"]


def test_forest_answers_among_the_options_offered() -> None:
    question = "To which general classification does this scene belong: {}?"
    known = [item_of(question.format(f"X{n}, Y, Domes"), "Domes", "Rome") for n in range(20)]
    asked = item_of(question.format("Nature, Urban"), "Urban", "Ruins")
    assert by_forest(known, [asked])[0].answer in asked.options


names = st.lists(st.text("ABC", min_size=1, max_size=3), min_size=1, max_size=40)


@given(names)
def test_folds_hold_every_environment_once(environments: list[str]) -> None:
    items = [nearer(5, 900, "Yes", name) for name in environments]
    dealt = [name for fold in folds(items) for name in fold]
    assert sorted(dealt) == sorted(set(environments))


def test_nothing_is_learned_from_the_own_environment() -> None:
    def known_environments(known: Sequence[Item], asked: Sequence[Item]) -> list[set[str]]:
        return [{item.environment for item in known} for _ in asked]

    environments = ["Rome", "Ruins", "Ocean"]
    items = planted(environments, each=2)
    for item, seen in zip(items, cross_fit(items, items, known_environments), strict=True):
        assert seen == set(environments) - {item.environment}
    other_split = planted(["Rome", "House"], each=2)
    for item, seen in zip(items, cross_fit(other_split, items, known_environments), strict=True):
        assert seen == {"Rome", "House"} - {item.environment}


def test_nothing_is_learned_from_the_test_split() -> None:
    asked = planted(["A", "B"])
    exam = [replace(item, split="test") for item in asked]
    for learn in (answer_on_every_rung, blind_probabilities):
        with pytest.raises(DataError, match="not learned on the test split"):
            learn(asked, exam)
        with pytest.raises(DataError, match="not learned on the test split"):
            learn(exam)
        learn(exam, planted(["C", "D"]))


def test_the_ladder_rises_where_only_boxes_tell() -> None:
    items = planted(["Rome", "Ruins", "Ocean", "House"])
    answers = answer_on_every_rung(items)
    assert tuple(answers) == ("constant", "template", "forest", "geometry", "ranges", "panorama")
    right = {
        rung: sum(guess.answer == item.answer for guess, item in zip(answers[rung], items, strict=True))
        for rung in answers
    }
    assert right["constant"] == 20
    assert right["forest"] == 40


def test_fitted_rungs_learn_from_the_other_set_when_there_is_one() -> None:
    items = planted(["Rome", "Ruins", "Ocean"])
    opposite = [replace(i, answer="No" if i.answer == "Yes" else "Yes") for i in items]
    told = answer_on_every_rung(items, fit_on=opposite)["forest"]
    assert texts(told) == [i.answer for i in opposite]


def mixed() -> list[Item]:
    """Per environment six questions that geometry gets right and six that it gets wrong."""
    view = "Which view (front/back/left/right/top/bottom) is the lamp {} most likely from?"
    far = "How far is the lamp {} from the viewer?"
    return [
        item_of(question.format(box_at(x + n)), answer, name)
        for name in ("Rome", "Ruins", "Ocean", "House", "Office")
        for n in range(6)
        for question, x, answer in ((view, 1200, "Front"), (far, 0, "About 999.0 meters"))
    ]


def test_s_is_high_where_geometry_works_and_low_where_it_does_not() -> None:
    blind = blind_probabilities(mixed())
    assert min(blind[::2]) > 0.8
    assert max(blind[1::2]) < 0.2


def test_s_learns_from_the_other_set_when_there_is_one() -> None:
    items = mixed()
    never_right = [replace(i, answer="Back") if i.subcategory == "primary_view" else i for i in items]
    never_right.append(
        item_of("Which environment is a better fit for the image: Rome or Ruins?", "Rome", "Sky")
    )
    assert max(blind_probabilities(items, fit_on=never_right)[::2]) < 0.3


def test_s_is_higher_for_clear_cases_of_one_kind() -> None:
    view = "Which view (front/back/left/right/top/bottom) is the lamp {} most likely from?"
    # A box in the middle of the front face, and one that ends just right of its edge at x = 1600.
    items = [
        item_of(view.format(box_at(x + n)), answer, name)
        for name in ("Rome", "Ruins", "Ocean", "House", "Office")
        for n in range(4)
        for x, answer in ((1230, "Front"), (1551, "Front"))
    ]
    blind = blind_probabilities(items)
    assert min(blind[::2]) > max(blind[1::2]) + 0.1


def test_own_answers_take_no_part_in_s() -> None:
    items = mixed()
    changed = [replace(i, answer="Back") if i.environment == "Rome" else i for i in items]
    before, after = blind_probabilities(items), blind_probabilities(changed)
    for item, was, now in zip(items, before, after, strict=True):
        assert (was == now) == (item.environment == "Rome")


def test_s_needs_other_environments_to_learn_from() -> None:
    with pytest.raises(DataError, match="of other environments to learn from"):
        blind_probabilities([i for i in mixed() if i.environment == "Rome"])
