"""Addresses of pages that other pages link to. Pure."""

from __future__ import annotations

from urllib.parse import urlencode

from aggregator.types import Month


def path_in_queue(month: Month, post_id: int) -> str:
    """Return the address of a post among all candidates of its month."""
    return path_in_view(f"/queue/{month}?show=all", post_id)


def path_in_view(path: str, post_id: int, then: int | None = None) -> str:
    """Return the address of a view of the queue with one post in sight and open; or with the next one open, *then*."""
    opened = f"&open={then}" if then else ""
    return f"{path}{'&' if '?' in path else '?'}done={post_id}{opened}#post-{then or post_id}"


def path_to_add(address: str, title: str = "") -> str:
    """Return the address of the form that adds the post at an address."""
    return f"/add?{urlencode({'url': address, 'title': title} if title else {'url': address})}"


def find_local_path(text: str) -> str | None:
    """Return an address to go back to if it stays on this site: a path that begins with a single slash.

    Browsers read ``\\`` as a slash and skip control characters, so both could hide a second slash.
    """
    safe = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if safe and not any(mark.isspace() for mark in text) else None
