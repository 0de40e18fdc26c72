"""The camera turned level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoenv_tasks.geometry.projection import levelled_axes


def test_a_camera_with_its_nose_up_sees_the_level_below_its_axis():
    c, s = math.cos(math.radians(30)), 0.5
    right, up, forward = levelled_axes((0.0, c, s))
    assert right == pytest.approx((1, 0, 0))
    assert up == (0.0, c, s)
    assert forward == pytest.approx((0, -s, c))


def test_a_level_camera_stays_as_it_is():
    assert np.allclose(levelled_axes((0.0, 1.0, 0.0)), np.eye(3))


def test_straight_down_has_no_heading():
    assert levelled_axes((0.0, 0.0, 1.0)) == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@given(st.floats(-80, 80), st.floats(-80, 80))
def test_the_axes_are_a_right_handed_frame_that_keeps_the_heading(nod, lean):
    a, b = math.radians(nod), math.radians(lean)
    up = (math.cos(a) * math.sin(b), math.cos(a) * math.cos(b), math.sin(a))
    axes = np.array(levelled_axes(up))
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    # The camera's forward, laid flat, has no part to the right.
    assert axes[0][2] == pytest.approx(0, abs=1e-9)
    assert axes[2][2] > 0
