"""Says where a Chromium for the browser tests is; exits with 1 when there is none."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def find_chromium() -> str | None:
    """The system's Chromium or Chrome, else the one that Playwright brought; None when there is neither."""
    # First the one that has no windows: it begins soonest.
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() and os.access(own, os.X_OK) else None


if __name__ == "__main__":
    found = find_chromium()
    print(found or "no Chromium found; Playwright is asked to install its own")
    sys.exit(found is None)
