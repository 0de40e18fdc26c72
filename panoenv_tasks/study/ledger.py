"""What a study has finished: per step a hash of what went in and of what came out, on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from panoenv_tasks.items import DataError
from panoenv_tasks.whole_file import write_whole

LEDGER = "study.json"


@dataclass(frozen=True)
class Done:
    """A finished step: sha256 of its inputs and outputs, and how long it took."""

    inputs: str
    outputs: str
    seconds: float


class Ledger:
    """The finished steps of one study, in one file of its output folder."""

    def __init__(self, out: Path, study: Mapping[str, Any]) -> None:
        """Open the ledger of a folder, or begin one.

        Args:
            out: The study's output folder.
            study: The study as plain data; a folder holds one study.

        Raises:
            DataError: The folder holds another study, or something else.
        """
        self.file = out / LEDGER
        self.study = json.loads(json.dumps(study))
        self.done: dict[str, Done] = {}
        if self.file.is_file():
            self._read()
        elif out.is_dir() and any(not entry.name.startswith(".") for entry in out.iterdir()):
            raise DataError(f"{out}: not empty and no study; choose another folder with -o")

    def is_done(self, name: str, inputs: str, folder: Path) -> bool:
        """Whether a step was finished with these inputs and its results are still what they were."""
        finished = self.done.get(name)
        return finished is not None and finished.inputs == inputs and finished.outputs == sha256_of(folder)

    def record(self, name: str, done: Done) -> None:
        """Note a finished step, at once and whole."""
        self.done[name] = done
        self.write()

    def write(self) -> None:
        """Write the file, whole or not at all."""
        table = {"study": self.study, "done": {name: asdict(done) for name, done in self.done.items()}}
        write_whole(self.file, json.dumps(table, indent=1, ensure_ascii=False) + "\n")

    def _read(self) -> None:
        try:
            table = json.loads(self.file.read_text(encoding="utf-8"))
            earlier, done = table["study"], {name: Done(**one) for name, one in table["done"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise DataError(f"{self.file}: not a study's record; choose another folder with -o") from None
        for key in sorted({*earlier, *self.study}):
            if earlier.get(key) != self.study.get(key):
                raise DataError(
                    f"{self.file.parent}: holds a study with another {key}; choose another folder with -o, "
                    "or make the study file as it was to go on"
                )
        self.done = done


def sha256_of(folder: Path) -> str:
    """Return a sha256 over the names and contents of the files below a folder."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        digest.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def inputs_hash(parts: Iterable[str]) -> str:
    """Return a sha256 over texts, in order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def folder_stamp(folder: Path) -> str:
    """Return the sizes and times of a model folder's files: another model in its place is seen."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return " ".join(f"{f.relative_to(folder)}:{f.stat().st_size}:{f.stat().st_mtime_ns}" for f in files)
