"""Posts with what became of them, as JSON lines → candidates by month, and those that make one mixed month. Pure.

One object a line: ``url``, ``title``, ``published`` (2022-12, a day, or a moment), ``source``, and where known ``text``
(or ``summary``), ``organisation`` and ``language``. With ``printed`` a post is of its own month, and where it was
printed it has ``part`` and ``topic``. Without ``printed`` a post has ``scope`` (in or out), and where known ``sure``,
``part`` and ``topic``, as a reader labelled it: all these are taken for one month, whatever their dates say. Other keys
mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.exceptions import ExampleError
from aggregator.rank.mixture import Labelled
from aggregator.rank.record import name_place
from aggregator.types import (
    Candidate,
    Correction,
    DateConfidence,
    DateSource,
    Feed,
    Kind,
    Month,
    Part,
    Post,
    Section,
    Topic,
)
from aggregator.urls import canonicalise_url, clean_url, host_of

# What is dated by its month alone is taken for the middle of it: neither the newest nor the oldest.
_MIDDLE = 15


# Before all that has a date: the last of newest first.
_NEVER = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Posts:
    """What a file holds."""

    #: The candidates of each month, in the order of the file; ``printed_in`` is their own month if they were printed.
    months: dict[Month, list[Candidate]] = field(default_factory=dict)
    #: Those that a reader labelled.
    mixed: list[Labelled] = field(default_factory=list)

    def __add__(self, other: Posts) -> Posts:
        months = {month: list(each) for month, each in self.months.items()}
        for month, each in other.months.items():
            months.setdefault(month, []).extend(each)
        return Posts(months, [*self.mixed, *other.mixed])

    def __len__(self) -> int:
        return sum(map(len, self.months.values())) + len(self.mixed)


def read_posts(text: str, *, file: str, zone: ZoneInfo, feeds: Mapping[str, Feed], first: int = 1) -> Posts:
    """The posts of a file, numbered from *first* on in its order.

    The feed of a post is that with its ``source`` as key, else that whose posts stand at the same place. Its kind is
    that of this feed, else that of a feed on the same host, else whether an organisation is named. Raises ExampleError
    with the line.
    """
    reader = _Reader(zone, feeds)
    posts = Posts()
    # Not splitlines: a text in JSON may hold other separators of lines as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            if not isinstance(data, dict):
                raise ValueError("is no object with the keys of a post")
            if "scope" in data and "printed" not in data:
                posts.mixed.append(reader.read_labelled(data, first + len(posts)))
            else:
                candidate = reader.read_candidate(data, first + len(posts))
                posts.months.setdefault(candidate.post.month, []).append(candidate)
        except json.JSONDecodeError as error:
            raise ExampleError(f"is not JSON ({error.msg}, column {error.colno})", file=file, line=number) from error
        except ValueError as error:
            raise ExampleError(str(error), file=file, line=number) from error
    if not len(posts):
        raise ExampleError("holds no posts", file=file)
    return posts


class _Reader:
    """Reads objects as posts, for a curator of a zone who follows some feeds."""

    def __init__(self, zone: ZoneInfo, feeds: Mapping[str, Feed]) -> None:
        self._zone = zone
        self._feeds = feeds
        self._by_host = {host_of(feed.site or feed.url): feed for feed in feeds.values()}
        self._by_place = {
            name_place(address): feed for feed in feeds.values() for address in (feed.url, feed.site) if address
        }

    def read_candidate(self, data: Mapping[str, Any], number: int) -> Candidate:
        url = _get_url(data)
        published_at, month = _read_date(_get(data, "published", str), self._zone)
        post = self._read_post(url, data, number, published_at, month, feed_key=_get(data, "source", str))
        is_printed, section = _get(data, "printed", bool), _find_section(data)
        correction = Correction(number, "digest", published_at, section=section) if is_printed and section else None
        return Candidate(post, printed_in=month if is_printed else None, correction=correction)

    def read_labelled(self, data: Mapping[str, Any], number: int) -> Labelled:
        """A date that says nothing keeps no post away: it stands behind all that have one."""
        url, scope = _get_url(data), _get(data, "scope", str)
        if scope not in ("in", "out"):
            raise ValueError(f"scope: {scope!r} is neither in nor out")
        published_at, month = _read_rough_date(_get(data, "published", str), self._zone)
        feed = self._find_feed(url, data)
        post = self._read_post(url, data, number, published_at, month, feed_key=feed.key if feed else None)
        is_sure = _find(data, "sure", bool)
        return Labelled(post, scope == "in", is_sure is not False, _find_section(data) if scope == "in" else None)

    def _find_feed(self, url: str, data: Mapping[str, Any]) -> Feed | None:
        return self._feeds.get(_find(data, "source", str) or "") or self._by_place.get(name_place(url))

    def _read_post(
        self,
        url: str,
        data: Mapping[str, Any],
        number: int,
        published_at: datetime,
        month: Month,
        *,
        feed_key: str | None,
    ) -> Post:
        text = _find(data, "text", str) or _find(data, "summary", str) or ""
        organisation = _find(data, "organisation", str) or None
        feed = self._find_feed(url, data) or self._by_host.get(host_of(url))
        return Post(
            id=number,
            canonical_url=canonicalise_url(url),
            url=url,
            title=_get(data, "title", str),
            text=text,
            words=len(text.split()),
            links=(),
            tags=(),
            language=_find(data, "language", str) or "en",
            published_at=published_at,
            published_from=DateSource.PUBLISHED,
            month=month,
            first_seen_at=published_at,
            feed_key=feed_key,
            organisation=organisation,
            kind=_find_kind(url, feed, organisation),
            confidence=_find_confidence(published_at, _find(data, "published", str) or ""),
        )


def _find_confidence(published_at: datetime, published: str) -> DateConfidence:
    """A month alone, or no date that can be read, tells no day."""
    is_day = len(published) >= len("2022-12-31") and published_at != _NEVER
    return DateConfidence.FAIR if is_day else DateConfidence.WEAK


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
        return Section(Part(part), Topic(topic))
    except ValueError:
        raise ValueError(
            f"part and topic: {part!r}, {topic!r} is no section; parts are {', '.join(Part)}, topics {', '.join(Topic)}"
        ) from None


def _read_date(text: str, zone: ZoneInfo) -> tuple[datetime, Month]:
    """The moment, and the month on the calendar of *zone*; a day or a month is taken as it stands on it."""
    if len(text) == len("2022-12"):
        month = Month.parse(text)
        return datetime(month.year, month.month, _MIDDLE, tzinfo=zone).astimezone(UTC), month
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"published: {text!r} is no date; write 2022-12, 2022-12-31 or 2022-12-31T09:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if len(text) == len("2022-12-31"):
        # Noon: the same day in nearly every zone.
        moment += timedelta(hours=12)
    return moment.astimezone(UTC), Month.of(moment, zone)


def _read_rough_date(text: str, zone: ZoneInfo) -> tuple[datetime, Month]:
    """The same of a year, or of seconds since 1970; what cannot be read is before all others."""
    try:
        return _read_date(text, zone)
    except ValueError:
        moment = _NEVER
        if re.fullmatch("(?:19|20)[0-9]{2}", text):
            moment = datetime(int(text), 7, 1, tzinfo=zone)
        elif re.fullmatch("[0-9]{9,10}", text):
            moment = datetime.fromtimestamp(int(text), UTC)
        return moment.astimezone(UTC), Month.of(moment, zone)


def _get_url(data: Mapping[str, Any]) -> str:
    url = clean_url(_get(data, "url", str))
    if url is None:
        raise ValueError(f"url: {data['url']!r} is no web address")
    return url


def _get(data: Mapping[str, Any], key: str, kind: type) -> Any:
    if data.get(key) is None:
        raise ValueError(f"{key} is missing")
    return _check(key, data[key], kind)


def _find(data: Mapping[str, Any], key: str, kind: type) -> Any:
    value = data.get(key)
    return None if value is None else _check(key, value, kind)


def _check(key: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        wanted = "true or false" if kind is bool else "a text"
        raise ValueError(f"{key}: {value!r} is not {wanted}")
    return value
