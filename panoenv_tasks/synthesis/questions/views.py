"""Which of the six cube views show an object."""

from __future__ import annotations

from panoenv_tasks.geometry.cube import Face, adjacent
from panoenv_tasks.synthesis.objects import Object
from panoenv_tasks.synthesis.questions.question import Case, Draft, yes_no
from panoenv_tasks.synthesis.vocabulary import Rules

#: The main view must show this many times what the next one shows.
_CLEARLY_MORE = 1.3
#: A view counts when it shows this share and number of the object's pixels; less than that, but not
#: nothing, leaves the question open.
_SHARE, _PIXELS = 0.02, 100


def main_view(one: Object, rules: Rules) -> Face | None:
    """Return the view with most of the object, or None when two come close."""
    ranked = sorted(one.faces.items(), key=lambda pair: -pair[1])
    if rules == "ours" and len(ranked) > 1 and ranked[0][1] < _CLEARLY_MORE * ranked[1][1]:
        return None
    return ranked[0][0]


def views_of(one: Object, rules: Rules) -> frozenset[Face] | None:
    """Return the views that show the object, or None when one shows a mere sliver."""
    if rules == "ours" and any(n < max(_PIXELS, _SHARE * one.pixels) for n in one.faces.values()):
        return None
    return frozenset(one.faces)


def primary_view(case: Case) -> Draft | None:
    """From which view does the object mostly come?"""
    view = main_view(case.actors[0], case.rules)
    return Draft(view.capitalize()) if view else None


def multi_view_visibility(case: Case) -> Draft | None:
    """In how many views is the object seen?"""
    views = views_of(case.actors[0], case.rules)
    if views is None:
        return None
    return Draft(f"{len(views)} different view{'s' if len(views) > 1 else ''}")


def seam_attribution(case: Case) -> Draft | None:
    """Which view has most of an object that lies in several?"""
    views = views_of(case.actors[0], case.rules)
    return primary_view(case) if views and len(views) > 1 else None


def shared_visibility(case: Case) -> Draft | None:
    """Is one object also in the main view of the other?"""
    a, b = case.actors
    one, other = (a, b) if case.template.asks == "a_in_view_of_b" else (b, a)
    views, view = views_of(one, case.rules), main_view(other, case.rules)
    return yes_no(view in views) if views and view else None


def multi_object_relationship(case: Case) -> Draft | None:
    """Same main view, neighbouring main views, or some view in common?"""
    a, b = case.actors
    if case.template.asks == "shared":
        one, other = views_of(a, case.rules), views_of(b, case.rules)
        return yes_no(bool(one & other)) if one and other else None
    first, second = main_view(a, case.rules), main_view(b, case.rules)
    if not first or not second:
        return None
    same = case.template.asks == "same_primary"
    return yes_no(first == second if same else adjacent(first, second))
