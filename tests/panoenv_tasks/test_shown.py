"""How a share and its interval read, wherever the project prints one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoenv_tasks.stats import figure, interval, with_interval

SHARES = st.floats(-1, 1)


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (0.4934, {}, "49.3"),
        (0.4934, {"decimals": 2}, "49.34"),
        (1.0, {}, "100.0"),
        (0.24, {"signed": True}, "+24.0"),
        (-0.24, {"signed": True}, "-24.0"),
        (-0.24, {}, "-24.0"),
        (0.0, {"signed": True}, "+0.0"),
        (-0.0004, {"signed": True}, "+0.0"),
        (-0.0004, {}, "0.0"),
        (7.25, {"decimals": 2, "scale": 1}, "7.25"),
        (None, {}, ""),
        (None, {"signed": True}, ""),
    ],
)
def test_a_figure(value, options, text):
    assert figure(value, **options) == text


def test_an_interval_stands_alone_or_behind_its_figure():
    assert interval(0.4712, 0.5157) == "47.1 to 51.6"
    assert interval(-0.003, 0.001, signed=True) == "-0.3 to +0.1"
    assert interval(3.734, 13.266, 2, scale=1) == "3.73 to 13.27"
    assert interval(0.4712, 0.5157, form=" ({} to {})") == " (47.1 to 51.6)"
    assert with_interval(0.4934, 0.4712, 0.5157) == "49.3 [47.1, 51.6]"
    assert with_interval(0.24, 0.213, 0.267, signed=True) == "+24.0 [21.3, 26.7]"
    assert with_interval(-0.001, -0.003, 0.001, signed=True) == "-0.1 [-0.3, 0.1]"
    assert with_interval(0.5834, 0.38, 0.79, 3, scale=1) == "0.583 [0.380, 0.790]"


def test_nothing_is_made_up_where_an_interval_is_not_known():
    for ends in ((None, None), (0.1, None), (None, 0.9)):
        assert interval(*ends) == ""
        assert with_interval(0.5, *ends) == "50.0"
    assert with_interval(None, 0.1, 0.9) == ""


@given(SHARES, SHARES, SHARES, st.booleans())
def test_percent_with_one_decimal_and_no_minus_zero(value, lo, hi, signed):
    text = with_interval(value, lo, hi, signed=signed)
    number = r"-?\d{1,3}\.\d"
    assert re.fullmatch(rf"{'[+-]' if signed else '-?'}\d{{1,3}}\.\d \[{number}, {number}\]", text)
    assert not re.search(r"-0\.0(?!\d)", text)
    assert abs(float(text.split()[0]) - 100 * value) <= 0.05 + 1e-9
