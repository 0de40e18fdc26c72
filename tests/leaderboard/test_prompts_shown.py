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

    return edit


def run(root: Path, condition: str, **options):
    write_run(root / "run", ITEMS, options.pop("answer", guesser(1, 0.5)), condition=condition, **options)
    board = board_of(root)
    assert board.refusals == []
    return board.rows[0]


@pytest.mark.parametrize("condition", ["full", "noimage", "noimage_nobox", "marked", *COORDINATES])
def test_the_projects_own_prompts_raise_no_flag(tmp_path, condition):
    assert "other_input" not in [flag.code for flag in run(tmp_path, condition, edit=asked(condition)).flags]


@pytest.mark.parametrize("condition", ["rel1000", "yx1000"])
def test_other_numbers_raise_one(tmp_path, condition):
    row = run(tmp_path, condition, edit=asked(condition, lambda text: text.replace("[", "[1")))
    assert "other_input" in [flag.code for flag in row.flags]


@pytest.mark.parametrize("condition", COORDINATES)
def test_a_blind_run_is_known_by_its_answers(tmp_path, condition):
    row = run(tmp_path, condition, answer=answer, model="panoenv_blind", edit=asked(condition))
    assert row.role == "blind"
