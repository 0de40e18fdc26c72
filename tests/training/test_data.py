"""Rows for TRL: the harness's own prompt, the image opened late, and only splits one may train on."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bright_world import QUESTIONS, SIZE, write_bright_world

from panoenv_tasks.items import DataError, Item
from panoenv_tasks.prompts import render
from training.data import _picture, training_items, training_rows


def test_a_row_is_one_user_turn_with_the_harnesss_text_and_an_image(items: list[Item]) -> None:
    rows = training_rows(items[:3], "strict")
    assert rows.num_rows == 3
    for row, item in zip(rows, items, strict=False):
        assert row["prompt"] == [{"role": "user", "content": render(item)}]
        (picture,) = row["images"]
        assert (picture.size, picture.mode) == (SIZE, "RGB")
        assert (row["method"], row["answer"], row["question"]) == (item.method, item.answer, item.question)
        assert (row["protocol"], row["item"]) == ("strict", item.id)


def test_the_order_is_kept(items: list[Item]) -> None:
    backwards = items[::-1]
    assert training_rows(backwards, "strict").with_format(None)["item"][:] == [i.id for i in backwards]


def test_images_are_opened_on_access_and_once_for_a_group(items: list[Item], tmp_path: Path) -> None:
    _picture.cache_clear()
    rows = training_rows(items, "strict")
    assert _picture.cache_info().misses == 0
    (first,), (second,) = rows[0]["images"], rows[0]["images"]
    assert first is second
    assert _picture.cache_info().misses == 1
    for number in range(40):
        rows[number]
    assert _picture.cache_info().currsize <= 16


def test_the_train_split_loads(world: Path) -> None:
    assert len(training_items(str(world), "train")) == 64 * len(QUESTIONS)


def test_val_may_be_asked_for(world: Path) -> None:
    assert {item.split for item in training_items(str(world), "val")} == {"val"}


@pytest.mark.parametrize("split", ["test", "mini"])
def test_splits_for_measuring_are_refused(split: str, tmp_path: Path) -> None:
    write_bright_world(tmp_path, split, panoramas=2)
    with pytest.raises(DataError, match=rf"split '{split}' is for measuring"):
        training_items(str(tmp_path), split)


def test_a_file_of_another_split_is_refused(tmp_path: Path) -> None:
    (tmp_path / "panoenv_test.jsonl").write_text("{}\n", "utf-8")
    with pytest.raises(DataError, match="test split"):
        training_items(str(tmp_path / "panoenv_test.jsonl"), "train")


def test_questions_without_a_picture_are_refused(tmp_path: Path) -> None:
    write_bright_world(tmp_path, "train", panoramas=2)
    next(tmp_path.rglob("q1_*.png")).unlink()
    with pytest.raises(DataError):
        training_items(str(tmp_path), "train")


def test_a_broken_picture_is_refused_before_training(tmp_path: Path) -> None:
    write_bright_world(tmp_path, "train", panoramas=2)
    next(tmp_path.rglob("q1_*.png")).write_bytes(b"not a picture")
    with pytest.raises(DataError, match="not a readable image"):
        training_items(str(tmp_path), "train")
