"""Where a judge's prompt comes from: our own files, a user's, or other people's code that a user has.

What others have published is not ours to ship. It is read, never run, where the user has it: the paper's
judge prompt in a clone of the released code, Prometheus' template in an installed prometheus-eval.
"""

from __future__ import annotations

import ast
import string
from collections.abc import Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path

import yaml

from judges.protocol import JudgePrompt
from panoenv_tasks.items import DataError

#: What a prompt may mention, beside the package's own ``$rubric``. ``$$`` stands for a dollar sign.
PLACEHOLDERS = ("question", "type", "reference", "answer")
#: What a reader is told: never the reference.
READER_PLACEHOLDERS = ("question", "replies", "answer")

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


def built_in(name: str, places: Sequence[str] = PLACEHOLDERS) -> JudgePrompt:
    """Return one of the package's own prompts (``reference``, ``strict``, ``absolute``, ``reader``)."""
    return _parse(_packaged(f"{name}.yaml"), f"judges/prompts/{name}.yaml", places)


def from_file(path: Path) -> JudgePrompt:
    """Read a prompt file of the user's own.

    Raises:
        DataError: The file is not there, is not YAML with the texts ``system`` and ``user``, or
            mentions an unknown placeholder; or its user text lacks ``$answer`` or ``$reference``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read this prompt file ({error})") from None
    return _parse(text, str(path))


def from_release(path: Path) -> JudgePrompt:
    """Read the published judge prompt from the user's clone of the released code; it is not ours to ship.

    The scripts are not run. Their function ``_format_scoring_prompt`` holds the system text as a string and
    the user text as an f-string of the four fields.

    Args:
        path: The clone, or one of its two judge scripts.

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
    return JudgePrompt(system, user, _packaged("rubric.txt").strip())


def from_prometheus_eval() -> tuple[JudgePrompt, str]:
    """Read the absolute-grading template of an installed prometheus-eval, and the package's version.

    Its own words all around; the instruction and the rubric in it are ours, as it leaves them to its users.

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
    found = [texts.get(name) for name in ("ABS_SYSTEM_PROMPT", "ABSOLUTE_PROMPT")]
    system, user = (part.value if isinstance(part, ast.Constant) else None for part in found)
    if not isinstance(system, str) or not isinstance(user, str):
        raise DataError(f"{file}: no texts ABS_SYSTEM_PROMPT and ABSOLUTE_PROMPT in it; another version?")
    ours = built_in("absolute").user
    fields = {
        "instruction": _between(ours, "###The instruction to evaluate:\n", "\n\n###"),
        "response": "$answer",
        "reference_answer": "$reference",
        "rubric": _between(ours, "###Score Rubrics:\n", "\n\n###"),
    }
    template = JudgePrompt(
        system.replace("$", "$$"), _with_fields(user, fields, file), _packaged("rubric.txt").strip()
    )
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


def _packaged(name: str) -> str:
    return resources.files("judges.prompts").joinpath(name).read_text(encoding="utf-8")


def _parse(text: str, origin: str, places: Sequence[str] = PLACEHOLDERS) -> JudgePrompt:
    try:
        texts = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DataError(f"{origin}: not YAML ({' '.join(str(error).split())})") from None
    if not isinstance(texts, dict) or texts.keys() != {"system", "user"}:
        raise DataError(f"{origin}: expected exactly the keys `system` and `user`")
    if not all(isinstance(part, str) for part in texts.values()):
        raise DataError(f"{origin}: `system` and `user` must be texts; quote them")
    template = JudgePrompt(texts["system"], texts["user"], _packaged("rubric.txt").strip())
    for part in (template.system, template.user):
        _check(part, origin, places)
    missing = {"answer", "reference"} & set(places) - set(string.Template(template.user).get_identifiers())
    if missing:
        raise DataError(f"{origin}: `user` must mention ${' and $'.join(sorted(missing))}")
    return template


def _check(part: str, origin: str, places: Sequence[str]) -> None:
    template = string.Template(part)
    if not template.is_valid():
        raise DataError(f"{origin}: a lone $; write $$ for a dollar sign")
    known = (*places, "rubric")
    unknown = set(template.get_identifiers()) - set(known)
    if unknown:
        raise DataError(f"{origin}: unknown ${min(unknown)}; known are ${', $'.join(known)}")
