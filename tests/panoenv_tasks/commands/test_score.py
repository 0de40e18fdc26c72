"""``panoenv score``."""

from __future__ import annotations

import json

import pytest
from support.command import run
from support.result_folders import DATE, guesser, made_up_items, write_run

PIPE, LAMP = "the pipe (boundingbox: [1, 2, 30, 40])", "lamp A (boundingbox: [9, 2, 30, 40])"
CLOSER = f"Which object is closer to the viewer, {PIPE} or {LAMP}?"
FAR = f"How far is {PIPE} from the viewer?"


@pytest.fixture
def outputs(tmp_path):
    rows = [
        {"question": CLOSER, "question_type": "multiple_choice", "accu_reward_method": "mcq",
         "expected_answer": "Lamp A", "generated_text": "<Answer>lamp B</Answer>"},
        {"question": CLOSER, "question_type": "multiple_choice", "accu_reward_method": "mcq",
         "expected_answer": "The pipe", "generated_text": "<Answer>The pipe or lamp A is closer</Answer>"},
        {"question": FAR, "question_type": "open_ended", "accu_reward_method": "distance",
         "expected_answer": "About 5.0 meters", "generated_text": "<Answer>5.8 m</Answer>"},
        {"question": FAR, "question_type": "open_ended", "accu_reward_method": "distance",
         "expected_answer": "About 5.0 meters", "generated_text": "five"},
    ]  # fmt: skip
    file = tmp_path / "outputs.jsonl"
    file.write_text("\n".join(json.dumps(r) for r in rows))
    return file


def test_totals_as_json(capsys, outputs):
    seen = run(capsys, "score", outputs, "--json")
    assert seen.code == 0
    totals = json.loads(seen.out)
    assert totals["total"]["n"] == 4
    assert totals["total"]["paper"] == {
        "acc": 0.0, "lo": None, "hi": None, "reward": 0.125, "statuses": {"answered": 3, "no_answer_tag": 1},
    }  # fmt: skip
    assert totals["total"]["strict"]["statuses"] == {
        "answered": 1, "untagged": 1, "ambiguous": 1, "unparsed": 1,
    }  # fmt: skip
    # "five" stands in no tag: read all the same, under strict only.
    assert totals["question_type"]["open_ended"]["strict"]["reward"] == 0.75
    assert set(totals["category"]) == {"distance"}
    assert set(totals["subcategory"]) == {"depth_compare", "distance_description"}
    assert set(totals["method"]) == {"mcq", "distance"}


def test_tables_and_one_protocol(capsys, outputs):
    seen = run(capsys, "score", outputs, "--protocol", "paper")
    assert "| total | 4 | 0 | 0.00 | - | 12.50 |" in seen.out
    assert "strict" not in seen.out


def test_failed_requests_are_counted_and_are_not_answers(capsys, tmp_path):
    record = {
        "id": "i", "environment": "Rome", "frame": "P0", "question": FAR, "question_type": "open_ended",
        "category": "distance", "subcategory": "distance_description", "method": "distance",
        "answer": "About 5.0 meters", "text": "<Answer>5 m</Answer>", "error": "",
    }  # fmt: skip
    rows = [{"panoenv": record}, {"panoenv": {**record, "text": "", "error": "[LMMS_EVAL_REQUEST_FAILED"}}]
    (tmp_path / "x_samples_y.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    totals = json.loads(run(capsys, "score", tmp_path, "--json").out)
    assert (totals["total"]["n"], totals["total"]["errors"]) == (2, 1)
    assert totals["total"]["paper"]["acc"] == 1.0


@pytest.fixture
def two_models(tmp_path):
    """Two models in one folder; the first under two conditions, and once more on another day."""
    items = made_up_items(6)
    skilled, hopeless = guesser(1, 1.0), (lambda item: "<Answer>no idea at all</Answer>")
    write_run(tmp_path / "good", items, skilled, model="acme/Good")
    write_run(tmp_path / "good", items, hopeless, model="acme/Good", condition="noimage")
    write_run(tmp_path / "good", items[:20], skilled, model="acme/Good", date="20261124_101500")
    write_run(tmp_path / "bad", items, hopeless, model="acme/Bad")
    return tmp_path


def test_every_run_has_a_table_of_its_own(capsys, two_models):
    seen = run(capsys, "score", two_models)
    assert seen.code == 0
    heads = [line for line in seen.out.splitlines() if line.startswith("## ")]
    assert len(heads) == len(set(heads)) == 4
    assert "## acme/Bad, val, full" in heads
    assert "## acme/Good, val, noimage" in heads
    # Two days, one model, one condition: told apart by the date.
    assert {f"## acme/Good, val, full, {date}" for date in (DATE, "20261124_101500")} <= set(heads)
    overview = seen.out.split("\n\n")[0].splitlines()
    assert len(overview) == 2 + 4
    assert any(line.startswith("| acme/Bad, val, full | 60 | 0 | ") for line in overview)


def test_several_runs_are_a_list_with_intervals(capsys, two_models):
    runs = {one["run"]: one for one in json.loads(run(capsys, "score", two_models, "--json").out)}
    good, bad = (
        next(one for name, one in runs.items() if name.startswith(start) and one["total"]["n"] == 60)
        for start in ("acme/Good, val, full", "acme/Bad, val, full")
    )
    assert good["total"]["strict"]["acc"] == 1.0
    assert bad["total"]["strict"]["acc"] == 0.0
    for one in (good, bad):
        cell = one["total"]["strict"]
        assert cell["lo"] <= cell["acc"] <= cell["hi"]
        assert 0 < cell["hi"] - cell["lo"] < 0.7


def test_one_run_is_one_object_that_names_itself(capsys, two_models):
    totals = json.loads(run(capsys, "score", two_models / "bad", "--json").out)
    assert totals["run"] == "acme/Bad, val, full"
    assert totals["total"]["n"] == 60


def test_a_verdict_by_exit_code(capsys, two_models, outputs):
    whole = run(capsys, "score", two_models / "bad", "--check")
    assert (whole.code, whole.err) == (0, "panoenv: 1 run, no request failed, all questions asked\n")
    unknown = run(capsys, "score", outputs, "--check")
    assert (unknown.code, unknown.err) == (
        0,
        "panoenv: 1 run, no request failed, whether all questions were asked is not known of 1\n",
    )
    (file, *_) = sorted((two_models / "bad").glob("*_samples_*.jsonl"))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    lines[0]["panoenv"] |= {"error": "[LMMS_EVAL_REQUEST_FAILED]", "text": ""}
    file.write_text("\n".join(json.dumps(line) for line in lines[:-2]))
    seen = run(capsys, "score", two_models / "bad", "--check")
    assert seen.code == 1
    assert seen.err.splitlines() == [
        "panoenv: acme/Bad, val, full: 1 of 58 requests failed",
        "panoenv: acme/Bad, val, full: 58 of 60 questions were asked",
    ]
    assert run(capsys, "score", two_models / "bad").code == 0


def test_bad_input_is_one_line_and_exit_2(capsys, outputs, tmp_path):
    with outputs.open("a") as file:
        file.write('\n{"question": "cut')
    seen = run(capsys, "score", outputs)
    assert seen.code == 2
    assert seen.err.startswith(f"panoenv: {outputs}:5: not JSON")
    assert run(capsys, "score", tmp_path / "none").code == 2
    assert run(capsys, "score", outputs, "--protocol", "kind").code == 2
