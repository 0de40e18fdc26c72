"""Read the sample files of one run into columns, at the speed of a JSON parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panoenv_tasks.items import DataError

if TYPE_CHECKING:
    import polars as pl

#: The columns that make a question what it is; ``fingerprint`` covers the first five.
QUESTION_COLUMNS = (
    "id",
    "question",
    "question_type",
    "method",
    "answer",
    "split",
    "environment",
    "frame",
    "category",
    "subcategory",
)
#: The columns that must be the same in all samples of one row.
RUN_COLUMNS = ("dataset_sha256", "dataset_items", "prompts", "prompts_sha256")
SCHEMA = 1


def read_samples(files: list[Path]) -> pl.DataFrame:
    """Read sample files into one frame with a flat column per field and ``file`` (an index).

    Raises:
        DataError: A line is not JSON or has another shape; the message names the file and line.
    """
    import polars as pl

    frames = []
    for number, file in enumerate(files):
        try:
            raw = pl.read_ndjson(file, schema=_schema())
        except (pl.exceptions.PolarsError, OSError, UnicodeError) as error:
            raise DataError(_first_bad_line(file, error)) from None
        frames.append(raw.with_columns(pl.lit(number, pl.Int32).alias("file")))
    frame = pl.concat(frames)
    _require(frame, files)
    tokens = [
        pl.col("token_counts").list.eval(pl.element().struct.field(f"{way}put_tokens")).list.sum()
        for way in ("in", "out")
    ]
    return (
        frame.with_columns(tokens[0].alias("tokens_in"), tokens[1].alias("tokens_out"))
        .drop("token_counts")
        .unnest("panoenv")
        .with_columns(pl.col("image").struct.rename_fields(_IMAGE_NAMES))
        .unnest("image")
        .unnest("run")
    )


_IMAGE_NAMES = ["image_kind", "image_width", "image_height", "max_pixels"]


@lru_cache(maxsize=1)
def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    text, number, whole = pl.String(), pl.Float64(), pl.Int64()
    record = {
        "schema": whole,
        **dict.fromkeys(QUESTION_COLUMNS, text),
        "text": text,
        "error": text,
        "paper": number,
        "strict": number,
        "image": pl.Struct({"kind": text, "width": whole, "height": whole, "max_pixels": whole}),
        "run": pl.Struct(
            {
                "condition": text,
                "dataset_sha256": text,
                "dataset_items": whole,
                "condition_items": whole,
                "prompts": text,
                "prompts_sha256": text,
            }
        ),
    }
    counts = pl.List(pl.Struct({"input_tokens": whole, "output_tokens": whole}))
    return {"token_counts": counts, "panoenv": pl.Struct(record)}


def _require(frame: pl.DataFrame, files: list[Path]) -> None:
    """Raise for the first sample without a usable record."""
    import polars as pl

    record = pl.col("panoenv").struct
    needed = [record.field(c).is_null() for c in (*QUESTION_COLUMNS, "text")]
    needed += [record.field("run").struct.field(c).is_null() for c in ("condition", *RUN_COLUMNS)]
    bad = frame.with_row_index("row").filter(
        pl.any_horizontal((record.field("schema") != SCHEMA).fill_null(True), *needed)
    )
    if frame.is_empty():
        raise DataError(f"{files[0]}: no samples inside; the run was cut short?")
    if not bad.is_empty():
        first = files[int(bad["file"][0])]
        raise DataError(
            f"{first}: {len(bad)} samples carry no complete panoenv record of schema {SCHEMA}; "
            "run them again with this version of the plugin"
        )


def _first_bad_line(file: Path, error: Exception) -> str:
    for number, line in _lines(file):
        try:
            record: Any = json.loads(line)
        except ValueError as problem:
            return f"{file}:{number}: not JSON ({problem}); a truncated file?"
        if not isinstance(record, dict) or not isinstance(record.get("panoenv", {}), dict):
            return f"{file}:{number}: expected an object with a panoenv record"
    return f"{file}: a field has an unexpected type ({str(error).splitlines()[0][:120]})"


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        yield from ((n, line) for n, line in enumerate(lines, start=1) if line.strip())


def first_run_record(file: Path) -> dict[str, Any]:
    """Return the free-form ``run`` record (versions, protocols) of a file's first sample."""
    for _, line in _lines(file):
        run = json.loads(line)["panoenv"]["run"]
        return run if isinstance(run, dict) else {}
    return {}
