"""What a forge reads from the repository: workflows, templates, the citation."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(
    set((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) - {ROOT / ".github/ISSUE_TEMPLATE/config.yml"}
)


def test_the_workflows_run_what_ci_runs() -> None:
    """Each step is one make target, so that a person and every CI run the same thing."""
    steps = {run for workflow in WORKFLOWS for run in scripts(workflow)}
    ci = (ROOT / ".ci" / "run").read_text()
    ran = {match[1] for match in re.finditer(r"^(?:beside )?(make [\w-]+)", ci, re.MULTILINE)}
    # The other steps prepare it by themselves.
    commands = ran - {"make install"}
    assert {"make check", "make test", "make test-vllm"} <= commands
    assert commands - steps == set()
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert steps - {f"make {target}" for target in phony[1].split()} == set()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_stranger_s_pull_request_gets_no_rights(path: Path) -> None:
    workflow = load(path)
    # YAML 1.1 reads the key ``on`` as true.
    assert "pull_request_target" not in workflow[True]
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_issue_forms_are_forms(path: Path) -> None:
    form = load(path)
    assert set(form) == {"name", "description", "labels", "body"}
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert all(part["attributes"]["label"] for part in fields)
    ids = [part["id"] for part in fields]
    assert len(set(ids)) == len(ids)


def test_the_citation_is_of_this_version() -> None:
    citation = load(ROOT / "CITATION.cff")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert [paper["url"] for paper in citation["references"]] == ["https://arxiv.org/abs/2602.21992"]


def scripts(workflow: Path) -> list[str]:
    return [step["run"] for job in load(workflow)["jobs"].values() for step in job["steps"] if "run" in step]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))
