"""Where the panorama was taken. The answer is known; the work is in fair wrong answers."""

from __future__ import annotations

from panoenv_tasks.places import RELEASED_KINDS, Place, PlaceKind
from panoenv_tasks.synthesis.questions.question import Case, Draft


def _distractors(case: Case, place: Place, count: int) -> list[str]:
    """Return wrong environments: a twin first, then one of the same kind, then any."""
    twins = [name for name in place.twins if name in case.others]
    kin = [o.name for o in case.others.values() if o.kind == place.kind and o.name not in twins]
    rest = [o.name for o in case.others.values() if o.kind != place.kind and o.name not in twins]
    ranked = case.dice.shuffled(twins)[:1] + case.dice.shuffled(kin)[:1]
    return (ranked + case.dice.shuffled(rest))[:count]


def _among(case: Case, place: Place, wrong: int) -> Draft | None:
    options = [place.name, *_distractors(case, place, wrong)]
    if len(options) < wrong + 1:
        return None
    return Draft(place.name, options=tuple(case.dice.shuffled(options)))


def env_mcq(case: Case) -> Draft | None:
    """Which of four environments is it?"""
    return _among(case, case.place, 3) if case.place else None


def env_confusable_pair(case: Case) -> Draft | None:
    """Which of two easily confused environments is it?"""
    return _among(case, case.place, 1) if case.place else None


def env_binary_judgement(case: Case) -> Draft | None:
    """Is it this environment?"""
    if case.place is None:
        return None
    wrong = _distractors(case, case.place, 1)
    if case.dice.chance(0.5) or not wrong:
        return Draft("Yes", environment=case.place.name)
    return Draft("No", environment=wrong[0])


def env_attribute(case: Case) -> Draft | None:
    """Is it indoors or outdoors? Not asked of places that are both."""
    if case.place is None or case.place.setting == "mix":
        return None
    return Draft("Indoors" if case.place.setting == "indoor" else "Outdoors")


def env_scene_judgement(case: Case) -> Draft | None:
    """Is it this environment? Asked of places that are both indoors and outdoors."""
    if case.place is None or case.place.setting != "mix":
        return None
    return env_binary_judgement(case)


def env_category_identification(case: Case) -> Draft | None:
    """What kind of place is it, of three?"""
    if case.place is None:
        return None
    kinds: list[PlaceKind] = [kind for kind in RELEASED_KINDS if kind != case.place.kind]
    three = case.dice.shuffled([case.place.kind, *case.dice.shuffled(kinds)[:2]])
    spelled = {k: RELEASED_KINDS[k] if case.rules == "released" else str(k) for k in three}
    return Draft(spelled[case.place.kind], options=tuple(spelled.values()))
