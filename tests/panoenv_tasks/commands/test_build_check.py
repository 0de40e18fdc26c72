"""``panoenv build check``: what a set gives away, with limits, and the exit code outside them."""

from __future__ import annotations

import json

import pytest
from support.command import run
from support.result_folders import val_items

from panoenv_tasks.commands.build_figures import Figure, figures
from panoenv_tasks.sources.rows import Row, to_item


def far(frame, label, away, box="1, 300, 90, 400"):
    text = f"About how many meters away from the camera is the {label} (boundingbox: [{box}])?"
    return made(frame, text, "open_ended", f"About {away} meters")


def nearer(frame, answer, second="sofa"):
    first = "lamp A" if second == "lamp B" else "the lamp"
    other = second if second == "lamp B" else f"the {second}"
    text = (
        f"Is the camera nearer to {first} (boundingbox: [1, 300, 90, 400]) "
        f"than to {other} (boundingbox: [0, 900, 2559, 1279])?"
    )
    return made(frame, text, "true_false", answer)


def made(frame, text, kind, answer):
    return to_item(Row("val", "E", frame, text, kind, answer, "", None, "none", "here:1"))


def by_name(items):
    return {figure.name: figure for figure in figures(items)}


def test_a_label_that_tells_its_distance_is_noticed():
    # Each label always stands at the distance that its number says.
    told = [far(f"f{k}", f"thing{k % 4}", 1.0 + k % 4) for k in range(48)]
    found = by_name(told)["distances told by the label's median"]
    assert (found.value, found.n, found.verdict) == (1.0, 48, "outside")
    # And one where the label says nothing: distances grow with every frame.
    free = [far(f"f{k}", f"thing{k % 4}", round(1.3**k, 1)) for k in range(12)]
    assert by_name(free)["distances told by the label's median"].value == 0.0


def test_spread_of_distances():
    found = by_name([far(f"f{k}", "lamp", float(k)) for k in range(1, 102)])
    assert found["distances, 95 % (m)"].value == 96.0
    assert found["distances, 75 % over 25 %"].value == pytest.approx(76 / 26)
    assert found["distances, 75 % over 25 %"].verdict == "inside"


def test_balance_letters_and_wide_boxes():
    items = [nearer(f"f{k}", "Yes" if k < 45 else "No") for k in range(50)]
    items += [nearer(f"g{k}", "No", "lamp B") for k in range(10)]
    found = by_name(items)
    assert (found["Yes among true/false"].value, found["Yes among true/false"].verdict) == (0.75, "outside")
    assert found["two of one label"].value == pytest.approx(1 / 6)
    assert (found["boxes as wide as the panorama"].value, found["boxes as wide as the panorama"].n) == (
        0.5,
        120,
    )


def test_few_questions_are_shown_and_not_judged():
    assert Figure("Yes among true/false", 1.0, 39).verdict == "too few"
    assert Figure("Yes among true/false", 1.0, 40).verdict == "outside"
    assert Figure("Yes among true/false", None, 0).verdict == "too few"
    assert Figure("blind, view_source", 1.0, 400).verdict == "no limit"


def test_the_release_is_within_its_own_limits_and_as_stated():
    items = val_items()
    if not items:
        pytest.skip("needs ../shared/data/panoenv_val.jsonl")
    found = by_name(items)
    assert [name for name, figure in found.items() if figure.verdict == "outside"] == []
    assert found["distances, 95 % (m)"].value == pytest.approx(42.6, abs=0.1)
    assert found["distances told by the label's median"].value == pytest.approx(0.10, abs=0.005)
    assert found["view at an edge top or bottom"].value == pytest.approx(0.61, abs=0.005)
    assert found["blind, attribute_comparison"].value == pytest.approx(0.68, abs=0.005)


def write(root, items):
    folder = root / "val"
    folder.mkdir(parents=True)
    rows = [
        {
            "image": f"{item.environment}/{item.frame}/rgb_erp.png",
            "question_type": item.question_type,
            "expected_answer": item.answer,
            "accu_reward_method": item.method,
            "conversations": [{"value": item.question}],
        }
        for item in items
    ]
    file = folder / "panoenv_val.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def test_exit_codes_and_json(capsys, tmp_path):
    bad = write(tmp_path / "bad", [nearer(f"f{k}", "Yes") for k in range(50)])
    done = run(capsys, "build", "check", bad)
    assert done.code == 1
    assert "| Yes among true/false | 50 | 1.0 | 0.465 | 0.4 to 0.6 | outside |" in done.out
    few = write(tmp_path / "few", [nearer(f"f{k}", "Yes") for k in range(5)])
    done = run(capsys, "build", "check", few, "--json")
    assert done.code == 0
    rows = {row["name"]: row for row in json.loads(done.out)["val"]}
    assert rows["Yes among true/false"] == {
        "name": "Yes among true/false",
        "value": 1.0,
        "n": 5,
        "validation_split": 0.465,
        "verdict": "too few",
    }
    (tmp_path / "empty").mkdir()
    done = run(capsys, "build", "check", tmp_path / "empty")
    assert (done.code, "no questions" in done.err) == (2, True)
