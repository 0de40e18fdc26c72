"""A prediction file and the questions it answers -> records as our own tasks log them, marked as foreign."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from panoenv_tasks.foreign.about import About
from panoenv_tasks.foreign.questions import Questions
from panoenv_tasks.foreign.tables import PREDICTION, Row, read_rows
from panoenv_tasks.items import QUESTION_FIELDS, DataError, Item, fingerprint
from panoenv_tasks.records import GOLD_KEYS, TEXT_KEYS
from panoenv_tasks.scoring import VERSIONS, score_answer
from panoenv_tasks.tasks.panoenv.names import SPLIT_SUFFIXES
from panoenv_tasks.tasks.panoenv.record import completed
from panoenv_tasks.whole_file import write_whole

#: What VLMEvalKit writes in an answer's place (``FAIL_MSG``, ``INFER_FAIL_MSG``), and what our records do.
_FAILED, _FAILURE = "Failed to obtain answer", "[LMMS_EVAL_REQUEST_FAILED]"
#: An answer by letter, where the row spells the options out: ``B``, ``(B)``, ``B.``, ``B)``.
_LETTER = re.compile(r"\s*\(?([A-Z])[.):]?\s*")


def foreign_records(
    predictions: Path, about: About, items: Sequence[Item]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield ``file:line`` and the scored record of each prediction, in file order.

    Questions without a prediction have no record; ``run.condition_items`` says how many there are.

    Args:
        predictions: The file.
        about: What is known of it.
        items: The questions of the split that it answers.

    Raises:
        DataError: A row names no question of these, repeats one, has no prediction, or another gold answer.
    """
    questions, run = Questions(items, about.asked), _run(predictions, about, items)
    seen: dict[str, str] = {}
    for origin, read in read_rows(predictions):
        item, row = questions.find(read, origin)
        if item.id in seen:
            raise DataError(f"{origin}: answers the question of {seen[item.id]} again; expected one row each")
        seen[item.id] = origin
        key = next((key for key in (PREDICTION, *TEXT_KEYS) if key in row), None)
        if key is None:
            raise DataError(f"{origin}: no {PREDICTION}; there is {', '.join(row)}")
        _check_gold(item, row, origin)
        text = row[key]
        record: dict[str, Any] = {
            "schema": 1,
            **{name: getattr(item, name) for name in QUESTION_FIELDS},
            **({"pair": item.pair} if item.pair else {}),
            "image": {"kind": about.picture, "width": None, "height": None},
            "run": run,
        }
        if text.startswith(_FAILED):
            text = f"{_FAILURE} {text}"
        elif (spelled := _spelled(text, row)) != text:
            record["as_written"], text = text, spelled
        yield origin, completed(record, text)


def save(records: Sequence[Mapping[str, Any]], predictions: Path, about: About, folder: Path) -> Path:
    """Write records where audit, judges and leaderboard find them; returns the file.

    Raises:
        DataError: The folder holds records of that file already.
    """
    split = str(records[0]["split"])
    suffix = next((suffix for name, suffix in SPLIT_SUFFIXES.items() if name == split), f"_{split}")
    date = time.strftime("%Y%m%d_%H%M%S", time.gmtime(predictions.stat().st_mtime))
    file = folder / f"{date}_samples_panoenv{suffix}_foreign.jsonl"
    results = {
        # Its own name keeps it apart from what this project ran, wherever names are compared.
        "model_name": name_of(about),
        "config": {"model": about.harness, "model_args": ""},
        "date": date,
    }
    if file.exists():
        raise DataError(f"{file}: is there already; choose another folder with --save")
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"panoenv": record}) + "\n" for record in records]
    write_whole(folder / f"{date}_results.json", json.dumps(results, indent=1) + "\n")
    write_whole(file, "".join(lines))
    return file


def name_of(about: About) -> str:
    """Return the name of a foreign run: the model's, with what made it."""
    return f"{about.model} (foreign, {about.harness})"


def _run(predictions: Path, about: About, items: Sequence[Item]) -> dict[str, Any]:
    return {
        "condition": "noimage" if about.picture == "none" else "full",
        "condition_items": len(items),
        "dataset_sha256": fingerprint(items),
        "dataset_items": len(items),
        "prompts": about.prompts,
        # Nobody here has their texts: under no hash of ours are they the same.
        "prompts_sha256": "",
        "protocols": list(VERSIONS.values()),
        "versions": {},
        "foreign": {
            "harness": about.harness,
            "picture": about.picture,
            "source": about.source,
            "file_sha256": hashlib.sha256(predictions.read_bytes()).hexdigest(),
        },
    }


def _check_gold(item: Item, row: Row, origin: str) -> None:
    gold = next((row[key] for key in GOLD_KEYS if row.get(key)), "")
    spelled = _spelled(gold, row)
    tagged = f"<Answer>{spelled}</Answer>"
    if not gold or spelled.strip().casefold() == item.answer.strip().casefold():
        return
    # Others may have put the same answer in other words.
    if not score_answer(item.method, item.answer, tagged, "strict", item.question).correct:
        raise DataError(
            f"{origin}: its gold answer {gold[:60]!r} is not that of the question here, "
            f"{item.answer[:60]!r}; another --data or --split?"
        )


def _spelled(text: str, row: Row) -> str:
    """Return an answer by letter with the option it stands for, which only this row knows."""
    letter = _LETTER.fullmatch(text)
    option = row.get(letter[1], "") if letter else ""
    return f"{letter[1]}) {option}" if letter and option else text
