"""Reads posts and what became of them from JSON lines: candidates by month, and those of one mixed month. Pure.

Each line is an object with ``url``, ``title``, ``published`` (2022-12, a day, or a time), ``source``, and if known
``text`` (or ``summary``), ``organisation`` and ``language``. A post with ``printed`` belongs to its own month; if it
was printed, it has ``part`` and ``topic``. A post without ``printed`` has the labels of a reader: ``scope`` (in or
out), and if known ``sure``, ``part`` and ``topic``. All labelled posts form one month, regardless of their dates. Other
keys are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import canonicalise_url, clean_url, host_of
from aggregator.evaluate.json_lines import read_records
from aggregator.evaluate.mixture import Labelled
from aggregator.locales import mark, t
from aggregator.rank.record import name_place
from aggregator.shipped import SHIPPED
from aggregator.types import (
    Candidate,
    Correction,
    DateConfidence,
    DateSource,
    Feed,
    Kind,
    Month,
    Post,
    Section,
)

# A date that is only a month becomes the middle of the month, which is neither the newest nor the oldest.
_MIDDLE = 15
# Older than every date, so that it comes last if sorted newest first.
_NEVER = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of files."""

    #: The candidates of each month, in the order of the files; ``printed_in`` is their own month if they were printed.
    months: dict[Month, list[Candidate]] = field(default_factory=dict)
    #: The posts that a reader labelled.
    mixed: list[Labelled] = field(default_factory=list)


def read_posts(files: Iterable[tuple[str, str]], *, zone: ZoneInfo, feeds: Mapping[str, Feed]) -> Posts:
    """Read the posts of files, given as pairs of name and text, and number them in order.

    The feed of a post is the one with its ``source`` as key, else the one whose posts have the same place. The kind of
    a post is that of its feed, else that of a feed on the same host, else it depends on whether the post names an
    organisation. Raises ExampleError with the line.
    """
    reader = _Reader(zone, feeds)
    for file, text in files:
        read_records(text, file, reader.read)
    return reader.posts


class _Date(NamedTuple):
    """When a post was published, its month in the curator's calendar, and the confidence of the date."""

    at: datetime
    month: Month
    confidence: DateConfidence = DateConfidence.FAIR


class _Reader:
    """Reads posts from objects, for a curator in a time zone who follows some feeds."""

    def __init__(self, zone: ZoneInfo, feeds: Mapping[str, Feed]) -> None:
        self.posts = Posts()
        self._numbers = count(1)
        self._zone = zone
        self._feeds = feeds
        self._by_host = {host_of(feed.site or feed.url): feed for feed in feeds.values()}
        self._by_place = {
            name_place(address): feed for feed in feeds.values() for address in (feed.url, feed.site) if address
        }

    def read(self, data: Mapping[str, Any]) -> None:
        """Add a post. Raises ValueError, and OverflowError for a date outside the calendar."""
        if "scope" in data and "printed" not in data:
            self.posts.mixed.append(self._read_labelled(data))
        else:
            candidate = self._read_candidate(data)
            self.posts.months.setdefault(candidate.post.month, []).append(candidate)

    def _read_candidate(self, data: Mapping[str, Any]) -> Candidate:
        post = replace(self._read_post(data, _read_date), feed_key=_get(data, "source", str))
        is_printed, section = _get(data, "printed", bool), _find_section(data)
        if not is_printed:
            return Candidate(post)
        correction = Correction(post.id, "digest", post.published_at, section=section) if section else None
        return Candidate(post, printed_in=post.month, correction=correction)

    def _read_labelled(self, data: Mapping[str, Any]) -> Labelled:
        """Read a labelled post; one with an unreadable date is kept."""
        post, scope = self._read_post(data, _read_rough_date), _get(data, "scope", str)
        if scope not in ("in", "out"):
            raise ValueError(t("{key}: {value} is not in or out", key="scope", value=repr(scope)))
        is_sure = _find(data, "sure", bool)
        return Labelled(post, scope == "in", is_sure is not False, _find_section(data) if scope == "in" else None)

    def _read_post(self, data: Mapping[str, Any], read_date: Callable[[str, ZoneInfo], _Date]) -> Post:
        url = clean_url(_get(data, "url", str))
        if url is None:
            raise ValueError(t("{key}: {value} is not a web address", key="url", value=repr(data["url"])))
        date = read_date(_get(data, "published", str), self._zone)
        text = _find(data, "text", str) or _find(data, "summary", str) or ""
        organisation = _find(data, "organisation", str) or None
        feed = self._feeds.get(_find(data, "source", str) or "") or self._by_place.get(name_place(url))
        return Post(
            id=next(self._numbers),
            canonical_url=canonicalise_url(url),
            url=url,
            title=_get(data, "title", str),
            text=text,
            words=len(text.split()),
            links=(),
            tags=(),
            language=_find(data, "language", str) or "en",
            published_at=date.at,
            published_from=DateSource.PUBLISHED,
            month=date.month,
            first_seen_at=date.at,
            feed_key=feed.key if feed else None,
            organisation=organisation,
            kind=_find_kind(url, feed or self._by_host.get(host_of(url)), organisation),
            confidence=date.confidence,
        )


def _find_kind(url: str, feed: Feed | None, organisation: str | None) -> Kind:
    if host_of(url) == "aws.amazon.com":
        return Kind.AWS
    if feed is not None:
        return feed.kind
    return Kind.COMPANY if organisation else Kind.INDIVIDUAL


def _find_section(data: Mapping[str, Any]) -> Section | None:
    part, topic = _find(data, "part", str), _find(data, "topic", str)
    if part is None or topic is None:
        return None
    try:
        return SHIPPED.get_section(part, topic)
    except ValueError:
        parts, topics = ", ".join(SHIPPED.parts), ", ".join(SHIPPED.topics)
        raise ValueError(
            t(
                "part and topic: {part}, {topic} is not a section; parts are {parts}, topics {topics}",
                part=repr(part),
                topic=repr(topic),
                parts=parts,
                topics=topics,
            )
        ) from None


def _read_date(text: str, zone: ZoneInfo) -> _Date:
    """Read a date; a day or a month is in the calendar of *zone*."""
    if len(text) == len("2022-12"):
        month = Month.parse(text)
        middle = datetime(month.year, month.month, _MIDDLE, tzinfo=zone)
        return _Date(middle.astimezone(UTC), month, DateConfidence.WEAK)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            t("published: {text} is not a date; write 2022-12, 2022-12-31 or 2022-12-31T09:00:00Z", text=repr(text))
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if len(text) == len("2022-12-31"):
        # Noon is on the same day in nearly every zone.
        moment += timedelta(hours=12)
    return _Date(moment.astimezone(UTC), Month.of(moment, zone))


def _read_rough_date(text: str, zone: ZoneInfo) -> _Date:
    """Read a date that may also be a year, or seconds since 1970; one that cannot be read is older than all others."""
    try:
        return _read_date(text, zone)
    except (ValueError, OverflowError):
        if re.fullmatch("[0-9]{9,10}", text):
            moment = datetime.fromtimestamp(int(text), UTC)
            return _Date(moment, Month.of(moment, zone))
        is_year = re.fullmatch("(?:19|20)[0-9]{2}", text)
        moment = datetime(int(text), 7, 1, tzinfo=zone) if is_year else _NEVER
        return _Date(moment.astimezone(UTC), Month.of(moment, zone), DateConfidence.WEAK)


def _get(data: Mapping[str, Any], key: str, kind: type) -> Any:
    if data.get(key) is None:
        raise ValueError(t("{key} is missing", key=key))
    return _check(key, data[key], kind)


def _find(data: Mapping[str, Any], key: str, kind: type) -> Any:
    value = data.get(key)
    return None if value is None else _check(key, value, kind)


def _check(key: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        message = mark("{key}: {value} is not true or false") if kind is bool else mark("{key}: {value} is not a text")
        raise ValueError(t(message, key=key, value=repr(value)))
    return value
