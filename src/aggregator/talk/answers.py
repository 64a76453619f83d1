"""What an answer says of posts. Every source answers as it documents; what is not as expected is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.exceptions import ParseError
from aggregator.talk.inquiries import Inquiry
from aggregator.talk.sources import PLACES
from aggregator.text.charset import decode_document
from aggregator.text.html import unescape
from aggregator.types import Signal, TalkSource

#: Bytes of an answer that are read.
MOST_BYTES = 2_000_000
_MOST_LINKS = 2000
_MOST = 1_000_000_000
# A row of GeekNews: its title with the address, its points with the number of the topic, its comments.
_HREF = re.compile(r"""href=["']?([^"'\s>]{1,2000})""")
_POINTS = re.compile(r"""\bid=["']?tp(\d{1,12})["']?[^>]{0,200}>\s{0,20}(\d{1,7})""")
_COMMENTS = re.compile(r"""data-topic-comment-count=["']?(\d{1,7})""")
# In HTML and in feeds, whose own HTML may be escaped.
_ADDRESS = re.compile(r"""href=["']([^"'\s<>]{1,2000})|<link>\s{0,20}(https?://[^\s<]{1,2000})""")


def read_answer(inquiry: Inquiry, body: bytes, content_type: str | None, now: datetime) -> list[Signal]:
    """What an answer says of posts. Raises ParseError if it is not what this source gives."""
    try:
        return _read(inquiry, body, content_type, now)
    except (ValueError, RecursionError) as error:
        name = PLACES[inquiry.source].name
        raise ParseError(inquiry.url, f"the answer is not what {name} gives: {error}") from error


def _read(inquiry: Inquiry, body: bytes, content_type: str | None, now: datetime) -> list[Signal]:
    match inquiry.source:
        case TalkSource.GEEKNEWS:
            return list(_read_geeknews(inquiry, _decode(body, content_type), now))
        case TalkSource.LISTS:
            return list(_read_links(inquiry, _decode(body, content_type), now))
    found = json.loads(body)
    match inquiry.source:
        case TalkSource.HACKER_NEWS:
            stories = [(one, one.get("points"), one.get("num_comments")) for one in _list(found, "hits")]
            page = "https://news.ycombinator.com/item?id={objectID}"
        case TalkSource.LOBSTERS:
            stories = [(one, one.get("score"), one.get("comment_count")) for one in _list(found)]
            page = "https://lobste.rs/s/{short_id}"
        case TalkSource.REDDIT:
            posts = [one["data"] for one in _list(found, "data", "children") if isinstance(one.get("data"), dict)]
            stories = [(one, one.get("score"), one.get("num_comments")) for one in posts]
            page = "https://www.reddit.com/{permalink}"
        case TalkSource.GITHUB:
            return list(_count(inquiry, now, inquiry.page, stars=_get(found, "stargazers_count")))
        case _:
            likes = _get(found, "likes") or _get(found, "upvotes")
            return list(_count(inquiry, now, inquiry.page, likes=likes, downloads=_get(found, "downloads")))
    return list(_read_stories(inquiry, stories, page, now))


def _read_stories(
    inquiry: Inquiry, stories: list[tuple[dict[str, Any], Any, Any]], page: str, now: datetime
) -> Iterator[Signal]:
    """Of several stories about a post, the one with most points and comments counts."""
    about = [story for story in stories if _is_about(story[0].get("url"), inquiry.about)]
    best = max(about, key=lambda story: _read_number(story[1]) + _read_number(story[2]), default=None)
    if best is not None:
        story, points, comments = best
        yield from _count(inquiry, now, clean_url(_fill(page, story)), points=points, comments=comments)


def _fill(page: str, story: dict[str, Any]) -> str:
    return re.sub(r"{(\w+)}", lambda name: str(story.get(name[1], ""))[:500].lstrip("/"), page)


def _is_about(url: Any, address: str) -> bool:
    cleaned = clean_url(url) if isinstance(url, str) else None
    return cleaned is not None and canonicalise_url(cleaned) == address


def _count(inquiry: Inquiry, now: datetime, page: str | None, *, of: str = "", **counts: Any) -> Iterator[Signal]:
    for name, number in counts.items():
        if value := _read_number(number):
            yield Signal(of or inquiry.about, inquiry.source.of_signals, name, value, now, page)


def _read_number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < _MOST else 0.0


def _list(found: Any, *path: str) -> list[dict[str, Any]]:
    for name in path:
        found = _get(found, name)
    if not isinstance(found, list):
        raise ValueError("a list is missing")
    return [one for one in found if isinstance(one, dict)]


def _get(found: Any, name: str) -> Any:
    if not isinstance(found, dict):
        raise ValueError("fields are missing")
    return found.get(name)


def _decode(body: bytes, content_type: str | None) -> str:
    return decode_document(body, content_type)[0].decode("utf-8", "replace")


def _read_geeknews(inquiry: Inquiry, text: str, now: datetime) -> Iterator[Signal]:
    head, *rows = text.split("topictitle")
    if not rows and "hada" not in head.lower() and "geeknews" not in head.lower():
        raise ValueError("another page")
    for row in rows[:_MOST_LINKS]:
        link, points, comments = _HREF.search(row), _POINTS.search(row), _COMMENTS.search(row)
        url = clean_url(unescape(link[1])) if link else None
        # A question to its readers has an address of its own there.
        if url is None or points is None:
            continue
        address = canonicalise_url(url)
        if not inquiry.is_list and address != inquiry.about:
            continue
        page = f"https://{PLACES[inquiry.source].host}/topic?id={points[1]}"
        number = int(comments[1]) if comments else 0
        yield from _count(inquiry, now, page, of=address, points=int(points[2]), comments=number)


def _read_links(inquiry: Inquiry, text: str, now: datetime) -> Iterator[Signal]:
    """The posts that a page or feed links to; each counts as one link, however often it stands there."""
    found = dict.fromkeys(
        cleaned
        for whole in (text, unescape(text))
        for match in islice(_ADDRESS.finditer(whole), _MOST_LINKS)
        if (cleaned := clean_url(unescape(match[1] or match[2]), inquiry.url))
    )
    for url in found:
        yield Signal(canonicalise_url(url), f"{inquiry.source}:{inquiry.url}", "links", 1.0, now, inquiry.url)
