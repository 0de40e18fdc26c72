"""The last lines of a run: what it came to, what failed, what was shown, against how much was released."""

from __future__ import annotations

import pytest
from support.result_folders import made_up_items, sample

from panoenv_tasks.blind import answer
from panoenv_tasks.tasks.panoenv.summary import nothing_answered, summary

ITEMS = made_up_items(6)
DATASET = {"dataset_sha256": "", "dataset_items": 60, "condition_items": 60}


def records(text, items=ITEMS, error="", condition="full"):
    made = [sample(item, text(item), DATASET, condition, error)["panoenv"] for item in items]
    for record in made:
        record["image"]["seen"] = {"width": 2548, "height": 1260}
    return made


def oracle(item):
    return f"<Reasoning>x</Reasoning><Answer>{item.answer}</Answer>"


def test_a_good_run():
    lines = summary(records(oracle))
    assert lines[0] == "panoenv: panoenv_val: val: 60 of the released 1,496 questions, 6 of 60 panoramas"
    assert lines[1].startswith("  acc paper@1: 100.0 % (95 % interval ")
    assert "blind, from the same questions' text: " in lines[1]
    assert lines[2].startswith("  acc strict@")
    assert lines[4] == "  answers: 0 failed, 0 empty, 0 unread, 0 outside tags, of 60"
    assert lines[5] == "  pictures: erp 2560x1280, seen at 2548x1260"
    assert len(lines) <= 10


def test_the_blind_reference_is_what_the_blind_model_gets():
    mine = summary(records(answer))
    for line in mine[1:3]:
        shown, blind = line.split(": ")[1].split(" %")[0], line.split(": ")[-1].removesuffix(" %")
        assert shown == blind


def test_without_boxes_there_is_no_blind_reference():
    assert not [line for line in summary(records(oracle, condition="noimage_nobox")) if "blind" in line]


def test_failures_are_told_apart_and_named():
    failed = records(oracle, ITEMS[:5], "[LMMS_EVAL_REQUEST_FAILED after 5 retries] Error code: 500\nhelp")
    failed += records(oracle, ITEMS[5:6], "[LMMS_EVAL_REQUEST_FAILED after 5 retries] timed out")
    lines = summary(failed + records(lambda item: "", ITEMS[6:8]) + records(oracle, ITEMS[8:]))
    assert "  answers: 6 failed, 2 empty, 0 unread, 0 outside tags, of 60" in lines
    told = "[LMMS_EVAL_REQUEST_FAILED after 5 retries] Error code: 500 help"
    assert f"  failed 5 times with: {told}, and 1 other reasons" in lines
    # 54 answers came, 52 of them right: a failed request is no wrong answer.
    assert lines[1].startswith("  acc paper@1: 96.3 %")


def test_when_nothing_came_there_is_no_figure():
    failed = records(oracle, error="[LMMS_EVAL_REQUEST_FAILED] Error code: 404 no such model")
    lines = summary(failed)
    assert not [line for line in lines if "acc" in line]
    assert "  answers: 60 failed" in lines[1]
    assert nothing_answered(failed)
    assert not nothing_answered(failed + records(oracle, ITEMS[:1]))
    assert not nothing_answered([])


def test_every_group_has_its_own_lines_and_unknown_sizes_are_said():
    both = records(oracle) + records(oracle, condition="rot90")
    for record in both:
        record["image"]["seen"] = None
    lines = summary(both)
    assert [line.split(":")[1] for line in lines if line.startswith("panoenv")] == [
        " panoenv_val",
        " panoenv_val_rot90",
    ]
    assert lines.count("  pictures: erp 2560x1280, seen at a size that is not known") == 2
    assert len(lines) <= 20


def test_boxes_printed_for_another_size_than_was_seen_are_reported():
    printed = records(oracle, condition="seen")
    for record in printed:
        record["run"]["boxes_in_pixels_of"] = [1568, 784]
    told = "  boxes were printed in pixels of 1568x784, but seen at 2548x1260: set PANOENV_SEEN=2548x1260"
    assert summary(printed)[-1] == told
    for record in printed:
        record["run"]["boxes_in_pixels_of"] = [2548, 1260]
    assert "boxes" not in summary(printed)[-1]


@pytest.mark.parametrize("panoramas", [1, 3])
def test_with_few_panoramas_there_is_no_interval(panoramas):
    few = [item for item in ITEMS if item.panorama in sorted({i.panorama for i in ITEMS})[:panoramas]]
    assert "(no interval)" in summary(records(oracle, few))[1]
