"""Posts of several months with what was printed of them, as JSON lines → candidates by month. Pure.

One object a line: ``url``, ``title``, ``published`` (2022-12, a day, or a moment), ``source``, ``printed``, and where
known ``summary``, ``organisation``, ``language``, and of printed posts ``part`` and ``topic``. Other keys mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.exceptions import ExampleError
from aggregator.types import Candidate, Correction, DateSource, Feed, Kind, Month, Part, Post, Section, Topic
from aggregator.urls import canonicalise_url, clean_url, host_of

# What is dated by its month alone is taken for the middle of it: neither the newest nor the oldest.
_MIDDLE = 15


def read_candidates(text: str, *, file: str, zone: ZoneInfo, feeds: Mapping[str, Feed]) -> dict[Month, list[Candidate]]:
    """The candidates of each month, in the order of the file; ``printed_in`` is their own month if they were printed.

    The kind of a source is that of the feed with its key, else that of a feed on the same host, else whether an
    organisation is named. Raises ExampleError with the line.
    """
    by_host = {host_of(feed.site or feed.url): feed for feed in feeds.values()}
    months: dict[Month, list[Candidate]] = {}
    # Not splitlines: a text in JSON may hold other separators of lines as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            candidate = _read_candidate(json.loads(line), number, zone, feeds, by_host)
        except json.JSONDecodeError as error:
            raise ExampleError(f"is not JSON ({error.msg}, column {error.colno})", file=file, line=number) from error
        except ValueError as error:
            raise ExampleError(str(error), file=file, line=number) from error
        months.setdefault(candidate.post.month, []).append(candidate)
    if not months:
        raise ExampleError("holds no posts", file=file)
    return months


def _read_candidate(
    data: Any, number: int, zone: ZoneInfo, feeds: Mapping[str, Feed], by_host: Mapping[str, Feed]
) -> Candidate:
    if not isinstance(data, dict):
        raise ValueError("is no object with the keys of a post")
    url = clean_url(_get(data, "url", str))
    if url is None:
        raise ValueError(f"url: {data['url']!r} is no web address")
    source, summary = _get(data, "source", str), _find(data, "summary", str) or ""
    organisation = _find(data, "organisation", str) or None
    published_at, month = _read_date(_get(data, "published", str), zone)
    is_printed = _get(data, "printed", bool)
    feed = feeds.get(source) or by_host.get(host_of(url))
    post = Post(
        id=number,
        canonical_url=canonicalise_url(url),
        url=url,
        title=_get(data, "title", str),
        text=summary,
        words=len(summary.split()),
        links=(),
        tags=(),
        language=_find(data, "language", str) or "en",
        published_at=published_at,
        published_from=DateSource.PUBLISHED,
        month=month,
        first_seen_at=published_at,
        feed_key=source,
        organisation=organisation,
        kind=_find_kind(url, feed, organisation),
    )
    section = _find_section(data)
    correction = Correction(number, "digest", published_at, section=section) if is_printed and section else None
    return Candidate(post, printed_in=month if is_printed else None, correction=correction)


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
