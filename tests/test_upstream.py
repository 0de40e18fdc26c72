"""The plain task folder for lmms-eval: as generated, and equal to ours in prompts and the paper's score."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image
from support.hub_server import serving
from support.scripts import load_script
from support.shared import shared_file, shared_rows
from support.small_tree import write_tree

from panoenv_tasks import load_items
from panoenv_tasks.items import CATEGORIES, Item
from panoenv_tasks.prompts import load_pack, render
from panoenv_tasks.scoring import score

UPSTREAM = Path(__file__).resolve().parents[1] / "docs" / "upstream"
#: An lmms-eval as it is without this project: whatever wants to import the plugin cannot.
WITHOUT_PLUGIN = (
    "import sys; sys.modules['panoenv_tasks'] = None; from lmms_eval.cli.dispatch import main; main()"
)
ANSWER = "<Answer>Yes</Answer>"


@pytest.fixture(scope="module")
def utils() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        yield load_script(UPSTREAM / "panoenv" / "utils.py", patch)


@pytest.fixture(scope="module")
def questions() -> list[Item]:
    return load_items(shared_file("panoenv_val.jsonl"), split="val")


def test_the_folder_is_as_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = load_script(UPSTREAM / "generate.py", monkeypatch).files()
    found = {
        path.name: path.read_text("utf-8") for path in (UPSTREAM / "panoenv").iterdir() if path.is_file()
    }
    assert found == wanted


def test_every_golden_vector_agrees(utils: ModuleType) -> None:
    vectors = shared_rows("scoring_vectors.jsonl")
    assert len(vectors) == 3000
    wrong = [
        vector
        for vector in vectors
        if abs(utils.score(vector["method"], vector["expected"], vector["completion"]) - vector["accuracy"])
        > 1e-6
    ]
    assert wrong == []


def test_prompts_and_rules_are_the_plugin_s(utils: ModuleType, questions: list[Item], tmp_path: Path) -> None:
    snapshot = released(tmp_path, questions)
    asked = {}
    for file in sorted(snapshot.glob("*/*/*/*_qa.json")):
        for row in json.loads(file.read_text("utf-8"))["questions"]:
            doc = utils._doc(row, file.parent)
            asked[file.parent.parent.name, file.parent.name, doc["question"]] = doc["prompt"], doc["method"]
    pack = load_pack()
    assert asked == {
        (item.environment, item.frame, item.question): (render(item, pack), item.method) for item in questions
    }


@pytest.mark.slow
def test_an_lmms_eval_without_the_plugin_runs_it(questions: list[Item], tmp_path: Path) -> None:
    few = [item for item in questions if item.panorama == questions[0].panorama]
    assert {item.category for item in few} == set(CATEGORIES)
    with serving(released(tmp_path / "hub", few)) as hub:
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_PLUGIN, "--model", "dummy", "--model_args", f"response={ANSWER}",
             "--tasks", "panoenv_qa", "--include_path", str(UPSTREAM / "panoenv"),
             "--output_path", "out", "--log_samples"],
            cwd=tmp_path, env=hub.environment(tmp_path), capture_output=True, text=True, timeout=500,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    (file,) = (tmp_path / "out").rglob("*_results.json")
    results = json.loads(file.read_text("utf-8"))["results"]
    expected = {name: [i for i in few if i.category == name] for name in CATEGORIES}
    for task, items in {"panoenv_qa": few, **{f"panoenv_qa_{n}": i for n, i in expected.items()}}.items():
        rewards = [score(item, ANSWER, protocol="paper").value for item in items]
        assert results[task]["reward,none"] == pytest.approx(sum(rewards) / len(items), abs=1e-9), task
        accuracy = sum(reward >= 0.99 for reward in rewards) / len(items)
        assert results[task]["accuracy,none"] == pytest.approx(accuracy, abs=1e-9), task
    assert 0 < results["panoenv_qa"]["accuracy,none"] < 1
    samples = [
        json.loads(line) for path in (tmp_path / "out").rglob("*_samples_*.jsonl") for line in path.open()
    ]
    assert {sample["input"] for sample in samples} == {render(item, load_pack()) for item in few}


def released(root: Path, items: list[Item]) -> Path:
    """Lay validation questions out as the release lays out its test split, with tiny drawings."""
    write_tree(root, [replace(item, split="test") for item in items], size=None)
    for file in root.glob("*/*/*/*_qa.json"):
        (file.parent / "visualizations").mkdir()
        for row in json.loads(file.read_text("utf-8"))["questions"]:
            name = f"q{row['question_id']}_{row['major_category']}_{row['sub_category']}.png"
            Image.new("RGB", (8, 4)).save(file.parent / "visualizations" / name)
    return root
