"""``panoenv build twins`` and the page of pairs, as a user runs them."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from support.command import run

from panoenv_tasks import load_items
from panoenv_tasks.synthesis.twins.page import whole_pairs


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("twins"))
        from panoenv_tasks.synthesis.build import Settings, build, twin_frames

        root = tmp_path_factory.mktemp("tree")
        sources = twin_frames(["StreetDay"], 1, 0)
        summary = build(root, sources, Settings("twins", "twins", "ours", 0, {"environments": ["StreetDay"]}))
    return root, summary


def test_one_scene_gives_three_panoramas(tree):
    root, summary = tree
    items = load_items(root, "twins")
    assert {item.frame for item in items} == {"P000_000000_a", "P000_000000_b", "P000_000000_c"}
    assert summary.lines == [f"1 frames: 1 written, 0 there already, 0 skipped; {len(items)} questions"]
    # Its partner's frame was not built, so the place has no twin here.
    alone = [item for item in items if item.subcategory == "env_confusable_pair"]
    assert len(alone) == 1
    assert 2 * len(whole_pairs(items)) == len(items) - 1


def test_what_is_there_is_kept_and_what_is_broken_made_again(capsys, tree, tmp_path):
    root = tmp_path / "tree"
    shutil.copytree(tree[0], root)
    frame = root / "twins/StreetDay/P000_000000_b"
    whole = (frame / "rgb_erp.png").read_bytes()
    arguments = ("build", "twins", root, "--frames", 1, "--environment", "StreetDay", "--workers", 1)
    assert "0 written, 1 there already" in run(capsys, *arguments).out
    (frame / "rgb_erp.png").write_bytes(whole[:5000])
    assert "1 written, 0 there already" in run(capsys, *arguments).out
    assert (frame / "rgb_erp.png").read_bytes() == whole


def test_a_page_of_pairs(capsys, tree, tmp_path):
    page = tmp_path / "page.html"
    done = run(capsys, "data", "show", "--pairs", 3, "--data", tree[0], "-o", page)
    assert (done.code, done.out) == (0, f"{page}: 3 pairs\n")
    text = page.read_text(encoding="utf-8")
    assert text.count("<img ") == 6
    assert text.count("<details>") == 3
    assert "boundingbox" not in text
    assert "How well people do on these has not been measured" in text
    assert len(set(re.findall(r"\((\w+), StreetDay", text))) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "panoenv: expected an item id, or --pairs with a number"),
        (("x", "--pairs", 2), "panoenv: expected an item id, or --pairs with a number"),
    ],
)
def test_an_item_or_pairs(capsys, tmp_path, arguments, message):
    done = run(capsys, "data", "show", *arguments, "-o", tmp_path / "x")
    assert (done.code, done.err.strip()) == (2, message)


def test_a_set_without_pairs_says_how_to_make_some(capsys, tmp_path):
    folder = tmp_path / "val"
    folder.mkdir()
    question = "About how many meters away from the camera is the lamp (boundingbox: [1, 2, 30, 40])?"
    row = {
        "image": "A/P000_000000/rgb_erp.png",
        "question_type": "open_ended",
        "expected_answer": "About 2.0 meters",
        "accu_reward_method": "distance",
        "conversations": [{"value": question}],
    }
    (folder / "panoenv_val.jsonl").write_text(json.dumps(row))
    done = run(capsys, "data", "show", "--pairs", 2, "--data", folder, "-o", tmp_path / "x.html")
    assert done.code == 2
    assert done.err.strip() == (
        "panoenv: no pairs among these questions; make some with `panoenv build twins`"
    )
