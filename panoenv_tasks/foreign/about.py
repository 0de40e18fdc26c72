"""What its user knows of a prediction file; what nobody says is ``unknown``, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal, get_args

import yaml

from panoenv_tasks.items import DataError, ImageKind

#: What a model was shown, as far as somebody says so.
Shown = ImageKind | Literal["unknown"]
_SHOWN: tuple[str, ...] = (*get_args(ImageKind), "unknown")


@dataclass(frozen=True)
class About:
    """How predictions were made.

    Attributes:
        model: Which model answered; empty takes the file's name.
        harness: What asked it, such as ``VLMEvalKit 0.2``.
        prompts: In which words, such as ``the paper's`` or an address.
        picture: What was shown with each question.
        source: Where the file was published.
        asked: A file that holds each asked question by id or index, where the predictions do not repeat it:
            VLMEvalKit's TSV, or any table or JSONL of the forms that predictions may have.
    """

    model: str = ""
    harness: str = "unknown"
    prompts: str = "unknown"
    picture: Shown = "unknown"
    source: str = ""
    asked: Path | None = None


def read_about(predictions: Path, file: Path | None) -> About:
    """Read what is said of a prediction file.

    Args:
        predictions: The file.
        file: The YAML that tells of it; None takes ``NAME.yaml`` beside ``NAME.xlsx``, if it is there.

    Raises:
        DataError: It is no YAML mapping, or has an unknown key or a value of the wrong kind.
    """
    if file is None:
        file = predictions.with_suffix(".yaml")
        if not file.is_file():
            return About(model=predictions.stem)
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{file}: cannot be read as YAML ({str(error).splitlines()[0]})") from None
    keys = [field.name for field in fields(About)]
    if not isinstance(content, dict) or not content.keys() <= set(keys):
        raise DataError(f"{file}: expected a mapping with keys out of {', '.join(keys)}")
    for key, value in content.items():
        if not isinstance(value, str) or not value.strip():
            raise DataError(f"{file}: {key}: expected text; leave the key out where it is not known")
    if content.get("picture", "unknown") not in _SHOWN:
        raise DataError(f"{file}: picture {content['picture']!r}; expected one of {', '.join(_SHOWN)}")
    asked = file.parent / content["asked"] if "asked" in content else None
    told = About(**{**content, "asked": asked})
    return told if told.model else replace(told, model=predictions.stem)
