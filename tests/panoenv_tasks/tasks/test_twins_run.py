"""Twins through the real harness: the oracle has all pairs right, who does not look has none."""

from __future__ import annotations

import pytest
from support import harness

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    tasks = {"panoenv_oracle": "panoenv_mini_twins_marked", "panoenv_blind": "panoenv_mini_twins"}
    cases = {model: (("--model", model, "--tasks", task), {}) for model, task in tasks.items()}
    return harness.evaluate_many(tmp_path_factory.mktemp("twins") / "runs", cases)


def test_both_right_of_one_who_knows_and_of_one_who_does_not_look(runs):
    knows = runs["panoenv_oracle"].results["groups"]["panoenv_mini_twins_marked"]
    assert (knows["both_right,none"], knows["n_pairs,none"]) == (1.0, 103)
    blind = runs["panoenv_blind"].results["groups"]["panoenv_mini_twins"]
    assert (blind["both_right,none"], blind["n_pairs,none"]) == (0.0, 71)
    # Right on one of the two, as often as the answer is among its guesses at all.
    assert blind["acc_tf,none"] == 0.5
    assert 0.1 < blind["both_right_chance,none"] < 0.2


def test_every_record_names_its_pair(runs):
    records = runs["panoenv_blind"].records
    assert len({record["pair"] for record in records}) == 71
    assert len(records) == 142
