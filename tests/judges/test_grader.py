from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import FaultyServer, completion, refusal
from support.judge_samples import sample_of

from judges.grader import grade

SAMPLES = [
    sample_of("No", name="a"),
    sample_of("", name="b", error="out of memory"),
    sample_of("Yes", name="c"),
]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("URL", "MODEL", "PROTOCOL", "Q_URL", "P_URL"):
        monkeypatch.delenv(f"PANOENV_JUDGE_{name}", raising=False)
    monkeypatch.setenv("PANOENV_JUDGE_STORE", str(tmp_path / "store.jsonl"))
    monkeypatch.setattr("judges.discovery._CONNECT_PATIENCE", 0.1)
    return tmp_path


def _by_answer(body: dict[str, Any]) -> dict[str, Any]:
    return completion("Score: 10" if "<answer>Yes<" in body["messages"][-1]["content"] else "Score: 1")


def test_both_scores_in_order_and_resumed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultyServer(reply=_by_answer) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        expected = {"q_score": [1, None, 10], "p_score": [1, None, 10]}
        assert grade(SAMPLES) == expected
        assert len(server.bodies) == 4
        assert grade(SAMPLES) == expected
        assert len(server.bodies) == 4
    said = capsys.readouterr().err
    assert "panoenv: q_score: 2 of 3 scored by fake@unstated/" in said
    assert "(first not: model_error, out of memory)" in said


def test_two_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer(models=("qwen",)) as q, FaultyServer(models=("prometheus",)) as p:
        monkeypatch.setenv("PANOENV_JUDGE_URL", q.url)
        monkeypatch.setenv("PANOENV_JUDGE_P_URL", p.url)
        grade(SAMPLES)
    assert {body["model"] for body in q.bodies} == {"qwen"}
    assert {body["model"] for body in p.bodies} == {"prometheus"}
    assert {body["messages"][0]["role"] for body in p.bodies} == {"user"}


def test_an_outage_costs_the_judge_scores_and_one_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultyServer() as server:
        gone = server.url
    monkeypatch.setenv("PANOENV_JUDGE_URL", gone)
    assert grade(SAMPLES) == {"q_score": [None] * 3, "p_score": [None] * 3}
    assert [line.split(" (")[0] for line in capsys.readouterr().err.splitlines()] == [
        f"panoenv: no q_score in this run: no judge answers at {gone}",
        f"panoenv: no p_score in this run: no judge answers at {gone}",
    ]


def test_whatever_is_wrong_with_the_judge_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"q_score": [None] * 3, "p_score": [None] * 3}
    assert grade(SAMPLES) == nothing
    assert "PANOENV_JUDGE_URL is not set" in capsys.readouterr().err
    with FaultyServer([refusal(401)] * 9, probe_status=401) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        assert grade(SAMPLES) == nothing
        assert "did not answer a trial question" in capsys.readouterr().err
        monkeypatch.setenv("PANOENV_JUDGE_PROTOCOL", "vibes")
        assert grade(SAMPLES) == nothing
        assert "unknown judge protocol 'qscore/vibes'" in capsys.readouterr().err
        monkeypatch.delenv("PANOENV_JUDGE_PROTOCOL")
        (settings / "file").write_text("")
        monkeypatch.setenv("PANOENV_JUDGE_STORE", str(settings / "file" / "store"))
        assert grade(SAMPLES) == nothing
        assert "cannot open the verdict store" in capsys.readouterr().err


def test_lmms_eval_finds_it() -> None:
    (point,) = entry_points(group="panoenv.graders")
    assert point.load() is grade
