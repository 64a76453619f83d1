"""When each line of a list was chosen, by the history of its file in git. Pure: the history is given as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from aggregator.addresses.urls import canonicalise_url, clean_url

#: How git is asked to write each commit: its mark, and the moment at which it was made.
COMMIT_FORMAT = "\x01%cI"
_MARK = "\x01"
#: Where addresses end in Markdown and HTML.
_ADDRESS = re.compile(r"""https?://[^\s<>"'\]|]+""")
_CLOSING = ".,;:!?*_"


def read_history(patches: Iterable[str]) -> Mapping[str, datetime]:
    """Find when each address was added first, by its canonical form. *patches* are the lines of ``git log -p`` with
    ``COMMIT_FORMAT``, the newest commit first.
    """
    found: dict[str, datetime] = {}
    moment: datetime | None = None
    for line in patches:
        if line.startswith(_MARK):
            moment = _read_moment(line[1:].strip())
        elif moment and line.startswith("+") and not line.startswith("+++"):
            for address in list_addresses(line):
                # Clocks differ, so an older commit may come first.
                found[address] = min(moment, found.get(address, moment))
    return found


def _read_moment(said: str) -> datetime | None:
    """When a commit was made; None if its clock was wrong."""
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None


def list_addresses(text: str) -> list[str]:
    """The canonical addresses in a line of Markdown."""
    found = list[str]()
    for match in _ADDRESS.finditer(text):
        # As Markdown and HTML read it.
        if url := clean_url(trim_address(match[0]).replace("&amp;", "&")):
            found.append(canonicalise_url(url))
    return found


def trim_address(address: str) -> str:
    """An address without the signs that end its link or its sentence; a pair of parentheses is its own."""
    # The link may end in the midst of what was found: "…/post)(note)".
    depth = 0
    for at, sign in enumerate(address):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return address[:at]
    return address.rstrip(_CLOSING)
