"""Every command that a page prints is one that the command line takes, and every task one that there is."""

from __future__ import annotations

import re
import shlex
from itertools import dropwhile, groupby
from pathlib import Path
from typing import Any

import pytest
import typer
from support.pages import PAGES, ROOT, markdown
from typer.core import TyperGroup
from typer.main import get_command

from panoenv_tasks.cli import app
from panoenv_tasks.tasks.panoenv.names import by_name

PROGRAMS = ("panoenv", "lmms-eval", "make")
_SETTING = re.compile(r"[A-Za-z_]\w*=")
_OPERATORS = set("();<>|&")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_tells_to_type_is_understood(page: Path) -> None:
    refused = [f"{' '.join(words)}: {why}" for words in commands(page) if (why := refusal(words))]
    assert refused == []


def test_the_checker_sees_what_is_not_understood(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Text: `panoenv nothing`.\n\n```bash\n# panoenv nothing\nA=1 panoenv score out \\\n  --chekc # why\n"
        "panoenv data chekc && panoenv score out --check | tail\nmake nothing\npanoenv study --plan\n"
        "lmms-eval --model x --tasks panoenv_val,panoenv_vla,mme\nlmms-eval --model x --tasks $tasks\n```\n"
    )
    said = [refusal(words) for words in commands(page)]
    expected = [
        "No such option: --chekc",
        "No such command 'chekc'.",
        "",
        "no such target",
        "Missing argument '",
        "no such task: panoenv_vla",
        "",
    ]
    assert len(said) == len(expected)
    assert all(
        why.startswith(start) and bool(why) == bool(start) for why, start in zip(said, expected, strict=True)
    )


def commands(page: Path) -> list[list[str]]:
    """The words of each command in a page's shell blocks, without variables before it."""
    found = []
    for block in markdown().parse(page.read_text("utf-8")):
        if block.type != "fence" or block.info not in ("bash", "sh"):
            continue
        for line in block.content.replace("\\\n", " ").splitlines():
            words = shlex.shlex(line, posix=True, punctuation_chars=True)
            words.whitespace_split = True
            for _, part in groupby(words, lambda word: set(word) <= _OPERATORS):
                found.append(list(dropwhile(_SETTING.match, part)))
    return [command for command in found if command and command[0] in PROGRAMS]


def refusal(words: list[str]) -> str:
    """What the program says against a command, or nothing. Places and models on a page need not exist."""
    program, *arguments = [word for word in words if word != "..."]
    if program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        return "" if {word for word in arguments if "=" not in word} <= {*targets} else "no such target"
    if program == "lmms-eval":
        named = arguments[arguments.index("--tasks") + 1] if "--tasks" in arguments else ""
        ours = [name for name in named.split(",") if name.startswith("panoenv")]
        unknown = [] if "--include_path" in arguments else [name for name in ours if name not in by_name()]
        return f"no such task: {', '.join(unknown)}" if unknown else ""
    return _parsed(get_command(app), program, arguments)


def _parsed(command: Any, name: str, arguments: list[str]) -> str:
    try:
        context = command.make_context(name, arguments)
        if not isinstance(command, TyperGroup):
            return ""
        inner, found, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    except typer.Exit:
        return ""
    except Exception as error:
        # Typer may bring a click of its own, whose classes have no public name.
        if not hasattr(error, "format_message"):
            raise
        said = str(error.format_message())
        return "" if "does not exist" in said else said
    return _parsed(found, str(inner), rest)
