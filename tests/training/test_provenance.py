"""A run's record, and the refusal to go on with another run's folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.questions import item_of

from panoenv_tasks.items import DataError, Item, fingerprint
from training.identity import base_sha256, pictures_sha256
from training.provenance import RECORD, claim_folder, find_record, run_record
from training.recipe import load_recipe

QUESTION = "From the visual cues in the image, is the setting of this scene indoors or outdoors?"


@pytest.fixture
def items() -> list[Item]:
    return [item_of(QUESTION, "Indoors"), item_of("Does this scene appear to be set in Rome?", "No")]


def begin(folder: Path, items: list[Item], *overrides: str) -> None:
    """Claim a folder for a run and let its first stage begin."""
    claim_folder(folder, run_record(load_recipe("smoke", overrides), items, processes=1))
    (folder / "stage1").mkdir(exist_ok=True)


def test_the_record_says_what_the_run_was_made_from(items: list[Item]) -> None:
    record = run_record(load_recipe("smoke"), items, processes=2)
    assert record["recipe"]["stage1"]["questions"] == "structured"
    assert record["data"] == {
        "split": "train",
        "questions": 2,
        "image_kinds": ["none"],
        "sha256": fingerprint(items),
        "pictures_sha256": pictures_sha256(items),
    }
    assert len(record["prompts"]["sha256"]) == 64
    assert record["scoring"] == "strict@2"
    assert record["processes"] == 2
    assert set(record["versions"]) >= {"panoenv", "trl", "transformers", "torch", "peft"}
    assert None not in record["versions"].values()
    assert json.loads(json.dumps(record)) == record


def test_the_same_run_may_go_on(items: list[Item], tmp_path: Path) -> None:
    record = run_record(load_recipe("smoke"), items, processes=1)
    claim_folder(tmp_path / "new" / "run", record)
    claim_folder(tmp_path / "new" / "run", record)
    assert find_record(tmp_path / "new" / "run" / "stage1" / "adapter") == record


def test_a_moved_folder_is_still_the_same_run(items: list[Item], tmp_path: Path) -> None:
    begin(tmp_path, items)
    moved = load_recipe("smoke", ["output=elsewhere", "data=elsewhere", "report_to=wandb"])
    claim_folder(tmp_path, run_record(moved, items, processes=1))


@pytest.mark.parametrize(
    ("override", "named"),
    [("seed=1", "recipe.seed"), ("stage2.beta=0.5", "recipe.stage2.beta"), ("name=x", "recipe.name")],
)
def test_another_recipe_is_refused_by_the_key_that_differs(
    override: str, named: str, items: list[Item], tmp_path: Path
) -> None:
    begin(tmp_path, items)
    with pytest.raises(DataError, match=named):
        claim_folder(tmp_path, run_record(load_recipe("smoke", [override]), items, processes=1))


def test_a_run_that_never_began_may_be_started_otherwise(items: list[Item], tmp_path: Path) -> None:
    for override in ("seed=1", "seed=2"):
        record = run_record(load_recipe("smoke", [override]), items, processes=1)
        claim_folder(tmp_path / "run", record)
        assert find_record(tmp_path / "run") == record


def test_changed_data_are_refused(items: list[Item], tmp_path: Path) -> None:
    begin(tmp_path, items)
    changed = [replace(items[0], answer="Outdoors"), *items[1:]]
    with pytest.raises(DataError, match=r"data\.sha256"):
        claim_folder(tmp_path, run_record(load_recipe("smoke"), changed, processes=1))


def model_folder(folder: Path, weights: bytes = b"weights", **config: int) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "model.safetensors").write_bytes(weights)
    return folder


def test_replaced_pictures_are_refused(items: list[Item], tmp_path: Path) -> None:
    picture = tmp_path / "rgb_erp.png"
    seen = [replace(item, image=picture, image_kind="erp") for item in items]
    picture.write_bytes(b"one")
    begin(tmp_path / "run", seen)
    begin(tmp_path / "run", seen)
    picture.write_bytes(b"another")
    with pytest.raises(DataError, match=r"data\.pictures_sha256"):
        begin(tmp_path / "run", seen)


def test_every_picture_of_a_panorama_counts_in_whatever_order(items: list[Item], tmp_path: Path) -> None:
    files = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for file in files:
        file.write_bytes(file.name.encode())
    seen = [replace(items[0], image=file, image_kind="marked") for file in files]
    before = pictures_sha256(seen)
    assert pictures_sha256(seen[::-1]) == before
    for file in files:
        content = file.read_bytes()
        file.write_bytes(b"another")
        assert pictures_sha256(seen) != before, file
        file.write_bytes(content)


def test_perturbed_weights_are_refused_and_a_moved_base_is_not(items: list[Item], tmp_path: Path) -> None:
    base = model_folder(tmp_path / "base")
    begin(tmp_path / "run", items, f"model={base}")
    begin(tmp_path / "run", items, f"model={model_folder(tmp_path / 'moved')}")
    with pytest.raises(DataError, match="base_sha256"):
        begin(tmp_path / "run", items, f"model={model_folder(base, b'weight!')}")
    with pytest.raises(DataError, match="base_sha256"):
        begin(tmp_path / "run", items, f"model={model_folder(base, layers=3)}")


def test_files_of_a_trainer_are_no_part_of_a_model(tmp_path: Path) -> None:
    base = model_folder(tmp_path / "base")
    before = base_sha256(str(base))
    (base / "training_args.bin").write_bytes(b"x")
    (base / "adapter_model.safetensors").write_bytes(b"x")
    assert base_sha256(str(base)) == before


@pytest.mark.parametrize("name", ["no/such-model", "not there"])
def test_a_base_that_is_not_there_is_said(name: str) -> None:
    with pytest.raises(DataError, match="cannot be loaded"):
        base_sha256(name)


def test_changed_prompts_are_refused(
    items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from support.bright_world import write_short_prompts

    begin(tmp_path / "run", items)
    monkeypatch.setenv("PANOENV_PROMPTS", str(write_short_prompts(tmp_path / "short.yaml")))
    with pytest.raises(DataError, match=r"prompts\.id"):
        begin(tmp_path / "run", items)


def test_another_number_of_processes_is_refused(items: list[Item], tmp_path: Path) -> None:
    begin(tmp_path, items)
    with pytest.raises(DataError, match="processes"):
        claim_folder(tmp_path, run_record(load_recipe("smoke"), items, processes=2))


def test_a_folder_with_something_else_in_it_is_left_alone(items: list[Item], tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", "utf-8")
    with pytest.raises(DataError, match="not empty"):
        claim_folder(tmp_path, run_record(load_recipe("smoke"), items, processes=1))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_damaged_record_is_refused(text: str, items: list[Item], tmp_path: Path) -> None:
    (tmp_path / "stage1").mkdir()
    (tmp_path / RECORD).write_text(text, "utf-8")
    with pytest.raises(DataError, match="not a run record"):
        begin(tmp_path, items)
