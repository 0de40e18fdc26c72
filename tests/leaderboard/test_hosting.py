"""A hosted board from end to end: the workflow's own shell lines, on a real git repository with a remote."""

import csv
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from support.result_folders import guesser, made_up_items, tagged, write_run

from leaderboard.hosting import write_template
from panoenv_tasks.items import fingerprint

ITEMS = made_up_items(12)
CARD = "submitter: Acme\ntraining_data: none\n"


class Hosted:
    """A clone of the maintainer's repository, and the jobs of its workflow."""

    def __init__(self, root):
        self.root, self.folder = root, root / "board"
        write_template(self.folder)
        policy = self.folder / "board.yaml"
        pinned = f'datasets: {{val: "{fingerprint(ITEMS)}"}}'
        policy.write_text(policy.read_text().replace("datasets: {}", pinned))
        (root / "bin").mkdir()
        shim = root / "bin" / "panoenv"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m panoenv_tasks "$@"\n')
        shim.chmod(0o755)
        self.env = {**os.environ, "PATH": f"{root / 'bin'}:{os.environ['PATH']}", "BASE": "main"}
        self.git("init", "-q", "-b", "main")
        self.commit("A board")
        self.run(
            f"git init -q --bare '{root / 'remote.git'}' && git remote add origin '{root / 'remote.git'}'"
        )
        self.git("push", "-q", "-u", "origin", "main")

    def run(self, script):
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def git(self, *arguments):
        identity = ("-c", "user.name=x", "-c", "user.email=x@localhost")
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True)

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def step(self, job, name):
        """Runs one step of the workflow as it stands in the file."""
        workflow = yaml.safe_load((self.folder / ".github" / "workflows" / "board.yml").read_text())
        (script,) = [s["run"] for s in workflow["jobs"][job]["steps"] if s.get("name") == name]
        return self.run(script)

    def pull_request(self, name, make):
        """Commits what ``make`` writes on a branch and runs the check; back on main afterwards."""
        self.git("checkout", "-q", "-b", name)
        make(self.folder / "submissions" / name)
        self.commit(name)
        found = self.step("check", "Check what the pull request sends in")
        self.git("checkout", "-q", "main")
        return found

    def merge(self, name):
        self.git("merge", "-q", "--no-edit", name)

    def publish(self):
        shutil.rmtree(self.folder / "site", ignore_errors=True)
        built = self.step("publish", "Build the board")
        assert built.returncode == 0, built.stderr
        kept = self.step("publish", "Keep the history")
        assert kept.returncode == 0, kept.stderr
        return built


def submission(skill=0.6, model="acme/Seer", card=CARD, **options):
    def make(folder):
        folder.mkdir(parents=True)
        (folder / "submission.yaml").write_text(card)
        write_run(folder / "full", ITEMS, options.pop("answer", guesser(1, skill)), model=model, **options)

    return make


def models(file):
    with file.open(newline="") as lines:
        return [line["model"] for line in csv.DictReader(lines) if line["provenance"] != "reported"]


@pytest.mark.slow
def test_from_pull_request_to_page_and_history(tmp_path):
    hosted = Hosted(tmp_path)
    first = hosted.pull_request("acme-seer", submission())
    assert first.returncode == 0, first.stdout + first.stderr
    assert "# acme-seer: fit for the board" in first.stdout
    hosted.merge("acme-seer")
    hosted.publish()
    assert models(hosted.folder / "site" / "summary.csv") == ["acme/Seer"]

    rival = hosted.pull_request("rival", submission(0.9, date="20200101_000000"))
    assert rival.returncode == 2
    assert "belongs to acme-seer" in rival.stdout

    copied = hosted.pull_request("golds", submission(answer=lambda i: tagged(i.answer), model="x/Golds"))
    assert copied.returncode == 0, "twelve distances are too few to tell, and all else is flagged"
    assert "100.0 % right" in copied.stdout

    def meddles(folder):
        submission(model="x/Other")(folder)
        (hosted.folder / "board.yaml").write_text("reproduced: [meddler]\n")

    meddler = hosted.pull_request("meddler", meddles)
    assert meddler.returncode == 2
    assert "nothing else" in meddler.stdout

    second = hosted.pull_request("acme-keen", submission(0.5, model="acme/Keen"))
    assert second.returncode == 0, second.stdout
    hosted.merge("acme-keen")
    # A refused folder that slipped in costs nobody a row.
    (hosted.folder / "submissions" / "broken").mkdir()
    name = "20250101_000000_samples_panoenv_val_distance.jsonl"
    (hosted.folder / "submissions" / "broken" / name).write_text("{")
    hosted.commit("broken")
    built = hosted.publish()
    assert "refused broken" in built.stderr
    log = subprocess.run(
        ["git", "show", "main:history/results.csv"],
        cwd=tmp_path / "remote.git",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    kept = [line["model"] for line in csv.DictReader(log.splitlines()) if line["provenance"] != "reported"]
    assert kept == ["acme/Seer", "acme/Keen"], "in the order of coming in"
    assert "acme/Keen" in (hosted.folder / "site" / "index.html").read_text()
