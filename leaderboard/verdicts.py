"""Judge verdicts beside the runs: read, checked, and matched to the run whose answers they grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from judges.built_in import base_protocol
from judges.protocol import Dialect, Protocol, RulesProtocol, counted_score
from judges.reading import reading_protocol_id, score_again, settled_by_reader
from judges.records import MODEL_FAILURES, JudgedSample, read_verdicts
from leaderboard.rows import JudgeScore, Refusal
from leaderboard.sample_lines import LONGEST_FILE
from leaderboard.untrusted import open_regular
from panoenv_tasks.items import DataError
from panoenv_tasks.scoring import CORRECT_FROM
from panoenv_tasks.stats import clustered_mean

#: ``acc_read``: accuracy with a reader model, see ``judges.reading``.
Metric = Literal["q_score", "p_score", "acc_read"]
_PATTERN = "*.verdicts.jsonl"


@dataclass(frozen=True)
class VerdictFile:
    """One judge's verdicts on the answers of one run.

    ``texts`` are the judged texts by sample id. ``scores`` are what the protocol's published mean is
    made of: verdicts, the lowest score where the model gave no answer, and zeros for the judge's failures
    where the protocol publishes those; ``environments`` are theirs. ``scored``: answers that the judge did
    not fail on, ``settled`` of them by a reader. ``unproved`` scores came without the judge's reply, and had
    to be believed.
    """

    metric: Metric
    judge: str
    texts: Mapping[str, str]
    scored: int
    scores: tuple[float, ...]
    environments: tuple[str, ...]
    unproved: int = 0
    settled: int = 0


def find_verdicts(paths: Iterable[Path]) -> tuple[list[VerdictFile], list[Refusal]]:
    """Read every ``*.verdicts.jsonl`` below the given folders; other metrics are left alone."""
    verdicts: list[VerdictFile] = []
    refusals = []
    files: dict[Path, None] = {}
    for folder in (path for path in paths if path.is_dir()):
        for file in sorted(folder.rglob(_PATTERN)):
            if file.resolve().is_relative_to(folder.resolve()):
                files[file.resolve()] = None
            else:
                refusals.append(Refusal(str(file), "a link that leads out of the results folder"))
    for file in files:
        try:
            open_regular(file, LONGEST_FILE).close()
            verdict_file = _read(file)
        except DataError as error:
            refusals.append(Refusal(file.parent.name, str(error)))
        except Exception as error:  # one file must never cost the others theirs, whatever is in it
            refusals.append(
                Refusal(file.parent.name, f"{file.name}: cannot be read ({type(error).__name__})")
            )
        else:
            verdicts += [verdict_file] if verdict_file else []
    return verdicts, refusals


def best_for(texts: Mapping[str, str], metric: Metric, verdicts: Sequence[VerdictFile]) -> JudgeScore | None:
    """Return the judge score of a run, None when nobody judged it.

    Verdicts belong to a run when all their texts are the run's. Of several judges the one who
    scored most answers is taken, and of equals the first by name.

    Args:
        texts: The run's raw texts by sample id.
        metric: Which of the scores.
        verdicts: All verdict files there are.
    """
    of_this_run = [
        v for v in verdicts if v.metric == metric and all(texts.get(i) == text for i, text in v.texts.items())
    ]
    if not of_this_run:
        return None
    chosen = min(of_this_run, key=lambda v: (-v.scored, v.judge))
    mean = clustered_mean(chosen.scores, chosen.environments)
    if mean is None or not chosen.scored:
        return None
    return JudgeScore(chosen.judge, mean, chosen.scored, len(texts), chosen.unproved > 0, chosen.settled)


def _read(file: Path) -> VerdictFile | None:
    entries = read_verdicts(file)
    names = {entry.protocol for entry in entries}
    judges = {entry.verdict.judge_id for entry in entries}
    if len(names) != 1 or len(judges) != 1:
        raise DataError(f"{file.name}: expected one protocol and one judge")
    name, judge = names.pop(), judges.pop()
    protocol = base_protocol(name)
    metric = next((metric for metric in get_args(Metric) if metric == protocol.metric), None)
    if metric is None:
        return None
    if metric == "acc_read" and name not in map(reading_protocol_id, get_args(Dialect)):
        raise DataError(
            f"{file.name}: read under {name}, and the rules are {reading_protocol_id()} now; read again"
        )
    texts = {entry.sample.id: entry.sample.text for entry in entries}
    if len(texts) != len(entries):
        raise DataError(f"{file.name}: an answer was judged twice")
    scored = [e.verdict.score for e in entries if e.verdict.score is not None]
    low, high = protocol.scale
    if not all(low <= score <= high for score in scored):
        raise DataError(f"{file.name}: scores outside {low} to {high}")
    counted = [(e, c) for e in entries if (c := counted_score(protocol, e.verdict)) is not None]
    settled = sum(e.verdict.score is not None or e.verdict.status in MODEL_FAILURES for e in entries)
    return VerdictFile(
        metric=metric,
        judge=f"{judge} {name}",
        texts=texts,
        scored=settled,
        scores=tuple(float(c >= CORRECT_FROM) if metric == "acc_read" else c for _, c in counted),
        environments=tuple(entry.sample.environment for entry, _ in counted),
        settled=sum(settled_by_reader(entry.verdict) for entry in entries),
        unproved=sum(not _proved(entry, protocol) for entry in entries),
    )


def _proved(entry: JudgedSample, protocol: Protocol) -> bool:
    """Hold a score to the judge's own words, or to the rules; whether there was something to hold it to.

    Raises:
        DataError: The words give another score.
    """
    verdict = entry.verdict
    if protocol.metric == "acc_read":
        said = score_again(entry.sample, verdict)
    elif isinstance(protocol, RulesProtocol):
        said = protocol.grade(entry.sample).score
    elif verdict.score is None:
        return True
    elif not verdict.raw.strip():
        return False
    else:
        said = protocol.parse(verdict.raw)
    if said != verdict.score:
        raise DataError(
            f"{entry.sample.origin.rpartition('/')[2]}: score {verdict.score}, but the judge's reply gives "
            f"{said}; the verdicts were altered"
        )
    return True
