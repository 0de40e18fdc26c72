"""The positive control's script: scenes to lessons, a training in its tiny size, and the report's figures."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.questions import item_of

from panoenv_tasks.items import Item
from panoenv_tasks.perturb.marks import NOTE

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("positive_control", "control_scenes", "control_report", "control_model"):
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
    taught = {"kind": "primary_view"}
    for seed in ("seed0", "seed1"):
        (tmp_path / seed).mkdir()
        rows = [*_rows(seed, "full", seen), *_rows(seed, "noimage", blind)]
        marked = [*_rows(seed, "marked", seen[:3]), *_rows(seed, "noimage_nobox", blind[:3])]
        rows += [
            *marked,
            *({**row, **taught, "id": f"view {row['id']}"} for row in marked if row["pair"][-1] == "1"),
        ]
        rows += [{**row, **taught} for row in _rows(seed, "unseen", seen)]
        rows += [{**row, **taught} for row in _rows(seed, "unseen_blind", blind)]
        (tmp_path / seed / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    text = positive_control.report(tmp_path)
    # Two pairs by two seeds, one of two right each time, by chance a quarter; 3 of 4 answers right against 1.
    assert "| depth_binary | 4 | 50.0 |  | 25.0 | 50.0, 50.0 | 75.0 |" in text
    assert "| depth_binary | 4 | 0.0 |  | 25.0 | 0.0, 0.0 | 25.0 |" in text
    assert "| full - noimage | 8 | +50.0 |" in text
    # Three questions of each seed gain two points, and two that were taught one.
    assert "| marked - noimage_nobox | 10 | +60.0 |" in text
    assert "| marked - noimage_nobox, kinds taught | 4 | +50.0 |" in text
    assert "| primary_view | 8 | 75.0 |  | 25.0 |  |" in text


@pytest.mark.slow
def test_scenes_become_lessons_that_a_model_is_trained_on(scripts: Any, tmp_path: Path) -> None:
    positive_control, control_scenes = scripts
    assert control_scenes.make_scenes(tmp_path / "scenes", 2, width=256, workers=1) == 2
    plain, large = (control_scenes.load_lessons(tmp_path / "scenes", marks) for marks in ("plain", "large"))
    assert {item.split for item in plain} == {"train"}
    assert {item.image_kind for item in plain} == {"marked"}
    assert len({item.id for item in plain}) == len(plain) > 50
    view = next(item for item in plain if item.subcategory == "primary_view")
    assert "boundingbox" not in view.question
    # The answer can be read off what is taught as its reasoning: the view with most of the thing comes first.
    assert control_scenes.facts(view).split()[0] == view.answer.lower()

    def red(item: Item) -> int:
        with Image.open(str(item.image)) as picture:
            pixels = np.asarray(picture.convert("RGB")).astype(int)
        r, g, b = pixels[..., 0], pixels[..., 1], pixels[..., 2]
        return int(((r > 190) & (g < 110) & (b < 110)).sum())

    same = next(item for item in large if item.id == view.id)
    assert red(same) > 4 * red(view) > 0

    size = positive_control.SIZES["tiny"]
    model = positive_control.train(tmp_path, size, 0)
    assert model == tmp_path / "seed0" / "warm_up" / "model"
    marker = json.loads((model.parent / "DONE").read_text())
    assert marker["steps"] == size.plain // size.batch
    before = (model / "model.safetensors").stat().st_mtime_ns
    positive_control.train(tmp_path, size, 0)
    assert (model / "model.safetensors").stat().st_mtime_ns == before, "what is done is kept"


def test_some_lessons_are_without_a_picture_and_all_come_equally_often(scripts: Any) -> None:
    positive_control, _ = scripts
    wording = "Which of the six cube views (front, back, left, right, top, bottom) shows most of the lamp?"
    view = replace(
        item_of(wording, "Front"), question=f"{NOTE} {wording}", image=Path("x.jpg"), image_kind="marked"
    )
    items = [replace(view, id=f"view {number}") for number in range(30)]
    lessons = positive_control._drawn(items, 300, Random(1))
    assert set(Counter(item.id for item in lessons).values()) == {10}
    blind = [item for item in lessons if item.image is None]
    assert 10 < len(blind) < 60
    assert {(item.image_kind, NOTE in item.question) for item in blind} == {("none", False)}
    assert all(NOTE in item.question for item in lessons if item.image)
