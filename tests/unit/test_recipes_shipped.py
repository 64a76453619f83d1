"""The recipes that come with the project, on small pages of the structure that public crawlers of the sites describe; and
the recipes that are proposed for these pages from one example link, and from none.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest

from aggregator.addresses.urls import canonicalise_url
from aggregator.config import load_config
from aggregator.exceptions import ParseError
from aggregator.feeds.drafts import zones_of
from aggregator.feeds.recipes.propose import propose_recipes
from aggregator.feeds.recipes.read import Before, ReadPages, parse_listing
from aggregator.feeds.recipes.sitemap import plan_pages, read_listed_page
from aggregator.types import Feed, Retrieved

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
FEEDS = {
    feed.key: feed for feed in load_config({}, home=Path("/nowhere"), file=ROOT / "feeds.toml").feeds if feed.recipe
}
AROUND = (
    '<header><nav><a href="/">Home</a><a href="/products/one">The first product</a><a href="/pricing">Pricing and plans</a>'
    '<a href="/careers">Careers with us</a></nav></header><main>{0}</main>'
    '<footer><a href="/legal/terms">Terms of service</a><a href="/legal/privacy">Privacy policy</a></footer>'
)
TITLES = ("Measuring oversight of large models", "표 데이터를 읽는 모델", "How we cut the cost of serving by half")
# A card of each site: {n} is the number of the post, {title} its title, {day} its date.
CARDS = {
    "anthropic-engineering": (
        '<article class="ArticleList_article__LIMds"><a class="ArticleList_cardLink__VWIzl" href="/engineering/post-{n}">'
        '<div class="ArticleList_content__x"><h3 class="display-sans-s bold">{title}</h3>'
        '<div class="ArticleList_date__2VTRg">{day}</div></div></a></article>'
    ),
    "anthropic-news": (
        '<li><a class="PublicationList-module-scss-module__KxYrHG__listItem" href="/news/post-{n}"><div><time class="date">{day}</time>'
        '<span class="subject">Announcements</span></div><span class="PublicationList_title__x">{title}</span></a></li>'
    ),
    "anthropic-research": (
        '<a href="/research/post-{n}"><h3 class="Card_headline__reaoT">{title}</h3><p class="detail-m">{day}</p></a>'
        '<a href="/research/team/alignment"><h3>Alignment</h3></a>'
    ),
    "cerebras": '<div class="card"><a href="/blog/post-{n}"><h3>{title}</h3><p>{day}</p></a></div>',
    "clova": (
        '<li><a href="/tech-blog/post-{n}"><img src="/x.png" alt=""><strong>{title}</strong><span>{day}</span></a></li>'
    ),
    "cohere": (
        '<a href="/blog/post-{n}"><p>{title}</p><p>What it is about, in a sentence.</p><p>{day} · 5 min read</p></a>'
        '<a href="/blog/tag/research"><p>Research</p></a>'
    ),
    "cursor": (
        '<a class="card card--default" href="/blog/post-{n}"><div><p>{title}</p><p>What it is about.</p>'
        '<span class="capitalize">research ·</span><time datetime="2026-11-0{n}T00:00:00.000Z">{day}</time></div></a>'
        '<a class="card" href="/blog/topic/research">research</a>'
    ),
    "gangnamunni": '<div class="post"><a href="/post/post-{n}"><h2>{title}</h2><p>설명</p><span>{day}</span></a></div>',
    "groq": '<a href="/blog/post-{n}"><h2>{title}</h2><time datetime="2026-11-0{n}">{day}</time></a>',
    "langchain": (
        '<article class="post-card"><a href="/post-{n}/"><img src="/x.png" alt="{title}"></a><h2><a href="/post-{n}/">{title}</a></h2>'
        '<time datetime="2026-11-0{n}">{day}</time></article>'
    ),
    "llamaindex": (
        '<div class="CardBlog_card__mm0Zw"><img alt=""><p class="CardBlog_title__qC51U"><a href="/blog/post-{n}">{title}</a></p>'
        '<p class="Text_text__zPO0D Text_text-size-16__PkjFu">{day}</p></div>'
    ),
    "meta-ai": (
        '<div class="_amda"><a href="https://ai.meta.com/blog/post-{n}/" aria-label="Read {title}"><img alt=""></a>'
        '<div class="_amdj">Open Source</div><div class="_amde">{title}</div><div class="_amdj">{day}</div></div>'
    ),
    "thinking-machines": (
        '<li><a class="post-item-link" href="/blog/post-{n}/"><time class="desktop-time">{day}</time>'
        '<div class="post-title">{title}</div><div class="author-date">A Person · {day}</div></a></li>'
    ),
}  # fmt: skip
DAYS = ("Nov 1, 2026", "Nov 2, 2026", "Nov 3, 2026")
# Without a year, and in Korean.
OTHER_DAYS = {
    "thinking-machines": ("Nov 1", "Nov 2", "Nov 3"),
    "clova": ("2026.11.01", "2026.11.02", "2026.11.03"),
    "gangnamunni": ("2026년 11월 1일", "2026년 11월 2일", "2026년 11월 3일"),
}


def make_page(key: str, change: tuple[str, str] = ("", "")) -> Retrieved:
    days = OTHER_DAYS.get(key, DAYS)
    card = CARDS[key].replace(*change) if change[0] else CARDS[key]
    cards = "".join(card.format(n=n + 1, title=TITLES[n], day=days[n]) for n in range(3))
    return Retrieved(FEEDS[key].url, 200, AROUND.format(cards).encode(), "text/html; charset=utf-8")


def read(feed: Feed, answer: Retrieved) -> list[tuple[str, str, str]]:
    zones = zones_of(feed, SEOUL)
    assert feed.recipe
    parsed = parse_listing(feed.recipe, answer, now=NOW, zones=zones)
    return [(entry.url or "", entry.title, entry.published_raw or "") for entry in parsed.entries]


@pytest.mark.parametrize("key", [key for key, feed in FEEDS.items() if feed.recipe and not feed.recipe.sitemap])
def test_a_shipped_recipe_reads_its_page(key: str) -> None:
    found = read(FEEDS[key], make_page(key))
    assert [title for _, title, _ in found] == list(TITLES)
    assert [url.rstrip("/").rpartition("/")[2] for url, _, _ in found] == ["post-1", "post-2", "post-3"]
    assert all(date for _, _, date in found)


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        ("anthropic-news", ("/news/", "/newsroom/"), "nothing matches `a[href^=\"/news/\"]` since 2026-11-20; the last visit found 3"),
        ("llamaindex", ("CardBlog_card", "PostTile"), "nothing matches `div[class*=\"CardBlog_card__\"]` since 2026-11-20; the last visit found 3"),
        ("cursor", ("<p>", "<h4>"), "matches 3, but no title is at `p` since 2026-11-20; the last visit found 3"),
        ("meta-ai", ("href", "data-href"), "matches 3, but no link is at `a@href` since 2026-11-20; the last visit found 3"),
        ("groq", ("datetime", "data-at"), "no date is at `time@datetime` any more"),
    ],
)  # fmt: skip
def test_a_shipped_recipe_that_breaks_says_so(key: str, change: tuple[str, str], said: str) -> None:
    feed, before = FEEDS[key], Before(3, has_dates=True, since="2026-11-20")
    assert feed.recipe
    try:
        parsed = parse_listing(feed.recipe, make_page(key, change), now=NOW, zones=zones_of(feed, SEOUL), before=before)
        told = parsed.warning or ""
    except ParseError as error:
        told = str(error)
    assert told.endswith(said)


def test_upstage_is_read_by_its_sitemap() -> None:
    feed = FEEDS["upstage"]
    assert feed.recipe
    places = "".join(
        f"<url><loc>https://www.upstage.ai{path}</loc></url>"
        for path in ("/", "/blog", "/blog/en/solar-open-2", "/blog/ko/solar-pro-4", "/pricing/api")
    )
    answer = Retrieved(feed.url, 200, f"<urlset>{places}</urlset>".encode())
    plan = plan_pages(feed.recipe, answer, {})
    page = Retrieved(
        "x", 200, b"<title>T | Upstage</title><h1>Solar</h1><time datetime='2026-11-03'></time>", "text/html"
    )
    zones = zones_of(feed, SEOUL)
    pages = tuple(read_listed_page(feed.recipe, url, page, now=NOW, zones=zones) for url in plan.wanted)
    parsed = parse_listing(feed.recipe, answer, now=NOW, zones=zones, pages=ReadPages({}, pages))
    assert [entry.url for entry in parsed.entries] == [
        "https://www.upstage.ai/blog/en/solar-open-2",
        "https://www.upstage.ai/blog/ko/solar-pro-4",
    ]
    assert {entry.published_raw for entry in parsed.entries} == {"2026-11-03"}


@pytest.mark.parametrize("has_example", [True, False], ids=["one example", "none"])
@pytest.mark.parametrize("key", list(CARDS))
def test_a_recipe_is_proposed_for_the_page(key: str, has_example: bool) -> None:
    answer, zones = make_page(key), zones_of(FEEDS[key], SEOUL)
    wanted = [urljoin(answer.url, url) for url, _, _ in read(FEEDS[key], answer)]
    example = wanted[1] if has_example else None
    best = propose_recipes(answer.body, answer.content_type, answer.url, example=example, now=NOW, zones=zones)[0]
    found = best.reading.usable
    assert [canonicalise_url(item.link) for item in found if "post-" in item.link] == list(
        map(canonicalise_url, wanted)
    )
    assert [item.title for item in found if "post-" in item.link] == list(TITLES)
    assert all(item.has_date for item in found if "post-" in item.link)
