from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from support.shared import shared_file
from typer.testing import CliRunner

from panoenv_tasks import load_items
from panoenv_tasks.blind.cross_fitting import load_fit_items
from panoenv_tasks.blind.guessability import ids_hash
from panoenv_tasks.blind.ladder import ladder_table
from panoenv_tasks.commands.blind import blind, render
from panoenv_tasks.items import DataError

VIEW = "Which view (front/back/left/right/top/bottom) is the lamp (boundingbox: {}) most likely from?"
FAR = "How far is the lamp (boundingbox: {}) from the viewer?"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Four environments, each with four views that geometry gets right and four distances it does not."""
    rows = []
    for place in range(4):
        for n in range(4):
            box = [1200 + place, 600, 1300 + n, 700]
            for text, kind, method, answer in (
                (VIEW, "multiple_choice", "mcq", "Front"),
                (FAR, "open_ended", "distance", "About 999.0 meters"),
            ):
                rows.append(
                    {
                        "conversations": [{"from": "human", "value": text.format(box)}],
                        "image": f"Place{place}/P000_000000/rgb_erp.png",
                        "question_type": kind,
                        "accu_reward_method": method,
                        "expected_answer": answer,
                    }
                )
    file = tmp_path / "panoenv_val.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def run(*arguments: str) -> str:
    app = typer.Typer()
    app.command()(blind)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_prints_every_rung_and_writes_the_hard_ids(questions: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    printed = run(str(questions), "--ids", str(ids))
    # Sixteen of 32, all views; nothing that varies less than independent answers is surer than they are.
    assert "| geometry | 50.0 [25.5, 74.5] | 100.0 | 0.0 |" in printed
    assert "| geometry | 45.5 | 100.0 | 0.0 |" in printed
    assert "AUC of 1.00, within one sub-category unknown" in printed
    assert "| chance | 8.3 | 16.7 | 0.0 |" in printed
    kept = ids.read_text().split()
    far = [item.id for item in load_items(questions, "val") if item.subcategory == "distance_description"]
    assert kept == sorted(far)
    assert ids_hash(kept) in printed


def test_json_holds_s_for_every_question(questions: Path) -> None:
    told = json.loads(run(str(questions), "--fit", str(questions), "--json"))
    views = told["rungs"]["geometry"]["primary_view"]
    assert (views["n"], views["acc"], views["se"], views["hi"], views["beyond_chance"]) == (
        16,
        1.0,
        0.0,
        1.0,
        1.0,
    )
    assert told["rungs"]["geometry"]["blind_hard"]["acc"] == 0.0
    assert told["auc"] == {"all": 1.0, "within_subcategory": None}
    assert len(told["probabilities"]) == 32
    assert told["probabilities"].keys() > set(told["blind_hard"]["ids"])


@pytest.mark.slow
def test_the_ladder_rises_on_val() -> None:
    table = ladder_table(load_items(shared_file("panoenv_val.jsonl"), "val"))
    total = {rung: 100 * cells["total"].mean for rung, cells in table.rungs.items()}
    assert total["constant"] < total["template"] + 1
    assert total["template"] + 4 < total["forest"]
    assert total["forest"] + 10 < total["geometry"] < total["ranges"] + 1
    # The options of one panorama's questions have its environment in common.
    assert (
        table.rungs["panorama"]["environment"].mean > 0.85 > 0.6 > table.rungs["ranges"]["environment"].mean
    )
    assert 0.45 < table.corrected("geometry", "total") < 0.47
    assert table.ranking == pytest.approx((0.81, 0.49), abs=0.01)
    assert table.rungs["forest"]["view_source"].mean > 0.65
    hard = {rung: cells["blind_hard"].mean for rung, cells in table.rungs.items() if rung != "panorama"}
    assert max(hard.values()) - table.chance["blind_hard"] < 0.12
    assert "| blind_hard |" in render(table)


def test_the_test_split_is_refused_as_soon_as_it_is_read(questions: Path) -> None:
    assert load_fit_items(None, "test") is None
    assert load_fit_items(questions, "val") == load_items(questions, "val")
    exam = questions.rename(questions.with_name("panoenv_test.jsonl"))
    with pytest.raises(DataError, match="not learned on the test split"):
        load_fit_items(exam, "test")
