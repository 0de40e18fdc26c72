"""The queue of disagreements, its page in a real browser, and what labels say."""

from __future__ import annotations

import base64
import io
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.chromium import chromium
from support.judge_samples import sample_of
from typer.testing import CliRunner

from judges.cli import app
from judges.disagreements import draw_queue, labelled_rates, queue_page, read_labels, sort_into_cells
from judges.records import JudgedSample, Verdict, write_verdicts
from panoenv_tasks.items import DataError
from panoenv_tasks.stats import clustered_mean

QUESTION = "How far is the crate (boundingbox: [640, 320, 1280, 640]) from the viewer?"


def _judged(name: str, right: bool, score: int | None, text: str = "") -> JudgedSample:
    answer = text or f"<Answer>{'Yes' if right else 'No'}</Answer>"
    status: Any = "scored" if score is not None else "parse_error"
    return JudgedSample(
        "qscore/strict@2", sample_of(answer, name=name), Verdict(status, score, "Score", "q@x/0")
    )


def _run(cells: tuple[int, int, int, int]) -> list[JudgedSample]:
    kinds = [(True, 2), (False, 9), (True, 10), (False, 0)]
    return [
        _judged(f"{kind}-{i}", right, score)
        for kind, ((right, score), count) in enumerate(zip(kinds, cells, strict=True))
        for i in range(count)
    ]


def test_cells() -> None:
    cells = sort_into_cells([*_run((3, 2, 40, 30)), _judged("failed", True, None)])
    assert {cell: len(items) for cell, items in cells.items()} == {
        "right, judged low": 3,
        "wrong, judged high": 2,
        "right, judged high": 40,
        "wrong, judged low": 30,
    }
    queue = draw_queue(cells, limit=4, control=6)
    assert len(queue) == 10
    assert sum("0-" in i.judged.sample.id or "1-" in i.judged.sample.id for i in queue) >= 4
    assert draw_queue(cells, 4, 6) == queue
    with pytest.raises(DataError, match="no judged samples"):
        sort_into_cells([])


def _labels(judged: list[JudgedSample], right: dict[str, bool | None]) -> dict[tuple[str, str], Any]:
    page = queue_page([item for items in sort_into_cells(judged).values() for item in items])
    hashes = dict(re.findall(r'data-id="([^"]+)" data-text="([^"]+)"', page))
    names = {True: "right", False: "wrong", None: "unclear"}
    return {(name, hashes[name]): names[value] for name, value in right.items()}


def test_rates_weigh_each_cell_by_its_size() -> None:
    judged = _run((10, 10, 100, 80))
    labels = _labels(
        judged,
        {
            **{f"0-{i}": i < 4 for i in range(5)},  # the rules are right in 4 of 5 of these
            **{f"1-{i}": i < 1 for i in range(5)},  # and wrong in 1 of 5 of these
            **{f"2-{i}": True for i in range(10)},
            **{f"3-{i}": False for i in range(10)},
            "3-11": None,
        },
    )
    rates = labelled_rates(judged, labels)
    assert rates["cells"]["wrong, judged low"] == {"n": 80, "labelled": 10, "right": 0, "unclear": 1}
    # Right: 8 of 10, 2 of 10, 100, 0. Wrong: 2, 8, 0, 80.
    # One environment: there is no interval.
    assert rates["share_right"] == _rate(110 / 200)
    assert rates["judge"] == {"false_accepts": _rate(8 / 90), "false_refusals": _rate(8 / 110)}
    assert rates["rules"] == {"false_accepts": _rate(2 / 90), "false_refusals": _rate(2 / 110)}


def _rate(value: float) -> dict[str, Any]:
    return {"value": pytest.approx(value), "lo": None, "hi": None}


def test_with_every_answer_labelled_the_interval_is_that_of_the_labels() -> None:
    judged = [
        replace(entry, sample=replace(entry.sample, environment=f"E{i % 7}"))
        for i, entry in enumerate(_run((6, 9, 50, 40)))
    ]
    right = {entry.sample.id: i % 3 > 0 for i, entry in enumerate(judged)}
    rates = labelled_rates(judged, _labels(judged, dict(right)))
    values = [float(right[entry.sample.id]) for entry in judged]
    exact = clustered_mean(values, [entry.sample.environment for entry in judged], "wilson")
    assert exact is not None
    assert rates["share_right"] == {
        "value": pytest.approx(exact.mean),
        "lo": pytest.approx(exact.lo),
        "hi": pytest.approx(exact.hi),
    }
    wrong = [entry for entry in judged if not right[entry.sample.id]]
    accepted = [float(entry.verdict.score == 9 or entry.verdict.score == 10) for entry in wrong]
    exact = clustered_mean(accepted, [entry.sample.environment for entry in wrong], "wilson")
    assert exact is not None
    assert rates["judge"]["false_accepts"] == {
        "value": pytest.approx(exact.mean),
        "lo": pytest.approx(exact.lo),
        "hi": pytest.approx(exact.hi),
    }


def test_the_intervals_hold_the_truth_when_a_few_answers_of_each_cell_are_labelled() -> None:
    """Drawn again and again: environments that differ, a judge that errs, ten labels a cell."""
    generator = random.Random(4)
    known = _labels(_run((1, 1, 0, 0)), {"0-0": True, "1-0": True})
    hashes = {name == "0-0": text for name, text in known}
    held = 0
    for _ in range(100):
        judged, truth = [], {}
        for environment in range(24):
            share = generator.betavariate(4, 3)
            for i in range(12):
                right = generator.random() < share
                called, judged_right = (right ^ (generator.random() < error) for error in (0.1, 0.2))
                entry = _judged(f"{environment}-{i}", called, 10 if judged_right else 0)
                judged.append(replace(entry, sample=replace(entry.sample, environment=f"E{environment}")))
                truth[f"{environment}-{i}"] = right
        labels: dict[tuple[str, str], Any] = {}
        for items in sort_into_cells(judged).values():
            for item in generator.sample(items, min(10, len(items))):
                key = (item.judged.sample.id, hashes["Yes" in item.judged.sample.text])
                labels[key] = "right" if truth[key[0]] else "wrong"
        rate = labelled_rates(judged, labels)["share_right"]
        held += rate["lo"] <= 4 / 7 <= rate["hi"]
    assert 89 <= held < 100, "95, with a standard error of 2.2"


def test_a_cell_without_labels_has_no_rates_and_foreign_labels_are_refused() -> None:
    judged = _run((2, 2, 5, 5))
    rates = labelled_rates(judged, _labels(judged, {"0-0": True}))
    assert (rates["judge"], rates["share_right"]) == (None, None)
    with pytest.raises(DataError, match="another run"):
        labelled_rates(judged, {("0-0", "another text"): "right"})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": [1]}', '{"labels": [{"id": "a"}]}'])
def test_no_labels_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "labels.json").write_text(content)
    with pytest.raises(DataError, match=r"not the labels\.json"):
        read_labels(tmp_path / "labels.json")
    (tmp_path / "labels.json").write_text('{"labels": [{"id": "a", "text": "b", "label": "maybe"}]}')
    with pytest.raises(DataError, match="label 'maybe'"):
        read_labels(tmp_path / "labels.json")


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    hostile = _judged(
        '"><script>alert(1)</script>', True, 0, "<Answer>Yes</Answer></pre><script>alert(2)</script>"
    )
    page = queue_page([item for items in sort_into_cells([hostile]).values() for item in items], tmp_path)
    assert page.count("<script>") == 1
    assert "default-src 'none'" in page


def test_pictures_come_from_their_folder_only(tmp_path: Path) -> None:
    (tmp_path / "data" / "Env" / "P1").mkdir(parents=True)
    Image.new("RGB", (1920, 960), "white").save(tmp_path / "data" / "Env" / "P1" / "rgb_erp.png")
    (tmp_path / "secret").mkdir()
    Image.new("RGB", (40, 20)).save(tmp_path / "secret" / "rgb.png")

    def page(environment: str, frame: str) -> str:
        entry = _judged("a", True, 0)
        sample = sample_of("<Answer>Yes</Answer>", question=QUESTION, frame=frame)
        object.__setattr__(sample, "environment", environment)
        moved = JudgedSample(entry.protocol, sample, entry.verdict)
        return queue_page(
            [i for items in sort_into_cells([moved]).values() for i in items], tmp_path / "data"
        )

    assert "data:image/jpeg" in page("Env", "P1")
    assert "data:image/jpeg" not in page("..", "secret")
    assert "data:image/jpeg" not in page("Env", "none")


def test_a_box_across_the_pictures_edge_is_drawn_in_two_parts(tmp_path: Path) -> None:
    (tmp_path / "Env" / "P1").mkdir(parents=True)
    Image.new("RGB", (2560, 1280), "black").save(tmp_path / "Env" / "P1" / "rgb_erp.png")
    question = "How far is the crate (boundingbox: [2400, 320, 160, 640]) from the viewer?"
    sample = sample_of("<Answer>Yes</Answer>", question=question, frame="P1")
    object.__setattr__(sample, "environment", "Env")
    judged = JudgedSample("qscore/strict@2", sample, Verdict("scored", 0, "Score", "q@x/0"))
    page = queue_page([i for items in sort_into_cells([judged]).values() for i in items], tmp_path)
    coded = re.search(r"data:image/jpeg;base64,([^\"]+)", page)
    assert coded
    red = np.asarray(Image.open(io.BytesIO(base64.b64decode(coded[1]))))[..., 0] > 128
    upper = red[120]
    assert red.shape == (480, 960)
    assert upper[:58].all(), "the upper side of what lies at the left edge"
    assert upper[902:].all(), "and at the right edge"
    assert not upper[70:890].any(), "nothing in between"


@pytest.mark.slow
def test_a_person_works_through_the_page_and_the_labels_are_kept(tmp_path: Path) -> None:
    judged = _run((2, 1, 2, 2))
    write_verdicts(tmp_path / "q.verdicts.jsonl", judged)
    file = tmp_path / "page.html"
    made = CliRunner().invoke(app, ["queue", str(tmp_path / "q.verdicts.jsonl"), "-o", str(file)])
    assert made.exit_code == 0, made.stderr
    assert "7 answers to settle; of all: 2 right, judged low" in made.stdout
    with chromium() as new_page:
        page = new_page()
        page.goto(file.as_uri())
        for article in page.query_selector_all("article"):
            right = article.get_attribute("data-id")[0] in "02"
            article.query_selector(f"input[value={'right' if right else 'wrong'}]").check()
        assert page.inner_text("#done") == "7"
        page.reload()
        assert page.inner_text("#done") == "7"
        assert len(page.query_selector_all("input:checked")) == 7
        with page.expect_download() as download:
            page.click("#save")
        assert page.problems == []
        download.value.save_as(tmp_path / "labels.json")
    arguments = ["report", str(tmp_path / "q.verdicts.jsonl"), "--labels", str(tmp_path / "labels.json")]
    found = CliRunner().invoke(app, [*arguments, "--json"])
    assert found.exit_code == 0, found.stderr
    rates = json.loads(found.stdout)["judges"]["q"]["labelled"]
    assert rates["rules"] == {"false_accepts": _rate(0), "false_refusals": _rate(0)}
    assert rates["judge"] == {"false_accepts": _rate(1 / 3), "false_refusals": _rate(1 / 2)}
    assert "q: rules | 7 | 0.0 | 0.0" in CliRunner().invoke(app, arguments).stdout
