"""``panoenv data``."""

from __future__ import annotations

import json
import os

from support.command import run
from support.result_folders import made_up_items
from support.shared import shared_file
from support.small_tree import write_tree


def test_stats_prints_the_papers_tables(capsys):
    seen = run(capsys, "data", "stats", shared_file("panoenv_val.jsonl"))
    assert seen.code == 0
    for line in (
        "| val | 60 | 60 | 1496 |",
        "| view_source | 297 | 19.9 % |",
        "| environment | 299 | 20.0 % |",
        "| true_false | 434 | 29.0 % |",
        "| multiple_choice | 762 | 50.9 % |",
        "| open_ended | 300 | 20.1 % |",
        "| env_scene_judgement | 14 | 0.9 % |",
    ):
        assert line in seen.out.splitlines()


def test_check_of_good_data(capsys):
    seen = run(capsys, "data", "check", shared_file("panoenv_val.jsonl"))
    assert seen.code == 0
    assert "val: 1496 questions (images: 1496 none), 0 problems" in seen.out


def test_check_lists_every_problem_with_its_line_and_exits_2(capsys, tmp_path):
    good = {
        "conversations": [{"value": "How far is the crate (boundingbox: [1, 2, 30, 40]) from the viewer?"}],
        "image": "Rome/P0/rgb_erp.png",
        "question_type": "open_ended",
        "accu_reward_method": "distance",
        "expected_answer": "About 4.0 meters",
    }
    (tmp_path / "Rome").mkdir()
    file = tmp_path / "panoenv_val.jsonl"
    rows = [good, {**good, "expected_answer": ""}, {**good, "conversations": [{"value": "Eh?"}]}]
    file.write_text("\n".join(json.dumps(r) for r in rows))
    seen = run(capsys, "data", "check", tmp_path)
    assert seen.code == 2
    lines = seen.out.splitlines()
    assert lines[0].startswith(f"{file}:2: no answer")
    assert lines[1].startswith(f"{file}:3: unknown wording 'Eh?'")
    assert "no such image" in lines[2]
    assert lines[3] == "val: 1 questions (images: 1 erp), 3 problems"


def test_missing_place_is_one_line_and_exit_2(capsys, tmp_path):
    for arguments in (["check"], ["stats"], ["show", "x", "-o", tmp_path / "x.png", "--data"]):
        seen = run(capsys, "data", *arguments, tmp_path / "none")
        assert seen.code == 2
        assert seen.err.count("\n") == 1
        assert seen.err.startswith("panoenv: ")
        assert "no such file or folder" in seen.err


def test_check_decodes_every_picture_each_time(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PANOENV_CACHE", str(tmp_path / "cache"))
    tree = write_tree(tmp_path / "tree", made_up_items(2))
    assert run(capsys, "data", "check", tree).code == 0
    picture = next(tree.rglob("rgb_erp.png"))
    whole, status = picture.read_bytes(), picture.stat()
    # Half of it is gone, its size and times are as before.
    picture.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))
    seen = run(capsys, "data", "check", tree)
    assert seen.code == 2
    assert f"{picture}: not a readable image" in seen.out


def test_a_place_without_questions(capsys, tmp_path):
    seen = run(capsys, "data", "check", tmp_path)
    assert (seen.code, seen.out) == (2, "")
    assert "no questions; expected <split>/<Environment>/<frame>/<frame>_qa.json" in seen.err


def test_fetch_without_network_says_what_to_do(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    seen = run(capsys, "data", "fetch", "--split", "val")
    assert seen.code == 2
    assert seen.err.startswith("panoenv: cannot fetch 7zkk/PanoEnv at main: ")
    assert seen.err.count("\n") == 1
    assert run(capsys, "data", "fetch", "--split", "dev").code == 2


def test_a_file_whose_name_states_no_split(capsys, tmp_path):
    (tmp_path / "questions.jsonl").write_text("{}\n")
    seen = run(capsys, "data", "check", tmp_path)
    assert seen.code == 2
    assert "the name of questions.jsonl states no split" in seen.err


def test_stats_of_a_set_with_a_problem_are_printed_and_end_with_a_code(capsys, tmp_path):
    file = tmp_path / "panoenv_val.jsonl"
    file.write_text('{"broken": 1}\n', encoding="utf-8")
    seen = run(capsys, "data", "stats", file)
    assert seen.code == 2
    assert "val: 1 problems; run `panoenv data check`" in seen.err
