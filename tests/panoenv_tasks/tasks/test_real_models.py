"""Real models through the real harness: a tiny random Qwen2.5-VL, in its wrapper and behind a vLLM server."""

from __future__ import annotations

import re
import urllib.request
from importlib.metadata import version

import pytest
from support import harness
from support.result_folders import made_up_items
from support.small_tree import write_tree
from support.tiny_vlm import make_tiny_qwen2_5_vl
from support.vllm_server import own_server

from panoenv_tasks import fingerprint
from panoenv_tasks.prompts import load_pack
from panoenv_tasks.records import read_samples
from panoenv_tasks.scoring import STATUSES
from panoenv_tasks.sources.images import check_image

pytestmark = pytest.mark.slow

ITEMS = made_up_items(3)
SHORT = ("--gen_kwargs", "max_new_tokens=8")
#: An eighth of the panorama's pixels.
FEW_PIXELS = 401_408
#: What the wrapper's two resizings leave of 2560x1280 there: 31 by 16 patches of 28 pixels.
SEEN = (868, 448)
#: What Qwen2.5-VL's processor makes of 2560x1280 at the checkpoint's limit: 91 x 45 patches of 28 pixels.
VISION_TOKENS = 91 * 45


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_tiny_qwen2_5_vl(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return write_tree(tmp_path_factory.mktemp("tree"), ITEMS)


@pytest.fixture(scope="module")
def runs(checkpoint, tree, tmp_path_factory):
    """The same model as lmms-eval's chat model, and as its older kind with one question per task."""
    args = (
        f"pretrained={checkpoint},device=cpu,device_map=cpu,attn_implementation=sdpa,max_pixels={FEW_PIXELS}"
    )
    command = ("--model", "qwen2_5_vl", "--model_args", args, "--tasks", "panoenv_val", *SHORT)
    env = {"PANOENV_DATA": str(tree)}
    cases = {"chat": (command, env), "simple": ((*command, "--force_simple", "--limit", 1), env)}
    return harness.evaluate_many(tmp_path_factory.mktemp("qwen") / "runs", cases)


@pytest.fixture(scope="module")
def qwen(runs):
    return runs["chat"]


def check_records(run, tree, max_pixels, seen):
    """Each sample's record stands on its own: what was asked, shown, said and scored, by what versions."""
    items = {item.id: item for item in ITEMS}
    assert sorted(r["id"] for r in run.records) == sorted(items)
    for record in run.records:
        item = items[record["id"]]
        for field in ("environment", "frame", "category", "subcategory", "question", "answer"):
            assert record[field] == getattr(item, field)
        assert record["image"] == {
            "kind": "erp",
            "width": 2560,
            "height": 1280,
            "max_pixels": max_pixels,
            "sha256": check_image(tree / item.split / item.environment / item.frame / "rgb_erp.png").sha256,
            "seen": dict(zip(("width", "height"), seen, strict=True)) if seen else None,
        }
        assert isinstance(record["text"], str)
        assert record["status"] in STATUSES
        assert 0 <= record["paper"] <= 1
        assert 0 <= record["strict"] <= 1
        assert record["prediction"] is None or record["prediction"] in record["text"]
        facts = record["run"]
        assert facts["prompts_sha256"] == load_pack().sha256
        assert facts["dataset_sha256"] == fingerprint(ITEMS)
        for package in ("panoenv", "lmms-eval", "torch", "transformers"):
            assert facts["versions"][package] == version(package)
    assert len(list(read_samples(run.folder))) == len(ITEMS)


def test_qwen_answers_and_every_sample_says_how(qwen, tree):
    assert qwen.code == 0, qwen.err[-3000:]
    check_records(qwen, tree, FEW_PIXELS, SEEN)
    assert f"  pictures: erp 2560x1280, seen at {SEEN[0]}x{SEEN[1]}" in qwen.summary
    assert qwen.results["config"]["model_backend"] == "lmms_eval.models.chat.qwen2_5_vl.Qwen2_5_VL (chat)"
    assert {r["text"] for r in qwen.records} - {""}


def test_fewer_pixels_are_said_once(qwen):
    assert len(qwen.said) == 1
    assert f"at most {FEW_PIXELS} pixels" in qwen.said[0]
    assert "max_pixels=3276800" in qwen.said[0]


def test_each_panorama_is_decoded_once_to_check_it_and_once_to_show_it(qwen, tree):
    assert len(qwen.decodes) == 2 * len(list(tree.rglob("rgb_erp.png")))


def test_older_models_are_served_too(runs, qwen):
    simple = runs["simple"]
    assert simple.code == 0, simple.err[-3000:]
    assert simple.results["config"]["model_backend"].endswith("Qwen2_5_VL (simple)")
    assert len(simple.records) == 5
    # It sends the picture as JPEG and resizes it once: answers and what was seen differ, nothing else.
    ours = {record["id"]: record for record in qwen.records}
    for record in simple.records:
        for field in ("question", "answer", "run"):
            assert record[field] == ours[record["id"]][field]
        seen_once = {"width": 896, "height": 448}
        assert record["image"] == {**ours[record["id"]]["image"], "seen": seen_once}
    assert [row["input"] for rows in simple.samples.values() for row in rows] == [
        qwen.samples[task][0]["input"] for task in simple.samples
    ]


@pytest.mark.vllm
@pytest.mark.timeout(1200)
def test_a_vllm_server_sees_whole_panoramas_first(checkpoint, tmp_path):
    # A tree of its own: pictures that another run has found whole are not decoded to be checked again.
    tree = write_tree(tmp_path / "tree", ITEMS)
    with own_server(checkpoint, "--max-model-len", "6144") as server:
        run = harness.evaluate(
            tmp_path / "run",
            "async_openai",
            "panoenv_val",
            "--model_args",
            f"model=tiny,base_url={server.url}/v1,num_cpus=4",
            *SHORT,
            env={"PANOENV_DATA": str(tree), "OPENAI_API_KEY": "none", "PANOENV_SEEN": "2548x1260"},
        )
        metrics = urllib.request.urlopen(f"{server.url}/metrics").read().decode()
    assert run.code == 0, run.err[-3000:]
    # The wrapper's own max_pixels is for videos: nothing is said, nothing recorded.
    check_records(run, tree, None, (2548, 1260))
    assert run.said == []
    assert run.results["results"]["panoenv_val"]["n_error,none"] == 0
    used = [row["token_counts"][0] for rows in run.samples.values() for row in rows]
    assert min(tokens["input_tokens"] for tokens in used) > VISION_TOKENS
    assert max(tokens["output_tokens"] for tokens in used) <= 8
    assert len(run.decodes) == 2 * len(list(tree.rglob("rgb_erp.png")))
    # Nine of ten questions find their panorama in the prefix cache, because it comes before the text.
    assert counter(metrics, "hits") / counter(metrics, "queries") > 0.75


def counter(metrics, kind):
    (value,) = re.findall(rf"^vllm:prefix_cache_{kind}_total\{{.*\}} (\S+)$", metrics, re.MULTILINE)
    return float(value)
