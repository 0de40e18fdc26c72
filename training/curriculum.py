"""The stages of a run, one after another, each of them resumable."""

from __future__ import annotations

import errno
import gc
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from panoenv_tasks.alone import alone
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.whole_file import write_whole
from training.checkpoints import ADAPTER, DONE, MODEL, adapter_sha256, resume_point
from training.evaluation import held_out_items
from training.identity import base_sha256
from training.machine import check_machine
from training.mixing import schedule, warm_up_schedule
from training.model import load_processor
from training.provenance import RECORD, claim_folder, note_warm_up, run_record
from training.recipe import Recipe
from training.sections import WarmUp
from training.settings import accumulation, micro_batches
from training.trainer import base_model, build_trainer, load_adapter
from training.warm_up import WARM_UP, build_warm_up

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_FINITE_WORDS = ("probability tensor contains either", "invalid multinomial distribution")
_FULL_WORDS = ("No space left", "os error 28", "file write failed", "Disk quota exceeded", "unexpected pos")


def run_curriculum(recipe: Recipe, items: Sequence[Item]) -> Path:
    """Run the stages that are not over yet and return the last stage's adapter folder.

    The same call again, after whatever happened, goes on from the newest whole checkpoint. A run that trains
    every weight and has no GRPO stage returns its model folder.

    Args:
        recipe: The run.
        items: The questions to train on.

    Raises:
        DataError: The recipe, the data or the output folder do not go together, the base model is not
            there, or the disk is full. All stages are checked before the first one starts.
    """
    process = this_process()
    check_machine(recipe)
    load_processor(base_model(recipe), recipe)
    lessons = _lessons(recipe, items, process.num_processes)
    plan = {}
    for name, stage in recipe.stages.items():
        try:
            accumulation(stage, process.num_processes)
            plan[name] = schedule(items, stage, recipe.seed)
        except DataError as error:
            raise DataError(f"{name}: {error}") from None
    held_out = held_out_items(recipe, recipe.evaluation) if recipe.evaluation else []
    out = Path(recipe.output)
    # The main process holds the folder for its peers.
    with alone(out, "training", "give output=FOLDER") if process.is_main_process else nullcontext():
        with process.main_process_first():
            claim_folder(out, run_record(recipe, items, process.num_processes))
        adapter = None if recipe.adapter is None else Path(recipe.adapter)
        if recipe.warm_up is not None:
            result = _warm_up(recipe, recipe.warm_up, lessons, out / WARM_UP, process, adapter)
            if result.name == MODEL and not plan:
                return result
            if result.name == MODEL:
                recipe = recipe.model_copy(update={"model": str(result)})
            else:
                adapter = result
        for name, rows in plan.items():
            folder = out / name
            if (folder / DONE).is_file():
                _check_finished(folder / ADAPTER)
            else:
                _grpo(recipe, name, rows, folder, process, adapter, held_out)
            adapter = folder / ADAPTER
    assert adapter is not None  # A recipe has at least one stage.
    return adapter


def _lessons(recipe: Recipe, items: Sequence[Item], processes: int) -> list[Item]:
    """Return the supervised stage's questions in order; none where a recipe has no such stage."""
    if recipe.warm_up is None:
        return []
    try:
        micro_batches(recipe.warm_up, processes)
        return warm_up_schedule(items, recipe.warm_up, recipe.seed)
    except DataError as error:
        raise DataError(f"{WARM_UP}: {error}") from None


def _warm_up(
    recipe: Recipe,
    stage: WarmUp,
    rows: Sequence[Item],
    folder: Path,
    process: Any,
    previous: Path | None,
) -> Path:
    """Run the supervised stage unless it is over, and return its adapter or its model."""
    result = folder / (MODEL if stage.parameters == "all" else ADAPTER)
    if (folder / DONE).is_file():
        _check_finished(result)
    else:

        def build(resume: Path | None) -> Any:
            return build_warm_up(
                recipe,
                stage,
                rows,
                folder,
                processes=process.num_processes,
                previous=previous,
                resume=resume,
            )

        _run_stage(build, result, process, previous)
    if result.name == MODEL:
        with process.main_process_first():
            note_warm_up(folder.parent, base_sha256(str(result)))
    return result


def this_process() -> Any:
    """Return Accelerate's view of this process among its peers (over gloo with ACCELERATE_USE_CPU).

    Raises:
        DataError: A launcher started several processes and they do not see one another; each would
            train alone and write into the same folder.
    """
    from accelerate import PartialState
    from accelerate.utils import parse_flag_from_env

    process = PartialState(cpu=parse_flag_from_env("ACCELERATE_USE_CPU"))
    launched = int(os.environ.get("WORLD_SIZE", "1"))
    if launched != process.num_processes:
        raise DataError(
            f"launched as {launched} processes that do not see one another, for want of GPUs; to try it "
            f"without: ACCELERATE_USE_CPU=true torchrun --nproc_per_node {launched} ..."
        )
    return process


def _check_finished(result: Path) -> None:
    """Refuse a finished stage whose adapter, or model, is not the one that it ended with."""
    marker = result.parent / DONE
    try:
        expected = json.loads(marker.read_text("utf-8"))[f"{result.name}_sha256"]
        whole = _sha256(result) == expected
    except (OSError, ValueError, KeyError, TypeError):  # DataError is a ValueError.
        whole = False
    if not whole:
        raise DataError(
            f"{result}: not the {result.name} that the stage ended with; remove {marker} to run "
            "the stage's last steps again from its newest checkpoint"
        )


def _sha256(result: Path) -> str:
    return base_sha256(str(result)) if result.name == MODEL else adapter_sha256(result)


def _grpo(
    recipe: Recipe,
    name: str,
    rows: Sequence[Item],
    folder: Path,
    process: Any,
    previous: Path | None,
    held_out: Sequence[Item],
) -> None:
    def build(_: Path | None) -> Any:
        return build_trainer(
            recipe,
            name,
            rows,
            folder,
            processes=process.num_processes,
            previous=previous,
            held_out=held_out,
        )

    _run_stage(build, folder / ADAPTER, process, previous)


def _run_stage(
    build: Callable[[Path | None], Any], result: Path, process: Any, previous: Path | None
) -> None:
    """Train to the end, from the newest checkpoint on, and leave ``result`` and the stage's marker."""
    folder = result.parent
    with process.main_process_first():
        resume = resume_point(folder, process.num_processes)
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        trainer = build(resume)
        if resume and result.name == ADAPTER:
            # Where a frozen second adapter is the KL anchor, the library restores that one alone.
            load_adapter(trainer.model, resume)
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        partial = result.with_name(f"{result.name}.partial")
        trainer.save_model(str(partial))
        process.wait_for_everyone()
        if process.is_main_process:
            _finish(result, partial, previous, trainer.state.global_step)
        process.wait_for_everyone()
    _release(trainer)


def _finish(result: Path, partial: Path, previous: Path | None, steps: int) -> None:
    """Put the adapter or model in its place, with the run's record, and mark the stage as over."""
    # The frozen copy that TRL measures KL from, and a pickle that nobody needs to load.
    shutil.rmtree(partial / "ref", ignore_errors=True)
    (partial / "training_args.bin").unlink(missing_ok=True)
    shutil.copy(result.parents[1] / RECORD, partial / RECORD)
    shutil.rmtree(result, ignore_errors=True)
    partial.rename(result)
    marker = {
        "steps": steps,
        f"{result.name}_sha256": _sha256(result),
        "from_adapter_sha256": adapter_sha256(previous) if previous else None,
    }
    write_whole(result.parent / DONE, json.dumps(marker, indent=2) + "\n")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what a user can mend, or must know, into one line that says what to do.

    The libraries report a full disk in their own ways: OSError, or a RuntimeError or SafetensorError with
    only a text. A model whose logits are not finite cannot be sampled from, and torch says so in its way.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())[:120]
        full = isinstance(error, OSError) and error.errno in _FULL
        if full or any(word in str(error) for word in _FULL_WORDS):
            raise DataError(
                f"{folder}: the disk is full ({text}); free some room and run "
                "the same command again: it goes on from the newest whole checkpoint"
            ) from error
        if any(word in str(error) for word in _NOT_FINITE_WORDS):
            raise DataError(
                f"{folder}: the model's output is no longer finite ({text}); "
                "start again with a lower learning rate in a new output folder"
            ) from error
        raise


def _release(trainer: Any) -> None:
    """Give the stage's memory back before the next stage loads its model."""
    import torch

    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    trainer.accelerator.free_memory()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
