"""Finds what the HTML of a text discloses besides its words: that its links are paid for, or that only members get the
rest. Pure.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Sequence

from aggregator.locales import mark
from aggregator.text.html import TAG, normalise
from aggregator.types import Disclosure, DisclosureKind, DisclosureSource

#: Evidence, as it is stored: for one link and for several; for a text that ends early.
PAID = mark("{number} of {links} link marked as sponsored"), mark("{number} of {links} links marked as sponsored")
CUT_OFF = mark("Substack ends its text with “Read more”")

_LINK = re.compile(r"<a\b" + TAG.pattern[1:])
_REL = re.compile(r' rel="([^"]*)"')
_HREF = re.compile(r' href="([^"]*)"')
# Medium sends stories for members cut to its feeds, and all stories to those of a tag: their links say
# source=rss------name-5.
_TAIL = 1000
_MEDIUM = re.compile(r"Continue reading on ([^<>»]{1,80})»")
_OF_FEED = re.compile(r"[?;]source=rss-(?!-----[a-z])")
_SUBSTACK = re.compile(
    r'<a href="https://[\w-]{1,63}\.substack\.com/p/[^"<>]*"[^<>]*>\s*+Read more\s*+</a>[^a-z]*+(?:p>)?\s*+\Z'
)


def find_marks(sanitised: str, links: Sequence[str]) -> tuple[Disclosure, ...]:
    """Find what HTML from ``text.sanitise_html`` discloses; *links* are all addresses in it."""
    return tuple(filter(None, (_find_cut(sanitised), find_paid(links, _list_paid(sanitised)))))


def find_paid(links: Sequence[str], paid: Collection[str]) -> Disclosure | None:
    """Disclose paid links if most links of a post are among the *paid* ones; a few say nothing about the rest."""
    count = sum(link in paid for link in links)
    if 2 * count <= len(links):
        return None
    said = PAID[len(links) != 1].format(number=count, links=len(links))
    return Disclosure(DisclosureKind.SPONSORED, said, DisclosureSource.LINKS)


def _list_paid(sanitised: str) -> set[str]:
    """The addresses of links with rel=sponsored."""
    tags = [tag[0] for tag in _LINK.finditer(sanitised)] if " sponsored" in sanitised else []
    return {
        html.unescape(address[1])
        for tag in tags
        if (rel := _REL.search(tag)) and "sponsored" in rel[1].split() and (address := _HREF.search(tag))
    }


def _find_cut(sanitised: str) -> Disclosure | None:
    tail = sanitised[-_TAIL:]
    if found := _MEDIUM.search(tail):
        name = normalise(html.unescape(found[1]))
        if (name == "Medium" and "source=rss" not in tail) or (name and _OF_FEED.search(tail)):
            return Disclosure(DisclosureKind.MEMBERS_ONLY, f"Continue reading on {name} »")
    if _SUBSTACK.search(tail):
        return Disclosure(DisclosureKind.MEMBERS_ONLY, CUT_OFF, DisclosureSource.LINKS)
    return None
