"""Held-out questions answered during training: the harness's scorer, its prompts, greedy decoding."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from panoenv_tasks import load_items
from panoenv_tasks.items import DataError, Item
from panoenv_tasks.perturb import CONDITIONS, Presentation
from panoenv_tasks.scoring import score
from panoenv_tasks.sources.images import check_images
from panoenv_tasks.whole_file import write_whole
from training.data import drawn, wording
from training.recipe import Recipe
from training.sections import Evaluation, Shown, Stage

RECORD = "evaluation.jsonl"
#: The stage's checkpoint with the highest strict accuracy so far, as an adapter that can be merged.
BEST = "best"


@dataclass(frozen=True)
class Checkup:
    """What a model answered at one step; accuracies are shares of questions.

    ``multimodal_gain`` is the strict accuracy with the picture minus that without, over the
    ``n_without_image`` questions that were asked both ways; None when none was.
    """

    step: int
    n: int
    acc: float
    acc_strict: float
    unparsed: float
    n_without_image: int
    multimodal_gain: float | None


def held_out_items(recipe: Recipe, wanted: Evaluation) -> list[Item]:
    """Draw the questions that a run is checked on.

    Raises:
        DataError: There are none, one of them is trained on, or a picture cannot be read.
    """
    items = load_items(wanted.data or recipe.data, wanted.split)
    if problems := check_images(items):
        raise DataError(f"evaluation: {problems[0]} ({len(problems)} such problems)")
    chosen = sorted(items, key=lambda item: item.id)
    Random(f"{recipe.seed} evaluation").shuffle(chosen)
    if not chosen:
        raise DataError(f"evaluation: no questions of split {wanted.split}")
    return chosen[: wanted.questions]


def check_up(
    model: Any,
    processor: Any,
    items: Sequence[Item],
    *,
    without_image: int,
    tokens: int,
    batch: int,
    step: int,
    condition: Shown = "full",
) -> Checkup:
    """Answer the items greedily and score them; the model's mode and random state are left as they were.

    Args:
        model: The model, its adapter on.
        processor: Its processor, padding on the left.
        items: The questions.
        without_image: The first so many are asked without their picture as well.
        tokens: Longest answer.
        batch: Questions at a time.
        step: The optimizer step that this is.
        condition: How the questions are shown.
    """
    import torch

    training = model.training
    model.eval()
    try:
        with torch.random.fork_rng(), torch.no_grad():
            seen = list(_answers(model, processor, CONDITIONS[condition](items), tokens, batch))
            unseen = CONDITIONS["noimage"](items[:without_image])
            blind = list(_answers(model, processor, unseen, tokens, batch))
    finally:
        model.train(training)
    strict = [score(item, text, "strict") for item, text in zip(items, seen, strict=True)]
    paper = [score(item, text, "paper") for item, text in zip(items, seen, strict=True)]
    without = [score(item, text, "strict") for item, text in zip(items, blind, strict=False)]
    pairs = [one.correct - other.correct for one, other in zip(strict, without, strict=False)]
    return Checkup(
        step=step,
        n=len(items),
        acc=_share([one.correct for one in paper]),
        acc_strict=_share([one.correct for one in strict]),
        unparsed=_share([one.status not in ("answered", "untagged") for one in strict]),
        n_without_image=len(pairs),
        multimodal_gain=sum(pairs) / len(pairs) if pairs else None,
    )


def evaluation_callback(
    wanted: Evaluation,
    stage: str,
    settings: Stage,
    folder: Path,
    items: Sequence[Item],
    condition: Shown = "full",
) -> Any:
    """Return a trainer callback that checks the model up at every checkpoint.

    Each result is a line on stderr and in the stage's ``evaluation.jsonl``; the best checkpoint's adapter
    is kept in ``best``. The stage ends early where the recipe says so.
    """
    from accelerate import PartialState
    from transformers import TrainerCallback

    class CheckUps(TrainerCallback):  # type: ignore[misc]
        def on_save(self, args: Any, state: Any, control: Any, model: Any = None, **around: Any) -> None:
            if state.is_world_process_zero:
                found = check_up(
                    _bare(model),
                    around["processing_class"],
                    items,
                    without_image=wanted.without_image,
                    tokens=settings.max_completion_length,
                    batch=settings.per_device_batch,
                    step=state.global_step,
                    condition=condition,
                )
                earlier = [one for one in read_checkups(folder) if one.step < found.step]
                if all(found.acc_strict > one.acc_strict for one in earlier):
                    _keep(folder / f"checkpoint-{found.step}", folder / BEST)
                _write(folder, [*earlier, found])
                print(_line(stage, found), file=sys.stderr, flush=True)
            PartialState().wait_for_everyone()
            # All processes read the same file, so they stop together.
            if wanted.patience and _is_stuck(read_checkups(folder), wanted.patience):
                if state.is_world_process_zero:
                    print(
                        f"{stage}: no better for {wanted.patience} checkpoints; it ends here", file=sys.stderr
                    )
                control.should_training_stop = True

    return CheckUps()


def read_checkups(folder: Path) -> list[Checkup]:
    """Return what a stage's ``evaluation.jsonl`` holds, in order of step."""
    file = folder / RECORD
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return [Checkup(**json.loads(line)) for line in lines]


def _answers(
    model: Any, processor: Any, shown: Sequence[Presentation], tokens: int, batch: int
) -> Iterator[str]:
    for start in range(0, len(shown), batch):
        texts, pictures = [], []
        for one in shown[start : start + batch]:
            content = [{"type": "image"}] * len(one.pictures) + [{"type": "text", "text": wording(one)}]
            turn = [{"role": "user", "content": content}]
            texts.append(processor.apply_chat_template(turn, add_generation_prompt=True, tokenize=False))
            if one.pictures:
                pictures.append([drawn(picture) for picture in one.pictures])
        images = {"images": pictures} if pictures else {}
        inputs = processor(text=texts, padding=True, return_tensors="pt", **images).to(model.device)
        made = model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
        yield from processor.batch_decode(made[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def _bare(model: Any) -> Any:
    """Return the model inside the wrappers that share gradients; it generates without its peers."""
    while hasattr(model, "module"):
        model = model.module
    return model


def _keep(checkpoint: Path, best: Path) -> None:
    partial = best.with_name(f"{best.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    # The trainer's state is for going on with a run, not for a model that is kept.
    left_out = shutil.ignore_patterns(
        "optimizer.pt", "scheduler.pt", "rng_state*", "global_step*", "ref", "*.bin"
    )
    shutil.copytree(checkpoint, partial, ignore=left_out)
    shutil.rmtree(best, ignore_errors=True)
    partial.rename(best)


def _write(folder: Path, checkups: Sequence[Checkup]) -> None:
    write_whole(folder / RECORD, "".join(json.dumps(asdict(one)) + "\n" for one in checkups))


def _is_stuck(checkups: Sequence[Checkup], patience: int) -> bool:
    best = max((one.acc_strict for one in checkups), default=0.0)
    since = [one for one in checkups if one.acc_strict == best]
    return bool(checkups) and len(checkups) - 1 - checkups.index(since[0]) >= patience


def _line(stage: str, found: Checkup) -> str:
    gain = (
        ""
        if found.multimodal_gain is None
        else f"  multi-modal gain {100 * found.multimodal_gain:+.1f} (n {found.n_without_image})"
    )
    return (
        f"{stage} {found.step}  held out: strict {100 * found.acc_strict:.1f}  paper {100 * found.acc:.1f}  "
        f"unparsed {100 * found.unparsed:.1f}  (n {found.n}){gain}"
    )


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
