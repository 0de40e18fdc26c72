from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.judge_samples import sample_of

from judges.agreement import krippendorff_alpha
from judges.agreement_figure import draw_agreement
from judges.records import JudgedSample, Verdict
from judges.report import agreement_markdown, agreement_report
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
    for bad, said in (("agreement.exe", "cannot draw this"), ("none/agreement.png", "cannot be written")):
        with pytest.raises(DataError, match=said):
            draw_agreement(found, tmp_path / bad)
    with Image.open(tmp_path / "agreement.png") as picture:
        colours = picture.convert("RGB").getcolors(1 << 24)
    assert colours is not None
    assert {(0xC4, 0x4E, 0x52), (0x4C, 0x72, 0xB0)} <= {colour for _, colour in colours}


def test_a_figure_of_many_judges_is_a_square_grid_with_their_whole_names(tmp_path: Path) -> None:
    names = [f"judged/acme__a-judge-of-a-very-long-name-{letter * 20}.verdicts" for letter in "abcd"]
    found = agreement_report({name: _run([10, 8, 3, 0, 1, k]) for k, name in enumerate(names)})
    draw_agreement(found, tmp_path / "agreement.svg")
    text = (tmp_path / "agreement.svg").read_text("utf-8")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    assert size is not None
    assert 0.8 < float(size[1]) / float(size[2]) < 1.25
    words = "".join(re.findall(r"<text[^>]*>([^<]*)</text>", text))
    for name in names:
        assert words.count(name) == 4, "its own panel and one with each other judge"
    assert "qscore/strict@2" in words
    draw_agreement(found, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text("utf-8") == text
    draw_agreement(found, tmp_path / "agreement.pdf")
    assert (tmp_path / "agreement.pdf").read_bytes().startswith(b"%PDF")


def test_no_answer_counts_with_the_lowest_score_and_types_are_told_apart() -> None:
    run = _run([10, 10, 10, 0, 0, 0])
    run[5] = replace(run[5], verdict=Verdict("no_answer", None, "", "judge@x/0"))
    run[0] = replace(run[0], sample=replace(run[0].sample, question_type="open_ended"))
    entry = agreement_report({"q": run})["judges"]["q"]
    assert (entry["coverage"], entry["confusion"][0]) == (1, [3, 0])
    assert {kind: cell["n"] for kind, cell in entry["question_type"].items()} == {
        "open_ended": 1,
        "true_false": 5,
    }
    assert entry["question_type"]["true_false"]["auc"]["value"] == 1


def test_several_judges_have_an_alpha() -> None:
    same = agreement_report({"q": _run([10, 8, 3, 0, 1, 0]), "p": _run([10, 8, 3, 0, 1, 0])})
    assert same["alpha"] == 1
    assert "Krippendorff's alpha of all 2 judges: 1.000" in agreement_markdown(same)
    assert agreement_report({"q": _run([10, 8, 3, 0, 1, 0])})["alpha"] is None


def test_the_known_example_of_alpha() -> None:
    """Krippendorff 2011, section D: four observers, twelve units; interval alpha 0.849."""
    observers = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    raters = [
        {str(unit): float(value) for unit, value in enumerate(row.split()) if value != "."}
        for row in observers
    ]
    assert krippendorff_alpha(raters) == pytest.approx(0.849, abs=0.0005)
    assert krippendorff_alpha([{"a": 1}, {"b": 2}]) is None
    assert krippendorff_alpha([{"a": 1}, {"a": 1}]) is None
