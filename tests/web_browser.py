"""A real browser before a real server on the loopback, for the tests in ``browser/``."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from aggregator.app import App
from aggregator.web.server import create_server
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


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Skips the test loudly where there is no browser; fails it where there must be one (``CI=true``)."""
    path = find_chromium()
    if path is None:
        missing = "NO BROWSER TEST RAN: install Debian's chromium, or run `playwright install chromium`"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def serve(app: App) -> Iterator[str]:
    """Serve an App on a free port; gives the address."""
    config = uvicorn.Config(
        create_server(app), host="127.0.0.1", port=0, log_level="warning", access_log=False, ws="none"
    )
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        # The socket listens already: what is asked before the server is up waits in it.
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
