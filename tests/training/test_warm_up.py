"""The supervised stage: localisation first, exact after a kill, a result that GRPO goes on from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from support.killed_training import kill_training_at

from panoenv_tasks import load_items
from panoenv_tasks.items import DataError, Item
from training.checkpoints import adapter_sha256
from training.curriculum import run_curriculum
from training.data import gold_completion, supervised_rows
from training.export import find_adapter, merge
from training.identity import base_sha256
from training.mixing import warm_up_schedule
from training.recipe import Recipe, load_recipe, to_yaml

pytestmark = pytest.mark.usefixtures("short_prompts")

WARM_UP = {
    "parameters": "adapter",
    "limit": None,
    "localisation_epochs": 1,
    "epochs": 1,
    "global_batch": 16,
    "per_device_batch": 16,
    "learning_rate": 3e-3,
    "lr_schedule": "constant_with_warmup",
    "warmup": 0.05,
    "max_grad_norm": 1.0,
    "gradient_checkpointing": False,
    "save_steps": 4,
    "save_total_limit": 9,
}


def _recipe(folder: Path, model: Path, out: Path, *overrides: str, stages: bool = False) -> Recipe:
    changes: dict[str, object] = {"extends": "smoke", "name": "warm", "warm_up": WARM_UP}
    if not stages:
        changes |= {"stage1": None, "stage2": None}
    file = folder / "warm.yaml"
    file.write_text(yaml.safe_dump(changes), "utf-8")
    return load_recipe(file, [f"model={model}", f"output={out}", "max_pixels=6272", *overrides])


def test_localisation_comes_first_and_every_question_in_its_turn(items: list[Item], tmp_path: Path) -> None:
    stage = _recipe(tmp_path, tmp_path, tmp_path, "warm_up.epochs=2").warm_up
    assert stage is not None
    rows = warm_up_schedule(items, stage, 42)
    views = [item for item in items if item.category == "view_source"]
    assert sorted(item.id for item in rows[: len(views)]) == sorted(item.id for item in views)
    for start in (len(views), len(views) + len(items)):
        epoch = [item.id for item in rows[start : start + len(items)]]
        assert sorted(epoch) == sorted(item.id for item in items)
    assert rows[len(views) :][: len(items)] != rows[len(views) + len(items) :]
    assert warm_up_schedule(items[::-1], stage, 42) == rows, "the order of a file decides nothing"
    assert len(rows) == len(views) + 2 * len(items)


def test_what_does_not_fit_is_refused_before_anything_is_loaded(items: list[Item], tmp_path: Path) -> None:
    def refusal(*overrides: str, rows: list[Item] = items) -> str:
        with pytest.raises(DataError) as error:
            run_curriculum(_recipe(tmp_path, tmp_path / "m", tmp_path / "out", *overrides), rows)
        return str(error.value)

    assert "adapter must be null" in refusal("warm_up.parameters=all", "adapter=x")
    assert "expected a stage1 or a warm_up" in refusal("warm_up=null")
    assert "warm_up.epochs" in refusal("warm_up.epochs=0")
    assert "warm_up.reasoning" in refusal("warm_up.reasoning=nothing")


def test_too_few_questions_and_none_to_localise_by(
    tiny_model: Path, items: list[Item], tmp_path: Path
) -> None:
    def refusal(rows: list[Item], *overrides: str) -> str:
        with pytest.raises(DataError) as error:
            run_curriculum(_recipe(tmp_path, tiny_model, tmp_path / "out", *overrides), rows)
        return str(error.value)

    assert "warm_up: 5 questions are too few" in refusal(items[:3], "warm_up.localisation_epochs=2")
    assert "warm_up: global_batch 16 is not a multiple" in refusal(items, "warm_up.per_device_batch=5")
    elsewhere = [item for item in items if item.category == "environment"]
    assert "localisation_epochs=0" in refusal(elsewhere)
    assert not (tmp_path / "out").exists()


def test_a_recipe_with_a_warm_up_reads_back(tmp_path: Path) -> None:
    recipe = _recipe(tmp_path, tmp_path, tmp_path, stages=True)
    file = tmp_path / "again.yaml"
    file.write_text(to_yaml(recipe), "utf-8")
    assert load_recipe(file) == recipe
    assert load_recipe("balanced").warm_up is None


def test_the_lesson_is_the_gold_answer_in_the_form_that_is_scored(items: list[Item]) -> None:
    from panoenv_tasks.scoring import score

    row = supervised_rows(items[:1])[0]
    assert row["completion"] == [{"role": "assistant", "content": gold_completion(items[0])}]
    assert row["prompt"][0]["content"] == items[0].question
    taught = supervised_rows(items[:1], lambda item: f"{item.frame}.")[0]["completion"][0]["content"]
    assert taught == "<Reasoning>P000_000000.</Reasoning><Answer>Yes</Answer>"
    for protocol in ("paper", "strict"):
        told = score(items[0], gold_completion(items[0]), protocol)
        assert (told.correct, told.format_valid) == (True, True)


def test_a_lesson_without_a_picture_is_asked_in_the_words_for_that(
    items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PANOENV_PROMPTS")
    seen, blind = supervised_rows([items[0], replace(items[0], image=None, image_kind="none")])
    assert len(seen["images"]) == 1
    assert blind["images"] == []
    assert blind["prompt"][0]["content"].startswith("No picture is shown.")
    assert blind["completion"] == seen["completion"]


@pytest.mark.slow
def test_every_weight_learns_to_see_and_a_kill_changes_nothing(
    tiny_model: Path, items: list[Item], world: Path, tmp_path: Path
) -> None:
    settings = ("warm_up.parameters=all", "warm_up.epochs=3", "warm_up.save_steps=10", f"data={world}")
    model = run_curriculum(_recipe(tmp_path, tiny_model, tmp_path / "whole", *settings), items)
    assert model == tmp_path / "whole" / "warm_up" / "model"
    assert _share_right(model, load_items(world, "val")) > 0.9, "it answers by what it sees"
    with pytest.raises(DataError, match="a whole model already"):
        find_adapter(model)

    recipe = _recipe(tmp_path, tiny_model, tmp_path / "killed", *settings)
    file = tmp_path / "killed.yaml"
    file.write_text(to_yaml(recipe), "utf-8")
    kill_training_at("warm_up 15/", [file])
    again = run_curriculum(recipe, items)
    assert base_sha256(str(again)) == base_sha256(str(model))
    before = (again / "model.safetensors").stat().st_mtime_ns
    assert run_curriculum(recipe, items) == again
    assert (again / "model.safetensors").stat().st_mtime_ns == before, "a finished stage is not run again"


@pytest.mark.slow
@pytest.mark.parametrize("parameters", ["adapter", "all"])
def test_grpo_goes_on_from_it_and_merges(
    parameters: str, tiny_model: Path, items: list[Item], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    small = ("warm_up.limit=16", "warm_up.localisation_epochs=0", "stage1.limit=4")
    short = (f"warm_up.parameters={parameters}", "stage1.max_completion_length=12")
    both = _recipe(tmp_path, tiny_model, out, *small, *short, stages=True)
    adapter = run_curriculum(both.model_copy(update={"stages": {"stage1": both.stages["stage1"]}}), items)
    base = json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"]
    marker = json.loads((out / "stage1" / "DONE").read_text())
    report = merge(out, tmp_path / "final")
    if parameters == "adapter":
        assert base == str(tiny_model)
        assert marker["from_adapter_sha256"] == adapter_sha256(out / "warm_up" / "adapter")
    else:
        assert base == str(out / "warm_up" / "model")
        assert (marker["from_adapter_sha256"], report.base) == (None, "model")
        with pytest.raises(DataError, match="not the weights that the adapter was trained on"):
            merge(out, tmp_path / "other", str(tiny_model))


def _share_right(model: Path, items: list[Item]) -> float:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    from training.evaluation import check_up

    processor = AutoProcessor.from_pretrained(model, padding_side="left")
    loaded = AutoModelForImageTextToText.from_pretrained(model)
    return check_up(loaded, processor, items, without_image=0, tokens=24, batch=24, step=0).acc_strict
