"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read as feeds write it: a value of another type than expected is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from aggregator.feeds.formats.common import HTML, TEXT, FoundEntry, FoundFeed, Link, Text, strip_illegal

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d+(?:\.\d+)?)")
_ITEMS = re.compile(r'"items"\s*+:\s*+\[')
_BETWEEN = re.compile(r"[\s,]*+")


def read_json_feed(text: str) -> FoundFeed | None:
    """Read a document, or return None if it is another kind of JSON. Raises ValueError if it is not JSON.

    Of a document that breaks off, the complete items are read, with a warning.
    """
    text = text.strip()
    warning = None
    try:
        # Raw line breaks and control characters inside a text as well.
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        document = _read_complete(text)
        if not isinstance(document, dict) or not document.get("items"):
            raise ValueError(str(error)) from error
        warning = f"the JSON breaks off; its {len(document['items'])} complete entries are read"
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    version = _VERSION.match(_text(document, "version"))
    if version is None:
        return None
    links = (("alternate", HTML, _address(document, "home_page_url")), ("next", None, _address(document, "next_url")))
    return FoundFeed(
        version="json" + version[1].replace(".", "").ljust(2, "0"),
        title=_text(document, "title") or None,
        title_type=TEXT,
        links=[Link(rel, kind, address) for rel, kind, address in links if address],
        entries=[_read_item(item) for item in document["items"] if isinstance(item, dict)],
        warning=warning,
        is_cut=warning is not None,
    )


def _read_complete(text: str) -> Any:
    """The members before the items, with the complete items; None if not even that can be read."""
    start = _ITEMS.search(text)
    if start is None:
        return None
    try:
        document = json.loads(text[: start.end()] + "]}", strict=False)
        document["items"] = list(_list_items(text, start.end()))
    except (ValueError, RecursionError, TypeError):
        return None
    return document


def _list_items(text: str, place: int) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    while True:
        between = _BETWEEN.match(text, place)
        try:
            item, place = decoder.raw_decode(text, between.end() if between else place)
        except (ValueError, RecursionError):
            return
        yield item


def _read_item(item: dict[str, Any]) -> FoundEntry:
    markup, text, summary = (_text(item, key) for key in ("content_html", "content_text", "summary"))
    pictures = [_address(item, "image"), _address(item, "banner_image")]
    return FoundEntry(
        id=_text(item, "id") or None,
        title=_text(item, "title"),
        title_type=TEXT,
        summary=Text(summary, TEXT) if summary else None,
        contents=[Text(markup)] if markup else [Text(text, TEXT)] if text else [],
        links=list(_list_links(item)),
        authors=_list_authors(item),
        tags=_list_tags(item.get("tags")),
        published=_text(item, "date_published") or None,
        updated=_text(item, "date_modified") or None,
        thumbnails=[(url, None) for url in pictures if url],
    )


def _text(found: dict[str, Any], key: str) -> str:
    """The value as text. Ids and times are numbers in some feeds (1.0: "the reader should coerce")."""
    value = found.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return strip_illegal(value).strip() if isinstance(value, str) else ""


def _address(found: dict[str, Any], key: str) -> str:
    return _text(found, key) if isinstance(found.get(key), str) else ""


def _list_links(item: dict[str, Any]) -> Iterator[Link]:
    for key, rel in (("url", "alternate"), ("external_url", "related")):
        if url := _address(item, key):
            yield Link(rel, HTML, url)
    attachments = item.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else []:
        if isinstance(attachment, dict) and (url := _address(attachment, "url")):
            yield Link("enclosure", _text(attachment, "mime_type").lower() or None, url)


def _list_authors(item: dict[str, Any]) -> list[str]:
    """``authors`` of version 1.1, else ``author`` of 1.0."""
    authors = item.get("authors") or item.get("author")
    names = []
    for author in authors if isinstance(authors, list) else [authors]:
        if isinstance(author, dict):
            names.append(_text(author, "name"))
        elif isinstance(author, str):
            names.append(strip_illegal(author).strip())
    return [name for name in names if name]


def _list_tags(tags: Any) -> list[str]:
    if isinstance(tags, str):
        tags = tags.split(",")
    return [strip_illegal(tag).strip() for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
