"""``panoenv build difficulty`` and ``select``: measures beside the questions, and sets chosen by them."""

from __future__ import annotations

import json

import pytest
from support.command import run

from panoenv_tasks import load_items

NEAR = "Is the camera nearer to the lamp (boundingbox: {}) than to the sofa (boundingbox: {})?"


def entry(number, box, distance, visible):
    return {
        "object_id": number,
        "label": "lamp",
        "bbox": box,
        "pixels": 6400,
        "faces": {"front": 6400},
        "distance_m": [distance] * 3,
        "center_m": [0, 0, distance],
        "size_m": [1, 1, 1],
        "visible": visible,
    }


@pytest.fixture
def tree(tmp_path):
    """Forty frames of five places; in every fourth the lower thing is not the nearer one."""
    for k in range(40):
        name, environment = f"P000_{k:06d}", f"Place{k % 5}"
        folder = tmp_path / "tree/test" / environment / name
        folder.mkdir(parents=True)
        low, high = [40 * k, 900, 40 * k + 90, 990], [30 * k, 500, 30 * k + 90, 590]
        rows = [
            {
                "question_id": 1,
                "question_type": "true_false",
                "question": NEAR.format(low, high),
                "answer": "No" if k % 4 == 0 else "Yes",
                "related_object_ids": [1, 2],
            },
        ]
        content = {"env": environment, "image_id": name, "questions": rows}
        (folder / f"{name}_qa.json").write_text(json.dumps(content))
        things = [entry(1, low, 2.0, 0.5 + k / 80), entry(2, high, 2.0 + k, 1.0)]
        (folder / f"{name}_objects.json").write_text(json.dumps(things))
        (folder / "rgb_erp.png").write_bytes(b"picture")
    return tmp_path / "tree"


def test_questions_are_measured_and_selected(capsys, tree, tmp_path):
    done = run(capsys, "build", "difficulty", tree)
    assert done.code == 0
    assert "| visible | 40 | " in done.out
    rows = [json.loads(line) for line in (tree / "test/difficulty.jsonl").read_text().splitlines()]
    items = load_items(tree, "test")
    assert [row["id"] for row in rows] == [item.id for item in items]
    by_frame = {row["frame"]: row for row in rows}
    assert by_frame["P000_000010"] | {"id": "", "blind": 0} == {
        "id": "",
        "environment": "Place0",
        "frame": "P000_000010",
        "question_id": 1,
        "kind": "depth_binary",
        "margin": 5.0,
        "visible": 0.625,
        "degrees": pytest.approx(80 * 0.728**0.5 * 360 / 2560, abs=0.1),
        "blind": 0,
    }
    # Geometry says that the lower thing is nearer, which holds in three of four.
    assert 0.6 < sum(row["blind"] for row in rows) / 40 < 0.9

    out = tmp_path / "out"
    done = run(capsys, "build", "select", tree, out, "--where", "visible>=0.875", "--where", "margin<17.5")
    assert done.code == 0
    assert done.out == f"{out}: 5 questions\n"
    assert {item.frame[-2:] for item in load_items(out, "test")} == {"30", "31", "32", "33", "34"}
    kinds = run(capsys, "build", "select", tree, tmp_path / "kinds", "--where", "kind=primary_view")
    assert (kinds.code, kinds.out) == (1, f"{tmp_path / 'kinds'}: 0 questions\n")


def test_a_tree_that_was_not_measured_says_so(capsys, tree, tmp_path):
    done = run(capsys, "build", "select", tree, tmp_path / "out", "--where", "visible>0.5")
    assert done.code == 2
    assert f"difficulty.jsonl: not there; run `panoenv build difficulty {tree}` first" in done.err


def test_a_tree_that_changed_since_says_so(capsys, tree, tmp_path):
    run(capsys, "build", "difficulty", tree)
    file = tree / "test/difficulty.jsonl"
    file.write_text("\n".join(file.read_text().splitlines()[:-1]))
    done = run(capsys, "build", "select", tree, tmp_path / "out", "--where", "visible>0.5")
    assert "not measured; run `panoenv build difficulty" in done.err
    file.write_text("{}")
    done = run(capsys, "build", "select", tree, tmp_path / "out", "--where", "visible>0.5")
    assert done.code == 2
    assert "difficulty.jsonl: not readable" in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("where", ["visible", "colour>3", "visible>much", "kind>a", "visible>=0.5 or 1"])
def test_a_condition_that_is_none_is_one_line(capsys, tree, tmp_path, where):
    done = run(capsys, "build", "select", tree, tmp_path / "out", "--where", where)
    assert done.code == 2
    assert f"--where {where!r}: expected one of margin, visible, degrees, blind" in done.err
