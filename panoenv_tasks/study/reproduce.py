"""The paper's rows as studies: its prompts, pixels and judges, then every condition of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from panoenv_tasks.items import DataError
from panoenv_tasks.prompts.released import released_templates
from panoenv_tasks.study.recipe import Judge, Model, Study, given, parse_study, tier

PaperRow = Literal["base", "balanced"]
ROWS: tuple[PaperRow, ...] = get_args(PaperRow)
#: The published names (tables 2 and 3), by which a board's verification page knows a model.
_NAMES: dict[PaperRow, str] = {"base": "Qwen2.5-VL-7B-Instruct", "balanced": "PanoEnv-RL-7B"}
_BASE = "Qwen/Qwen2.5-VL-7B-Instruct"
#: The paper's limit (supplement, training setup), which is every pixel of a panorama, and what Qwen2.5-VL
#: makes of a panorama under it: multiples of 28.
MAX_PIXELS, SEEN = 3_276_800, "2548x1260"


def reproduction(row: PaperRow, model: str | None, clone: Path, data: str | None) -> Study:
    """Return the study of a published row.

    Args:
        row: ``base``: Qwen2.5-VL-7B as it is; ``balanced``: trained with the two-stage curriculum.
        model: As in ``recipe.tier``; None takes the published base model, and there is none for
            ``balanced``.
        clone: The paper's released code: its prompts and its judges' prompt.
        data: Where the raw test panoramas are; None as in an evaluation.

    Raises:
        DataError: The clone holds no prompts, or ``balanced`` has no model.
    """
    if model is None and row == "balanced":
        raise DataError(
            "reproduce balanced: give the trained model with --model FOLDER (see docs/training.md)"
        )
    released_templates(clone)
    place = str(clone.absolute())
    return parse_study(
        {
            "name": f"{_NAMES[row]}, the paper's row",
            "paper_row": _NAMES[row],
            "model": _shown_at_full_size(given(model or _BASE), _NAMES[row]),
            "split": "test",
            "data": data,
            "prompts": f"released:{place}",
            "conditions": tier("full", "x").conditions,
            "judges": [
                Judge("rules"),
                Judge("qscore/reference", serve="qwen", prompt=place),
                Judge("pscore/reference", serve="prometheus", prompt=place),
            ],
        },
        f"reproduce {row}",
    )


def _shown_at_full_size(model: dict[str, object], name: str) -> Model:
    """Return the model with the paper's limit on pixels, said in its wrapper's or its server's words."""
    if "lmms" in model:
        arguments = model.get("args")
        own = arguments if isinstance(arguments, dict) else {}
        return Model(lmms=str(model["lmms"]), args={"max_pixels": MAX_PIXELS, **own})
    if "url" in model:
        return Model(url=str(model["url"]), name=str(model["name"]))
    options = ("--max-model-len", "8192", "--mm-processor-kwargs", f'{{"max_pixels": {MAX_PIXELS}}}')
    return Model(serve=str(model["serve"]), name=name, options=options, seen=SEEN)
