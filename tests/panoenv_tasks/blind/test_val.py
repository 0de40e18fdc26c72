"""What the blind answerer reaches on the released validation questions, with the real scorers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import mean

import pytest
from support.shared import shared_file

from panoenv_tasks import Item, load_items, score
from panoenv_tasks.blind import answer, constant_answer


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return load_items(shared_file("panoenv_val.jsonl"), "val")


def accuracy(
    items: list[Item], model: Callable[[Item], str], keep: Callable[[Item], bool], protocol: str
) -> float:
    return 100 * mean(score(i, model(i), protocol).correct for i in items if keep(i))  # type: ignore[arg-type]


def test_geometry_reaches_its_targets(items: list[Item]) -> None:
    paper = partial(accuracy, items, answer, protocol="paper")
    assert paper(lambda _: True) >= 60
    assert paper(lambda i: i.question_type == "true_false") >= 76
    assert paper(lambda i: i.question_type == "multiple_choice") >= 60
    assert paper(lambda i: i.question_type == "open_ended") >= 34
    assert paper(lambda i: i.category == "view_source") >= 90


def test_strict_scoring_changes_little(items: list[Item]) -> None:
    assert accuracy(items, answer, lambda _: True, "strict") >= 60


def test_every_answer_is_well_formed(items: list[Item]) -> None:
    scores = [score(item, model(item)) for item in items for model in (answer, constant_answer)]
    assert all(s.format_valid and s.status == "answered" for s in scores)


def test_the_constant_is_a_floor(items: list[Item]) -> None:
    constant = accuracy(items, constant_answer, lambda _: True, "paper")
    assert 30 <= constant <= accuracy(items, answer, lambda _: True, "paper") - 20
