import json
from dataclasses import replace

import pytest
from support.judge_samples import sample_of

from judges import Usage, Verdict, load_protocol
from judges.records import JudgedSample, Status
from judges.totals import run_totals, totals_markdown

STRICT = load_protocol("qscore/strict@2")


def _judged(
    score: int | None, *, environment: str = "a", status: Status = "scored", method: str = "yes_no"
) -> JudgedSample:
    text = "no answer here" if score is None else "No"
    sample = sample_of(
        text, name=f"{environment}{score}{status}{method}", environment=environment, method=method
    )
    verdict = Verdict(
        status, score, "", "judge@x/0", Usage(10, 2, 4), reason="" if score is not None else "why"
    )
    return JudgedSample("qscore/strict@2", sample, verdict)


RUN = [
    _judged(10, environment="a"),
    _judged(4, environment="a", method="mcq"),
    _judged(1, environment="b"),
    _judged(None, environment="b", status="parse_error"),
    _judged(None, environment="c", status="no_answer", method="mcq"),
]


def test_means_coverage_and_clustered_error() -> None:
    cell = run_totals(RUN, STRICT)["total"]
    assert (cell["n"], cell["scored"], cell["coverage"], cell["environments"]) == (5, 3, 0.8, 3)
    # 10, 4, 1, and 0 for the answer that was none; the unreadable verdict is missing.
    assert cell["mean"] == 3.75
    assert cell["mean_zero_filled"] == 3
    assert cell["mean_scored"] == 5
    # Panorama a: 10 and 4, b: 1, c: 0; residuals 6.5, -2.75, -3.75; sqrt(3 / 2 * 63.875) / 4.
    assert cell["se"] == pytest.approx((1.5 * 63.875) ** 0.5 / 4)
    assert cell["statuses"] == {"scored": 3, "no_answer": 1, "parse_error": 1}


def test_silence_is_no_escape() -> None:
    """Blanking wrong answers once raised the mean: whoever says nothing is now worth the lowest score."""
    wrong = [_judged(1, environment=str(i)) for i in range(5)]
    blank = [_judged(None, environment=str(i), status="no_answer") for i in range(5)]
    right = [_judged(10, environment=str(i)) for i in range(5)]
    assert run_totals([*right, *wrong], STRICT)["total"]["mean"] == 5.5
    assert run_totals([*right, *blank], STRICT)["total"]["mean"] == 5
    p5 = load_protocol("prometheus/absolute")
    lowest = replace(blank[0], protocol=p5.id)
    assert run_totals([lowest], p5)["total"]["mean"] == 1


def test_steering_text_taken_out() -> None:
    moved = replace(RUN[0], verdict=replace(RUN[0].verdict, flags=("score",), clean_score=2))
    cell = run_totals([moved, RUN[1]], STRICT)["total"]
    assert (cell["mean"], cell["mean_clean"], cell["moved"]) == (7, 3, 1)
    assert "1 verdicts move" in totals_markdown(run_totals([moved], STRICT))


def test_the_mean_is_shown_with_its_interval() -> None:
    run = [_judged(score, environment=str(i)) for i, score in enumerate((10, 10, 10, 4))]
    # Residuals 1.5 three times and -4.5; se sqrt(4 / 3 * 27) / 4 = 1.5; t(3) at 95 % is 3.1824.
    assert "| total | 4 | 4 | 100.0 | 8.50 | 3.73 to 13.27 |" in totals_markdown(run_totals(run, STRICT))
    assert "| total | 1 | 1 | 100.0 | 10.00 | - |" in totals_markdown(run_totals(run[:1], STRICT))


def test_breakdowns() -> None:
    found = run_totals(RUN, STRICT)
    assert {name: cell["n"] for name, cell in found["question_type"].items()} == {
        "multiple_choice": 2,
        "true_false": 3,
    }
    assert found["question_type"]["multiple_choice"]["mean"] == 2
    assert found["category"]["distance"] == found["total"]


def test_nothing_scored_has_no_mean() -> None:
    cell = run_totals(RUN[3:4], STRICT)["total"]
    assert (cell["mean"], cell["se"], cell["expected"]) == (None, None, None)
    assert (cell["mean_zero_filled"], cell["coverage"]) == (0, 0)


def test_what_is_published() -> None:
    assert run_totals(RUN, STRICT)["headline"] == "mean"
    assert run_totals(RUN, load_protocol("qscore/reference@1"))["headline"] == "mean_zero_filled"


def test_only_what_was_paid_for_is_counted() -> None:
    reused = replace(RUN[0], verdict=replace(RUN[0].verdict, reused=True))
    assert run_totals([reused, *RUN[1:3]], STRICT)["usage"] == {"prompt": 20, "cached": 8, "completion": 4}


def test_expected_is_the_mean_of_what_is_known() -> None:
    with_expected = [
        replace(e, verdict=replace(e.verdict, expected=x)) for e, x in zip(RUN, (9.0, 4.0), strict=False)
    ]
    assert run_totals([*with_expected, *RUN[2:]], STRICT)["total"]["expected"] == 6.5


def test_lists() -> None:
    flagged = replace(RUN[0], verdict=replace(RUN[0].verdict, flags=("score", "cut_reply"), clean_score=2))
    found = run_totals([flagged, *RUN[1:]], STRICT)
    assert found["flags"] == {"cut_reply": 1, "score": 1}
    (suspect,) = found["suspects"]
    assert (suspect["flags"], suspect["score"], suspect["clean_score"]) == (["score"], 10, 2)
    assert [failure["status"] for failure in found["failures"]] == ["parse_error", "no_answer"]
    text = totals_markdown(found)
    assert "statuses: scored 3, no_answer 1, parse_error 1" in text
    assert "(score): 10.00, without the suspicious text 2.00" in text
    assert "| total | 5 | 3 | 80.0 | 3.75 |" in text


def test_hostile_text_cannot_leave_its_line() -> None:
    hostile = replace(RUN[0], sample=replace(RUN[0].sample, text="No\n\x1b[2J| x |"))
    hostile = replace(hostile, verdict=replace(hostile.verdict, flags=("score",)))
    lines = totals_markdown(run_totals([hostile], STRICT)).splitlines()
    assert "\x1b" not in "".join(lines)
    assert sum("2J| x |" in line for line in lines) == 1


def test_an_empty_run() -> None:
    json.dumps(run_totals([], STRICT))
    assert "| total | 0 | 0 |" in totals_markdown(run_totals([], STRICT))


def test_samples_without_a_place_have_a_mean_and_no_error() -> None:
    nowhere = [replace(entry, sample=replace(entry.sample, environment="")) for entry in RUN[:3]]
    cell = run_totals(nowhere, STRICT)["total"]
    assert (cell["mean"], cell["se"]) == (5, None)
