"""Which address has the older entries of a feed, and when reading back is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.exceptions import RetrieveError
from aggregator.feeds.archives import decide_archive, decide_failed_archive
from aggregator.feeds.paging import (
    ENDED,
    NO_OLDER,
    REPEATED,
    OlderPage,
    begin_reading,
    find_first_gap,
    find_older_page,
    go_on,
    is_of_sitemap,
)
from aggregator.feeds.parse import parse_document
from aggregator.feeds.schedule import Bounds
from aggregator.feeds.update import VisitRules
from aggregator.types import ArchivePage, FeedState, Gap, KnownEntry, Month, Retrieved, Wait
from world import FEED, NOW

SEOUL = ZoneInfo("Asia/Seoul")
RULES = VisitRules(Bounds(timedelta(minutes=15), timedelta(hours=12)), SEOUL, 100, timedelta(days=3), archive_pages=3)
#: The newest entry that was seen, and the oldest one afterwards.
GAP = Gap("haneul", NOW, NOW - timedelta(days=20), NOW - timedelta(days=20), NOW - timedelta(days=4), id=1)
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'>{}<entry><id>a</id><link href='/a'/><title>a</title></entry></feed>"
RSS = "<rss version='2.0'><channel>{}<item><link>/a</link><title>a</title></item></channel></rss>"
ON_WORDPRESS = RSS.format("<generator>https://wordpress.org/?v=6.6.2</generator>")


@pytest.mark.parametrize(
    ("url", "document", "older"),
    [
        ("https://a.example/f", ATOM.format("<link rel='next' href='/f?page=2'/>"), "https://a.example/f?page=2"),
        ("https://a.example/f", ATOM.format("<link rel='prev-archive' href='2022/11'/>"), "https://a.example/2022/11"),
        (
            "https://a.example/f",
            ATOM.format("<link rel='next' href='/2'/><link rel='prev-archive' href='/old'/>"),
            "https://a.example/old",
        ),
        (
            "https://a.example/f",
            RSS.format("<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='/f/2'/>"),
            "https://a.example/f/2",
        ),
        (
            "https://www.blogger.example/feeds/1/posts/default",
            ATOM.format("<link rel='next' href='/feeds/1/posts/default?start-index=26&amp;max-results=25'/>"),
            "https://www.blogger.example/feeds/1/posts/default?start-index=26&max-results=25",
        ),
        (
            "https://a.example/f.json",
            '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}], "next_url": "/f2.json"}',
            "https://a.example/f2.json",
        ),
        # WordPress counts pages, whether it says its name or only its addresses tell it.
        ("https://a.example/rss", ON_WORDPRESS, "https://a.example/rss?paged=2"),
        ("https://a.example/rss?paged=2", ON_WORDPRESS, "https://a.example/rss?paged=3"),
        ("https://a.example/feed/", RSS.format(""), "https://a.example/feed/?paged=2"),
        ("https://a.example/?feed=rss2&cat=4", RSS.format(""), "https://a.example/?feed=rss2&cat=4&paged=2"),
        ("https://a.example/rss?paged=many", ON_WORDPRESS, None),
        # A document that holds all, one that names nothing, and a link that nobody can follow.
        (
            "https://a.example/feed",
            ATOM.format(
                "<fh:complete xmlns:fh='http://purl.org/syndication/history/1.0'/><link rel='next' href='/2'/>"
            ),
            None,
        ),
        ("https://a.example/rss", RSS.format(""), None),
        ("https://a.example/f", ATOM.format("<link rel='next' href='javascript:more()'/>"), None),
        ("https://a.example/f", ATOM.format("<link rel='previous' href='/newer'/>"), None),
    ],
)
def test_the_older_page(url: str, document: str, older: str | None) -> None:
    found = find_older_page(parse_document(document.encode(), url), document.encode(), url)
    assert (found and found.url) == older


def test_a_feed_without_older_pages_is_read_back_from_the_sitemap_of_its_posts() -> None:
    body = RSS.format("").encode()
    elsewhere = "https://feeds.example/haneul"
    begun = begin_reading(
        GAP, parse_document(body.replace(b"/a<", b"https://a.example/1<"), elsewhere), body, elsewhere
    )
    assert (begun.next_url, begun.trouble) == ("https://a.example/sitemap.xml#sitemap", None)
    assert is_of_sitemap(begun.next_url or "")
    platform = body.replace(b"/a<", b"https://medium.com/haneul/1<")
    assert begin_reading(GAP, parse_document(platform, elsewhere), platform, elsewhere).trouble == NO_OLDER
    complete = body.replace(b"<channel>", b"<channel><fh:complete/>")
    assert begin_reading(GAP, parse_document(body, FEED.url), complete, FEED.url).trouble == NO_OLDER
    itself = ATOM.format(f"<link rel='next' href='{FEED.url}'/>").encode()
    assert begin_reading(GAP, parse_document(itself, FEED.url), itself, FEED.url).next_url is None


OLDER, GUESS = OlderPage("https://a.example/3", is_named=True), OlderPage("https://a.example/3", is_named=False)


@pytest.mark.parametrize(
    ("older", "found", "is_reached", "pages", "result"),
    [
        (OLDER, 2, True, 0, "closed"),
        (OLDER, 2, False, 0, OLDER.url),
        (None, 2, False, 0, ENDED),
        (GUESS, 0, False, 0, REPEATED),
        (OLDER, 0, False, 0, OLDER.url),
        (OlderPage("https://a.example/2", is_named=True), 2, False, 0, REPEATED),
        (OLDER, 2, False, 2, "its older pages go on after 3"),
    ],
)
def test_how_it_goes_on_after_a_page(
    older: OlderPage | None, found: int, is_reached: bool, pages: int, result: str
) -> None:
    gap = replace(GAP, next_url="https://a.example/2", pages=pages, attempts=2)
    after = go_on(gap, older, "https://a.example/2", found=found, is_reached=is_reached, most=3, now=NOW)
    assert (after.pages, after.found, after.attempts) == (pages + 1, found, 0)
    assert ("closed" if after.closed_at else after.trouble or after.next_url) == result


@pytest.mark.parametrize(
    ("published", "now", "oldest", "since"),
    [
        ((), datetime(2022, 12, 20, tzinfo=UTC), datetime(2022, 12, 9, tzinfo=UTC), datetime(2022, 11, 30, 15)),
        ((), datetime(2022, 12, 20, tzinfo=UTC), datetime(2022, 11, 9, tzinfo=UTC), None),
        ((), datetime(2022, 12, 20, tzinfo=UTC), None, None),
        # The digest of last month is still to be published.
        ((Month(2022, 10),), datetime(2022, 12, 3, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC), datetime(2022, 10, 31, 15)),
    ],
)  # fmt: skip
def test_a_new_feed_is_read_back_to_the_beginning_of_the_open_month(
    published: Sequence[Month], now: datetime, oldest: datetime | None, since: datetime | None
) -> None:
    gap = find_first_gap("haneul", [oldest] if oldest else [], published, now=now, zone=SEOUL)
    assert (gap and gap.since_at) == (since and since.replace(tzinfo=UTC))


def _page(*days: float, older: str = "/3", known: Sequence[KnownEntry] = (), seen: Sequence[str] = ()) -> ArchivePage:
    """A page whose entries are so many days old."""
    items = "".join(
        f"<entry><id>tag:{day:g}</id><link href='/{day:g}'/><title>글 {day:g}</title>"
        f"<published>{(NOW - timedelta(days=day)).isoformat()}</published></entry>"
        for day in days
    )
    body = f"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href='{older}'/>{items}</feed>".encode()
    answer = Retrieved("https://tech.haneul.example/2", 200, body, "application/atom+xml")
    gap = replace(GAP, next_url=answer.url)
    return decide_archive(
        FeedState(FEED), gap, answer, known, frozenset(seen), published=frozenset(), rules=RULES, now=NOW
    )


def _known(key: str) -> KnownEntry:
    return KnownEntry(key, key, f"https://tech.haneul.example/{key[4:]}", f"글 {key[4:]}", None, None, "f", True)


def test_an_older_page_gives_entries_and_posts_and_leads_on() -> None:
    page = _page(5, 6, 7)
    assert [entry.key for entry in page.entries] == ["tag:5", "tag:6", "tag:7"]
    assert [post.month for post in page.posts] == [Month(2022, 12)] * 3
    assert (page.gap.found, page.gap.pages, page.gap.next_url) == (3, 1, "https://tech.haneul.example/3")


def test_a_page_closes_the_gap_at_a_known_entry_or_at_the_date_before_it() -> None:
    assert not _page(5, 19, seen=["tag:19"], known=[_known("tag:19")]).gap.is_open
    assert not _page(5, 21).gap.is_open
    # What the window still carries says nothing, and neither does a single old entry, such as a pinned one.
    assert _page(5, 6, known=[_known("tag:5")]).gap.is_open
    assert _page(300, 5, 6, 7).gap.is_open
    assert not _page(300, 5, 250, 280).gap.is_open


def test_what_is_known_is_left_as_it_is() -> None:
    page = _page(5, 6, known=[_known("tag:5")])
    assert [entry.key for entry in page.entries] == ["tag:6"]


def test_an_undated_post_of_an_archive_may_be_of_any_age() -> None:
    body = b"<rss version='2.0'><channel><item><link>/a</link><title>a</title></item></channel></rss>"
    answer = Retrieved("https://tech.haneul.example/2", 200, body, "application/rss+xml")
    page = decide_archive(FeedState(FEED), GAP, answer, (), frozenset(), published=frozenset(), rules=RULES, now=NOW)
    assert [post.waits_for for post in page.posts] == [Wait.DATE]


def test_a_page_that_fails_is_tried_again_and_one_that_is_missing_ends_it() -> None:
    def fail(gap: Gap, status: int | None) -> Gap:
        error = RetrieveError(FEED.url, "the server is in trouble", status=status)
        return decide_failed_archive(FeedState(FEED), gap, error, rules=RULES, now=NOW, jitter=0.5).gap

    gap = replace(GAP, next_url="https://tech.haneul.example/2")
    later = fail(gap, 503)
    assert (later.next_url, later.attempts, later.trouble) == (gap.next_url, 1, None)
    assert later.retry_at is not None
    assert later.retry_at > NOW
    assert fail(replace(gap, attempts=4), 503).trouble == "the server is in trouble"
    assert fail(gap, 404).trouble == "the server is in trouble"
    assert fail(replace(gap, pages=2), 404).trouble == ENDED
    # A new feed that ends is whole.
    assert not fail(replace(gap, pages=2, is_first=True), 404).is_open
