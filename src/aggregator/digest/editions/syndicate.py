"""What feed readers get: Atom (RFC 4287) and JSON Feed 1.1. Pure."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
# XML cannot carry these in any form.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """A post of the shortlist, or a digest."""

    #: What it is about, which never changes: the canonical address of a post.
    about: str
    #: None if nobody can open it.
    url: str | None
    title: str
    html: str
    author: str
    published_at: datetime
    updated_at: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Syndicate:
    """A feed of this program, for feed readers."""

    #: What it is about, which never changes.
    about: str
    title: str
    #: The address of the feed itself, and of the page with the same content; None if they have none.
    url: str | None
    page: str | None
    author: str
    updated_at: datetime
    items: Sequence[Item]
    language: str | None = None


def write_atom(syndicate: Syndicate) -> bytes:
    """Write a feed as Atom."""
    root = ET.Element("feed", {"xmlns": _ATOM} | _say_language(syndicate))
    _add_common(root, _name(syndicate.about), syndicate.title, syndicate.updated_at, syndicate.author)
    _add_link(root, "self", syndicate.url)
    _add_link(root, "alternate", syndicate.page)
    for item in syndicate.items:
        entry = ET.SubElement(root, "entry", _say_language(item))
        _add_common(entry, _name(item.about), item.title, item.updated_at, item.author)
        _add(entry, "published", item.published_at.isoformat())
        _add_link(entry, "alternate", item.url)
        _add(entry, "content", item.html, type="html")
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def write_json_feed(syndicate: Syndicate) -> bytes:
    """Write a feed as JSON Feed 1.1."""
    items = [
        {
            "id": _name(item.about),
            "title": item.title,
            "content_html": item.html,
            "date_published": item.published_at.isoformat(),
            "date_modified": item.updated_at.isoformat(),
            "authors": [{"name": item.author}],
        }
        | _leave_out({"url": item.url, "language": item.language})
        for item in syndicate.items
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": syndicate.title,
        **_leave_out({"home_page_url": syndicate.page, "feed_url": syndicate.url, "language": syndicate.language}),
        "authors": [{"name": syndicate.author}],
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def _leave_out(values: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out what is not known."""
    return {name: value for name, value in values.items() if value}


def _say_language(about: Syndicate | Item) -> dict[str, str]:
    return _leave_out({"xml:lang": about.language})


def _name(about: str) -> str:
    """Name it for good; its address may change."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"aggregator {about}").urn


def _add_common(parent: ET.Element, name: str, title: str, updated_at: datetime, author: str) -> None:
    _add(parent, "id", name)
    _add(parent, "title", title)
    _add(parent, "updated", updated_at.isoformat())
    _add(ET.SubElement(parent, "author"), "name", author)


def _add_link(parent: ET.Element, relation: str, address: str | None) -> None:
    if address:
        ET.SubElement(parent, "link", {"rel": relation, "href": _ILLEGAL.sub("", address)})


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = _ILLEGAL.sub("", text)
