"""The browsers of sessions, in words. Pure."""

from __future__ import annotations

from aggregator.locales import mark
from aggregator.locales.retelling import retell

# As pipeline.sessions stores them.
_BROWSERS = (
    mark("an unknown program"),
    mark("a program on {system}"),
    mark("{browser} on {system}"),
    mark("a program"),
    mark("an iPhone"),
    mark("an iPad"),
)


def say_browser(stored: str) -> str:
    """Say the stored name of a browser, such as ``Firefox on Linux``."""
    return retell(stored, _BROWSERS)
