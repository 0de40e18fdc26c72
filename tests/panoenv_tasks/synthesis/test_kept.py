"""What a build keeps, read back through the documented input: the same questions to the byte."""

from __future__ import annotations

import json
import math
import shutil

import pytest
from PIL import Image
from support.command import run
from support.frame_folders import write_frame_folder
from support.tartanair_tree import write_tartanair

from panoenv_tasks import load_items
from panoenv_tasks.synthesis.build import Settings, build, scene_frames
from panoenv_tasks.synthesis.frame import Form

ALL = Form(keep=("depth", "instances", "scene"))
KEPT = {"range.npz", "instances.png", "frame.json"}


def content(root):
    """Every file's bytes but the kept ones', the manifest and what is hidden."""
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file() and file.name not in {*KEPT, "panoenv.json"} and not file.name.startswith(".")
    }


def manifest(root):
    return json.loads((root / "panoenv.json").read_text())


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """A tree of two scenes with all that can be kept, as the command writes it."""
    root = tmp_path_factory.mktemp("scenes") / "tree"
    chosen = ["KitchenDay", "ParkSummer"]
    settings = Settings("scenes", "val", "ours", 4, {"environments": chosen}, ALL)
    build(root, scene_frames(chosen, 2, 4), settings)
    return root


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A tree of one TartanAir frame whose camera is tilted, with all that can be kept."""
    root = tmp_path_factory.mktemp("recorded")
    frames = write_tartanair(root / "in", "OfficeFloor", size=96)
    half = math.radians(20) / 2
    pose = f"1 2 -3 0 {math.sin(half)} 0 {math.cos(half)}\n"
    (frames[0].folder / "pose_lcam_front.txt").write_text(pose)
    build(root / "tree", frames, Settings("tartanair", "val", "ours", 4, {}, ALL))
    return root / "tree"


@pytest.mark.parametrize("name", ["scenes", "recorded"])
def test_kept_frames_read_as_input_give_the_same_questions(name, request, capsys, tmp_path):
    tree = request.getfixturevalue(name)
    arguments = ("--seed", 4, "--split", "val", "--workers", 1)
    done = run(capsys, "build", "frames", tree / "val", tmp_path / "again", *arguments)
    assert done.code == 0
    assert content(tmp_path / "again") == content(tree)
    assert len(load_items(tmp_path / "again", "val")) == (50 if name == "scenes" else 25)


def test_a_tilted_camera_s_pose_is_kept(recorded):
    (file,) = recorded.rglob("frame.json")
    rows = json.loads(file.read_text())["camera_to_world"]
    # North, east, down 1, 2, -3 is 2 m east, 3 m up and 1 m north.
    assert [row[3] for row in rows] == [2, 3, 1, 1]
    assert rows[1][1] == pytest.approx(math.cos(math.radians(20)))


def test_a_tree_asked_again_is_the_tree_that_keeps_nothing(scenes, capsys, tmp_path):
    done = run(capsys, "build", "questions", scenes, tmp_path / "again", "--workers", 1)
    assert done.code == 0
    assert content(tmp_path / "again") == content(scenes)
    expected = manifest(scenes)
    assert expected.pop("keep") == ["depth", "instances", "scene"]
    assert manifest(tmp_path / "again") == expected
    assert not any(file.name in KEPT for file in (tmp_path / "again").rglob("*"))


def test_another_seed_asks_other_questions_of_the_same_pictures(scenes, capsys, tmp_path):
    run(capsys, "build", "questions", scenes, tmp_path / "again", "--workers", 1, "--seed", 5)
    before, after = content(scenes), content(tmp_path / "again")
    assert [name for name in before if before[name] != after[name] and name.endswith(".png")] == []
    assert [name for name in before if before[name] == after[name] and name.endswith("_qa.json")] == []
    assert manifest(tmp_path / "again")["seed"] == 5
    assert manifest(tmp_path / "again")["asked_of"] == {"seed": 4}


def test_new_kinds_are_asked_of_what_was_kept_and_the_others_stay(scenes, capsys, tmp_path):
    done = run(capsys, "build", "questions", scenes, tmp_path / "again", "--workers", 1, "--extra")
    assert done.code == 0
    for folder in (scenes / "val").glob("*/*"):
        name = f"{folder.name}_qa.json"
        before = json.loads((folder / name).read_text())["questions"]
        after = json.loads((tmp_path / "again" / (folder / name).relative_to(scenes)).read_text())[
            "questions"
        ]
        assert after[: len(before)] == before
        new = {row["sub_category"] for row in after[len(before) :]}
        assert new
        assert new <= {"instance_count", "occlusion_order", "viewpoint_change"}
    assert len(manifest(tmp_path / "again")["extra"]) == 64
    assert run(capsys, "data", "check", tmp_path / "again").code == 0


@pytest.mark.parametrize("file", sorted(KEPT))
def test_a_kept_file_that_was_cut_short_is_made_again(scenes, tmp_path, file):
    tree = tmp_path / "tree"
    shutil.copytree(scenes, tree)
    target = tree / "val/KitchenDay/P004_000000" / file
    whole = target.read_bytes()
    target.write_bytes(b"" if file == "frame.json" else whole[: len(whole) // 2])
    settings = Settings("scenes", "val", "ours", 4, {"environments": ["KitchenDay", "ParkSummer"]}, ALL)
    summary = build(tree, scene_frames(["KitchenDay", "ParkSummer"], 2, 4), settings)
    assert (summary.written, summary.kept) == (1, 1)
    assert target.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scenes", "OUT", "--keep", "depth,colour"], "--keep 'colour': there are depth, instances, scene"),
        (["scenes", "OUT", "--keep", "depth", "--rules", "released"], "--keep: the released rules"),
        (["scenes", "OUT", "--extra", "--rules", "released"], "--extra: the released rules have no such"),
        (["questions", "PLAIN", "OUT"], "built without --keep depth,scene"),
        (["questions", "nowhere", "OUT"], "panoenv.json: not there; expected a tree of `panoenv build`"),
        (["frames", "PLAIN", "OUT"], "a built tree; name the folder of its split"),
        (["check-input", "nowhere"], "nowhere: no such folder; expected <Environment>/<frame>/"),
    ],
)
def test_bad_input_is_one_line_and_code_2(capsys, tmp_path, arguments, message):
    build(tmp_path / "plain", [], Settings("scenes", "val", "ours", 0, {}, Form(keep=("instances",))))
    places = {"OUT": tmp_path / "out", "PLAIN": tmp_path / "plain"}
    done = run(capsys, "build", *[places.get(one, one) for one in arguments])
    assert done.code == 2
    assert message in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.fixture
def foreign(tmp_path):
    """Two frames by hand; the second says nothing of what it shows."""
    for name in ("room_1", "room_2"):
        write_frame_folder(tmp_path / "in/Flat" / name)
    (tmp_path / "in/Flat/room_2/frame.json").write_text("{}")
    return tmp_path / "in"


def test_other_people_s_frames_are_asked_and_a_bad_one_is_skipped(foreign, capsys, tmp_path):
    done = run(capsys, "build", "frames", foreign, tmp_path / "out", "--workers", 1)
    assert done.code == 0
    assert "2 frames: 1 written, 0 there already, 1 skipped; " in done.out
    assert "skipped Flat/room_2: frame.json: 'format' is a required property" in done.out
    items = load_items(tmp_path / "out", "test")
    assert {box.label for item in items for box in item.boxes} <= {
        *("red chair", "lamp", "table", "shelf", "plant", "sofa")
    }
    assert {item.category for item in items} == {
        *("view_source", "distance", "relative_position", "attribute_comparison")
    }
    assert Image.open(items[0].image).size == (2560, 1280)
    assert run(capsys, "data", "check", tmp_path / "out").code == 0


def test_the_checker_says_what_the_builder_would(foreign, capsys):
    done = run(capsys, "build", "check-input", foreign)
    assert done.code == 2
    assert done.out.splitlines() == [
        "Flat/room_2: frame.json: 'format' is a required property",
        "2 frames, 1 of them good",
        "usable objects: 6 to 6 a frame, 0 of 6 with exact centre and size",
        "median range: 6.0 to 6.0 m; known in at least 88 % of a frame's pixels",
        "1 frames of 1 environments that are not in environments.yaml (Flat): their five questions about the "
        "place are not asked",
    ]
    shutil.rmtree(foreign / "Flat/room_2")
    assert run(capsys, "build", "check-input", foreign).code == 0


def test_a_set_of_jpegs_is_read_and_resumed_and_keeps_jpegs_as_they_are(foreign, capsys, tmp_path):
    image = Image.open(foreign / "Flat/room_1/rgb_erp.png").resize((2560, 1280))
    (foreign / "Flat/room_1/rgb_erp.png").unlink()
    image.save(foreign / "Flat/room_1/rgb_erp.jpg", quality=60)
    command = ("build", "frames", foreign, tmp_path / "out", "--workers", 1, "--picture", "jpeg")
    assert run(capsys, *command).code == 0
    (picture,) = (tmp_path / "out").rglob("rgb_erp.*")
    assert picture.read_bytes() == (foreign / "Flat/room_1/rgb_erp.jpg").read_bytes()
    assert load_items(tmp_path / "out", "test")[0].image == picture
    assert "1 there already" in run(capsys, *command).out
    picture.write_bytes(picture.read_bytes()[:-100])
    assert "1 written" in run(capsys, *command).out
    assert run(capsys, "data", "check", tmp_path / "out").code == 0
