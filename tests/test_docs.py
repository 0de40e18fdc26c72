"""The documentation's links, and the site that is built from it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it.token import Token
from support.pages import PAGES, ROOT, markdown

#: Not ``training/``: the released code has a folder of that name, and pages cite it.
OURS = ("panoenv_tasks/", "judges/", "leaderboard/", "tests/", "benchmarks/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_the_checker_sees_what_is_broken(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# One\n\n## `a_b`: it's 2, is it?\n\n## One\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#one) [c](other.md#one-1) [d](other.md#a_b-its-2-is-it)\n"
        "[e](https://nowhere.invalid) `[f](in-code.md)`\n\n```\n[g](in-code.md)\n```\n\n"
        "[h](gone.md) ![i](gone.png) [j](other.md#two) [k](#here) [l][l]\n\n[l]: gone2.md\n"
    )
    assert broken_links(page) == ["gone.md", "gone.png", "other.md#two", "#here", "gone2.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_code_spans_exist(page: Path) -> None:
    spans = (token.content for token in inline(page) if token.type == "code_inline")
    files = [span for span in spans if span.startswith(OURS) and re.fullmatch(r"[\w./-]+", span)]
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_the_site_builds_and_shows_what_github_shows(tmp_path: Path) -> None:
    """Nothing is missing from the menu, and lists and tables survive the site's other Markdown dialect."""
    pytest.importorskip("material", reason="mkdocs-material is not installed (make install)")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, env={"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    docs = [page for page in PAGES if page.is_relative_to(ROOT / "docs") and "upstream" not in page.parts]
    for page in docs:
        html = (tmp_path / page.relative_to(ROOT / "docs")).with_suffix(".html").read_text("utf-8")
        article = html.partition("<article")[2].partition("</article>")[0]
        for tag in ("li", "tr", "pre", "h2", "h3"):
            wanted = markdown().render(page.read_text("utf-8"))
            assert (page.name, tag, tags(article, tag)) == (page.name, tag, tags(wanted, tag))


def broken_links(page: Path) -> list[str]:
    """Return the targets on a page that name no file, or no heading of the file they name."""
    broken = []
    for token in inline(page):
        target = str(token.attrGet("href") or token.attrGet("src") or "")
        parts = urlsplit(target)
        if not target or parts.scheme or parts.netloc:
            continue
        file = page.parent / unquote(parts.path) if parts.path else page
        if not file.exists() or (parts.fragment and parts.fragment not in anchors(file)):
            broken.append(target)
    return broken


@lru_cache
def anchors(page: Path) -> set[str]:
    """The anchors GitHub makes of a page's headings: lower case, punctuation dropped, blanks as hyphens."""
    found: dict[str, int] = {}
    tokens = markdown().parse(page.read_text("utf-8"))
    for opening, heading in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(child.content for child in heading.children or [])
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            count = found.get(slug, 0)
            found[slug] = count + 1
            if count:
                found[f"{slug}-{count}"] = 1
    return set(found)


def inline(page: Path) -> Iterator[Token]:
    for token in markdown().parse(page.read_text("utf-8")):
        yield from token.children or []


def tags(html: str, tag: str) -> int:
    return len(re.findall(f"<{tag}[ >]", html))
