"""Which questions a run answered: every sheet is held to the dataset that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import get_args

import yaml

from leaderboard.dataset import Dataset, build_dataset
from leaderboard.sample_lines import SampleRecord
from leaderboard.sheets import AnswerSheet, question_key
from panoenv_tasks import load_items
from panoenv_tasks.items import (
    CATEGORIES,
    METHODS,
    QUESTION_FIELDS,
    QUESTION_TYPES,
    DataError,
    Item,
    Split,
    fingerprint,
)
from panoenv_tasks.perturb import CONDITIONS, Condition, present
from panoenv_tasks.sources.locate import splits_at
from panoenv_tasks.sources.released import RELEASED, is_built
from panoenv_tasks.taxonomy import extra_subcategories, item_from, recognise, subcategories
from panoenv_tasks.whole_file import write_whole

SPLITS: tuple[str, ...] = get_args(Split)
#: Synthetic sets that come with the software; they are built again to compare.
BUNDLED: tuple[str, ...] = ("mini", "mini_twins")
#: In the maintainer's folder: the fingerprints that were pinned when the questions were first at hand.
PINS_FILE = "pinned.yaml"

_PINS_HEAD = "# Written when these questions were first at hand; others under the same name are not ranked.\n"


@dataclass(frozen=True)
class KnownQuestions:
    """Names of sets of questions by fingerprint: what a run says of its split is not believed.

    Known are the released splits that this project has seen (``data/datasets.yaml``), the bundled sets,
    which are built again to compare, what the maintainer pinned, and what lies at hand: at ``data``, else
    where tasks would find it. A name that is pinned means these questions and no others.
    """

    pinned: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    _at_hand: dict[str, list[Item]] = field(default_factory=dict)

    def name(self, sha256: str, split: str) -> str | None:
        """Return the name of the questions with a fingerprint, None when nobody here knows them.

        Args:
            sha256: The fingerprint.
            split: What the run calls them: where to look among what is at hand.
        """
        if named := self.pinned.get(sha256) or released_fingerprints().get(sha256):
            return named
        if split not in SPLITS or split in self.pinned.values():
            return None
        if split not in self._at_hand:
            self._at_hand[split] = self._load(split)
        return split if sha256 == fingerprint(self._at_hand[split]) else None

    def first_seen(self) -> dict[str, str]:
        """Return the fingerprints by name that should be pinned: of released sets that lie here whole."""
        read = {*released_fingerprints().values()}
        return {
            split: fingerprint(items)
            for split, items in self._at_hand.items()
            if split not in read
            and RELEASED.get(split) == (len(items), len({item.panorama for item in items}))
        }

    def _load(self, split: str) -> list[Item]:
        """Return a split as it lies here; empty when it does not."""
        from panoenv_tasks.tasks.panoenv.docs import data_root

        try:
            root = self.data if self.data and split not in BUNDLED else data_root(split)
            # Questions that somebody built here are no released ones, unless the maintainer points there.
            return (
                []
                if root != self.data and is_built(root) and split not in BUNDLED
                else load_items(root, split)
            )
        except DataError:
            return []


def read_pins(file: Path) -> dict[str, str]:
    """Return the fingerprints by name that an earlier board pinned; nothing when there is no file.

    Raises:
        DataError: The file holds something else.
    """
    if not file.exists():
        return {}
    try:
        pins = yaml.safe_load(file.read_text("utf-8")) or {}
    except (OSError, yaml.YAMLError, UnicodeError) as error:
        raise DataError(f"{file}: cannot be read ({str(error).splitlines()[0]})") from None
    if not isinstance(pins, dict) or not all(isinstance(sha256, str) for sha256 in pins.values()):
        raise DataError(f"{file}: expected names with their fingerprints in quotes")
    return {str(name): sha256 for name, sha256 in pins.items()}


def write_pins(file: Path, pins: Mapping[str, str]) -> None:
    """Keep the fingerprints by name for the boards to come; see ``read_pins``."""
    write_whole(file, _PINS_HEAD + "".join(f'{name}: "{sha256}"\n' for name, sha256 in sorted(pins.items())))


def check_pins(file: Path, pins: Mapping[str, str], data: Path) -> None:
    """Raise DataError when the data holds other questions under a name that was pinned."""
    for split in sorted(pins.keys() & {*splits_at(data)}):
        if (here := fingerprint(load_items(data, split))) != pins[split]:
            raise DataError(
                f"{data}: its {split} questions ({here[:12]}) are not those that this board has been held "
                f"to since it first saw them ({pins[split][:12]}); give the right data, or take the line out "
                f"of {file}"
            )


@dataclass
class Datasets:
    """All datasets met so far.

    The first whole run of a dataset brings its questions in; they must add up to the fingerprint
    that the run recorded. All others must agree with them word for word.
    """

    known: KnownQuestions = field(default_factory=KnownQuestions)
    _whole: dict[str, Dataset] = field(default_factory=dict)
    _shown: dict[tuple[str, str], Dataset] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], Dataset] = field(default_factory=dict)

    def place(
        self, sheet: AnswerSheet, read: Callable[[], Sequence[SampleRecord]]
    ) -> tuple[Dataset, Sequence[int]]:
        """Return the dataset that a sheet answers, and each answer's place in it.

        Args:
            sheet: The answers.
            read: Reads the samples again; called only for questions not seen before.

        Raises:
            DataError: The questions are not those of the dataset that the run names.
        """
        identity = (sheet.run.dataset_sha256, sheet.run.condition, sheet.questions_sha256)
        if identity in self._seen:
            return self._seen[identity], range(len(sheet.answers))
        records = read()
        dataset = self._dataset_of(sheet, records)
        if len(dataset.items) == len(records):
            self._seen[identity] = dataset
            return dataset, range(len(records))
        at = {item.id: index for index, item in enumerate(dataset.items)}
        return dataset, [at[record.id] for record in records]

    def _dataset_of(self, sheet: AnswerSheet, records: Sequence[SampleRecord]) -> Dataset:
        recorded = sheet.run.dataset_sha256
        if recorded not in self._whole:
            # Boxes are read from the wording.
            items = tuple(item_from({n: getattr(r, n) for n in QUESTION_FIELDS}) for r in records)
            _check_questions(items)
            if fingerprint(items) != recorded:
                return _unverified(sheet, items)
            name = self.known.name(recorded, sheet.split)
            own = f"own-{recorded[:8]}"
            self._whole[recorded] = build_dataset(
                items, recorded, name or own, name is not None, verified=True
            )
            return self._whole[recorded]
        dataset = self._under(recorded, check_condition(sheet.run.condition))
        keys = [question_key(record) for record in records]
        if keys != dataset.keys and not set(keys) <= set(dataset.keys):
            raise DataError(
                f"questions or gold answers differ from dataset {recorded[:12]}; the samples were altered"
            )
        return dataset

    def _under(self, recorded: str, condition: Condition) -> Dataset:
        """Return a whole dataset as a condition shows it (a rotation changes answers)."""
        if (recorded, condition) not in self._shown:
            whole = self._whole[recorded]
            items = [shown.item for shown in present(whole.items, condition)]
            changed = build_dataset(items, recorded, whole.name, whole.known, verified=True)
            self._shown[recorded, condition] = whole if changed.keys == whole.keys else changed
        return self._shown[recorded, condition]


def check_condition(name: str) -> Condition:
    """Return the condition of that name.

    Raises:
        DataError: There is none; what it showed cannot be known.
    """
    if name not in CONDITIONS:
        raise DataError(f"unknown condition {name[:40]!r}; expected one of {', '.join(CONDITIONS)}")
    return name


@lru_cache(maxsize=1)
def released_fingerprints() -> dict[str, str]:
    """Return fingerprint -> split of the sets whose questions this project has seen."""
    text = resources.files("leaderboard").joinpath("data/datasets.yaml").read_text("utf-8")
    return {entry["sha256"]: entry["split"] for entry in yaml.safe_load(text)["datasets"]}


def _unverified(sheet: AnswerSheet, items: tuple[Item, ...]) -> Dataset:
    """Return what there is of a dataset whose whole nobody has shown."""
    recorded = sheet.run.dataset_sha256
    if len(items) >= sheet.run.dataset_items and sheet.run.condition in ("full", "noimage"):
        raise DataError(
            f"its questions and answers do not add up to the recorded dataset {recorded[:12]}; "
            "the samples were altered or come from two datasets"
        )
    return build_dataset(items, recorded, "unchecked", known=False, verified=False)


def _check_questions(items: tuple[Item, ...]) -> None:
    """Raise DataError for a question that contradicts its own id, wording or vocabulary."""
    category_of = {**subcategories(), **extra_subcategories()}
    for item in items:
        wording = recognise(item.question)
        problem = (
            "its id names another place"
            if not item.id.startswith(f"{item.split}/{item.environment}/{item.frame}/")
            else "unknown question type, method or category"
            if item.question_type not in QUESTION_TYPES
            or item.method not in METHODS
            or item.category not in CATEGORIES
            or category_of.get(item.subcategory) != item.category
            else "its wording is of another sub-category"
            if wording and wording.subcategory != item.subcategory
            else ""
        )
        if problem:
            raise DataError(f"question {item.id[:80]}: {problem}; the samples were altered")
