"""Discovery: which addresses are tried for a site, in which order, and how a feed is proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from aggregator.feeds.discovery.leads import Lead, Reason, list_guessed, list_ruled, list_told
from aggregator.feeds.discovery.proposal import choose_key, propose_feed
from aggregator.feeds.discovery.sample import Sample, take_sample
from aggregator.feeds.formats.page import Page, read_page
from aggregator.types import Kind, Retrieved

RSS, ATOM, JSON = "application/rss+xml", "application/atom+xml", "application/feed+json"


def named(href: str, kind: str = RSS, **attributes: str) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<link rel="alternate" type="{kind}" href="{href}"{said}>'


def made_with(generator: str) -> str:
    return f'<meta name="generator" content="{generator}">'


# Name: address, what is in the page, and the first addresses that are tried.
SITES = {
    # By a rule of the platform, without reading the page.
    "Medium, publication": (
        "https://medium.com/airbnb-engineering",
        "",
        ["https://medium.com/feed/airbnb-engineering"],
    ),
    "Medium, topic of a publication": (
        "https://medium.com/daangn/tagged/machine-learning",
        "",
        ["https://medium.com/feed/daangn/tagged/machine-learning", "https://medium.com/feed/daangn"],
    ),
    "Medium, author": ("https://medium.com/@karpathy/yes-you-should-1", "", ["https://medium.com/feed/@karpathy"]),
    "Medium, topic": ("https://medium.com/tag/llm", "", ["https://medium.com/feed/tag/llm"]),
    "Medium, subdomain": ("https://pub.medium.com/a-post-1", "", ["https://pub.medium.com/feed"]),
    "Medium, known domain": ("https://netflixtechblog.com/a-post-1", "", ["https://netflixtechblog.com/feed"]),
    "Tistory": ("https://ratsgo.tistory.com/category/ml", "", ["https://ratsgo.tistory.com/rss"]),
    "velog": ("https://velog.io/@velopert/series/react", "", ["https://v2.velog.io/rss/@velopert"]),
    "Brunch, number": ("https://brunch.co.kr/@@3Vzi", "", ["https://brunch.co.kr/rss/@@3Vzi"]),
    "Naver blog": ("https://blog.naver.com/naver_diary/2231", "", ["https://rss.blog.naver.com/naver_diary.xml"]),
    "Naver blog, on a phone": (
        "https://m.blog.naver.com/naver_diary",
        "",
        ["https://rss.blog.naver.com/naver_diary.xml"],
    ),
    "Naver blog, old view": (
        "https://blog.naver.com/PostView.naver?blogId=naver_diary&logNo=22",
        "",
        ["https://rss.blog.naver.com/naver_diary.xml"],
    ),
    "WordPress.com, category": (
        "https://ml.wordpress.com/category/nlp/",
        "",
        ["https://ml.wordpress.com/category/nlp/feed/", "https://ml.wordpress.com/feed/"],
    ),
    "Substack": ("https://magazine.substack.com/p/a-post", "", ["https://magazine.substack.com/feed"]),
    "Substack, profile": ("https://substack.com/@rasbt", "", ["https://rasbt.substack.com/feed"]),
    "Blogger": (
        "https://testing.blogspot.com/2022/01/x.html",
        "",
        ["https://testing.blogspot.com/feeds/posts/default"],
    ),
    "Blogger, label": (
        "https://testing.blogspot.com/search/label/TotT",
        "",
        ["https://testing.blogspot.com/feeds/posts/default/-/TotT", "https://testing.blogspot.com/feeds/posts/default"],
    ),
    "GitHub, repository": (
        "https://github.com/vllm-project/vllm",
        "",
        ["https://github.com/vllm-project/vllm/releases.atom", "https://github.com/vllm-project/vllm/tags.atom"],
    ),
    "GitHub, commits": (
        "https://github.com/vllm-project/vllm/commits/main",
        "",
        ["https://github.com/vllm-project/vllm/commits/main.atom"],
    ),
    "YouTube, channel": (
        "https://www.youtube.com/channel/UCbfYPyITQ-7l4upoX8nvctg",
        "",
        ["https://www.youtube.com/feeds/videos.xml?channel_id=UCbfYPyITQ-7l4upoX8nvctg"],
    ),
    "YouTube, list": (
        "https://www.youtube.com/playlist?list=PLoROMvodv4rMiGQp3WXShtMGgzqpfVfbU",
        "",
        ["https://www.youtube.com/feeds/videos.xml?playlist_id=PLoROMvodv4rMiGQp3WXShtMGgzqpfVfbU"],
    ),
    "Hugging Face, blog": ("https://huggingface.co/blog/some-post", "", ["https://huggingface.co/blog/feed.xml"]),
    "arXiv": ("https://arxiv.org/list/cs.CL/recent", "", ["https://rss.arxiv.org/rss/cs.CL"]),
    "AWS in Korean": (
        "https://aws.amazon.com/ko/blogs/tech/a-post/",
        "",
        ["https://aws.amazon.com/ko/blogs/tech/feed/"],
    ),
    "Reddit": ("https://old.reddit.com/r/MachineLearning/", "", ["https://www.reddit.com/r/MachineLearning/.rss"]),
    # By what the page says.
    "Brunch, name": (
        "https://brunch.co.kr/@sijifu",
        named("https://brunch.co.kr/rss/@@3Vzi", title="행복한 시지프 rss"),
        ["https://brunch.co.kr/rss/@@3Vzi"],
    ),
    "YouTube, handle": (
        "https://www.youtube.com/@TwoMinutePapers",
        '<meta itemprop="identifier" content="UCbfYPyITQ-7l4upoX8nvctg">',
        ["https://www.youtube.com/feeds/videos.xml?channel_id=UCbfYPyITQ-7l4upoX8nvctg"],
    ),
    "WordPress, with comments": (
        "https://blog.example/2022/a-post/",
        named("https://blog.example/feed/", title="Blog » Feed")
        + named("https://blog.example/comments/feed/", title="Blog » Comments Feed")
        + named("https://blog.example/2022/a-post/feed/", title="Blog » A Post Comments Feed")
        + '<link rel="alternate" type="application/json" href="https://blog.example/wp-json/wp/v2/posts/1">',
        ["https://blog.example/feed/"],
    ),
    "comments alone": (
        "https://blog.example/",
        named("/comments/feed/", title="Comments"),
        ["https://blog.example/comments/feed/"],
    ),
    "Ghost": ("https://blog.example/", made_with("Ghost 5.82") + named("/rss/"), ["https://blog.example/rss/"]),
    "Atom and RSS": (
        "https://blog.example/en/",
        named("../atom.xml", ATOM) + named("../rss.xml"),
        ["https://blog.example/atom.xml", "https://blog.example/rss.xml"],
    ),
    "JSON Feed": ("https://blog.example/", named("/feed.json", JSON), ["https://blog.example/feed.json"]),
    "two languages": (
        "https://blog.example/ko/",
        named("/en/rss", hreflang="en") + named("/ko/rss", hreflang="ko-KR"),
        ["https://blog.example/ko/rss", "https://blog.example/en/rss"],
    ),
    "base element": (
        "https://blog.example/a/b",
        '<base href="https://cdn.example/blog/">' + named("feed.xml"),
        ["https://cdn.example/blog/feed.xml"],
    ),
    "link in the foot": (
        "https://blog.example/",
        '<footer><a href="/about">About</a><a href="/rss.xml">RSS</a></footer>',
        ["https://blog.example/rss.xml"],
    ),
    "link in Korean": (
        "https://blog.example/",
        '<a href="/subscribe">RSS 구독</a>',
        ["https://blog.example/subscribe"],
    ),
    # At the usual places of its platform.
    "WordPress, silent": (
        "https://blog.example/category/ml/",
        made_with("WordPress 6.4.2"),
        ["https://blog.example/category/ml/feed/", "https://blog.example/feed/"],
    ),
    "Hugo": (
        "https://blog.example/posts/",
        made_with("Hugo 0.110.0"),
        [
            "https://blog.example/posts/index.xml",
            "https://blog.example/posts/feed.xml",
            "https://blog.example/index.xml",
        ],
    ),
    "Jekyll, project page": (
        "https://someone.github.io/notes/",
        made_with("Jekyll v4.3.1"),
        ["https://someone.github.io/notes/feed.xml", "https://someone.github.io/notes/atom.xml"],
    ),
    "Medium, other domain": (
        "https://tech.example/",
        '<script src="https://cdn-client.medium.com/lite/static/js/main.js"></script>',
        ["https://tech.example/feed"],
    ),
    "Substack, other domain": (
        "https://news.example/",
        '<link rel="stylesheet" href="https://substackcdn.com/bundle/theme.css">',
        ["https://news.example/feed"],
    ),
    "Tistory, other domain": (
        "https://blog.example/12",
        '<script src="https://t1.daumcdn.net/tistory_admin/lib/jquery.js"></script>',
        ["https://blog.example/12/rss", "https://blog.example/rss"],
    ),
    "MkDocs": ("https://notes.example/", made_with("mkdocs-1.5"), ["https://notes.example/feed_rss_created.xml"]),
    "Squarespace": (
        "https://blog.example/news",
        '<script src="https://static1.squarespace.com/static/x.js"></script>',
        ["https://blog.example/news/?format=rss", "https://blog.example/?format=rss"],
    ),
    "unknown": (
        "https://blog.example/blog",
        "<p>Hello</p>",
        ["https://blog.example/blog/feed", "https://blog.example/blog/rss.xml", "https://blog.example/blog/feed.xml"],
    ),
    # Without feeds.
    "Notion": ("https://team.notion.site/Blog-123", "<p>Blog</p>", []),
    "Notion, other domain": ("https://blog.example/", '<script src="https://oopy.lazyrockets.com/a.js"></script>', []),
}


def list_leads(url: str, html: str, header: str | None = None) -> list[Lead]:
    """The first leads that there are, in the order in which they are tried."""
    page = read_page(f"<html lang=ko><head>{html}</head></html>".encode(), url)
    return list_ruled(url) or list_told(page, url, header) or list_guessed(url, page, header)


@pytest.mark.parametrize("name", SITES)
def test_the_first_addresses_that_are_tried(name: str) -> None:
    url, html, first = SITES[name]
    found = [lead.url for lead in list_leads(url, html)]
    if name.startswith("Notion"):
        # Nobody guesses there.
        assert name != "Notion, other domain" or not found
    else:
        assert found[: len(first)] == first


def test_header_fields_come_before_the_page() -> None:
    header = '</feed>; rel="alternate"; type="application/rss+xml"; title="All", <https://blog.example/wp-json/>; rel="https://api.w.org/"'
    found = list_leads("https://blog.example/", named("/rss"), header)
    assert [(lead.url, lead.reason) for lead in found] == [
        ("https://blog.example/feed", Reason.HEADER),
        ("https://blog.example/rss", Reason.NAMED),
    ]


def test_a_header_tells_wordpress() -> None:
    header = '<https://blog.example/wp-json/>; rel="https://api.w.org/"'
    assert [lead.url for lead in list_leads("https://blog.example/", "", header)] == ["https://blog.example/feed/"]


ITEM = "<item><title>Post {n}</title><link>https://blog.example/{n}</link><pubDate>{n:02} Nov 2022 00:00:00 GMT</pubDate><description>{text}</description></item>"
NOW = datetime(2022, 12, 1, tzinfo=UTC)


def sample(text: str = "A word. ", *, title: str = "The Blog", url: str = "https://blog.example/feed") -> Sample:
    items = "".join(ITEM.format(n=n, text=text) for n in (3, 10, 17, 24))
    body = (
        f"<rss version='2.0'><channel><title>{title}</title><link>https://blog.example/</link>{items}</channel></rss>"
    )
    return take_sample(Retrieved(url, 200, body.encode(), "application/rss+xml"), now=NOW, zone=ZoneInfo("Asia/Seoul"))


def test_a_sample_tells_titles_pace_and_length() -> None:
    found = sample()
    assert [post.title for post in found.posts] == ["Post 24", "Post 17", "Post 10", "Post 3"]
    assert found.pace == pytest.approx(4.3, abs=0.1)
    assert (found.language, found.newest_at, found.is_whole) == ("en", datetime(2022, 11, 24, tzinfo=UTC), False)
    assert sample("A word of prose. " * 100).is_whole


@pytest.mark.parametrize(
    ("url", "title", "organisation", "key", "name", "kind"),
    [
        ("https://netflixtechblog.com/feed", "Netflix TechBlog - Medium", "Netflix", "netflixtechblog", "Netflix TechBlog", Kind.COMPANY),
        ("https://medium.com/feed/@someone", "Stories by Some One on Medium", None, "someone", "Some One", Kind.INDIVIDUAL),
        ("https://v2.velog.io/rss/@velopert", "velopert.log", None, "velopert", "velopert.log", Kind.INDIVIDUAL),
        ("https://aws.amazon.com/blogs/machine-learning/feed/", "AWS ML Blog", "AWS", "aws-machine-learning", "AWS ML Blog", Kind.AWS),
        ("https://ai.stanford.edu/blog/feed.xml", "SAIL Blog", None, "stanford", "SAIL Blog", Kind.RESEARCH),
        ("https://tech.socarcorp.kr/feed.xml", "SOCAR Tech Blog", None, "socarcorp", "SOCAR Tech Blog", Kind.COMPANY),
        ("https://github.com/vllm-project/vllm/releases.atom", "Release notes from vllm", None, "vllm-project-vllm", "Release notes from vllm", Kind.COMPANY),
    ],
)  # fmt: skip
def test_a_proposal(url: str, title: str, organisation: str | None, key: str, name: str, kind: Kind) -> None:
    feed = propose_feed(
        Lead(url, Reason.GIVEN), sample(title=title, url=url), Page(), organisation=organisation, taken=()
    )
    assert (feed.key, feed.name, feed.kind) == (key, name, kind)
    assert feed.full_text
    assert feed.organisation == (organisation if kind is not Kind.INDIVIDUAL else None)


def test_the_language_is_that_of_the_posts_or_of_a_korean_title() -> None:
    assert sample(title="카카오엔터프라이즈 기술 블로그").language == "ko"
    unknown = replace(sample(), language="und")
    page = Page(language="ja")
    assert (
        propose_feed(Lead("https://x.example/", Reason.GIVEN), unknown, page, organisation=None, taken=()).language
        == "ja"
    )


def test_a_key_is_free() -> None:
    assert choose_key("https://tech.socarcorp.kr/feed.xml", "", {"socarcorp", "socarcorp-2"}) == "socarcorp-3"
    assert choose_key("https://blog.io/rss", "한국어", ()) == "blog-io"
