"""What an HTML page says of feeds: those that it names, those that it links to, and who made it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregator.feeds.formats.common import resolve
from aggregator.text.language import read_code

# Pages name their feeds in the head, and link to them at the top or the foot.
_START = 200_000
_LONGEST = 2_000_000
# Not application/json and text/xml+oembed: WordPress names its API and its embeds so.
FEED_TYPES = {
    *("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"),
    *("application/xml", "text/xml", "application/x-rss+xml"),
}
_WEB = ("https://", "http://")
_FEED_PATH = re.compile(
    r"/(?:feeds?|rss|atom)(?:/|$)|[/.](?:rss|atom|rdf)$|/(?:feed|rss|atom|index|all)[\w.-]*+\.(?:xml|json|rss|atom)$",
    re.IGNORECASE,
)
_FEED_WORDS = re.compile(
    r"\s*+(?:rss|atom|feed|subscribe via rss|구독\s*+\(?rss\)?|rss\s*+(?:feed|구독|2\.0))\s*+", re.IGNORECASE
)
_REFRESH = re.compile(r"\s*+[\d.]*+\s*+[;,]\s*+url\s*+=\s*+(.+)", re.IGNORECASE)
_CHANNEL = re.compile(r"UC[\w-]{22}", re.ASCII)
_MOST = 20


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """A feed of which a page tells."""

    url: str
    title: str = ""
    #: As the page tells it (hreflang), two letters; empty if it does not.
    language: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What an HTML page says, as far as it leads to feeds."""

    named: tuple[NamedFeed, ...] = ()
    #: Links in its text that look like feeds.
    linked: tuple[NamedFeed, ...] = ()
    #: The page that this one forwards to.
    forward: str = ""
    title: str = ""
    site_name: str = ""
    #: Two letters; empty if it does not say.
    language: str = ""
    generators: tuple[str, ...] = ()
    #: Hosts that its files come from, and the same with the first folder.
    hosts: frozenset[str] = frozenset()
    #: The id of a channel of YouTube.
    channel: str = ""


def read_page(document: bytes, url: str, *, is_whole: bool = False) -> Page:
    """Read an HTML page in UTF-8 from *url*; only its beginning, unless *is_whole*. A document that is not a page says
    nothing.
    """
    # Imported late: feeds do not need it.
    from lxml import etree

    try:
        tree = etree.fromstring(document[: _LONGEST if is_whole else _START], etree.HTMLParser(encoding="utf-8"))
    except etree.LxmlError:
        return Page()
    if tree is None:
        return Page()
    base = next((link for each in tree.iter("base") if (link := each.get("href"))), "")
    base = resolve(url, base.strip())
    metas = [
        (_attribute(each, "name") or _attribute(each, "property"), each.get("content") or "")
        for each in tree.iter("meta")
    ]
    said = {name: " ".join(content.split()) for name, content in reversed(metas) if name}
    return Page(
        named=_distinct(_list_named(tree, base)),
        linked=_distinct(_list_linked(tree, base)),
        forward=_find_forward(tree, base),
        title=next((" ".join((each.text or "").split()) for each in tree.iter("title")), "")[:200],
        site_name=said.get("og:site_name", "")[:200],
        language=read_code(tree.get("lang") or said.get("og:locale")),
        generators=tuple(content.strip() for name, content in metas if name == "generator" and content.strip()),
        hosts=frozenset(_list_hosts(tree, base)),
        channel=_find_channel(tree),
    )


def _attribute(element: Any, name: str) -> str:
    return (element.get(name) or "").strip().lower()


def _distinct(feeds: Iterator[NamedFeed]) -> tuple[NamedFeed, ...]:
    found: dict[str, NamedFeed] = {}
    for feed in feeds:
        if feed.url.startswith(_WEB):
            found.setdefault(feed.url, feed)
    return tuple(found.values())[:_MOST]


def _list_named(tree: Any, base: str) -> Iterator[NamedFeed]:
    for link in tree.iter("link", "a"):
        kinds = set(_attribute(link, "rel").split())
        kind = _attribute(link, "type").partition(";")[0].strip()
        is_feed = "feed" in kinds or ("alternate" in kinds and kind in FEED_TYPES)
        if is_feed and "stylesheet" not in kinds and (target := (link.get("href") or "").strip()):
            title = " ".join((link.get("title") or "").split())
            yield NamedFeed(resolve(base, target), title, read_code(link.get("hreflang")))


def _list_linked(tree: Any, base: str) -> Iterator[NamedFeed]:
    for link in tree.iter("a"):
        target = (link.get("href") or "").strip()
        path = target.partition("#")[0].partition("?")[0]
        words = link.text or link.get("title") or link.get("aria-label") or ""
        if target and not target.startswith("#") and (_FEED_PATH.search(path) or _FEED_WORDS.fullmatch(words[:100])):
            yield NamedFeed(resolve(base, target), " ".join(words.split())[:100])


def _list_hosts(tree: Any, base: str) -> Iterator[str]:
    for element in tree.iter("script", "img", "link"):
        address = element.get("src") or (element.get("href") if element.tag == "link" else "") or ""
        place = resolve(base, address.strip()).partition("//")[2].split("?")[0].split("/")
        yield place[0]
        if len(place) > 1:
            yield "/".join(place[:2])


def _find_forward(tree: Any, base: str) -> str:
    for meta in tree.iter("meta"):
        if _attribute(meta, "http-equiv") == "refresh" and (match := _REFRESH.fullmatch(meta.get("content") or "")):
            target = resolve(base, match[1].strip().strip("\"'"))
            return target if target.startswith(_WEB) else ""
    return ""


def _find_channel(tree: Any) -> str:
    for element in tree.iter("meta", "link"):
        is_id = _attribute(element, "itemprop") in {"identifier", "channelid"}
        if is_id and (match := _CHANNEL.fullmatch((element.get("content") or "").strip())):
            return match[0]
    return ""
