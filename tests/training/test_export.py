"""Merging an adapter: faithful, complete, into a folder of its own, and nothing left behind when it fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.questions import item_of
from support.trained import random_adapter

from panoenv_tasks.items import DataError
from training.card import public_name
from training.export import find_adapter, merge
from training.provenance import run_record
from training.recipe import load_recipe


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return random_adapter(tiny_model, tmp_path_factory.mktemp("run") / "stage1" / "adapter")


def test_the_merged_folder_is_the_model_with_its_adapter(
    adapter: Path, tiny_model: Path, tmp_path: Path
) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForImageTextToText

    report = merge(adapter, tmp_path / "final")
    base = AutoModelForImageTextToText.from_pretrained(tiny_model)
    ids = torch.arange(20).reshape(1, 20)
    plain = base(input_ids=ids).logits
    adapted = PeftModel.from_pretrained(base, str(adapter))(input_ids=ids).logits
    merged = AutoModelForImageTextToText.from_pretrained(tmp_path / "final")(input_ids=ids).logits
    assert torch.allclose(merged, adapted, atol=1e-4)
    assert not torch.allclose(merged, plain, atol=1e-2), "an adapter that does nothing proves nothing"
    assert report.dtype == "float32"
    assert json.loads((tmp_path / "final" / "merge.json").read_text())["base"] == tiny_model.name


def test_the_card_measures_at_the_size_of_training(adapter: Path, tmp_path: Path) -> None:
    merge(adapter, tmp_path / "final")
    card = (tmp_path / "final" / "README.md").read_text("utf-8")
    assert "--model qwen2_5_vl --model_args pretrained=FOLDER,min_pixels=3136,max_pixels=3276800 " in card
    assert "license: other" in card
    written = card + (tmp_path / "final" / "merge.json").read_text("utf-8")
    assert str(tmp_path.parent) not in written, "no path of this machine"


def test_the_card_says_what_the_run_was_made_from(tiny_model: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    adapter = random_adapter(tiny_model, run / "stage1" / "adapter")
    items = [item_of("Does this scene appear to be set in Rome?", "No")]
    recipe = load_recipe("smoke", [f"model={tiny_model}", f"data={tmp_path}", f"output={run}"])
    record = run_record(recipe, items, processes=1)
    (run / "run.json").write_text(json.dumps(record), "utf-8")
    merge(adapter, tmp_path / "final")
    card = (tmp_path / "final" / "README.md").read_text("utf-8")
    for fact in (
        record["base_sha256"],
        record["data"]["pictures_sha256"],
        "pictures of kind none",
        "commit `",
    ):
        assert fact in card
    assert str(tmp_path) not in card
    assert str(tiny_model) not in card


def test_a_folder_is_named_without_its_place_even_when_it_is_gone() -> None:
    assert public_name("/gone/models/Qwen2.5-VL-7B") == "Qwen2.5-VL-7B"
    assert public_name("Qwen/Qwen2.5-VL-7B-Instruct") == "Qwen/Qwen2.5-VL-7B-Instruct"


def test_the_precision_is_the_base_models(tiny_model: Path, tmp_path: Path) -> None:
    base = tmp_path / "half"
    shutil.copytree(tiny_model, base)
    config = json.loads((base / "config.json").read_text())
    config["dtype"] = config["text_config"]["dtype"] = config["vision_config"]["dtype"] = "bfloat16"
    (base / "config.json").write_text(json.dumps(config))
    report = merge(random_adapter(base, tmp_path / "adapter"), tmp_path / "final")
    assert report.dtype == "bfloat16"
    assert json.loads((tmp_path / "final" / "config.json").read_text())["dtype"] == "bfloat16"


def test_a_folder_in_use_is_refused(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(DataError, match="folder of its own"):
        merge(adapter, tmp_path)
    with pytest.raises(DataError, match="folder of its own"):
        merge(adapter, tmp_path / "adapter_config.json")
    assert [path.name for path in tmp_path.iterdir()] == ["adapter_config.json"]


def test_an_empty_folder_is_taken(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "final").mkdir()
    merge(adapter, tmp_path / "final")
    assert (tmp_path / "final" / "model.safetensors").is_file()


def test_nothing_is_left_when_the_base_model_is_gone(tiny_model: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_model, base)
    adapter = random_adapter(base, tmp_path / "adapter")
    shutil.rmtree(base)
    with pytest.raises(DataError, match="cannot load base"):
        merge(adapter, tmp_path / "final")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"base_model_name_or_path": null}'])
def test_a_damaged_adapter_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text(text)
    with pytest.raises(DataError, match=r"adapter_config\.json"):
        merge(tmp_path / "adapter", tmp_path / "final")


def test_an_adapter_without_its_processor_is_refused(adapter: Path, tmp_path: Path) -> None:
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (tmp_path / "bare").mkdir(exist_ok=True)
        shutil.copy(adapter / name, tmp_path / "bare" / name)
    with pytest.raises(DataError, match="processor"):
        merge(tmp_path / "bare", tmp_path / "final")


def test_runs_stages_checkpoints_and_adapters_are_all_understood(tmp_path: Path) -> None:
    def make(path: Path) -> Path:
        path.mkdir(parents=True)
        (path / "adapter_config.json").write_text("{}")
        return path

    first = make(tmp_path / "stage1" / "adapter")
    checkpoint = make(tmp_path / "stage2" / "checkpoint-4")
    (tmp_path / "stage1" / "DONE").write_text("{}")
    assert find_adapter(first) == first
    assert find_adapter(tmp_path / "stage1") == first
    assert find_adapter(checkpoint) == checkpoint
    with pytest.raises(DataError, match="stage2 is not over"):
        find_adapter(tmp_path)
    last = make(tmp_path / "stage2" / "adapter")
    (tmp_path / "stage2" / "DONE").write_text("{}")
    assert find_adapter(tmp_path) == last


def test_a_folder_without_any_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no adapter_config\.json"):
        find_adapter(tmp_path)
