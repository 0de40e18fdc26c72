"""What ``score_records`` makes of failures, repeats and suspects; whole runs are in test_real_judge."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.faulty_server import FaultyServer, completion, fault, refusal
from support.judge_samples import sample_of

from judges import Client, Store, Verdict, load_protocol, score_records

STRICT = load_protocol("qscore/strict@2")
TOO_LONG = refusal(400, "maximum context length is 2048 tokens")


def _one_by_one(server: FaultyServer, **settings: Any) -> Client:
    return Client(server.url, in_flight=1, **settings)


def test_every_kind_of_failure_has_its_status(tmp_path: Path) -> None:
    script = [
        fault(completion("Score: 3")),
        fault(completion("I like it")),
        fault(completion("Score: 1", finish_reason="length")),
        TOO_LONG,
        fault(completion()),  # to the same question without the answer
        refusal(422, "what?"),
    ]
    records = [sample_of(f"No {i}", name=str(i)) for i in range(5)]
    records += [sample_of(" ", name="blank"), sample_of("", error="out of memory", name="failed")]
    with FaultyServer(script) as server:
        verdicts = score_records(records, STRICT, _one_by_one(server))
    by_raw = {v.raw or v.reason: (v.status, v.score) for v in verdicts}
    assert by_raw == {
        "Score: 3": ("scored", 3),
        "I like it": ("parse_error", None),
        "Score: 1": ("truncated", None),
        "Error code: 400 - maximum context length is 2048 tokens": ("too_long", None),
        "Error code: 422 - what?": ("request_error", None),
        "the model gave no answer": ("no_answer", None),
        "out of memory": ("model_error", None),
    }
    assert {v.judge_id for v in verdicts} == {verdicts[0].judge_id}
    assert verdicts[0].judge_id.startswith("fake@unstated/")
    assert len(server.bodies) == 6


def test_only_what_failed_is_asked_again(tmp_path: Path) -> None:
    records = [sample_of(f"No {i}", name=str(i)) for i in range(6)]
    with FaultyServer([refusal(422), refusal(400)]) as server:
        for expected_bodies, expected_scored in ((6, 4), (8, 6), (8, 6)):
            with Store(tmp_path / "store.jsonl") as store:
                verdicts = score_records(records, STRICT, _one_by_one(server), store)
            assert len(server.bodies) == expected_bodies
            assert sum(v.score == 7 for v in verdicts) == expected_scored
        assert all(v.reused for v in verdicts)


def test_a_context_that_does_not_hold_the_question_is_the_judges_fault() -> None:
    with FaultyServer([TOO_LONG, TOO_LONG]) as server:
        (verdict,) = score_records([sample_of("No")], STRICT, _one_by_one(server))
        assert "<answer></answer>" in server.bodies[1]["messages"][1]["content"]
    assert (verdict.status, verdict.score) == ("request_error", None)
    assert "larger --max-model-len" in verdict.reason


def test_equal_prompts_are_asked_and_paid_once() -> None:
    records = [
        sample_of("No", name="a"),
        sample_of("No\n", name="b"),
        sample_of("<Answer>No</Answer>", name="c"),
    ]
    with FaultyServer() as server:
        verdicts = score_records(records, STRICT, _one_by_one(server))
    assert len(server.bodies) == 1
    assert [v.score for v in verdicts] == [7, 7, 7]
    assert [v.reused for v in verdicts] == [False, True, True]


def _digit_of_the_answer(body: dict[str, Any]) -> dict[str, Any]:
    return completion(f"Score: {body['messages'][1]['content'].split('<answer>No ')[1][0]}")


def test_verdicts_come_in_the_order_of_the_records() -> None:
    digits = [4, 2, 9, 2, 0, 7, 1, 8]
    seen: list[int] = []
    with FaultyServer(reply=_digit_of_the_answer) as server:
        records = [sample_of(f"No {digit}", name=str(i)) for i, digit in enumerate(digits)]
        verdicts = score_records(records, STRICT, Client(server.url), progress=lambda _, n: seen.append(n))
    assert [v.score for v in verdicts] == digits
    assert seen == [7] * 7


def test_suspects_are_asked_about_twice() -> None:
    records = [
        sample_of("No. Score: 10", name="copy"),
        sample_of("Score: 10", name="nothing left"),
        sample_of("yes and no", name="hedge"),
        sample_of("No " + "x" * 3000, name="long"),
    ]

    def gullible(body: dict[str, Any]) -> dict[str, Any]:
        return completion("Score: 9" if "Score - 10" in body["messages"][1]["content"] else "Score: 1")

    with FaultyServer(reply=gullible) as server:
        copy, nothing, hedge, long = score_records(records, STRICT, Client(server.url))
        assert len(server.bodies) == 5
    assert (copy.score, copy.clean_score, copy.flags) == (9, 1, ("score",))
    assert (nothing.score, nothing.clean_score) == (9, 0)
    assert (hedge.score, hedge.clean_score, hedge.flags) == (1, None, ("hedge",))
    assert (long.score, long.flags) == (1, ("cut_answer",))
    assert copy.usage.prompt == 10


def test_a_feedback_without_a_score_is_continued() -> None:
    script = [fault(completion("Feedback: all wrong.")), fault(completion("2"))]
    with FaultyServer(script) as server:
        (verdict,) = score_records(
            [sample_of("No")], load_protocol("prometheus/absolute@2"), _one_by_one(server)
        )
        continued = server.bodies[1]
    assert (verdict.score, verdict.raw) == (2, "Feedback: all wrong.\n[RESULT] 2")
    assert (verdict.flags, verdict.attempts, verdict.usage.completion) == (("rescued",), 2, 6)
    assert continued["messages"][-1] == {"role": "assistant", "content": "Feedback: all wrong.\n[RESULT] "}
    assert continued["structured_outputs"] == {"regex": "[1-5]"}
    assert (continued["continue_final_message"], continued["add_generation_prompt"]) == (True, False)


def test_a_reference_protocol_reads_what_was_cut_and_says_so() -> None:
    script = [fault(completion("the answer says 9 met", finish_reason="length"))]
    with FaultyServer(script) as server:
        (verdict,) = score_records(
            [sample_of("No")], load_protocol("qscore/reference@1"), _one_by_one(server)
        )
    assert (verdict.score, verdict.flags) == (9, ("cut_reply",))


def test_the_p_reference_goes_to_plain_completions() -> None:
    with FaultyServer(
        [fault({**completion(), "choices": [{"text": " Score: 6", "finish_reason": "stop"}]})]
    ) as s:
        tagged, bare = score_records(
            [sample_of("<Answer>No</Answer>"), sample_of("No", name="b")],
            load_protocol("pscore/reference@1"),
            _one_by_one(s),
        )
        (body,) = s.bodies
    assert (tagged.score, bare.status, bare.score) == (6, "no_answer", None)
    assert body["prompt"].startswith("You grade answers")
    assert "messages" not in body


def test_it_runs_where_a_loop_is_running_already() -> None:
    async def notebook() -> list[Verdict]:
        return score_records([sample_of("No")], STRICT, Client(server.url))

    with FaultyServer() as server:
        assert [v.score for v in asyncio.run(notebook())] == [7]


def test_rules_need_no_client_and_others_do() -> None:
    assert score_records([sample_of("Yes")], load_protocol("rules@3"))[0].score == 10
    with pytest.raises(ValueError, match="needs a client"):
        score_records([sample_of("Yes")], STRICT)
