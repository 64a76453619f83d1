"""One browser for the tests of a file, and pages of a logged in curator in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from web_browser import Enter, open_browser, serve
from world import Curator


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complains of: errors of scripts, violations of the content security policy, failed requests.

    Whatever a test does not take out of the list itself fails it.
    """
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def enter(browser: Browser, curator: Curator, complaints: list[str]) -> Iterator[Enter]:
    """Opens a page as a logged in curator."""
    contexts: list[BrowserContext] = []
    with serve(curator.app) as address:

        def open_page(path: str = "/", **settings: object) -> Page:
            context = browser.new_context(base_url=address, **settings)  # type: ignore[arg-type]
            context.set_default_timeout(15_000)
            contexts.append(context)
            context.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
            context.on("weberror", lambda error: complaints.append(f"error: {error.error}"))
            page = context.new_page()
            page.goto(f"/login?key={curator.app.login_key}")
            page.goto(path)
            return page

        yield open_page
        for context in contexts:
            context.close()
