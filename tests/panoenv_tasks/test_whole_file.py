"""A file is replaced whole or stays as it was."""

from __future__ import annotations

import pytest

from panoenv_tasks.whole_file import write_whole


def test_a_text_takes_the_place_of_another(tmp_path):
    (tmp_path / "a.json").write_text("before")
    write_whole(tmp_path / "a.json", "größer\n")
    assert (tmp_path / "a.json").read_bytes() == b"gr\xc3\xb6\xc3\x9fer\n"
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_what_was_there_stays_when_the_text_cannot_be_written(tmp_path):
    (tmp_path / "a.json").write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "a.json", "begun, then half a pair: \ud83d")
    assert (tmp_path / "a.json").read_text() == "before"
