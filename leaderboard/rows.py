"""What a row is, which the board shows: a run's identity, setup, counts, scores and the doubts about it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from leaderboard.dataset import Codes, Dataset, Role
from panoenv_tasks.audit import Measure
from panoenv_tasks.markdown import one_line
from panoenv_tasks.scoring import Protocol
from panoenv_tasks.stats import Difference, Estimate, figure, interval

#: ``reported``: someone's published figure. ``unverified``: recomputed here from samples that somebody
#: made. ``reproduced``: the maintainer ran it again and says so.
Provenance = Literal["reported", "unverified", "reproduced"]
FlagCode = Literal[
    "partial",
    "unchecked_questions",
    "unknown_dataset",
    "foreign",
    "requests_failed",
    "gold_copied",
    "other_input",
    "retracted",
    "superseded",
    "another_run",
    "unparsed",
    "no_results_file",
    "no_input",
    "low_pixels",
    "unknown_pixels",
    "other_protocol",
    "restored",
    "all_right",
    "like_blind",
    "like_another",
    "odd_date",
]

#: A row with one of these is shown and never ranked.
BLOCKING: frozenset[FlagCode] = frozenset(
    {
        "partial",
        "unchecked_questions",
        "unknown_dataset",
        "foreign",
        "requests_failed",
        "gold_copied",
        "other_input",
        "retracted",
        "superseded",
        "another_run",
    }
)

#: The measures of an audit that are columns, in their order; the multi-modal gain stands before them.
AUDITED: tuple[Measure, ...] = (
    "coordinate_gain",
    "marked_gain",
    "flips_above_repeat",
    "rotation_loss",
    "blind_adjusted",
)


@dataclass(frozen=True)
class Flag:
    """A doubt about a row, in words a reader understands."""

    code: FlagCode
    message: str


@dataclass(frozen=True)
class Refusal:
    """Something that could not become a row: where it was found and why, one line; whose, if known."""

    origin: str
    reason: str
    submission: str = ""

    def __str__(self) -> str:
        return f"{one_line(self.origin)}: {one_line(self.reason, 1000)}"


@dataclass(frozen=True)
class Setup:
    """How the run was made. Empty or None means unknown."""

    harness: str = ""
    harness_version: str = ""
    plugin_version: str = ""
    backend: str = ""
    batch_size: str = ""
    max_pixels: int | None = None
    image_size: str = ""
    panorama: str = ""
    decoding: str = ""
    prompts: str = ""
    prompts_sha256: str = ""
    dataset_sha256: str = ""
    protocols: str = ""


@dataclass(frozen=True)
class Counts:
    """How many questions there were and how their answers could be read (strict protocol)."""

    expected: int
    n: int
    panoramas: int
    environments: int
    statuses: Mapping[str, int]

    @property
    def errors(self) -> int:
        """Requests that failed: no answer to score, left out of every mean."""
        return self.statuses.get("error", 0)

    @property
    def unreadable(self) -> int:
        """Answers that were given but could not be read as one answer."""
        return sum(self.statuses.get(s, 0) for s in ("no_answer_tag", "empty", "unparsed"))


@dataclass(frozen=True)
class JudgeScore:
    """Mean judge score (0-10) of a run, or its accuracy with a reader (a share).

    ``scored`` of ``asked`` answers got a usable verdict; ``settled`` of them only because a reader read
    what the rules could not. ``as_submitted``: the judge's replies were not sent along, so that the score
    had to be believed.
    """

    judge: str
    estimate: Estimate
    scored: int
    asked: int
    as_submitted: bool = False
    settled: int = 0


@dataclass(frozen=True)
class Card:
    """What a run folder's ``submission.yaml`` says about the model. Empty means not said."""

    model: str = ""
    revision: str = ""
    params_b: float | None = None
    open_weights: bool | None = None
    training_data: str = ""
    submitter: str = ""
    source_url: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Row:
    """One run on one split under one condition.

    ``paper`` and ``strict`` map a cell (see ``leaderboard.cells``) to the share of right answers;
    a cell without questions is absent. ``gain`` and ``audit`` compare a row that saw the image with the
    same model's rows under other conditions (strict protocol); measures without such rows are absent.
    ``above_blind`` is the row's lead over blind answers to the same questions, which are worked out here
    (strict protocol). ``submission`` is the folder that was sent in, empty for one's own runs.
    For reported rows the estimates have no errors, and ``counts``, ``dataset`` and ``codes`` are None.
    ``codes`` are the answers, as codes in ``dataset.answers``; ``untagged`` holds the head of texts
    without a tag, by question.
    """

    row_id: str
    model: str
    role: Role
    provenance: Provenance
    split: str
    condition: str
    date: str
    setup: Setup
    counts: Counts | None
    paper: Mapping[str, Estimate]
    strict: Mapping[str, Estimate] = field(default_factory=dict)
    checks: Mapping[str, Estimate] = field(default_factory=dict)
    format_rate: float | None = None
    q_score: JudgeScore | None = None
    p_score: JudgeScore | None = None
    acc_read: JudgeScore | None = None
    above_blind: Difference | None = None
    gain: Difference | None = None
    audit: Mapping[Measure, Estimate] = field(default_factory=dict)
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None
    card: Card = Card()
    flags: tuple[Flag, ...] = ()
    samples_sha256: str = ""
    samples_path: str = ""
    submission: str = ""
    dataset: Dataset | None = field(default=None, compare=False, repr=False)
    codes: Codes | None = field(default=None, compare=False, repr=False)
    untagged: Mapping[int, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def blocked(self) -> bool:
        """Whether a flag keeps the row out of the ranking."""
        return any(flag.code in BLOCKING for flag in self.flags)

    @property
    def ranked(self) -> bool:
        """Whether the row takes part in ranks: recomputed here, complete, and not an oracle."""
        return self.provenance != "reported" and self.role != "oracle" and not self.blocked

    @property
    def group(self) -> tuple[str, str, str]:
        """Rows are compared only when dataset, condition and prompts are the same."""
        return (self.setup.dataset_sha256, self.condition, self.setup.prompts_sha256)

    def questions(self) -> Dataset:
        """Return the questions that a recomputed row answered."""
        if self.dataset is None:
            raise ValueError(f"row {self.row_id} was reported; nobody here has its answers")
        return self.dataset

    def answer_codes(self) -> Codes:
        """Return a recomputed row's answers as codes in ``questions().answers``; shape (n,)."""
        if self.codes is None:
            raise ValueError(f"row {self.row_id} was reported; nobody here has its answers")
        return self.codes

    def correct(self, protocol: Protocol) -> npt.NDArray[np.float64]:
        """Return 1, 0 or NaN per question of the row's dataset; shape (n,)."""
        return self.questions().answers.correct(self.answer_codes(), protocol)


def row_id(*identity: str | JudgeScore | None) -> str:
    """Return the id of a row; a run of which more is known later is a new row.

    The CSV never changes a line it holds.
    """
    parts = [f"{i.judge} {i.scored}" if isinstance(i, JudgeScore) else i or "" for i in identity]
    joined = "\x1e".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:12]


def share_text(share: Estimate | None, decimals: int = 1, *, signed: bool = False) -> str:
    """Return a share in percent with its interval, for people to read; empty without a share."""
    if share is None:
        return ""
    ends = interval(share.lo, share.hi, decimals, " ({} to {})")
    return f"{figure(share.mean, decimals, signed=signed)}{ends}"
