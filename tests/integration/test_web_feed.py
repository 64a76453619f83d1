"""The page of one feed: all that is known of it, and what the curator may do to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator import words
from aggregator.app import App
from aggregator.exceptions import ConfigError
from aggregator.pipeline import publish
from aggregator.pipeline.collect import Visitor
from aggregator.storage import health
from aggregator.storage.feeds import list_feed_states
from aggregator.storage.pages import save_readings
from aggregator.types import (
    DigestState,
    Feed,
    FeedState,
    FeedUpdate,
    Gap,
    Kind,
    Month,
    Move,
    Only,
    Outcome,
    PageOutcome,
    PageReading,
    QuietTimes,
    Trial,
    Visit,
)
from aggregator.web.feed.form import explain_refusal
from aggregator.web.feeds.chart import HEIGHT, build_chart, list_months
from aggregator.web.feeds.done import Done, say_done
from aggregator.words.feeds import say_gap
from feed_server import FeedServer
from world import (
    FEEDS,
    MONTH,
    NOW,
    SAMPLES,
    Curator,
    failed,
    fill,
    save_states,
    save_updates,
    silent,
    text_of,
    visit_page,
    visited,
)

HANEUL = next(feed for feed in FEEDS if feed.key == "haneul")
LUMEN = next(feed for feed in FEEDS if feed.key == "lumen")
OLD = "https://old.lumen.example/feed"
DOCUMENT = """<rss version="2.0"><channel><title>t</title>
<item><title>Serving</title><link>https://lumen.example/1</link><pubDate>Thu, 01 Dec 2022 00:00:00 GMT</pubDate></item>
</channel></rss>"""


def state_of(app: App, key: str) -> FeedState:
    with app.reading() as connection:
        return list_feed_states(connection, [key])[0]


def moves_of(app: App, key: str) -> list[Move]:
    with app.reading() as connection:
        return health.list_moves(connection, key)


def fields_of(page: str) -> dict[str, str]:
    """What stands in the fields of the page."""
    found = dict(re.findall(r'<input name="(\w+)" value="([^"]*)"', page))
    chosen = re.search(r'<option value="(\w+)" selected>', page)
    return found | ({"kind": chosen[1]} if chosen else {})


@pytest.fixture
def curator(make_app: Callable[..., App]) -> Curator:
    app = make_app(FEEDS)
    return visit_page(app, fill(app, SAMPLES)).log_in()


def update(state: FeedState, **changes: Any) -> FeedUpdate:
    visit = Visit(state.feed.key, NOW - timedelta(minutes=20), 0.2, state.last_outcome or Outcome.RETRIEVED)
    return FeedUpdate(visit, state, **changes)


# --- what is known of it ---


def test_a_feed_that_is_not_followed_is_said_in_words(curator: Curator) -> None:
    page = text_of(curator.read("/feeds/nobody", status=404))

    assert "Not found" in page
    assert "nobody" in page


def test_its_facts(curator: Curator) -> None:
    state = replace(
        visited(HANEUL),
        newest_at=NOW - timedelta(days=3),
        habit=timedelta(days=5, hours=3),
        pace=timedelta(minutes=180),
        quiet=QuietTimes(hours=(0, 1), days=(5, 6)),
    )
    save_states(curator.app, [state])

    page = text_of(curator.read("/feeds/haneul"))

    assert "feeds.toml has a mistake" not in page
    assert "하늘상점 기술 블로그 Well Visit now Read the whole document Pause" in page
    for fact in (
        "Key haneul",
        "Last visit 20 minutes ago Last success 20 minutes ago Next visit in 40 minutes Newest post 3 days ago",
        "Posts every 5 days Visited every 3 hours Entries stored 3 Printed no digest of its months yet",
        "Asks not to be visited on Saturday, Sunday; in the hours from 0:00, 1:00 (UTC)",
        "Site https://tech.haneul.example/",
    ):
        assert fact in page


def test_a_failing_feed_says_why_and_shows_what_came(curator: Curator) -> None:
    reason = "the answer is an HTML page, not a feed: " + "its title is long, " * 30
    excerpt = "<!doctype html><script>alert('challenge')</script>"
    save_states(curator.app, [failed(LUMEN, reason, 7, status=200, excerpt=excerpt)])

    page = curator.read("/feeds/lumen")

    assert "7 failures in a row, the first on 31 Dec 2022, 14:40" in text_of(page)
    assert reason.strip() in page
    assert "HTTP 200" in page
    assert "&lt;!doctype html&gt;&lt;script&gt;alert(&#39;challenge&#39;)&lt;/script&gt;</pre>" in page
    assert "<script>alert" not in page


def test_a_document_that_is_read_with_trouble_says_so(curator: Curator) -> None:
    save_states(curator.app, [replace(visited(LUMEN), last_reason="2 entries had no address")])

    page = text_of(curator.read("/feeds/lumen"))

    assert "The document was read, but has a fault: 2 entries had no address" in page


def test_a_failure_of_our_own_is_not_told_as_one_of_the_document(curator: Curator) -> None:
    ours = "a failure of this program, not of the feed: no parser process can be started"
    save_states(curator.app, [replace(visited(LUMEN), last_outcome=Outcome.FAILED, last_reason=ours)])

    page = text_of(curator.read("/feeds/lumen"))

    assert f"The last visit did not succeed: {ours}" in page
    assert "could be read" not in page


def test_a_feed_that_is_gone_asks_the_curator(curator: Curator) -> None:
    save_states(curator.app, [failed(LUMEN, "the document is gone for good", status=410)])

    page = curator.read("/feeds/lumen")

    assert "The site says that this document is gone for good" in page
    assert "Keep trying</button>" in page
    assert 'formaction="/feeds/lumen/pause">Pause it</button>' in page
    assert 'href="#address">Give it a new address</a>' in page
    curator.send("/feeds/lumen/pause")
    assert "The site says" not in curator.read("/feeds/lumen"), "it was answered"


def test_a_silent_feed_says_since_when_and_what_was_its_habit(curator: Curator) -> None:
    save_states(curator.app, [silent(LUMEN)])

    page = text_of(curator.read("/feeds/lumen"))

    assert (
        "Silent for 60 days. The newest post is from 1 Nov 2022. There usually was one every 4 days, so it counts as silent since 1 Dec 2022."
        in page
    )


def test_a_redirect_under_trial_says_what_will_happen(curator: Curator) -> None:
    trial = Trial("https://new.lumen.example/rss", NOW - timedelta(days=1), 2)
    save_states(curator.app, [replace(visited(LUMEN), trial=trial)])

    page = text_of(curator.read("/feeds/lumen"))

    assert "Since 30 Dec 2022, 21:00, its address redirects permanently to new.lumen.example/rss" in page
    assert "2 visits in a row found the known entries there" in page
    assert "until 2 Jan 2023, 21:00, and 3 visits in a row agree, the feed moves there" in page


def test_its_gaps_say_between_which_days_something_may_have_been_missed(curator: Curator) -> None:
    noticed = NOW - timedelta(days=100)
    gap = Gap("lumen", noticed, noticed - timedelta(days=2), noticed - timedelta(days=6), noticed - timedelta(days=1))
    save_updates(curator.app, [update(visited(LUMEN), gap=gap)])

    page = text_of(curator.read("/feeds/lumen"))

    assert (
        "Between 16 Sep 2022 and 21 Sep 2022 something may have been missed: the visit of 22 Sep 2022, 21:00 had no entry "
        "in common with that of 20 Sep 2022, 21:00."
    ) in page


def test_posts_by_month_with_their_numbers(curator: Curator) -> None:
    page = text_of(curator.read("/feeds/haneul"))

    assert "Posts per month 3 in 12 months 0 Jan 2022 0 Feb 0 Mar" in page
    assert "1 Nov 2 Dec" in page


def test_the_share_printed(curator: Curator) -> None:
    curator.decide("실시간-추천", "approve")
    publish.make_digest(curator.app, MONTH, DigestState.PRINTED)

    assert "Printed 1 of 2 posts" in text_of(curator.read("/feeds/haneul"))


def test_a_signal_feed_has_no_chart(make_app: Callable[..., App]) -> None:
    signal = Feed("talk", "Talk", "https://talk.example/rss", Kind.SIGNAL, "en")
    curator = visit_page(make_app([signal])).log_in()

    assert "Posts per month" not in curator.read("/feeds/talk")


def test_its_last_visits(curator: Curator) -> None:
    at = NOW + timedelta(hours=1)  # After those of the month.
    visits = [
        Visit("lumen", at, 1.234, Outcome.RETRIEVED, 200, None, 12_345, 10, 1),
        Visit("lumen", at + timedelta(hours=1), 0.05, Outcome.NOT_MODIFIED, 304),
        Visit("lumen", at + timedelta(hours=2), 30, Outcome.FAILED, None, "no answer came in 30 s"),
    ]
    older = [replace(visits[1], started_at=at - timedelta(days=days)) for days in range(1, 30)]
    save_updates(curator.app, [FeedUpdate(visit, visited(LUMEN)) for visit in (*older, *visits)])

    page = curator.read("/feeds/lumen")

    assert text_of(page[page.index('<table class="table cards visits"') :]).startswith(
        "When Outcome Status New Seconds kB Visit "
        "1 Jan 2023, 00:00 Failed no answer came in 30 s – 0 30.0 0 38 "
        "31 Dec 2022, 23:00 Nothing new (not modified) 304 0 0.1 0 37 "
        "31 Dec 2022, 22:00 Read, 1 new entry 200 1 1.2 12.3 36 "
    )
    assert len(re.findall("<tr", page)) == 21


def test_its_newest_entries_are_linked(curator: Curator) -> None:
    page = curator.read("/feeds/mina")

    titles = re.findall(r'<li><a href="([^"]*)" target="_blank" rel="noopener">', page)
    assert titles == ["https://mina.example/injections", "https://mina.example/feature-stores"]
    assert "Notes on &lt;script&gt;alert(1)&lt;/script&gt;" in page


# --- pause and resume ---


def test_pausing_and_resuming(curator: Curator) -> None:
    answer = curator.send("/feeds/lumen/pause")
    assert answer.status_code == 303
    page = text_of(curator.read(answer.headers["location"]))
    assert "Paused: it is not visited until you resume it." in page
    assert "Next visit paused" in page
    assert state_of(curator.app, "lumen").paused_at == NOW

    page = text_of(curator.read(curator.send("/feeds/lumen/resume").headers["location"]))
    assert "Resumed; its next visit is in 40 minutes." in page
    assert state_of(curator.app, "lumen").paused_at is None


@pytest.mark.parametrize("what", ["visit", "pause", "resume", "edit", "address", "reset", "moves/1/undo"])
def test_nothing_is_done_to_a_feed_that_is_not_followed(curator: Curator, what: str) -> None:
    answer = curator.send(
        f"/feeds/nobody/{what}", url="https://x.example/", name="x", language="en", kind="aws", weight="0"
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("what", ["visit", "pause", "resume", "edit", "address", "reset", "moves/1/undo"])
def test_nothing_is_done_without_the_token_of_the_session(curator: Curator, what: str) -> None:
    answer = curator.client.post(f"/feeds/lumen/{what}", data={"token": "x"}, headers={"Origin": "http://testserver"})

    assert answer.status_code == 403
    assert state_of(curator.app, "lumen") == replace(visited(LUMEN), listed=LUMEN, entries=2)


def test_nobody_sees_or_does_anything_without_a_session(curator: Curator) -> None:
    stranger = visit_page(curator.app)

    assert stranger.client.get("/feeds/lumen").status_code == 401
    assert stranger.client.post("/feeds/lumen/pause").status_code == 401


# --- edit ---

EDITED = {
    "name": "Lumen  Labs",
    "organisation": "",
    "language": "ko",
    "kind": "individual",
    "weight": "-0.25",
    "tags": "vision, 학습 , vision,",
    "only_words": "C++ ,AI",
    "only_categories": "",
    "site": "https://labs.lumen.example/",
}


def test_a_feed_is_described_otherwise_than_in_feeds_toml(curator: Curator) -> None:
    answer = curator.send("/feeds/lumen/edit", **EDITED)

    assert answer.status_code == 303
    expected = Feed("lumen", "Lumen Labs", LUMEN.url, Kind.INDIVIDUAL, "ko",
                    site="https://labs.lumen.example/", weight=-0.25, tags=("vision", "학습"),
                    only=Only(words=("C++", "AI")))  # fmt: skip
    assert state_of(curator.app, "lumen").feed == expected
    page = curator.read(answer.headers["location"])
    assert "Saved." in text_of(page)
    assert fields_of(page) == {
        "name": "Lumen Labs", "organisation": "", "language": "ko", "kind": "individual", "weight": "-0.25",
        "tags": "vision, 학습", "only_words": "C++, AI", "only_categories": "", "site": "https://labs.lumen.example/", "url": LUMEN.url, "new": "lumen",
    }  # fmt: skip


def test_a_field_that_the_form_lacks_stays(curator: Curator) -> None:
    curator.send("/feeds/lumen/edit", **EDITED)
    older = {name: value for name, value in EDITED.items() if not name.startswith("only_")}
    assert curator.send("/feeds/lumen/edit", **older).status_code == 303
    assert state_of(curator.app, "lumen").feed.only == Only(words=("C++", "AI"))
    assert "name, filter, organisation" in text_of(curator.read("/history?show=feeds"))
    assert curator.send("/feeds/lumen/edit", **EDITED | {"only_words": ""}).status_code == 303
    assert state_of(curator.app, "lumen").feed.only is None


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("feeds.a.only.words.0", "only_words"),
        ("feeds.readonly.tags.0", "tags"),
        ("feeds.only.name", "name"),
        ("feeds.a.x", ""),
    ],
)
def test_a_mistake_is_said_at_its_field(key: str, field: str) -> None:
    values = dict.fromkeys(EDITED, "")
    assert explain_refusal(ConfigError("is not allowed", file="the change", key=key), values).field == field


def test_it_is_said_where_feeds_toml_says_something_else_and_can_be_taken_back(curator: Curator) -> None:
    assert "feeds.toml says" not in curator.read("/feeds/lumen")
    curator.send("/feeds/lumen/edit", **EDITED)
    page = text_of(curator.read("/feeds/lumen"))

    assert "Name feeds.toml says Lumen Research Organisation feeds.toml says Lumen Research" in page
    assert "−1 to 1 feeds.toml says 0 " in page
    assert "Site feeds.toml says nothing" in page
    assert "name, organisation, language, kind, weight, tags, only with these words, site." in page

    page = text_of(curator.read(curator.send("/feeds/lumen/reset").headers["location"]))
    assert "Now as in feeds.toml." in page
    assert "Reset to feeds.toml" not in page
    assert state_of(curator.app, "lumen").feed == LUMEN


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "is not allowed"),
        ("language", "korean", "is not allowed"),
        ("kind", "newspaper", "is not allowed; choose"),
        ("weight", "1.5", "less than or equal to 1"),
        ("weight", "much", "valid number"),
        ("weight", "nan", "is not allowed"),
        ("site", "javascript:alert(1)", "is not allowed"),
        ("site", "https://name:secret@lumen.example/", "is not allowed"),
    ],
)
def test_what_feeds_toml_would_not_take_is_refused_with_what_was_typed(
    curator: Curator, field: str, value: str, said: str
) -> None:
    typed = {**EDITED, field: value}

    answer = curator.send("/feeds/lumen/edit", **typed)

    assert answer.status_code == 422
    mistake = re.search(rf'<span class="mistake" id="mistake-{field}">(.*?)</span>', answer.text)
    assert mistake
    assert said in mistake[1]
    assert "secret" not in mistake[1]
    kept = fields_of(answer.text)
    assert {name: kept[name] for name in typed if name != "kind"} == {n: v for n, v in typed.items() if n != "kind"}
    assert state_of(curator.app, "lumen").feed == LUMEN


def test_what_is_typed_is_escaped(curator: Curator) -> None:
    answer = curator.send("/feeds/lumen/edit", **{**EDITED, "name": '"><script>alert(1)</script>', "weight": "7"})

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_control_characters_do_not_reach_the_database(curator: Curator) -> None:
    assert curator.send("/feeds/lumen/edit", **{**EDITED, "name": "Lu\0men\r\nLabs"}).status_code == 303

    assert state_of(curator.app, "lumen").feed.name == "Lumen Labs"


# --- address and moves ---


def test_the_address_is_replaced_and_the_next_visit_goes_there(curator: Curator) -> None:
    answer = curator.send("/feeds/lumen/address", url=" https://new.lumen.example/rss ")

    page = text_of(curator.read(answer.headers["location"]))
    assert "The next visit goes to new.lumen.example/rss." in page
    assert "from https://lumen.example/feed to https://new.lumen.example/rss" in page
    assert "by curator" in page
    assert "feeds.toml says https://lumen.example/feed" in page
    state = state_of(curator.app, "lumen")
    assert (state.feed.url, state.next_visit_at) == ("https://new.lumen.example/rss", None)


@pytest.mark.parametrize(
    "url",
    ["", "lumen.example/feed", "javascript:alert(1)", "ftp://lumen.example/", "https://a:b@c.example/", HANEUL.url],
)
def test_an_address_that_cannot_be_followed_is_refused_with_what_was_typed(curator: Curator, url: str) -> None:
    answer = curator.send("/feeds/lumen/address", url=url)

    assert answer.status_code == 422
    assert 'id="mistake-url"' in answer.text
    assert fields_of(answer.text)["url"] == url
    assert state_of(curator.app, "lumen").feed == LUMEN
    assert moves_of(curator.app, "lumen") == []


@pytest.fixture
def moved(curator: Curator) -> Curator:
    """The feed has moved by itself."""
    move = Move(
        "lumen", NOW - timedelta(days=1), OLD, LUMEN.url, "the old address redirected there for 3 days", "aggregator"
    )
    save_updates(curator.app, [update(visited(LUMEN), move=move)])
    return curator


def test_a_move_is_shown_and_undone(moved: Curator) -> None:
    page = text_of(moved.read("/feeds/lumen"))
    assert (
        f"30 Dec 2022, 21:00 by aggregator from {OLD} to {LUMEN.url} the old address redirected there for 3 days"
    ) in page
    (move,) = moves_of(moved.app, "lumen")

    answer = moved.send(f"/feeds/lumen/moves/{move.id}/undo")

    assert state_of(moved.app, "lumen").feed.url == OLD
    page = text_of(moved.read(answer.headers["location"]))
    assert "The next visit goes to old.lumen.example/feed." in page
    assert "Undone on 31 Dec 2022" in page


def test_only_the_move_to_where_the_feed_is_can_be_undone(moved: Curator) -> None:
    moved.send("/feeds/lumen/address", url="https://third.example/feed")
    newest, first = moves_of(moved.app, "lumen")

    page = moved.read("/feeds/lumen")
    assert re.findall(r"/feeds/lumen/moves/(\d+)/undo", page) == [str(newest.id)]

    answer = moved.send(f"/feeds/lumen/moves/{first.id}/undo")
    assert answer.status_code == 404
    assert "is not the last move of this feed" in text_of(answer.text)
    assert state_of(moved.app, "lumen").feed.url == "https://third.example/feed"


@pytest.mark.parametrize("move", ["0", "99", "x", "-1", "9" * 30, "%00"])
def test_a_move_that_is_none_is_said(moved: Curator, move: str) -> None:
    assert moved.send(f"/feeds/lumen/moves/{move}/undo").status_code == 404


def test_a_move_of_another_feed_is_not_undone_from_here(moved: Curator) -> None:
    (move,) = moves_of(moved.app, "lumen")

    assert moved.send(f"/feeds/haneul/moves/{move.id}/undo").status_code == 404
    assert state_of(moved.app, "lumen").feed.url == LUMEN.url


# --- visit now ---


def follow(make_app: Callable[..., App], url: str) -> Curator:
    return visit_page(make_app([replace(LUMEN, url=url)])).log_in()


def visit(curator: Curator) -> str:
    answer = curator.send("/feeds/lumen/visit")
    assert answer.status_code == 303
    return text_of(curator.read(answer.headers["location"]))


def test_a_visit_says_what_came_of_it(make_app: Callable[..., App], feed_server: FeedServer) -> None:
    curator = follow(make_app, feed_server.play("/feed", DOCUMENT))

    assert "Visited just now: read, 1 new entry." in visit(curator)
    assert "Visited just now: nothing new (not modified)." in visit(curator)
    feed_server.play("/feed", "<html>Checking your browser</html>", content_type="text/html")
    page = visit(curator)
    assert "Visited just now: failed: " in page
    assert "The response begins like this: &lt;html&gt;Checking your browser&lt;/html&gt;" in page
    assert len(feed_server.requests) >= 3


def test_a_paused_feed_is_visited_when_the_curator_asks(make_app: Callable[..., App], feed_server: FeedServer) -> None:
    curator = follow(make_app, feed_server.play("/feed", DOCUMENT))
    curator.send("/feeds/lumen/pause")

    assert "Visited just now: read, 1 new entry." in visit(curator)
    assert state_of(curator.app, "lumen").paused_at


def test_the_visit_after_a_new_address_goes_there(make_app: Callable[..., App], feed_server: FeedServer) -> None:
    curator = follow(make_app, feed_server.address + "/nothing")
    curator.send("/feeds/lumen/address", url=feed_server.play("/other", DOCUMENT))

    assert "read, 1 new entry" in visit(curator)
    assert [path for path, _ in feed_server.requests] == ["/other"]


def test_a_feed_that_is_gone_can_be_tried_again(make_app: Callable[..., App], feed_server: FeedServer) -> None:
    curator = follow(make_app, feed_server.play("/feed", "", status=410))

    assert "The site says that this document is gone for good" in visit(curator)
    feed_server.play("/feed", DOCUMENT)
    assert "The site says" not in visit(curator)


def test_a_feed_under_visit_is_not_visited_twice(curator: Curator, monkeypatch: pytest.MonkeyPatch) -> None:
    async def find_none_free(*_: object, **_how: object) -> list[Visit]:
        return []

    monkeypatch.setattr(Visitor, "visit_now", find_none_free)

    assert "It is already being visited; reload the page in a moment." in visit(curator)


# --- words ---


@pytest.mark.parametrize("done", [Done.PAUSE, Done.VISIT])
def test_an_address_cannot_claim_what_is_not_so(curator: Curator, done: Done) -> None:
    zone = curator.app.zone

    assert say_done(done, visited(LUMEN), None, NOW, zone) is None
    assert 'role="status"' not in curator.read("/feeds/lumen?done=pause").split("</main>")[0]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, "Between 21 Dec 2022 and 28 Dec 2022"),
        (-20, None, "Between 11 Dec 2022 and 28 Dec 2022"),
        (-20, -5, "Between 11 Dec 2022 and 26 Dec 2022"),
        (-5, -5, "On 26 Dec 2022"),
        (-5, -20, "Between 21 Dec 2022 and 28 Dec 2022"),
    ],
)
def test_a_gap_is_said_by_the_dates_of_its_entries_where_these_can_be(
    curator: Curator, before: int | None, after: int | None, said: str
) -> None:
    first, last = (NOW + timedelta(days=days) if days is not None else None for days in (before, after))
    gap = Gap("lumen", NOW - timedelta(days=3), NOW - timedelta(days=10), first, last)

    assert say_gap(gap, curator.app.zone) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.5, "every 30 minutes"), (1, "every hour"), (23.5, "every 24 hours"), (24, "every day"), (40, "every 2 days"),
     (100, "every 4 days"), (0, "every minute")],
)  # fmt: skip
def test_a_rhythm_is_said_to_the_nearest(hours: float, said: str) -> None:
    assert words.rhythm(timedelta(hours=hours)) == said


@pytest.mark.parametrize(
    ("counts", "heights"),
    [
        ([0, 0, 0], [0, 0, 0]),
        ([1, 0, 2], [25, 0, 50]),
        ([1, 40, 10], [2.5, 100, 25]),
    ],
)
def test_bars_are_as_high_as_the_highest_but_few_posts_stay_low(counts: list[int], heights: list[float]) -> None:
    months = list_months(Month(2023, 1))[-3:]
    chart = build_chart(list(zip(months, counts, strict=True)))

    assert [column.height for column in chart.columns] == heights
    assert [column.year for column in chart.columns] == ["2022", "", "2023"]
    assert chart.title == f"Posts from Nov 2022 to Jan 2023: Nov {counts[0]}, Dec {counts[1]}, Jan {counts[2]}"
    assert chart.total == sum(counts)


def test_the_month_that_is_not_over_is_drawn_apart() -> None:
    chart = build_chart(list(zip(list_months(Month(2022, 12)), [0] * 10 + [4, 2], strict=True)))

    assert chart.past == f"M70 {HEIGHT}v-{HEIGHT}h5v{HEIGHT}z"
    assert chart.present == f"M77 {HEIGHT}v-{HEIGHT // 2}h5v{HEIGHT // 2}z"


def test_a_bar_of_one_post_is_seen_beside_one_of_a_thousand() -> None:
    chart = build_chart([(Month(2022, 11), 1), (Month(2022, 12), 1000)])

    assert chart.past == f"M0 {HEIGHT}v-1h5v1z"


def test_the_page_of_a_feed_asks_for_pages_and_shows_how_they_fared(curator: Curator) -> None:
    fill(curator.app, SAMPLES)
    page = curator.read("/feeds/haneul")
    assert re.search(r'<select name="full_text">\s*<option value="no" selected>', page)
    assert "Pages of posts" not in text_of(page)
    fields = {"name": "Haneul", "language": "ko", "kind": "company", "weight": "0", "full_text": "yes"}
    assert curator.send("/feeds/haneul/edit", **fields).status_code == 303
    page = curator.read("/feeds/haneul")
    assert '<option value="yes" selected>' in page
    assert "Pages of posts none yet" in text_of(page)
    _save(curator.app)
    assert "Pages of posts 1 read, 1 refused by the site" in text_of(curator.read("/feeds/haneul"))


def _save(app: App) -> None:
    with app.database.writing() as connection:
        ids = [
            row[0] for row in connection.exec_driver_sql("SELECT id FROM posts WHERE feed_key = 'haneul' ORDER BY id")
        ]
        outcomes = (PageOutcome.TAKEN, PageOutcome.REFUSED)
        save_readings(
            connection,
            [PageReading(post, "https://a.example/", NOW, said, 1) for post, said in zip(ids, outcomes, strict=False)],
        )
