"""The paper's scoring rules written down the obvious way: what a script without this project would run.

It stands in for the released scorer, whose code is not copied here. Patterns are built on each call, as
scripts do. ``bench_scorer.py`` says how many golden vectors it agrees with.
"""

from __future__ import annotations

import re

from rapidfuzz import fuzz

STOP = (
    "is|are|was|were|has|have|had|can|could|will|would|should|may|might|must|do|does|did|in|on"
    "|at|to|from|with|by|for|of|near|behind"
    "|above|below|under|over|between|among|through|during|before|after|since|until"
)
UNITS = (
    ("meter|metre|meters|metres|m", 1.0),
    ("kilometer|kilometre|kilometers|kilometres|km", 1000.0),
    ("centimeter|centimetre|centimeters|centimetres|cm", 0.01),
    ("millimeter|millimetre|millimeters|millimetres|mm", 0.001),
    ("feet|foot|ft", 0.3048),
    ("inch|inches|in", 0.0254),
)
WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
AXES = (
    (
        "front",
        ("in front of", "forward", "front", "ahead"),
        "back",
        ("at the back", "behind", "back", "rear"),
    ),
    (
        "left",
        ("to the left", "on the left", "leftward", "left"),
        "right",
        ("to the right", "on the right", "rightward", "right"),
    ),
    (
        "up",
        ("higher", "above", "upper", "over", "top", "up"),
        "down",
        ("beneath", "bottom", "below", "under", "lower", "down"),
    ),
)


def reward(method: str, gold: str, completion: str) -> float:
    found = re.search(r"<Answer>(.*?)</Answer>", completion, re.DOTALL | re.IGNORECASE)
    if not found:
        return 0.0
    answer = found.group(1).strip()
    if method == "yes_no":
        return float(answer.lower().strip() == gold.lower().strip())
    if method == "mcq":
        return float(subject(answer) == subject(gold))
    if method == "distance":
        wanted, said = number(gold), number(answer)
        if wanted is not None and said is not None and wanted > 0:
            error = abs(said - wanted) / wanted
            return 1.0 if error <= 0.1 else 0.5 if error <= 0.2 else 0.0
        return float(fuzz.ratio(answer.lower().strip(), gold.lower().strip()) / 100 > 0.75)
    if method == "counting":
        wanted, said = number(gold), number(answer)
        return float(wanted is not None and said is not None and abs(wanted - said) < 0.01)
    if method == "spatial":
        wanted_axes, said_axes = axes(gold), axes(answer)
        if not wanted_axes:
            return 0.0
        return sum(said_axes.get(axis) == side for axis, side in wanted_axes.items()) / len(wanted_axes)
    left, right = plain(answer), plain(gold)
    return float(left == right or fuzz.ratio(left, right) / 100 > 0.75)


def subject(text: str) -> str:
    if len(text.split()) > 4:
        cut = re.search(rf"\b(?:{STOP})\b", text, re.IGNORECASE)
        if cut and text[: cut.start()].strip():
            text = text[: cut.start()].strip()
    text = re.sub(r"\b(?:the|a|an)\b", "", text, flags=re.IGNORECASE)
    return re.sub(r"[^a-zA-Z0-9]", "", text).lower()


def number(text: str) -> float | None:
    text = text.lower()
    every = "|".join(units for units, _ in UNITS)
    if found := re.search(rf"(\d+\.?\d*)\s*({every})", text):
        for units, factor in UNITS:
            if found.group(2) in units.split("|"):
                return float(found.group(1)) * factor
    if found := re.search(r"\d+\.?\d*", text):
        return float(found.group())
    return next((float(n) for n, word in enumerate(WORDS) if re.search(rf"\b{word}\b", text)), None)


def axes(text: str) -> dict[int, str]:
    found = {}
    for axis, (one, ones, other, others) in enumerate(AXES):
        both = sorted(
            [(w, one) for w in ones] + [(w, other) for w in others], key=lambda entry: -len(entry[0])
        )
        for word, side in both:
            if re.search(rf"\b{word}\b", text, re.IGNORECASE):
                found[axis] = side
                break
    return found


def plain(text: str) -> str:
    return " ".join(re.sub(r"\b(?:the|a|an)\b", "", text, flags=re.IGNORECASE).split()).lower()
