"""The committed data is the data that the project was given."""

from __future__ import annotations

import hashlib

import pytest
from support.shared import COMMITTED, DATA, shared_file, shared_rows

from panoenv_tasks import load_items
from panoenv_tasks.items import fingerprint


@pytest.mark.parametrize(
    ("name", "rows", "sha256"),
    [
        ("panoenv_val.jsonl", 1496, "abf643899d3c36e9"),
        ("scoring_vectors.jsonl", 3000, "97e460b0ae9bcd30"),
        ("reading_cases.jsonl", 5238, "7991d7d51144e6a0"),
    ],
)
def test_the_files_are_whole(name, rows, sha256):
    assert len(shared_rows(name)) == rows
    assert hashlib.sha256(shared_file(name).read_bytes()).hexdigest().startswith(sha256)


def test_the_questions_are_the_released_ones():
    assert fingerprint(load_items(shared_file("panoenv_val.jsonl"), "val")).startswith("e3e5d6e38c9b2600")


def test_the_notice_names_every_file():
    notice = (COMMITTED / "NOTICE.md").read_text("utf-8")
    for file in COMMITTED.glob("*.xz"):
        assert f"`{file.stem}`" in notice
        if (DATA / file.stem).is_file():
            assert (DATA / file.stem).read_bytes() == shared_file(file.stem).read_bytes()
