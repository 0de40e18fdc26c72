"""The positive control's script: scenes to lessons, a training in its tiny size, and the report's figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("positive_control", "control_scenes"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import control_scenes
    import positive_control

    return positive_control, control_scenes


def _rows(seed: str, condition: str, answers: list[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    return [
        {
            "condition": condition,
            "id": f"{pair}{half}",
            "pair": f"Kitchen/P0/{pair}",
            "kind": "depth_binary",
            "panorama": f"Kitchen/P0_{half}",
            "question_type": "true_false",
            "options": [],
            "correct": right,
        }
        for pair, half, right in answers
    ]


def test_the_report_counts_pairs_and_gains(scripts: Any, tmp_path: Path) -> None:
    positive_control, _ = scripts
    seen = [("1", "a", True), ("1", "b", True), ("2", "a", True), ("2", "b", False)]
    blind = [("1", "a", True), ("1", "b", False), ("2", "a", False), ("2", "b", False)]
    for seed in ("seed0", "seed1"):
        (tmp_path / seed).mkdir()
        rows = [*_rows(seed, "full", seen), *_rows(seed, "noimage", blind)]
        (tmp_path / seed / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = positive_control.report(tmp_path)
    # Two pairs by two seeds, one of two right each time, by chance a quarter; 3 of 4 answers right against 1.
    assert "| depth_binary | 4 | 50.0 |  | 25.0 | 50.0, 50.0 | 75.0 |" in text
    assert "| depth_binary | 4 | 0.0 |  | 25.0 | 0.0, 0.0 | 25.0 |" in text
    assert "| full - noimage | +50.0 |" in text


@pytest.mark.slow
def test_a_scene_becomes_lessons_that_a_model_is_trained_on(scripts: Any, tmp_path: Path) -> None:
    positive_control, control_scenes = scripts
    # Scene 1 is a plain one.
    made = control_scenes.make_scenes(tmp_path / "scenes", 1, width=112, workers=1, seconds=60, first=1)
    assert made == 1
    items = control_scenes.load_scenes(tmp_path / "scenes")
    assert {item.split for item in items} == {"train"}
    assert {item.image_kind for item in items} == {"marked"}
    assert "mini" not in {item.split for item in items}
    assert len({item.id for item in items}) == len(items) > 50
    view = next(item for item in items if item.subcategory == "primary_view")
    assert "boundingbox" not in view.question
    # The answer can be read off what is taught as its reasoning: the view with most of the thing comes first.
    assert control_scenes.facts(view).partition(": ")[2].split()[0] == view.answer.lower()

    size = positive_control.SIZES["tiny"]
    model = positive_control.train(tmp_path, size, 0, 1, seconds=1)
    assert model == tmp_path / "seed0" / "warm_up" / "model"
    config = json.loads((model / "config.json").read_text())
    assert config["text_config"]["rope_parameters"]["rope_theta"] == 10.0
    before = (model / "model.safetensors").stat().st_mtime_ns
    positive_control.train(tmp_path, size, 0, 1, seconds=1)
    assert (model / "model.safetensors").stat().st_mtime_ns == before, "what is done is kept"
