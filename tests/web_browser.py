"""A real browser before a real server on the loopback, for the tests in ``browser/``."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

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

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# A page may be seen before all of its styles have come.
_LOADED = 'if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));'
# Whether the page has to be moved sideways.
WIDER = f"""async () => {{
    {_LOADED}
    return document.documentElement.scrollWidth > document.documentElement.clientWidth;
}}"""
# What of the visible text is below the 4.5 to 1 that WCAG's level AA asks for.
CONTRAST = """async () => {
    $loaded
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const read = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = read(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255];
    };
    const weak = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || !element.checkVisibility() || element.closest(".unseen, .skip, .notice, option, kbd")) continue;
        const [a, b] = [light(read(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        const text = element.textContent.trim().slice(0, 40);
        if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${element.className} ${text}`);
    }
    return weak;
}""".replace("$loaded", _LOADED)

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
