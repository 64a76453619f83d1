"""What a visit changes: identity, dates, text, and when to come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exceptions import RetrieveError
from aggregator.feeds.schedule import Bounds
from aggregator.feeds.update import (
    Surroundings,
    VisitRules,
    decide_document,
    decide_failure,
    decide_not_modified,
    decide_update,
)
from aggregator.types import (
    DateConfidence,
    DateSource,
    Entry,
    FeedState,
    FeedUpdate,
    Hop,
    Kind,
    KnownEntry,
    Month,
    NotModified,
    Only,
    Outcome,
    ParsedEntry,
    ParsedFeed,
    Retrieved,
    Visit,
    Wait,
)
from world import FEED, NOW

BOUNDS = Bounds(timedelta(minutes=15), timedelta(hours=12))
RULES = VisitRules(BOUNDS, ZoneInfo("Asia/Seoul"), max_entries=100, move_trial=timedelta(days=3))
AROUND = Surroundings()
STATE = FeedState(FEED)
VISIT = Visit("haneul", NOW, 0.1, Outcome.FAILED)
ITEM = ParsedEntry(
    id="tag:1",
    url="/2022/12/feature-store/?utm_source=rss",
    title="피처 스토어 & 도입기",
    content='<p>안녕하세요 <a href="https://github.com/haneul-example/store">코드</a></p><script>x</script>',
    published_raw="Tue, 20 Dec 2022 10:00:00 +0900",
)


def _update(*items: ParsedEntry, known: Sequence[Entry] = (), state: FeedState = STATE, **answered: Any) -> FeedUpdate:
    parsed = ParsedFeed("하늘상점", FEED.site, "rss20", items)
    answer = Retrieved(FEED.url, 200, b"x" * 10, etag='"e"', last_modified="yesterday", **answered)
    stored = [_store(entry) for entry in known]
    return decide_update(state, answer, parsed, stored, visit=VISIT, rules=RULES, around=AROUND)


def decide_again(known: Sequence[KnownEntry], state: FeedState, *items: ParsedEntry) -> FeedUpdate:
    parsed = ParsedFeed("하늘상점", FEED.site, "rss20", items)
    answer = Retrieved(FEED.url, 200, b"x" * 10)
    return decide_update(state, answer, parsed, known, visit=VISIT, rules=RULES, around=AROUND)


def _store(entry: Entry) -> KnownEntry:
    return KnownEntry(**{name: getattr(entry, name, True) for name in KnownEntry.__slots__})


@pytest.mark.parametrize(
    ("opened", "days", "more", "is_read"),
    [
        (None, 400, "", True),
        (frozenset(), 400, "", False),
        (frozenset(), 0, "", True),
        (frozenset({Month(2021, 11)}), 400, "", True),
        # PostgreSQL does not take this as it is.
        (frozenset(), 400, "\0", True),
    ],
)
def test_a_new_post_stays_unread_if_no_open_month_needs_it(
    opened: frozenset[Month] | None, days: int, more: str, is_read: bool
) -> None:
    date = (NOW - timedelta(days=days)).isoformat()
    item = replace(ITEM, url="/feature-store", content=f"{ITEM.content}{more}", published_raw=date)
    parsed, answer = ParsedFeed("하늘상점", FEED.site, "rss20", (item,)), Retrieved(FEED.url, 200, b"x")
    around = replace(AROUND, opened=opened)
    update = decide_update(STATE, answer, parsed, [], visit=VISIT, rules=RULES, around=around)
    (entry,), (post,) = update.entries, update.posts
    assert (entry.is_read, post.is_read, bool(post.text)) == (is_read, is_read, is_read)
    assert entry.is_read is ("안녕하세요" in entry.content)


def test_a_new_item_becomes_an_entry_and_a_post() -> None:
    update = _update(ITEM)
    (entry,), (post,) = update.entries, update.posts
    assert entry.key == "tag:1"
    assert entry.url == post.url == "https://tech.haneul.example/2022/12/feature-store/"
    assert entry.title == "피처 스토어 & 도입기"
    assert "script" not in entry.content
    assert post.text == "안녕하세요 코드"
    assert post.links == ("https://github.com/haneul-example/store",)
    assert (post.month, post.published_from) == (Month(2022, 12), DateSource.PUBLISHED)
    assert (post.organisation, post.language, post.at_home) == ("하늘상점", "ko", True)
    assert (update.visit.outcome, update.visit.entries_seen, update.visit.entries_new) == (Outcome.RETRIEVED, 1, 1)
    assert (update.state.etag, update.state.last_modified, update.state.last_success_at) == ('"e"', "yesterday", NOW)


def test_what_is_known_is_not_written_again() -> None:
    known = _update(ITEM).entries
    update = _update(ITEM, known=known)
    assert (update.entries, update.posts, update.visit.entries_new) == ((), (), 0)


def test_entries_that_the_filter_leaves_out_are_known_and_make_no_posts() -> None:
    state = FeedState(replace(FEED, only=Only(words=("피처",))))
    other = replace(ITEM, id="tag:2", url="/2022/12/lunch/", title="점심", content="밥")
    update = _update(ITEM, other, state=state)
    assert [post.title for post in update.posts] == [ITEM.title]
    assert (len(update.entries), update.visit.entries_new, update.visit.left_out) == (2, 2, 1)
    known = [replace(_store(entry), has_post=entry.title != "점심") for entry in update.entries]
    again = decide_again(known, replace(state, entries=2), ITEM, other)
    assert (again.posts, again.visit.left_out, again.gap) == ((), 0, None)


def test_another_filter_takes_up_what_the_document_still_carries() -> None:
    other = replace(ITEM, id="tag:2", url="/2022/12/lunch/", title="점심", content="밥")
    found = _update(ITEM, other, state=FeedState(replace(FEED, only=Only(words=("피처",))))).entries
    known = [replace(_store(entry), has_post=entry.title != "점심") for entry in found]
    for only in (None, Only(words=("점심",))):
        taken = decide_again(known, FeedState(replace(FEED, only=only)), ITEM, other)
        assert [post.title for post in taken.posts] == ["점심"]
        assert (taken.visit.entries_new, taken.visit.left_out) == (0, 0)
    # The post of an entry stays when a filter would leave it out now, and follows its edits.
    edited = replace(ITEM, title="스토어 도입기")
    assert len(decide_again(known, FeedState(replace(FEED, only=Only(words=("점심",)))), edited).posts) == 1


def test_an_edited_item_is_written_but_is_not_new() -> None:
    known = _update(ITEM).entries
    update = _update(replace(ITEM, title="피처 스토어 도입기 (수정)"), known=known)
    assert [entry.title for entry in update.entries] == ["피처 스토어 도입기 (수정)"]
    assert update.visit.entries_new == 0


def test_a_moved_update_stamp_alone_is_no_edit() -> None:
    known = _update(ITEM).entries
    assert _update(replace(ITEM, updated_raw="Wed, 21 Dec 2022 10:00:00 +0900"), known=known).entries == ()


def test_one_id_for_all_items_loses_none() -> None:
    items = [replace(ITEM, id="same", url=f"/{number}") for number in range(10)]
    update = _update(*items)
    assert len({entry.key for entry in update.entries}) == 10
    assert update.visit.entries_new == 10


def test_an_item_without_id_is_known_by_its_address() -> None:
    (entry,) = _update(replace(ITEM, id=None)).entries
    assert entry.key == "https://tech.haneul.example/2022/12/feature-store"


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "mailto:a@b.example"])
def test_an_item_that_cannot_be_linked_to_is_seen_but_not_stored(url: str | None) -> None:
    update = _update(replace(ITEM, url=url))
    assert (update.entries, update.visit.entries_seen) == ((), 1)
    assert update.state.last_reason == update.visit.reason == "1 of its items has no address and is left out"


def test_an_item_with_an_endless_address_is_not_stored_and_not_cut() -> None:
    long = f"https://tech.haneul.example/{'a' * 2000}"
    update = _update(ITEM, replace(ITEM, id="long", url=long), replace(ITEM, id="none", url=None))
    assert len(update.entries) == 1
    assert update.visit.reason == (
        "1 of its items has no address and is left out; "
        "1 of its items has an address of more than 2,000 characters and is left out"
    )


def test_an_endless_title_is_cut_at_a_word_and_stays_the_same_entry() -> None:
    item = replace(ITEM, id=None, title="word " * 200)
    (entry,) = _update(item).entries
    assert (len(entry.title), entry.title[-10:]) == (495, "word word…")


def test_a_title_is_found_where_the_feed_gives_none() -> None:
    assert _update(replace(ITEM, title="")).entries[0].title == "안녕하세요 코드"
    assert _update(replace(ITEM, title="", content="")).entries[0].title == "tech.haneul.example/2022/12/feature-store"


@pytest.mark.parametrize(
    ("published", "updated", "source", "month"),
    [
        ("Sat, 31 Dec 2022 16:30:00 GMT", None, DateSource.PUBLISHED, Month(2023, 1)),
        (None, "2022-11-03T00:00:00Z", DateSource.UPDATED, Month(2022, 11)),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None, DateSource.FIRST_SEEN, Month(2022, 12)),
        (None, None, DateSource.FIRST_SEEN, Month(2022, 12)),
        ("05/06/2022", None, DateSource.FIRST_SEEN, Month(2022, 12)),
        ("2022.11.30", None, DateSource.PUBLISHED, Month(2022, 11)),
    ],
)
def test_where_the_date_comes_from(
    published: str | None, updated: str | None, source: DateSource, month: Month
) -> None:
    (post,) = _update(replace(ITEM, url="/post", published_raw=published, updated_raw=updated)).posts
    assert (post.published_from, post.month) == (source, month)


@pytest.mark.parametrize(
    ("url", "source", "published", "confidence"),
    [
        ("/2022/11/30/post/", DateSource.URL, "2022-11-30T03:00:00Z", DateConfidence.FAIR),
        ("/2022/11/post/", DateSource.URL, "2022-11-01T03:00:00Z", DateConfidence.WEAK),
        ("/post/", DateSource.FIRST_SEEN, NOW.isoformat(), DateConfidence.WEAK),
    ],
)
def test_an_address_gives_the_date_that_the_feed_does_not(
    url: str, source: DateSource, published: str, confidence: DateConfidence
) -> None:
    update = _update(replace(ITEM, url=url, published_raw=None))
    (post,) = update.posts
    assert (post.published_from, post.published_at, post.confidence) == (
        source,
        datetime.fromisoformat(published),
        confidence,
    )
    # What the feed says of the entry, and by what it is recognised, is another matter.
    assert update.entries[0].published_at is None


def test_a_first_visit_does_not_bring_undated_posts_into_the_present_month() -> None:
    undated = replace(ITEM, url="/post", published_raw=None)
    (first,) = _update(undated).posts
    assert (first.waits_for, first.published_from) == (Wait.DATE, DateSource.FIRST_SEEN)
    later = _update(ITEM, replace(undated, id="tag:2"), known=_update(ITEM).entries)
    assert [(post.waits_for, post.month) for post in later.posts] == [(None, Month(2022, 12))]


def test_a_date_of_the_future_waits_for_its_day() -> None:
    (post,) = _update(replace(ITEM, published_raw="2032-01-05T00:00:00Z")).posts
    assert (post.waits_for, post.month) == (Wait.DAY, Month(2032, 1))


def test_one_date_for_all_items_is_not_believed() -> None:
    built = "Tue, 20 Dec 2022 10:00:00 +0900"
    items = [replace(ITEM, id=f"tag:{n}", url=f"/{n}", published_raw=built) for n in range(3)]
    dated = replace(ITEM, id="tag:9", url="/2022/03/09/post", published_raw=built)
    posts = _update(*items, dated).posts
    assert [(post.waits_for, post.confidence) for post in posts[:3]] == [(Wait.DATE, DateConfidence.WEAK)] * 3
    assert (posts[3].waits_for, posts[3].published_from, posts[3].month) == (None, DateSource.URL, Month(2022, 3))


def test_what_is_found_after_its_digest_goes_to_the_next_one_openly() -> None:
    around = replace(AROUND, published=frozenset({Month(2022, 11)}))
    item = replace(ITEM, url="/post", published_raw="2022-11-28T00:00:00Z")
    parsed = ParsedFeed("하늘상점", FEED.site, "rss20", (item,))
    answer = Retrieved(FEED.url, 200, b"x" * 10)
    (post,) = decide_update(STATE, answer, parsed, (), visit=VISIT, rules=RULES, around=around).posts
    assert (post.month, post.late_for) == (Month(2022, 12), Month(2022, 11))


@pytest.mark.parametrize(
    "form",
    ["{}?utm_source=hn", "{}?ref=hn.example", "{}?ck_subscriber_id=1&vero_id=2", "https://www.google.com/url?q={}"],
)
def test_an_entry_of_a_signal_feed_makes_no_post_but_signals(form: str) -> None:
    state = FeedState(replace(FEED, kind=Kind.SIGNAL, key="popular"))
    item = ParsedEntry(
        id="1",
        url=form.format("https://tech.haneul.example/x"),
        title="x",
        summary="<p>Points: 245</p><p># Comments: 87</p>",
    )
    update = _update(item, state=state)
    assert update.posts == ()
    assert {(s.canonical_url, s.name, s.value) for s in update.signals} == {
        ("https://tech.haneul.example/x", "links", 1.0),
        ("https://tech.haneul.example/x", "points", 245.0),
        ("https://tech.haneul.example/x", "comments", 87.0),
    }
    (signal,) = _update(replace(item, summary=f"<p>Points: {'9' * 400}</p>"), state=state).signals
    assert signal.name == "links"


def test_not_modified_keeps_the_validators_and_takes_newer_ones() -> None:
    state = replace(STATE, etag='"old"', last_modified="old", failures=3, last_reason="was broken")
    update = decide_not_modified(state, NotModified(FEED.url, etag='"new"'), visit=VISIT, rules=RULES, around=AROUND)
    assert (update.state.etag, update.state.last_modified) == ('"new"', "old")
    assert (update.state.failures, update.state.last_reason) == (0, None)
    assert (update.visit.outcome, update.visit.status) == (Outcome.NOT_MODIFIED, 304)


@pytest.mark.parametrize(
    ("situation", "is_whole", "answered", "told"),
    [
        ("validators that stand still", True, ('"e"', "yesterday"), "found by asking for the whole document: 1 new entry, while the server calls it unchanged"),
        ("validators that go with the document", True, ('"f"', "today"), None),
        ("an ordinary visit", False, ('"e"', "yesterday"), None),
    ],
)  # fmt: skip
def test_what_a_server_would_have_kept_to_itself_is_said(
    situation: str, is_whole: bool, answered: tuple[str, str], told: str | None
) -> None:
    state = replace(STATE, etag='"e"', last_modified="yesterday", full_at=NOW - timedelta(days=2))
    known = [_store(entry) for entry in _update(ITEM).entries]
    new = replace(ITEM, id="tag:2", url="/2", title="another")
    parsed = ParsedFeed("하늘상점", FEED.site, "rss20", (new, replace(ITEM, summary="edited")))
    answer = Retrieved(FEED.url, 200, b"x", etag=answered[0], last_modified=answered[1])
    around = replace(AROUND, is_whole=is_whole)
    update = decide_update(state, answer, parsed, known, visit=VISIT, rules=RULES, around=around)
    assert (update.visit.reason, update.state.last_reason, update.state.full_at) == (told, told, NOW), situation
    same = decide_update(
        state, answer, replace(parsed, entries=(ITEM,)), known, visit=VISIT, rules=RULES, around=around
    )
    assert same.visit.reason is None
    unchanged = decide_not_modified(state, NotModified(FEED.url), visit=VISIT, rules=RULES, around=AROUND)
    assert unchanged.state.full_at == state.full_at


def test_undated_items_whose_links_change_at_every_request_are_the_same() -> None:
    def read(visit: int, *numbers: int) -> list[ParsedEntry]:
        return [ParsedEntry(None, f"/detail?v=tok{visit}{n}", f"논문 {n}", content=f"<p>초록 {n}</p>") for n in numbers]

    first = _update(*read(1, 1, 2, 3))
    again = _update(*read(2, 3, 1, 2), known=first.entries)
    assert (again.visit.entries_new, again.gap) == (0, None)
    assert {(post.canonical_url, post.was_at) for post in again.posts} == {
        (post.canonical_url, None) for post in first.posts
    }
    assert {post.url for post in again.posts} == {f"https://tech.haneul.example/detail?v=tok2{n}" for n in (1, 2, 3)}
    # What is new in such a feed may be as old as it likes, and what is in it twice is not told apart.
    more = _update(*read(3, 1, 2, 3, 4), known=first.entries)
    assert [(post.title, post.waits_for) for post in more.posts if post.title == "논문 4"] == [("논문 4", Wait.DATE)]
    unlike = [replace(item, content="") for item in read(4, 1, 2, 3)]
    assert {post.waits_for for post in _update(*unlike, known=first.entries).posts} == {Wait.DATE}
    # A feed that keeps some of its links goes on as it always did.
    kept = [*read(1, 1, 2), *read(5, 3, 4)]
    assert [post.waits_for for post in _update(*kept, known=first.entries).posts] == [None, None]


def test_not_modified_keeps_the_pace_of_the_last_document() -> None:
    pace = timedelta(hours=3)
    update = decide_not_modified(
        replace(STATE, pace=pace), NotModified(FEED.url), visit=VISIT, rules=RULES, around=AROUND
    )
    assert (update.state.pace, update.state.next_visit_at) == (pace, NOW + pace)


def test_what_the_document_and_the_server_ask_for_is_heard() -> None:
    parsed = ParsedFeed("하늘상점", FEED.site, "rss20", (ITEM,), ttl=timedelta(hours=5))
    answer = Retrieved(FEED.url, 200, b"x", cache_control="max-age=36000")
    update = decide_update(STATE, answer, parsed, [], visit=VISIT, rules=RULES, around=AROUND)
    assert update.state.pace == timedelta(hours=5)
    assert update.state.next_visit_at == NOW + timedelta(hours=10)


def test_a_failure_is_kept_with_its_reason_and_puts_the_next_visit_off() -> None:
    error = RetrieveError(FEED.url, "the server asks for fewer visits (HTTP 429)", status=429, retry_after="7200")
    update = decide_failure(replace(STATE, failures=1), error, visit=VISIT, rules=RULES, around=AROUND)
    assert update.state.next_visit_at == NOW + timedelta(hours=2)
    assert update.state.failures == 2
    assert update.state.last_reason == update.visit.reason == "the server asks for fewer visits (HTTP 429)"
    assert update.visit.status == 429


def test_nothing_leaves_the_window_because_a_document_was_cut() -> None:
    known = _update(ITEM, replace(ITEM, id="tag:2", url="/2", title="the rest")).entries
    update = _update(ITEM, known=known, state=replace(STATE, entries=2), is_cut=True)
    assert (update.left, update.gap) == ((), None)
    assert _update(ITEM, known=known).left == ("tag:2",)


def test_comments_are_a_signal_and_no_edit() -> None:
    first = _update(replace(ITEM, comments=3))
    later = _update(replace(ITEM, comments=8), known=first.entries)
    assert [(s.source, s.name, s.value) for s in first.signals] == [("haneul", "comments", 3.0)]
    assert [(s.canonical_url, s.value) for s in later.signals] == [(first.entries[0].canonical_url, 8.0)]
    assert later.entries == ()


def test_the_habit_and_the_newest_post_are_kept_for_later() -> None:
    items = [
        replace(ITEM, id=str(day), url=f"/{day}", published_raw=f"2022-12-{day:02}T13:00:00Z")
        for day in (22, 26, 30, 31)
    ]
    update = _update(*items)
    assert update.state.newest_at == datetime(2022, 12, 30, 13, tzinfo=UTC), (
        "what is dated in the future is not here yet"
    )
    assert update.state.habit == timedelta(days=4)
    later = _update(replace(ITEM, published_raw=None), state=update.state)
    assert (later.state.newest_at, later.state.habit) == (update.state.newest_at, update.state.habit)


def test_a_window_that_shares_nothing_with_the_last_one_is_a_gap() -> None:
    first = _update(replace(ITEM, id="1", url="/1"))
    state = replace(first.state, last_success_at=NOW - timedelta(days=3))
    later = replace(ITEM, id="2", url="/2", title="another", published_raw="Wed, 21 Dec 2022 10:00:00 +0900")
    update = _update(later, known=first.entries, state=state)
    assert update.gap is not None
    assert (update.gap.feed_key, update.gap.noticed_at, update.gap.since_at) == (
        "haneul",
        NOW,
        NOW - timedelta(days=3),
    )
    assert update.left == ("1",)


def test_the_post_of_an_edited_address_is_told_to_be_the_same() -> None:
    first = _update(ITEM)
    moved = _update(replace(ITEM, url="/better-slug"), known=first.entries)
    assert [post.was_at for post in first.posts] == [None]
    assert [(post.canonical_url, post.was_at) for post in moved.posts] == [
        ("https://tech.haneul.example/better-slug", first.posts[0].canonical_url)
    ]
    assert [post.was_at for post in _update(replace(ITEM, title="t"), known=first.entries).posts] == [None]


def test_a_front_page_that_turns_over_has_no_gap() -> None:
    state = replace(STATE, feed=replace(FEED, kind=Kind.SIGNAL), last_success_at=NOW - timedelta(hours=1))
    known = _update(replace(ITEM, id="1", url="/1")).entries
    assert (
        _update(replace(ITEM, id="2", url="/2", title="another", published_raw=None), known=known, state=state).gap
        is None
    )


def test_http_that_leads_to_https_moves_at_once_and_keeps_the_validators() -> None:
    state = replace(STATE, feed=replace(FEED, url="http://tech.haneul.example/feed.xml"))
    update = _update(ITEM, state=state, hops=(Hop(301, FEED.url),))
    assert update.move is not None
    assert (update.move.from_url, update.move.to_url) == (state.feed.url, FEED.url)
    assert update.state.etag == '"e"'


def test_another_address_is_watched_first_and_taken_when_the_old_one_dies() -> None:
    target = "https://blog.haneul.example/feed.xml"
    known = _update(ITEM).entries
    watched = _update(ITEM, known=known, hops=(Hop(301, target),))
    assert watched.move is None
    assert watched.state.trial is not None
    assert (watched.state.trial.url, watched.state.trial.agreements) == (target, 1)
    error = RetrieveError(FEED.url, "there is no such document (HTTP 404)", status=404)
    dead = decide_failure(watched.state, error, visit=VISIT, rules=RULES, around=AROUND)
    assert dead.move is not None
    assert dead.move.to_url == target
    assert dead.state.next_visit_at == NOW, "the new address is visited at once"


def test_a_failure_remembers_when_it_began_and_what_came() -> None:
    error = RetrieveError(FEED.url, "no", status=503, excerpt="<html>busy")
    first = decide_failure(STATE, error, visit=VISIT, rules=RULES, around=AROUND).state
    again = decide_failure(
        first, error, visit=replace(VISIT, started_at=NOW + timedelta(hours=1)), rules=RULES, around=AROUND
    ).state
    assert (again.failures, again.failing_since, again.last_status, again.last_excerpt) == (2, NOW, 503, "<html>busy")
    well = _update(ITEM, state=again).state
    assert (well.failures, well.failing_since, well.last_status, well.last_excerpt) == (0, None, 200, None)


_ITEMS = st.builds(
    ParsedEntry,
    id=st.none() | st.sampled_from(["a", "b", "c"]),
    url=st.sampled_from(["/1", "/2", "/3", "/4"]),
    title=st.text(max_size=10),
    content=st.text(max_size=20),
    published_raw=st.none() | st.sampled_from(["2022-12-01", "2022-12-20", "nonsense"]),
)


@given(st.lists(_ITEMS, max_size=12))
def test_reading_the_same_document_again_changes_nothing(items: list[ParsedEntry]) -> None:
    first = _update(*items)
    again = _update(*items, known=first.entries)
    assert again.entries == ()
    assert len({entry.key for entry in first.entries}) == len(first.entries)
    pages = {entry.canonical_url.partition("#")[0] for entry in first.entries}
    assert pages == {f"https://tech.haneul.example{i.url}" for i in items}
    # What one page carries are posts of their own where title or date tell them apart.
    looks = {(e.canonical_url.partition("#")[0], e.title.casefold(), e.published_at) for e in first.entries}
    assert len({post.canonical_url for post in first.posts}) == len(looks)


@pytest.mark.parametrize("is_whole", [True, False])
def test_nothing_leaves_the_window_because_a_document_breaks_off(is_whole: bool) -> None:
    whole = "<rss version='2.0'><channel><title>t</title>{}</channel></rss>"
    items = [
        f"<item><guid>tag:{n}</guid><title>글 {n}</title><link>https://tech.haneul.example/{n}</link></item>"
        for n in (1, 2)
    ]
    known = [_store(entry) for entry in _decide(whole.format("".join(items))).entries]
    text = whole.format(items[0] if is_whole else "".join(items))
    update = _decide(text if is_whole else text[: text.index("글 2")], known)
    assert update.left == (("tag:2",) if is_whole else ())


def _decide(text: str, known: Sequence[KnownEntry] = ()) -> FeedUpdate:
    answer = Retrieved(FEED.url, 200, text.encode(), "application/xml")
    return decide_document(STATE, answer, known, visit=VISIT, rules=RULES, around=AROUND)
