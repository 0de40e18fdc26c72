import math

import pytest

from judges.judge_one import OpenSplitError, expected_score, zero_probability
from judges.wire import Token


def _reply(digit: str, **alternatives: float) -> list[Token]:
    """``Score: <digit>`` with the given probabilities of the digit, written d0, d1, ... ."""
    odds = {name.removeprefix("d"): p for name, p in alternatives.items()}
    return [
        Token("Score", {"Score": 1.0}),
        Token(":", {":": 1.0}),
        Token(" ", {" ": 1.0}),
        Token(digit, odds),
    ]


def test_mean_of_single_digits() -> None:
    assert expected_score(_reply("7", d7=0.5, d3=0.5)) == pytest.approx(5)
    assert expected_score(_reply("7", d7=0.6, d3=0.3, d0=0.1)) == pytest.approx(5.1)


def test_mass_that_is_no_score_is_left_out() -> None:
    assert expected_score(_reply("7", d7=0.48, d3=0.48, dx=0.04)) == pytest.approx(5)
    assert expected_score(_reply("7", d7=0.5, dx=0.5)) is None


def test_a_written_one_says_whether_it_begins_a_ten() -> None:
    ten = [*_reply("1", d1=0.8, d0=0.2), Token("0", {"0": 0.75, "<end>": 0.25})]
    assert expected_score(ten) == pytest.approx(0.8 * (0.75 * 10 + 0.25 * 1))


def test_an_unwritten_one_has_to_be_asked_for() -> None:
    reply = _reply("0", d0=0.6, d1=0.4)
    with pytest.raises(OpenSplitError):
        expected_score(reply)
    assert expected_score(reply, zero_after_one=1.0) == pytest.approx(4)
    assert expected_score(reply, zero_after_one=0.0) == pytest.approx(0.4)


def test_a_one_at_the_very_end_has_to_be_asked_for() -> None:
    with pytest.raises(OpenSplitError):
        expected_score(_reply("1", d1=1.0))


def test_a_negligible_one_is_not_asked_for() -> None:
    assert expected_score(_reply("0", d0=0.996, d1=0.004)) == pytest.approx(0.004)


def test_tokenizers_that_know_ten() -> None:
    reply = [Token("Score:", {"Score:": 1.0}), Token(" 10", {" 10": 0.5, " 2": 0.5})]
    assert expected_score(reply) == pytest.approx(6)


def test_no_probabilities_no_mean() -> None:
    assert expected_score([]) is None
    assert expected_score([Token("Score", {"Score": 1.0})]) is None
    assert expected_score(_reply("7", d7=math.nan)) is None
    assert expected_score(_reply("99", d99=1.0)) is None


def test_zero_probability() -> None:
    assert zero_probability([Token("0", {"0": 0.3, "<end>": 0.1, "x": 0.0})]) == pytest.approx(0.75)
    assert zero_probability([]) is None
    assert zero_probability([Token("", {})]) == 0
