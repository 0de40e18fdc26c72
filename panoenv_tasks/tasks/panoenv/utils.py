"""What the task files call: documents, prompts, pictures, scoring. One function per hook of lmms-eval."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panoenv_tasks.items import DataError
from panoenv_tasks.perturb import draw
from panoenv_tasks.tasks.panoenv import docs, record
from panoenv_tasks.tasks.panoenv.judging import judge_items
from panoenv_tasks.tasks.panoenv.metrics import metric_items
from panoenv_tasks.tasks.panoenv.names import by_name
from panoenv_tasks.tasks.panoenv.paired import pair_items
from panoenv_tasks.tasks.panoenv.reported import shown

if TYPE_CHECKING:
    from datasets import Dataset
    from PIL.Image import Image


#: The one-row data set that stands in until ``process_docs`` replaces it.
STUB = str(Path(__file__).with_name("stub.jsonl"))


def process_docs(dataset: Dataset) -> Dataset:
    """Replace the one-row stub data set by the questions of the task that its config is named after."""
    from datasets import Dataset

    try:
        return Dataset.from_list(list(docs.rows(by_name()[dataset.info.config_name])))
    except DataError as error:
        # lmms-eval would retry an exception four times and then exit with code 0.
        raise SystemExit(f"panoenv: {error}") from None


def doc_to_text(doc: dict[str, Any]) -> str:
    """Return the user text."""
    return str(doc["prompt"])


def doc_to_visual(doc: dict[str, Any]) -> list[Image]:
    """Return the pictures, decoded; the harness puts them before the text.

    A question that should have a picture and has none stops the run: an answer without looking would
    pass for one with.
    """
    try:
        return [draw(picture) for picture in docs.pictures_of(doc)]
    except DataError as error:
        raise SystemExit(f"panoenv: {error}") from None


def doc_to_target(doc: dict[str, Any]) -> str:
    """Return the gold answer."""
    return str(doc["answer"])


def process_results(doc: dict[str, Any], results: list[Any]) -> dict[str, Any]:
    """Score one answer under both protocols; never raises, whatever the answer.

    Returns:
        An item per metric, and under ``panoenv`` the whole record that goes into the samples file.
    """
    text = results[0] if results and isinstance(results[0], str) else ""
    made = record.completed(json.loads(doc["record"]), text)
    wanted = shown(made["category"], in_pairs=bool(made.get("pair")))
    items = {**metric_items(made, wanted), **pair_items(made, wanted)}
    return {"panoenv": made, **items, **judge_items(made)}
