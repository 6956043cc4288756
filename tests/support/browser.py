"""Debian's headless Chromium, driven by playwright; where there is none, the tests of it are skipped with a word."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

BROWSER_NAME = "chromium-headless-shell"
BROWSER_PACKAGES = f"{BROWSER_NAME} fonts-noto-cjk"
MISSING = f"the page in a browser is NOT TESTED: apt-get install {BROWSER_PACKAGES}"
LOOPBACK = {"127.0.0.1", "localhost"}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Where CI is set, a missing browser is a failure."""
    if not (path := shutil.which(BROWSER_NAME)):
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        # no sandbox: the tests run as root in a container, over pages of our own
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page in a context of its own, and what went wrong in it."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)


@contextmanager
def open_tab(browser: Browser, width: int = 1280, *, dark: bool = False, **options: object) -> Iterator[Tab]:
    """At its end there were no errors on the console, and no request left this machine."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        **({"locale": "zh-CN"} | options),  # type: ignore[arg-type]
    )
    tab = Tab(context.new_page(), context)
    tab.page.on("console", lambda one: tab.complaints.append(one.text) if one.type in ("error", "warning") else None)
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on("request", lambda one: _note_foreign(tab, one.url))
    try:
        yield tab
        assert not tab.complaints
    finally:
        context.close()


def _note_foreign(tab: Tab, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.hostname not in LOOPBACK:
        tab.complaints.append(f"a request to {url}")
