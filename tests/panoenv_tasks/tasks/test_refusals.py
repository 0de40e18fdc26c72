"""Bad data stops a run with one line and exit code 1 before the model is touched; failures are counted."""

from __future__ import annotations

import json

import pytest
from PIL import Image
from support import harness
from support.result_folders import made_up_items
from support.small_tree import write_tree
from support.vllm_server import free_port

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
    dead = f"model=x,base_url=http://127.0.0.1:{free_port()}/v1,max_retries=1"
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
        "dead server": (
            ("--model", "async_openai", "--model_args", dead, "--tasks", "panoenv_val", "--limit", "1"),
            {"PANOENV_DATA": str(good), "OPENAI_API_KEY": "EMPTY"},
        ),
    }
    return harness.evaluate_many(base / "runs", cases)


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


def test_failed_requests_are_errors_and_no_answers(runs):
    run = runs["dead server"]
    assert run.code == 0, run.err[-2000:]
    group = run.results["results"]["panoenv_val"]
    assert group["n_error,none"] == len(run.records) == 5
    assert group["acc,none"] == group["acc_strict,none"] == "N/A"
    for record in run.records:
        assert record["error"].startswith("[LMMS_EVAL_REQUEST_FAILED")
        assert (record["text"], record["paper"], record["strict"]) == ("", None, None)


def test_the_good_tree_is_good(tmp_path):
    tree = write_tree(tmp_path, ITEMS)
    with Image.open(next(tree.rglob("rgb_erp.png"))) as panorama:
        assert panorama.size == (2560, 1280)
