"""Answers kept as they come, so that an interrupted run goes on: ``--use_cache FOLDER`` for our tasks.

The harness's own cache is not asked for them: its key knows nothing of the picture, some wrappers change
the settings that it is made of, failed requests stay in it for good, and nothing before the last answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from panoenv_tasks.items import DataError
from panoenv_tasks.tasks.panoenv.record import failure

#: Answers are asked for in portions of about so many seconds, where a wrapper returns them all at once.
PORTION_SECONDS = 60.0
_VERSION = 1
#: How the harness encodes pictures for servers.
_ENCODING = "LMMS_IMAGE_"

Asked = TypeVar("Asked")
Reply = TypeVar("Reply")


class AnswerStore:
    """Answers by key, in files of one JSON object a line; every process appends to a file of its own.

    A line that was cut off by a crash is passed over.
    """

    def __init__(self, folder: Path) -> None:
        """Read all answers in ``folder``, which is made when it is not there.

        Raises:
            DataError: The folder cannot be used.
        """
        self.folder = folder
        self._texts: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted(folder.glob("answers-*.jsonl")):
                self._read(file)
            own_file = folder / f"answers-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.jsonl"
            self._file = own_file.open("a", encoding="utf-8")
        except OSError as error:
            raise DataError(f"{folder}: cannot keep answers there ({error}); leave out --use_cache") from None

    def get(self, key: str) -> str | None:
        """Return a kept answer."""
        return self._texts.get(key)

    def add(self, key: str, question: str, text: Any) -> None:
        """Keep an answer at once; failed requests and empty replies are not kept, so they are asked again."""
        if not key or not isinstance(text, str) or not text.strip() or failure(text):
            return
        self._texts[key] = text
        line = {"key": key, "question": question, "text": text}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file; nothing is lost without it."""
        self._file.close()

    def _read(self, file: Path) -> None:
        for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                row = json.loads(line)
                self._texts[str(row["key"])] = str(row["text"])
            except (ValueError, TypeError, KeyError):
                continue


def answer_key(doc: Mapping[str, Any], text: str, settings: Mapping[str, Any], model: str) -> str:
    """Return what an answer depends on, as 64 hex digits; empty when that is not known.

    Args:
        doc: The document: its id, and its pictures as recipes.
        text: The user text, as it is sent.
        settings: How answers are generated, before a wrapper adds to it.
        model: The model's identity.
    """
    image = json.loads(doc["record"])["image"]
    recipes = json.loads(doc["pictures"]) or []
    if recipes and not image.get("sha256"):
        return ""
    content = {
        "version": _VERSION,
        "question": doc["id"],
        "text": text,
        "pictures": [{**recipe, "path": image["sha256"]} for recipe in recipes],
        "encoding": {k: v for k, v in sorted(os.environ.items()) if k.startswith(_ENCODING)},
        "settings": settings,
        "model": model,
    }
    made = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(made.encode()).hexdigest()


def model_identity(stated: str, arguments: Any) -> str:
    """Return what tells two models apart: what was stated, and the state of local checkpoints among it.

    What stands behind a server's address is not known from here.
    """
    states = []
    for name, value in sorted(arguments.items()) if isinstance(arguments, dict) else ():
        folder = Path(value) if isinstance(value, str) and value else None
        if folder is not None and folder.is_dir():
            files = sorted(p for p in folder.iterdir() if p.is_file())
            states += [[name, p.name, p.stat().st_size, p.stat().st_mtime_ns] for p in files]
    return json.dumps([stated, states])


def in_portions(
    ask: Callable[[Sequence[Asked]], Sequence[Reply]],
    questions: Sequence[Asked],
    keep: Callable[[Asked, Reply], None],
    *,
    batch: int,
) -> list[Reply]:
    """Ask in portions that take about ``PORTION_SECONDS``, and keep each portion's replies at once.

    Args:
        ask: Returns one reply a question, in order.
        questions: All of them.
        keep: Called for each reply.
        batch: How many the model takes at a time; portions are multiples of it.
    """
    replies: list[Reply] = []
    size = batch = max(1, batch)
    while len(replies) < len(questions):
        portion = questions[len(replies) : len(replies) + size]
        started = time.monotonic()
        for question, reply in zip(portion, ask(portion), strict=True):
            keep(question, reply)
            replies.append(reply)
        each = max(1e-6, (time.monotonic() - started) / len(portion))
        wanted = min(PORTION_SECONDS / each, 4 * size)
        size = max(1, int(wanted) // batch) * batch
    return replies
