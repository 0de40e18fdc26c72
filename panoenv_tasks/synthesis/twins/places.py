"""One question on panoramas of two easily confused environments: which of the two is it?"""

from __future__ import annotations

from panoenv_tasks.places import place_of
from panoenv_tasks.synthesis.questions import Question
from panoenv_tasks.synthesis.questions.question import Draft
from panoenv_tasks.synthesis.questions.wording import render
from panoenv_tasks.taxonomy import templates


def partner_of(environment: str) -> str | None:
    """Return the environment that this one is always asked against, or None.

    Partners are mutual. A panorama is asked one question about its environment, with one fixed list: from
    several lists the answer could be told by what they share.
    """
    place, _ = place_of(environment)
    group = sorted([environment, *place.twins]) if place else [environment]
    # In a group of three the last has no partner.
    number = group.index(environment) ^ 1
    return group[number] if number < len(group) else None


def place_question(environment: str, frame: str) -> Question | None:
    """Return a frame's question; that of its partner's frame of the same name differs in its answer only."""
    partner = partner_of(environment)
    if partner is None:
        return None
    one, other = sorted((environment, partner))
    template = next(t for t in templates() if t.subcategory == "env_confusable_pair" and t.dialect == "ours")
    text = render(template, (), Draft(environment, options=(one, other)))
    return Question(text, environment, template, (one, other), (), pair=f"{one}+{other}/{frame}/place")
