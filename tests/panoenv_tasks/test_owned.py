"""Nothing of the user's is removed or replaced, whatever a command is pointed at."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from panoenv_tasks import owned
from panoenv_tasks.items import DataError


def put(folder, name, **files):
    with owned.scratch(folder, "job") as work:
        for file, text in files.items():
            path = work / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        owned.place(work, folder, name, "choose another folder")


def tree(folder):
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    return {file.relative_to(folder).as_posix(): file.read_text() for file in files}


def test_a_second_run_replaces_what_the_first_wrote(tmp_path):
    put(tmp_path, "results", a="1", b="1")
    put(tmp_path, "results", a="2")
    assert tree(tmp_path) == {"results/a": "2"}
    assert json.loads((tmp_path / owned.MARKER).read_text())["files"] == ["results/a"]


def test_a_users_folder_of_that_name_is_refused_and_kept(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "thesis.csv").write_text("mine")
    with pytest.raises(DataError, match=r"thesis\.csv: not written by panoenv.*choose another folder$"):
        put(tmp_path, "results", a="1")
    assert tree(tmp_path) == {"results/thesis.csv": "mine"}


def test_a_file_added_to_our_folder_is_the_users(tmp_path):
    put(tmp_path, "results", a="1")
    (tmp_path / "results" / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=r"notes\.txt"):
        put(tmp_path, "results", a="2")
    owned.clear(tmp_path, "results")
    assert tree(tmp_path) == {"results/notes.txt": "mine"}


def test_a_link_is_never_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_text("mine")
    out = tmp_path / "out"
    put(out, "results", a="1")
    (out / "results" / "a").unlink()
    (out / "results").rmdir()
    (out / "results").symlink_to(elsewhere)
    owned.clear(out, "results")
    with pytest.raises(DataError, match="not written by panoenv"):
        put(out, "results", a="2")
    assert (elsewhere / "a").read_text() == "mine"


KILLED = """
import os, signal, pathlib, sys
from panoenv_tasks import owned
with owned.scratch(pathlib.Path(sys.argv[1]), "job") as work:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_scratch_goes_away_after_an_error(tmp_path):
    def fail():
        with owned.scratch(tmp_path, "job") as work:
            (work / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_scratch_of_a_killed_process_goes_away_with_the_next(tmp_path):
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with owned.scratch(tmp_path, "other"):
        assert len(list(tmp_path.iterdir())) == 2
    with owned.scratch(tmp_path, "job"):
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


def test_scratch_of_a_dead_process_that_nobody_collected_goes_away(tmp_path):
    """In a container, what a killed command had started may stay a zombie for good."""
    started = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)
    owned.remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == []
    started.wait()


def test_scratch_of_a_process_killed_before_it_marked_it_goes_away(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".job-{dead.pid}-ab12.scratch").mkdir()
    (tmp_path / f".job-{dead.pid}-mine.scratch").mkdir()
    (tmp_path / f".job-{dead.pid}-mine.scratch" / "thesis.csv").write_text("mine")
    owned.remove_abandoned(tmp_path, "job")
    assert [entry.name for entry in tmp_path.iterdir()] == [f".job-{dead.pid}-mine.scratch"]


def test_scratch_of_a_living_process_and_a_users_folder_like_it_stay(tmp_path):
    (tmp_path / ".job-mine.scratch").mkdir()
    with owned.scratch(tmp_path, "job") as first, owned.scratch(tmp_path, "job") as second:
        owned.remove_abandoned(tmp_path)
        assert first.is_dir()
        assert second.is_dir()
    assert [entry.name for entry in tmp_path.iterdir()] == [".job-mine.scratch"]


def test_the_demo_stops_before_it_touches_a_folder_of_the_users(tmp_path):
    """Seen: ``panoenv demo -o .`` in a clone removed the package ``leaderboard`` itself."""
    (tmp_path / "leaderboard").mkdir()
    (tmp_path / "leaderboard" / "__init__.py").write_text("mine")
    command = [sys.executable, "-m", "panoenv_tasks", "demo", "-o", "."]
    roots = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "leaderboard/__init__.py: not written by panoenv" in done.stderr
    assert "choose another folder with -o" in done.stderr
    assert tree(tmp_path) == {"leaderboard/__init__.py": "mine"}
