"""What an item of a feed becomes: an entry, a post for the curator, signals of popularity. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import clean_url, host_of
from aggregator.dates.read import Precision, Zones, parse_date, read_date
from aggregator.feeds.filter import make_filter
from aggregator.feeds.identity import Match, match_entries
from aggregator.feeds.items import make_title
from aggregator.posts.dating import date_post, find_suspects, find_wait, place_found_post
from aggregator.posts.roundups import ISSUE_AGE, list_linked, name_issue
from aggregator.posts.series import name_series
from aggregator.text.content import read_content
from aggregator.text.html import sanitise_html, shorten, text_of, unescape
from aggregator.text.language import SAMPLE, UNKNOWN, find_language
from aggregator.text.titles import plain_title
from aggregator.types import (
    DateSource,
    Entry,
    Feed,
    Issue,
    Kind,
    Media,
    Month,
    PageText,
    ParsedEntry,
    ParsedFeed,
    PostDraft,
    Signal,
    UnreadEntry,
)

#: What classify and rank read of a post, in characters.
TEXT_LIMIT = 4000

_KOREA = ZoneInfo("Asia/Seoul")
# Items that are sampled to find what most items of a document contain; fewer tell nothing.
_SAMPLED = 12
_FEWEST_SAMPLED = 4
# As nearly all feeds write it; a wider pattern would take ten times as long.
_HREF = re.compile(r"""href=["'](https?://[^"'\s>]+)""")
# As hnrss writes them.
_COUNTS = {"points": re.compile(r"\bPoints: (\d{1,9})\b"), "comments": re.compile(r"# Comments: (\d{1,9})\b")}
# Characters of an author or a tag that is kept in memory; the posts of a feed share theirs.
_LONGEST_NAME = 200
_remember_name = lru_cache(maxsize=1024)(plain_title)


def make_entry(
    feed: Feed, base: str, match: Match, now: datetime, zones: Zones, repeated_links: Collection[str] = ()
) -> Entry:
    """Make the entry of an item, unread; *base* is the address of its document, *repeated_links* are in most items of
    it.
    """
    item = match.item
    raw_html = item.content or item.summary
    published_at, published_from, raw = _read_date(item, zones)
    return Entry(
        feed_key=feed.key,
        key=match.key,
        guid=item.id,
        url=match.url,
        canonical_url=match.canonical_url,
        title=make_title(item, match.url),
        content="",
        author=(_plain_name(item.author) or None) if item.author else None,
        tags=tuple(filter(None, map(_plain_name, item.tags))) if item.tags else (),
        published_at=published_at,
        published_from=published_from,
        published_raw=raw,
        first_seen_at=now,
        fingerprint=match.fingerprint,
        media=tuple(Media(url, media.type) for media in item.media if (url := clean_url(media.url, base))),
        raw=raw_html,
        repeated=_find_links(raw_html, repeated_links) if repeated_links else (),
    )


def _plain_name(markup: str) -> str:
    return _remember_name(markup) if len(markup) <= _LONGEST_NAME else plain_title(markup)


def read_entry(entry: Entry) -> Entry:
    """The entry with its content, sanitised; as it is if it was read."""
    return entry if entry.raw is None else replace(entry, content=sanitise_html(entry.raw), raw=None, repeated=())


def zones_of(feed: Feed, curator: ZoneInfo) -> Zones:
    """The zones of dates without one: Korea's in a Korean feed, else UTC, or the curator's for a date in Korean."""
    return Zones(_KOREA) if feed.language == "ko" else Zones(UTC, korean=curator)


def _read_date(item: ParsedEntry, zones: Zones) -> tuple[datetime | None, DateSource | None, str | None]:
    for raw, source in ((item.published_raw, DateSource.PUBLISHED), (item.updated_raw, DateSource.UPDATED)):
        if moment := parse_date(raw, zones):
            return moment, source, raw
    return None, None, item.published_raw or item.updated_raw


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the dates of one document's posts are judged by."""

    #: The curator's zone, which decides the month of a post.
    zone: ZoneInfo
    #: The months whose digests are published.
    published: frozenset[Month] = frozenset()
    #: Dates that the feed gives to any item, and that say nothing.
    suspects: frozenset[datetime] = frozenset()
    is_first_visit: bool = False
    #: The months under review: posts of older ones may stay unread. None if every post is read.
    opened: frozenset[Month] | None = None

    def may_stay_unread(self, draft: PostDraft) -> bool:
        """Whether a new post needs no text for now: nobody reviews its month, and it waits for nothing."""
        if self.opened is None or draft.waits_for or draft.month in self.opened:
            return False
        return draft.month < Month.of(draft.first_seen_at, self.zone)


def make_calendar(
    feed: Feed,
    matches: Sequence[Match],
    zone: ZoneInfo,
    published: frozenset[Month],
    *,
    is_first_visit: bool,
    opened: frozenset[Month] | None = None,
) -> Calendar:
    zones = zones_of(feed, zone)
    # Articles of a journal share the month of their issue and have no other date.
    dates = [match.published_at for match in matches if match.published_at and not _is_month(match.item, zones)]
    return Calendar(zone, published, find_suspects(dates, zones.publisher), is_first_visit, opened)


def _is_month(item: ParsedEntry, zones: Zones) -> bool:
    read = read_date(item.published_raw, zones) or read_date(item.updated_raw, zones)
    return read is not None and read.precision is Precision.MONTH


def find_repeated_links(items: Sequence[ParsedEntry]) -> frozenset[str]:
    """The addresses that a feed puts into most of its items, such as its own repository or the maker of its theme.

    Only a sample of the items is looked at.
    """
    some = items[:: max(1, len(items) // _SAMPLED)]
    if len(some) < _FEWEST_SAMPLED:
        return frozenset()
    counts = Counter(link for item in some for link in {*_HREF.findall(item.content or item.summary)})
    return frozenset(unescape(link) for link, count in counts.items() if count > len(some) / 2)


def draft_post(feed: Feed, entry: Entry, calendar: Calendar, *, was_at: str | None = None) -> PostDraft:
    """The post of an entry, dated and placed, but unread. *was_at* is its former address."""
    date = date_post(entry, zones_of(feed, calendar.zone), calendar.suspects)
    wait = find_wait(date, entry.first_seen_at, is_first_visit=calendar.is_first_visit)
    placement = place_found_post(date, wait, published=calendar.published, now=entry.first_seen_at, zone=calendar.zone)
    return PostDraft(
        canonical_url=entry.canonical_url,
        url=entry.url,
        title=entry.title,
        text="",
        words=0,
        links=(),
        tags=entry.tags,
        language=UNKNOWN,
        published_at=date.published_at,
        published_from=date.source,
        month=placement.month,
        first_seen_at=entry.first_seen_at,
        feed_key=feed.key,
        organisation=feed.organisation,
        at_home=host_of(entry.url) == host_of(feed.site or feed.url),
        was_at=was_at if was_at != entry.canonical_url else None,
        confidence=date.confidence,
        waits_for=wait,
        late_for=placement.late_for,
        series=name_series(entry.title),
        is_read=False,
    )


def read_post(draft: PostDraft, entry: Entry, repeated_links: Collection[str], language: str) -> PostDraft:
    """The post of an entry that was read, without *repeated_links*, which say nothing about it. *language* is that of
    the feed.
    """
    text = read_text(entry.title, entry.content, entry.media, repeated_links, language)
    return replace(draft, is_read=True, **{name: getattr(text, name) for name in PageText.__slots__})


def read_text(
    title: str, html: str, media: Sequence[Media], repeated_links: Collection[str], language: str
) -> PageText:
    """What a post keeps of the sanitised HTML of its entry. If the text has no picture, the one that the feed names
    separately counts.
    """
    content = read_content(html)
    return PageText(
        text=shorten(content.text, TEXT_LIMIT),
        words=content.words,
        links=tuple(link for link in content.links if link not in repeated_links),
        language=find_language(f"{title}\n{content.text[:SAMPLE]}", language),
        images=content.images,
        first_image=content.first_image or next((each.url for each in media if _is_picture(each)), None),
        code_blocks=content.code_blocks,
        code_lines=content.code_lines,
        said=content.said,
    )


def read_contents(unread: Sequence[UnreadEntry]) -> list[tuple[int, int, str, PageText | None]]:
    """Read stored entries: the numbers of each and of its post, its content, and the text of the post if that is from
    it.
    """
    read = []
    for entry in unread:
        html = sanitise_html(entry.raw)
        of_post = (entry.title, html, entry.media, entry.repeated, entry.language)
        read.append((entry.id, entry.post_id, html, read_text(*of_post) if entry.gives_text else None))
    return read


def draft_entries(
    feed: Feed,
    base: str,
    fresh: Sequence[Match],
    calendar: Calendar,
    now: datetime,
    *,
    repeated_links: frozenset[str] = frozenset(),
    gives_posts: bool = True,
) -> tuple[tuple[Entry, ...], tuple[PostDraft, ...]]:
    """The entries of *fresh* items, and their posts without those that the filter of the feed leaves out. What has
    become a post stays one, also if the filter has changed since.

    New entries stay unread if no open month needs them, each as the only one with its address.
    """
    wants, zones = make_filter(feed.only), zones_of(feed, calendar.zone)
    times = Counter(match.canonical_url for match in fresh)
    entries, posts = [], []
    for match in fresh:
        entry = make_entry(feed, base, match, now, zones, repeated_links)
        draft = None
        if gives_posts and (has_post(match) or wants(match.item)):
            draft = draft_post(feed, entry, calendar, was_at=match.known.canonical_url if match.known else None)
        is_alone = match.known is None and times[match.canonical_url] == 1
        if not (draft and is_alone and calendar.may_stay_unread(draft) and entry.raw and "\0" not in entry.raw):
            entry = read_entry(entry)
            draft = draft and read_post(draft, entry, repeated_links, feed.language)
        entries.append(entry)
        if draft:
            posts.append(draft)
    return tuple(entries), tuple(posts)


def read_drafts(
    entries: Sequence[Entry], posts: Sequence[PostDraft], addresses: Collection[str], language: str
) -> tuple[tuple[Entry, ...], tuple[PostDraft, ...]]:
    """The same *entries* and *posts*, those with these *addresses* read."""
    wanted = {entry.canonical_url: entry for entry in entries if entry.canonical_url in addresses and not entry.is_read}
    read = {address: read_entry(entry) for address, entry in wanted.items()}
    return (
        tuple(read.get(entry.canonical_url, entry) if not entry.is_read else entry for entry in entries),
        tuple(
            read_post(post, read[address], wanted[address].repeated, language)
            if (address := post.canonical_url) in read and not post.is_read
            else post
            for post in posts
        ),
    )


def _find_links(raw: str, links: Collection[str]) -> tuple[str, ...]:
    """The links that may be in raw HTML. A path is written in many ways; so is a host with numeric entities, or in
    letters that are not of ASCII.
    """
    text = raw.lower()
    return tuple(sorted(link for link in links if "&#" in text or "xn--" in (host := host_of(link)) or host in text))


def has_post(match: Match) -> bool:
    """Whether an item has become a post already."""
    return match.known is not None and match.known.has_post


def _is_picture(media: Media) -> bool:
    return (media.type or "").startswith("image/")


def list_signals(feed: Feed, matches: Sequence[Match], fresh: Sequence[Entry], now: datetime) -> Iterator[Signal]:
    """Signals from a document: of the posts that it links to, or from the comment counts of its own posts."""
    if feed.kind is Kind.ROUNDUP:
        return
    if feed.kind is Kind.SIGNAL:
        for entry in fresh:
            yield from _read_signals(feed, entry, now)
    else:
        for match in matches:
            if match.item.comments:
                yield Signal(match.canonical_url, feed.key, "comments", float(match.item.comments), now)


def draft_issues(
    feed: Feed, entries: Sequence[Entry], document: str, repeated_links: frozenset[str], *, is_first_visit: bool
) -> tuple[Issue, ...]:
    """The issues of a round-up that are new enough for the open months; at a first visit only those with a date."""
    if feed.kind is not Kind.ROUNDUP:
        return ()
    return tuple(
        Issue(
            source=feed.key,
            key=entry.key,
            title=entry.title,
            label=name_issue(feed.name, entry.title),
            found_at=entry.first_seen_at,
            url=entry.url,
            linked=list_linked(
                entry.content,
                entry.url,
                [url for url in (feed.url, feed.site, document, entry.url) if url],
                repeated_links,
            ),
            feed_key=feed.key,
        )
        for entry in entries
        if _is_new_issue(entry, is_first_visit=is_first_visit)
    )


def _is_new_issue(entry: Entry, *, is_first_visit: bool) -> bool:
    if entry.published_at is None:
        return not is_first_visit
    return entry.first_seen_at - entry.published_at <= ISSUE_AGE


def _read_signals(feed: Feed, entry: Entry, now: datetime) -> Iterator[Signal]:
    """An entry of a signal feed is a link to a post, sometimes with points and comments, and the page of the talk."""
    text, home = text_of(entry.content), host_of(feed.site or feed.url)
    links = read_content(entry.content).links if entry.content else ()
    page = next((link for link in links if host_of(link) == home), None)
    yield Signal(entry.canonical_url, entry.feed_key, "links", 1.0, now, page)
    for name, pattern in _COUNTS.items():
        if match := pattern.search(text):
            yield Signal(entry.canonical_url, entry.feed_key, name, float(match[1]), now, page)


@dataclass(frozen=True, slots=True)
class PreviewedEntry:
    """What one item would become; entry and post are None if it has no address that can be linked to."""

    item: ParsedEntry
    entry: Entry | None
    post: PostDraft | None


def preview_entries(parsed: ParsedFeed, url: str, *, now: datetime, zone: ZoneInfo) -> list[PreviewedEntry]:
    """What the items of a document would become if a feed at *url* were visited *now* for the first time."""
    feed = Feed("preview", parsed.title or url, url, Kind.COMPANY, "en", site=parsed.site)
    zones = zones_of(feed, zone)
    whole = match_entries(parsed.entries, (), url, zones, site=parsed.site, owner=feed.key).matches
    found = {id(match.item): match for match in whole}
    calendar = make_calendar(feed, whole, zone, frozenset(), is_first_visit=True)
    repeated_links = find_repeated_links(parsed.entries)
    previewed = []
    for item in parsed.entries:
        match = found.get(id(item))
        if match is None:
            # One by one, so that an item that the document repeats is shown each time.
            alone = match_entries([item], (), url, zones, site=parsed.site, owner=feed.key).matches
            match = next(iter(alone), None)
        if match is None:
            previewed.append(PreviewedEntry(item, None, None))
            continue
        entry = read_entry(make_entry(feed, url, match, now, zones))
        post = read_post(draft_post(feed, entry, calendar), entry, repeated_links, feed.language)
        previewed.append(PreviewedEntry(item, entry, post))
    return previewed
