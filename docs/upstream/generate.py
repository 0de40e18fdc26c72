"""Writes ``panoenv/``: a task folder as lmms-eval's pull requests want it, made of this project's own parts.

Run ``python docs/upstream/generate.py``; a test compares the files with what this would write. The prompts,
the wordings and the scorer come from the package, what only the harness needs from ``utils_frame.txt``.
"""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from panoenv_tasks.answers import paper as reading
from panoenv_tasks.answers import tags
from panoenv_tasks.items import CATEGORIES
from panoenv_tasks.prompts import load_pack
from panoenv_tasks.scoring import CORRECT_FROM, paper, vocabulary
from panoenv_tasks.sources.hub import REPOSITORY
from panoenv_tasks.taxonomy import method_for, templates

HERE = Path(__file__).parent
FOLDER = HERE / "panoenv"
#: Not ``panoenv``: the plugin's groups keep that name (docs/decisions/0005-upstream.md).
GROUP = "panoenv_qa"

_SHARED = """\
dataset_path: json
dataset_kwargs:
  data_files:
    test: stub.jsonl
test_split: test
output_type: generate_until
doc_to_visual: !function utils.doc_to_visual
doc_to_text: !function utils.doc_to_text
doc_to_target: answer
process_results: !function utils.process_results
generation_kwargs:
  max_new_tokens: 512
  do_sample: false
  temperature: 0
  until: ["<|im_end|>", "<|endoftext|>", "</s>"]
metric_list:
  - {metric: accuracy, aggregation: mean, higher_is_better: true}
  - {metric: reward, aggregation: mean, higher_is_better: true}
metadata: {version: 1.0}
"""


#: What reads otherwise outside of the package. Possessive repetition needs Python 3.11, lmms-eval does not;
#: nothing that these give back could be matched by what follows them.
_RENAMED = {
    "read.": "",
    ": Reading": ": dict[str, int]",
    "-> Reading": "-> dict[str, int]",
    "tuple[Axis, int, str]": "tuple[str, int, str]",
    r"(\d++\.?+\d*+)": r"(\d+\.?\d*)",
    r"\s*+({": r"\s*({",
}


def files() -> dict[str, str]:
    """Return the text of every file by its name."""
    tasks = [f"{GROUP}_{category}" for category in CATEGORIES]
    group = (
        f"group: {GROUP}\ntask: [{', '.join(tasks)}]\naggregate_metric_list:\n"
        "  - {metric: accuracy, aggregation: mean, weight_by_size: true}\n"
        "  - {metric: reward, aggregation: mean, weight_by_size: true}\n"
        "metadata: {version: 1.0}\n"
    )
    written = {"_default_template_yaml": _SHARED, f"{GROUP}.yaml": group, "stub.jsonl": '{"stub": 0}\n'}
    for task, category in zip(tasks, CATEGORIES, strict=True):
        # In each file: the harness's own list of tasks fails on one without it.
        written[f"{task}.yaml"] = (
            f"include: _default_template_yaml\ntask: {task}\noutput_type: generate_until\n"
            f"process_docs: !function utils.{category}\n"
        )
    return written | {"utils.py": _utils()}


def _utils() -> str:
    frame = (HERE / "utils_frame.txt").read_text("utf-8")
    for name, text in (("CONSTANTS", _constants()), ("SCORER", _scorer())):
        frame = frame.replace(f"# {name}\n", text)
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--line-length", "240", "--stdin-filename", "utils.py", "-"],
        input=frame, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return formatted.stdout


def _constants() -> str:
    pack = load_pack()
    prompts = {category: dict(kinds) for category, kinds in pack.templates.items()}
    released = [template for template in templates() if template.dialect == "released"]
    open_ended = {t.subcategory for t in released if t.question_type == "open_ended"}
    methods = {name: method_for(name, "") for name in sorted(open_ended)}
    choices = [
        template.text
        for template in released
        if template.question_type == "multiple_choice"
        and template.category != "view_source"
        and template.subcategory != "env_attribute"
    ]
    return (
        f"REPOSITORY = {REPOSITORY!r}\n"
        f"# Open-ended questions: how a sub-category is scored.\nMETHODS = {json.dumps(methods)}\n"
        f"# Sentences whose options are named in them.\nCHOICES = {json.dumps(choices)}\n"
        f"PROMPTS = {json.dumps(prompts)}  # {pack.id}\n"
        f"CORRECT_FROM = {CORRECT_FROM}\n"
    )


def _scorer() -> str:
    parts = [
        _source(tags, ["_OPEN", "_CLOSE", "first_answer"]),
        _source(reading, [name for name in _names(reading) if name not in ("Axis", "Reading")]),
        _source(vocabulary, ["distance_reward"]),
        _source(paper, ["SIMILAR_FROM", "_yes_no", "_mcq", "_distance", "_counting", "_spatial", "_default"]),
        _source(paper, ["_RULES"]),
    ]
    text = "\n\n".join(parts)
    for ours, theirs in _RENAMED.items():
        if ours not in text:
            raise SystemExit(f"the scorer's sources no longer hold {ours!r}")
        text = text.replace(ours, theirs)
    return text


def _source(module: ModuleType, names: list[str]) -> str:
    """Return the text of these top-level definitions, in the module's order."""
    source = inspect.getsource(module)
    nodes = [node for node in ast.parse(source).body if set(_defined(node)) & set(names)]
    if sorted(name for node in nodes for name in _defined(node)) != sorted(names):
        raise SystemExit(f"{module.__name__} no longer defines all of {', '.join(names)}")
    return "\n\n".join(ast.get_source_segment(source, node) or "" for node in nodes)


def _names(module: ModuleType) -> list[str]:
    return [name for node in ast.parse(inspect.getsource(module)).body for name in _defined(node)]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets += [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
