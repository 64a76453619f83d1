"""What places of talk are asked, when, and what their answers say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.exceptions import ParseError
from aggregator.locales import speaking
from aggregator.rank.popularity import measure_popularity
from aggregator.talk.answers import read_answer
from aggregator.talk.due import is_due, may_ask, note_answer, note_failure
from aggregator.talk.inquiries import Inquiry, ask_about, list_lists
from aggregator.talk.sources import PLACES
from aggregator.types import Post, Reason, Signal, TalkSource, TalkState
from aggregator.words.shares import say_evidence
from world import make_post

NOW = datetime(2022, 12, 20, tzinfo=UTC)
POST = "https://tech.haneul.example/posts/features"
DAY = timedelta(days=1)


def _ask(source: TalkSource, post: Post, page: str | None = None) -> str:
    return ask_about(source, post, PLACES[source].base, page).url


def test_each_place_is_asked_by_address_as_it_documents() -> None:
    post = make_post(1, url=f"{POST}?a=1&b=2&utm_source=rss")
    asked = "https%3A%2F%2Ftech.haneul.example%2Fposts%2Ffeatures%3Fa%3D1%26b%3D2"
    assert _ask(TalkSource.HACKER_NEWS, post) == (
        f"https://hn.algolia.com/api/v1/search?query={asked}&tags=story&restrictSearchableAttributes=url"
    )
    assert _ask(TalkSource.LOBSTERS, post) == f"https://lobste.rs/stories/url/all.json?url={asked}"
    assert _ask(TalkSource.REDDIT, post) == f"https://www.reddit.com/api/info.json?url={asked}"


def test_nobody_is_asked_about_posts_inside_a_private_network() -> None:
    assert {_ask(source, make_post(1, url="http://10.1.2.3/post")) for source in TalkSource} == {""}


def test_geeknews_is_read_as_lists_and_asked_only_about_topics_that_it_has() -> None:
    post = make_post(1)
    assert _ask(TalkSource.GEEKNEWS, post) == ""
    page = "https://news.hada.io/topic?id=9214"
    assert _ask(TalkSource.GEEKNEWS, post, page) == page
    lists = [inquiry.url for inquiry in list_lists(TalkSource.GEEKNEWS, "https://news.hada.io", ())]
    assert lists[0] == "https://news.hada.io/new"


@pytest.mark.parametrize(
    ("links", "github", "hub"),
    [
        (("https://github.com/haneul/Rec-Kit/tree/main",), "repos/haneul/rec-kit", ""),
        (("https://huggingface.co/haneul/Mini-LM",), "", "models/haneul/Mini-LM"),
        (("https://huggingface.co/datasets/haneul/QA",), "", "datasets/haneul/QA"),
        (("https://arxiv.org/pdf/2212.01234v2",), "", "papers/2212.01234"),
        # Others' works are popular without the post; of several papers none is the post's.
        (("https://github.com/pytorch/pytorch", "https://huggingface.co/google/t5"), "", ""),
        (("https://arxiv.org/abs/2212.01234", "https://arxiv.org/abs/2212.04321"), "", ""),
    ],
)
def test_works_are_asked_for_if_they_are_the_publisher_s_own(links: tuple[str, ...], github: str, hub: str) -> None:
    post = make_post(1, url=POST, links=links, organisation="Haneul")
    assert _ask(TalkSource.GITHUB, post).removeprefix("https://api.github.com/") == github
    assert _ask(TalkSource.HUGGING_FACE, post).removeprefix("https://huggingface.co/api/") == hub


_HACKER_NEWS = {
    "hits": [
        {"objectID": "33960001", "url": f"{POST}/", "points": 3, "num_comments": 0},
        {"objectID": "33960002", "url": f"{POST}?utm_source=hn", "points": 38, "num_comments": 12},
        {"objectID": "33960003", "url": f"{POST}-2", "points": 900, "num_comments": 400},
        {"objectID": "33960004", "url": None, "points": None},
        "odd",
    ]
}
_LOBSTERS = [{"short_id": "abc123", "url": POST, "score": 21, "comment_count": 5}]
_REDDIT = {
    "kind": "Listing",
    "data": {
        "children": [
            {"kind": "t3", "data": {"url": POST, "score": 77, "num_comments": 9, "permalink": "/r/ml/comments/x/y/"}}
        ]
    },
}
_GEEKNEWS = f"""<title>GeekNews</title><div class="topic_row" data-topic-state-id="9214">
 <div class="topictitle"><a href="{POST}?utm_source=gn" rel="nofollow"><h2>피처 스토어</h2></a></div>
 <div class="topicinfo"><span id="tp9214">38</span> points by <a href="/@a">a</a>
 <span data-topic-comment-count="12">댓글 12개</span></div></div>
<div class="topic_row"><div class="topictitle"><a href="topic?id=9215"><h2>Ask GN</h2></a></div>
 <span id="tp9215">4</span></div>"""
_FEED = f"""<rss><channel><item><link>https://list.example/7</link>
 <description>&lt;a href="{POST}?ref=list"&gt;read&lt;/a&gt;&lt;a href="{POST}"&gt;again&lt;/a&gt;</description>
</item></channel></rss>"""


def _read(source: TalkSource, body: object, *, about: str = POST, is_list: bool = False) -> list[Signal]:
    text = body if isinstance(body, str) else json.dumps(body)
    inquiry = Inquiry(source, "https://asked.example/", about, is_list=is_list, page="https://work.example/")
    return read_answer(inquiry, text.encode(), None, NOW)


@pytest.mark.parametrize(
    ("source", "body", "counts", "page"),
    [
        (
            TalkSource.HACKER_NEWS,
            _HACKER_NEWS,
            {"points": 38, "comments": 12},
            "https://news.ycombinator.com/item?id=33960002",
        ),
        (TalkSource.LOBSTERS, _LOBSTERS, {"points": 21, "comments": 5}, "https://lobste.rs/s/abc123"),
        (TalkSource.REDDIT, _REDDIT, {"points": 77, "comments": 9}, "https://www.reddit.com/r/ml/comments/x/y/"),
        # What an answer fills in leads to the place itself.
        (
            TalkSource.REDDIT,
            {"data": {"children": [{"data": {"url": POST, "score": 1, "permalink": "@other.example/"}}]}},
            {"points": 1},
            "https://www.reddit.com/@other.example/",
        ),
        (TalkSource.GEEKNEWS, _GEEKNEWS, {"points": 38, "comments": 12}, "https://news.hada.io/topic?id=9214"),
        (TalkSource.GITHUB, {"stargazers_count": 1204}, {"stars": 1204}, "https://work.example/"),
        (TalkSource.HUGGING_FACE, {"likes": 40, "downloads": 9000}, {"likes": 40, "downloads": 9000}, None),
        (TalkSource.HUGGING_FACE, {"upvotes": 17, "id": "2212.01234"}, {"likes": 17}, None),
        (TalkSource.HACKER_NEWS, {"hits": []}, {}, None),
    ],
)
def test_answers_tell_points_comments_and_their_page(
    source: TalkSource, body: object, counts: dict[str, float], page: str | None
) -> None:
    found = _read(source, body)
    assert {signal.name: signal.value for signal in found} == counts
    assert {(signal.canonical_url, signal.source) for signal in found} <= {(POST, source.of_signals)}
    assert page is None or {signal.url for signal in found} == {page}


def test_a_list_of_geeknews_tells_of_all_posts_on_it() -> None:
    assert {signal.canonical_url for signal in _read(TalkSource.GEEKNEWS, _GEEKNEWS, about="", is_list=True)} == {POST}


def test_a_list_counts_each_post_that_it_links_to_once() -> None:
    # A bad address spoils no other.
    found = _read(TalkSource.LISTS, f'<a href="http://[bad">x</a>{_FEED}', is_list=True)
    assert [signal.canonical_url for signal in found].count(POST) == 1
    assert {(signal.name, signal.value) for signal in found} == {("links", 1.0)}


@pytest.mark.parametrize(
    ("source", "body"),
    [
        (TalkSource.HACKER_NEWS, "<html>Just a moment...</html>"),
        (TalkSource.HACKER_NEWS, {"message": "rate limited"}),
        (TalkSource.LOBSTERS, "[" * 100_000),
        (TalkSource.GITHUB, []),
        (TalkSource.GEEKNEWS, "<html>Just a moment...</html>"),
    ],
)
def test_another_answer_is_a_failure_with_a_reason(source: TalkSource, body: object) -> None:
    with pytest.raises(ParseError, match="the answer is not what"):
        _read(source, body)


@pytest.mark.parametrize(
    ("age", "asked", "due"),
    [
        (0.5, None, False),
        (1.0, None, True),
        (2.9, 1.0, False),
        (3.0, 1.0, True),
        (6.9, 5.0, False),
        (7.1, 5.0, True),
        (29.0, 7.0, False),
        (30.5, 7.0, True),
        (50.0, 30.0, False),
        (61.0, None, False),
    ],
)
def test_a_post_is_asked_about_after_1_3_7_and_30_days(age: float, asked: float | None, due: bool) -> None:
    published_at = NOW - age * DAY
    assert is_due(published_at, None if asked is None else published_at + asked * DAY, NOW) is due


def test_a_source_that_refuses_rests_for_a_day_or_as_long_as_it_asks() -> None:
    state = note_failure(TalkState(TalkSource.REDDIT), "no", NOW, status=403)
    assert state.rests_until == NOW + DAY
    assert not may_ask(state, NOW + timedelta(hours=23))
    assert may_ask(state, NOW + DAY)
    asked = note_failure(state, "no", NOW, status=429, wait=timedelta(hours=2))
    assert asked.rests_until == NOW + timedelta(hours=2)
    answered = note_answer(asked, NOW)
    assert (answered.failures, answered.reason, answered.rests_until) == (0, "", None)


def test_a_source_in_trouble_rests_longer_each_time() -> None:
    state = TalkState(TalkSource.LOBSTERS)
    rests = []
    for _ in range(6):
        state = note_failure(state, "in trouble", NOW, status=503)
        rests.append(state.rests_until - NOW)  # type: ignore[operator]
    assert rests == [timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24)]


# --- what it means ----------------------------------------------------------------------------------------------------


def _points(
    post: Post, source: TalkSource | str, points: float, name: str = "points", url: str | None = None
) -> Signal:
    named = source.of_signals if isinstance(source, TalkSource) else source
    return Signal(post.canonical_url, named, name, points, post.published_at + 30 * DAY, url)


def test_a_place_counts_by_what_is_usual_there() -> None:
    korean, english, starred = make_post(1, language="ko"), make_post(2), make_post(3)
    talk = measure_popularity(
        [korean, english, starred],
        [
            _points(korean, TalkSource.GEEKNEWS, 38),
            _points(english, TalkSource.HACKER_NEWS, 38),
            _points(starred, TalkSource.GITHUB, 38, "stars"),
        ],
        {},
    ).popularity
    assert talk[1].talk > talk[2].talk > talk[3].talk
    assert talk[2].talk == pytest.approx(38, rel=0.01)


def test_what_the_home_has_seen_in_the_language_moves_what_is_usual() -> None:
    post = make_post(1, language="ko")
    heard = [_points(post, TalkSource.GEEKNEWS, 20)]
    often, seldom = tuple([4.0] * 200), tuple([1.0] * 200)
    by = {
        levels: measure_popularity([post], heard, {}, {(TalkSource.GEEKNEWS, "ko"): levels}).popularity[1].talk
        for levels in (often, (), seldom)
    }
    assert by[often] < by[()] < by[seldom]
    of_others = measure_popularity([post], heard, {}, {(TalkSource.GEEKNEWS, "en"): often}).popularity[1].talk
    assert of_others == by[()]


def test_a_feed_that_repeats_a_place_does_not_count_twice() -> None:
    post = make_post(1)
    page = "https://news.ycombinator.com/item?id=1"
    asked = [_points(post, TalkSource.HACKER_NEWS, 120), _points(post, TalkSource.HACKER_NEWS, 40, "comments")]
    repeated = [_points(post, "hnrss", 90, url=page), _points(post, "hnrss", 1, "links", page)]
    once, both = (measure_popularity([post], heard, {}).popularity[1] for heard in (asked, [*asked, *repeated]))
    assert both == once
    assert once.detail == "Hacker News 120 points · 40 comments"


def test_the_reason_names_the_place() -> None:
    post = make_post(1, language="ko")
    heard = [_points(post, TalkSource.GEEKNEWS, 38), _points(post, "other", 5)]
    detail = measure_popularity([post], heard, {}).popularity[1].detail
    assert detail == "GeekNews 38 points, 5 points"
    assert say_evidence(Reason("popularity", 0.4, detail)) == detail


def test_comments_at_the_blog_of_a_place_are_not_said_at_the_place() -> None:
    post = make_post(1)
    heard = [_points(post, "github", 7, "comments"), _points(post, TalkSource.GITHUB, 90, "stars")]
    assert measure_popularity([post], heard, {}).popularity[1].detail == "GitHub 90 stars, 7 comments"


def test_the_name_of_a_round_up_may_have_signs_of_ours() -> None:
    detail = "2 points, linked by The {Batch}: AI 12"
    assert say_evidence(Reason("popularity", 0.4, detail)) == detail
    with speaking("ko"):
        assert say_evidence(Reason("popularity", 0.4, detail)) == "2점, The {Batch}: AI 12에서 링크함"
