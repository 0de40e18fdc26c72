"""What an audit measures, overall and per category."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from panoenv_tasks.audit.estimates import gap, ratio
from panoenv_tasks.audit.results import Answer, Subject
from panoenv_tasks.audit.subsets import height_agrees, touches_seam
from panoenv_tasks.items import CATEGORIES, Category
from panoenv_tasks.perturb import CONDITIONS, Condition
from panoenv_tasks.stats import Estimate, clustered_mean

Scope = Literal["total"] | Category
SCOPES: tuple[Scope, ...] = ("total", *CATEGORIES)
Figures = Mapping[Scope, Estimate]

Measure = Literal[
    "image_gain",
    "box_leak",
    "image_sensitivity",
    "rotation_accuracy",
    "rotation_loss",
    "all_four_correct",
    "consistency",
    "seam_gap",
    "height_gap",
    "blind_adjusted",
]
MEASURES: tuple[Measure, ...] = get_args(Measure)

_QUARTERS: tuple[Condition, ...] = ("full", "rot90", "rot180", "rot270")
#: The runs that each measure compares.
NEEDS: dict[Measure, tuple[Condition, ...]] = {
    "image_gain": ("full", "noimage"),
    "box_leak": ("noimage", "noimage_nobox"),
    "image_sensitivity": ("full", "shuffled"),
    "rotation_accuracy": _QUARTERS,
    "rotation_loss": _QUARTERS,
    "all_four_correct": _QUARTERS,
    "consistency": _QUARTERS,
    "seam_gap": ("full",),
    "height_gap": ("full",),
    "blind_adjusted": ("full",),
}
#: The answers to one question, in the order of the conditions that a measure needs.
Group = tuple[Answer, ...]
Rule = Callable[[Sequence[Group]], Estimate | None]


@dataclass(frozen=True)
class Audit:
    """One subject's figures.

    Attributes:
        subject: Whose answers they are.
        accuracy: Per condition.
        measures: Those whose runs are there; the others are absent.
    """

    subject: Subject
    accuracy: Mapping[Condition, Figures]
    measures: Mapping[Measure, Figures]


def audit_subject(subject: Subject, blind: Mapping[str, float] | None = None) -> Audit:
    """Measure everything that a subject's runs allow.

    Args:
        subject: The answers.
        blind: s(x) by question id, how likely a blind answer is right (``blind.ladder``); without it there
            is no ``blind_adjusted``.
    """
    accuracy = {
        condition: _by_scope(_groups(subject, (condition,)), _accuracy)
        for condition in CONDITIONS
        if condition in subject.shown
    }
    measures = {
        measure: figures
        for measure, rule in _possible(subject, blind).items()
        if (figures := _by_scope(_groups(subject, NEEDS[measure]), rule))
    }
    return Audit(subject, accuracy, measures)


def audit_totals(
    subject: Subject, chosen: Collection[Measure], blind: Mapping[str, float] | None = None
) -> dict[Measure, Estimate]:
    """Measure over all categories only; see ``audit_subject``. What cannot be measured is absent."""
    return {
        measure: found
        for measure, rule in _possible(subject, blind).items()
        if measure in chosen and (found := rule(_groups(subject, NEEDS[measure]))) is not None
    }


def _possible(subject: Subject, blind: Mapping[str, float] | None) -> dict[Measure, Rule]:
    """Return how to measure whatever the subject's runs allow."""
    rules = dict(_RULES)
    if blind is not None:
        rules["blind_adjusted"] = lambda groups: _blind_adjusted(groups, blind)
    return {
        measure: rules[measure]
        for measure in MEASURES
        if measure in rules and all(condition in subject.shown for condition in NEEDS[measure])
    }


def _groups(subject: Subject, conditions: Sequence[Condition]) -> list[Group]:
    """Return the questions that all conditions showed and answered; failed requests are no answers."""
    answers = [subject.shown[condition].answers for condition in conditions]
    shared = [
        tuple(found[name] for found in answers) for name in answers[0] if all(name in f for f in answers)
    ]
    return [group for group in shared if all(answer.hit is not None for answer in group)]


def _by_scope(groups: Sequence[Group], rule: Rule) -> Figures:
    parts: dict[Scope, Sequence[Group]] = {"total": groups}
    for category in CATEGORIES:
        parts[category] = [group for group in groups if group[0].sample.category == category]
    return {scope: found for scope, part in parts.items() if (found := rule(part)) is not None}


def _accuracy(groups: Sequence[Group]) -> Estimate | None:
    return _share([_hit(group[0]) == 1.0 for group in groups], groups)


def _gain(groups: Sequence[Group]) -> Estimate | None:
    """The first condition's accuracy minus the second's, paired by question."""
    return clustered_mean([_hit(a) - _hit(b) for a, b in groups], _panoramas(groups))


def _sensitivity(groups: Sequence[Group]) -> Estimate | None:
    read = _readable(groups)
    return _share([not _agree(group) for group in read], read)


def _rotation_accuracy(groups: Sequence[Group]) -> Estimate | None:
    turned = [sum(map(_hit, group[1:])) / len(group[1:]) for group in groups]
    return clustered_mean(turned, _panoramas(groups), "wilson")


def _rotation_loss(groups: Sequence[Group]) -> Estimate | None:
    lost = [_hit(group[0]) - sum(map(_hit, group[1:])) / len(group[1:]) for group in groups]
    return clustered_mean(lost, _panoramas(groups))


def _all_correct(groups: Sequence[Group]) -> Estimate | None:
    return _share([all(map(_hit, group)) for group in groups], groups)


def _consistency(groups: Sequence[Group]) -> Estimate | None:
    read = _readable(groups)
    return _share([_agree(group) for group in read], read)


def _seam_gap(groups: Sequence[Group]) -> Estimate | None:
    return _gap(groups, [touches_seam(group[0].sample) for group in groups])


def _height_gap(groups: Sequence[Group]) -> Estimate | None:
    """Accuracy where "higher in the image is farther" holds, minus where it misleads."""
    known = [(group, agrees) for group in groups if (agrees := height_agrees(group[0].sample)) is not None]
    return _gap([group for group, _ in known], [not agrees for _, agrees in known])


def _blind_adjusted(groups: Sequence[Group], blind: Mapping[str, float]) -> Estimate | None:
    known = [group for group in groups if group[0].sample.id in blind]
    chances = [blind[group[0].sample.id] for group in known]
    above = [_hit(group[0]) - chance for group, chance in zip(known, chances, strict=True)]
    return ratio(above, [1 - chance for chance in chances], _panoramas(known))


_RULES: dict[Measure, Rule] = {
    "image_gain": _gain,
    "box_leak": _gain,
    "image_sensitivity": _sensitivity,
    "rotation_accuracy": _rotation_accuracy,
    "rotation_loss": _rotation_loss,
    "all_four_correct": _all_correct,
    "consistency": _consistency,
    "seam_gap": _seam_gap,
    "height_gap": _height_gap,
}


def _gap(groups: Sequence[Group], marked: Sequence[bool]) -> Estimate | None:
    hits, kinds = [_hit(group[0]) for group in groups], [group[0].sample.subcategory for group in groups]
    return gap(hits, marked, kinds, _panoramas(groups)) if groups else None


def _share(values: Sequence[bool], groups: Sequence[Group]) -> Estimate | None:
    return clustered_mean([float(value) for value in values], _panoramas(groups), "wilson")


def _readable(groups: Sequence[Group]) -> list[Group]:
    """Return the groups in which at least one answer claims something."""
    return [group for group in groups if any(answer.meaning for answer in group)]


def _agree(group: Group) -> bool:
    """Whether all answers claim the same as the first; one that cannot be read claims nothing like it."""
    first = group[0].meaning
    return first is not None and all(a.meaning is not None and a.meaning.agrees(first) for a in group[1:])


def _hit(answer: Answer) -> float:
    assert answer.hit is not None
    return answer.hit


def _panoramas(groups: Sequence[Group]) -> list[str]:
    return [group[0].sample.panorama for group in groups]
