"""Where a judged run lies on disk: ``NAME.verdicts.jsonl``, ``NAME.totals.json``, the store."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judges.records import Judged, read_verdicts, write_verdicts
from panoenv_tasks.items import DataError
from panoenv_tasks.records import Sample, read_samples


def read_run(paths: Sequence[Path]) -> list[Sample]:
    """Read the samples of one run from files and folders.

    Raises:
        DataError: There are none, or a sample occurs twice (two runs, or a run and its variant).
    """
    samples = [sample for path in paths for sample in read_samples(path)]
    if not samples:
        raise DataError(f"{paths[0]}: no samples; expected one JSON object a line")
    origins: dict[str, str] = {}
    for sample in samples:
        first = origins.setdefault(sample.id, sample.origin)
        if first != sample.origin:
            raise DataError(f"{sample.origin}: {sample.id} is also at {first}; judge one run at a time")
    return samples


def beside(path: Path) -> Path:
    """Return the folder for what is judged from ``path``: ``FOLDER/judged`` or ``FILE.judged``."""
    return path / "judged" if path.is_dir() else path.with_suffix(".judged")


@dataclass(frozen=True)
class Outputs:
    """The files of one protocol in a folder."""

    folder: Path
    protocol_id: str

    @property
    def verdicts(self) -> Path:
        """One judged sample a line; see ``records.read_verdicts``."""
        return self.folder / f"{self._name}.verdicts.jsonl"

    @property
    def totals(self) -> Path:
        """See ``totals.totals``."""
        return self.folder / f"{self._name}.totals.json"

    @property
    def store(self) -> Path:
        """Verdicts of all protocols by key; what a resumed run reads."""
        return self.folder / "store.jsonl"

    @property
    def _name(self) -> str:
        return re.sub(r"[^\w.+-]+", "_", self.protocol_id)

    def refuse_other_run(self, samples: Sequence[Sample]) -> None:
        """Raise before another run's verdicts would be overwritten.

        Raises:
            DataError: There are verdicts on other answers here.
        """
        if not self.verdicts.exists():
            return
        present = {(sample.id, sample.text) for sample in samples}
        if any((e.sample.id, e.sample.text) not in present for e in read_verdicts(self.verdicts)):
            raise DataError(f"{self.verdicts} holds verdicts on other answers; choose another --out")

    def save(self, judged: Sequence[Judged], found: dict[str, Any]) -> None:
        """Write verdicts and totals."""
        write_verdicts(self.verdicts, judged)
        self.totals.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
