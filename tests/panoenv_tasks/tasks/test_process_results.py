"""One answer in, one record out, whatever the answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panoenv_tasks.records import sample_of
from panoenv_tasks.tasks.panoenv.record import NO_TEXT, failure
from panoenv_tasks.tasks.panoenv.utils import process_results

GOLD = "About 4.0 meters"
DOC = {
    "record": json.dumps(
        {
            "schema": 1,
            "id": "val/Rome/P000_000500/0123456789ab",
            "split": "val",
            "environment": "Rome",
            "frame": "P000_000500",
            "question": "How far is the crate (boundingbox: [10, 20, 110, 90]) from the viewer?",
            "question_type": "open_ended",
            "category": "distance",
            "subcategory": "distance_description",
            "method": "distance",
            "answer": GOLD,
            "image": {"kind": "erp", "width": 2560, "height": 1280},
            "run": {"condition": "full"},
        }
    )
}


def record(text):
    found = process_results(DOC, [text])
    return found["panoenv"], found


def test_a_good_answer():
    text = "<Reasoning>near</Reasoning><Answer>4.2 m</Answer>"
    made, items = record(text)
    assert (made["text"], made["prediction"], made["error"]) == (text, "4.2 m", "")
    assert (made["paper"], made["strict"], made["format"], made["status"]) == (1.0, 1.0, 1.0, "answered")
    assert items["acc"] == {"score": 1.0, "environment": "Rome"}
    assert sample_of(made, "here").text == text


def test_the_reward_is_logged_under_both_protocols_by_name():
    made, _ = record("<Reasoning>near</Reasoning><Answer>4.0 m or 9.0 m</Answer>")
    (paper, strict) = made["rewards"]
    assert paper == "paper@1"
    assert strict.startswith("strict@")
    assert made["rewards"] == {paper: 1.0, strict: pytest.approx(0.1)}


def test_the_protocols_part_where_the_paper_s_is_lenient():
    made, _ = record("<Answer>4.0 m or 9.0 m</Answer>")
    assert (made["paper"], made["strict"], made["status"]) == (1.0, 0.0, "ambiguous")


@pytest.mark.parametrize(
    "text",
    [
        "[LMMS_EVAL_REQUEST_FAILED after 2 retries] Error code: 500 <Answer>4.0 m</Answer>",
        "[LMMS_EVAL_REQUEST_FAILED after 5 retries] Connection error.",
        "[LMMS_EVAL_BUDGET_EXCEEDED]",
        NO_TEXT,
    ],
)
def test_a_failed_request_is_an_error_and_no_answer(text, monkeypatch):
    monkeypatch.setenv("PANOENV_METRICS", "all")
    made, items = record(text)
    assert made["error"] == text
    assert (made["text"], made["prediction"], made["status"]) == ("", None, "error")
    assert (made["paper"], made["strict"], made["format"]) == (None, None, None)
    assert items["n_error"]["score"] == 1.0
    assert items["n_answered"]["score"] == 0.0
    assert items["acc"] == items["acc_strict"] == items["reward"] == {}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (
            "[Errno 2] No such file: '/home/me/pano env/Rome/P0/a.png'",
            "[Errno 2] No such file: 'pano env/Rome/P0/a.png'",
        ),
        ("cannot read /data/x/rgb_erp.png", "cannot read rgb_erp.png"),
        ("C:\\Users\\me\\a.png is gone", "a.png is gone"),
        ("http://127.0.0.1:8000/v1/chat/completions: 500", "http://127.0.0.1:8000/v1/chat/completions: 500"),
        ("3/4 and/or n/a", "3/4 and/or n/a"),
    ],
)
def test_no_local_path_is_logged(told, kept):
    head = "[LMMS_EVAL_REQUEST_FAILED after 5 retries] "
    assert failure(head + told) == head + kept


def test_a_reply_without_text_is_told_as_one():
    # What lmms-eval's asynchronous wrapper makes of `content: null`.
    assert failure('Error: can only concatenate str (not "NoneType") to str') == NO_TEXT == failure(NO_TEXT)


def test_an_answer_is_no_failure():
    assert failure("<Answer>Error: 4</Answer>") == failure("") == ""


@pytest.mark.parametrize("results", [[""], [None], [], ["  "]])
def test_no_text_is_an_empty_answer(results):
    made = process_results(DOC, results)["panoenv"]
    assert (made["status"], made["paper"], made["strict"]) == ("empty", 0.0, 0.0)


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_fail(text):
    for candidate in (text, f"<Answer>{text}</Answer>"):
        made = process_results(DOC, [candidate])
        json.dumps(made)
        assert made["n_error"] == {"score": 0.0, "environment": "Rome"}
