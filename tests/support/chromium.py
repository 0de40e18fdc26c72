"""A real Chromium for tests of pages; the test skips where there is none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@contextmanager
def chromium() -> Iterator[Any]:
    """A Playwright browser context factory: ``with chromium() as new_page: page = new_page(...)``."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with tempfile.TemporaryDirectory() as profile, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS, env={"HOME": profile})

        def new_page(**options: Any) -> Any:
            page = browser.new_context(offline=True, **options).new_page()
            page.problems = []
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.on("console", lambda message: page.problems.append(message.text))
            page.on("dialog", lambda dialog: page.problems.append(f"dialog {dialog.message}"))
            page.on("request", lambda request: _note_request(page, request.url))
            return page

        try:
            yield new_page
        finally:
            browser.close()


def _note_request(page: Any, url: str) -> None:
    if not url.startswith(("file:", "data:")):
        page.problems.append(f"request {url}")
