from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from support.judge_samples import sample_of

from judges.records import JudgedSample, Verdict
from judges.report import agreement_markdown, agreement_report, draw_agreement
from panoenv_tasks.items import DataError


def _run(scores: list[int | None], protocol: str = "qscore/strict@2") -> list[JudgedSample]:
    """Six samples on three panoramas, the first three answered rightly."""
    answers = ["Yes", "Yes", "<Answer>yes</Answer>", "No", "No", "no idea"]
    return [
        JudgedSample(
            protocol,
            sample_of(answer, name=str(index), frame=str(index % 3)),
            Verdict("parse_error" if score is None else "scored", score, "", "judge@x/0"),
        )
        for index, (answer, score) in enumerate(zip(answers, scores, strict=True))
    ]


def test_a_perfect_judge() -> None:
    entry = agreement_report({"q": _run([10, 10, 10, 0, 0, 0])})["judges"]["q"]
    assert (entry["auc"]["value"], entry["kappa_exact"]["value"], entry["coverage"]) == (1, 1, 1)
    assert (entry["mean_wrong"], entry["mean_right"]) == (0, 10)
    assert entry["confusion"][10] == [0, 3]
    assert entry["confusion"][0] == [3, 0]


def test_a_blind_judge() -> None:
    entry = agreement_report({"q": _run([5, 5, 5, 5, 5, 5])})["judges"]["q"]
    assert entry["auc"]["value"] == 0.5
    assert entry["kappa_exact"]["value"] == 0


def test_what_was_not_scored_is_coverage_and_not_zero() -> None:
    entry = agreement_report({"q": _run([10, None, 10, 0, None, 0])})["judges"]["q"]
    assert entry["coverage"] == pytest.approx(4 / 6)
    assert entry["auc"]["value"] == 1
    assert sum(map(sum, entry["confusion"])) == 4


def test_two_judges_are_compared_where_both_scored() -> None:
    found = agreement_report(
        {"q": _run([10, 8, None, 0, 1, 0]), "p": _run([10, 8, 3, 0, 1, None], "pscore/strict@2")}
    )
    (pair,) = found["pairs"]
    assert (pair["shared"], pair["both_scored"], pair["kappa"]["value"]) == (6, 4, 1)
    assert pair["confusion"][8][8] == 1


def test_the_five_point_scale_is_spread_to_ten() -> None:
    entry = agreement_report({"p5": _run([5, 4, 3, 2, 1, 1], "prometheus/absolute@2")})["judges"]["p5"]
    steps = [step for step, (wrong, right) in enumerate(entry["confusion"]) for _ in range(wrong + right)]
    assert steps == [0, 0, 3, 5, 8, 10]


def test_what_cannot_be_compared() -> None:
    with pytest.raises(DataError, match="no judged samples"):
        agreement_report({"q": []})
    with pytest.raises(DataError, match="a sample twice"):
        agreement_report({"q": [*_run([1] * 6), *_run([1] * 6)]})
    with pytest.raises(DataError, match="several protocols"):
        agreement_report({"q": [*_run([1] * 6)[:3], *_run([1] * 6, "pscore/strict@2")[3:]]})
    other = [
        JudgedSample(e.protocol, sample_of("Yes", name=f"x{e.sample.id}"), e.verdict) for e in _run([1] * 6)
    ]
    with pytest.raises(DataError, match="no sample in common"):
        agreement_report({"q": _run([1] * 6), "p": other})


def test_table_and_picture(tmp_path: Path) -> None:
    found = agreement_report(
        {"q$": _run([10, 8, None, 0, 1, 0]), "p": _run([10, 8, 3, 0, 1, None], "pscore/strict@2")}
    )
    json.dumps(found)
    text = agreement_markdown(found)
    assert "| q$ | 6 | 83.3 | 1.000" in text
    assert "| q$ / p | 6 | 4 | 1.000" in text
    draw_agreement(found, tmp_path / "agreement.png")
    for bad in ("agreement.exe", "none/agreement.png"):
        with pytest.raises(DataError, match="cannot draw this"):
            draw_agreement(found, tmp_path / bad)
    with Image.open(tmp_path / "agreement.png") as picture:
        colours = picture.convert("RGB").getcolors(1 << 24)
        assert picture.width > 3 * picture.height / 2
    assert colours is not None
    assert {(0xC4, 0x4E, 0x52), (0x4C, 0x72, 0xB0)} <= {colour for _, colour in colours}
