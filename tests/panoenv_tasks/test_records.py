"""Saved outputs: both forms, and what is wrong with a bad one."""

from __future__ import annotations

import json

import pytest

from panoenv_tasks import DataError
from panoenv_tasks.records import read_samples

QUESTION = "How far is the crate (boundingbox: [10, 20, 110, 90]) from the viewer?"
RECORD = {
    "id": "val/Rome/P0/1", "environment": "Rome", "frame": "P0", "question": QUESTION,
    "question_type": "open_ended", "category": "distance", "subcategory": "distance_description",
    "method": "distance", "answer": "About 4.0 meters", "text": "<Answer>4 m</Answer>", "error": "",
}  # fmt: skip


def write(tmp_path, *rows, name="20260101_000000_samples_panoenv_distance.jsonl"):
    file = tmp_path / name
    file.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows))
    return file


def test_harness_samples(tmp_path):
    write(tmp_path, {"doc_id": 0, "panoenv": RECORD}, "", {"panoenv": {**RECORD, "error": "timed out"}})
    first, second = read_samples(tmp_path)
    assert (first.text, first.panorama, first.error) == ("<Answer>4 m</Answer>", "Rome/P0", "")
    assert second.error == "timed out"
    assert first.origin.endswith("panoenv_distance.jsonl:1")


@pytest.mark.parametrize("key", ["generated_text", "generated_answer", "model_output"])
@pytest.mark.parametrize("gold", ["expected_answer", "ground_truth"])
def test_the_three_released_spellings(tmp_path, key, gold):
    row = {"question": QUESTION, "question_type": "open_ended", gold: "About 4.0 meters", key: "4 m",
           "image": "data/Rome/P0/rgb_erp.png"}  # fmt: skip
    (sample,) = read_samples(write(tmp_path, row, name="out.jsonl"))
    assert (sample.text, sample.answer, sample.method) == ("4 m", "About 4.0 meters", "distance")
    assert (sample.category, sample.environment, sample.frame) == ("distance", "Rome", "P0")


def test_null_model_text_is_an_empty_answer_not_the_word_none(tmp_path):
    row = {"question": QUESTION, "expected_answer": "x", "generated_text": None}
    (sample,) = read_samples(write(tmp_path, row, name="out.jsonl"))
    assert sample.text == ""


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"question": "cut', "not JSON"),
        ("[]", "expected a JSON object, found list"),
        ({"question": QUESTION, "expected_answer": "x"}, "no model text"),
        ({"question": QUESTION, "generated_text": "x"}, "no gold answer"),
        ({"panoenv": {**RECORD, "answer": None}}, "sample record lacks answer"),
    ],
)
def test_a_bad_row_is_named(tmp_path, row, message):
    file = write(tmp_path, {"panoenv": RECORD}, row)
    with pytest.raises(DataError) as caught:
        list(read_samples(file))
    assert str(caught.value).startswith(f"{file}:2: ")
    assert message in str(caught.value)


def test_folders_without_samples(tmp_path):
    with pytest.raises(DataError, match="run lmms-eval with --log_samples"):
        list(read_samples(tmp_path))
    with pytest.raises(DataError, match="no such file or folder"):
        list(read_samples(tmp_path / "none"))
