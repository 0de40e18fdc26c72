"""The record of one question in a run: made with its document, completed by its answer, kept as sample.

``panoenv_tasks.records`` reads it back. It names no local path, so a samples file can be published as it is.
"""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from panoenv_tasks.items import QUESTION_FIELDS
from panoenv_tasks.perturb import Presentation, size_shown
from panoenv_tasks.restore.confidence import confidence_of
from panoenv_tasks.scoring import score_answer
from panoenv_tasks.sources.checked import recall, state_of
from panoenv_tasks.tasks.panoenv.metrics import reward

#: Packages that can change a result.
PACKAGES = ("panoenv", "lmms-eval", "torch", "transformers", "vllm", "openai")
#: What stands in for an answer when a server's reply held none (``content: null``).
NO_TEXT = "[LMMS_EVAL_REQUEST_FAILED] the server's reply held no text (content: null)"
#: What the harness's asynchronous wrapper makes of such a reply.
_NO_TEXT_ASYNC = 'Error: can only concatenate str (not "NoneType") to str'
#: Failed requests come back from the harness's wrappers as text with one of these heads.
_FAILURES = ("[LMMS_EVAL_REQUEST_FAILED", "[LMMS_EVAL_BUDGET_EXCEEDED")
#: An absolute path of two folders or more, as exceptions quote them; the last part is kept.
_PATH = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[\\/][\w.@+-]+)+[\\/](?=[\w.@+-])")


def package_versions() -> dict[str, str]:
    """Return the installed versions of the packages that can change a result, and of Python."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def asked(shown: Presentation, run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a question before its answer: what is asked, what is shown, in which run."""
    item = shown.item
    return {
        "schema": 1,
        **{name: getattr(item, name) for name in QUESTION_FIELDS},
        **({"pair": item.pair} if item.pair else {}),
        "image": _image_facts(shown),
        "run": run,
    }


def completed(record: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return the record with its answer scored under both protocols, or with the error that came instead."""
    if error := failure(text):
        nothing = dict.fromkeys(("prediction", "paper", "strict", "format", "rewards"))
        return {**record, **nothing, "text": "", "error": error, "status": "error"}
    method, gold, question = record["method"], record["answer"], record["question"]
    paper = score_answer(method, gold, text, "paper", question)
    strict = score_answer(method, gold, text, "strict", question)
    return {
        **record,
        "text": text,
        "error": "",
        "prediction": strict.answer,
        "status": strict.status,
        "paper": paper.value,
        "strict": strict.value,
        "format": float(paper.format_valid),
        "rewards": {s.protocol: reward(s.value, s.format_valid) for s in (paper, strict)},
    }


def failure(text: str) -> str:
    """Return why a text is no answer of the model's, without local paths; empty when it is one."""
    if text.startswith(_NO_TEXT_ASYNC):
        return NO_TEXT
    return _PATH.sub("", text[:500]) if text.startswith(_FAILURES) else ""


def _image_facts(shown: Presentation) -> dict[str, Any]:
    width, height = size_shown(shown) or (None, None)
    facts: dict[str, Any] = {"kind": shown.image_kind, "width": width, "height": height}
    if shown.pictures:
        # All pictures of a question are made from one file.
        path = shown.pictures[0].path
        facts["sha256"] = _digest(path, state_of(path))
    if shown.item.image_kind == "restored" and shown.pictures:
        # Also where faces of it are shown, or boxes are drawn on it.
        confirmed = confidence_of(shown.pictures[0].path).to_json()
        facts |= {"panorama": "restored", "confirmed": confirmed}
    return facts


@lru_cache(maxsize=1024)
def _digest(path: Path, state: str) -> str | None:
    """Return the sha256 of a picture's file in that state; None where it cannot be read.

    Whether it can be decoded is not asked here: a model that never looks may answer a set with bad pictures.
    """
    recalled = recall([path]).get(path)
    if recalled is not None:
        return recalled.sha256
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
