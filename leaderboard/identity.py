"""Who was run and how: read from the results file, the sample records and the submission card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from leaderboard.discover import Run
from leaderboard.rows import Card, Role, Setup
from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import VERSIONS

if TYPE_CHECKING:
    import polars as pl

_OWN: dict[str, Role] = {
    "panoenv_blind": "blind",
    "panoenv_constant": "constant",
    "panoenv_oracle": "oracle",
}
#: Beside the results: who sends them in and what the model is.
CARD_FILE = "submission.yaml"


def read_card(folder: Path) -> Card | None:
    """Read the submission card of a run folder; None when there is none.

    Raises:
        DataError: The card is not a YAML mapping or has an unknown or ill-typed key.
    """
    path = folder / CARD_FILE
    if not path.is_file():
        return None
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeError) as error:
        raise DataError(f"{path}: not YAML ({str(error).splitlines()[0]})") from None
    known = {f.name for f in fields(Card)}
    if not isinstance(content, dict) or not content.keys() <= known:
        raise DataError(f"{path}: expected a mapping with keys out of {', '.join(sorted(known))}")
    wanted: dict[str, type | tuple[type, ...]] = {"params_b": (int, float), "open_weights": bool}
    for key, value in content.items():
        if not isinstance(value, wanted.get(key, str)):
            raise DataError(f"{path}: {key} has an unexpected type; write it as text or a number")
    return Card(**content)


def model_name(run: Run) -> str:
    """Return the model's name: as lmms-eval gives it, else the model type, else the folder."""
    given = (run.results.get("model_name"), _mapping(run.results, "config").get("model"))
    names = (name for name in given if isinstance(name, str) and name.strip())
    return next(names, run.folder.name)


def role_of(run: Run) -> Role:
    """Tell this project's own text-only baselines from models under test."""
    return _OWN.get(str(_mapping(run.results, "config").get("model")), "model")


def setup_of(run: Run, samples: pl.DataFrame, record: Mapping[str, Any]) -> Setup:
    """Collect how the run was made.

    Args:
        run: The run's files.
        samples: All samples of the row, checked to share one setup.
        record: The free-form ``run`` record of one sample.
    """
    config = _mapping(run.results, "config")
    versions = _mapping(record, "versions")
    decoding = config.get("gen_kwargs")
    return Setup(
        harness="lmms-eval",
        harness_version=_text(versions.get("lmms-eval")),
        plugin_version=_text(versions.get("panoenv")),
        backend=_text(config.get("model_backend") or config.get("model")),
        batch_size=_text(config.get("batch_size")),
        max_pixels=_only(samples, "max_pixels"),
        image_size=_image_size(samples),
        decoding=_text(decoding),
        prompts=_text(samples["prompts"][0]),
        prompts_sha256=_text(samples["prompts_sha256"][0]),
        dataset_sha256=_text(samples["dataset_sha256"][0]),
        protocols=" ".join(VERSIONS.values()),
    )


def same_protocols(record: Mapping[str, Any]) -> bool:
    """Whether the run scored with the protocol versions that are in force here."""
    recorded = record.get("protocols")
    return isinstance(recorded, list) and set(VERSIONS.values()) <= {str(n) for n in recorded}


def _mapping(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = source.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return "" if value is None or value == {} else str(value)


def _only(samples: pl.DataFrame, column: str) -> int | None:
    found = samples[column].drop_nulls().unique()
    return int(found[0]) if len(found) == 1 else None


def _image_size(samples: pl.DataFrame) -> str:
    width, height = _only(samples, "image_width"), _only(samples, "image_height")
    return f"{width}x{height}" if width and height else ""
