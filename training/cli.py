"""The commands ``panoenv train`` and ``panoenv merge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from panoenv_tasks.items import DataError


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's name (balanced, smoke, ...) or YAML file.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(help="Changes, such as stage2.learning_rate=1e-6.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the effective recipe as YAML and run nothing.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print steps, tokens, memory, disk and hours, and load no weights.")
    ] = False,
    export: Annotated[
        bool, typer.Option(help="Merge the last adapter into a model folder at the end.")
    ] = True,
) -> None:
    """Train a model in stages, by GRPO after a supervised warm-up if any; the same command again goes on.

    The last adapter lies in OUTPUT/stage*/adapter, the merged model in OUTPUT/final. Several GPUs:
    accelerate launch --config_file training/launch/ddp.yaml $(which panoenv) train RECIPE.
    """
    from training.recipe import load_recipe, to_yaml

    given = [change.partition("=")[0] for change in overrides or []]
    if twice := [key for key in given if given.count(key) > 1]:
        raise DataError(f"{twice[0]} is given twice; leave one out")
    loaded = load_recipe(recipe, overrides or [])
    if show:
        typer.echo(to_yaml(loaded), nl=False)
        return
    _need_training_packages()
    from training.curriculum import run_curriculum, this_process
    from training.data import training_items

    items = training_items(loaded.data, loaded.split)
    main_process = this_process().is_main_process
    if main_process:
        kinds = ", ".join(sorted({item.image_kind for item in items}))
        typer.echo(f"{loaded.name}: {len(items)} questions of split {loaded.split}, images: {kinds}")
    if plan:
        from training.plan import plan as plan_run

        typer.echo("\n".join(plan_run(loaded, items, this_process().num_processes).lines))
        return
    result = run_curriculum(loaded, items)
    model = Path(loaded.output) / "final"
    if main_process:
        # `adapter`, or `model` where every weight was trained.
        typer.echo(f"{result.name}: {result}")
        if export and result.name == "adapter" and not model.exists():
            _merge(result, model)


def merge(
    checkpoint: Annotated[
        Path, typer.Argument(help="A run's output folder, a stage, one of its checkpoints, an adapter.")
    ],
    out: Annotated[Path, typer.Argument(help="The model folder to make.")],
    base: Annotated[
        str | None, typer.Option(help="Where the base model lies now, if it was moved since the training.")
    ] = None,
) -> None:
    """Merge an adapter into a folder that lmms-eval and vLLM load as it is."""
    _need_training_packages()
    _merge(checkpoint, out, base)


def _merge(checkpoint: Path, out: Path, base: str | None = None) -> None:
    from training.export import merge as merge_adapter
    from training.loading import check_loading

    report = merge_adapter(checkpoint, out, base)
    typer.echo(f"model: {out} ({report.dtype}; logits differ by at most {report.merging:.2g})")
    for user, outcome in check_loading(out).items():
        typer.echo(f"  {user}: {outcome}")


def _need_training_packages() -> None:
    import importlib.util

    missing = [name for name in ("trl", "peft", "accelerate") if importlib.util.find_spec(name) is None]
    if missing:
        raise DataError(f"training needs {', '.join(missing)}; run: pip install 'panoenv[train]'")
