"""Markdown tables: their form, and that no cell can break out of its place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from panoenv_tasks.markdown import escape, one_line, table


def test_a_table():
    assert table(["model", "n"], [["a", 1], ["b", None]]) == "| model | n |\n|---|---|\n| a | 1 |\n| b |  |"


def test_columns_are_aligned_as_asked():
    assert table(["a", "b", "c"], [], align="lrc").splitlines()[1] == "|---|---:|:---:|"


@pytest.mark.parametrize("align", ["", "lr"])
def test_a_row_of_another_length_is_an_error(align):
    with pytest.raises(ValueError, match="a table of 2 columns cannot hold"):
        table(["a", "b"], [["only one"]], align=align)
    with pytest.raises(ValueError, match="a table of 1 columns"):
        table(["a"], [["x"]], align="lr")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a|b", r"a\|b"),
        ("**bold**", r"\*\*bold\*\*"),
        ("`code`", r"\`code\`"),
        ("_emphasis_", r"\_emphasis\_"),
        ("[text](http://x)", r"[text\](http://x)"),
        ("![picture](x)", r"![picture\](x)"),
        ("<script>", r"\<script>"),
        ("</b>", r"\</b>"),
        ("&lt;", r"\&lt;"),
        ("&#124;", r"\&#124;"),
        ("~~gone~~", r"\~\~gone\~\~"),
        ("back\\slash", r"back\\slash"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x07\u202e\ud800", "[31mred"),
    ],
)
def test_markup_and_controls_have_no_effect(raw, shown):
    assert escape(raw) == shown


@pytest.mark.parametrize(
    "plain", ["relpos_cardinal", "[45.0, 52.1]", "p < 0.05", "R & D", "± 1.2 %", "Qwen/Qwen2.5-VL-3B", "-"]
)
def test_what_needs_no_escape_reads_as_before(plain):
    assert escape(plain) == plain


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_no_cell_changes_the_number_of_rows_or_columns(cells):
    line = table(["x"] * len(cells), [cells]).splitlines()
    assert len(line) == 3
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line[2])) == len(cells) + 1


@given(st.lists(st.text(alphabet='ab1 ._*|\\`<>&;[]()#~!:/-="\n'), min_size=1, max_size=3))
def test_a_markdown_renderer_shows_each_cell_as_it_is(cells):
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = markdown.parse(table(["x"] * len(cells), [cells]))
    shown = [token.children for token in tokens if token.type == "inline"][len(cells) :]
    assert [{part.type for part in parts} <= {"text", "text_special"} for parts in shown] == [True] * len(
        cells
    )
    assert ["".join(part.content for part in parts) for parts in shown] == [
        " ".join(c.split()) for c in cells
    ]


def test_long_text_is_cut():
    assert one_line("a  b\nc") == "a b c"
    assert one_line("abcdef", 6) == "abcdef"
    assert one_line("abcdefg", 6) == "abcde…"
