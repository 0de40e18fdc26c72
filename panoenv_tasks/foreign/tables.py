"""Rows of prediction files: JSONL, a JSON list, or a table (xlsx, tsv, csv).

VLMEvalKit writes ``MODEL_DATASET.xlsx`` (``.tsv`` or ``.json`` by ``PRED_FORMAT``): the columns of its data
set without the picture, with ``prediction`` (``vlmeval/inference.py``, ``vlmeval/smp/file.py``). EASI's
``..._extract_matching.xlsx`` is that table with ``pred_extracted`` and ``hit`` beside it
(github.com/EvolvingLMMs-Lab/EASI, ``docs/Submit_results.md``).
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.records import GOLD_KEYS, TEXT_KEYS

PREDICTION = "prediction"
_TABLES = (".xlsx", ".tsv", ".csv")
#: A workbook is compressed: a small file can unfold to any size.
_LARGEST = 512 << 20
Row = Mapping[str, str]


def is_foreign(file: Path) -> bool:
    """Whether a file holds predictions in another program's form: a table, a list, lines without a gold."""
    if file.suffix.lower() in (*_TABLES, ".json"):
        return True
    try:
        with file.open(encoding="utf-8") as lines:
            first = json.loads(next(lines, ""))
    except (OSError, ValueError):
        return False
    ours = isinstance(first, dict) and isinstance(first.get("panoenv"), dict)
    released = isinstance(first, dict) and _any(first, TEXT_KEYS) and _any(first, GOLD_KEYS)
    return isinstance(first, dict) and not ours and not released and PREDICTION in first


def read_rows(file: Path) -> Iterator[tuple[str, Row]]:
    """Yield ``file:line`` and the cells of each row, as text; a missing cell is empty.

    Raises:
        DataError: The file cannot be read in the form that its name says.
    """
    suffix = file.suffix.lower()
    if not file.is_file():
        raise DataError(f"{file}: no such file; expected predictions (JSONL, JSON, xlsx, tsv, csv)")
    is_table = suffix in _TABLES
    rows = _table(file, suffix) if is_table else _json(file) if suffix == ".json" else _lines(file)
    # The first line of a table names its columns.
    first, empty = 2 if is_table else 1, True
    for number, row in enumerate(rows, start=first):
        if row is not None:
            empty = False
            yield f"{file}:{number}", {str(key).strip(): _text(value) for key, value in row.items()}
    if empty:
        raise DataError(f"{file}: no rows; expected one a question")


def _table(file: Path, suffix: str) -> Iterator[dict[str, Any] | None]:
    import pandas

    as_text: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    try:
        if suffix == ".xlsx":
            with zipfile.ZipFile(file) as workbook:
                size = sum(entry.file_size for entry in workbook.infolist())
            if size > _LARGEST:
                raise DataError(f"{file}: unfolds to {size >> 20} MB; expected at most {_LARGEST >> 20}")
            frame = pandas.read_excel(file, engine="openpyxl", **as_text)
        else:
            frame = pandas.read_csv(file, sep="\t" if suffix == ".tsv" else ",", **as_text)
    except DataError:
        raise
    except Exception as error:  # openpyxl and pandas raise whatever they meet in a damaged file
        told = (str(error) or type(error).__name__).splitlines()[0]
        raise DataError(f"{file}: cannot be read as {suffix[1:]} ({told}); a truncated file?") from None
    yield from frame.to_dict("records")


def _json(file: Path) -> Iterator[dict[str, Any] | None]:
    try:
        rows = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file}: not JSON ({error}); a truncated file?") from None
    if not isinstance(rows, list):
        raise DataError(f"{file}: expected a list with one object a question")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(f"{file}:{number}: expected a JSON object, found {type(row).__name__}")
        yield row


def _lines(file: Path) -> Iterator[dict[str, Any] | None]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                yield None
                continue
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                raise DataError(f"{file}:{number}: not JSON ({error}); a truncated file?") from None
            if not isinstance(row, dict):
                raise DataError(f"{file}:{number}: expected a JSON object, found {type(row).__name__}")
            yield row


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _any(row: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return any(name in row for name in names)
