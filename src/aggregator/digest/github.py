"""A page as GitHub shows it, safe for our own: tables, text struck out, addresses as links, shortcodes as emoji. Pure.

Formulas and mail addresses stay as they are written. The tests compare it with GitHub's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aggregator.digest.emoji import SHORTCODE, find_emoji
from aggregator.digest.markdown import Piece, show_page
from aggregator.digest.pictures import find_shown
from aggregator.text.html import sanitise_head

#: The headings of the page come below those of ours around it.
_BELOW = 2
_ADDRESS = re.compile(r"(?:(?<![A-Za-z0-9])https?://|(?<![^\s*_~(])www\.)[^\s<]+", re.IGNORECASE)
# What ends a sentence and not an address, and a reference such as "&lt;".
_LONGEST_END = 40
_END = re.compile(r"(?:[?!.,:*_~'\"]|&[A-Za-z0-9]++;)\Z")


def show_as_github(markdown: str) -> str:
    """Safe HTML of a page in Markdown. Pictures that are carried along are shown, of others the address is."""
    return sanitise_head(show_page(markdown, _cut, below=_BELOW), find_shown)


def _cut(text: str, is_in_link: bool) -> Iterator[Piece]:
    """Cut words where GitHub sees an address."""
    at = 0
    for found in () if is_in_link else _ADDRESS.finditer(text):
        address = _trim(found[0])
        if not _has_host(address):
            continue
        yield Piece(_show_emoji(text[at : found.start()]))
        yield Piece(address, f"http://{address}" if address[:4].lower() == "www." else address)
        at = found.start() + len(address)
    yield Piece(_show_emoji(text[at:]))


def _trim(address: str) -> str:
    closing, end = address.count(")") - address.count("("), len(address)
    while end:
        if address[end - 1] == ")" and closing > 0:
            end, closing = end - 1, closing - 1
        elif found := _END.search(address, max(0, end - _LONGEST_END), end):
            end = found.start()
        else:
            break
    return address[:end]


def _has_host(address: str) -> bool:
    scheme, _, rest = address.partition("://") if "://" in address else ("", "", address)
    names = re.split(r"[/?#:]", rest)[0].split(".")
    return bool(names[0] and names[-1]) and (bool(scheme) or len(names) > 1) and "_" not in "".join(names[-2:])


def _show_emoji(text: str) -> str:
    if text.count(":") < 2:
        return text
    shown, at = [], 0
    for found in SHORTCODE.finditer(text):
        emoji = find_emoji(found[1]) if found.start() >= at else None
        if emoji:
            shown += [text[at : found.start()], emoji]
            at = found.end() + 1
    return "".join([*shown, text[at:]])
