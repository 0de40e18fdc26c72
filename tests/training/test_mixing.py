"""Which questions a stage sees and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import item_of

from panoenv_tasks.items import DataError, Item, QuestionType
from training.mixing import schedule
from training.recipe import load_recipe
from training.sections import Stage

STAGE = load_recipe("balanced").stages["stage1"]


def stage(**changes: object) -> Stage:
    return Stage.model_validate({**STAGE.model_dump(), **changes})


def questions(true_false: int, multiple_choice: int, open_ended: int) -> list[Item]:
    counts: dict[QuestionType, int] = {
        "true_false": true_false,
        "multiple_choice": multiple_choice,
        "open_ended": open_ended,
    }
    template = item_of("From the visual cues in the image, is the setting of this scene indoors or outdoors?")
    return [
        replace(template, id=f"{kind}-{number}", question_type=kind)
        for kind, count in counts.items()
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("structured", 50), ("open_ended", 20), ("all", 70)],
)
def test_each_epoch_holds_every_question_of_the_kind_once(kind: str, expected: int) -> None:
    items = questions(30, 20, 20)
    rows = schedule(items, stage(questions=kind, epochs=3), seed=1)
    assert len(rows) == 3 * expected
    for epoch in range(3):
        ids = [row.id for row in rows[epoch * expected : (epoch + 1) * expected]]
        assert len(set(ids)) == expected
    types = {row.question_type for row in rows}
    assert ("open_ended" in types) == (kind != "structured")
    assert ("true_false" in types) == (kind != "open_ended")


def test_epochs_are_shuffled_differently_and_repeatably() -> None:
    items = questions(30, 20, 20)
    rows = [row.id for row in schedule(items, stage(questions="structured", epochs=2), seed=1)]
    again = [row.id for row in schedule(items, stage(questions="structured", epochs=2), seed=1)]
    other = [row.id for row in schedule(items, stage(questions="structured", epochs=2), seed=2)]
    assert rows == again
    assert rows[:50] != rows[50:]
    assert rows[:50] != other[:50]
    assert rows[:50] != [item.id for item in items[:50]]


@given(st.integers(4, 40), st.integers(40, 80), st.integers(1, 3), st.integers(0, 9))
def test_every_step_of_a_balanced_stage_is_half_open_ended(
    open_ended: int, structured: int, epochs: int, seed: int
) -> None:
    items = questions(structured // 2, structured - structured // 2, open_ended)
    rows = schedule(items, stage(questions="balanced", epochs=epochs), seed)
    assert len(rows) == 2 * open_ended * epochs
    for start in range(0, len(rows) - 7, 8):
        kinds = Counter(row.question_type == "open_ended" for row in rows[start : start + 8])
        assert kinds == {True: 4, False: 4}
    chosen = {row.id for row in rows}
    assert len(chosen) == 2 * open_ended, "the structured sample must be the same in every epoch"


def test_a_limit_keeps_that_many() -> None:
    items = questions(30, 20, 20)
    assert len(schedule(items, stage(questions="all", epochs=1, limit=12), seed=0)) == 12
    balanced = schedule(items, stage(questions="balanced", epochs=1, limit=12), seed=0)
    assert Counter(row.question_type == "open_ended" for row in balanced) == {True: 6, False: 6}


@pytest.mark.parametrize(
    ("kind", "items", "complaint"),
    [
        ("structured", questions(0, 0, 20), "no questions of the kind 'structured'"),
        ("open_ended", questions(20, 20, 0), "no questions of the kind 'open_ended'"),
        ("balanced", questions(20, 20, 0), "no questions of the kind 'open_ended'"),
        ("balanced", questions(5, 4, 10), "there are 9 and 10"),
        ("all", [], "no questions of the kind 'all'"),
        ("all", questions(3, 0, 0), "too few for one step of 8"),
    ],
)
def test_a_stage_without_enough_questions_is_refused(kind: str, items: list[Item], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        schedule(items, stage(questions=kind), seed=0)


@pytest.mark.parametrize("kind", ["all", "structured", "balanced"])
def test_the_order_of_rows_in_a_file_decides_nothing(kind: str) -> None:
    """Seen: a shuffled file was resumed and trained some questions twice and others never."""
    items = questions(30, 20, 20)
    rows = schedule(items, stage(questions=kind, epochs=2), seed=1)
    assert schedule(items[::-1], stage(questions=kind, epochs=2), seed=1) == rows
    assert schedule(items, stage(questions=kind, epochs=2), seed=2) != rows


@pytest.mark.parametrize("kind", ["all", "structured", "open_ended", "balanced"])
def test_a_limit_chooses_at_random_and_not_the_first_by_id(kind: str) -> None:
    items = questions(30, 20, 50)
    limited = stage(questions=kind, epochs=1, limit=20)
    chosen = [{row.id for row in schedule(items, limited, seed)} for seed in range(3)]
    for group in ("open_ended", "true_false", "multiple_choice"):
        found = [{name for name in ids if name.startswith(group)} for ids in chosen]
        if any(found):
            assert found[0] != found[1] or found[1] != found[2]
            first = {item.id for item in items if item.question_type == group}
            assert any(ids != set(sorted(first)[: len(ids)]) for ids in found)


def test_a_balanced_stage_draws_its_structured_questions_from_all_of_them() -> None:
    items = questions(60, 40, 8)
    chosen = [
        {row.id for row in schedule(items, stage(questions="balanced"), seed)} - {i.id for i in items[-8:]}
        for seed in range(3)
    ]
    assert [len(ids) for ids in chosen] == [8, 8, 8]
    assert len({frozenset(ids) for ids in chosen}) == 3
    assert all({name.split("-")[0] for name in ids} == {"true_false", "multiple_choice"} for ids in chosen)


def test_just_enough_questions_are_enough() -> None:
    assert len(schedule(questions(8, 0, 0), stage(questions="all", epochs=1), seed=0)) == 8
    assert len(schedule(questions(2, 2, 4), stage(questions="balanced", epochs=1), seed=0)) == 8
    with pytest.raises(DataError, match=r"^7 questions \(all, 1 epochs\) are too few"):
        schedule(questions(7, 0, 0), stage(questions="all", epochs=1), seed=0)
