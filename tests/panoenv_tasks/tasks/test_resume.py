"""Answers kept as they come: what is the same question, what is not kept, and a run that was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import harness
from support.faulty_server import FaultyServer, completion, refusal
from support.result_folders import made_up_items
from support.small_tree import write_tree
from support.tiny_vlm import make_tiny_qwen2_5_vl

from panoenv_tasks.items import DataError
from panoenv_tasks.tasks.panoenv import resume
from panoenv_tasks.tasks.panoenv.resume import AnswerStore, answer_key, in_portions, model_identity

SHA = "ab" * 32
GREEDY = {"temperature": 0, "max_new_tokens": 512}
ITEMS = made_up_items(4)


def doc(sha=SHA, pictures=1, path="/data/a.png", roll=0, name="val/Rome/P0/1"):
    recipes = [{"path": path, "roll": roll, "face": None, "marks": []}] * pictures
    return {"id": name, "record": json.dumps({"image": {"sha256": sha}}), "pictures": json.dumps(recipes)}


def key(changed=None, text="How far?", generation=GREEDY, model="m"):
    return answer_key(changed or doc(), text, generation, model)


def test_the_same_question_has_the_same_key_wherever_its_picture_lies():
    assert key() == key(doc(path="/elsewhere/b.png"))
    assert len(key()) == 64


@pytest.mark.parametrize(
    "other",
    [
        key(doc(sha="cd" * 32)),
        key(doc(roll=640)),
        key(doc(pictures=0)),
        key(doc(name="val/Rome/P0/2")),
        key(text="How near?"),
        key(generation={**GREEDY, "max_new_tokens": 8}),
        key(model="n"),
    ],
)
def test_whatever_can_change_an_answer_changes_the_key(other):
    assert other
    assert other != key()


def test_how_pictures_are_encoded_counts(monkeypatch):
    before = key()
    monkeypatch.setenv("LMMS_IMAGE_ENCODE_FORMAT", "JPEG")
    assert key() != before


def test_without_the_picture_s_hash_nothing_is_kept(tmp_path):
    assert key(doc(sha=None)) == ""
    store = AnswerStore(tmp_path)
    store.add("", "q", "an answer")
    assert AnswerStore(tmp_path).get("") is None


def test_answers_are_there_again_at_once(tmp_path):
    store = AnswerStore(tmp_path / "new" / "folder")
    store.add("k", "q", "<Answer>4 m\u2028</Answer>\n")
    # Not closed: as after a kill.
    assert AnswerStore(tmp_path / "new" / "folder").get("k") == "<Answer>4 m\u2028</Answer>\n"


@pytest.mark.parametrize(
    "text",
    [None, "", " \n", "[LMMS_EVAL_REQUEST_FAILED after 5 retries] 500", "[LMMS_EVAL_BUDGET_EXCEEDED]", 7],
)
def test_what_is_no_answer_is_not_kept(tmp_path, text):
    store = AnswerStore(tmp_path)
    store.add("k", "q", text)
    assert store.get("k") is AnswerStore(tmp_path).get("k") is None


def test_a_line_that_was_cut_off_costs_that_line_only(tmp_path):
    store = AnswerStore(tmp_path)
    for name in "abc":
        store.add(name, "q", f"answer {name}")
    (file,) = tmp_path.glob("*.jsonl")
    file.write_bytes(file.read_bytes()[:-9] + b"\n[]\n\xff\n" + b'{"key": "d", "text": "answer d"}\n')
    again = AnswerStore(tmp_path)
    assert [again.get(name) for name in "abcd"] == ["answer a", "answer b", None, "answer d"]


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="leave out --use_cache"):
        AnswerStore(tmp_path / "file")


def test_a_checkpoint_that_was_trained_on_is_another_model(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"1")
    before = model_identity("q", {"pretrained": str(tmp_path)})
    assert before == model_identity("q", {"pretrained": str(tmp_path)})
    (tmp_path / "model.safetensors").write_bytes(b"12")
    assert before != model_identity("q", {"pretrained": str(tmp_path)})
    assert model_identity("q", {"model": "gpt"}) != model_identity("r", {"model": "gpt"})
    assert model_identity("q", "not a mapping")


@given(count=st.integers(0, 60), batch=st.integers(0, 9), seconds=st.sampled_from([0.0, 1e9]))
@settings(deadline=None)
def test_portions_ask_every_question_once_in_order(count, batch, seconds):
    asked, kept = [], []

    def ask(portion):
        asked.append(list(portion))
        return [-n for n in portion]

    before = resume.PORTION_SECONDS
    resume.PORTION_SECONDS = seconds
    try:
        replies = in_portions(ask, range(count), lambda n, reply: kept.append((n, reply)), batch=batch)
    finally:
        resume.PORTION_SECONDS = before
    assert replies == [-n for n in range(count)]
    assert [n for portion in asked for n in portion] == list(range(count))
    assert kept == [(n, -n) for n in range(count)]
    # Whole batches, small at first: with no time at all, one batch at a time.
    assert all(len(portion) % max(1, batch) == 0 for portion in asked[:-1])
    if seconds == 0.0:
        assert all(len(portion) == max(1, batch) for portion in asked[:-1])


def kept_answers(cache):
    lines = [line for file in cache.glob("panoenv/*.jsonl") for line in file.read_text("utf-8").splitlines()]
    return {json.loads(line)["question"]: json.loads(line)["text"] for line in lines}


def start_and_kill(folder, command, env, cache, after):
    """Start a run and kill it, without any chance to tidy up, once it has kept some answers."""
    folder.mkdir()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=harness.clean_env(folder, env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 400
    while len(kept_answers(cache)) < after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert process.poll() is None, "it ended before it could be killed"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return kept_answers(cache)


@pytest.mark.slow
def test_a_killed_run_of_a_server_goes_on_where_it_was(tmp_path):
    tree = write_tree(tmp_path / "tree", ITEMS)
    cache = tmp_path / "cache"
    hold = threading.Event()
    questions = []

    def reply(body):
        questions.append(json.dumps(body, sort_keys=True))
        if len(questions) > 12:
            hold.wait(600)
        return completion(f"<Answer>{len(questions)} meters</Answer>")

    with FaultyServer(reply=reply) as server:
        args = f"model=x,base_url={server.url}/v1,max_retries=1,num_cpus=2"
        run = (
            "--model",
            "async_openai",
            "--model_args",
            args,
            "--tasks",
            "panoenv_val",
            "--use_cache",
            cache,
        )
        env = {"PANOENV_DATA": str(tree), "OPENAI_API_KEY": "EMPTY"}
        kept = start_and_kill(
            tmp_path / "killed", [*harness.command("lmms-eval"), *run], env, cache, after=12
        )
        assert len(kept) == 12
        hold.set()
        first = set(questions[:12])
        del questions[:]
        cases = {"again": (run, env), "whole": (run, env)}
        runs = harness.evaluate_many(tmp_path / "runs", cases)
        assert runs["again"].code == runs["whole"].code == 0, runs["again"].err[-2000:]
        assert f"panoenv: 12 of {len(ITEMS)} answers are kept in {cache / 'panoenv'}" in runs["again"].said
        # As a set: the killed run's last question may have reached the server late.
        assert len(set(questions)) == len(ITEMS) - 12
        assert not first & set(questions)
        texts = [{r["id"]: r["text"] for r in runs[name].records} for name in ("again", "whole")]
        assert texts[0] == texts[1]
        assert kept.items() <= texts[0].items()

        # Another picture under the same name: its questions, and only they, are asked again.
        changed = next(tree.rglob("rgb_erp.png"))
        changed.write_bytes(next(p for p in tree.rglob("rgb_erp.png") if p != changed).read_bytes())
        place = "/".join(changed.parent.parts[-2:])
        del questions[:]
        server.script += [refusal(400)] * 3  # What the client does not repeat by itself.
        cases = {"third": (run, env), "fourth": (run, env)}
        third, fourth = harness.evaluate_many(tmp_path / "later", cases).values()
        concerned = [item for item in ITEMS if item.panorama == place]
        assert third.results["results"]["panoenv_val"]["n_error,none"] == 3
        # The three that failed were not kept, and are asked once more.
        assert len(questions) == len(concerned)
        assert fourth.results["results"]["panoenv_val"]["n_error,none"] == 0


@pytest.mark.slow
def test_a_killed_run_of_a_local_model_goes_on_where_it_was(tmp_path):
    checkpoint = make_tiny_qwen2_5_vl(tmp_path / "tiny")
    tree, cache = write_tree(tmp_path / "tree", ITEMS), tmp_path / "cache"
    args = f"pretrained={checkpoint},device=cpu,device_map=cpu,attn_implementation=sdpa,max_pixels=401408"
    run = ("--model", "qwen2_5_vl", "--model_args", args, "--tasks", "panoenv_val", "--use_cache", cache)
    short = (*run, "--gen_kwargs", "max_new_tokens=8")
    env = {"PANOENV_DATA": str(tree)}
    kept = start_and_kill(tmp_path / "killed", [*harness.command("lmms-eval"), *short], env, cache, after=3)
    assert 3 <= len(kept) < len(ITEMS)
    again = harness.evaluate_many(tmp_path / "runs", {"again": (short, env)})["again"]
    assert again.code == 0, again.err[-2000:]
    assert f"panoenv: {len(kept)} of {len(ITEMS)} answers are kept in {cache / 'panoenv'}" in again.said
    assert kept.items() <= {r["id"]: r["text"] for r in again.records}.items()
    assert len(again.records) == len(ITEMS)
