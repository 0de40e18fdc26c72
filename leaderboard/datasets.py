"""Which questions a run answered: every run is held to the dataset that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from leaderboard.checks import check_against, check_condition, check_questions
from leaderboard.manifest import Manifest, build_manifest, items_of
from leaderboard.rescore import Rescorer
from leaderboard.samples import Part, Record
from leaderboard.sheets import Sheet
from panoenv_tasks.items import DataError, Item, fingerprint
from panoenv_tasks.perturb import present


@dataclass(frozen=True)
class Dataset:
    """The questions, and every distinct answer that was given to them."""

    manifest: Manifest
    answers: Rescorer


@dataclass
class Datasets:
    """All datasets met so far, by key.

    The first whole run of a dataset brings its questions in; they must add up to the fingerprint
    that the run recorded. All others must agree with them word for word.
    """

    known: dict[str, Dataset] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def place(self, sheet: Sheet, read: Callable[[], Part[Record]]) -> tuple[str, Sequence[int]]:
        """Return the key of the dataset that a sheet answers, and each answer's place in it.

        Args:
            sheet: The answers.
            read: Reads the samples again; called only for questions not seen before.

        Raises:
            DataError: The questions are not those of the dataset that the run names.
        """
        identity = (sheet.run.dataset_sha256, sheet.run.condition, sheet.questions_sha256)
        if identity in self._seen:
            return self._seen[identity], range(len(sheet.answers))
        part = read()
        key = self._meet(part)
        items = self.known[key].manifest.items
        if len(items) == len(part.records):
            self._seen[identity] = key
            return key, range(len(items))
        at = {item.id: index for index, item in enumerate(items)}
        return key, [at[record.id] for record in part.records]

    def _meet(self, part: Part[Record]) -> str:
        recorded = part.run.dataset_sha256
        if recorded not in self.known:
            items = items_of(part.records)
            check_questions(items)
            if fingerprint(items) != recorded:
                return self._unverified(part, items)
            self._add(recorded, build_manifest(items, recorded, verified=True))
            return recorded
        key = self._under(recorded, part.run.condition)
        check_against(part.records, self.known[key].manifest)
        return key

    def _under(self, recorded: str, condition: str) -> str:
        """Return the key of a known dataset as a condition shows it (a rotation changes answers)."""
        key = f"{recorded} {condition}"
        base = self.known[recorded].manifest
        if key not in self.known:
            shown = present(base.items, check_condition(condition))
            manifest = build_manifest([p.item for p in shown], recorded, verified=True)
            same = manifest.keys == base.keys
            self.known[key] = self.known[recorded] if same else Dataset(manifest, Rescorer(manifest.items))
        return recorded if self.known[key] is self.known[recorded] else key

    def _unverified(self, part: Part[Record], items: tuple[Item, ...]) -> str:
        recorded = part.run.dataset_sha256
        if len(items) >= part.run.dataset_items and part.run.condition in ("full", "noimage"):
            raise DataError(
                f"its questions and answers do not add up to the recorded dataset {recorded[:12]}; "
                "the samples were altered or come from two datasets"
            )
        key = f"{recorded} part {len(self.known)}"
        self._add(key, build_manifest(items, recorded, verified=False))
        return key

    def _add(self, key: str, manifest: Manifest) -> None:
        self.known[key] = Dataset(manifest, Rescorer(manifest.items))
