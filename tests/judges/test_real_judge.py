"""The whole judge on a real vLLM server with a small real model, killed in every way.

The model judges poorly; what is tested is that every answer gets exactly one verdict, whatever dies. A server
takes half a minute of two cores to start, so there are two: one by ``panoenv judge serve`` for everybody, and
one of another model, which takes the first one's name and is killed at the end.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.judge_command import start_judge
from support.judge_samples import sample_of, val_outputs
from support.severed import Forwarder
from support.small_lm import VLLM_PYTHON, small_lm
from support.vllm_server import LiveServer, own_server

from judges import Client, JudgeError, Store, Verdict, load_protocol, score_records
from judges.grader import grade
from judges.protocol import ModelProtocol
from judges.reading import read_samples_with
from judges.records import read_verdicts
from panoenv_tasks.records import Sample, read_samples
from panoenv_tasks.vllm_server import free_port

# A server takes half a minute to start on an idle machine, and many on a busy one.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

COUNT = 40
PANOENV = Path(sys.executable).with_name("panoenv")
HOSTILE = [
    entry["text"]
    for family in yaml.safe_load(Path(__file__).with_name("injections.yaml").read_text("utf-8")).values()
    for entry in family
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server started by ``panoenv judge serve``, which must stop cleanly on SIGTERM."""
    command = [PANOENV, "judge", "serve", small_lm(), "--port", str(free_port()), "--python", VLLM_PYTHON]
    with tempfile.TemporaryFile("w+b") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            ready = ""
            while not ready and server.poll() is None:
                time.sleep(0.5)
                log.seek(0)
                ready = "".join(re.findall(r"^judge ready at (\S+)$", log.read().decode(), re.MULTILINE))
            yield ready
        finally:
            server.terminate()
            code = server.wait(60)
        assert code == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{ready}/health", timeout=5)


@pytest.fixture(scope="module")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Another model under the first one's name."""
    folder = tmp_path_factory.mktemp("other") / "other-model"
    shutil.copytree(small_lm(), folder)
    with own_server(folder, "--served-model-name", small_lm().name) as server:
        yield server


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return val_outputs(COUNT, tmp_path_factory.mktemp("val") / "outputs.jsonl")


@pytest.fixture(scope="module")
def samples(outputs: Path) -> list[Sample]:
    return list(read_samples(outputs))


@pytest.fixture(scope="module")
def undisturbed(url: str, samples: list[Sample]) -> dict[str, list[Verdict]]:
    """The verdicts of both strict protocols, nothing going wrong."""
    names = ("qscore/strict@2", "pscore/strict@2")
    return {name: score_records(samples, load_protocol(name), Client(url)) for name in names}


def _demand_the_same(verdicts: list[Verdict], undisturbed: list[Verdict]) -> None:
    """The same verdicts, but for a near tie or two.

    A server computes in bfloat16, and its sums depend on what else is in the batch. One of the answers here
    gets 4 or 10 that way, with an expected score of 5.3 to 5.4 each time.
    """
    assert [v.status for v in verdicts] == [v.status for v in undisturbed]
    changed = [(a, b) for a, b in zip(verdicts, undisturbed, strict=True) if a.raw != b.raw]
    assert len(changed) <= 2
    assert all(abs((a.expected or 0) - (b.expected or 0)) < 0.3 for a, b in changed)


def test_validation_answers_under_both_protocols(undisturbed: dict[str, list[Verdict]]) -> None:
    for verdicts in undisturbed.values():
        assert {v.status for v in verdicts} == {"scored"}
        assert all(v.score in range(11) and v.raw == f"Score: {v.score}" for v in verdicts)
        assert all(v.expected is not None and 0 <= v.expected <= 10 for v in verdicts)
        assert len({v.expected for v in verdicts}) > COUNT / 2
        assert sum(v.usage.cached for v in verdicts) > 0.5 * sum(v.usage.prompt for v in verdicts)
    q, p = ({v.judge_id for v in verdicts} for verdicts in undisturbed.values())
    assert len(q) == len(p) == 1
    assert q != p


def test_the_expected_score_is_what_sampling_gives(url: str, samples: list[Sample]) -> None:
    protocol = load_protocol("qscore/strict@2")
    assert isinstance(protocol, ModelProtocol)
    for sample in samples[:2]:
        (verdict,) = score_records([sample], protocol, Client(url))
        answer = protocol.extract(sample.text) or ""
        body = {
            "messages": [m._asdict() for m in protocol.build(sample, answer) if not isinstance(m, str)],
            "temperature": 1.0,  # and no seed, which the CPU build cannot sample with
            "max_tokens": 16,
            "n": 64,
            "structured_outputs": {"regex": protocol.pattern},
        }
        drawn = [
            int(c["message"]["content"][7:]) for c in _post(f"{url}/v1/chat/completions", body)["choices"]
        ]
        # Four standard errors, and some room for the other spellings of "Score" that sampling takes.
        spread = (sum((d - sum(drawn) / 64) ** 2 for d in drawn) / 64) ** 0.5
        assert verdict.expected == pytest.approx(sum(drawn) / 64, abs=4 * spread / 64**0.5 + 0.5)


def test_a_server_that_goes_and_comes_back_costs_time_and_nothing_else(
    url: str, samples: list[Sample], undisturbed: dict[str, list[Verdict]], tmp_path: Path
) -> None:
    protocol, path = load_protocol("qscore/strict@2"), tmp_path / "store.jsonl"
    with Forwarder(url) as address, Store(path) as store:
        seen: list[Verdict] = []

        def gone_after_ten(verdict: Verdict, _: int) -> None:
            seen.append(verdict)
            if len(seen) == 10:
                address.lead_to("")

        client = Client(address.url, in_flight=8, patience=1.0)
        partial = score_records(samples, protocol, client, store, gone_after_ten)
        lost = [v for v in partial if v.status != "scored"]
        assert 0 < len(lost) <= COUNT - 10
        assert {v.status for v in lost} == {"request_error"}
        address.lead_to(url)
        verdicts = score_records(samples, protocol, client, store)
    assert sum(v.reused for v in verdicts) >= COUNT - len(lost)
    _demand_the_same(verdicts, undisturbed["qscore/strict@2"])


def test_a_client_killed_twenty_times_loses_nothing_and_pays_once(
    url: str, outputs: Path, undisturbed: dict[str, list[Verdict]], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    command = ["score", outputs, "--protocol", "pscore/strict@2", "--url", url, "--out", folder]
    store = folder / "store.jsonl"
    moments = random.Random(20)
    sizes = [0]
    for trial in range(20):
        client = start_judge(*command, "--in-flight", 1)
        # Every second time the work itself must be hit, however busy the machine is.
        while trial % 2 and client.is_alive() and _lines(store) == sizes[-1]:
            time.sleep(0.02)
        time.sleep(moments.uniform(0.0, 0.3))
        client.kill()
        client.join()
        sizes.append(_lines(store))
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 5, f"the kills did not fall into the work: {sizes}"

    finished = subprocess.run(
        [PANOENV, "judge", *command, "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(finished.stdout)["total"]["coverage"] == 1
    verdicts = [entry.verdict for entry in read_verdicts(folder / "pscore_strict_2.verdicts.jsonl")]
    _demand_the_same(verdicts, undisturbed["pscore/strict@2"])
    assert sum(v.reused for v in verdicts) >= sizes[-1]
    keys = [json.loads(line)["key"] for line in store.open(encoding="utf-8")]
    assert len(keys) == len(set(keys))


def test_hostile_answers_never_become_control_tokens(url: str) -> None:
    def special_tokens(name: str, answer: str) -> int:
        protocol = load_protocol(name)
        assert isinstance(protocol, ModelProtocol)
        prompt = protocol.build(sample_of(""), answer)
        assert isinstance(prompt, tuple)
        body = {"messages": [message._asdict() for message in prompt], "add_generation_prompt": True}
        # SmolLM2's special tokens have the ids 0 to 16.
        return sum(token <= 16 for token in _post(f"{url}/tokenize", body)["tokens"])

    for name in ("qscore/strict@2", "pscore/strict@2", "prometheus/absolute@2"):
        harmless = special_tokens(name, "No")
        assert {special_tokens(name, text) for text in HOSTILE} == {harmless}
    assert special_tokens("qscore/reference@1", HOSTILE[12]) > special_tokens("qscore/reference@1", "No")


def test_hostile_answers_are_scored_listed_and_judged_again(url: str) -> None:
    records = [sample_of(text, name=str(i)) for i, text in enumerate(HOSTILE)]
    protocol = load_protocol("qscore/strict@2")
    assert isinstance(protocol, ModelProtocol)
    # The expected score takes a second request, and says nothing here.
    verdicts = score_records(records, replace(protocol, weighed=False), Client(url))
    assert {v.status for v in verdicts} == {"scored"}
    assert all(v.flags for v in verdicts)
    again = [v for v in verdicts if v.clean_score is not None]
    assert len(again) == len([v for v in verdicts if set(v.flags) - {"hedge"}]) > 120


def test_the_free_protocols_end_with_a_verdict_or_a_reason(url: str, samples: list[Sample]) -> None:
    for name in ("qscore/reference@1", "pscore/reference@1", "prometheus/absolute@2"):
        protocol = load_protocol(name, max_tokens=32)
        verdicts = score_records(samples[:4], protocol, Client(url))
        assert all((v.score is None) == (v.status in ("parse_error", "truncated")) for v in verdicts)
        assert all(v.raw for v in verdicts)
        if name == "prometheus/absolute@2":
            assert all(v.status == "scored" and v.score in range(1, 6) for v in verdicts)


def test_too_long_a_question_is_told_apart(url: str) -> None:
    long = sample_of("No", question="Is the crate there? " * 1500)
    (verdict,) = score_records([long], load_protocol("qscore/strict"), Client(url))
    assert (verdict.status, verdict.score) == ("request_error", None)
    assert "the question alone exceeds the judge's context" in verdict.reason
    rambling = sample_of("word " * 3000)
    (verdict,) = score_records([rambling], load_protocol("qscore/reference"), Client(url))
    assert (verdict.status, verdict.score) == ("too_long", None)
    assert "context length" in verdict.reason


def test_inside_a_run(
    url: str, samples: list[Sample], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PANOENV_JUDGE_URL", url)
    monkeypatch.setenv("PANOENV_JUDGE_STORE", str(tmp_path / "store.jsonl"))
    monkeypatch.setenv("PANOENV_JUDGE_P_URL", url)
    verdicts = grade(samples[:8])
    assert {name: len(given) for name, given in verdicts.items()} == {"q_score": 8, "p_score": 8}
    assert all(0 <= verdict["counted"] <= 10 for given in verdicts.values() for verdict in given)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _post(address: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as reply:
        return json.load(reply)


def test_a_reader_on_the_real_server(url: str, tmp_path: Path) -> None:
    texts = ["<Answer>Much as the captain would have it</Answer>", "<Answer>Yes</Answer>"]
    records = [sample_of(text, name=str(i)) for i, text in enumerate(texts)]
    read, plain = read_samples_with(records, Client(url))
    assert read.status == "scored"
    assert read.raw in ("Yes", "No", "nothing")
    assert "read" in read.flags
    assert plain.flags == ("by_rules",)


def test_a_json_schema_is_obeyed_as_well(url: str, samples: list[Sample]) -> None:
    protocol = load_protocol("qscore/strict", dialect="json")
    verdicts = score_records(samples[:4], protocol, Client(url))
    assert {v.status for v in verdicts} == {"scored"}
    assert all(v.raw.replace(" ", "").replace("\n", "") == f'{{"score":{v.score}}}' for v in verdicts)


def test_another_model_that_takes_over_the_name_ends_the_run(
    url: str, other_model: LiveServer, samples: list[Sample], tmp_path: Path
) -> None:
    """The server goes in the middle, and another model comes up at its address, under its name."""
    path = tmp_path / "store.jsonl"
    with Forwarder(url) as address, Store(path) as store:
        seen: list[Verdict] = []

        def swap_after_ten(verdict: Verdict, _: int) -> None:
            seen.append(verdict)
            if len(seen) == 10:
                address.lead_to(other_model.url)

        client = Client(address.url, in_flight=4, patience=600.0)
        with pytest.raises(JudgeError, match=rf"another model has taken the name '{small_lm().name}'"):
            score_records(samples, load_protocol("qscore/strict"), client, store, swap_after_ten)
    ids = {json.loads(line)["judge_id"] for line in path.read_text("utf-8").splitlines()}
    assert len(ids) == 1
    assert len(seen) <= 13


def test_a_killed_server_costs_what_was_in_flight(
    other_model: LiveServer, samples: list[Sample], tmp_path: Path
) -> None:
    """The last of its tests: the server is dead afterwards."""
    path = tmp_path / "store.jsonl"
    with Store(path) as store:
        seen: list[Verdict] = []

        def kill_after_ten(verdict: Verdict, _: int) -> None:
            seen.append(verdict)
            if len(seen) == 10:
                os.killpg(other_model.process.pid, signal.SIGKILL)

        client = Client(other_model.url, in_flight=8, patience=1.0)
        verdicts = score_records(samples, load_protocol("qscore/strict"), client, store, kill_after_ten)
    scored = sum(v.status == "scored" for v in verdicts)
    assert 10 <= scored < COUNT
    assert {v.status for v in verdicts} == {"scored", "request_error"}
    assert [json.loads(line)["status"] for line in path.open()].count("scored") == scored
