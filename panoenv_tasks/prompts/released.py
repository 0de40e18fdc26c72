"""The paper's own prompts, read from a clone of the code that was released with it.

They are not ours to ship. In the clone, ``get_question_template(task_type, question_type)`` returns a text
with the place ``{Question}``. The file is parsed, never imported or run: what decides among its returns are
comparisons of the two arguments with constants, and only those are followed.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

from panoenv_tasks.items import QUESTION_TYPES, DataError, QuestionType

#: Where the method stands in the clone, and its names for our task.
FILE = Path("training/src/open-r1-multimodal/src/open_r1/vlm_modules/qwen_module.py")
METHOD = "get_question_template"
_TASK = "omni_vqa"
_PLACE = "{Question}"
#: Characters; a text that doubles itself line by line would fill the memory.
_LONGEST = 100_000


def released_templates(clone: Path) -> dict[QuestionType, str]:
    """Return the released text for each question type; the question's place is ``{question}``.

    Args:
        clone: The clone's folder, or the file itself.

    Raises:
        DataError: The file is not there or not Python, has no such method, or decides in another way than
            described above; the message names the line.
    """
    file = clone if clone.is_file() else clone / FILE
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{clone}: no {FILE} inside; expected a clone of the paper's released code") from None
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise DataError(f"{file}: not readable as Python ({error})") from None
    methods = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == METHOD]
    if not methods:
        raise DataError(f"{file}: no method {METHOD}; expected the paper's released code")
    arguments = [a.arg for a in methods[0].args.args if a.arg != "self"]
    if len(arguments) != 2:
        raise DataError(f"{file}:{methods[0].lineno}: {METHOD} takes {len(arguments)} arguments; expected 2")
    templates = {}
    for question_type in QUESTION_TYPES:
        names = dict(zip(arguments, (_TASK, question_type), strict=True))
        text = _Reading(file).returned(methods[0].body, names)
        if text is None or text.count(_PLACE) != 1:
            raise DataError(f"{file}: {METHOD} gives no text with one {_PLACE} for {question_type}")
        templates[question_type] = _ours(text)
    return templates


def _ours(text: str) -> str:
    """Turn a text for ``str.format(Question=...)`` into one of our templates."""
    before, after = (part.replace("{{", "{").replace("}}", "}") for part in text.split(_PLACE))
    return f"{before}{{question}}{after}"


class _Reading:
    """Follows one function for given arguments, as far as its text is decided by them."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def returned(self, body: Sequence[ast.stmt], names: dict[str, str]) -> str | None:
        """Return the text that the statements return; None when they come to their end without one."""
        for statement in body:
            if isinstance(statement, ast.Return) and statement.value is not None:
                return self._text(statement.value, names)
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                text = self._text(statement.value, names)
                if len(text) > _LONGEST:
                    raise self._strange(statement)
                names[statement.targets[0].id] = text
                continue
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            inner = self.returned(self._chosen(statement, names), names)
            if inner is not None:
                return inner
        return None

    def _chosen(self, statement: ast.stmt, names: Mapping[str, str]) -> Sequence[ast.stmt]:
        if isinstance(statement, ast.If):
            return statement.body if self._holds(statement.test, names) else statement.orelse
        if isinstance(statement, ast.Match):
            subject = self._text(statement.subject, names)
            for case in statement.cases:
                if self._fits(case.pattern, subject):
                    if case.guard is not None:
                        raise self._strange(case.guard)
                    return case.body
            return ()
        raise self._strange(statement)

    def _holds(self, test: ast.expr, names: Mapping[str, str]) -> bool:
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, (right,) = self._text(test.left, names), test.comparators
            if isinstance(test.ops[0], ast.Eq):
                return left == self._text(right, names)
            if isinstance(test.ops[0], ast.In) and isinstance(right, ast.Tuple | ast.List | ast.Set):
                return left in [self._text(element, names) for element in right.elts]
        raise self._strange(test)

    def _fits(self, pattern: ast.pattern, subject: str) -> bool:
        if isinstance(pattern, ast.MatchOr):
            return any(self._fits(alternative, subject) for alternative in pattern.patterns)
        if isinstance(pattern, ast.MatchValue):
            return subject == self._text(pattern.value, {})
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
            return True
        raise self._strange(pattern)

    def _text(self, value: ast.expr, names: Mapping[str, str]) -> str:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
        if isinstance(value, ast.Name) and value.id in names:
            return names[value.id]
        if isinstance(value, ast.JoinedStr):
            return "".join(self._text(part, names) for part in value.values)
        if isinstance(value, ast.FormattedValue) and value.conversion == -1 and value.format_spec is None:
            return self._text(value.value, names)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            return self._text(value.left, names) + self._text(value.right, names)
        raise self._strange(value)

    def _strange(self, node: ast.AST) -> DataError:
        line = getattr(node, "lineno", 0)
        return DataError(
            f"{self._file}:{line}: {METHOD} does more than compare its arguments; copy its texts into a "
            "prompt pack of your own (prompts/default.yaml shows the form)"
        )
