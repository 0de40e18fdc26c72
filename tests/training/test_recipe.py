"""Recipes: complete, closed, overridable, printable; and bad ones refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from panoenv_tasks.items import DataError
from training.recipe import Recipe, load_recipe, recipe_names, to_yaml

PAPER = Path(__file__).resolve().parents[2] / "leaderboard" / "data" / "paper_results.yaml"
ABLATIONS = {
    "balanced": ["structured", "balanced"],
    "one_stage": ["all"],
    "structured": ["structured"],
    "oe_only": ["open_ended"],
    "reverse": ["open_ended", "balanced"],
}
#: The balanced curriculum under other objectives, and what each changes in TRL's settings.
VARIANTS = {
    "dr_grpo": {"loss_type": "dr_grpo", "scale_rewards": "none"},
    "dapo": {"loss_type": "dapo", "epsilon_high": 0.28, "mask_truncated_completions": True},
    "gspo": {
        "importance_sampling_level": "sequence",
        "epsilon": 3e-4,
        "epsilon_high": 4e-4,
        "num_iterations": 2,
    },
}


def test_every_variant_of_the_paper_has_a_recipe() -> None:
    stages = {name: [s.questions for s in load_recipe(name).stages.values()] for name in recipe_names()}
    assert stages.pop("released") == ["all"]
    for name in ("smoke", *VARIANTS):
        assert stages.pop(name) == ABLATIONS["balanced"]
    assert stages == ABLATIONS


def test_a_stage_can_be_left_out_by_an_override() -> None:
    assert list(load_recipe("balanced", ["stage2=null"]).stages) == ["stage1"]
    with pytest.raises(DataError, match="numbered from stage1 on"):
        load_recipe("balanced", ["stage1=null"])


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_grpo_change_the_objective_only(name: str) -> None:
    balanced, variant = load_recipe("balanced"), load_recipe(name)
    default = balanced.trl.model_dump()
    changed = {key: value for key, value in variant.trl.model_dump().items() if value != default[key]}
    assert changed == VARIANTS[name]
    for stage in balanced.stages:
        assert variant.stages[stage].beta == 0
        assert variant.stages[stage].model_copy(update={"beta": 0.01}) == balanced.stages[stage]


def test_the_released_run_is_the_release_and_not_the_paper() -> None:
    released = load_recipe("released")
    assert (released.setup, released.protocol) == ("reference_code", "paper")
    assert not released.stages["stage1"].gradient_checkpointing


def test_a_file_that_extends_a_recipe_holds_only_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("extends: balanced\nname: mine\nlora: {r: 8}\nstage2: {epochs: 5}\n", "utf-8")
    mine, balanced = load_recipe(file, ["trl.loss_type=bnpo"]), load_recipe("balanced")
    assert (mine.lora.r, mine.lora.alpha, mine.trl.loss_type) == (8, 32, "bnpo")
    assert (mine.stages["stage1"], mine.stages["stage2"].epochs) == (balanced.stages["stage1"], 5)
    file.write_text("extends: nothing\n", "utf-8")
    with pytest.raises(DataError, match="extends 'nothing'; expected one of balanced"):
        load_recipe(file)


@pytest.mark.parametrize("name", sorted(ABLATIONS))
def test_recipes_hold_the_papers_numbers(name: str) -> None:
    setup = yaml.safe_load(PAPER.read_text("utf-8"))["training_setup"]
    recipe = load_recipe(name)
    assert str(recipe.model).endswith(setup["backbone"])
    assert (recipe.lora.r, recipe.lora.alpha, recipe.lora.dropout) == tuple(
        setup["lora"][key] for key in ("r", "alpha", "dropout")
    )
    assert recipe.rewards.model_dump(exclude={"functions"}) == setup["reward_weights"]
    assert recipe.precision == setup["precision"]
    assert {"min": recipe.min_pixels, "max": recipe.max_pixels} == setup["image_pixels"]
    for stage in recipe.stages.values():
        assert stage.num_generations == setup["group_size_k"]
        assert stage.epochs == setup["epochs"]
        assert stage.learning_rate == setup["peak_learning_rate"]
        assert stage.global_batch == setup["global_batch"]
        assert stage.beta == setup["kl_beta"]
        assert stage.max_completion_length == setup["max_completion_length"]
        assert stage.warmup == setup["warmup_ratio"]
        assert stage.max_grad_norm == setup["max_grad_norm"]
        assert stage.limit is None


@pytest.mark.parametrize("name", recipe_names())
def test_what_is_shown_reads_back_as_the_same_recipe(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name, ["stage1.learning_rate=3e-7", "seed=7"])
    shown = tmp_path / "shown.yaml"
    shown.write_text(to_yaml(recipe), "utf-8")
    assert load_recipe(shown) == recipe


def test_an_override_changes_one_stage_only() -> None:
    recipe = load_recipe("balanced", ["stage2.learning_rate=1e-6", "lora.r=8", "model=some/model"])
    assert recipe.stages["stage2"].learning_rate == 1e-6
    assert recipe.stages["stage1"].learning_rate == 5e-6
    assert (recipe.lora.r, recipe.model) == (8, "some/model")


def test_an_override_of_a_stage_that_is_an_alias_leaves_the_other_alone(tmp_path: Path) -> None:
    text = to_yaml(load_recipe("structured")).replace("stage1:", "stage1: &one") + "stage2: *one\n"
    file = tmp_path / "two.yaml"
    file.write_text(text, "utf-8")
    recipe = load_recipe(file, ["stage2.epochs=9"])
    assert (recipe.stages["stage1"].epochs, recipe.stages["stage2"].epochs) == (2, 9)


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("stage2.lerning_rate=1", "no such key"),
        ("colour=red", "no such key"),
        ("stage3.epochs=1", "no section 'stage3'"),
        ("stage1.epochs.more=1", "no section 'epochs'"),
        ("stage1.epochs", "expected key=value"),
        ("stage1.epochs=[", "not YAML"),
        ("trl.loss_type=mine", "trl.loss_type"),
        ("trl.sclae_rewards=none", "no such key"),
        ("on_alarm=shout", "on_alarm"),
        ("rewards.functions={nodots: 1}", "rewards.functions"),
        (
            "evaluation={data: null, split: test, questions: 9, without_image: 0, patience: null}",
            "evaluation.split",
        ),
        ("stage1.epochs=soon", "stage1.epochs"),
        ("stage1.epochs=1.5", "stage1.epochs"),
        ("stage1.learning_rate=-1", "stage1.learning_rate: expected greater than or equal to 0, found -1"),
        ("lora=8", "lora: expected a section of keys, found 8"),
        ("lora={r: 8, alpha: 8, dropout: 0, rank: 8}", "lora.rank: no such key"),
        ("evaluation.questions=5", "the recipe has no evaluation; give all of it"),
        ("stage1.learning_rate=.nan", "stage1.learning_rate"),
        ("lora.dropout=1", "lora.dropout"),
        ("precision=fp8", "precision"),
        ("split=test", "split"),
        ("generation=vllm", "generation"),
        ("stage1.num_generations=5", "not a multiple of num_generations 5"),
        ("stage2.global_batch=36", "even number of questions"),
        ("min_pixels=null", "both"),
        ("min_pixels=9999999", "min_pixels is larger"),
        ("stage1=3", "stage1"),
    ],
)
def test_bad_overrides_are_refused_in_one_line(override: str, complaint: str) -> None:
    with pytest.raises(DataError) as refusal:
        load_recipe("balanced", [override])
    assert complaint in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_held_out_questions_without_a_stage_to_ask_them_in_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "alone.yaml"
    warm_up = (
        "{parameters: adapter, limit: null, localisation_epochs: 0, epochs: 1, global_batch: 8, "
        "per_device_batch: 8, learning_rate: 1.0e-4, lr_schedule: linear, warmup: 0, max_grad_norm: 1, "
        "gradient_checkpointing: false, save_steps: 5, save_total_limit: 1}"
    )
    file.write_text(f"extends: balanced\nstage1: null\nstage2: null\nwarm_up: {warm_up}\n", "utf-8")
    assert not load_recipe(file).stages
    held_out = "evaluation={data: null, split: val, questions: 9, without_image: 0, patience: null}"
    with pytest.raises(DataError, match="evaluation goes with GRPO stages"):
        load_recipe(file, [held_out])


def _recipe_text(**changes: object) -> str:
    table = yaml.safe_load(to_yaml(load_recipe("balanced")))
    table.update(changes)
    return yaml.safe_dump({key: value for key, value in table.items() if value != "DROP"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "not YAML"),
        ("- 1\n", "expected a mapping"),
        ("1: 2\n", "expected a mapping"),
        (_recipe_text(stage1="DROP", stage2="DROP"), "stages"),
        (_recipe_text(stage1="DROP"), "numbered from stage1"),
        (_recipe_text(seed="DROP"), "seed: Field required"),
        (_recipe_text(unknown=1), "unknown"),
        (_recipe_text(rewards={"accuracy": 0, "format": 0}), "weigh nothing"),
    ],
)
def test_bad_files_are_refused_in_one_line(text: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError) as refusal:
        load_recipe(file)
    assert complaint in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(
        DataError,
        match=r"balanced, dapo, dr_grpo, gspo, oe_only, one_stage, released, reverse, smoke, structured",
    ):
        load_recipe("blanced")


def test_a_recipe_is_frozen() -> None:
    recipe = load_recipe("smoke")
    assert isinstance(recipe, Recipe)
    with pytest.raises(ValueError, match="frozen"):
        recipe.seed = 1  # type: ignore[misc]
