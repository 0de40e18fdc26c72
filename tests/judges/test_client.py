"""The client against a server that misbehaves; well-behaved replies are tested on real vLLM."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from support.faulty_server import Fault, FaultyServer, completion, fault, refusal
from support.judge_samples import sample_of

import judges.client
from judges import Client, JudgeError, load_protocol, score_records
from judges.client import ATTEMPTS, OutageError
from judges.protocol import ModelProtocol
from judges.wire import Reply, Request, SampleError

STRICT = load_protocol("qscore/strict@2")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges.client, "_FIRST_PAUSE", 0.002)


def _request() -> Request:
    assert isinstance(STRICT, ModelProtocol)
    return Request(STRICT.build(sample_of(""), "No"), STRICT.sampling, STRICT.pattern)


def _ask(server: FaultyServer, **settings: Any) -> tuple[Reply, int]:
    async def once() -> tuple[Reply, int]:
        async with Client(server.url, **settings).session(constrained=True) as session:
            return await session.ask(_request())

    return asyncio.run(once())


PASSING = [
    Fault(body="<html><body>Sign in to continue</body></html>", kind="text/html"),
    fault("not json at all"),
    fault({"detail": "an object of another kind"}),
    fault([1, 2]),
    fault({**completion(), "choices": []}),
    fault({**completion(), "choices": None}),
    fault({**completion(), "choices": 3}),
    fault({**completion(), "choices": ["Score: 7"]}),
    fault({**completion(), "choices": [{"message": {"role": "assistant"}}]}),
    fault(completion(content=None)),
    fault(completion("Sc", finish_reason="abort")),
    Fault(status=0),
    *map(refusal, (408, 429, 500, 502, 503, 529)),
]
LASTING = [
    (refusal(400, "This model's maximum context length is 2048 tokens"), "too_long"),
    (refusal(400, "bad regex"), "request_error"),
    (refusal(422), "request_error"),
]


def test_what_may_pass_is_tried_again() -> None:
    async def attempts(server: FaultyServer) -> list[tuple[str, int]]:
        found = []
        async with Client(server.url).session(constrained=True) as session:
            for bad in PASSING:
                server.script[:] = [bad, bad]
                reply, attempts = await session.ask(_request())
                found.append((reply.text, attempts))
        return found

    with FaultyServer() as server:
        found = asyncio.run(attempts(server))
    wrong = {str(bad): got for bad, got in zip(PASSING, found, strict=True) if got != ("Score: 7", 3)}
    assert not wrong


def test_what_stays_is_not_tried_again() -> None:
    async def statuses(server: FaultyServer) -> list[str]:
        found = []
        async with Client(server.url).session(constrained=True) as session:
            for bad, _ in LASTING:
                server.script[:] = [bad]
                with pytest.raises(SampleError) as caught:
                    await session.ask(_request())
                found.append(caught.value.status)
        return found

    with FaultyServer() as server:
        assert asyncio.run(statuses(server)) == [status for _, status in LASTING]
        assert len(server.bodies) == len(LASTING)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_wrong_key_or_model_stops_the_run(status: int) -> None:
    server = FaultyServer([fault(completion()), *[refusal(status)] * 9])

    def revoke(_: Any, __: int) -> None:
        server.probe_status = status

    with server, pytest.raises(JudgeError, match="refuses"):
        score_records(
            [sample_of(f"No {i}", name=str(i)) for i in range(9)],
            STRICT,
            Client(server.url, in_flight=1),
            None,
            revoke,
        )
    assert len(server.bodies) == 2


def test_attempts_are_bounded() -> None:
    gave_up = pytest.raises(SampleError, match=f"Error code: 500.*{ATTEMPTS} attempts")
    with FaultyServer([refusal(500)] * 50) as server, gave_up:
        _ask(server)
    assert len(server.bodies) == ATTEMPTS


def test_retry_after_is_obeyed() -> None:
    with FaultyServer([refusal(429, retry_after="1")]) as server:
        started = time.monotonic()
        _ask(server)
    assert time.monotonic() - started >= 1


def test_a_retry_after_beyond_the_deadline_ends_it_at_once() -> None:
    with FaultyServer([refusal(429, retry_after="86400")]) as server:
        started = time.monotonic()
        with pytest.raises(SampleError, match="Error code: 429"):
            _ask(server, deadline=60.0)
    assert time.monotonic() - started < 5


def test_a_retry_after_that_is_no_number_is_ignored() -> None:
    after = ["inf", "nan", "-5", "Wed, 21 Oct 2026 07:28:00 GMT"]
    with FaultyServer([refusal(429, retry_after=value) for value in after]) as server:
        assert _ask(server)[1] == len(after) + 1


def test_a_deadline_covers_a_reply_that_never_comes() -> None:
    with FaultyServer([Fault(delay=30)]) as server:
        started = time.monotonic()
        with pytest.raises(SampleError, match="no reply within 1 s"):
            _ask(server, deadline=1.0)
    assert time.monotonic() - started < 5


def test_every_sampling_value_is_sent() -> None:
    with FaultyServer() as server:
        _ask(server)
    (body,) = server.bodies
    sent = {k: v for k, v in body.items() if k not in ("messages", "model")}
    assert sent == {
        "max_tokens": 16,
        "temperature": 0.0,
        "top_p": 1.0,
        "top_k": -1,
        "min_p": 0.0,
        "repetition_penalty": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "seed": 0,
        "n": 1,
        "logprobs": True,
        "top_logprobs": 20,
        "structured_outputs": {"regex": "Score: (10|[0-9])"},
        "chat_template_kwargs": {"enable_thinking": False},
    }


def test_a_server_that_ignores_patterns_is_refused() -> None:
    with FaultyServer(obeys_patterns=False) as server, pytest.raises(JudgeError, match="structured_outputs"):
        _ask(server)
    assert server.bodies == []


def test_a_server_that_is_down_from_the_start_is_an_error_of_its_own() -> None:
    with (
        FaultyServer(probe_status=500, healthy=False) as server,
        pytest.raises(JudgeError, match="did not answer a trial question"),
    ):
        _ask(server, patience=0.2)


def test_discovery() -> None:
    with FaultyServer(models=("a", "b")) as server:
        with pytest.raises(JudgeError, match="serves a, b; say which"):
            _ask(server)
        with pytest.raises(JudgeError, match="does not serve 'c'"):
            _ask(server, model="c")
        _ask(server, model="b")
        assert server.bodies[-1]["model"] == "b"
    with FaultyServer(models=()) as server, pytest.raises(JudgeError, match="lists no model"):
        _ask(server)


@pytest.mark.parametrize("address", ["", "127.0.0.1:80", "ftp://x", "http://"])
def test_no_address(address: str) -> None:
    with pytest.raises(JudgeError, match="is no judge address"):
        score_records([sample_of("No")], STRICT, Client(address))


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("judges.server._CONNECT_PATIENCE", 0.2)
    with FaultyServer() as server:
        gone = server.url
    with pytest.raises(JudgeError, match="no judge answers"):
        score_records([sample_of("No")], STRICT, Client(gone))


def test_in_flight_is_bounded() -> None:
    with FaultyServer([Fault(status=200, body=fault(completion()).body, delay=0.05)] * 40) as server:
        peak, now = 0, 0
        original = judges.server.send

        async def counted(*arguments: Any) -> Reply:
            nonlocal peak, now
            now += 1
            peak = max(peak, now)
            try:
                return await original(*arguments)
            finally:
                now -= 1

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(judges.server, "send", counted)
            records = [sample_of(f"No {i}", name=str(i)) for i in range(24)]
            score_records(records, STRICT, Client(server.url, in_flight=4))
    assert peak == 4


def test_an_outage_is_waited_out() -> None:
    with FaultyServer([refusal(500)] * 8, healthy=False) as server:

        async def run() -> list[int]:
            async with Client(server.url).session(constrained=True) as session:
                asking = [asyncio.create_task(session.ask(_request())) for _ in range(8)]
                await asyncio.sleep(0.6)
                asked_while_down = len(server.bodies)
                await asyncio.sleep(0.3)
                assert len(server.bodies) == asked_while_down
                server.healthy = True
                return [attempts for _, attempts in await asyncio.gather(*asking)]

        # Some had tried again before the fifth failure in a row stopped them all.
        assert max(asyncio.run(run())) <= 3
    assert len(server.bodies) == 16


def test_failures_that_do_not_follow_each_other_are_no_outage() -> None:
    flaky = [bad for _ in range(10) for bad in (refusal(500), fault(completion()))]
    with FaultyServer(flaky, healthy=False) as server:
        records = [sample_of(f"No {i}", name=str(i)) for i in range(10)]
        verdicts = score_records(records, STRICT, Client(server.url, in_flight=1, patience=0.1))
    assert {(v.score, v.attempts) for v in verdicts} == {(7, 2)}


def test_an_outage_that_lasts_ends_the_run_and_loses_nothing() -> None:
    good = [fault(completion())] * 5
    with FaultyServer([*good, *[refusal(500)] * 100], healthy=False) as server:
        records = [sample_of(f"No {i}", name=str(i)) for i in range(40)]
        verdicts = score_records(records, STRICT, Client(server.url, in_flight=1, patience=0.3))
    assert [v.score for v in verdicts].count(7) == 5
    lost = [v for v in verdicts if v.score is None]
    assert {v.status for v in lost} == {"request_error"}
    assert {v.reason for v in lost} == {f"the judge server at {server.url} has been down for 0 s"}
    assert len(server.bodies) < 15


def test_outage_error_reaches_everybody() -> None:
    with FaultyServer([refusal(500)] * 100, healthy=False) as server:

        async def run() -> list[BaseException | tuple[Reply, int]]:
            async with Client(server.url, patience=0.2).session(constrained=False) as session:
                request = _request()
                return await asyncio.gather(*(session.ask(request) for _ in range(8)), return_exceptions=True)

        found = asyncio.run(run())
    assert {type(f) for f in found} <= {OutageError, SampleError}
    assert OutageError in {type(f) for f in found}


@pytest.mark.parametrize("logprob", ["Infinity", "-Infinity", "NaN", "1e308", "800", '"x"', "null"])
def test_a_log_probability_that_is_none_costs_the_expected_score_only(logprob: str) -> None:
    token = '{"token": "7", "logprob": 0, "bytes": null, "top_logprobs": [{"token": "7", "logprob": %s}]}'
    body = fault(completion()).body.replace(
        '"finish_reason"', '"logprobs": {"content": [%s]}, "finish_reason"' % (token % logprob)
    )
    with FaultyServer([Fault(body=body)]) as server:
        (verdict,) = score_records([sample_of("No")], STRICT, Client(server.url))
    assert (verdict.score, verdict.expected, verdict.attempts) == (7, None, 1)
