"""What a turn of the camera makes of words, relations and boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.questions import inner_boxes

from panoenv_tasks.geometry.turning import bearing_from, roll_of, side_of, turn_box, turn_signs, turn_word
from panoenv_tasks.geometry.words import DIRECTIONS, EXTREMES


@pytest.mark.parametrize(("degrees", "pixels"), [(0, 0), (90, 640), (45, 320), (-90, 1920), (450, 640)])
def test_degrees_in_pixels(degrees, pixels):
    assert roll_of(degrees) == pixels


def test_an_angle_between_pixels_is_refused():
    with pytest.raises(ValueError, match="multiple of 9"):
        roll_of(10)


@given(st.sampled_from(DIRECTIONS + EXTREMES), st.integers(-8, 8), st.integers(-8, 8))
def test_turns_of_words_add_up(word, one, other):
    assert turn_word(turn_word(word, one), other) == turn_word(word, one + other)
    assert turn_word(word, 4 * one) == word


_SIGNS = st.dictionaries(st.sampled_from(["depth", "side", "height"]), st.sampled_from([-1, 0, 1]))


@given(_SIGNS, st.integers(-8, 8), st.integers(-8, 8))
def test_turns_of_signs_add_up(signs, one, other):
    assert turn_signs(turn_signs(signs, one), other) == turn_signs(signs, one + other)
    assert turn_signs(signs, 4 * one) == signs


def test_what_is_ahead_comes_to_the_right():
    assert [turn_word(word, 1) for word in ("front", "Right", "rearmost", "below")] == [
        "right",
        "Back",
        "leftmost",
        "below",
    ]
    assert turn_signs({"depth": 1, "height": -1}, 1) == {"side": 1, "height": -1}
    assert turn_signs({"side": 1}, 1) == {"depth": -1}


@given(inner_boxes(), st.sampled_from([640, 1280, 1920]))
def test_a_turned_box_is_as_wide_or_visibly_cut(box, roll):
    after = turn_box(box, roll)
    assert after.x2 - after.x1 in (box.x2 - box.x1, box.x2 - box.x1 - 2560)
    assert (after.y1, after.y2) == (box.y1, box.y2)


@pytest.mark.parametrize(
    ("at", "towards", "asked", "degrees"),
    [
        ((1, 0, 2), (1, 0, 5), (4, 0, 2), 90),
        ((1, 0, 2), (1, 0, 5), (-2, 0, 2), -90),
        ((1, 7, 2), (1, 0, 5), (1, 3, -1), 180),
        ((1, 0, 2), (3, 0, 2), (1, 0, -1), 90),
        ((1, 0, 2), (2, 0, 4), (4, 9, 3), 45),
        ((1, 0, 2), (2, 0, 4), (0, 0, 5), -45),
        ((-3, 0, 1), (-3, 0, 9), (-3, 0, 2), 0),
    ],
)
def test_how_far_to_turn_to_face_a_third_point(at, towards, asked, degrees):
    assert bearing_from(at, towards, asked) == pytest.approx(degrees)


@pytest.mark.parametrize(
    ("bearing", "side"),
    [
        (0, "ahead"), (44, "ahead"), (-44, "ahead"), (46, "right"), (134, "right"), (136, "behind"),
        (180, "behind"), (-180, "behind"), (-136, "behind"), (-134, "left"), (-90, "left"), (-46, "left"),
    ],
)  # fmt: skip
def test_the_quarter_of_a_bearing(bearing, side):
    assert side_of(bearing) == side
