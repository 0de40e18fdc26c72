"""``panoenv build gate``: what can be guessed goes, what cannot stays, with its picture."""

from __future__ import annotations

import json

import pytest
from support.command import run

from panoenv_tasks import load_items


def frame(root, environment, name, rows):
    folder = root / "test" / environment / name
    folder.mkdir(parents=True)
    (folder / "rgb_erp.png").write_bytes(b"picture of " + name.encode())
    (folder / f"{name}_objects.json").write_text("[]\n")
    questions = [
        {"question_id": k, "question_type": "true_false", "question": text, "answer": answer}
        for k, (text, answer) in enumerate(rows, start=1)
    ]
    content = {"env": environment, "image_id": name, "questions": questions}
    (folder / f"{name}_qa.json").write_text(json.dumps(content))


@pytest.fixture
def tree(tmp_path):
    """Sixty frames. That the lower box is nearer always holds; whether volumes differ is a coin's word."""
    root = tmp_path / "tree"
    for k in range(60):
        low, high = (f"[{40 * k}, {900}, {40 * k + 90}, {990}]", f"[{30 * k}, {500}, {30 * k + 90}, {590}]")
        first, second = (low, high) if k % 2 else (high, low)
        near = (
            f"Is the camera nearer to the lamp (boundingbox: {first}) than to "
            f"the sofa (boundingbox: {second})?"
        )
        # Two boxes of one size: nothing in the text tells.
        one, two = f"[{20 * k}, 600, {20 * k + 90}, 690]", f"[{20 * k + 900}, 600, {20 * k + 990}, 690]"
        larger = (
            f"Would a box that just holds the lamp (boundingbox: {one}) have more volume than one for "
            f"the sofa (boundingbox: {two})?"
        )
        coin = "Yes" if (k * 7919 + k // 3) % 5 in (0, 2) or k % 7 == 3 else "No"
        frame(root, f"E{k % 6}", f"P000_{k:06d}", [(near, "Yes" if k % 2 else "No"), (larger, coin)])
    return root


def test_what_can_be_guessed_is_left_out(capsys, tree, tmp_path):
    out = tmp_path / "out"
    done = run(capsys, "build", "gate", tree, out, "--wanted", 20)
    assert done.code == 0
    assert "| depth_binary | 60 | 0 | 50 % | 100 % |" in done.out
    kept = load_items(out, "test")
    assert {item.subcategory for item in kept} == {"volume_binary"}
    assert 20 <= len(kept) <= 60
    for item in kept:
        assert item.image is not None
        assert item.image.read_bytes() == b"picture of " + item.frame.encode()
    assert f"{out}: {len(kept)} questions" in done.out
    # The tree itself is as it was.
    assert len(load_items(tree, "test")) == 120


def test_a_folder_in_use_or_no_tree_is_refused(capsys, tree, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("mine")
    done = run(capsys, "build", "gate", tree, tmp_path / "mine")
    assert (done.code, "not empty; choose another folder" in done.err) == (2, True)
    done = run(capsys, "build", "gate", tmp_path / "mine", tmp_path / "new")
    assert (done.code, "no built tree" in done.err) == (2, True)
