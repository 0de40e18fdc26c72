"""What a study runs, in which order, and what it costs."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from panoenv_tasks.items import DataError
from panoenv_tasks.processes import end, start
from panoenv_tasks.study.ledger import Done, Ledger, sha256_of
from panoenv_tasks.study.plan import plan_lines
from panoenv_tasks.study.recipe import Judge, Model, Study, plain, tier
from panoenv_tasks.study.run import run_steps
from panoenv_tasks.study.serving import replicas
from panoenv_tasks.study.steps import Step, lanes_of, servers, steps_of


def study(**changes):
    simple = {"name": "x", "model": Model(lmms="panoenv_blind"), "split": "mini"}
    return Study(**{**simple, **changes})


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


@pytest.mark.parametrize(
    ("model", "judge", "other", "expected"),
    [
        ([], [], [], 1),
        (["0"], [], [], 1),
        (["0"], ["0"], ["0"], 1),
        (["0", "1"], ["1"], ["1"], 1),
        (["0"], ["1"], ["1"], 3),
        (["0", "1"], ["2"], ["3"], 4),
        # The last model holds the first two together.
        (["0"], ["1"], ["1", "0"], 1),
    ],
)
def test_lanes_share_no_gpu(model, judge, other, expected, tmp_path):
    made = study(
        model=Model(serve="m", gpus=model),
        conditions=("full", "noimage"),
        judges=(Judge("rules"), Judge("qscore/strict", serve="q", gpus=judge)),
        reader=Judge("reader", serve="r", gpus=other),
    )
    steps = steps_of(made, tmp_path)
    lanes = lanes_of(steps)
    assert len(lanes) == expected
    assert sorted(step.name for lane in lanes for step in lane) == sorted(step.name for step in steps)
    if expected > 1:
        assert [step.name for step in lanes[0]] == ["judge-1-rules", "audit", "board"]
        assert [step.name for step in lanes[1]] == ["ask-full", "ask-noimage", "ask-twins"]


@pytest.mark.parametrize(
    ("options", "gpus", "expected"),
    [
        ((), 4, 4),
        (("--tensor-parallel-size", "2"), 4, 2),
        (("--tensor-parallel-size=4",), 4, 1),
        (("-tp", "2", "-pp", "2"), 8, 2),
        # More than there are: vLLM says so.
        (("--tensor-parallel-size", "4"), 2, 1),
        ((), 0, 0),
    ],
)
def test_a_model_that_is_spread_has_fewer_replicas(options, gpus, expected):
    assert replicas(options, gpus) == expected


#: Ends well only if the other step of its kind is at work at the same time.
_MEET = (
    "import pathlib, sys, time; work, own, other = sys.argv[1:]\n"
    "pathlib.Path(own).touch(); end = time.time() + 60\n"
    "while not pathlib.Path(other).exists(): time.sleep(0.05); assert time.time() < end\n"
    "pathlib.Path(work, 'out').write_text('x')"
)


def meeting(folder, own, other, gpus):
    words = (sys.executable, "-c", _MEET, "{work}", str(folder / own), str(folder / other))
    return Step(own, words, expects=("out",), gpus=gpus)


def at_work(folder, steps, say=lambda line: None):
    out = folder / "out"
    out.mkdir()
    return run_steps(steps, study(), out, Ledger(out, {}), say)


def test_models_on_gpus_of_their_own_run_side_by_side(tmp_path):
    last = Step(
        "last", (sys.executable, "-c", _MEET, "{work}", *[str(tmp_path / "a")] * 2), ("b",), gpus=None
    )
    steps = [meeting(tmp_path, "a", "b", ("0",)), meeting(tmp_path, "b", "a", ("1",)), last]
    assert [(one.step, one.state) for one in at_work(tmp_path, steps)] == [
        ("a", "done"),
        ("b", "done"),
        ("last", "done"),
    ]


def test_what_rests_on_a_result_that_came_out_otherwise_is_made_anew(tmp_path):
    out, source = tmp_path / "out", tmp_path / "source"
    out.mkdir()
    copy = "import shutil, sys; shutil.copyfile(sys.argv[2], sys.argv[1] + '/out')"
    command = (sys.executable, "-c", copy, "{work}")
    steps = [
        Step("first", (*command, str(source)), expects=("out",), gpus=None),
        Step("other", (*command, sys.executable), expects=("out",), gpus=None),
        Step("second", (*command, str(out / "first" / "out")), ("first",), expects=("out",), gpus=None),
    ]

    def states():
        ended = run_steps(steps, study(), out, Ledger(out, study={}), lambda line: None)
        return [one.state for one in ended]

    source.write_text("a")
    assert states() == ["done", "done", "done"]
    # Asked again, the first says the same as before; then something else.
    (out / "first" / "out").write_text("spoilt")
    assert states() == ["done", "kept", "kept"]
    source.write_text("b")
    (out / "first" / "out").write_text("spoilt")
    assert states() == ["done", "kept", "done"]
    assert (out / "second" / "out").read_text() == "b"


def test_an_interruption_ends_every_lane_with_its_processes(tmp_path):
    steps = [meeting(tmp_path, "a", "never", ("0",)), meeting(tmp_path, "b", "never", ("1",))]

    def interrupt(line):
        if (tmp_path / "a").exists() and (tmp_path / "b").exists() and line.startswith("a:"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        at_work(tmp_path, steps, interrupt)
    left = [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])]
    assert left == []
    assert not list((tmp_path / "out").glob(".*.scratch"))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a quarter of a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_fills_up_under_a_step_ends_the_study(small_disk):
    fill = "import sys; open(sys.argv[1] + '/big', 'wb').write(bytes(1 << 20))"
    steps = [Step("a", (sys.executable, "-c", fill, "{work}")), Step("b", (sys.executable, "-c", ""))]
    with pytest.raises(OSError, match="full disk") as caught:
        at_work(small_disk, steps)
    assert caught.value.errno == errno.ENOSPC
    assert not (small_disk / "out" / "a").exists()
    # The step that cannot be finished left its room to the next try.
    assert not list((small_disk / "out").glob(".*.scratch"))


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
    assert lines[0] == (
        "x: 4 steps, 400 questions, about 0.9 M prompt tokens, 0.00 GB written, "
        "hours not known before a study of this model beside it (--tier quick measures them)"
    )
    assert any(line.startswith("ask-noimage: ") for line in lines)


def finished(folder, made, seconds):
    """The record of a study that took so long a step."""
    folder.mkdir()
    ledger = Ledger(folder, plain(made))
    for step in steps_of(made, folder):
        ledger.record(step.name, Done("", "", seconds[step.name]))


def test_hours_are_those_that_the_same_model_took_here(tmp_path):
    quick = study(conditions=("full", "noimage"), judges=(Judge("rules"),))
    took = {"ask-full": 720.0, "ask-noimage": 72.0, "ask-twins": 212.0, "judge-1-rules": 20.0}
    finished(tmp_path / "quick", quick, {**took, "audit": 1.0, "board": 1.0})
    # Another model, a part of the questions, and a damaged record tell nothing.
    finished(
        tmp_path / "a",
        replace(quick, model=Model(lmms="other")),
        dict.fromkeys([*took, "audit", "board"], 1.0),
    )
    finished(tmp_path / "b", replace(quick, limit=2), dict.fromkeys([*took, "audit", "board"], 1.0))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "study.json").write_text("{")
    conditions = ("full", "noimage", "rot90", "cubemap")
    longer = study(split="val", conditions=conditions, judges=(Judge("rules"),), data="/d")
    lines = plan_lines(longer, tmp_path / "longer")
    # 1,496 questions at 3.6, 0.36, 3.6 s; nobody measured six pictures; 212 twins at 1 s; judging at 0.1 s.
    assert lines[0].endswith(", about 3.24 hours and 1 steps that nobody measured")
    hours = [
        line.split("|")[4].strip() for line in "\n".join(lines).splitlines() if line.startswith("| ask-")
    ]
    assert hours == ["1.50", "0.15", "1.50", "not known", "0.06"]
    assert "hours of ask-full: 3.60 s a question in quick" in lines


def test_the_plan_knows_the_weights_that_are_here(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(bytes(200_000_000))
    made = study(
        model=Model(serve=str(tmp_path / "model"), gpus=("0", "1")),
        judges=(Judge("qscore/strict", serve="qwen", gpus=("2",)),),
    )
    lines = plan_lines(made, tmp_path / "out")
    assert f"weights: {tmp_path / 'model'}: 0.2 GB, as much memory and what the context takes" in lines
    assert "weights: Qwen/Qwen2.5-7B-Instruct: not here yet, their size is not known" in lines
    assert "served here, side by side where they share no GPU: qwen as qwen on GPU 2" in lines


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
