"""A training run as a record: read from YAML, changed by ``key=value``, printed back as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import ProtocolName
from training.sections import (
    Count,
    Evaluation,
    Lora,
    Record,
    RewardWeights,
    Shown,
    Stage,
    TrlSettings,
    WarmUp,
)

#: ``paper``: the published numbers as TRL reads them. ``reference_code``: what the released trainer
#: did with them; see ``training.settings``.
Setup = Literal["paper", "reference_code"]


class Recipe(Record):
    """A whole run: the base model, the data, what the stages share, and the stages in order.

    In YAML and in overrides the stages are ``stage1``, ``stage2``, ... . ``model`` and ``data`` may be
    null in a file: the first must then be given on the command line, the second means
    ``$PANOENV_DATA`` or the local hub snapshot. ``generation`` is ``transformers``, or the address of
    a vLLM server (see ``training.machine``). ``workers`` processes load images. ``min_pixels`` and
    ``max_pixels`` bound width times height of the image as the model sees it; null leaves the
    processor's own.
    ``adapter`` is an adapter folder that the first stage goes on from. ``on_alarm`` says whether an alarm
    (see ``training.alarms``) ends the run. ``equal_groups: drop`` leaves groups whose completions all earn
    the same out of the loss (see ``training.filtering``). ``conditions`` are ways to show a question, as the
    harness's conditions of these names do; with several, a question takes turns. ``warm_up`` is a supervised
    stage before the others, and may stand alone. Keys with a default may be left out of a file.
    """

    name: str
    model: str | None
    data: str | None
    split: Literal["train", "val"]
    output: str
    setup: Setup
    protocol: ProtocolName
    kl_anchor: Literal["base", "previous"]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    precision: Literal["bfloat16", "float32"]
    attention: Literal["flash_attention_2", "sdpa"]
    generation: Annotated[str, Field(pattern=r"^(transformers|https?://\S+)$")]
    report_to: str
    workers: Annotated[int, Field(ge=0)]
    min_pixels: Count | None
    max_pixels: Count | None
    lora: Lora
    rewards: RewardWeights
    on_alarm: Literal["warn", "stop"] = "warn"
    adapter: str | None = None
    equal_groups: Literal["keep", "drop"] = "keep"
    conditions: tuple[Shown, ...] = Field(("full",), min_length=1)
    trl: TrlSettings = TrlSettings()
    evaluation: Evaluation | None = None
    warm_up: WarmUp | None = None
    stages: dict[Annotated[str, Field(pattern=r"^stage[1-9]$")], Stage]

    @model_validator(mode="after")
    def _parts_fit(self) -> Recipe:
        if list(self.stages) != [f"stage{n + 1}" for n in range(len(self.stages))]:
            raise ValueError("stages must be numbered from stage1 on, in order")
        if not self.stages and self.warm_up is None:
            raise ValueError("no stages: expected a stage1 or a warm_up")
        if self.warm_up and self.warm_up.parameters == "all" and self.adapter:
            raise ValueError("warm_up.parameters=all trains the base model itself; adapter must be null")
        if (self.min_pixels is None) != (self.max_pixels is None):
            raise ValueError("min_pixels and max_pixels must both be numbers or both be null")
        if self.min_pixels and self.max_pixels and self.min_pixels > self.max_pixels:
            raise ValueError("min_pixels is larger than max_pixels")
        if self.rewards.accuracy + self.rewards.format + sum(self.rewards.functions.values()) <= 0:
            raise ValueError("the rewards must not all weigh nothing")
        if self.warm_up and self.conditions != ("full",):
            raise ValueError("a warm_up shows whole panoramas only; conditions must be [full]")
        if self.evaluation and not self.stages:
            raise ValueError("evaluation goes with GRPO stages, and there is none; give evaluation=null")
        if self.evaluation and self.evaluation.split == self.split:
            raise ValueError(f"split {self.split} is trained on; evaluation needs another one")
        return self


#: Sections that a recipe may lack.
_OPTIONAL: dict[str, type[Record]] = {"evaluation": Evaluation, "warm_up": WarmUp}


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with the package, sorted."""
    folder = resources.files("training") / "recipes"
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith("yaml"))


def load_recipe(name: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe by name or file and apply overrides such as ``stage2.learning_rate=1e-6``.

    A file may hold ``extends: NAME`` and then only what differs from that recipe.

    Args:
        name: One of ``recipe_names()``, or a YAML file.
        overrides: ``key=value``, the value in YAML; nested keys are joined by dots. ``stage2=null`` leaves a
            stage out.

    Raises:
        DataError: No such recipe, not YAML, an unknown or missing key, or a value of the wrong kind.
    """
    table, origin = _read(name)
    _fill_in_defaults(table)
    for override in overrides:
        _override(table, override)
    stages = {key: table.pop(key) for key in list(table) if key.startswith("stage")}
    left = {key: stage for key, stage in stages.items() if stage is not None}
    try:
        return Recipe.model_validate({**table, "stages": left})
    except ValidationError as error:
        raise DataError(f"{origin}: {_first_problem(error)}") from None


def to_table(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as the plain mapping that its YAML holds."""
    table = recipe.model_dump(mode="json")
    stages = table.pop("stages")
    return {**table, **stages}


def to_yaml(recipe: Recipe) -> str:
    """Return a recipe as YAML that ``load_recipe`` reads back to the same recipe."""
    return yaml.safe_dump(to_table(recipe), sort_keys=False, allow_unicode=True)


def _read(name: str | Path, inside: tuple[str, ...] = ()) -> tuple[dict[str, Any], str]:
    """Return a recipe's mapping, laid over the recipe that its key ``extends`` names, and its origin."""
    known = recipe_names()
    if str(name) in known:
        text, origin = (
            (resources.files("training") / "recipes" / f"{name}.yaml").read_text("utf-8"),
            str(name),
        )
    elif Path(name).is_file():
        text, origin = Path(name).read_text("utf-8"), str(name)
    else:
        raise DataError(f"no recipe {str(name)!r}; expected a YAML file or one of {', '.join(known)}")
    try:
        table = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DataError(f"{origin}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(table, dict) or not all(isinstance(key, str) for key in table):
        raise DataError(f"{origin}: expected a mapping of recipe keys")
    below = table.pop("extends", None)
    if below is None:
        return table, origin
    if below not in known or below in inside:
        raise DataError(f"{origin}: extends {below!r}; expected one of {', '.join(known)}")
    base, _ = _read(below, (*inside, str(name)))
    return _laid_over(base, table), origin


def _laid_over(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``changes``, section by section; a stage that is null is left out."""
    table = dict(base)
    for key, value in changes.items():
        if value is None and key.startswith("stage"):
            table.pop(key, None)
        elif isinstance(value, dict) and isinstance(table.get(key), dict):
            table[key] = _laid_over(table[key], value)
        else:
            table[key] = value
    return table


def _fill_in_defaults(table: dict[str, Any]) -> None:
    """Write out what a file may leave out, so that an override finds it and ``--show`` prints it."""
    for name, field in Recipe.model_fields.items():
        if not field.is_required():
            default = field.default
            table.setdefault(name, default.model_dump() if isinstance(default, Record) else default)
    for stage in (value for key, value in table.items() if key.startswith("stage")):
        if isinstance(stage, dict):
            stage.setdefault("save_total_limit", Stage.model_fields["save_total_limit"].default)
    if isinstance(table.get("warm_up"), dict):
        table["warm_up"].setdefault("reasoning", None)
    if isinstance(table.get("rewards"), dict):
        table["rewards"].setdefault("functions", {})


def _override(table: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator:
        raise DataError(f"override {override!r}: expected key=value, such as stage1.epochs=1")
    *parents, last = key.split(".")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise DataError(f"override {override!r}: the value is not YAML") from None
    for parent in parents:
        below = table.get(parent)
        if below is None and parent in _OPTIONAL:
            keys = ", ".join(_OPTIONAL[parent].model_fields)
            raise DataError(
                f"override {override!r}: the recipe has no {parent}; give all of it: "
                f"{parent}={{...}} with {keys}"
            )
        if not isinstance(below, dict):
            raise DataError(f"override {override!r}: the recipe has no section {parent!r}")
        # A copy: in YAML two stages may be one and the same object by way of an alias.
        table[parent] = table = dict(below)
    if last not in table:
        raise DataError(f"override {override!r}: no such key; there is {', '.join(table)}")
    table[last] = value


def _first_problem(error: ValidationError) -> str:
    """Return what is wrong first, in the words of a recipe: where, what was expected, what was found."""
    problems = error.errors(include_url=False)
    first = problems[0]
    where = ".".join(str(part) for part in first["loc"]).removeprefix("stages.")
    what = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        what = "no such key"
    elif first["type"] == "model_type":
        what = f"expected a section of keys, found {first['input']!r}"
    elif what.startswith("Input should be "):
        what = f"expected {what.removeprefix('Input should be ')}, found {first['input']!r}"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{where}: {what}{more}" if where else f"{what}{more}"
