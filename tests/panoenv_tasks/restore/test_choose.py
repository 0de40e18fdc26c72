"""Which drawings to take, from the boxes alone."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
from support.painted_frames import file_name, questions
from support.shared import shared_rows

from panoenv_tasks.restore.choose import first_choice
from panoenv_tasks.restore.drawings import START, drawings_of, painted


def test_four_drawings_cover_the_val_panoramas_three_times():
    frames = defaultdict(list)
    for row in shared_rows("panoenv_val.jsonl"):
        frames[row["image"]].append({"question": row["conversations"][0]["value"]})
    chosen = []
    for rows in frames.values():
        names = [f"q{number}_x.png" for number in range(1, len(rows) + 1)]
        first = first_choice(drawings_of(rows, names))
        chosen.append(len(first))
        clean = np.sum([~painted(one.boxes, START) for one in first], axis=0)
        assert clean.min() >= 3
    assert len(chosen) == 60
    assert (min(chosen), max(chosen)) == (3, 6)
    assert 3.9 <= np.mean(chosen) <= 4.2


def test_a_drawing_is_found_by_its_questions_number():
    rows = [{"question_id": 1, "question": "a"}, {"question_id": 10, "question": "b"}]
    found = drawings_of(rows, ["q10_x_y.png", "q1_x_y.JPG", "q2_x.png", "q1.png", "notes.txt", "q1_x.gif"])
    assert [one.name for one in found] == ["q1_x_y.JPG", "q10_x_y.png"]


def test_objects_that_are_not_printed_are_known_by_their_number():
    rows = [
        {"question_id": 1, "question": "the a (boundingbox: [1, 2, 30, 40])", "related_object_ids": [7]},
        {"question_id": 2, "question": "which environment is it?", "related_object_ids": [7]},
        {"question_id": 3, "question": "which environment is it?", "related_object_ids": [8]},
        {"question_id": 4, "question": "which environment is it?", "related_object_ids": "junk"},
    ]
    found = drawings_of(rows, [f"q{k}_x.png" for k in range(1, 5)])
    assert [(one.boxes, one.certain) for one in found] == [
        (((1, 2, 30, 40),), True),
        (((1, 2, 30, 40),), True),
        ((), False),
        ((), True),
    ]
    assert first_choice(found)[0].name == "q4_x.png"


def test_a_box_across_the_seam_hides_its_rows():
    mask = painted([(2500, 400, 60, 480)], (10, 20, 10, 30))
    assert mask[380:511].all()
    assert not mask[:380].any()
    assert not mask[511:].any()
    plain = painted([(0, 5, 100, 50)], (10, 20, 10, 30))
    assert plain.sum() == 111 * 81


def test_made_up_frames_are_like_released_ones():
    rows = questions()
    assert len(json.dumps(rows)) < 10_000
    found = first_choice(drawings_of(rows, [file_name(row) for row in rows]))
    assert 3 <= len(found) <= 6
