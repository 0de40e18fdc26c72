"""Multiple choice: what commits, and to what; and what commits to nothing."""

from __future__ import annotations

import re

import pytest
from support.answers import CLOSER, FARTHEST, LAMPS, LEFTMOST, PLACE, SETTING, SMALLER, VIEW, read_as

from panoenv_tasks.answers.statements.choice import read_option
from panoenv_tasks.answers.statements.options import mark_options
from panoenv_tasks.taxonomy import recognise

PICKED = [
    (CLOSER, 0, "The crate"),
    (CLOSER, 0, "crate"),
    (CLOSER, 0, "the crate, (closer to the camera)"),
    (CLOSER, 0, "the crate, (it is near)"),
    (CLOSER, 0, "the\tcrate"),
    (CLOSER, 0, "a crate"),
    (CLOSER, 0, "the crate is closer"),
    (CLOSER, 0, "The crate is closer to the viewer than the barrel."),
    (CLOSER, 0, "Crate."),
    (CLOSER, 0, "A. the crate"),
    (CLOSER, 0, "A) The crate"),
    (CLOSER, 0, "Option A: the crate"),
    (CLOSER, 0, "It's the crate"),
    (CLOSER, 0, "The closer object is the crate"),
    (CLOSER, 0, "The object closer to the viewer is the crate."),
    (CLOSER, 0, "the crate (closer)"),
    (CLOSER, 0, "The barrel is farther away than the crate"),
    (CLOSER, 0, "The barrel is farther"),
    (CLOSER, 0, "The crate, not the barrel"),
    (CLOSER, 0, "The crate rather than the barrel"),
    (CLOSER, 0, "the crate, because it is lower in the image"),
    (CLOSER, 0, "the crate, since the barrel is farther away"),
    (CLOSER, 0, "The crate is nearest"),
    (CLOSER, 0, "The crate appears closer."),
    (CLOSER, 0, "I would choose the crate"),
    (CLOSER, 0, "crate [100, 600, 190, 700]"),
    (CLOSER, 0, "the crate at (100, 600, 190, 700)"),
    (CLOSER, 0, '"The crate"'),
    (CLOSER, 0, "The crate, as it appears larger"),
    (CLOSER, 0, "the crate is the one that is closer to the viewer"),
    (CLOSER, 0, "The crate is closer; the barrel is farther"),
    (CLOSER, 0, "Between the crate and the barrel, the crate is closer"),
    (CLOSER, 0, "The crate. It is nearer to the camera."),
    (CLOSER, 0, "the crate is nearer to the camera"),
    (CLOSER, 0, "Of the two, the crate is closer"),
    (CLOSER, 0, "The crate (the other is the barrel)"),
    (CLOSER, 0, "The crate is closer compared to the barrel"),
    (CLOSER, 0, "The crate instead of the barrel"),
    (CLOSER, 0, "My final answer is the crate"),
    (CLOSER, 0, "The crate object"),
    (CLOSER, 0, "The crate is much closer than the barrel"),
    (CLOSER, 0, "The crate is the closer object"),
    (CLOSER, 0, "most likely the crate"),
    (CLOSER, 0, "The crate is closer to me"),
    (CLOSER, 0, "Therefore, the crate is closer."),
    (CLOSER, 0, "Closer object: crate"),
    (CLOSER, 0, "The closer object is the crate nearest to the viewer"),
    (CLOSER, 0, "The crate has a shorter distance to the viewer"),
    (CLOSER, 0, "The crate is less distant"),
    (CLOSER, 0, "The crate is less far away"),
    (CLOSER, 0, "the crate (not the barrel)"),
    (CLOSER, 0, "the crate is closer, the barrel is farther away"),
    (CLOSER, 0, "The crate over the barrel"),
    (LAMPS, 0, "Lamp A"),
    (LAMPS, 0, "lamp a"),
    (LAMPS, 0, "lamp-A"),
    (LAMPS, 0, "Lamp A is closer"),
    (LAMPS, 0, "The lamp A"),
    (LAMPS, 0, "Lamp A, not lamp B"),
    (FARTHEST, 1, "Lamp A"),
    (FARTHEST, 1, "the lamp"),
    (FARTHEST, 1, "lamp"),
    (FARTHEST, 1, "lamp A is the farthest"),
    (FARTHEST, 1, "Lamp A is most distant"),
    (FARTHEST, 1, "Lamp A is farther than both the crate and the traffic cone"),
    (FARTHEST, 1, "the most distant is lamp A"),
    (FARTHEST, 1, "Lamp A is farther away than the other two"),
    (FARTHEST, 1, "B. lamp A"),
    (FARTHEST, 1, "Among the three, lamp A is farthest from the camera"),
    (FARTHEST, 1, "Of the three objects, lamp A"),
    (FARTHEST, 1, "The farthest object from the viewer is lamp A"),
    (FARTHEST, 1, "Lamp A is located at the greatest distance"),
    (FARTHEST, 2, "trafficcone"),
    (FARTHEST, 2, "the traffic-cone"),
    (FARTHEST, 2, "Traffic Cone"),
    (FARTHEST, 2, "Traffic cone is furthest"),
    (VIEW, 0, "Front"),
    (VIEW, 0, "front view"),
    (VIEW, 0, "the front"),
    (VIEW, 0, "Front camera"),
    (VIEW, 0, "It comes from the front view"),
    (VIEW, 0, "The crate primarily comes from the front view"),
    (VIEW, 0, "the crate is mainly in the front view"),
    (VIEW, 0, "the primary view is front"),
    (VIEW, 0, "Front-facing view"),
    (VIEW, 0, "front face"),
    (VIEW, 0, "The crate is in the front view."),
    (VIEW, 0, "from the front"),
    (VIEW, 0, "View: front"),
    (VIEW, 0, "Front (view)"),
    (VIEW, 0, "The front view, since the box is in the centre"),
    (VIEW, 0, "The front perspective"),
    (VIEW, 0, "It is most visible in the front view"),
    (VIEW, 0, "front side"),
    (VIEW, 0, "The crate is seen from the front camera"),
    (VIEW, 0, "A. Front"),
    (VIEW, 1, "rear"),
    (VIEW, 1, "Back"),
    (VIEW, 1, "the back view"),
    (VIEW, 1, "the rear view"),
    (PLACE, 0, "CoalMine"),
    (PLACE, 0, "coal mine"),
    (PLACE, 0, "Coal Mine environment"),
    (PLACE, 0, "the coal mine"),
    (PLACE, 0, "A. CoalMine"),
    (PLACE, 0, "coal_mine"),
    (PLACE, 0, "This is a coal mine"),
    (PLACE, 0, "The scene is a coal mine"),
    (PLACE, 0, "The scene fits CoalMine better"),
    (PLACE, 0, "CoalMine is the better fit"),
    (PLACE, 0, "It looks like a coal mine"),
    (PLACE, 0, "The environment is CoalMine"),
    (PLACE, 0, "The correct environment is CoalMine"),
    (PLACE, 0, "CoalMine is a better fit than AbandonedFactory2"),
    (PLACE, 0, "CoalMine, based on the tunnels"),
    (PLACE, 0, "It is more likely CoalMine"),
    (PLACE, 0, "**CoalMine**"),
    (PLACE, 0, "The image shows a coal mine"),
    (PLACE, 0, "CoalMine fits best"),
    (PLACE, 1, "Abandoned Factory 2"),
    (PLACE, 1, "abandonedfactory2"),
    (PLACE, 1, "Abandoned_Factory_2"),
    (SETTING, 0, "Indoors"),
    (SETTING, 0, "indoor"),
    (SETTING, 0, "inside"),
    (SETTING, 0, "an indoor scene"),
    (SETTING, 0, "The scene is indoors"),
    (SETTING, 0, "The scene is located indoors"),
    (SETTING, 0, "It is set indoors"),
    (SETTING, 0, "indoors, because there are walls"),
    (SETTING, 0, "This is an indoor environment"),
    (SMALLER, 1, "The barrel"),
    (SMALLER, 1, "The barrel is smaller"),
    (SMALLER, 1, "The barrel occupies less space"),
    (SMALLER, 1, "The crate is bigger"),
    (SMALLER, 1, "The crate is larger than the barrel"),
    (SMALLER, 1, "The barrel takes up less space than the crate"),
    (SMALLER, 1, "the smaller one is the barrel"),
    (LEFTMOST, 2, "The traffic cone"),
    (LEFTMOST, 2, "The traffic cone is the leftmost"),
    (LEFTMOST, 2, "the traffic cone is farthest to the left"),
    (LEFTMOST, 2, "leftmost: traffic cone"),
]

NOTHING = [
    (CLOSER, "The closer object is the crate farther from the viewer"),
    (CLOSER, "the crate, (or not)"),
    (CLOSER, "the crate, (the barrel)"),
    (CLOSER, "the crate, (I guess the barrel is closer)"),
    (CLOSER, "the crate not the barrel is farther"),
    (CLOSER, "the crate rather than the barrel is wrong"),
    (CLOSER, "The crate over the barrel is far"),
    (CLOSER, "The crate. Or maybe not."),
    (CLOSER, "The crate. The barrel could also be closer."),
    (CLOSER, "The crate. I am not sure."),
    (CLOSER, "The crate. The barrel is nice."),
    (CLOSER, "The crate. It is not the crate."),
    (CLOSER, "The crate, because I cannot tell"),
    (CLOSER, "The crate is closer and farther"),
    (CLOSER, "The crate is closer. The barrel is closer."),
    (CLOSER, "crate, barrel"),
    (CLOSER, "The crate is closer, the barrel is closer"),
    (FARTHEST, "The crate is farther than lamp A, lamp A is farthest"),
    (LAMPS, "the lamp is closer"),
    (CLOSER, "the crate or the barrel"),
    (CLOSER, "not the crate"),
    (CLOSER, "anything but the crate"),
    (CLOSER, "The crate is wrong"),
    (CLOSER, "The crate is not closer"),
    (CLOSER, "the crate loses to the barrel"),
    (CLOSER, "The barrel beats the crate"),
    (CLOSER, "either the crate or the barrel"),
    (CLOSER, "the crate and the barrel"),
    (CLOSER, "the crate, the barrel"),
    (CLOSER, "The crate?"),
    (CLOSER, "the crate, if not the barrel"),
    (CLOSER, "The crate is ruled out"),
    (CLOSER, "All except the crate"),
    (CLOSER, "far from the crate"),
    (CLOSER, "The crate is unlikely"),
    (CLOSER, "isn't the crate"),
    (CLOSER, "never the crate"),
    (CLOSER, "Definitely not the crate"),
    (CLOSER, "The crate is as close as the barrel"),
    (CLOSER, "The crate is no closer than the barrel"),
    (CLOSER, "The crate might be closer"),
    (CLOSER, "The crate may be closer"),
    (CLOSER, "Perhaps the crate"),
    (CLOSER, "maybe the crate"),
    (CLOSER, "crate/barrel"),
    (CLOSER, "crate & barrel"),
    (CLOSER, "both the crate and the barrel"),
    (CLOSER, "the opposite of the crate"),
    (CLOSER, "The crate would be wrong"),
    (CLOSER, "The crate is closer to the barrel"),
    (CLOSER, "next to the crate"),
    (CLOSER, "behind the crate"),
    (CLOSER, "crate-like object"),
    (CLOSER, "The crate is hardly closer"),
    (CLOSER, "the crate is closer. No, the barrel"),
    (CLOSER, "The crate is closer. Actually the barrel."),
    (CLOSER, "I can't tell if the crate is closer"),
    (CLOSER, "the crate cannot be closer"),
    (CLOSER, "The crate... or the barrel"),
    (CLOSER, "It can't be the crate"),
    (CLOSER, "Whatever, the crate"),
    (CLOSER, "The crate is the wrong answer"),
    (CLOSER, "Rather the barrel than the crate"),
    (CLOSER, "The crate is the incorrect option"),
    (CLOSER, "Nothing is closer than the crate but the barrel"),
    (CLOSER, "the crate isn't farther"),
    (CLOSER, "Who says the crate?"),
    (CLOSER, "B. the crate"),
    (CLOSER, "other than the crate"),
    (CLOSER, "without the crate"),
    (CLOSER, "the crate is out"),
    (CLOSER, "The crate is closer than the crate"),
    (CLOSER, "The crate comes second"),
    (CLOSER, "the crate is excluded"),
    (CLOSER, "closer than the crate"),
    (CLOSER, "The crate is too far"),
    (CLOSER, "The crate is close, the barrel is closer"),
    (CLOSER, "none"),
    (CLOSER, "Neither the crate nor the barrel"),
    (CLOSER, "the crate, unless the barrel is closer"),
    (CLOSER, "I eliminate the crate"),
    (CLOSER, "A"),
    (CLOSER, "Crate B"),
    (LAMPS, "Lamp"),
    (LAMPS, "the lamps"),
    (LAMPS, "Lamp A or B"),
    (LAMPS, "Lamp A/B"),
    (LAMPS, "lamps A and B"),
    (LAMPS, "lamp A and B"),
    (LAMPS, "Lamp A, B"),
    (LAMPS, "Lamp C"),
    (LAMPS, "A"),
    (LAMPS, "B"),
    (LAMPS, "lamp A & B"),
    (LAMPS, "Lamp A (or B)"),
    (LAMPS, "Lamp A, maybe B"),
    (FARTHEST, "lamp A is closer"),
    (FARTHEST, "the crate is closest"),
    (FARTHEST, "lamp A is nearest"),
    (FARTHEST, "lamp A or the crate"),
    (FARTHEST, "Lamp B"),
    (FARTHEST, "lamp A is not the farthest"),
    (FARTHEST, "all three"),
    (FARTHEST, "lamp A and the crate are farther than the cone"),
    (VIEW, "front/back/left"),
    (VIEW, "front-left"),
    (VIEW, "front and left"),
    (VIEW, "not front"),
    (VIEW, "Front or Left"),
    (VIEW, "opposite the front"),
    (VIEW, "anywhere but front"),
    (VIEW, "not visible in the front view"),
    (VIEW, "front, left"),
]


@pytest.mark.parametrize(("question", "option", "text"), PICKED)
def test_one_option(question, option, text):
    assert read_as("mcq", question, text) == option


@pytest.mark.parametrize(("question", "text"), NOTHING)
def test_nothing_is_said(question, text):
    assert read_as("mcq", question, text) is None


def exchanged(text):
    words = {"crate": "barrel", "barrel": "crate", "Crate": "Barrel", "Barrel": "Crate"}
    return re.sub("|".join(words), lambda match: words[match[0]], text)


@pytest.mark.parametrize(
    ("option", "text"),
    [(option, text) for question, option, text in PICKED if question == CLOSER and "A" not in text],
)
def test_the_order_of_options_decides_nothing(option, text):
    assert read_as("mcq", exchanged(CLOSER), text) == 1 - option
    assert read_as("mcq", CLOSER, exchanged(text)) == 1 - option


@pytest.mark.parametrize(
    "text", [text for question, text in NOTHING if question == CLOSER and "B" not in text]
)
def test_nothing_is_said_of_the_other_either(text):
    assert read_as("mcq", CLOSER, exchanged(text)) is None


def test_of_two_objects_the_opposite_word_names_the_other_one_also_where_one_is_listed_twice():
    options = ("The crate", "The crate", "The barrel")
    assert read_option("The crate is closer", options, recognise(CLOSER)) == 0
    assert read_option("The barrel is farther", options, recognise(CLOSER)) == 0
    assert read_option("The crate is farther", options, recognise(CLOSER)) == 2


@pytest.mark.parametrize(
    ("text", "option"), [("The object shown is the jug", 1), ("Nobody paints the jug", None)]
)
def test_options_that_only_a_strange_question_lists(text, option):
    assert read_as("mcq", "Which of these stands on the table? A. mug B. jug", text) == option


def test_words_with_a_sign_in_them_stay_whole():
    marked = mark_options("The crate isn't stick-like, it's @ 5", ("The crate", "The barrel"))
    assert (marked.text, marked.loose) == ("the @0 isn't stick-like , it's (at) 5", False)
