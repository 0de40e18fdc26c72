"""Objects with made-up measures, and small scenes, for the tests of the builder."""

from __future__ import annotations

from panoenv_tasks.places import place_of
from panoenv_tasks.synthesis.dice import Dice
from panoenv_tasks.synthesis.objects import Depths, Object
from panoenv_tasks.synthesis.questions.ask import FUNCTIONS
from panoenv_tasks.synthesis.questions.question import Case, Draft
from panoenv_tasks.synthesis.vocabulary import Rules
from panoenv_tasks.taxonomy import Template, templates


def thing(label: str = "crate", number: int = 1, **changes: object) -> Object:
    """An object of 100x100 pixels straight ahead, 5 m away, 1 m wide; change what matters."""
    distance = float(changes.pop("distance", 5.0))  # type: ignore[arg-type]
    values: dict[str, object] = {
        "number": number,
        "label": label,
        "box": (1200, 600, 1299, 699),
        "pixels": 10_000,
        "faces": {"front": 10_000},
        "depths": Depths(*[distance + step for step in (-0.06, -0.05, 0.0, 0.05, 0.06)]),
        "known": 1.0,
        "centre": (0.0, 0.0, distance),
        "size": (1.0, 1.0, 1.0),
        **changes,
    }
    return Object(**values)  # type: ignore[arg-type]


def sentence(subcategory: str, rules: Rules, **wanted: object) -> Template:
    """The first sentence of a sub-category with the wanted `asks`, `direction` or `extreme`."""
    return next(
        t
        for t in templates()
        if t.subcategory == subcategory
        and t.dialect == rules
        and all(getattr(t, key) == value for key, value in wanted.items())
    )


def answer(
    subcategory: str,
    *actors: Object,
    rules: Rules = "ours",
    environment: str = "ParkSummer",
    seed: int = 0,
    **wanted: object,
) -> Draft | None:
    """What the sub-category's function says of these objects."""
    place, others = place_of(environment)
    template = sentence(subcategory, rules, **wanted)
    return FUNCTIONS[subcategory](Case(template, actors, rules, Dice("test", seed), place, others))


def text(subcategory: str, *actors: Object, **how: object) -> str | None:
    """The answer alone, None when the question is left open."""
    draft = answer(subcategory, *actors, **how)  # type: ignore[arg-type]
    return draft.answer if draft else None
