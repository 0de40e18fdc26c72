"""Runs are held to the prompts that their condition makes of the questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.boards import board_of
from support.result_folders import guesser, made_up_items, write_run

from panoenv_tasks.blind import answer
from panoenv_tasks.perturb import COORDINATES, present
from panoenv_tasks.prompts import load_pack, render

ITEMS = made_up_items(8)


@pytest.fixture(autouse=True)
def seen_at(monkeypatch):
    monkeypatch.setenv("PANOENV_SEEN", "1568x784")


def asked(condition: str, change=lambda text: text):
    """Gives sample lines the project's own prompts under a condition."""
    pictured = [present([item], condition)[0] for item in ITEMS]
    seen = not condition.startswith("noimage")
    prompts = {
        one.item.id: render(one.item, question=one.text, with_image=seen, boxes=one.boxes) for one in pictured
    }

    def edit(line):
        line["input"] = change(prompts[line["panoenv"]["id"]])
        line["panoenv"]["run"].update(prompts="panoenv@2", prompts_sha256=load_pack().sha256)
        if condition == "seen":
            line["panoenv"]["run"].update(boxes_in_pixels_of=[1568, 784])

    return edit


def run(root: Path, condition: str, **options):
    write_run(root / "run", ITEMS, options.pop("answer", guesser(1, 0.5)), condition=condition, **options)
    board = board_of(root)
    assert board.refusals == []
    return board.rows[0]


@pytest.mark.parametrize("condition", ["full", "noimage", "noimage_nobox", "marked", *COORDINATES])
def test_the_projects_own_prompts_raise_no_flag(tmp_path, condition):
    assert "other_input" not in [flag.code for flag in run(tmp_path, condition, edit=asked(condition)).flags]


def with_own_pack(edit):
    """The same lines, from somebody's own prompt pack: only the question in them is known."""

    def changed(line):
        edit(line)
        line["panoenv"]["run"].update(prompts="own@1", prompts_sha256="ab" * 32)

    return changed


@pytest.mark.parametrize("pack", [lambda edit: edit, with_own_pack])
@pytest.mark.parametrize("condition", COORDINATES)
def test_other_numbers_raise_one(tmp_path, condition, pack):
    row = run(tmp_path, condition, edit=pack(asked(condition, lambda text: text.replace("[", "[1"))))
    assert "other_input" in [flag.code for flag in row.flags]


@pytest.mark.parametrize("condition", COORDINATES)
def test_an_own_pack_with_the_right_numbers_raises_none(tmp_path, condition):
    row = run(tmp_path, condition, edit=with_own_pack(asked(condition)))
    assert "other_input" not in [flag.code for flag in row.flags]


@pytest.mark.parametrize("pack", [lambda edit: edit, with_own_pack])
def test_boxes_printed_for_another_size_than_is_said_raise_one(tmp_path, pack):
    edit = pack(asked("seen"))

    def other(line):
        edit(line)
        line["panoenv"]["run"].update(boxes_in_pixels_of=[1600, 800])

    assert "other_input" in [flag.code for flag in run(tmp_path, "seen", edit=other).flags]


def test_a_size_that_is_not_said_is_asked_for(tmp_path):
    edit = asked("seen")

    def unsaid(line):
        edit(line)
        del line["panoenv"]["run"]["boxes_in_pixels_of"]

    told = {flag.code: flag.message for flag in run(tmp_path, "seen", edit=unsaid).flags}
    assert told["no_input"] == "not recorded what size of picture its boxes were printed for"


def test_a_size_moves_no_box_under_another_condition(tmp_path):
    """Else a run could show other numbers under the released ones' name."""
    seen, full = asked("seen"), asked("full")

    def edit(line):
        full(line)
        prompt = dict(line)
        seen(prompt)
        line["input"] = prompt["input"]
        line["panoenv"]["run"].update(boxes_in_pixels_of=[1568, 784], prompts_sha256="ab" * 32)

    told = {flag.code: flag.message for flag in run(tmp_path, "full", edit=edit).flags}
    assert told["other_input"] == "72 prompts do not hold the question word for word"


@pytest.mark.parametrize("condition", COORDINATES)
def test_a_blind_run_is_known_by_its_answers(tmp_path, condition):
    row = run(tmp_path, condition, answer=answer, model="panoenv_blind", edit=asked(condition))
    assert row.role == "blind"
