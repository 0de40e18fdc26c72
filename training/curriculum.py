"""The stages of a run, one after another, each of them resumable."""

from __future__ import annotations

import errno
import gc
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError, Item
from training.checkpoints import ADAPTER, DONE, adapter_sha256, resume_point
from training.mixing import schedule
from training.model import load_processor
from training.provenance import RECORD, claim_folder, run_record, write_whole
from training.recipe import Recipe
from training.settings import accumulation
from training.trainer import base_model, build_trainer, load_adapter

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("No space left", "os error 28", "file write failed", "Disk quota exceeded", "unexpected pos")


def run_curriculum(recipe: Recipe, items: Sequence[Item]) -> Path:
    """Run the stages that are not over yet and return the last stage's adapter folder.

    The same call again, after whatever happened, goes on from the newest whole checkpoint.

    Args:
        recipe: The run.
        items: The questions to train on.

    Raises:
        DataError: The recipe, the data or the output folder do not go together, the base model is not
            there, or the disk is full. All stages are checked before the first one starts.
    """
    load_processor(base_model(recipe), recipe)
    process = this_process()
    plan = {}
    for name, stage in recipe.stages.items():
        try:
            accumulation(stage, process.num_processes)
            plan[name] = schedule(items, stage, recipe.seed)
        except DataError as error:
            raise DataError(f"{name}: {error}") from None
    out = Path(recipe.output)
    with process.main_process_first():
        claim_folder(out, run_record(recipe, items, process.num_processes))
    previous: Path | None = None
    for name, rows in plan.items():
        folder = out / name
        if not (folder / DONE).is_file():
            _run_stage(recipe, name, rows, folder, process, previous)
        previous = folder / ADAPTER
    assert previous is not None  # A recipe has at least one stage.
    return previous


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


def _run_stage(
    recipe: Recipe, name: str, rows: Sequence[Item], folder: Path, process: Any, previous: Path | None
) -> None:
    with process.main_process_first():
        resume = resume_point(folder, process.num_processes)
    with _full_disk_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        trainer = build_trainer(
            recipe, name, rows, folder, processes=process.num_processes, previous=previous
        )
        if resume:
            # Where a frozen second adapter is the KL anchor, the library restores that one alone.
            load_adapter(trainer.model, resume)
        trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        partial = folder / f"{ADAPTER}.partial"
        trainer.save_model(str(partial))
        process.wait_for_everyone()
        if process.is_main_process:
            _finish(folder, partial, previous, trainer.state.global_step)
        process.wait_for_everyone()
    _release(trainer)


def _finish(folder: Path, partial: Path, previous: Path | None, steps: int) -> None:
    """Put the adapter in its place, with the run's record, and mark the stage as over."""
    # The frozen copy that TRL measures KL from, and a pickle that nobody needs to load.
    shutil.rmtree(partial / "ref", ignore_errors=True)
    (partial / "training_args.bin").unlink(missing_ok=True)
    shutil.copy(folder.parent / RECORD, partial / RECORD)
    adapter = folder / ADAPTER
    shutil.rmtree(adapter, ignore_errors=True)
    partial.rename(adapter)
    marker = {
        "steps": steps,
        "adapter_sha256": adapter_sha256(adapter),
        "from_adapter_sha256": adapter_sha256(previous) if previous else None,
    }
    write_whole(folder / DONE, json.dumps(marker, indent=2) + "\n")


@contextmanager
def _full_disk_explained(folder: Path) -> Iterator[None]:
    """Turn a write that failed for lack of room into one line that says what to do.

    The libraries report it in their own ways: OSError, or a RuntimeError or SafetensorError with only a
    text.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in _FULL
        if not full and not any(word in str(error) for word in _FULL_WORDS):
            raise
        raise DataError(
            f"{folder}: the disk is full ({' '.join(str(error).split())[:120]}); free some room and run "
            "the same command again: it goes on from the newest whole checkpoint"
        ) from error


def _release(trainer: Any) -> None:
    """Give the stage's memory back before the next stage loads its model."""
    import torch

    trainer.model = trainer.model_wrapped = trainer.optimizer = None
    trainer.accelerator.free_memory()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
