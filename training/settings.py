"""A stage of a recipe as TRL's ``GRPOConfig``, every setting that matters written out.

TRL 1.16 differs from the paper in its defaults for beta, loss_type, num_generations,
max_completion_length, learning_rate, use_bias_correction_kl, max_grad_norm and
gradient_checkpointing, so none of them is left to a default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from training.recipe import Recipe
from training.sections import Stage, WarmUp

#: The released trainer multiplies every advantage by this. Adam does not see the scale of a
#: gradient, so all that remains of it is a KL weight and a clipping norm divided by the same number.
REFERENCE_ADVANTAGE_SCALE = 5.0
#: The released sampler leaves transformers' implicit top-k in force.
REFERENCE_TOP_K = 50


def accumulation(stage: Stage, processes: int) -> int:
    """Return the gradient accumulation steps that make up the global batch.

    Raises:
        DataError: The global batch cannot be spread evenly, or a generation batch would split a group.
    """
    steps = micro_batches(stage, processes)
    micro = stage.per_device_batch * processes
    generated = stage.steps_per_generation or steps
    if steps % generated:
        raise DataError(
            f"steps_per_generation {generated} does not divide the {steps} accumulation steps; "
            "a checkpoint would fall inside a generation batch and could not be resumed exactly"
        )
    if (micro * generated) % stage.num_generations:
        raise DataError(
            f"num_generations {stage.num_generations} does not divide a generation batch of "
            f"{micro * generated} completions (per_device_batch x processes x steps_per_generation)"
        )
    return steps


def micro_batches(stage: Stage | WarmUp, processes: int) -> int:
    """Return how many batches of all processes make up the global batch.

    Raises:
        DataError: The global batch cannot be spread evenly.
    """
    micro = stage.per_device_batch * processes
    if stage.global_batch % micro:
        raise DataError(
            f"global_batch {stage.global_batch} is not a multiple of per_device_batch "
            f"{stage.per_device_batch} x {processes} processes; change one of the three"
        )
    return stage.global_batch // micro


def sft_settings(recipe: Recipe, stage: WarmUp, folder: Path, processes: int) -> dict[str, Any]:
    """Return the keyword arguments of ``SFTConfig`` for the supervised stage.

    Args:
        recipe: The run.
        stage: Its supervised stage.
        folder: TRL's output folder.
        processes: Number of training processes over all machines.

    Raises:
        DataError: The batch does not fit the processes.
    """
    return {
        "output_dir": str(folder),
        "run_name": f"{recipe.name}-warm_up",
        "seed": recipe.seed,
        # As for GRPO: the epochs lie end to end, so that a resumed run sees the same order.
        "num_train_epochs": 1,
        "train_sampling_strategy": "sequential",
        "dataloader_drop_last": True,
        "per_device_train_batch_size": stage.per_device_batch,
        "gradient_accumulation_steps": micro_batches(stage, processes),
        "learning_rate": stage.learning_rate,
        "lr_scheduler_type": stage.lr_schedule,
        "warmup_steps": stage.warmup,
        "optim": "adamw_torch_fused",
        # With the usual 0.999 a model from random weights goes by its large first gradients for a thousand
        # steps; 0.95 is what models are pretrained with.
        "adam_beta2": 0.95 if stage.parameters == "all" else 0.999,
        "weight_decay": 0.0,
        "max_grad_norm": stage.max_grad_norm,
        "loss_type": "nll",
        "completion_only_loss": True,
        # A cut prompt would lose image tokens.
        "max_length": None,
        "packing": False,
        "bf16": recipe.precision == "bfloat16",
        "gradient_checkpointing": stage.gradient_checkpointing,
        "dataloader_num_workers": recipe.workers,
        "remove_unused_columns": False,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "steps",
        "save_steps": stage.save_steps,
        "save_total_limit": stage.save_total_limit,
        "report_to": recipe.report_to,
        "disable_tqdm": True,
    }


def grpo_settings(recipe: Recipe, name: str, folder: Path, processes: int) -> dict[str, Any]:
    """Return the keyword arguments of ``GRPOConfig`` for one stage.

    Args:
        recipe: The run.
        name: The stage, e.g. ``stage1``.
        folder: TRL's output folder.
        processes: Number of training processes over all machines.

    Raises:
        DataError: The batch does not fit the processes or the groups.
    """
    stage = recipe.stages[name]
    steps = accumulation(stage, processes)
    reference = recipe.setup == "reference_code"
    scale = REFERENCE_ADVANTAGE_SCALE if reference else 1.0
    return {
        "output_dir": str(folder),
        "run_name": f"{recipe.name}-{name}",
        "seed": recipe.seed,
        # The epochs are shuffled and laid end to end beforehand: the library's own order starts
        # over when a run is resumed in a later epoch.
        "num_train_epochs": 1,
        "shuffle_dataset": False,
        "per_device_train_batch_size": stage.per_device_batch,
        "gradient_accumulation_steps": steps,
        "steps_per_generation": stage.steps_per_generation or steps,
        "num_generations": stage.num_generations,
        "learning_rate": stage.learning_rate,
        "lr_scheduler_type": stage.lr_schedule,
        "warmup_steps": stage.warmup,
        "optim": "adamw_torch_fused",
        "weight_decay": 0.0,
        "max_grad_norm": stage.max_grad_norm / scale,
        "beta": stage.beta / scale,
        "use_bias_correction_kl": False,
        **recipe.trl.model_dump(),
        "reward_weights": [
            recipe.rewards.accuracy,
            recipe.rewards.format,
            0.0,
            *recipe.rewards.functions.values(),
        ],
        "max_completion_length": stage.max_completion_length,
        "temperature": stage.temperature,
        "top_p": 1.0,
        "top_k": REFERENCE_TOP_K if reference else 0,
        "repetition_penalty": 1.0,
        "disable_dropout": False,
        "bf16": recipe.precision == "bfloat16",
        "gradient_checkpointing": stage.gradient_checkpointing,
        "dataloader_num_workers": recipe.workers,
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": stage.save_steps,
        "save_total_limit": stage.save_total_limit,
        "report_to": recipe.report_to,
        "disable_tqdm": True,
        "log_completions": True,
        "num_completions_to_print": 0,
        "log_multimodal": False,
        **_sampler(recipe.generation),
    }


def _sampler(generation: str) -> dict[str, Any]:
    if generation == "transformers":
        return {"use_vllm": False}
    return {"use_vllm": True, "vllm_mode": "server", "vllm_server_base_url": generation}
