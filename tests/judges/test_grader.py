"""The in-run judge, from its settings to the harness's metrics; lmms-eval itself runs in the last test."""

from __future__ import annotations

import copy
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import FaultyServer, completion, fault, refusal
from support.harness import run
from support.judge_samples import sample_of

from judges.grader import grade
from panoenv_tasks.tasks.panoenv import judging
from panoenv_tasks.tasks.panoenv.metrics import pooled

SAMPLES = [
    sample_of("No", name="a"),
    sample_of("", name="b", error="out of memory"),
    sample_of("Yes", name="c"),
    sample_of(" ", name="d"),
]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("URL", "MODEL", "PROTOCOL", "Q_URL", "P_URL", "P_MODEL"):
        monkeypatch.delenv(f"PANOENV_JUDGE_{name}", raising=False)
    monkeypatch.setenv("PANOENV_JUDGE_STORE", str(tmp_path / "store.jsonl"))
    monkeypatch.setattr("judges.server._CONNECT_PATIENCE", 0.1)
    return tmp_path


def _by_answer(body: dict[str, Any]) -> dict[str, Any]:
    return completion("Score: 10" if "<answer>Yes<" in body["messages"][-1]["content"] else "Score: 1")


def _counted(verdicts: Any) -> dict[str, list[float | None]]:
    return {metric: [verdict["counted"] for verdict in given] for metric, given in verdicts.items()}


def test_both_scores_in_order_and_resumed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultyServer(reply=_by_answer) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        monkeypatch.setenv("PANOENV_JUDGE_P_URL", server.url)
        expected = {"q_score": [1, None, 10, 0], "p_score": [1, None, 10, 0]}
        assert _counted(grade(SAMPLES)) == expected
        assert len(server.bodies) == 4
        assert _counted(grade(SAMPLES)) == expected
        assert len(server.bodies) == 4
    said = capsys.readouterr().err
    assert "panoenv: q_score: 3 of 4 under qscore/strict@2 by fake@unstated/" in said
    assert "(first not: model_error, out of memory)" in said


def test_one_address_is_one_judge_and_does_not_pass_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer(reply=_by_answer) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        assert _counted(grade(SAMPLES)) == {"q_score": [1, None, 10, 0]}
        monkeypatch.setenv("PANOENV_JUDGE_P_MODEL", "fake")
        assert set(grade(SAMPLES)) == {"q_score", "p_score"}


def test_two_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer(models=("qwen",)) as q, FaultyServer(models=("prometheus",)) as p:
        monkeypatch.setenv("PANOENV_JUDGE_URL", q.url)
        monkeypatch.setenv("PANOENV_JUDGE_P_URL", p.url)
        verdicts = grade(SAMPLES)
    assert {body["model"] for body in q.bodies} == {"qwen"}
    assert {body["model"] for body in p.bodies} == {"prometheus"}
    assert {body["messages"][0]["role"] for body in p.bodies} == {"user"}
    assert verdicts["p_score"][0]["judge"].startswith("pscore/strict@2 by prometheus@unstated/")
    assert [verdict["status"] for verdict in verdicts["q_score"]] == [
        "scored",
        "model_error",
        "scored",
        "no_answer",
    ]


def test_an_outage_costs_the_judge_scores_and_one_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultyServer() as server:
        gone = server.url
    monkeypatch.setenv("PANOENV_JUDGE_URL", gone)
    monkeypatch.setenv("PANOENV_JUDGE_P_URL", gone)
    assert grade(SAMPLES) == {}
    assert [line.split(" (")[0] for line in capsys.readouterr().err.splitlines()] == [
        f"panoenv: no q_score in this run: no judge answers at {gone}",
        f"panoenv: no p_score in this run: no judge answers at {gone}",
    ]


def test_whatever_is_wrong_with_the_judge_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grade(SAMPLES) == {}
    with FaultyServer([refusal(401)] * 9, probe_status=401) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        assert grade(SAMPLES) == {}
        assert "did not answer a trial question" in capsys.readouterr().err
        monkeypatch.setenv("PANOENV_JUDGE_PROTOCOL", "vibes")
        assert grade(SAMPLES) == {}
        assert "unknown judge protocol 'qscore/vibes'" in capsys.readouterr().err
        monkeypatch.delenv("PANOENV_JUDGE_PROTOCOL")
        (settings / "file").write_text("")
        monkeypatch.setenv("PANOENV_JUDGE_STORE", str(settings / "file" / "store"))
        assert grade(SAMPLES) == {}
        assert "cannot open the verdict store" in capsys.readouterr().err


def test_lmms_eval_finds_it() -> None:
    (point,) = entry_points(group="panoenv.graders")
    assert point.load() is grade


def _records(*texts: str) -> list[dict[str, Any]]:
    names = "id environment frame question question_type category subcategory method answer text error"
    samples = [sample_of(text, name=f"n{i}", frame=f"P{i}") for i, text in enumerate(texts)]
    return [{name: getattr(sample, name) for name in names.split()} for sample in samples]


def test_a_metric_never_travels_bare(monkeypatch: pytest.MonkeyPatch) -> None:
    def reply(body: dict[str, Any]) -> dict[str, Any]:
        # Not by a script: the two questions arrive in any order.
        return completion("Score: 9" if "<answer>Yes<" in body["messages"][-1]["content"] else "no idea")

    with FaultyServer(reply=reply) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        records = _records("Yes", "No", " ")
        items = [judging.judge_items(record) for record in records]
        assert [set(item) for item in items] == [{"q_score", "q_coverage", "q_judge"}] * 3
        score, coverage, judge = (
            getattr(judging, name)([item[name] for item in items])
            for name in ("q_score", "q_coverage", "q_judge")
        )
        assert len(server.bodies) == 2
    # Nine and nothing at all; the reply that could not be read is missing.
    assert float(score) == 4.5
    assert float(coverage) == pytest.approx(2 / 3)
    assert judge.startswith("qscore/strict@2 by fake@unstated/")
    assert pooled([judge, judge], [3, 3], True) == judge
    logged = json.loads(json.dumps(items[0]))
    assert logged == {
        "q_score": {"score": 9.0, "environment": "Nowhere"},
        "q_coverage": {"score": 1.0, "environment": "Nowhere"},
        "q_judge": {"judge": judge},
    }
    assert records[1]["judged"]["q_score"]["status"] == "parse_error"


def test_items_of_another_process_are_judged_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer() as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        items = [judging.judge_items(record)["q_score"] for record in _records("Yes", "No")]
        gathered = copy.deepcopy(items)
        assert float(judging.q_score(gathered)) == 7


def test_what_several_processes_bring_is_judged_once_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness copies each metric's items, and the samples, apart: all are copies."""
    script = [fault(completion("no idea")), fault(completion("Score: 9"))]
    with FaultyServer(script) as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
        samples = [
            {"panoenv": record, **judging.judge_items(record)} for record in _records("Yes", "No", "No")
        ]
        names = ("q_score", "q_coverage", "q_judge")
        gathered = {name: copy.deepcopy([sample[name] for sample in samples]) for name in names}
        logged = copy.deepcopy(samples)
        with judging.judged_once() as said:
            values = {name: getattr(judging, name)(gathered[name]) for name in names}
            judging.complete(logged, said)
        # Asked again for the second metric, the unread answer would have got a score there.
        assert len(server.bodies) == 2
    unread = [sample["panoenv"]["judged"]["q_score"]["status"] == "parse_error" for sample in logged]
    assert 1 <= sum(unread) < 3
    assert float(values["q_coverage"]) == pytest.approx(1 - sum(unread) / 3)
    assert float(values["q_score"]) == 9
    for sample, failed in zip(logged, unread, strict=True):
        assert sample["q_score"] == ({} if failed else {"score": 9.0, "environment": "Nowhere"})
        assert sample["q_judge"] == {"judge": values["q_judge"]}
        assert "judged" not in samples[0]["panoenv"]


def test_a_judge_that_is_away_leaves_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultyServer() as server:
        monkeypatch.setenv("PANOENV_JUDGE_URL", server.url)
    items = [judging.judge_items(record) for record in _records("Yes", "No")]
    assert judging.q_score([item["q_score"] for item in items]) == "N/A"
    assert float(judging.q_coverage([item["q_coverage"] for item in items])) == 0
    assert judging.q_judge([item["q_judge"] for item in items]) == "N/A"


@pytest.mark.slow
def test_in_a_real_run_of_two_processes_scores_come_with_judge_and_coverage(tmp_path: Path) -> None:
    # One answer is not judged, in whatever process it was given; a second question about it would be.
    with FaultyServer([fault(completion("no idea"))], reply=_by_answer) as server:
        done = run(
            tmp_path / "run",
            *("--model", "panoenv_blind", "--tasks", "panoenv_mini_distance_noimage", "--limit", 6),
            *("--log_samples", "--output_path", tmp_path / "run"),
            env={"PANOENV_JUDGE_URL": server.url, "PANOENV_JUDGE_STORE": str(tmp_path / "store.jsonl")},
            entry="torchrun",
        )
        texts = [body["messages"][-1]["content"] for body in server.bodies]
        assert len(texts) == len(set(texts))
    assert done.code == 0, done.err
    (values,) = [v for v in done.results["results"].values() if "q_score,none" in v]
    assert 0 <= values["q_score,none"] <= 10
    assert values["q_judge,none"].startswith("qscore/strict@2 by fake@unstated/")
    assert "p_score,none" not in values
    rows = [row for rows in done.samples.values() for row in rows]
    verdicts = [row["panoenv"]["judged"]["q_score"] for row in rows]
    unjudged = [verdict["status"] for verdict in verdicts if verdict["counted"] is None]
    assert set(unjudged) == {"parse_error"}
    assert values["q_coverage,none"] == pytest.approx(1 - len(unjudged) / len(rows))
    for row, verdict in zip(rows, verdicts, strict=True):
        assert row["q_score"].get("score") == verdict["counted"]
        assert row["q_judge"] == {"judge": verdict["judge"]}
        assert json.dumps(row).count(json.dumps(row["panoenv"]["text"])) <= 4
