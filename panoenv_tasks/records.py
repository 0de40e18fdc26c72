"""Saved model outputs as records: what judges, re-scoring, audits and the leaderboard read.

A *sample* is one question with one model's text. Two on-disk forms are read: the ``--log_samples``
files of lmms-eval (each of our samples carries a ``panoenv`` record), and the
JSONL of the paper's released scripts (three spellings of the model-text key).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panoenv_tasks.items import QUESTION_FIELDS, DataError, Item, item_id
from panoenv_tasks.taxonomy import method_for, recognise

#: The released scripts' names for the model's text, in the order they are looked for.
TEXT_KEYS = ("generated_text", "generated_answer", "model_output")
#: The released scripts' names for the gold answer.
GOLD_KEYS = ("expected_answer", "ground_truth", "answer")
#: What a sample repeats of its question.
QUESTION_OF_SAMPLE = tuple(name for name in QUESTION_FIELDS if name != "split")


@dataclass(frozen=True)
class Sample:
    """One question and one model's raw text for it.

    ``error`` is non-empty when the request failed and there is no answer to judge; ``text`` is then
    empty. ``meta`` holds whatever else the run recorded (hashes, versions, image size, condition).
    """

    id: str
    environment: str
    frame: str
    question: str
    question_type: str
    category: str
    subcategory: str
    method: str
    answer: str
    text: str
    error: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""

    @property
    def panorama(self) -> str:
        """``environment/frame``: the unit by which errors are clustered."""
        return f"{self.environment}/{self.frame}"

    @property
    def condition(self) -> str:
        """The condition under which it was asked, such as ``full``; empty where the run does not say."""
        run = self.meta.get("run")
        return str(run.get("condition") or "") if isinstance(run, dict) else ""


def sample_files(path: Path) -> list[Path]:
    """Return the sample files under ``path`` (a file, or a folder searched through), sorted.

    Raises:
        DataError: Nothing of the kind is there.
    """
    if path.is_file():
        return [path]
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; expected saved samples (JSONL)")
    files = sorted(p for p in path.rglob("*_samples_*.jsonl") if p.is_file())
    if not files:
        raise DataError(
            f"{path}: no *_samples_*.jsonl inside; run lmms-eval with --log_samples --output_path"
        )
    return files


def model_of(file: Path) -> str:
    """Return the name of the model that answered a sample file of lmms-eval, from the results beside it.

    Where lmms-eval found no name in the arguments, the arguments are part of the name: two servers behind
    one wrapper are two models. Without a results file the name is the folder's.
    """
    date, _, _ = file.name.partition("_samples_")
    try:
        results = json.loads(file.with_name(f"{date}_results.json").read_text(encoding="utf-8"))
        config = results.get("config") or {}
        wrapper = f"{config.get('model') or ''} {config.get('model_args') or ''}".strip()
        return str(results.get("model_name") or wrapper or file.parent.name)
    except (OSError, ValueError, AttributeError):
        return file.parent.name


def read_samples(path: str | Path) -> Iterator[Sample]:
    """Read saved outputs, one ``Sample`` a row, in file order.

    Args:
        path: A sample file of either form, or a folder that holds lmms-eval sample files.

    Raises:
        DataError: A row is not JSON, or lacks the model text or the gold answer.
    """
    for file in sample_files(Path(path)):
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse_row(line, f"{file}:{number}")


def _parse_row(line: str, origin: str) -> Sample:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{origin}: not JSON ({error.msg}); a truncated file?") from None
    if not isinstance(row, dict):
        raise DataError(f"{origin}: expected a JSON object, found {type(row).__name__}")
    if isinstance(row.get("panoenv"), dict):
        return sample_of(row["panoenv"], origin)
    return _from_released(row, origin)


def sample_of(record: Mapping[str, Any], origin: str) -> Sample:
    """Turn the record that our lmms-eval tasks log under ``panoenv`` into a sample.

    Raises:
        DataError: The record lacks a field.
    """
    missing = [n for n in (*QUESTION_OF_SAMPLE, "text") if not isinstance(record.get(n), str)]
    if missing:
        raise DataError(f"{origin}: sample record lacks {', '.join(missing)}; another version?")
    return Sample(
        **{n: record[n] for n in QUESTION_OF_SAMPLE},
        text=record["text"],
        error=str(record.get("error") or ""),
        meta=record,
        origin=origin,
    )


def answered(item: Item, text: str, error: str = "") -> Sample:
    """Return the sample that a model's text, or the error that came instead, makes of a question."""
    fields: dict[str, Any] = {name: getattr(item, name) for name in QUESTION_OF_SAMPLE}
    return Sample(**fields, text=text, error=error)


def _from_released(row: Mapping[str, Any], origin: str) -> Sample:
    text_key = next((k for k in TEXT_KEYS if k in row), None)
    gold_key = next((k for k in GOLD_KEYS if k in row), None)
    if text_key is None:
        raise DataError(f"{origin}: no model text; expected one of the keys {', '.join(TEXT_KEYS)}")
    if gold_key is None:
        raise DataError(f"{origin}: no gold answer; expected one of {', '.join(GOLD_KEYS)}")
    question = _question_of(row)
    wording = recognise(question)
    environment, frame = _place_of(row)
    answer = str(row[gold_key])
    fallback = method_for(wording.subcategory, answer) if wording else "default"
    return Sample(
        id=str(row.get("id") or item_id("", environment, frame, question)),
        environment=environment,
        frame=frame,
        question=question,
        question_type=str(row.get("question_type") or (wording.question_type if wording else "")),
        category=wording.category if wording else "",
        subcategory=wording.subcategory if wording else "",
        method=str(row.get("accu_reward_method") or fallback),
        answer=answer,
        text="" if row[text_key] is None else str(row[text_key]),
        meta={},
        origin=origin,
    )


def _question_of(row: Mapping[str, Any]) -> str:
    if "question" in row:
        return str(row["question"])
    turns = row.get("conversations") or [{}]
    return str(turns[0].get("value", ""))


def _place_of(row: Mapping[str, Any]) -> tuple[str, str]:
    parts = str(row.get("image") or row.get("image_path") or "").replace("\\", "/").split("/")
    return (parts[-3], parts[-2]) if len(parts) >= 3 else ("", "")
