"""What a run came to, in at most ten lines a group, for the end of its output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from panoenv_tasks.blind import answer
from panoenv_tasks.scoring import CORRECT_FROM, PROTOCOLS, VERSIONS, Protocol, score
from panoenv_tasks.sources.released import part_of_split
from panoenv_tasks.stats import clustered_mean, figure, interval
from panoenv_tasks.tasks.panoenv.names import Selection
from panoenv_tasks.taxonomy import item_from

Record = Mapping[str, Any]
_TYPES = {"true_false": "T/F", "multiple_choice": "multiple choice", "open_ended": "open-ended"}
#: Statuses of answers that came and in which nothing was found to score.
UNREAD = ("no_answer_tag", "ambiguous", "unparsed")


def summary(records: Iterable[Record]) -> list[str]:
    """Return the lines of every split and condition among the records of a run."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        name = Selection(record["split"], None, record["run"]["condition"]).name
        groups.setdefault(name, []).append(record)
    return [line for name, own in groups.items() for line in _group(name, own)]


def nothing_answered(records: Iterable[Record]) -> bool:
    """Whether every single request failed: such a run has no result."""
    errors = [bool(record["error"]) for record in records]
    return bool(errors) and all(errors)


def _group(name: str, records: Sequence[Record]) -> list[str]:
    answered = [record for record in records if not record["error"]]
    panoramas = {_panorama(record) for record in records}
    run, split = records[0]["run"], records[0]["split"]
    extent = part_of_split(split, len(records), len(panoramas), built=bool(run.get("built")))
    lines = [f"panoenv: {name}: {extent}"]
    if left_out := run.get("condition_left_out"):
        lines[0] += f" ({left_out:,} cannot be shown so)"
    if answered:
        blind = _blind(answered)
        lines += [_accuracy(protocol, answered, blind) for protocol in PROTOCOLS]
        lines.append(f"  {', '.join(_by_type(answered))} ({VERSIONS['paper']})")
    lines += _answers(records)
    lines.append(f"  pictures: {_pictures(records)}")
    return lines + _misprinted(records)


def _accuracy(protocol: Protocol, records: Sequence[Record], blind: Mapping[str, list[bool]]) -> str:
    right = [record[protocol] >= CORRECT_FROM for record in records]
    places = [record["environment"] for record in records]
    accuracy = clustered_mean([float(hit) for hit in right], places, "wilson")
    assert accuracy is not None
    ends = interval(accuracy.lo, accuracy.hi)
    told = f"95 % interval {ends}" if ends else "no interval"
    line = f"  acc {VERSIONS[protocol]}: {figure(accuracy.mean)} % ({told})"
    reference = blind.get(protocol)
    if reference:
        line += f"; blind, from the same questions' text: {figure(fmean(reference))} %"
    return line


def _by_type(records: Sequence[Record]) -> list[str]:
    shares = []
    for kind, name in _TYPES.items():
        own = [record["paper"] >= CORRECT_FROM for record in records if record["question_type"] == kind]
        if own:
            shares.append(f"{name} {figure(fmean(own))} %")
    return shares


def _answers(records: Sequence[Record]) -> list[str]:
    counts = Counter(record["status"] for record in records)
    unread = sum(counts[status] for status in UNREAD)
    line = f"  answers: {counts['error']:,} failed, {counts['empty']:,} empty, {unread:,} unread, "
    line += f"{counts['untagged']:,} outside tags, of {len(records):,}"
    reasons = Counter(record["error"] for record in records if record["error"])
    if not reasons:
        return [line]
    (reason, times), *others = reasons.most_common()
    more = f", and {len(others)} other reasons" if others else ""
    return [line, f"  failed {times:,} times with: {' '.join(reason.split())[:160]}{more}"]


def _pictures(records: Sequence[Record]) -> str:
    kinds = Counter(_picture(record["image"]) for record in records)
    return "; ".join(kind if len(kinds) == 1 else f"{kind} ({n:,})" for kind, n in kinds.most_common(3))


def _picture(image: Mapping[str, Any]) -> str:
    if image["kind"] == "none":
        return "none shown"
    seen = image.get("seen")
    told = f"seen at {seen['width']}x{seen['height']}" if seen else "seen at a size that is not known"
    return f"{image['kind']} {image['width']}x{image['height']}, {told}"


def _misprinted(records: Sequence[Record]) -> list[str]:
    """Warn where boxes were printed for another size than the one at which the pictures were seen."""
    printed = records[0]["run"].get("boxes_in_pixels_of")
    sizes = {(s["width"], s["height"]) for r in records if (s := r["image"].get("seen"))}
    if not printed or sizes <= {tuple(printed)}:
        return []
    told = " and ".join(f"{width}x{height}" for width, height in sorted(sizes))
    width, height = printed
    return [
        f"  boxes were printed in pixels of {width}x{height}, but seen at {told}: set PANOENV_SEEN={told}"
    ]


def _blind(records: Sequence[Record]) -> dict[str, list[bool]]:
    """Return, per protocol, what the blind reference gets right on the same questions.

    None where the boxes that it reads are hidden from the model as well: it would not be a reference.
    """
    if records[0]["run"]["condition"] == "noimage_nobox":
        return {}
    items = [item_from(record) for record in records]
    replies = [answer(item) for item in items]
    return {
        p: [score(item, reply, p).correct for item, reply in zip(items, replies, strict=True)]
        for p in PROTOCOLS
    }


def _panorama(record: Record) -> str:
    return f"{record['environment']}/{record['frame']}"
