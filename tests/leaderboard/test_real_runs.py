"""Folders written by the real lmms-eval, not by our generator."""

import json

import pytest
from support import harness
from support.boards import board_of
from support.result_folders import made_up_items, sample
from support.small_tree import write_tree

from panoenv_tasks.items import fingerprint

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def questions():
    return made_up_items(6)


@pytest.fixture(scope="module")
def run(questions, tmp_path_factory):
    data = write_tree(tmp_path_factory.mktemp("data"), questions, size=None)
    command = ("--model", "panoenv_blind", "--tasks", "panoenv_val_noimage")
    cases = {"run": (command, {"PANOENV_DATA": str(data)})}
    return harness.evaluate_many(tmp_path_factory.mktemp("real"), cases)["run"]


def test_a_real_run_becomes_a_ranked_row_with_the_harness_own_figures(run, questions):
    board = board_of(run.folder)
    assert board.refusals == []
    (row,) = board.rows
    assert (row.model, row.role, row.condition) == ("panoenv_blind", "blind", "noimage")
    assert (row.counts.n, row.counts.panoramas) == (60, 6)
    assert row.ranked
    assert row.setup.dataset_sha256 == fingerprint(questions)
    assert row.setup.harness_version
    assert row.seconds > 0
    stored = json.loads(next(run.folder.rglob("*_results.json")).read_text())["results"][
        "panoenv_val_noimage"
    ]
    assert row.paper["acc"].mean == pytest.approx(stored["acc,none"])
    assert row.strict["acc"].se == pytest.approx(stored["acc_strict_se,none"])
    assert row.paper["oe"].mean == pytest.approx(stored["acc_oe,none"])


def test_the_generator_writes_the_same_keys(run, questions):
    line = json.loads(
        next(run.folder.rglob("*_samples_*_distance_noimage.jsonl")).read_text().splitlines()[0]
    )
    made = sample(questions[0], "text", {"dataset_sha256": "", "dataset_items": 60, "condition_items": 60})
    assert made.keys() == line.keys()
    assert made["panoenv"].keys() == line["panoenv"].keys()
    assert made["panoenv"]["run"].keys() <= line["panoenv"]["run"].keys()
