"""Bad data stops a run with one line and exit code 1 before the model is touched; failures are counted."""

from __future__ import annotations

import json

import pytest
from PIL import Image
from support import harness
from support.faulty_server import FaultyServer, completion, fault, refusal
from support.result_folders import made_up_items
from support.small_tree import write_tree

from panoenv_tasks.vllm_server import free_port

pytestmark = pytest.mark.slow

ITEMS = made_up_items(2)
#: Loading this model would fail with a long trace of its own.
NO_MODEL = ("--model", "qwen2_5_vl", "--model_args", "pretrained=/nonexistent,device=cpu,device_map=cpu")


def run_on(data, tasks="panoenv_val", **env):
    return (*NO_MODEL, "--tasks", tasks), {"PANOENV_DATA": str(data), **env}


def broken_picture(root):
    tree = write_tree(root, ITEMS)
    next(tree.rglob("rgb_erp.png")).write_text("not an image")
    return tree


def annotated(root, change):
    """A released annotation file whose second row is broken by ``change``."""
    root.mkdir()
    lines = []
    for number, item in enumerate(ITEMS[:3]):
        row = {
            "conversations": [{"from": "human", "value": item.question}],
            "image": f"{item.environment}/{item.frame}/rgb_erp.png",
            "question_type": item.question_type,
            "accu_reward_method": item.method,
            "expected_answer": item.answer,
        }
        text = json.dumps(row)
        lines.append(change(row, text) if number == 1 else text)
    (root / "panoenv_val.jsonl").write_text("\n".join(lines))
    return root / "panoenv_val.jsonl"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    base = tmp_path_factory.mktemp("refusals")
    good = write_tree(base / "good", ITEMS)
    pack = base / "pack.yaml"
    pack.write_text("name: short\nversion: 1\ntemplates: {distance: {true_false: '{question}'}}\n")
    (base / "empty").mkdir()
    (base / "empty" / "panoenv_val.jsonl").touch()
    dead = f"http://127.0.0.1:{free_port()}"
    silent = FaultyServer(reply=lambda body: completion(None))
    moody = FaultyServer([fault(completion(f"<Answer>{n}</Answer>")) for n in range(3)] + [refusal(500)] * 99)
    unknown = FaultyServer([refusal(404, "The model `x` does not exist.")] * 99)
    cases = {
        "no data": ((*NO_MODEL, "--tasks", "panoenv"), {}),
        "missing folder": run_on(base / "gone"),
        "missing split": run_on(good, "panoenv"),
        "empty file": run_on(base / "empty" / "panoenv_val.jsonl"),
        "truncated": run_on(annotated(base / "a", lambda row, text: text[:-9]), "panoenv_val_noimage"),
        "no answer": run_on(
            annotated(base / "b", lambda row, text: json.dumps({**row, "expected_answer": ""}))
        ),
        "outside": run_on(
            annotated(base / "c", lambda row, text: json.dumps({**row, "image": "../../../a.png"}))
        ),
        "no panoramas": run_on(annotated(base / "d", lambda row, text: text)),
        "not an image": run_on(broken_picture(base / "text")),
        "wrong size": run_on(write_tree(base / "small", ITEMS, size=(1280, 640))),
        "incomplete pack": run_on(good, PANOENV_PROMPTS=str(pack)),
        "slip": run_on(good, "panoenv_val_distnce"),
        "examples": (
            (*NO_MODEL, "--tasks", "panoenv_val", "--num_fewshot", "2"),
            {"PANOENV_DATA": str(good)},
        ),
        "no model": run_on(good),
    }
    with silent, moody, unknown:
        cases |= {
            "dead server": ask(good, dead),
            "no text": ask(good, silent.url),
            "no text older": ask(good, silent.url, "openai"),
            "no such model": ask(good, unknown.url),
            "some fail": ask(good, moody.url),
        }
        return harness.evaluate_many(base / "runs", cases)


def ask(data, url, wrapper="async_openai"):
    """One question of each of the five tasks."""
    args = (
        f"model=x,base_url={url}/v1,max_retries=1,{'num_cpus' if 'async' in wrapper else 'num_concurrent'}=1"
    )
    command = ("--model", wrapper, "--model_args", args, "--tasks", "panoenv_val", "--limit", "1")
    return command, {"PANOENV_DATA": str(data), "OPENAI_API_KEY": "EMPTY"}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("no data", ["PANOENV_DATA", "panoenv data fetch"]),
        ("missing folder", ["gone", "no such file or folder"]),
        ("missing split", ["no questions of the test split", "splits found: val"]),
        ("empty file", ["panoenv_val.jsonl", "empty"]),
        ("truncated", ["panoenv_val.jsonl:2", "not JSON"]),
        ("no answer", ["panoenv_val.jsonl:2", "no answer"]),
        ("outside", ["panoenv_val.jsonl:2", "leaves its root"]),
        ("no panoramas", ["panoenv_val.jsonl:1", "no image", "panoenv_val_noimage needs none"]),
        ("not an image", ["rgb_erp.png", "not a readable image"]),
        ("wrong size", ["1280x640", "expected 2560x1280", "2 problems"]),
        ("slip", ["no task panoenv_val_distnce", "did you mean panoenv_val_distance"]),
        ("examples", ["asked without examples", "--num_fewshot 2"]),
        ("incomplete pack", ["pack.yaml", "template", "missing"]),
    ],
)
def test_one_line_and_exit_code_one(runs, case, expected):
    run = runs[case]
    assert run.code == 1
    assert len(run.said) == 1, run.err[-2000:]
    for part in expected:
        assert part in run.said[0]
    assert "Traceback" not in run.err
    assert "nonexistent" not in run.said[0] + run.err
    assert run.samples == {}


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("dead server", "Connection error"),
        ("no text", "content: null"),
        ("no text older", "content: null"),
        ("no such model", "The model `x` does not exist."),
    ],
)
def test_when_every_request_fails_the_run_says_so_and_has_no_figure(runs, case, reason):
    run = runs[case]
    group = run.results["results"]["panoenv_val"]
    assert group["n_error,none"] == len(run.records) == 5
    assert group["acc,none"] == group["acc_strict,none"] == "N/A"
    for record in run.records:
        assert reason in record["error"]
        assert (record["text"], record["status"]) == ("", "error")
        assert (record["paper"], record["strict"]) == (None, None)
    assert run.summary[1] == "  answers: 5 failed, 0 empty, 0 unread, 0 outside tags, of 5"
    assert reason in run.summary[2]
    assert run.summary[-1] == "panoenv: a run of our tasks has no result, see above; exit code 1"
    assert run.code == 1


def test_a_model_that_cannot_be_loaded_is_no_success(runs):
    run = runs["no model"]
    assert run.code == 1
    assert run.err.splitlines()[-1] == "panoenv: a run of our tasks has no result, see above; exit code 1"


def test_failures_beside_answers_are_counted_and_named(runs):
    run = runs["some fail"]
    assert run.code == 0, run.err[-2000:]
    assert run.results["results"]["panoenv_val"]["n_error,none"] == 2
    assert sum(record["text"] != "" for record in run.records) == 3
    assert any(line.startswith("  answers: 2 failed, 0 empty") for line in run.summary)
    assert any(line.startswith("  failed 2 times with: ") and "500" in line for line in run.summary)
    assert len(run.summary) <= 10


def test_the_good_tree_is_good(tmp_path):
    tree = write_tree(tmp_path, ITEMS)
    with Image.open(next(tree.rglob("rgb_erp.png"))) as panorama:
        assert panorama.size == (2560, 1280)
