"""What a study runs, in which order, and what it costs."""

from __future__ import annotations

import sys
import time

import psutil
import pytest

from panoenv_tasks.items import DataError
from panoenv_tasks.processes import end, start
from panoenv_tasks.study.ledger import Done, Ledger, sha256_of
from panoenv_tasks.study.plan import plan_lines
from panoenv_tasks.study.recipe import Judge, Model, Study, tier
from panoenv_tasks.study.steps import servers, steps_of


def study(**changes):
    plain = {"name": "x", "model": Model(lmms="panoenv_blind"), "split": "mini"}
    return Study(**{**plain, **changes})


def test_every_step_needs_only_what_stands_before_it(tmp_path):
    steps = steps_of(tier("full", "some/model"), tmp_path)
    before = set()
    for step in steps:
        assert {*step.needs, *step.optional_needs} <= before, step.name
        before.add(step.name)
    assert [step.name for step in steps[-2:]] == ["audit", "board"]


def test_one_server_at_a_time_and_the_model_before_its_judges(tmp_path):
    steps = steps_of(tier("full", "some/model"), tmp_path)
    assert [one.model for one in servers(steps)] == ["some/model", "qwen", "prometheus"]
    kinds = [step.served.model if step.served else None for step in steps if step.name.startswith("ask-")]
    assert set(kinds) == {"some/model"}


def test_commands_are_the_projects_and_the_harnesss_own(tmp_path):
    made = study(
        model=Model(serve="some/model", options=("--tensor-parallel-size", "2"), seen="2548x1260"),
        conditions=("full", "noimage"),
        judges=(Judge("qscore/strict", url="http://127.0.0.1:1"),),
        limit=3,
    )
    steps = {step.name: step for step in steps_of(made, tmp_path)}
    assert list(steps) == ["ask-full", "ask-noimage", "ask-twins", "judge-1-qscore", "audit", "board"]
    ask = " ".join(steps["ask-noimage"].command)
    assert "-m lmms_eval --model async_openai --model_args model=some/model,base_url={url}" in ask
    assert "--tasks panoenv_mini_noimage " in ask
    assert "--limit 3" in ask
    assert steps["ask-full"].environment == {"OPENAI_API_KEY": "EMPTY", "PANOENV_SEEN": "2548x1260"}
    assert steps["ask-full"].served.options == ("--tensor-parallel-size", "2")
    assert steps["judge-1-qscore"].command[-2:] == ("--url", "http://127.0.0.1:1")


def test_a_launcher_stands_in_front(tmp_path):
    made = study(model=Model(lmms="qwen2_5_vl", launch=("accelerate", "launch", "--num_processes", "4")))
    assert steps_of(made, tmp_path)[0].command[:6] == (
        "accelerate",
        "launch",
        "--num_processes",
        "4",
        "-m",
        "lmms_eval",
    )


def test_the_plan_counts_questions_and_tokens(tmp_path):
    lines = plan_lines(study(conditions=("full", "noimage"), twins=False), tmp_path)
    assert lines[0] == "x: 4 steps, 400 questions, about 0.9 M prompt tokens"
    assert any(line.startswith("ask-noimage: ") for line in lines)


def test_a_ledger_knows_what_is_done_and_whose_folder_it_is(tmp_path):
    folder = tmp_path / "step"
    folder.mkdir()
    (folder / "a").write_text("1")
    out = tmp_path / "out"
    out.mkdir()
    Ledger(out, {"name": "x"}).record("step", Done("in", sha256_of(folder), 1.0))
    again = Ledger(out, {"name": "x"})
    assert again.is_done("step", "in", folder)
    assert not again.is_done("step", "other", folder)
    (folder / "a").write_text("2")
    assert not again.is_done("step", "in", folder)
    with pytest.raises(DataError, match="holds a study with another name"):
        Ledger(out, {"name": "y"})


@pytest.mark.parametrize("text", ["", "[]", '{"study": 1}', '{"study": {}, "done": {"a": {}}}'])
def test_a_damaged_ledger_is_said(text, tmp_path):
    (tmp_path / "study.json").write_text(text)
    with pytest.raises(DataError, match="not a study's record"):
        Ledger(tmp_path, {})


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(DataError, match="not empty and no study"):
        Ledger(tmp_path, {})


def test_ending_a_process_ends_its_descendants(tmp_path):
    sleep = "import time; time.sleep(99)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
    with (tmp_path / "log").open("wb") as log:
        process = start([sys.executable, "-c", code], {}, log)
        family: list[psutil.Process] = []
        while not family:
            family = psutil.Process(process.pid).children(recursive=True)
            time.sleep(0.05)
        end(process)
    assert process.returncode is not None
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family)
