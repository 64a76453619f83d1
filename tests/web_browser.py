"""A real browser before a real server on the loopback, for the tests in ``browser/``."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect, sync_playwright

from aggregator.app import App
from aggregator.web.server import create_server
from aggregator.web.site import Site, build_site
from find_chromium import find_chromium

# No start page and no traffic of its own; the sandbox needs a user that is not root.
ARGUMENTS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

#: Milliseconds that the browser is waited for. A machine with much else to do may need more than Playwright's five seconds.
PATIENCE = 15_000

#: Opens a path as a logged in curator, with settings of ``Browser.new_context``.
Enter = Callable[..., Page]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Skips the test loudly where there is no browser; fails it where there must be one (``CI=true``)."""
    path = find_chromium()
    if path is None:
        missing = "NO BROWSER TEST RAN: install Debian's chromium, or run `playwright install chromium`"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Stage:
    """One server before one browser. The tests come one after the other, each with an App of its own.

    A context of the browser keeps its first page, on which the next test begins: a page of its own would be a process
    of its own, and would cost as much as all that a test does there.
    """

    def __init__(self, browser: Browser) -> None:
        #: What the browser complains of: errors of scripts, violations of the content security policy, failed requests.
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}
        #: The page of each context that no test has now.
        self._at_rest: dict[BrowserContext, Page] = {}
        self._sizes: dict[BrowserContext, ViewportSize | None] = {}
        self._stack = ExitStack()
        self._served: _Served

    def show(self, app: App) -> None:
        """From now on the server serves this App."""
        if not hasattr(self, "_served"):
            self._served = self._stack.enter_context(_serve(create_server(app)))
        else:
            self._served.site = build_site(app)

    def open_page(self, path: str = "/", **settings: object) -> Page:
        """A page of a logged in curator, in the context with these settings."""
        context = self._find_context(settings)
        # Only the cookie of a new session is left.
        sessions = self._served.site.sessions
        context.clear_cookies()
        context.add_cookies([{"name": sessions.cookie, "value": sessions.begin(""), "url": self._served.address}])
        page = self._at_rest.pop(context, None) or context.new_page()
        page.goto(self._served.address + path)
        return page

    def clear(self) -> None:
        """Leave what a test has opened, before its App is closed."""
        for context in self._contexts.values():
            if context in self._at_rest:
                continue
            context.unroute_all()
            # A clock that a test has paused is that of all pages of the context.
            context.clock.resume()
            for number, page in enumerate(context.pages):
                # Chromium may never close a page that is on its way to another address.
                _arrive(page, self._served.address + "/healthz")
                if number:
                    page.close()
                else:
                    self._at_rest[context] = _make_new(page, self._sizes[context])
        self._served.finish_answers()

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()
        self._stack.close()

    def _find_context(self, settings: dict[str, object]) -> BrowserContext:
        key = repr(sorted(settings.items()))
        if key not in self._contexts:
            context = self._contexts[key] = self._browser.new_context(**settings)  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE)
            self._at_rest[context] = page = context.new_page()
            self._sizes[context] = page.viewport_size
            context.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
            context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))
        return self._contexts[key]


def _arrive(page: Page, address: str) -> None:
    for _ in range(3):
        try:
            page.goto(address)
            break
        except Error:  # The page went where it was going.
            continue


def _make_new(page: Page, size: ViewportSize | None) -> Page:
    """What a test has changed of a page is as it was."""
    page.unroute_all()
    if size and page.viewport_size != size:
        page.set_viewport_size(size)
    page.evaluate("() => { sessionStorage.clear(); localStorage.clear(); }")
    page.emulate_media(color_scheme="null")
    return page


class _Served:
    """A page that is being served."""

    def __init__(self, page: FastAPI, server: uvicorn.Server, address: str) -> None:
        self.address = address
        self._page = page
        self._server = server

    @property
    def site(self) -> Site:
        site: Site = self._page.state.site
        return site

    @site.setter
    def site(self, site: Site) -> None:
        self._page.state.site = site

    def finish_answers(self) -> None:
        """Wait for the answers that nobody waits for any more."""
        until = time.monotonic() + 30
        while answering := self._server.server_state.tasks:
            assert time.monotonic() < until, [str(task.get_stack()) for task in answering]
            time.sleep(0.005)


@contextmanager
def _serve(page: FastAPI) -> Iterator[_Served]:
    """Serve on a free port."""
    config = uvicorn.Config(
        page,
        log_config=None,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        # The socket listens already: what is asked before the server is up waits in it.
        yield _Served(page, server, f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
