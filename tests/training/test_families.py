"""Other families go the whole road as well: both stages by real TRL, a merged folder, lmms-eval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.bright_world import LEARNING, warm_up
from support.tiny_families import make_tiny_qwen3_vl, make_tiny_smolvlm

from panoenv_tasks.items import Item
from training.curriculum import run_curriculum
from training.export import merge
from training.loading import check_loading
from training.recipe import load_recipe

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("short_prompts")]

#: What each needs in its recipe, and what lmms-eval says to the result.
FAMILIES = [
    (make_tiny_qwen3_vl, [], "loaded"),
    (make_tiny_smolvlm, ["min_pixels=null", "max_pixels=null"], "skipped: no model for smolvlm"),
]


@pytest.mark.parametrize(("make", "sizes", "outcome"), FAMILIES)
def test_a_family_trains_merges_and_loads(
    make: Callable[[Path], Path], sizes: list[str], outcome: str, items: list[Item], tmp_path: Path
) -> None:
    from peft import load_peft_weights

    if make is make_tiny_smolvlm:
        pytest.importorskip("num2words", reason="SmolVLM's processor needs num2words (test-packages.txt)")
    model = make(tmp_path / "model")
    warm_up(model, items, steps=40)
    places = [f"model={model}", f"output={tmp_path / 'run'}"]
    recipe = load_recipe("smoke", [*LEARNING, *places, "stage1.limit=16", "stage2.limit=8", *sizes])
    adapter = run_curriculum(recipe, items)
    weights = load_peft_weights(str(adapter), device="cpu")
    assert all(bool(weight.any()) for name, weight in weights.items() if "lora_B" in name)
    report = merge(tmp_path / "run", tmp_path / "run" / "final")
    assert report.merging < 1e-4
    assert check_loading(tmp_path / "run" / "final")["lmms_eval"] == outcome
