"""Judge prompts that others have published, read where the user has them; they are not ours to ship.

The paper's judge prompt stands in a clone of the released code, Prometheus' template in an installed
prometheus-eval. Both are read as text, never run.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from judges.protocol import JudgePrompt
from panoenv_tasks.items import DataError

#: Where the released code (github.com/7zk1014/PanoEnv) keeps the Q-Score's prompt; the P-Score's is the same.
RELEASED_SCRIPT = "training/evaluation/qwenscore.py"
#: The distribution that holds Prometheus' own template, and the file in it.
PROMETHEUS_EVAL = "prometheus-eval"
_PROMETHEUS_PROMPTS = "prometheus_eval/prompts.py"
_RELEASED_FIELDS = {
    "question": "question",
    "question_type": "type",
    "expected_answer": "reference",
    "model_answer": "answer",
}


def from_release(path: Path, ours: JudgePrompt) -> JudgePrompt:
    """Read the published judge prompt from the user's clone of the released code; it is not ours to ship.

    The scripts are not run. Their function ``_format_scoring_prompt`` holds the system text as a string and
    the user text as an f-string of the four fields.

    Args:
        path: The clone, or one of its two judge scripts.
        ours: The prompt whose place it takes.

    Raises:
        DataError: No such script is there, or it does not hold a prompt of this form.
    """
    file = path / RELEASED_SCRIPT if path.is_dir() else path
    texts: dict[str, ast.expr] = {}
    for node in ast.walk(_parsed(file, f"the released judge script; expected {RELEASED_SCRIPT}")):
        if isinstance(node, ast.FunctionDef) and node.name == "_format_scoring_prompt":
            texts |= _assigned(node)
    if not texts.keys() >= {"system_prompt", "user_prompt"}:
        raise DataError(f"{file}: no _format_scoring_prompt with system_prompt and user_prompt in it")
    user, system = (_with_places(texts[name], file) for name in ("user_prompt", "system_prompt"))
    return replace(ours, system=system, user=user)


def from_prometheus_eval(ours: JudgePrompt) -> tuple[JudgePrompt, str]:
    """Read the absolute-grading template of an installed prometheus-eval, and the package's version.

    Its own words all around; the instruction and the rubric in it are those of ``ours``, our prompt of the
    same layout, since the package leaves them to its users.

    Raises:
        DataError: It is not installed, or holds no such template.
    """
    try:
        package = metadata.distribution(PROMETHEUS_EVAL)
    except metadata.PackageNotFoundError:
        raise DataError(
            f"{PROMETHEUS_EVAL} is not installed here, and its template is not ours to ship;"
            f" `pip install --no-deps {PROMETHEUS_EVAL}` is enough"
        ) from None
    file = Path(str(package.locate_file(_PROMETHEUS_PROMPTS)))
    texts = _assigned(_parsed(file, f"the template of {PROMETHEUS_EVAL} {package.version}"))
    parts = [texts.get(name) for name in ("ABS_SYSTEM_PROMPT", "ABSOLUTE_PROMPT")]
    system, user = (part.value if isinstance(part, ast.Constant) else None for part in parts)
    if not isinstance(system, str) or not isinstance(user, str):
        raise DataError(f"{file}: no texts ABS_SYSTEM_PROMPT and ABSOLUTE_PROMPT in it; another version?")
    fields = {
        "instruction": _between(ours.user, "###The instruction to evaluate:\n", "\n\n###"),
        "response": "$answer",
        "reference_answer": "$reference",
        "rubric": _between(ours.user, "###Score Rubrics:\n", "\n\n###"),
    }
    template = replace(ours, system=system.replace("$", "$$"), user=_with_fields(user, fields, file))
    return template, package.version


def _with_fields(text: str, fields: Mapping[str, str], file: Path) -> str:
    """Return a ``str.format`` template as one of ours."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise DataError(f"{file}: not a template ({error})") from None
    named = [name for _, name, _, _ in parts if name is not None]
    if sorted(named) != sorted(fields):
        raise DataError(f"{file}: fields {', '.join(named)}; expected {', '.join(fields)}")
    return "".join(
        literal.replace("$", "$$") + (fields[name] if name is not None else "")
        for literal, name, _, _ in parts
    )


def _between(text: str, before: str, after: str) -> str:
    return text.partition(before)[2].partition(after)[0]


def _parsed(file: Path, what: str) -> ast.Module:
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"{file}: cannot read {what} ({error})") from None


def _assigned(tree: ast.AST) -> dict[str, ast.expr]:
    """Return what is assigned to plain names anywhere in ``tree``."""
    return {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _with_places(text: ast.expr, file: Path) -> str:
    """Return a string or an f-string as a template of ours."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    written = []
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            written.append(part.value.replace("$", "$$"))
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
            if part.value.id not in _RELEASED_FIELDS:
                raise DataError(f"{file}: the prompt has an unknown field {part.value.id!r}")
            written.append(f"${{{_RELEASED_FIELDS[part.value.id]}}}")
        else:
            raise DataError(f"{file}: the prompt is more than text and fields (line {part.lineno})")
    return "".join(written)
