"""What an audit measures, overall and per category."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal, get_args

from panoenv_tasks.audit.estimates import Figure, difference, gap, ratio, share
from panoenv_tasks.audit.model_runs import ModelRuns, ScoredAnswer, item_of, sample_method
from panoenv_tasks.audit.subsets import height_agrees, touches_seam
from panoenv_tasks.blind.guess import constant
from panoenv_tasks.items import CATEGORIES, Category
from panoenv_tasks.pairs import Answered, both_right, guess_of
from panoenv_tasks.perturb import CONDITIONS, Condition
from panoenv_tasks.records import Sample
from panoenv_tasks.scoring import ProtocolName, score_answer
from panoenv_tasks.stats import Estimate

Scope = Literal["total"] | Category
SCOPES: tuple[Scope, ...] = ("total", *CATEGORIES)
Figures = Mapping[Scope, Figure]

#: What every audit is about.
MainMeasure = Literal[
    "multimodal_gain",
    "coordinate_gain",
    "marked_gain",
    "both_right",
    "flips_above_repeat",
    "rotation_loss",
]
#: What explains it; each with its n.
AppendixMeasure = Literal["all_turns_right", "consistency", "blind_adjusted", "seam_gap", "height_gap"]
Measure = MainMeasure | AppendixMeasure
MAIN: tuple[MainMeasure, ...] = get_args(MainMeasure)
APPENDIX: tuple[AppendixMeasure, ...] = get_args(AppendixMeasure)
MEASURES: tuple[Measure, ...] = (*MAIN, *APPENDIX)

_QUARTERS: tuple[Condition, ...] = ("full", "rot90", "rot180", "rot270")
#: The runs that each measure compares.
NEEDS: dict[Measure, tuple[Condition, ...]] = {
    "multimodal_gain": ("full", "noimage"),
    "coordinate_gain": ("noimage", "noimage_nobox"),
    "marked_gain": ("marked", "noimage_nobox"),
    "both_right": ("full",),
    "flips_above_repeat": ("full", "shuffled"),
    "rotation_loss": _QUARTERS,
    "all_turns_right": _QUARTERS,
    "consistency": _QUARTERS,
    "blind_adjusted": ("full",),
    "seam_gap": ("full",),
    "height_gap": ("full",),
}
#: The answers to one question, in the order of the conditions that a measure needs.
Group = tuple[ScoredAnswer, ...]
Rule = Callable[[Sequence[Group]], Figure | None]


@dataclass(frozen=True)
class Audit:
    """One model's figures.

    Attributes:
        runs: Whose answers they are.
        accuracy: Per condition.
        measures: Those whose runs are there and that have a question; the others are absent.
    """

    runs: ModelRuns
    accuracy: Mapping[Condition, Figures]
    measures: Mapping[Measure, Figures]


def audit_model(runs: ModelRuns, blind: Mapping[str, float] | None = None) -> Audit:
    """Measure everything that a model's runs allow.

    Args:
        runs: The answers.
        blind: s(x) by question id, how likely a blind answer is right (``blind.guessability``); without it
            there is no ``blind_adjusted``.
    """
    accuracy = {
        condition: _by_scope(_groups(runs, (condition,)), _accuracy)
        for condition in CONDITIONS
        if condition in runs.by_condition
    }
    measures = {
        measure: figures
        for measure, rule in _possible(runs, blind).items()
        if (figures := _by_scope(_groups(runs, NEEDS[measure]), rule))
    }
    return Audit(runs, accuracy, measures)


def audit_totals(
    runs: ModelRuns, chosen: Collection[Measure], blind: Mapping[str, float] | None = None
) -> dict[Measure, Estimate]:
    """Measure over all categories only; see ``audit_model``. What has no value is absent."""
    figures = {
        measure: rule(_groups(runs, NEEDS[measure]))
        for measure, rule in _possible(runs, blind).items()
        if measure in chosen
    }
    return {measure: figure.estimate for measure, figure in figures.items() if figure and figure.estimate}


def _possible(runs: ModelRuns, blind: Mapping[str, float] | None) -> dict[Measure, Rule]:
    """Return how to measure whatever the runs allow."""
    rules: dict[Measure, Rule] = {
        "multimodal_gain": lambda groups: _gain(groups, ("full", "noimage")),
        "coordinate_gain": lambda groups: _gain(groups, ("noimage", "noimage_nobox")),
        "marked_gain": lambda groups: _gain(groups, ("marked", "noimage_nobox")),
        "both_right": _both_right,
        "flips_above_repeat": lambda groups: _flips_above_repeat(groups, runs),
        "rotation_loss": _rotation_loss,
        "all_turns_right": lambda groups: _all_turns_right(groups, runs.protocol),
        "consistency": _consistency,
        "seam_gap": _seam_gap,
        "height_gap": _height_gap,
    }
    if blind is not None:
        rules["blind_adjusted"] = lambda groups: _blind_adjusted(groups, blind)
    return {
        measure: rules[measure]
        for measure in MEASURES
        if measure in rules and all(condition in runs.by_condition for condition in NEEDS[measure])
    }


def _groups(runs: ModelRuns, conditions: Sequence[Condition]) -> list[Group]:
    """Return the questions that all conditions showed and answered; failed requests are no answers."""
    first, *others = (runs.by_condition[condition].answers for condition in conditions)
    groups = []
    for name, answer in first.items():
        group = (answer, *(other[name] for other in others if name in other))
        if len(group) == len(conditions) and all(one.hit is not None for one in group):
            groups.append(group)
    return groups


def _by_scope(groups: Sequence[Group], rule: Rule) -> Figures:
    parts: dict[Scope, Sequence[Group]] = {"total": groups}
    for category in CATEGORIES:
        parts[category] = [group for group in groups if group[0].sample.category == category]
    return {scope: figure for scope, part in parts.items() if (figure := rule(part)) is not None}


def _accuracy(groups: Sequence[Group]) -> Figure | None:
    return share([_hit(group[0]) for group in groups], _environments(groups))


def _gain(groups: Sequence[Group], names: tuple[str, str]) -> Figure | None:
    """The first condition's accuracy minus the second's, paired by question."""
    first, second = ([_hit(group[side]) for group in groups] for side in (0, 1))
    return difference(first, second, _environments(groups), names)


def _both_right(groups: Sequence[Group]) -> Figure | None:
    """Of questions asked of two panoramas with different answers: both right, beside chance."""
    answers = []
    for (answer,) in groups:
        sample = answer.sample
        if pair := sample.meta.get("pair"):
            options = item_of(sample).options
            answers.append(Answered(str(pair), _hit(answer) == 1.0, guess_of(sample.question_type, options)))
    pairs = both_right(answers)
    return Figure(pairs.share, beside={"chance": pairs.chance}) if pairs else None


def _flips_above_repeat(groups: Sequence[Group], runs: ModelRuns) -> Figure | None:
    """How many more answers change with another picture than change with the same one.

    A model that draws its answers changes two thirds of them without looking, so a second run with the
    same picture is subtracted. Only greedy runs may do without: there, nothing changes by itself.
    """
    again = runs.by_condition["full"].repeats
    if any(group[0].sample.id in again for group in groups):
        repeated = [(*group, again[group[0].sample.id]) for group in groups if group[0].sample.id in again]
        read = _readable([group for group in repeated if group[2].hit is not None])
        other, same = ([float(not _agree((g[0], g[side]))) for g in read] for side in (1, 2))
        return difference(other, same, _environments(read), ("another picture", "same picture again"))
    read = _readable(groups)
    flips = [float(not _agree(group)) for group in read]
    if not all(runs.by_condition[condition].greedy for condition in NEEDS["flips_above_repeat"]):
        if not read:
            return None
        return Figure(None, "answers were drawn, or decoding is unknown: run the base task a second time")
    return share(flips, _environments(read), {"greedy, taken as": 0.0}) if read else None


def _rotation_loss(groups: Sequence[Group]) -> Figure | None:
    straight = [_hit(group[0]) for group in groups]
    turned = [fmean(map(_hit, group[1:])) for group in groups]
    return difference(straight, turned, _environments(groups), ("unturned", "turned"))


def _all_turns_right(groups: Sequence[Group], protocol: ProtocolName) -> Figure | None:
    """Right under all four headings, beside what a model that always says the same gets so."""
    if not groups:
        return None
    always = fmean(all(_constant_is_right(answer.sample, protocol) for answer in group) for group in groups)
    right = [float(all(map(_hit, group))) for group in groups]
    return share(right, _environments(groups), {"constant": always})


def _consistency(groups: Sequence[Group]) -> Figure | None:
    read = _readable(groups)
    return share([float(_agree(group)) for group in read], _environments(read))


def _seam_gap(groups: Sequence[Group]) -> Figure | None:
    return _gap(groups, [touches_seam(group[0].sample) for group in groups])


def _height_gap(groups: Sequence[Group]) -> Figure | None:
    """Accuracy where "higher in the image is farther" holds, minus where it misleads."""
    known = [(group, agrees) for group in groups if (agrees := height_agrees(group[0].sample)) is not None]
    return _gap([group for group, _ in known], [not agrees for _, agrees in known])


def _blind_adjusted(groups: Sequence[Group], blind: Mapping[str, float]) -> Figure | None:
    known = [group for group in groups if group[0].sample.id in blind]
    chances = [blind[group[0].sample.id] for group in known]
    above = [_hit(group[0]) - chance for group, chance in zip(known, chances, strict=True)]
    return ratio(above, [1 - chance for chance in chances], _environments(known))


def _gap(groups: Sequence[Group], marked: Sequence[bool]) -> Figure | None:
    hits, kinds = [_hit(group[0]) for group in groups], [group[0].sample.subcategory for group in groups]
    return gap(hits, marked, kinds, _environments(groups)) if groups else None


def _readable(groups: Sequence[Group]) -> list[Group]:
    """Return the groups in which at least one answer claims something."""
    return [group for group in groups if any(answer.meaning for answer in group)]


def _agree(group: Group) -> bool:
    """Whether all answers claim the same as the first; one that cannot be read claims nothing like it."""
    first = group[0].meaning
    return first is not None and all(a.meaning is not None and a.meaning.agrees(first) for a in group[1:])


def _constant_is_right(sample: Sample, protocol: ProtocolName) -> bool:
    said = constant(item_of(sample)).completion
    return score_answer(sample_method(sample), sample.answer, said, protocol, sample.question).correct


def _hit(answer: ScoredAnswer) -> float:
    assert answer.hit is not None
    return answer.hit


def _environments(groups: Sequence[Group]) -> list[str]:
    """What answers are clustered by: the released test split has two panoramas of each environment."""
    return [group[0].sample.environment for group in groups]
