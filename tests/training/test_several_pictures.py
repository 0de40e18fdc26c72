"""The cubemap condition in training: six pictures in a prompt, alone and beside whole panoramas."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.bright_world import write_bright_world

from panoenv_tasks import load_items
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.perturb import draw, present
from panoenv_tasks.prompts import render
from training.data import training_rows
from training.evaluation import check_up
from training.mixing import schedule
from training.model import load_model, load_processor
from training.plan import plan
from training.recipe import load_recipe
from training.trainer import build_trainer

FACES = 6


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    """Questions whose raw panoramas are there, each picture another noise."""
    from PIL import Image

    root = write_bright_world(tmp_path_factory.mktemp("raw"), "train", panoramas=8)
    for folder in sorted((root / "train" / "BrightWorld").iterdir()):
        Image.effect_noise((112, 56), 90).convert("RGB").save(folder / "rgb_erp.png")
    return load_items(root, "train")


def test_a_question_is_asked_as_the_harness_asks_it(raw: list[Item]) -> None:
    rows = training_rows(raw[:3], "strict", ["cubemap"])
    for row, shown in zip(rows, present(raw[:3], "cubemap"), strict=True):
        (turn,) = row["prompt"]
        assert turn["content"] == render(
            shown.item, question=shown.text, boxes=shown.boxes, panorama=shown.panorama
        )
        assert "top" in turn["content"], "the order of the faces is said"
        assert len(row["images"]) == FACES
        for ours, picture in zip(row["images"], shown.pictures, strict=True):
            assert ours.tobytes() == draw(picture).tobytes()


def test_with_two_conditions_each_question_takes_turns(raw: list[Item]) -> None:
    recipe = load_recipe("smoke", ["stage1.limit=null", "stage1.epochs=2", "conditions=[full, cubemap]"])
    rows = schedule(raw, recipe.stages["stage1"], recipe.seed)
    table = training_rows(rows, "strict", recipe.conditions).with_format(None)
    pictures = Counter(
        (name, len(files)) for name, files in zip(table["item"][:], table["images"][:], strict=True)
    )
    asked = {item.id for item in rows}
    assert pictures == Counter({(name, count): 1 for name in asked for count in (1, FACES)})
    first = [len(files) for files in table["images"][: len(rows) // 2]]
    assert 3 < first.count(1) < len(first) - 3, "mixed within an epoch"


def test_drawings_are_refused(items: list[Item]) -> None:
    with pytest.raises(DataError, match="condition cubemap needs the raw panorama"):
        training_rows(items, "strict", ["full", "cubemap"])


def test_a_warm_up_beside_it_is_refused() -> None:
    warm_up = (
        "{parameters: adapter, limit: 4, localisation_epochs: 0, epochs: 1, global_batch: 4, "
        "per_device_batch: 4, learning_rate: 0, lr_schedule: linear, warmup: 0, max_grad_norm: 1, "
        "gradient_checkpointing: false, save_steps: 1, save_total_limit: 1}"
    )
    with pytest.raises(DataError, match="shows whole panoramas only"):
        load_recipe("smoke", ["conditions=[cubemap]", f"warm_up={warm_up}"])


def test_the_plan_counts_the_faces(tiny_model: Path, raw: list[Item]) -> None:
    overrides = [f"model={tiny_model}", "max_pixels=3276800"]
    whole, faces, both = (
        plan(load_recipe("smoke", [*overrides, f"conditions={shown}"]), raw).image_tokens
        for shown in ("[full]", "[cubemap]", "[full, cubemap]")
    )
    assert (whole, faces, both) == (8, 6 * 23 * 23, (8 + 6 * 23 * 23) // 2)


def test_held_out_questions_are_shown_the_same_way(tiny_model: Path, raw: list[Item]) -> None:
    recipe = load_recipe("smoke", ["max_pixels=6272"])
    processor = load_processor(str(tiny_model), recipe)
    pictures: list[list[int]] = []

    class Counting:
        def __call__(self, **inputs: Any) -> Any:
            pictures.append([len(row) for row in inputs.get("images", ())])
            return processor(**inputs)

        def __getattr__(self, name: str) -> Any:
            return getattr(processor, name)

    model = load_model(str(tiny_model), recipe)
    sizes = {"without_image": 1, "tokens": 2, "batch": 2, "step": 1}
    found = check_up(model, Counting(), raw[:2], **sizes, condition="cubemap")
    assert pictures == [[FACES, FACES], []]
    assert (found.n, found.n_without_image) == (2, 1)


@pytest.fixture
def trainer(tiny_model: Path, raw: list[Item], tmp_path: Path, short_prompts: None) -> Any:
    recipe = load_recipe(
        "smoke",
        [
            *(f"model={tiny_model}", "report_to=none", "max_pixels=6272", "conditions=[full, cubemap]"),
            *("stage1.num_generations=2", "stage1.global_batch=8", "stage1.per_device_batch=4"),
            *("stage1.max_completion_length=6", "stage1.questions=all", "stage1.limit=4"),
        ],
    )
    rows = schedule(raw, recipe.stages["stage1"], recipe.seed)
    return build_trainer(recipe, "stage1", rows, tmp_path, processes=1, previous=None)


def test_each_prompt_sees_its_own_pictures_in_a_mixed_batch(trainer: Any) -> None:
    """The log-probabilities of a batch are those of each question alone, its pictures given by hand."""
    import torch

    rows = [trainer.train_dataset[number] for number in range(4)]
    assert {len(row["images"]) for row in rows} == {1, FACES}
    batch = trainer._generate_and_score_completions([row for row in rows for _ in range(2)])
    assert [int(number) for number in batch["num_images"]] == [
        len(row["images"]) for row in rows for _ in range(2)
    ]
    processor, model = trainer.processing_class, trainer.model.base_model.model
    for number, row in enumerate(rows):
        content = [*({"type": "image"} for _ in row["images"]), {"type": "text"}]
        content[-1]["text"] = row["prompt"][0]["content"]
        text = processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
        )
        alone = processor(text=[text], images=[row["images"]], return_tensors="pt")
        kept = batch["completion_mask"][2 * number].bool()
        answer = batch["completion_ids"][2 * number][kept].unsqueeze(0)
        ids = torch.cat([alone.pop("input_ids"), answer], dim=1)
        kinds = torch.cat([alone.pop("mm_token_type_ids"), torch.zeros_like(answer)], dim=1)
        alone.pop("attention_mask")
        with torch.no_grad(), trainer.model.disable_adapter():
            logits = model(input_ids=ids, mm_token_type_ids=kinds, **alone).logits[
                0, -answer.shape[1] - 1 : -1
            ]
        expected = logits.log_softmax(-1).gather(1, answer[0].unsqueeze(1))[:, 0]
        found = batch["ref_per_token_logps"][2 * number][kept]
        assert torch.allclose(found, expected, atol=1e-4), number


def test_it_trains(trainer: Any, tmp_path: Path) -> None:
    from training.checkpoints import has_finite_weights

    trainer.train()
    assert trainer.state.global_step == 1
    assert has_finite_weights(tmp_path / "checkpoint-1")
