"""What the training tests share: short prompts, a small world, and a tiny model that knows the form."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from support.bright_world import warm_up, write_bright_world, write_short_prompts
from support.tiny_vlm import make_tiny_qwen2_5_vl

from panoenv_tasks import load_items
from panoenv_tasks.items import Item

# Tiny matrices gain nothing from threads, and on a busy machine they wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def short_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real prompts are mostly explanation, which a tiny model only pays for."""
    return write_short_prompts(tmp_path_factory.mktemp("prompts") / "short.yaml")


@pytest.fixture(scope="module")
def short_prompts(short_pack: Path) -> Iterator[None]:
    """Put the short prompts in force for the tests of one file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANOENV_PROMPTS", str(short_pack))
        yield


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    write_bright_world(root, "train", panoramas=64)
    return write_bright_world(root, "val", panoramas=24)


@pytest.fixture(scope="session")
def items(world: Path) -> list[Item]:
    return load_items(world, "train")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_qwen2_5_vl(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def warm_model(tmp_path_factory: pytest.TempPathFactory, items: list[Item], short_pack: Path) -> Path:
    own = tmp_path_factory.getbasetemp()
    # Each of several test processes has a folder of its own in one that they share, and one warms up for all.
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "warm"
    with FileLock(shared / "warm.lock"):
        if not folder.is_dir():
            made = make_tiny_qwen2_5_vl(shared / "warming", hidden=256)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PANOENV_PROMPTS", str(short_pack))
                warm_up(made, items)
            made.rename(folder)
    return folder
