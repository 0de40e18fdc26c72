"""The sections of a recipe, as records: adapter, rewards, objective, held-out questions, stages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: ``structured``: true/false and multiple choice. ``balanced``: every open-ended question and as
#: many structured ones.
Questions = Literal["all", "structured", "open_ended", "balanced"]
#: The conditions that can be trained on: the whole panorama, and its six cube faces as six pictures.
Shown = Literal["full", "cubemap"]

Count = Annotated[int, Field(ge=1)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, lt=1)]


class Record(BaseModel):
    """Frozen, complete and closed: a missing or an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Lora(Record):
    """Low-rank adapter on the linear layers of the language decoder."""

    r: Count
    alpha: Count
    dropout: _Share


class RewardWeights(Record):
    """Weights of the rewards in their sum.

    ``functions`` adds reward functions of the user's own: ``package.module.function`` in TRL's signature, and
    its weight.
    """

    accuracy: _NotNegative
    format: _NotNegative
    functions: dict[Annotated[str, Field(pattern=r"^\w+(\.\w+)+$")], _NotNegative] = {}


class TrlSettings(Record):
    """TRL's settings for variants of GRPO, under TRL's own names; the defaults are GRPO as in the paper.

    Recipes: ``dr_grpo`` (Liu et al., arXiv 2503.20783), ``dapo`` (Yu et al., arXiv 2503.14476; without its
    resampling, which TRL does not have), ``gspo`` (Zheng et al., arXiv 2507.18071).
    """

    loss_type: Literal["grpo", "dapo", "bnpo", "dr_grpo", "cispo"] = "grpo"
    scale_rewards: Literal["group", "batch", "none"] = "group"
    epsilon: _Positive = 0.2
    epsilon_high: _Positive | None = None
    importance_sampling_level: Literal["token", "sequence"] = "token"
    num_iterations: Count = 1
    mask_truncated_completions: bool = False


class Evaluation(Record):
    """Held-out questions answered greedily at every checkpoint, scored under both protocols.

    ``data`` and ``split`` name the questions (never those trained on), of which ``questions`` are drawn; the
    first ``without_image`` of them are asked once more without their picture. After ``patience`` checkpoints
    without a better strict accuracy a stage ends early; null never ends it.
    """

    data: str | None
    split: Literal["val", "mini"]
    questions: Count
    without_image: Annotated[int, Field(ge=0)]
    patience: Count | None


class Stage(Record):
    """One GRPO run of the curriculum.

    ``global_batch`` counts completions per optimizer step over all processes, so a step sees
    ``global_batch / num_generations`` questions. ``steps_per_generation`` micro-batches are sampled
    in one call; null takes a whole optimizer step, a smaller divisor saves memory. ``warmup`` is a
    share of the steps. ``limit`` keeps that many questions (a trial run); null keeps all.
    """

    questions: Questions
    limit: Count | None
    epochs: Count
    num_generations: Annotated[int, Field(ge=2)]
    global_batch: Count
    per_device_batch: Count
    steps_per_generation: Count | None
    learning_rate: _NotNegative
    lr_schedule: Literal["linear", "cosine", "constant", "constant_with_warmup"]
    warmup: _Share
    beta: _NotNegative
    max_grad_norm: _Positive
    max_completion_length: Count
    temperature: _Positive
    gradient_checkpointing: bool
    save_steps: Count
    save_total_limit: Count = 3

    @model_validator(mode="after")
    def _groups_fill_the_batch(self) -> Stage:
        if self.global_batch % self.num_generations:
            raise ValueError(
                f"global_batch {self.global_batch} is not a multiple of num_generations "
                f"{self.num_generations}: a step must hold whole groups"
            )
        if self.questions == "balanced" and self.questions_per_step % 2:
            raise ValueError(
                f"a balanced step needs an even number of questions, and {self.global_batch} / "
                f"{self.num_generations} gives {self.questions_per_step}"
            )
        return self

    @property
    def questions_per_step(self) -> int:
        """Questions that one optimizer step sees."""
        return self.global_batch // self.num_generations


class WarmUp(Record):
    """Supervised training on the gold answers in the project's form, before the GRPO stages.

    Localisation first, as in SpatialLadder (Li et al., arXiv 2510.08531): ``localisation_epochs`` over the
    view and position questions, then ``epochs`` over all. ``parameters: adapter`` trains the adapter that the
    first GRPO stage goes on from. ``all`` trains every weight in float32, for models made from scratch; its
    result is a whole model folder, which later stages take as their base. ``global_batch`` counts questions
    per optimizer step over all processes. ``reasoning`` names a function (``package.module.function``) that
    returns the reasoning to teach for an ``Item``; null leaves it empty, since the data hold none.
    """

    parameters: Literal["adapter", "all"]
    limit: Count | None
    localisation_epochs: Annotated[int, Field(ge=0)]
    epochs: Count
    global_batch: Count
    per_device_batch: Count
    learning_rate: _NotNegative
    lr_schedule: Literal["linear", "cosine", "constant", "constant_with_warmup"]
    warmup: _Share
    max_grad_norm: _Positive
    gradient_checkpointing: bool
    save_steps: Count
    save_total_limit: Count
    reasoning: Annotated[str, Field(pattern=r"^\w+(\.\w+)+$")] | None = None
