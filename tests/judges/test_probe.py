"""Bias probes against fake judges of known bias."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import VLLM_ONLY, FaultyServer, completion
from support.judge_samples import sample_of
from typer.testing import CliRunner

from judges import Client, Store, load_protocol
from judges.cli import app
from judges.probe import probe_judge
from panoenv_tasks.items import DataError

STRICT = load_protocol("qscore/strict")
SAMPLES = [
    sample_of(f"<Answer>{word}</Answer>", "Yes", name=str(i))
    for i, word in enumerate(("Yes", "No", "Maybe no"))
]


def _user(body: dict[str, Any]) -> str:
    return str(body["messages"][1]["content"])


def _probed(reply: Any) -> dict[str, Any]:
    with FaultyServer(reply=reply) as server:
        return dict(probe_judge(SAMPLES, STRICT, Client(server.url, in_flight=1), Store())["probes"])


def test_a_steady_judge_does_not_move() -> None:
    probes = _probed(lambda body: completion("Score: 6"))
    assert {name: (c["n"], c["shift"], c["moved"]) for name, c in probes.items()} == {
        "verbosity": (3, 0, 0),
        "paraphrase": (3, 0, 0),
        "swap": (3, 0, 0),
        "repeat": (3, 0, 0),
    }


def test_a_judge_that_likes_words_is_found() -> None:
    probes = _probed(lambda body: completion("Score: 9" if "carefully" in _user(body) else "Score: 4"))
    assert (probes["verbosity"]["shift"], probes["verbosity"]["moved"]) == (5, 3)
    assert probes["paraphrase"]["moved"] == probes["swap"]["moved"] == probes["repeat"]["moved"] == 0


def test_a_judge_that_looks_at_one_side_is_found() -> None:
    def one_sided(body: dict[str, Any]) -> dict[str, Any]:
        return completion("Score: 8" if "<reference>Yes</reference>" in _user(body) else "Score: 2")

    swap = _probed(one_sided)["swap"]
    # Where answer and reference are the same there is nothing to swap.
    assert (swap["moved"], swap["shift"], swap["distance"]) == (2, -4, 4)


def test_a_judge_that_throws_dice_is_found_by_asking_again() -> None:
    dice = itertools.cycle([0, 10, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0])
    assert _probed(lambda body: completion(f"Score: {next(dice)}"))["repeat"]["moved"] > 0


def test_nothing_to_probe_with() -> None:
    with pytest.raises(DataError, match="no sample has an answer"):
        probe_judge([sample_of("no tag")], STRICT, None, Store())


def test_the_command(tmp_path: Path) -> None:
    rows = [
        {
            "question": "A crate?",
            "expected_answer": "Yes",
            "id": f"s{i}",
            "model_output": f"<Answer>No {i}</Answer>",
        }
        for i in range(4)
    ]
    (tmp_path / "run.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with FaultyServer() as server:
        arguments = ["probe", str(tmp_path / "run.jsonl"), "--protocol", "qscore/strict", "--url", server.url]
        shown = CliRunner().invoke(app, [*arguments, "--limit", "3"])
        asked = len(server.bodies)
        again = CliRunner().invoke(app, [*arguments, "--limit", "3", "--json"])
        repeated = len(server.bodies) - asked
        plain = CliRunner().invoke(app, [*arguments, "--limit", "3", "--json", "--server", "plain"])
        assert VLLM_ONLY.isdisjoint(server.bodies[-1])
    assert shown.exit_code == again.exit_code == 0, shown.stderr
    assert "| swap | 3 | 0 | +0.00 | +0.00 |" in shown.stdout
    assert json.loads(again.stdout)["probes"]["repeat"]["n"] == 3
    assert json.loads(plain.stdout)["protocol"] == "qscore/strict@2+plain"
    # All but the repetition is remembered; another way of asking is another judge.
    assert (asked, repeated, len(server.bodies) - asked - repeated) == (15, 3, 15)
