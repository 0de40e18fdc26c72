"""Environment questions: mostly priors; boxes say nothing here, labels and names a little.

Common sense is all there is: a stove is indoors, a tree outdoors, a hospital is indoors, a town is not.
The word lists were written from the words' meaning, not counted from answers; nothing remembers which
label occurs in which environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from panoenv_tasks.blind.guess import Guess, yes_or_no
from panoenv_tasks.taxonomy import Wording

Setting = Literal["indoors", "outdoors", "unknown"]

_INDOORS = (
    "hospital house office restaurant diner saloon supermarket school prison hangar sewer coalmine "
    "chair sofa couch stool desk shelf drawer cabinet wardrobe pillow carpet curtain blinds toilet "
    "sink shower stove refrigerator kitchen plate bottle vase candle lamp chandelier monitor computer "
    "book picture photo painting mirror"
).split()
_OUTDOORS = (
    "town city street alley harbor ocean island forest desert ruins castle park marsh cave rome "
    "tree bush grass leaves rock cliff mountain snow boat ship building roof chimney awning traffic "
    "truck vehicle bridge fence flag antenna scaffold crane tower statue fountain"
).split()
#: Which general class to name first when several are offered: the order of their frequency on val.
_CLASS_ORDER = ("Urban", "Infra", "Domes", "Rural", "Them", "Nature")
#: One place at another hour, in another season, or with its interior: names that differ only in these.
_VARIANT = re.compile(r"(?:Day|Night|Spring|Summer|Autumn|Fall|Winter|IntExt)+$")


def setting(words: Iterable[str]) -> Setting:
    """Return where things of these names are usually found; ``unknown`` when they disagree."""
    lowered = [word.lower() for word in words]
    indoors = any(hint in word for word in lowered for hint in _INDOORS)
    outdoors = any(hint in word for word in lowered for hint in _OUTDOORS)
    if indoors == outdoors:
        return "unknown"
    return "indoors" if indoors else "outdoors"


def say_indoors_or_outdoors(wording: Wording) -> Guess:
    """Go by the object named; outdoors when it tells nothing, as most environments are."""
    by_objects = _setting_of_objects(wording)
    return Guess(
        "Indoors" if by_objects == "indoors" else "Outdoors",
        f"By its name alone, the object in the question points to: {by_objects}.",
    )


def name_environment(wording: Wording) -> Guess:
    """Prefer names that fit the objects, then names with a twin on the list, then the first.

    A true environment that exists in variants (day and night, seasons) always finds one of them among
    its distractors, so two variants of one place are likelier than the rest.
    """
    by_objects = _setting_of_objects(wording)
    stems = [_VARIANT.sub("", option) for option in wording.options]

    def merit(option: str) -> tuple[bool, bool]:
        own = setting([option])
        clashes = "unknown" not in (by_objects, own) and own != by_objects
        return not clashes, stems.count(_VARIANT.sub("", option)) > 1

    return Guess(
        max(wording.options, key=merit),
        f"Objects in the question point to: {by_objects}; then variants of one place, then the first name.",
    )


def say_whether_environment(wording: Wording) -> Guess:
    """Believe the proposed name unless the objects speak against it; without objects, do not."""
    by_objects, proposed = _setting_of_objects(wording), setting([wording.environment or ""])
    clashes = "unknown" not in (by_objects, proposed) and by_objects != proposed
    return Guess(
        yes_or_no(bool(wording.objects) and not clashes),
        f"By name alone, the objects point to: {by_objects}, the proposed environment to: {proposed}.",
    )


def name_environment_class(wording: Wording) -> Guess:
    """Name the class that is the most frequent one among those offered."""
    offered = [name for name in _CLASS_ORDER if name in wording.options]
    return Guess(
        (offered or list(wording.options))[0],
        "A prior: the most frequent general class among those offered.",
    )


def _setting_of_objects(wording: Wording) -> Setting:
    return setting(box.label for box in wording.objects)
