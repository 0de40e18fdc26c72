"""The reader: what it may reply, what it is told, and what is made of its readings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import VLLM_ONLY, FaultyServer, completion, fault
from support.judge_samples import sample_of
from support.shared import shared_file
from typer.testing import CliRunner

from judges import Client, Store
from judges.cli import app
from judges.defence import what_is_said
from judges.protocol import Dialect
from judges.reading import (
    possible_replies,
    read_samples_with,
    reading_protocol_id,
    reading_totals,
    score_again,
)
from judges.records import JudgedSample, read_verdicts
from panoenv_tasks.items import DataError
from panoenv_tasks.records import Sample, read_samples
from panoenv_tasks.scoring import VERSIONS

BOX = "(boundingbox: [10, 20, 30, 40])"
CLOSER = f"Is the crate {BOX} closer to the viewer than the barrel {BOX}?"
FAR = f"How far is the crate {BOX} from the viewer?"
PLACE = f"Describe the 3D position of the soap {BOX} with respect to the drawer {BOX}."
WHICH = f"Which object has a more elongated or stick-like shape, the fence {BOX} or flag B {BOX}?"
#: No rules read these as an answer, and a person would.
UNCLEAR = "<Answer>Much as the captain would have it</Answer>"


def _sample(method: str, question: str, gold: str, text: str = UNCLEAR, name: str = "one") -> Sample:
    return sample_of(text, gold, method=method, question=question, name=name)


@pytest.mark.parametrize(
    ("method", "question", "fits", "does_not"),
    [
        ("yes_no", CLOSER, ["Yes", "No", "nothing"], ["yes", "Yes.", "", "Maybe"]),
        (
            "distance",
            FAR,
            ["3 meters", "12.25 feet", "nothing"],
            ["3", "3 meters away", "-3 meters", "2 miles"],
        ),
        ("counting", "How many?", ["0", "12", "nothing"], ["2.5", "two", "123"]),
        ("mcq", WHICH, ["The fence", "Flag B", "nothing"], ["Flag A", "The", "fence"]),
        (
            "spatial",
            PLACE,
            [
                "above",
                "in front of and below",
                "behind and to the left of and above",
                "at a similar position to",
            ],
            ["above and below", "below and behind", "left", ""],
        ),
    ],
)
def test_what_may_be_replied(method: str, question: str, fits: list[str], does_not: list[str]) -> None:
    replies = possible_replies(_sample(method, question, "Yes"))
    assert replies is not None
    assert all(re.fullmatch(replies.pattern, reply) for reply in fits)
    assert not any(re.fullmatch(replies.pattern, reply) for reply in does_not)


def test_a_question_without_known_options_is_not_put_to_a_reader() -> None:
    sample = _sample("mcq", "What is it?", "The crate", "neither this nor that")
    assert possible_replies(sample) is None
    with FaultyServer() as server:
        (verdict,) = read_samples_with([sample], Client(server.url))
    assert server.bodies == []
    assert (verdict.score, verdict.flags) == (0, ("by_rules",))


def test_every_released_answer_can_be_replied_and_is_then_right(tmp_path: Path) -> None:
    """What a reader may say covers every gold answer, and the rules give a reading of it full value."""
    source = shared_file("panoenv_val.jsonl")
    lines = source.read_text("utf-8").splitlines()
    ships = ["q" + "".join("bcdfghjklm"[int(digit)] for digit in str(i)) for i in range(len(lines))]
    rows = [
        {**json.loads(line), "id": ship, "model_output": UNCLEAR.replace("captain", ship)}
        for line, ship in zip(lines, ships, strict=True)
    ]
    (tmp_path / "val.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    samples = list(read_samples(tmp_path / "val.jsonl"))
    unasked = [sample.id for sample in samples if possible_replies(sample) is None]
    assert unasked == []

    def gold_of(body: dict[str, Any]) -> dict[str, Any]:
        answer = body["messages"][1]["content"].split("<answer>")[1].split("</answer>")[0]
        return completion(readings[answer.split()[3]])

    readings = {sample.id: _as_reply(sample) for sample in samples}
    with FaultyServer(reply=gold_of) as server:
        verdicts = read_samples_with(samples, Client(server.url))
    wrong = [
        (s.question, s.answer, v.raw, v.status, v.score)
        for s, v in zip(samples, verdicts, strict=True)
        if v.score != 1
    ]
    assert wrong == []


def _as_reply(sample: Sample) -> str:
    if sample.method == "distance":
        return sample.answer.removeprefix("About ")
    if sample.method == "counting":
        return sample.answer.split()[0]
    one = "in front of|behind|to the left of|to the right of|above|below"
    relation = re.search(rf"at a similar position to|(?:{one})(?: and (?:{one}))*", sample.answer)
    if sample.method in ("spatial", "default") and relation:
        return relation[0]
    return sample.answer


def test_only_what_the_rules_cannot_read_is_asked_and_readings_are_scored_by_the_rules(
    tmp_path: Path,
) -> None:
    samples = [
        _sample("yes_no", CLOSER, "Yes", "<Answer>Yes</Answer>", "plain"),
        _sample("yes_no", CLOSER, "Yes", "<Answer>No</Answer>", "wrong"),
        _sample("yes_no", CLOSER, "Yes", UNCLEAR, "read"),
        _sample("distance", FAR, "About 4.0 meters", "<Answer>a stone's throw away</Answer>", "near"),
        _sample("yes_no", CLOSER, "Yes", "<Answer>Yes and then again no idea</Answer>", "hedge"),
        replace(_sample("yes_no", CLOSER, "Yes", "", "failed"), error="out of memory"),
    ]

    def reader(body: dict[str, Any]) -> dict[str, Any]:
        text = body["messages"][1]["content"]
        return completion("Yes" if "captain" in text else "4.6 meters" if "stone" in text else "nothing")

    with FaultyServer(reply=reader) as server, Store(tmp_path / "store.jsonl") as store:
        verdicts = read_samples_with(samples, Client(server.url), store)
        asked = [body["messages"][1]["content"] for body in server.bodies]
        again = read_samples_with(samples, Client(server.url), store)
        assert len(server.bodies) == len(asked)
    by_name = {s.id: v for s, v in zip(samples, verdicts, strict=True)}
    assert (by_name["plain"].score, by_name["plain"].flags) == (1, ("by_rules",))
    assert (by_name["wrong"].score, by_name["wrong"].flags) == (0, ("by_rules",))
    assert (by_name["read"].score, by_name["read"].flags, by_name["read"].raw) == (1, ("read",), "Yes")
    assert (by_name["near"].score, by_name["near"].flags) == (0.5, ("read",))
    assert by_name["hedge"].score == 0
    assert (by_name["failed"].status, by_name["failed"].score) == ("model_error", None)
    assert all("<Answer>" not in text for text in asked)
    assert [v.score for v in again] == [v.score for v in verdicts]


@pytest.mark.parametrize(
    "text",
    ["<Answer>Yes or No</Answer>", "<Answer></Answer>", "", "The answer is Yes.", "<Answer>Yes</Answer>"],
)
def test_what_the_rules_decide_is_never_asked(text: str) -> None:
    with FaultyServer(reply=lambda body: completion("Yes")) as server:
        (verdict,) = read_samples_with([_sample("yes_no", CLOSER, "Yes", text)], Client(server.url))
    assert server.bodies == []
    assert verdict.flags == ("by_rules",)


def test_the_gold_answer_never_reaches_the_reader() -> None:
    with FaultyServer(reply=lambda body: completion("4 meters")) as server:
        right, wrong = (
            _sample("distance", FAR, gold, "<Answer>a stone's throw away</Answer>", gold)
            for gold in ("About 4.0 meters", "77 meters")
        )
        verdicts = read_samples_with([right, wrong], Client(server.url))
        (body,) = server.bodies
    assert [v.score for v in verdicts] == [1, 0]
    assert "77" not in json.dumps(body)
    assert "expected" not in json.dumps(body)


@pytest.mark.parametrize(("dialect", "reply"), [("json", '{"reply": "Yes"}'), ("plain", "Yes\n")])
def test_a_reader_that_is_no_vllm(dialect: Dialect, reply: str, tmp_path: Path) -> None:
    samples = [
        _sample("yes_no", CLOSER, "Yes", UNCLEAR, "read"),
        _sample("distance", FAR, "About 4.0 meters", "<Answer>a stone's throw away</Answer>", "far"),
    ]
    trial = '{"answer": "K7"}' if dialect == "json" else "Paris,\nof course"
    with FaultyServer(reply=lambda body: completion(reply), trial=trial) as server:
        first, second = read_samples_with(samples, Client(server.url), dialect=dialect)
        bodies = sorted(server.bodies, key=lambda body: "stone" in json.dumps(body))
    assert (first.status, first.score, first.raw) == ("scored", 1, reply)
    assert second.status == "parse_error", "Yes is no distance"
    assert all(VLLM_ONLY.isdisjoint(body) for body in bodies)
    asked = bodies[0]["messages"][1]["content"]
    if dialect == "json":
        schemas = [body["response_format"]["json_schema"]["schema"]["properties"]["reply"] for body in bodies]
        assert schemas[0]["enum"] == ["Yes", "No", "nothing"]
        assert re.search(schemas[1]["pattern"], "3.5 meters")
        assert not re.search(schemas[1]["pattern"], "about 3.5 meters")
        assert asked.endswith('Answer with the JSON object {"reply": "..."}.')
    else:
        assert all("response_format" not in body for body in bodies)
    assert reading_protocol_id(dialect) == f"{reading_protocol_id()}+{dialect}"
    assert score_again(samples[0], first) == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Yes", "Yes"),
        (' {"reply": "a crate"} ', "a crate"),
        ('{"reply": 3}', '{"reply": 3}'),
        ('{"reply": "Yes", "because": "x"}', '{"reply": "Yes", "because": "x"}'),
        ('{"reply": "Yes"', '{"reply": "Yes"'),
        ('{"a":' * 9000, '{"a":' * 9000),
        ('["reply"]', '["reply"]'),
    ],
)
def test_what_a_reply_says(reply: str, said: str) -> None:
    assert what_is_said(reply) == said


def test_a_reply_that_is_none_of_the_possible_ones_is_missing() -> None:
    with FaultyServer([fault(completion("Well, Yes")), fault(completion("Yes", "length"))]) as server:
        samples = [
            _sample("yes_no", CLOSER, "Yes", UNCLEAR.replace("captain", str(i)), str(i)) for i in range(2)
        ]
        verdicts = read_samples_with(samples, Client(server.url, in_flight=1))
    assert [(v.status, v.score) for v in verdicts] == [("parse_error", None), ("truncated", None)]
    cell = reading_totals([JudgedSample("x", s, v) for s, v in zip(samples, verdicts, strict=True)])["total"]
    assert (cell["asked"], cell["missing"], cell["coverage"], cell["acc_read"]) == (2, 2, 0, None)


def test_the_command(tmp_path: Path) -> None:
    rows = [
        {"question": CLOSER, "expected_answer": "Yes", "accu_reward_method": "yes_no", "id": f"s{i}"}
        | {"question_type": "true_false", "image": f"E/P{i}/rgb.png", "model_output": text}
        for i, text in enumerate(["<Answer>Yes</Answer>", UNCLEAR, "<Answer>No</Answer>"])
    ]
    path = tmp_path / "run.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with FaultyServer(reply=lambda body: completion("Yes")) as server:
        result = CliRunner().invoke(app, ["read", str(path), "--url", server.url, "--json"])
        table = CliRunner().invoke(app, ["read", str(path), "--url", server.url])
        assert len(server.bodies) == 1
    assert result.exit_code == 0, result.stderr
    cell = json.loads(result.stdout)["total"]
    assert (cell["n"], cell["by_rules"], cell["asked"], cell["committed"], cell["missing"]) == (3, 2, 1, 1, 0)
    assert (cell["acc_rules"], cell["acc_read"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert "| total | 3 | 1 | 1 | 0 | 0 | 33.3 | 66.7 | - |" in table.stdout
    name = f"reader_1+{VERSIONS['strict'].replace('@', '_')}"
    written = read_verdicts(tmp_path / "run.judged" / f"{name}.verdicts.jsonl")
    assert (
        {entry.protocol for entry in written} == {reading_protocol_id()} == {f"reader@1+{VERSIONS['strict']}"}
    )
    assert [entry.verdict.flags for entry in written] == [("by_rules",), ("read",), ("by_rules",)]


def test_a_reader_gives_no_score_of_its_own(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["score", str(tmp_path), "--protocol", "reader", "--url", "http://x"])
    assert isinstance(result.exception, DataError)
    assert "panoenv judge read" in str(result.exception)
