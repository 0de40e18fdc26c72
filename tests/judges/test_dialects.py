"""Servers that are not vLLM: nothing is sent that only vLLM knows, and the name says how it was asked."""

from __future__ import annotations

from typing import Any

import pytest
from support.faulty_server import VLLM_ONLY, FaultyServer, completion
from support.judge_samples import sample_of

from judges import Client, JudgeError, load_protocol, score_records
from judges.defence import parse_json
from panoenv_tasks.items import DataError


def _json_server(body: dict[str, Any]) -> dict[str, Any]:
    assert body["response_format"]["json_schema"]["schema"]["properties"]["score"]["maximum"] == 10
    return completion('{"score": 8}')


def test_a_json_schema_takes_the_place_of_a_pattern() -> None:
    with FaultyServer(reply=_json_server, trial='{"answer": "K7"}') as server:
        protocol = load_protocol("qscore/strict", dialect="json")
        (verdict,) = score_records([sample_of("No")], protocol, Client(server.url))
        (body,) = server.bodies
    assert protocol.id == "qscore/strict@2+json"
    assert (verdict.score, verdict.expected) == (8, None)
    assert VLLM_ONLY.isdisjoint(body)
    assert body["messages"][1]["content"].endswith('Answer with the JSON object {"score": X}.')


def test_plain_replies_must_be_the_score_and_nothing_else() -> None:
    replies = iter(["Score: 8", "I would say Score: 8"])
    with FaultyServer(reply=lambda body: completion(next(replies)), trial="Paris") as server:
        protocol = load_protocol("pscore/strict", dialect="plain")
        records = [sample_of(f"No {i}", name=str(i)) for i in range(2)]
        verdicts = score_records(records, protocol, Client(server.url, in_flight=1))
        assert all(VLLM_ONLY.isdisjoint(body) for body in server.bodies)
    assert protocol.id == "pscore/strict@2+plain"
    assert [(v.status, v.score) for v in verdicts] == [("scored", 8), ("parse_error", None)]


def test_a_server_without_schemas_is_refused_with_the_way_on() -> None:
    with FaultyServer(trial="Paris") as server, pytest.raises(JudgeError, match=r"response_format.*--server"):
        score_records([sample_of("No")], load_protocol("qscore/strict", dialect="json"), Client(server.url))
    with FaultyServer(trial="Paris") as server, pytest.raises(JudgeError, match="--server json or plain"):
        score_records([sample_of("No")], load_protocol("qscore/strict"), Client(server.url))


def test_feedback_is_not_continued_elsewhere() -> None:
    with FaultyServer(reply=lambda body: completion("Feedback: fine.")) as server:
        protocol = load_protocol("prometheus/absolute", dialect="plain")
        (verdict,) = score_records([sample_of("No")], protocol, Client(server.url))
        assert len(server.bodies) == 1
    assert (verdict.status, verdict.score) == ("parse_error", None)


def test_where_it_makes_no_sense_it_is_refused() -> None:
    with pytest.raises(DataError, match="constrains no reply"):
        load_protocol("qscore/reference", dialect="json")
    with pytest.raises(DataError, match="asks no model"):
        load_protocol("rules", dialect="plain")


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ('{"score": 7}', 7),
        (' { "score" : 10 }\n', 10),
        ('{"score": 11}', None),
        ('{"score": 7.5}', None),
        ('{"score": "7"}', None),
        ('{"score": 7, "score": 9}', None),
        ('x {"score": 7}', None),
        ('{"score": ٣}', None),
    ],
)
def test_json_is_read_whole(reply: str, score: int | None) -> None:
    assert parse_json(reply) == score
