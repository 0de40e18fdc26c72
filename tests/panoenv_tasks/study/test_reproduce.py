"""The paper's rows as studies; a tiny random model of the same family stands in for the 7B ones."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest
import yaml
from support.command import run
from support.result_folders import made_up_items
from support.small_tree import write_tree
from support.tiny_vlm import make_tiny_qwen2_5_vl

from panoenv_tasks.prompts.released import FILE
from panoenv_tasks.study.beside_paper import beside_the_paper

PROMPTS = """
class Module:
    @staticmethod
    def get_question_template(task_type, question_type=None):
        return "{Question} Write <Reasoning> and <Answer>."
"""


@pytest.fixture
def clone(tmp_path):
    file = tmp_path / "clone" / FILE
    file.parent.mkdir(parents=True)
    file.write_text(PROMPTS)
    return tmp_path / "clone"


def reproduce(capsys, *words):
    return run(capsys, "study", "reproduce", *words, "--plan")


def test_the_published_row_is_written_as_a_study(capsys, clone, tmp_path):
    seen = reproduce(capsys, "base", "--prompts", clone, "--data", "/panoramas", "-o", tmp_path / "base")
    assert seen.code == 0, seen.err
    study = yaml.safe_load((tmp_path / "base.yaml").read_text())
    assert study["prompts"] == f"released:{clone}"
    assert study["paper_row"] == "Qwen2.5-VL-7B-Instruct"
    assert study["model"] == {
        "serve": "Qwen/Qwen2.5-VL-7B-Instruct",
        "name": "Qwen2.5-VL-7B-Instruct",
        "options": ["--max-model-len", "8192", "--mm-processor-kwargs", '{"max_pixels": 3276800}'],
        "seen": "2548x1260",
    }
    assert study["conditions"][0] == "full"
    assert len(study["conditions"]) == 9
    commands = {line.split(":")[0]: line for line in seen.out.splitlines() if ": /" in line}
    assert "--tasks panoenv --batch_size" in commands["ask-full"]
    assert f"--protocol qscore/reference --prompt {clone} --url" in commands["judge-2-qscore"]
    assert f"--protocol pscore/reference --prompt {clone} --url" in commands["judge-3-pscore"]
    assert commands["board"].endswith("--verification {work}/verification.md --data /panoramas")


def test_the_trained_row_wants_the_trained_model(capsys, clone, tmp_path):
    seen = reproduce(capsys, "balanced", "--prompts", clone)
    assert seen.code == 2
    assert "give the trained model with --model" in seen.err
    out = ("-o", tmp_path / "mine")
    seen = reproduce(capsys, "balanced", "--prompts", clone, "--model", "lmms:qwen2_5_vl,pretrained=/m", *out)
    assert seen.code == 0
    model = yaml.safe_load((tmp_path / "mine.yaml").read_text())["model"]
    assert model == {"lmms": "qwen2_5_vl", "args": {"max_pixels": 3276800, "pretrained": "/m"}}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("best", "--prompts", "."), "reproduce best: expected base or balanced"),
        (("base", "--prompts", "nowhere"), "expected a clone of the paper's released code"),
    ],
)
def test_bad_words_are_one_line(words, said, capsys):
    seen = reproduce(capsys, *words)
    assert seen.code == 2
    assert said in seen.err
    assert seen.err.count("\n") == 1


def test_figures_stand_beside_the_papers_and_what_is_missing_is_said():
    paper = {"acc": "0.4934", "oe": "0.0639", "q_score": "5.60", "p_score": "5.48"}
    row = {"acc": "0.5", "acc_lo": "0.48", "acc_hi": "0.52", "q_score": "5.5", "oe": "", "p_score": ""}
    assert beside_the_paper(row, paper) == [
        ("Total", "49.34", "50.00 [48.00, 52.00]", "+0.66"),
        ("OE", "6.39", "not measured here", ""),
        ("Q-Score", "5.60", "5.50", "-0.10"),
        ("P-Score", "5.48", "not measured here", ""),
    ]


@pytest.mark.slow
def test_a_stand_in_for_the_model_ends_in_the_papers_table(clone, tmp_path):
    """A tiny random Qwen2.5-VL under the published name; its figures say nothing of the real one."""
    model = make_tiny_qwen2_5_vl(tmp_path / "stand-in" / "Qwen2.5-VL-7B-Instruct")
    # One question of each category, and of each type.
    questions = [made_up_items(1, "test")[place] for place in (0, 4, 5, 6, 9)]
    data = write_tree(tmp_path / "panoramas", questions)
    command = [sys.executable, "-m", "panoenv_tasks", "study"]
    words = ["reproduce", "base", "--prompts", clone, "--data", data, "-o", tmp_path / "base", "--plan"]
    stand_in = f"lmms:qwen2_5_vl,pretrained={model},attn_implementation=sdpa,device=cpu,device_map=cpu"
    written = [*command, *words, "--model", stand_in]
    subprocess.run(written, check=True, capture_output=True)
    # The row itself and what needs no other model; the other conditions cost the same again.
    file = tmp_path / "base.yaml"
    study = yaml.safe_load(file.read_text())
    study |= {"conditions": ["full"], "judges": [{"protocol": "rules"}], "twins": False}
    file.write_text(yaml.safe_dump(study))
    done = subprocess.run([*command, file], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with (tmp_path / "base" / "board" / "results.csv").open(newline="") as lines:
        own = next(row for row in csv.DictReader(lines) if row["provenance"] == "unverified")
    assert own["max_pixels"] == "3276800"
    page = (tmp_path / "base" / "report.md").read_text()
    beside = page.split("## Beside the paper")[1].split("##")[0]
    for label, published in (("Total", "49.34"), ("T/F", "65.19"), ("MCQ", "57.24"), ("OE", "6.39")):
        assert f"| {label} | {published} | " in beside
    assert "| Q-Score | 5.60 | not measured here |" in beside
    assert "| questions | 5 test (the paper: 3,040" in page
    verification = (tmp_path / "base" / "board" / "verification.md").read_text()
    assert "| 49.34 | not run here |" not in verification.split("Qwen3-VL-8B")[0]
