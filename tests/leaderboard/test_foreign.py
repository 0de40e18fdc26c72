"""Answers that others published stand on the board in a block of their own, marked and without a rank."""

from __future__ import annotations

import json

import pytest
from support.command import run
from support.result_folders import guesser, write_run

from leaderboard.board import gather
from leaderboard.standing import Policy
from panoenv_tasks.foreign import About, foreign_records, save
from panoenv_tasks.items import fingerprint


@pytest.fixture
def folder(tmp_path, items):
    """One run of ours, and the same model's answers as somebody else published them."""
    answer = guesser(3, 0.6)
    write_run(tmp_path / "ours", items, answer, model="acme/Seer-7B")
    file = tmp_path / "seer.jsonl"
    file.write_text("".join(json.dumps({"id": i.id, "prediction": answer(i)}) + "\n" for i in items))
    about = About("acme/Seer-7B", "VLMEvalKit <b>", "its own", "marked")
    save([r for _, r in foreign_records(file, about, items)], file, about, tmp_path / "theirs")
    return tmp_path


def test_it_is_marked_and_never_ranked(folder, items):
    known = Policy(datasets={fingerprint(items): "made up"})
    board = gather([folder / "ours", folder / "theirs"], policy=known)
    ours, theirs = sorted(board.rows, key=lambda row: row.blocked)
    assert ours.ranked
    assert not theirs.ranked
    assert theirs.model == "acme/Seer-7B (foreign, VLMEvalKit <b>)"
    assert theirs.setup.harness == "VLMEvalKit <b>"
    assert theirs.group != ours.group
    assert {flag.code: flag.message for flag in theirs.flags}["foreign"] == (
        "foreign, made by VLMEvalKit <b>; prompts its own; picture marked"
    )
    assert {flag.code for flag in theirs.flags} == {"foreign", "unknown_pixels", "no_input"}
    assert (theirs.counts.n, theirs.counts.expected) == (60, 60)


def test_the_files_of_the_board_show_the_mark(capsys, folder):
    seen = run(capsys, "leaderboard", folder / "ours", folder / "theirs", "-o", folder / "board")
    assert seen.code == 0
    assert "2 rows" in seen.out
    text = (folder / "board" / "leaderboard.md").read_text()
    assert ", answers that others published\n" in text
    assert "foreign, made by VLMEvalKit \\<b>" in text
    assert "VLMEvalKit <b>" not in (folder / "board" / "index.html").read_text().split("<script")[0]
