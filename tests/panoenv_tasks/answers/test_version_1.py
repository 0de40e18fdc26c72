"""The readers of ``paper@1`` and ``strict@1``: what each word, unit and turn of phrase is worth to them."""

from __future__ import annotations

import pytest

from panoenv_tasks.answers import paper
from panoenv_tasks.answers.choices import read_choice, read_yes_no
from panoenv_tasks.answers.quantities import read_count, read_distance
from panoenv_tasks.answers.relations import Relation, read_relation

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
PAPER_WORDS = {
    ("depth", 1): "front|forward|ahead|in front of",
    ("depth", -1): "back|behind|rear|at the back",
    ("side", -1): "left|leftward|to the left|on the left",
    ("side", 1): "right|rightward|to the right|on the right",
    ("height", 1): "above|up|upper|over|top|higher",
    ("height", -1): "below|down|under|lower|beneath|bottom",
}
STRICT_WORDS = {
    ("depth", 1): "front forward forwards frontward ahead",
    ("depth", -1): "back behind rear rearward backward backwards",
    ("side", -1): "left leftward leftwards",
    ("side", 1): "right rightward rightwards",
    ("height", 1): "above up upper upward upwards over top higher atop",
    ("height", -1): "below down under lower downward downwards beneath underneath bottom",
}


@pytest.mark.parametrize(
    ("phrase", "read"),
    [(phrase, {axis: sign}) for (axis, sign), all_ in PAPER_WORDS.items() for phrase in all_.split("|")],
)
def test_paper_directions(phrase, read):
    assert paper.directions(f"It is {phrase} it.") == read


def test_paper_directions_of_one_axis_go_to_the_longest_phrase():
    assert paper.directions("left, to the right") == {"side": 1}
    assert paper.directions("over, beneath") == {"height": -1}
    assert paper.directions("behind and to the left of and below") == {"depth": -1, "side": -1, "height": -1}
    assert paper.directions("nowhere, leftover") == {}


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("3 m", 3.0),
        ("3 kilometres", 3000.0),
        ("3 km", 3000.0),
        ("3 centimeters", 0.03),
        ("3cm", 0.03),
        # Units are tried in order, and need not end there.
        ("3 millimetre", 3.0),
        ("3 mm", 3.0),
        ("3 feet", 0.9144),
        ("3 foot", 0.9144),
        ("3 ft", 0.9144),
        ("3 inches", 0.0762),
        ("3 in total", 0.0762),
        ("12.5", 12.5),
        ("12.", 12.0),
        ("one of 12", 12.0),
        ("none", None),
        *((f"about {word}.", float(value)) for value, word in enumerate(NUMBERS)),
    ],
)
def test_paper_numbers(text, metres):
    assert paper.number(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Lamp A", "lamp"),
        ("the old lamp post", "oldlamppost"),
        ("The pipe is nearer here", "pipe"),
        ("the pipe is nearer", "pipeisnearer"),
        ("is it the pipe here", "isitpipehere"),
        ("one two three four five", "onetwothreefourfive"),
    ],
)
def test_paper_subjects(text, subject):
    assert paper.choice_subject(text) == subject


@pytest.mark.parametrize(
    ("word", "read"),
    [(word, {axis: sign}) for (axis, sign), words in STRICT_WORDS.items() for word in words.split()],
)
def test_strict_directions(word, read):
    assert read_relation(f"It is {word}.") == Relation(read, similar=False)
    turned = {axis: -sign for axis, sign in read.items()}
    assert read_relation(f"The crate: {word}", ("lamp", "crate")) == Relation(turned, similar=False)


@pytest.mark.parametrize(
    ("text", "signs", "similar"),
    [
        ("left and right, above", {"side": 0, "height": 1}, False),
        ("left, left", {"side": -1}, False),
        ("at a similar position", {}, True),
        ("in the same spot", {}, True),
        ("the same height", {}, False),
        ("right behind", {"depth": -1}, False),
        ("to the right behind", {"depth": -1, "side": 1}, False),
        ("The lamp is behind the crate", {"depth": -1}, False),
        ("The crate is behind the lamp", {"depth": 1}, False),
        ("behind the crate", {"depth": -1}, False),
        ("behind the lamp", {"depth": 1}, False),
        ("The crate is below and the lamp is left", {"height": 1, "side": -1}, False),
        ("lampshade behind", {"depth": -1}, False),
    ],
)
def test_strict_relations(text, signs, similar):
    assert read_relation(text, ("Lamp", "Crate")) == Relation(signs, similar)


def test_strict_relations_of_two_things_of_one_name_or_none_are_never_turned():
    assert read_relation("behind the lamp", ("lamp", "lamp")).signs == {"depth": -1}
    assert read_relation("behind the lamp", ("lamp",)).signs == {"depth": -1}
    assert read_relation("The street lamp is behind the lamp", ("lamp", "street lamp")).signs == {"depth": 1}
    assert read_relation("The lamp post is behind the lamp", ("lamp", "lamp post")).signs == {"depth": 1}


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("3 millimeters", 0.003),
        ("3 cm", 0.03),
        ("3 km", 3000.0),
        ("3 in", 0.0762),
        ("3 inches", 0.0762),
        ("3 feet", 0.9144),
        ("3 yd", 2.7432),
        ("3 miles", 4828.032),
        ("1,234.5 m", 1234.5),
        (".5 m", 0.5),
        ("3 in the dark", 3.0),
        ("3in the dark", 0.0762),
        ("3 m, that is 3", 3.0),
        ("3, that is 3 km", 3000.0),
        ("3 m, or 9.8 ft", 3.0),
        ("3 m, or 10.4 ft", "ambiguous"),
        ("3 m, or 300 cm", 3.0),
        ("3 m, or 10 ft", 3.0),
        ("3 m, or 9 ft", "ambiguous"),
        ("20 m, or 2100 cm", 20.0),
        ("it is about 3 in the dark", 3.0),
        ("3 in        the dark", 0.0762),
        ("seventeen       3 m", "unparsed"),
        # Only so much before a number is looked at.
        ("seventeen        3 m", "ambiguous"),
        ("3 m, or 4 m", "ambiguous"),
        ("3 or 4 m", "ambiguous"),
        ("3 m at most 3 m", "ambiguous"),
        ("up to 3 m", "ambiguous"),
        ("< 3 m", "ambiguous"),
        ("3 m or more", "ambiguous"),
        ("3+ m", "ambiguous"),
        ("- 3 m", "unparsed"),
        ("minus 3 m", "unparsed"),
        ("a lamp - 3 m", 3.0),
        ("lamp-3 m", 3.0),
        ("(-3 m)", "unparsed"),
        ("3,5 m", "unparsed"),
        ("3.5.1 m", "unparsed"),
        ("3 parsecs", "unparsed"),
        ("3x", "unparsed"),
        ("three dozen m", "unparsed"),
        ("twenty three m", "unparsed"),
        ("a hundred and 3", 3.0),
        ("hundred 3 m", "unparsed"),
        ("3 (three) m", "unparsed"),
        ("far", "unparsed"),
        *((f"about {word}", float(value)) for value, word in enumerate(NUMBERS)),
    ],
)
def test_strict_distances(text, metres):
    found = read_distance(text)
    assert found == (metres if isinstance(metres, str) else pytest.approx(metres))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3 views", 3.0),
        ("3 parsecs", 3.0),
        ("three, 3", 3.0),
        ("3 of 6", "ambiguous"),
        ("at least 3", "ambiguous"),
        ("-3", "unparsed"),
        ("three hundred", "unparsed"),
        ("three point five", "unparsed"),
        ("three thousand and five", "unparsed"),
        ("some", "unparsed"),
    ],
)
def test_strict_counts(text, count):
    assert read_count(text) == count


CONES = ("Traffic cone A", "Traffic cone B", "The armchair")


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("traffic cone B", 1),
        ("trafficcone b", 1),
        ("Traffic Cone b", 1),
        ("the traffic cone", "ambiguous"),
        ("traffic cone C", "unparsed"),
        ("traffic cone a or b", 0),
        ("the armchair", 2),
        ("armchair", 2),
        ("arm chair", 2),
        ("the armchair A", "unparsed"),
        ("the armchair a bit", 2),
        ("the armchairs", "unparsed"),
        ("not the armchair", "unparsed"),
        ("neither", "unparsed"),
        ("armchair, not cone", "unparsed"),
        ("traffic cone A, not an armchair", 0),
        ("traffic cone A, not the armchair", 0),
        ("traffic cone A, not a armchair", 0),
        ("traffic cone A, not just the armchair", "ambiguous"),
        ("traffic cone A, the armchair", "ambiguous"),
        ("traffic cone A than the armchair", 0),
        ("traffic cone A is nearer than the armchair and traffic cone B", 0),
        ("traffic cone A is nearer than the armchair is to traffic cone B", "ambiguous"),
        ("traffic cone A is nearer than the armchair and traffic cone A", "ambiguous"),
        ("traffic cone A or nearer than the armchair", "ambiguous"),
        ("traffic cone A and nearer than the armchair", "ambiguous"),
        ("traffic cone A unlike, versus, instead of the armchair", 0),
        ("nearer than the armchair", "unparsed"),
        ("nearer than the armchair: traffic cone A", "ambiguous"),
        ("nearer than that big old armchair", 2),
    ],
)
def test_strict_choices(text, option):
    assert read_choice(text, CONES) == option


def test_strict_choices_of_a_lettered_option_among_others():
    options = ("Lamp A", "The crate")
    assert read_choice("the lamp", options) == 0
    assert read_choice("lamp a", options) == 0
    assert read_choice("the lamp crate", options) == "ambiguous"
    assert read_choice("lamp 5 crate", options) == "ambiguous"
    assert read_choice("the lamp B", options) == "unparsed"
    assert read_choice("crate B", options) == "unparsed"
    assert read_choice("crate b", options) == 1


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Yes", True),
        ("TRUE.", True),
        ("no", False),
        ("False, it is", False),
        ("1. yes", True),
        ("yes, no", "ambiguous"),
        ("it is true", "unparsed"),
        ("", "unparsed"),
    ],
)
def test_strict_truth(text, truth):
    assert read_yes_no(text) == truth


@pytest.mark.parametrize("word", "not neither never isn aren doesn cannot".split())
def test_strict_choices_denied(word):
    assert read_choice(f"{word} the armchair", CONES) == "unparsed"
    assert read_choice(f"traffic cone A {word} the armchair", CONES) == 0
    assert read_choice(f"traffic cone A {word} a an the armchair", CONES) == 0
    assert read_choice(f"the armchair, traffic cone A {word}", CONES) == "ambiguous"


@pytest.mark.parametrize("word", "than versus vs compared relative unlike opposed instead".split())
def test_strict_choices_compared(word):
    assert read_choice(f"traffic cone A {word} the armchair", CONES) == 0
    assert read_choice(f"{word} the armchair", CONES) == "unparsed"
    assert read_choice(f"{word} of the armchair", CONES) == "unparsed"
    assert read_choice(f"{word} of all the armchair", CONES) == 2


CONNECTORS = "the a an and or nor both either to with of that".split()


@pytest.mark.parametrize("words", [*CONNECTORS, " ".join(CONNECTORS)])
def test_strict_choices_compared_with_several(words):
    text = f"the armchair, not traffic cone A {{}} {words} traffic cone B"
    assert read_choice(text.format(""), CONES) == 2
    assert read_choice(text.format("near"), CONES) == "ambiguous"


@pytest.mark.parametrize(
    ("text", "options", "option"),
    [
        ("aa bb cc dd ee ff", ("The aa bb cc dd ee ff", "x"), 0),
        ("aa bb cc dd ee ff gg", ("The aa bb cc dd ee ff gg", "x"), "unparsed"),
        ("traffic light", ("Traffic Light", "The crate"), 0),
        ("the traffic", ("Traffic Light", "The crate"), "unparsed"),
        ("the armchair", ("?", "The armchair"), 1),
        ("x a", ("X A", "X B"), 0),
        ("A", ("A", "B"), 0),
        ("Rome rather than Never Land", ("Rome", "Never Land"), "ambiguous"),
    ],
)
def test_strict_choices_by_the_form_of_their_names(text, options, option):
    assert read_choice(text, options) == option
