"""Several servers of one judge: the work is shared, one may die, and none may be another judge."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from support.faulty_server import Fault, FaultyServer, completion, fault, refusal
from support.judge_samples import sample_of
from typer.testing import CliRunner

import judges.client
from judges import Client, JudgeError, load_protocol, score_records
from judges.cli import app

STRICT = load_protocol("qscore/strict")
RECORDS = [sample_of(f"No {i}", name=str(i)) for i in range(60)]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges.client, "_FIRST_PAUSE", 0.002)


def _slow(seconds: float, count: int) -> list[Fault]:
    return [Fault(body=fault(completion()).body, delay=seconds)] * count


def test_the_less_loaded_server_gets_more() -> None:
    with FaultyServer(_slow(0.3, 60), root="r") as slow, FaultyServer(_slow(0.02, 60), root="r") as fast:
        verdicts = score_records(RECORDS, STRICT, Client(f"{slow.url},{fast.url}/v1", in_flight=2))
        assert {v.score for v in verdicts} == {7}
        assert len(slow.bodies) + len(fast.bodies) == 60
        assert 1 <= len(slow.bodies) < 20 < len(fast.bodies)


def test_each_server_is_asked_in_flight_questions_at_a_time() -> None:
    peaks: dict[int, int] = {}
    lock = threading.Lock()

    def counting(number: int) -> Any:
        now: list[int] = []

        def reply(body: dict[str, Any]) -> dict[str, Any]:
            with lock:
                now.append(1)
                peaks[number] = max(peaks.get(number, 0), len(now))
            threading.Event().wait(0.05)
            with lock:
                now.pop()
            return completion()

        return reply

    with (
        FaultyServer(root="r", reply=lambda body: replies[0](body)) as one,
        FaultyServer(root="r", reply=lambda body: replies[1](body)) as two,
    ):
        replies = [counting(0), counting(1)]
        score_records(RECORDS, STRICT, Client(f"{one.url},{two.url}", in_flight=3))
    # The fake answers under a lock of its own, so the peaks are a bound and not the figure itself.
    assert max(peaks.values()) <= 3


def test_a_server_that_dies_leaves_its_work_to_the_other() -> None:
    with (
        FaultyServer([fault(completion()), *[refusal(500)] * 500], root="r") as dying,
        FaultyServer(root="r") as well,
    ):
        dying.healthy = False
        verdicts = score_records(
            RECORDS, STRICT, Client(f"{dying.url},{well.url}", in_flight=4, patience=0.5)
        )
        assert {v.score for v in verdicts} == {7}
        assert len(dying.bodies) < 20


def test_when_all_are_down_for_good_the_run_ends() -> None:
    bad = [refusal(500)] * 500
    with FaultyServer(bad, healthy=False, root="r") as a, FaultyServer(bad, healthy=False, root="r") as b:
        verdicts = score_records(RECORDS, STRICT, Client(f"{a.url},{b.url}", in_flight=4, patience=0.3))
    assert {v.status for v in verdicts} == {"request_error"}
    assert any("has been down for 0 s" in v.reason for v in verdicts)


@pytest.mark.parametrize("other", [{"root": "/b"}, {"root": "/a", "answers_as": "x"}])
def test_two_models_are_a_jury_and_not_one_judge(other: dict[str, str]) -> None:
    with (
        FaultyServer(root="/a") as one,
        FaultyServer(**other) as two,  # type: ignore[arg-type]
        pytest.raises(JudgeError, match="several servers must be the same judge"),
    ):
        score_records(RECORDS, STRICT, Client(f"{one.url},{two.url}"))


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [
        ("http://127.0.0.1:1,", "'' is no judge address"),
        ("http://127.0.0.1:1 http://127.0.0.1:2", "is no judge address"),
        ("http://127.0.0.1:1;http://127.0.0.1:2", "is no judge address"),
        ("http://127.0.0.1:1,http://127.0.0.1:1/v1", "http://127.0.0.1:1 is given twice"),
        ("http://127.0.0.1:99999", "is no judge address"),
    ],
)
def test_addresses_given_badly(addresses: str, problem: str) -> None:
    with pytest.raises(JudgeError, match=problem):
        score_records(RECORDS, STRICT, Client(addresses))


def test_repeated_options_are_several_servers(tmp_path: Any) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(
        "".join(
            f'{{"question": "A crate?", "expected_answer": "Yes", "id": "s{i}", "model_output": "No {i}"}}\n'
            for i in range(12)
        ),
        encoding="utf-8",
    )
    with FaultyServer(_slow(0.05, 12), root="r") as one, FaultyServer(_slow(0.05, 12), root="r") as two:
        arguments = ["score", str(path), "--protocol", "qscore/strict", "--url", one.url, "--url", two.url]
        result = CliRunner().invoke(app, [*arguments, "--in-flight", "2"])
        assert result.exit_code == 0, result.stderr
        assert len(one.bodies) + len(two.bodies) == 12
        assert min(len(one.bodies), len(two.bodies)) > 0
