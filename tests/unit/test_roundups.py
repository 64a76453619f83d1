"""Which posts a round-up links to, in feeds and in mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator.addresses.clicks import hides_goal
from aggregator.feeds.parse import parse_document
from aggregator.feeds.schedule import Bounds
from aggregator.feeds.update import Surroundings, VisitRules, decide_update
from aggregator.posts.mails import read_mail
from aggregator.posts.roundup_pages import draft_linked, read_issue_page
from aggregator.posts.roundups import home_of, is_post_address, list_linked, name_issue
from aggregator.rank.popularity import measure_popularity
from aggregator.text.html import sanitise_html
from aggregator.types import (
    DateConfidence,
    DateSource,
    FeedState,
    Kind,
    KnownEntry,
    Mention,
    Month,
    Outcome,
    ParsedEntry,
    ParsedFeed,
    ReadPost,
    Retrieved,
    Signal,
    Visit,
    Wait,
)
from growth import find_growth
from world import FEED, NOW, make_post

HOME = "https://weekly.example/issues/12"
SEOUL = VisitRules(Bounds(timedelta(minutes=15), timedelta(hours=12)), ZoneInfo("Asia/Seoul"), 100, timedelta(days=3))
ENGLISH = """
<p><a href="https://weekly.example/">Weekly ML</a> | <a href="/issues/12">Read online</a> |
<a href="https://twitter.com/intent/tweet?url=x">Tweet</a></p>
<h2>Sponsored by Cloudy</h2><p><a href="https://cloudy.example/blog/fast-gpus">GPUs that are fast</a></p>
<h2>Articles</h2>
<ul><li><a href="https://blog.one.example/serving-llms?utm_source=weekly">Serving LLMs at One</a>: how they did it.</li>
<li>How to shard a feature store. <a href="https://two.example/shard">Read more</a></li>
<li><a href="https://three.example/2026/11/tuning">Tuning <b>small</b> models</a>
    (<a href="https://github.com/three/tuner">code</a>, <a href="https://three.example/2026/11/tuning#top">here</a>)</li>
<li><a href="https://four.example/agents">Agents at work (Sponsor)</a></li>
<li><a href="https://five.example/">Five</a> and <a href="https://github.com/five">its code</a> are companies.</li>
<li><a href="https://t.co/Ab3dE">A thread that became a post</a></li></ul>
<h3>Jobs</h3><p><a href="https://six.example/we-are-hiring/engineer">ML engineer at Six</a></p>
<h3>Papers</h3><a href="https://arxiv.org/abs/2611.00001"><p>A paper on pruning</p></a>
<a href="https://seven.example/post"><img src="https://seven.example/x.png" alt="A picture of Seven's post"></a>
<p><a href="https://weekly.example/unsubscribe?u=1">Unsubscribe</a> <a href="https://list.example/u/1">unsubscribe here</a>
<a href="https://eight.example/advertise">Advertise with us</a></p>
"""
KOREAN = """
<div><a href="https://stibee.com/view/1">웹에서 보기</a></div>
<h2>이번 주 글</h2>
<p><b>하늘상점의 추천 시스템 이야기</b><br><a href="https://tech.haneul.example/recsys">원문 보기</a></p>
<p><a href="https://velog.io/@mina/vector-db">벡터 DB 고르기</a> <a href="https://velog.io/@mina">미나</a></p>
<h2>광고</h2><p><a href="https://shop.example/course">강의 할인</a></p>
<h2>채용 공고</h2><p><a href="https://jobs.example/1">머신러닝 엔지니어</a></p>
<h2>함께 읽을 글</h2><p><a href="https://event.stibee.com/v2/click/abc">검색 품질을 올린 방법</a></p>
<p><a href="https://page.stibee.com/unsub">수신거부</a> <a href="https://news.example/ask">광고 문의</a></p>
"""


@pytest.mark.parametrize(
    ("markup", "linked"),
    [
        (
            ENGLISH,
            [
                ("Serving LLMs at One", "https://blog.one.example/serving-llms"),
                ("How to shard a feature store. Read more", "https://two.example/shard"),
                ("Tuning small models", "https://three.example/2026/11/tuning"),
                ("Tuning small models (code, here)", "https://github.com/three/tuner"),
                ("A thread that became a post", "https://t.co/Ab3dE"),
                ("A paper on pruning", "https://arxiv.org/abs/2611.00001"),
                ("A picture of Seven's post", "https://seven.example/post"),
            ],
        ),
        (
            KOREAN,
            [
                ("하늘상점의 추천 시스템 이야기 원문 보기", "https://tech.haneul.example/recsys"),
                ("벡터 DB 고르기", "https://velog.io/@mina/vector-db"),
                ("검색 품질을 올린 방법", "https://event.stibee.com/v2/click/abc"),
            ],
        ),
    ],
)
def test_the_posts_that_an_issue_links_to(markup: str, linked: Sequence[tuple[str, str]]) -> None:
    found = list_linked(sanitise_html(markup), HOME, [HOME])
    assert [(each.title, each.url) for each in found] == linked
    assert {each.url for each in found if each.canonical_url is None} <= {url for _, url in linked if hides_goal(url)}


@pytest.mark.parametrize(
    ("url", "is_hidden"),
    [
        ("https://t.co/Ab3dE", True),
        ("https://bit.ly/3xyz", True),
        ("https://substack.com/redirect/2f5b?j=ey", True),
        ("https://one.us4.list-manage.com/track/click?u=1&id=2&e=3", True),
        ("https://link.mail.beehiiv.com/ss/c/u001.abc", True),
        ("https://u123.ct.sendgrid.net/ls/click?upn=u001", True),
        ("https://url4321.one.example/ls/click?upn=1", True),
        ("https://event.stibee.com/v2/click/abc", True),
        ("https://import.substack.com/p/issue-210", False),
        ("https://bit.ly/", False),
        ("https://blog.one.example/track/record", False),
    ],
)
def test_addresses_that_only_their_server_can_resolve(url: str, is_hidden: bool) -> None:
    assert hides_goal(url) is is_hidden


def test_a_round_up_on_a_shared_host_is_its_folder() -> None:
    homes = [home_of("https://velog.io/@weekly/12")]
    found = [is_post_address(f"https://velog.io/{path}", homes) for path in ("@weekly/11", "@other/post")]
    assert found == [False, True]


@pytest.mark.parametrize(
    ("name", "title", "label"),
    [
        ("Import AI", "Import AI 210: Models, and more", "Import AI 210"),
        ("Weekly ML", "Issue #12 - Serving", "Weekly ML 12"),
        ("위클리", "제 34호: 검색", "위클리 34"),
        ("Interesting Stuff", "Interesting Stuff - Week 41, 2022", "Interesting Stuff 41"),
        ("The Batch", "Gemini gets pricey, AI Act delays", "The Batch"),
        ("News, daily", "5 things", "News daily"),
    ],
)
def test_how_a_reason_names_an_issue(name: str, title: str, label: str) -> None:
    assert name_issue(name, title) == label


def test_a_long_issue_is_read_in_linear_time() -> None:
    for pump in ("<li><a href='https://a.example/x'>read", "<a href='https://a.example/y/z'>", "<p>광고</p>"):
        assert not find_growth(lambda text: list_linked(sanitise_html(text), HOME, [HOME]), "", pump, "", size=200)


SHARED = Path(__file__).parents[2].parent / "shared" / "feeds" / "katiefloyd-squarespace.xml"


@pytest.mark.skipif(not SHARED.exists(), reason="the recorded feeds are not here")
def test_a_recorded_round_up() -> None:
    parsed = parse_document(SHARED.read_bytes(), "https://katiefloyd.example/rss")
    (issue,) = (entry for entry in parsed.entries if entry.title == "Katie's Week In Review: August 21, 2016")
    found = list_linked(sanitise_html(issue.content or issue.summary), issue.url or "", [parsed.site or ""])
    assert len(found) == 7
    assert found[2].title == "Apple, Google, FCC Team up to Stop Spam Robocalls"


def test_a_visit_splits_issues_and_makes_no_posts() -> None:
    feed = replace(FEED, kind=Kind.ROUNDUP, name="Weekly ML", site="https://weekly.example/")
    items = (
        ParsedEntry("1", HOME, "Weekly ML 12", content=ENGLISH, published_raw=NOW.isoformat()),
        ParsedEntry("2", "/old", "Weekly ML 1", content=ENGLISH, published_raw="2021-01-01T00:00:00Z"),
        ParsedEntry("3", "/undated", "Weekly ML 2", content=ENGLISH),
    )
    answer = Retrieved(feed.url, 200, b"", None)
    visit = Visit(feed.key, NOW, 0.1, Outcome.FAILED)
    parsed = ParsedFeed("Weekly ML", feed.site, "rss20", items)
    update = decide_update(FeedState(feed), answer, parsed, (), visit=visit, rules=SEOUL, around=Surroundings())
    assert len(update.entries) == 3
    assert (update.posts, update.signals, update.gap) == ((), (), None)
    (issue,) = update.issues
    assert (issue.source, issue.label, len(issue.linked)) == (feed.key, "Weekly ML 12", 7)
    known = [
        KnownEntry(e.key, e.guid, e.canonical_url, e.title, e.published_at, e.published_raw, e.fingerprint, True, e.url, has_post=False)
        for e in update.entries
    ]  # fmt: skip
    again = decide_update(FeedState(feed), answer, parsed, known, visit=visit, rules=SEOUL, around=Surroundings())
    assert (again.entries, again.issues) == ((), ()), "what makes no posts is not taken up again"


def test_the_page_of_an_issue_is_split_without_its_frame() -> None:
    page = f"<html><body><nav><a href='https://nav.example/deals/1'>Deals</a></nav><article>{ENGLISH}</article></body></html>"
    found = read_issue_page(Retrieved(HOME, 200, page.encode(), "text/html; charset=utf-8"), [])
    assert len(found) == 7
    assert read_issue_page(Retrieved(HOME, 200, b"%PDF", "application/pdf"), []) == ()


MENTION = Mention(
    1, "https://two.example/shard", "How to shard", "https://two.example/shard", "weekly", "Weekly ML 12", NOW
)
READ = ReadPost(
    MENTION.url, (MENTION.url,), "How to shard a feature store", NOW - timedelta(days=3), DateSource.PUBLISHED, DateConfidence.SURE
)  # fmt: skip


def test_a_linked_post_has_the_date_of_its_page_or_waits_for_one() -> None:
    def draft(read: ReadPost, mention: Mention = MENTION) -> tuple[str, object, object] | str | None:
        found = draft_linked(mention, read, published=frozenset(), now=NOW, zone=SEOUL.zone)
        return (found.draft.title, str(found.draft.month), found.draft.waits_for) if found.draft else found.trouble

    assert draft(READ) == (READ.title, "2022-12", None)
    unread = ReadPost(MENTION.url, (MENTION.url,), trouble="robots.txt of two.example does not allow it")
    assert draft(unread) == ("How to shard", "2022-12", Wait.DATE)
    assert draft(replace(READ, published_at=NOW - timedelta(days=400))) == "it was published in 2021-11"
    assert draft(unread, replace(MENTION, title="")) == unread.trouble


def test_the_reasons_name_the_round_ups() -> None:
    post = make_post(1)
    votes = [
        Signal(post.canonical_url, source, "links", 1.0, NOW, label=label)
        for source, label in (("import", "Import AI 210"), ("weekly", "Weekly ML 12"), ("hnrss", ""))
    ]
    found = measure_popularity([post], votes, {}).popularity
    assert found[1].detail == "1 link elsewhere, linked by Import AI 210, linked by Weekly ML 12"


def _mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    named = {
        "From": "Weekly ML <weekly@substack.com>",
        "Subject": "=?utf-8?b?7KO86rCEIDM0?= #12",
        "Message-ID": "<12@w>",
    }
    for name, value in (named | headers).items():
        message[name.replace("_", "-")] = value
    return message


def test_an_old_mail_is_left_out() -> None:
    for date, trouble in (
        ("Thu, 01 Sep 2022 09:00:00 +0900", "it is from 2022-09-01; mails of more than 45 days are not read"),
        (format_datetime(NOW), None),
        ("yesterday", None),
    ):
        message = _mail(Date=date)
        message.set_content("https://plain.example/post")
        issue = read_mail(message.as_bytes(), "1.eml", now=NOW)
        assert (issue.trouble, len(issue.linked)) == (trouble, 0 if trouble else 1)


def test_a_mail_is_read_by_its_html_part_in_any_charset() -> None:
    message = _mail()
    message.set_content("https://plain.example/post")
    body = message.as_bytes()
    assert [each.url for each in read_mail(body, "1.eml", now=NOW).linked] == ["https://plain.example/post"]
    message.add_alternative(KOREAN, subtype="html", charset="euc-kr")
    message.add_attachment(b"x" * 1000, maintype="application", subtype="octet-stream", filename="x.bin")
    issue = read_mail(message.as_bytes(), "1.eml", now=NOW)
    assert (issue.source, issue.key, issue.label) == ("Weekly ML", "<12@w>", "Weekly ML 12")
    assert [each.title for each in issue.linked][1:] == ["벡터 DB 고르기", "검색 품질을 올린 방법"]


def test_a_name_that_cannot_be_decoded_is_no_traceback() -> None:
    body = b"From: =?utf-8?b?A?= <a@b.example>\nContent-Type: text/html\n\n<a href='https://one.example/p'>How to shard</a>"
    assert [each.title for each in read_mail(body, "1.eml", now=NOW).linked] == ["How to shard"]


def test_addresses_of_a_plain_mail_have_the_words_before_them() -> None:
    message = _mail()
    message.set_content(
        "Hello\n\nServing LLMs at One:\nhttps://one.example/serving.\n\n* Two on shards (https://two.example/shard)\n"
    )
    found = read_mail(message.as_bytes(), "1.eml", now=NOW).linked
    assert [(each.title, each.url) for each in found] == [
        ("Serving LLMs at One", "https://one.example/serving"),
        ("Two on shards", "https://two.example/shard"),
    ]


def test_files_that_are_no_mails_say_so() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(400))
    for body in (b"", b"\x00\xff:" * 700, b"<html>no</html>", b"From: a@b.example\n\n", nested):
        issue = read_mail(body, "odd.eml", now=NOW)
        assert (issue.file, bool(issue.trouble), issue.linked) == ("odd.eml", True, ())


def test_the_month_of_a_linked_post_is_open() -> None:
    found = draft_linked(MENTION, READ, published=frozenset({Month(2022, 12)}), now=NOW, zone=SEOUL.zone)
    assert found.draft is not None
    assert (found.draft.month, found.draft.late_for) == (Month(2023, 1), Month(2022, 12))
