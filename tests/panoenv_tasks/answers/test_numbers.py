"""Numbers in words and digits, and every unit of length."""

from __future__ import annotations

import re

import pytest
from support.answers import DISTANCE, read_as

from panoenv_tasks.answers.statements import numbers

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SAID = {
    **{word: value for value, word in enumerate(ONES)},
    **{word: 10 * tens for tens, word in enumerate(TENS, 2)},
    "twenty-one": 21,
    "ninety nine": 99,
    "a hundred": 100,
    "two hundred": 200,
    "two hundred and five": 205,
    "three hundred forty-two": 342,
    "a thousand": 1000,
    "one thousand two hundred": 1200,
    "nine hundred ninety-nine thousand, nine hundred and ninety-nine": 999_999,
    "five point two": 5.2,
    "zero point zero five": 0.05,
    "a hundred and two point two five": 102.25,
}
UNITS = {
    0.001: "mm millimeter millimeters millimetre millimetres",
    0.01: "cm centimeter centimeters centimetre centimetres cms",
    1.0: "m meter meters metre metres mtr mtrs mts",
    1000.0: "km kilometer kilometers kilometre kilometres kms",
    0.0254: "in inch inches",
    0.3048: "ft foot feet",
    0.9144: "yd yard yards yds",
    1609.344: "mi mile miles",
}


@pytest.mark.parametrize(("words", "value"), SAID.items())
def test_words(words, value):
    assert numbers.words_value(words) == value
    assert re.fullmatch(numbers.WORDS, words)
    assert read_as("distance", DISTANCE, f"{words} meters") == value


@pytest.mark.parametrize(("unit", "factor"), [(u, f) for f, units in UNITS.items() for u in units.split()])
def test_units(unit, factor):
    assert read_as("distance", DISTANCE, f"3 {unit}") == pytest.approx(3 * factor)
    assert read_as("distance", DISTANCE, f"It is 3{unit}.") == pytest.approx(3 * factor)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234,567", 1_234_567.0), ("12.5", 12.5), (".5", 0.5), ("7", 7.0), ("123456789012", 123456789012.0),
        ("1,23", None), ("1.2.3", None), ("1234567890123", None), (".", None), ("", None),
    ],
)  # fmt: skip
def test_digits(text, value):
    assert bool(re.fullmatch(numbers.DIGITS, text) and text) is (value is not None)
    if value is not None:
        assert numbers.digits_value(text) == value


def test_marks_count_up_to_ten():
    text, found = numbers.mark(
        " ".join("1234567890123"), re.compile(r"\d"), lambda match: numbers.Quantity(float(match[0]), "")
    )
    assert text == "#① #② #③ #④ #⑤ #⑥ #⑦ #⑧ #⑨ #⑩ #⑩ #⑩ #⑩"
    assert [numbers.index_of(sign) for sign in "①⑩"] == [0, 9]
    assert [quantity.value for quantity in found] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3]


def test_signs_stand_alone_but_inside_words():
    assert numbers.spaced("It's 5-6 (m), stick-like: -5=x") == "it's 5 - 6 ( m ) , stick-like : - 5 = x"


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("5 m (between 2.5 and 10 m)", 5.0),
        ("5 m (between 2.4 and 10 m)", None),
        ("5 m (between 2.5 and 10.1 m)", None),
        ("5 m (between 5 and 10 m)", 5.0),
        ("5 m ± 0.5 m", 5.0),
        ("5 m ± 0.51 m", None),
        ("5 m ± 51 cm", None),
        ("500 cm ± 0.4 m", 5.0),
        ("5 m (5.25 m)", None),
        ("5 m (525 cm)", 5.0),
        ("5 m (526 cm)", None),
        ("5 m (475 cm)", 5.0),
        ("5 m (474 cm)", None),
        ("5 m (5)", 5.0),
        ("5 (5 km)", 5000.0),
        ("5 m 5 m", 5.0),
        ("5 ft 6 in", 1.6764),
        ("5 m 20 cm", 5.2),
        ("5 m and 20 cm", 5.2),
        ("1 km 200 m", 1200.0),
        ("1 m 5 mm", 1.005),
        ("1 cm 5 mm", 0.015),
        ("1 yd 1 ft", 1.2192),
        ("20 cm 5 m", None),
        ("5 m. That is 5.2 m.", 5.0),
        ("5 m. That is 5.3 m.", None),
        ("10 m. It lies 9.5 m away.", 10.0),
        ("10 m. It lies 9.4 m away.", None),
        ("1 2 3 4 5 6 7 8 9 10", None),
        ("5' 6\"", 1.6764),
        ("5'6\"", 1.6764),
        ("5'", 1.524),
        ("a foot", 0.3048),
        ("half a foot", 0.1524),
        ("five and a half feet", 1.6764),
    ],
)
def test_two_figures_for_one_length(text, metres):
    found = read_as("distance", DISTANCE, text)
    assert found == (None if metres is None else pytest.approx(metres))
