"""The rewards: the scorer's own numbers, None where there is nothing to score, and never an error."""

from __future__ import annotations

import math
import pickle
from functools import partial, update_wrapper
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shared import shared_rows

from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import score_answer
from training.rewards import accuracy_reward, format_reward, image_tokens, user_function


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_the_golden_vectors_come_out_as_the_paper_scored_them() -> None:
    rows = shared_rows("scoring_vectors.jsonl")
    completions = [said(row["completion"]) for row in rows]
    accuracy = accuracy_reward(
        completions,
        method=[row["method"] for row in rows],
        answer=[row["expected"] for row in rows],
        protocol=["paper"] * len(rows),
    )
    assert accuracy == pytest.approx([row["accuracy"] for row in rows], abs=1e-6)
    assert format_reward(completions) == [row["format"] for row in rows]


@pytest.mark.parametrize("protocol", ["paper", "strict"])
def test_reward_and_harness_give_the_same_number(protocol: Any) -> None:
    rows = shared_rows("scoring_vectors.jsonl")
    crate, lamp = "the crate (boundingbox: [1, 2, 30, 40])", "the lamp (boundingbox: [5, 6, 70, 80])"
    question = f"Which object is closer to the viewer, {crate} or {lamp}?"
    rewards = accuracy_reward(
        [said(row["completion"]) for row in rows],
        method=[row["method"] for row in rows],
        answer=[row["expected"] for row in rows],
        question=[question] * len(rows),
        protocol=[protocol] * len(rows),
    )
    harness = [
        score_answer(row["method"], row["expected"], row["completion"], protocol, question).value
        for row in rows
    ]
    assert rewards == harness


def test_strict_is_the_default() -> None:
    columns = {"method": ["yes_no", "yes_no"], "answer": ["Yes", "Yes"]}
    texts = [said("<Answer>Yes.</Answer>"), said("<Answer>Yes</Answer>")]
    assert accuracy_reward(texts, **columns) == [1.0, 1.0]
    assert accuracy_reward(texts, **columns, protocol=["paper", "paper"]) == [0.0, 1.0]


def test_what_cannot_be_scored_is_none_and_not_zero() -> None:
    right = said("<Answer>Yes</Answer>")
    assert accuracy_reward([right, right], method=["yes_no", None], answer=["Yes", "Yes"]) == [1.0, None]
    assert accuracy_reward([right], method=["yes_no"]) == [None]
    assert accuracy_reward([right], method=["unheard_of"], answer=["Yes"]) == [None]
    assert accuracy_reward([right], method=["yes_no"], answer=["Yes"], protocol=["own"]) == [None]
    assert accuracy_reward([[]], method=["yes_no"], answer=["Yes"]) == [None]
    assert format_reward([[], None, 3, right]) == [None, None, None, 0.0]


def test_the_format_reward_wants_both_tags_in_order() -> None:
    texts = [
        "<Reasoning>It is bright.</Reasoning>\n<Answer>Yes</Answer>",
        "<Answer>Yes</Answer><Reasoning>It is bright.</Reasoning>",
        "Yes",
    ]
    assert format_reward([said(text) for text in texts]) == [1.0, 0.0, 0.0]
    assert format_reward(texts) == [1.0, 0.0, 0.0]


def test_means_per_kind_and_the_reading_go_into_trls_logs() -> None:
    metrics: list[tuple[str, float]] = []
    extras: dict[str, list[str]] = {}
    accuracy_reward(
        [said("<Answer>Yes</Answer>"), said("<Answer>Yes</Answer>"), said("no tag. None.")],
        method=["yes_no"] * 3,
        answer=["Yes", "No", "Yes"],
        category=["distance", "distance", "environment"],
        question_type=["true_false"] * 3,
        item=["a", "b", "c"],
        log_metric=lambda name, value: metrics.append((name, value)),
        log_extra=lambda name, values: extras.update({name: values}),
    )
    assert [value for name, value in metrics if name == "accuracy/distance"] == [1.0, 0.0]
    assert [value for name, value in metrics if name == "accuracy/environment"] == [0.0]
    assert [value for name, value in metrics if name == "accuracy/true_false"] == [1.0, 0.0, 0.0]
    assert extras["item"] == ["a", "b", "c"]
    assert extras["expected"] == ["Yes", "No", "Yes"]
    assert extras["status"] == ["answered", "answered", "no_answer_tag"]


def test_image_tokens_are_counted() -> None:
    ids = [[1, 2, 9, 9], [1, 2], []]
    assert image_tokens([""] * 3, token_ids=[9, 8], completion_ids=ids) == [2.0, 0.0, 0.0]


def test_rewards_can_be_pickled() -> None:
    counting = update_wrapper(partial(image_tokens, token_ids=[9]), image_tokens)
    for function in (accuracy_reward, format_reward, counting):
        again = pickle.loads(pickle.dumps(function))  # noqa: S301
        assert again.__name__ == function.__name__
    assert pickle.loads(pickle.dumps(counting))([""], completion_ids=[[9]]) == [1.0]  # noqa: S301


_anything = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.text(max_size=5), max_size=2)
)
_completion = st.one_of(
    _anything,
    st.text(max_size=200),
    st.lists(st.dictionaries(st.sampled_from(["role", "content"]), _anything), max_size=2),
)


@given(
    st.lists(_completion, max_size=4),
    st.dictionaries(
        st.sampled_from(["method", "answer", "question", "protocol", "category", "question_type"]),
        st.one_of(_anything, st.lists(_anything, max_size=4)),
    ),
)
def test_no_input_raises(completions: list[Any], columns: dict[str, Any]) -> None:
    sink = {"log_metric": lambda name, value: None, "log_extra": lambda name, values: None}
    for rewards in (accuracy_reward(completions, **columns, **sink), format_reward(completions)):
        assert len(rewards) == len(completions)
        assert all(reward is None or 0.0 <= reward <= 1.0 for reward in rewards)


def test_a_users_own_function_is_found_by_its_name():
    assert user_function("math.sqrt") is math.sqrt


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("math.squirt", r"rewards\.functions: math has no function squirt"),
        ("math.pi", r"rewards\.functions: math has no function pi"),
        ("nowhere_at_all.brief", r"rewards\.functions: nowhere_at_all\.brief cannot be imported"),
    ],
)
def test_what_is_no_function_is_one_line(path, complaint):
    with pytest.raises(DataError, match=complaint):
        user_function(path)
