"""Pages, JSON and sitemaps read as feeds: what recipes find, what they say when a layout changes, and which selectors
they may have.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.dates.listed import find_listed_date
from aggregator.dates.read import Zones
from aggregator.exceptions import ParseError
from aggregator.feeds.recipes.read import Before, ReadPages, parse_listing, read_document
from aggregator.feeds.recipes.sitemap import plan_pages, read_listed_page
from aggregator.text.selectors import check_pattern, fits_path, read_expression, read_place
from aggregator.types import Feed, Kind, ListedPage, ParsedFeed, Recipe, Retrieved
from aggregator.web.recipe.view import fill_form, read_table
from growth import LINEAR, measure_doubling

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
SEOUL = Zones(ZoneInfo("Asia/Seoul"))
URL = "https://blog.example/posts/"
CARD = '<article class="card"><h3><a href="{0}">Post {0}</a></h3><time datetime="2026-11-0{0}">Nov {0}</time></article>'


def answer(body: str | bytes, kind: str = "text/html; charset=utf-8") -> Retrieved:
    return Retrieved(URL, 200, body.encode() if isinstance(body, str) else body, kind)


def read(recipe: Recipe, body: str, before: Before | None = None, **given: Any) -> ParsedFeed:
    return parse_listing(recipe, answer(body), now=NOW, zones=SEOUL, before=before, **given)


def rows(parsed: ParsedFeed) -> list[tuple[str | None, str, str | None]]:
    return [(entry.url, entry.title, entry.published_raw) for entry in parsed.entries]


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2026.11.03", "2026.11.03"),
        ("2026년 11월 3일", "2026년 11월 3일"),
        ("3일 전", "2026-11-26"),
        ("어제", "2026-11-28"),
        ("2시간 전", "2026-11-29"),
        ("an hour ago", "2026-11-29"),
        ("2 weeks ago", "2026-11-15"),
        ("11월 3일", "2026-11-03"),
        ("Nov 3", "2026-11-03"),
        # A day that is still to come was last year.
        ("Dec 24", "2025-12-24"),
        ("Nov 3, 2026 · 5 min read", "Nov 3, 2026"),
        ("By Kim on March 4, 2026 in Research", "March 4, 2026"),
        ("등록일 | 2026-11-03", "2026-11-03"),
        ("5 min read", None),
        ("Announcing 2026", None),
        ("", None),
        ("x" * 300, None),
    ],
)
def test_dates_as_lists_show_them(line: str, date: str | None) -> None:
    assert find_listed_date(line, NOW, SEOUL) == date


@pytest.mark.parametrize(
    ("recipe", "body", "found"),
    [
        pytest.param(
            Recipe(item="article.card"), CARD.format(1) + CARD.format(2),
            [(URL + "1", "Post 1", "2026-11-01"), (URL + "2", "Post 2", "2026-11-02")], id="usual places",
        ),
        pytest.param(
            Recipe(item="li", title=".t", link="a@data-to", date=".d", summary="p"),
            '<ul><li><a data-to="/x" href="#"></a><i class="t">How  <b>we</b> did</i><i class="d">2026.11.03</i><p>S</p></ul>',
            [("https://blog.example/x", "How we did", "2026.11.03")], id="places that the recipe says",
        ),
        pytest.param(
            Recipe(item="article"), '<head><base href="/news/"></head>' + CARD.format(3),
            [("https://blog.example/news/3", "Post 3", "2026-11-03")], id="base href",
        ),
        pytest.param(
            Recipe(item="article"), CARD.format(1) + CARD.format(2) + CARD.format(1).replace("card", "card pinned"),
            [(URL + "1", "Post 1", "2026-11-01"), (URL + "2", "Post 2", "2026-11-02")], id="pinned twice",
        ),
        pytest.param(
            Recipe(item="a[href^='/posts/']"),
            '<a href="/posts/a"><img alt="A picture"></a><a href="/posts/a"><h2>A title</h2><span>Nov 3</span></a>'
            '<a href="/posts/a">Read more</a><a href="/posts/">All</a>',
            [(URL + "a", "A title", "2026-11-03")], id="links of one card",
        ),
        pytest.param(
            Recipe(item="a"), '<a href="/x"><p>Research</p><p>A model that reads tables</p><p>Nov 3, 2026</p></a>',
            [("https://blog.example/x", "A model that reads tables", "Nov 3, 2026")], id="no heading",
        ),
        pytest.param(
            Recipe(item="div.item"), '<a href="/x"><div class="item"><h3>T &lt;b&gt; &amp; U</h3></div></a>',
            [("https://blog.example/x", "T <b> & U", None)], id="the link is around the item",
        ),
        pytest.param(
            Recipe(item="a"), '<a href="JavaScript:alert(1)">A post about models</a><a href="data:text/html,x">Another post here</a><a href="/x">The third post here</a>',
            [("https://blog.example/x", "The third post here", None)], id="links that lead to no page",
        ),
        pytest.param(
            Recipe(item="article"), "<article><article>" + CARD.format(1) + "</article></article>",
            [(URL + "1", "Post 1", "2026-11-01")], id="items in items",
        ),
    ],
)  # fmt: skip
def test_what_a_recipe_finds_on_a_page(recipe: Recipe, body: str, found: list[object]) -> None:
    assert rows(read(recipe, body)) == found


DATA = {"props": {"posts": [{"title": "A &amp; B", "slug": "ab", "at": 1793664000}, {"title": "", "slug": "c"}]}}
BY_JSON = Recipe(json="props.posts", link="join('', ['/p/', slug])", date="at")


@pytest.mark.parametrize(
    "body",
    [json.dumps(DATA), f'<p>x</p><script id="__NEXT_DATA__" type="application/json">{json.dumps(DATA)}</script>'],
)
def test_what_a_recipe_finds_in_json(body: str) -> None:
    parsed = read(BY_JSON, body)
    assert rows(parsed) == [("https://blog.example/p/ab", "A & B", "1793664000")]
    assert parsed.warning == "1 of its 2 items have no title or link and are left out"


BEFORE = Before(12, has_dates=True, since="2026-10-03")
SINCE = " since 2026-10-03; the last visit found 12"


@pytest.mark.parametrize(
    ("recipe", "body", "reason"),
    [
        (Recipe(item="article.card"), "<main><p>x</p></main>", f"nothing matches `article.card`{SINCE}"),
        (Recipe(item="article", title="h9"), CARD.format(1), f"`article` matches 1, but no title is at `h9`{SINCE}"),
        (Recipe(item="article", link="b@href"), CARD.format(1), f"`article` matches 1, but no link is at `b@href`{SINCE}"),
        (
            Recipe(item="article"), '<div id="root"></div><script src="/x.js"></script>',
            f"nothing matches `article`{SINCE}; the page shows nothing without its scripts",
        ),
        (Recipe(json="props.list"), json.dumps(DATA), f"nothing matches `props.list`{SINCE}"),
        (Recipe(json="x"), "<p>x</p>", "no script with JSON matches `script#__NEXT_DATA__, script#__NUXT_DATA__, "
         'script[type="application/json"]`'),
        (Recipe(sitemap="/posts/*"), "<p>x</p>", "the answer is not a sitemap"),
        (Recipe(item="a"), "", "the answer is empty"),
    ],
)  # fmt: skip
def test_a_changed_layout_is_an_error(recipe: Recipe, body: str, reason: str) -> None:
    with pytest.raises(ParseError) as refused:
        read(recipe, body, BEFORE)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("body", "remark"),
    [
        (
            CARD.format(1).replace("datetime", "data-at").replace("Nov 1", "soon"),
            "no date is at `time@datetime` any more",
        ),
        (CARD.format(1), None),
        (CARD.format(1) + "<article>x</article>", "1 of its 2 items have no title or link and are left out"),
    ],
)
def test_what_is_wrong_with_a_part_is_a_remark(body: str, remark: str | None) -> None:
    assert read(Recipe(item="article"), body, Before(2, has_dates=True)).warning == remark


def test_far_fewer_items_than_before_are_a_remark() -> None:
    warning = read(Recipe(item="article"), CARD.format(1), BEFORE).warning
    assert warning == "`article` finds only 1, after 12 at the last visit"


@pytest.mark.parametrize(
    "selector", ["li:has(a)", "li:nth-child(2)", "h2 ~ p", "h2 + p", "li:first-child", "a[", "", "p::before", "a" * 501]
)
def test_selectors_that_are_refused(selector: str) -> None:
    with pytest.raises(ValueError, match=r"selector|name an element|pseudo"):
        read_place(selector)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/blog/*", "/blog/a", True),
        ("/blog/*", "/blog/a/", True),
        ("/blog/*", "/blog/", False),
        ("/blog/*", "/blog/a/b", False),
        ("/blog/**", "/blog/a/b", True),
        ("/blog/**", "/blog", False),
        ("/*/blog/20*", "/ko/blog/2026-x", True),
        ("/*/blog/20*", "/ko/blog/x-2026", False),
    ],
)
def test_patterns_of_paths(pattern: str, path: str, fits: bool) -> None:
    assert fits_path(check_pattern(pattern), path) is fits


def make_sitemap(*paths: str) -> str:
    places = "".join(
        f"<url><loc>https://blog.example{path}</loc><lastmod>2026-11-0{n}</lastmod></url>"
        for n, path in enumerate(paths, 1)
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'


BY_SITEMAP = Recipe(sitemap="/posts/*", pages=2)


@pytest.mark.parametrize("pattern", ["blog/*", "/**/a", "/20*-*", "/***", "/" + "a" * 500])
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is needed"):
        check_pattern(pattern)


def test_the_pages_of_a_sitemap_are_planned() -> None:
    first = plan_pages(BY_SITEMAP, answer(make_sitemap("/about", "/posts/a", "/posts/b", "/posts/c")), {})
    assert first.wanted == (URL + "c", URL + "b"), "at first the newest"
    assert (first.passed, first.has_more) == ((URL + "a",), False), "the others are older than the feed"
    known = {url: ListedPage(url, NOW, "T") for url in (*first.wanted, *first.passed)}
    later = plan_pages(BY_SITEMAP, answer(make_sitemap("/posts/a", "/posts/d", "/posts/e", "/posts/f")), known)
    assert (later.wanted, later.has_more) == ((URL + "f", URL + "e"), True), "new ones, at most so many at a visit"
    failed = known | {URL + "d": ListedPage(URL + "d", attempts=2), URL + "e": ListedPage(URL + "e", attempts=3)}
    again = plan_pages(BY_SITEMAP, answer(make_sitemap("/posts/d", "/posts/e")), failed)
    assert again.wanted == (URL + "d",), "three attempts are enough"


def test_a_long_sitemap_keeps_its_newest_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.feeds.recipes.sitemap.MOST_ADDRESSES", 2)
    plan = plan_pages(BY_SITEMAP, answer(make_sitemap("/posts/a", "/posts/b", "/posts/c")), {})
    assert (plan.wanted, plan.passed) == ((URL + "c", URL + "b"), ())


@pytest.mark.parametrize(
    ("page", "title", "date"),
    [
        ('<title>T | Site</title><h1>T</h1><script type="application/ld+json">{"@graph": [{"datePublished": "2026-11-03"}]}</script>', "T", "2026-11-03"),
        ('<meta property="og:title" content="T"><h1>Site</h1><h1>T</h1><meta property="article:published_time" content="2026-11-03T01:00:00Z">', "T", "2026-11-03T01:00:00Z"),
        ("<h1>T</h1><p>x</p><time>2026년 11월 3일</time>", "T", "2026년 11월 3일"),
        ("<p>x</p>", "", None),
    ],
)  # fmt: skip
def test_what_a_page_of_a_sitemap_says(page: str, title: str, date: str | None) -> None:
    read = read_listed_page(BY_SITEMAP, URL + "a", answer(page), now=NOW, zones=SEOUL)
    assert (read.title, read.date, read.read_at) == (title, date, NOW if title else None)


def test_a_sitemap_whose_pages_have_changed_says_so() -> None:
    body = make_sitemap("/posts/a", "/posts/b")
    pages = ReadPages({}, (ListedPage(URL + "a", NOW, "A", "2026-11-03"), ListedPage(URL + "b", attempts=1)))
    parsed = read(BY_SITEMAP, body, pages=pages)
    assert rows(parsed) == [(URL + "a", "A", "2026-11-03")]
    assert parsed.warning == "1 of 2 new pages could not be read"
    with pytest.raises(ParseError, match="no title is at `h1` of 1 new pages"):
        read(BY_SITEMAP, body, pages=ReadPages({}, (ListedPage(URL + "b", attempts=1),)))
    with pytest.raises(ParseError, match="a list of sitemaps; give one of them as the address: https://x"):
        read(BY_SITEMAP, "<sitemapindex><sitemap><loc>https://x.example/1.xml</loc></sitemap></sitemapindex>")


@pytest.mark.parametrize(
    ("recipe", "make"),
    [
        (Recipe(item="div div a, article"), lambda n: "<div>" * 200 + CARD.format(1) * n),
        (Recipe(item="article"), lambda n: CARD.format(1) * (10 * n)),
        (Recipe(item="a"), lambda n: "<a href=x>" * (10 * n)),
        (Recipe(item="main"), lambda n: "<main>" + CARD.format(1) * (10 * n)),
        (Recipe(item="ul li"), lambda n: "<ul><li>x<a href=y>z</a>" * (5 * n)),
    ],
)
def test_reading_a_page_takes_linear_time(recipe: Recipe, make: Callable[[int], str]) -> None:
    def call(size: int) -> object:
        return read_document(recipe, answer(make(size)), now=NOW, zones=SEOUL)

    assert measure_doubling(call, 100) < LINEAR


def test_expressions_that_are_refused() -> None:
    with pytest.raises(ValueError, match="a JMESPath expression is needed"):
        read_expression("a[")


def test_the_form_of_a_recipe_keeps_what_it_does_not_show() -> None:
    recipe = Recipe(sitemap="/posts/*", pages=12)
    values = fill_form(Feed("a", "A", "https://a.example/", Kind.COMPANY, "en", recipe=recipe))
    assert read_table(values)["recipe"] == {"sitemap": "/posts/*", "pages": 12}
