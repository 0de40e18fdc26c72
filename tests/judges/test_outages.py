"""A judge that is swapped, storms, drips, refuses or dies in the middle of a run: fakes of those faults."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import Fault, FaultyServer, completion, fault, refusal
from support.judge_samples import sample_of

import judges.client
from judges import Client, JudgeError, Store, load_protocol, score_records

STRICT = load_protocol("qscore/strict@2")
RECORDS = [sample_of(f"No {i}", name=str(i)) for i in range(30)]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges.client, "_FIRST_PAUSE", 0.002)


def _after(count: int, happen: Any) -> Any:
    """A reply function that lets something happen before its ``count``-th reply."""
    seen = []

    def reply(body: dict[str, Any]) -> dict[str, Any]:
        seen.append(body)
        if len(seen) == count:
            happen()
        return completion()

    return reply


def _stored(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def test_another_model_behind_the_name_after_a_broken_connection_ends_the_run(tmp_path: Path) -> None:
    server = FaultyServer(root="/models/seven")

    def swap() -> None:
        server.root = "/models/other"
        server.script.append(Fault(status=0))

    server.reply = _after(10, swap)
    path = tmp_path / "store.jsonl"
    with (
        server,
        Store(path) as store,
        pytest.raises(JudgeError, match=r"another model.*'/models/other'.*'/models/seven'"),
    ):
        score_records(RECORDS, STRICT, Client(server.url, in_flight=1), store)
    assert _stored(path) == 10


def test_another_model_that_comes_with_no_failure_at_all_is_noticed_by_its_connection(tmp_path: Path) -> None:
    server = FaultyServer(root="/models/seven", keeps_connections=False)
    server.reply = _after(10, lambda: setattr(server, "root", "/models/other"))
    path = tmp_path / "store.jsonl"
    with server, Store(path) as store, pytest.raises(JudgeError, match="another model"):
        score_records(RECORDS, STRICT, Client(server.url, in_flight=1), store)
    assert _stored(path) == 9


def test_a_reply_that_names_another_model_is_not_taken(tmp_path: Path) -> None:
    server = FaultyServer()
    server.reply = _after(5, lambda: setattr(server, "answers_as", "cheaper"))
    path = tmp_path / "store.jsonl"
    with server, Store(path) as store, pytest.raises(JudgeError, match=r"answers as 'cheaper'.*'fake'"):
        score_records(RECORDS, STRICT, Client(server.url, in_flight=1), store)
    assert _stored(path) == 4


def test_a_server_that_forgets_patterns_after_an_outage_is_noticed(tmp_path: Path) -> None:
    server = FaultyServer()

    def restart_older() -> None:
        server.obeys_patterns = False
        server.script.append(refusal(502))

    server.reply = _after(5, restart_older)
    with server, pytest.raises(JudgeError, match="structured_outputs"):
        score_records(RECORDS, STRICT, Client(server.url, in_flight=1))


def test_a_steady_server_is_not_asked_who_it_is_all_the_time() -> None:
    with FaultyServer() as server:
        score_records(RECORDS, STRICT, Client(server.url, in_flight=4))
        assert server.trials <= 5


def test_one_text_that_a_proxy_refuses_is_that_samples_failure() -> None:
    def guard(body: dict[str, Any]) -> dict[str, Any]:
        return completion()

    with FaultyServer([refusal(403, "blocked by policy")], reply=guard) as server:
        verdicts = score_records(RECORDS, STRICT, Client(server.url, in_flight=1))
    assert [v.status for v in verdicts] == ["request_error", *["scored"] * 29]
    assert "blocked by policy" in verdicts[0].reason


def test_a_key_that_is_revoked_on_the_way_ends_the_run() -> None:
    server = FaultyServer()

    def revoke() -> None:
        server.probe_status = 401
        server.script.extend([refusal(401)] * 60)

    server.reply = _after(3, revoke)
    with server, pytest.raises(JudgeError, match="refuses"):
        score_records(RECORDS, STRICT, Client(server.url, in_flight=2))
    assert len(server.bodies) <= 8


def test_replies_in_flight_are_kept_when_the_run_has_to_end(tmp_path: Path) -> None:
    good = fault(completion())
    slow = Fault(body=good.body, delay=1.5)
    refused = Fault(401, refusal(401).body, delay=1.0)
    path = tmp_path / "store.jsonl"
    with FaultyServer([good, good, good, good, slow, slow, slow, refused]) as server, Store(path) as store:
        threading.Timer(0.8, lambda: setattr(server, "probe_status", 401)).start()
        with pytest.raises(JudgeError, match="refuses"):
            score_records(RECORDS, STRICT, Client(server.url, in_flight=4), store)
    assert len(server.bodies) == 8
    assert path.read_text("utf-8").count('"status": "scored"') == 7


def test_the_deadline_covers_a_reply_that_drips() -> None:
    dripping = Fault(body=fault(completion()).body, drip=0.1)
    with FaultyServer([dripping]) as server:
        started = time.monotonic()
        (verdict,) = score_records(RECORDS[:1], STRICT, Client(server.url, deadline=1.0))
    assert time.monotonic() - started < 5
    assert (verdict.status, verdict.reason.split(" (")[0]) == ("request_error", "no reply within 1 s")


def test_a_storm_from_a_gateway_without_health_is_waited_out() -> None:
    with FaultyServer([refusal(429)] * 120, health_status=404) as server:
        verdicts = score_records(RECORDS, STRICT, Client(server.url, in_flight=8, patience=1.0))
    assert {v.status for v in verdicts} == {"scored"}


def test_a_gateway_without_health_that_was_down_is_found_well_again() -> None:
    with FaultyServer([refusal(502)] * 12, health_status=404) as server:
        verdicts = score_records(RECORDS, STRICT, Client(server.url, in_flight=8, patience=2.0))
    assert {v.status for v in verdicts} == {"scored"}


def test_an_outage_is_said_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with FaultyServer([refusal(500)] * 6, healthy=False) as server:
        threading.Timer(0.8, lambda: setattr(server, "healthy", True)).start()
        verdicts = score_records(RECORDS, STRICT, Client(server.url, in_flight=8, patience=20.0))
    assert {v.status for v in verdicts} == {"scored"}
    said = [record.message for record in caplog.records]
    assert any("is down (" in line and "waiting up to 20 s" in line for line in said)
    assert any("is back after" in line for line in said)


def test_a_reply_of_fifty_megabytes_is_not_read() -> None:
    huge = fault({**completion(), "padding": "x" * 50_000_000})
    with FaultyServer([huge]) as server:
        (verdict,) = score_records(RECORDS[:1], STRICT, Client(server.url))
    assert (verdict.score, verdict.attempts) == (7, 2)


def test_a_proxy_for_the_world_is_not_asked_about_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with FaultyServer() as server:
        (verdict,) = score_records(RECORDS[:1], STRICT, Client(server.url))
    assert verdict.score == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_what_is_in_flight_and_says_how_to_go_on(tmp_path: Path, number: int) -> None:
    rows = "".join(
        f'{{"question": "A crate?", "expected_answer": "Yes", "id": "s{i}", "model_output": "No {i}"}}\n'
        for i in range(40)
    )
    (tmp_path / "run.jsonl").write_text(rows, encoding="utf-8")
    slow = Fault(body=fault(completion()).body, delay=0.7)
    with FaultyServer([slow] * 200) as server:
        command = [sys.executable, "-m", "panoenv_tasks", "judge", "score", str(tmp_path / "run.jsonl")]
        command += ["--protocol", "qscore/strict@2", "--url", server.url, "--in-flight", "4"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})
        while len(server.bodies) < 6:
            time.sleep(0.02)
        process.send_signal(number)
        errors = process.communicate(timeout=60)[1]
        asked = len(server.bodies)
    assert process.returncode == 130
    assert "run again to go on" in errors
    assert asked < 20
    assert _stored(tmp_path / "run.judged" / "store.jsonl") == asked
