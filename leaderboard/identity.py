"""Who was run and how: read from the results file, the sample records and the submission card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from leaderboard.discover import Run
from leaderboard.rows import Card, Role, Setup
from leaderboard.sheets import Sheet
from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import VERSIONS

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


def setup_of(run: Run, sheet: Sheet) -> Setup:
    """Collect how the run was made."""
    config = _mapping(run.results, "config")
    pixels = {image.max_pixels for image in sheet.images}
    sizes = {(image.width, image.height) for image in sheet.images}
    width, height = sizes.pop() if len(sizes) == 1 else (None, None)
    return Setup(
        harness="lmms-eval",
        harness_version=sheet.run.versions.get("lmms-eval", ""),
        plugin_version=sheet.run.versions.get("panoenv", ""),
        backend=_text(config.get("model_backend") or config.get("model")),
        batch_size=_text(config.get("batch_size")),
        max_pixels=pixels.pop() if len(pixels) == 1 else None,
        image_size=f"{width}x{height}" if width and height else "",
        decoding=_text(config.get("gen_kwargs")),
        prompts=sheet.run.prompts,
        prompts_sha256=sheet.run.prompts_sha256,
        dataset_sha256=sheet.run.dataset_sha256,
        protocols=" ".join(VERSIONS.values()),
    )


def _mapping(source: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = source.get(key)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return "" if value is None or value == {} else str(value)
