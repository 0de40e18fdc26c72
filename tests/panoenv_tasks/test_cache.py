"""The one cache folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from panoenv_tasks.cache import cache_folder


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"PANOENV_CACHE": "/a/b"}, "/a/b"),
        ({"PANOENV_CACHE": "~/b", "HOME": "/home/me"}, "/home/me/b"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/panoenv"),
        ({"PANOENV_CACHE": "/a/b", "XDG_CACHE_HOME": "/x"}, "/a/b"),
        ({"HOME": "/home/me"}, "/home/me/.cache/panoenv"),
    ],
)
def test_the_cache_folder_follows_the_environment(environment, folder, monkeypatch):
    for name in ("PANOENV_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(folder)
