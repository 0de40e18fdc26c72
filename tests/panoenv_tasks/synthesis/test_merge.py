"""A build in shards, put together: the same tree as in one go."""

from __future__ import annotations

import json
import shutil

import pytest
from support.command import run
from support.frame_folders import write_frame_folder

from panoenv_tasks.items import DataError
from panoenv_tasks.synthesis.merge import merge_shards


def content(root):
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file() and file.name != ".build.lock"
    }


def build(capsys, root, out, *more):
    return run(capsys, "build", "frames", root, out, "--workers", 1, "--keep", "depth", *more)


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Five frames, the fourth without an instance map."""
    root = tmp_path_factory.mktemp("frames")
    for number in range(5):
        write_frame_folder(root / f"Flat/room_{number}")
    (root / "Flat/room_3/instances.png").unlink()
    return root


@pytest.fixture
def shards(frames, capsys, tmp_path):
    for number in (1, 2):
        build(capsys, frames, tmp_path / f"part{number}", "--shard", f"{number}/2")
    return [tmp_path / "part1", tmp_path / "part2"]


def test_shards_put_together_are_the_tree_of_one_go(frames, shards, capsys, tmp_path):
    build(capsys, frames, tmp_path / "whole")
    done = run(capsys, "build", "merge", tmp_path / "merged", *reversed(shards))
    assert done.code == 0
    assert done.out.splitlines()[-1] == f"{tmp_path / 'merged'}: 4 frames of 2 shards, 1 skipped"
    assert content(tmp_path / "merged") == content(tmp_path / "whole")
    assert {file.name for file in (shards[0] / "test/Flat").iterdir()} == {"room_0", "room_2", "room_4"}
    # Nothing was moved out of the shards, and the merged tree is a build that can go on.
    assert build(capsys, frames, shards[0], "--shard", "1/2").out.startswith("3 frames: 0 written, 3 there")
    again = build(capsys, frames, tmp_path / "merged").out
    assert again.startswith("5 frames: 0 written, 4 there already, 1 skipped")


def test_an_interrupted_merge_goes_on(shards_once, tmp_path):
    seen = []

    def stop_after_two(frame):
        seen.append(frame)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge_shards(tmp_path / "merged", shards_once, stop_after_two)
    assert not (tmp_path / "merged/summary.json").exists()
    summary = merge_shards(tmp_path / "merged", shards_once)
    assert (summary.others, list(summary.skipped)) == (4, ["Flat/room_3"])
    merge_shards(tmp_path / "straight", shards_once)
    assert content(tmp_path / "merged") == content(tmp_path / "straight")


def one_missing(shards):
    return shards[:1], "1 shards for 2: 2/2 is missing"


def one_twice(shards):
    return [*shards, shards[0]], "3 shards for 2: one is named twice"


def not_a_shard(shards):
    change(shards[0], shard=None)
    return shards, "part1: not built with --shard"


def other_seed(shards):
    change(shards[1], seed=3)
    return shards, "part2: seed is not that of .*part1; shards of one build?"


def other_builder(shards):
    for shard in shards:
        change(shard, builder=1)
    return shards, "part1: of another version of the builder"


def not_finished(shards):
    (shards[1] / "summary.json").unlink()
    return shards, "part2: shard 2/2 is not finished; run its command again"


def of_another_length(shards):
    summary = json.loads((shards[1] / "summary.json").read_text())
    (shards[1] / "summary.json").write_text(json.dumps({**summary, "frames": 5}))
    return shards, "shards of 3, 6 frames are not parts of one build"


def cut_short(shards):
    picture = shards[1] / "test/Flat/room_1/rgb_erp.png"
    picture.write_bytes(picture.read_bytes()[:-9])
    return shards, "room_1: not whole; run its shard's command again"


def change(tree, **values):
    manifest = {**json.loads((tree / "panoenv.json").read_text()), **values}
    (tree / "panoenv.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "spoil",
    [
        one_missing,
        one_twice,
        not_a_shard,
        other_seed,
        other_builder,
        not_finished,
        of_another_length,
        cut_short,
    ],
)
def test_what_is_not_one_build_is_refused(shards_once, tmp_path, spoil):
    for shard in shards_once:
        shutil.copytree(shard, tmp_path / shard.name)
    trees, message = spoil([tmp_path / shard.name for shard in shards_once])
    with pytest.raises(DataError, match=message):
        merge_shards(tmp_path / "merged", trees)


@pytest.fixture(scope="module")
def shards_once(frames, tmp_path_factory):
    """The two shards, made once and not to be changed."""
    from panoenv_tasks.synthesis.build import Settings
    from panoenv_tasks.synthesis.build import build as run_build
    from panoenv_tasks.synthesis.frame_folder import find_frame_folders

    found, root = find_frame_folders(frames), tmp_path_factory.mktemp("shards")
    for number in (1, 2):
        settings = Settings("frames", "test", "ours", 0, {"root": "in", "shard": f"{number}/2"})
        run_build(root / f"part{number}", found[number - 1 :: 2], settings)
    return [root / "part1", root / "part2"]


@pytest.mark.parametrize("shard", ["0/2", "3/2", "2", "a/b", "1/0"])
def test_a_shard_is_written_as_a_part_of_a_number(shard, frames, capsys, tmp_path):
    done = build(capsys, frames, tmp_path / "out", "--shard", shard)
    assert done.code == 2
    assert f"--shard {shard!r}: expected 1/4" in done.err
