"""What a page says to machines of its own standing."""

from __future__ import annotations

import json

import pytest
import trafilatura

from aggregator.posts.page_marks import find_page_marks
from aggregator.types import DisclosureKind

URL = "https://docs.northwind.example/ko-kr/store"
LINKS = ("https://a.example/1", "https://a.example/2", "https://b.example/3")


def _evidence(
    head: str, *, html: str = "<html lang='ko'>", body: str = "", links: tuple[str, ...] = LINKS
) -> list[str]:
    tree = trafilatura.load_html(
        f"<!DOCTYPE html>{html}<head><title>x</title>{head}</head><body><p>x</p>{body}</body></html>"
    )
    return [f"{one.kind}: {one.evidence}" for one in find_page_marks(tree, URL, links)]


def _script(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def _article(free: object = None, **more: object) -> dict[str, object]:
    return (
        {"@context": "https://schema.org", "@type": "NewsArticle"}
        | more
        | ({} if free is None else {"isAccessibleForFree": free})
    )


PART = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}


@pytest.mark.parametrize(
    ("nodes", "is_walled"),
    [
        (_article(False), True),
        (_article("False"), True),
        (_article("https://schema.org/False"), True),
        ([_article(False)], True),
        ({"@graph": [{"@type": "WebSite"}, _article("false")]}, True),
        ({"@type": ["Article", "TechArticle"], "isAccessibleForFree": False}, True),
        ({"@type": "WebPage", "mainEntity": _article(False)}, True),
        (_article(hasPart=PART), True),
        (_article(hasPart=[{"@type": "WebPageElement"}, PART]), True),
        (_article(False, hasPart=PART), True),
        (_article(True), False),
        (_article("true", hasPart=PART), False),
        (_article(), False),
        (_article("metered"), False),
        # Of others: the magazine, what is listed beside it, a film in it.
        (_article(isPartOf={"@type": "CreativeWork", "isAccessibleForFree": False}), False),
        ({"@type": "ItemList", "itemListElement": [_article(False)]}, False),
        (_article(video={"@type": "VideoObject", "isAccessibleForFree": False}), False),
        ({"@type": "Product", "isAccessibleForFree": False}, False),
        ([_article(False), _article(True)], False),
        ("isAccessibleForFree: false", False),
        ({"@type": {"a": 1}, "@graph": 7, "hasPart": None, "isAccessibleForFree": False}, False),
    ],
)
def test_who_may_read_it(nodes: object, is_walled: bool) -> None:
    said = ["members only: its page says isAccessibleForFree: false"] if is_walled else []
    assert _evidence(_script(json.dumps(nodes))) == said


@pytest.mark.parametrize(
    ("scripts", "is_walled"),
    [
        ([json.dumps({"@type": "WebSite"}), json.dumps(_article(False))], True),
        (["{ broken", json.dumps(_article(False))], True),
        (['{"@type": "Article", "isAccessibleForFree": false,}'], True),
        (['<!-- {"@type": "Article", "name": "a\tb", "isAccessibleForFree": false} -->'], True),
        (['{"@type": "Article", "isAccessibleForFree": false'], False),
        ([f"{'[' * 200_000}isAccessibleForFree"], False),
        ([f"{'[' * 900}{json.dumps(_article(False))}{']' * 900}"], True),
        ([""], False),
    ],
)
def test_scripts_that_are_several_broken_or_deep(scripts: list[str], is_walled: bool) -> None:
    assert bool(_evidence("".join(map(_script, scripts)))) == is_walled


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            '<meta itemprop="isAccessibleForFree" content="False">',
            ["members only: its page says isAccessibleForFree: false"],
        ),
        ('<meta itemprop="isAccessibleForFree" content="true">', []),
        (
            '<meta property="article:content_tier" content="locked">',
            ["members only: its page says article:content_tier: locked"],
        ),
        ('<meta property="article:content_tier" content="metered">', []),
        ("<script>var isAccessibleForFree = false</script>", []),
    ],
)
def test_elements_that_say_it(head: str, said: list[str]) -> None:
    assert _evidence(head) == said


ENGLISH = '<link rel="alternate" hreflang="en-us" href="/en-us/store">'


@pytest.mark.parametrize(
    ("html", "head", "said"),
    [
        ("<html lang='ko-x-mtfrom-en'>", "", "lang: ko-x-mtfrom-en"),
        ("<html lang='ko-t-en-t0-und'>", "", "lang: ko-t-en-t0-und"),
        ("<html lang='ko' class='js translated-ltr'>", "", "class: translated-ltr"),
        ("<html lang='ko'>", '<meta name="ms.translationtype" content="MT">', "ms.translationtype: MT"),
        ("<html lang='ko'>", '<meta http-equiv="X-Translated-By" content="Google">', "x-translated-by: Google"),
        ("<html lang='ko'>", f'<meta name="ms.translationtype" content="MT">{ENGLISH}',
         "ms.translationtype: MT; translated from https://docs.northwind.example/en-us/store"),
        ("<html lang='ko'>", f'<meta name="ms.translationtype" content="MT"><link rel="alternate" hreflang="x-default" href="{URL}">',
         "ms.translationtype: MT"),
        ("<html lang='ko'>", ENGLISH, None),
        ("<html lang='ko' translate='no' class='notranslate'>", '<meta name="google" content="notranslate">', None),
        ("<html lang='ko'>", '<meta name="ms.translationtype" content="HT">', None),
    ],
)  # fmt: skip
def test_who_translated_it(html: str, head: str, said: str | None) -> None:
    assert _evidence(head, html=html) == ([f"machine-translated: its page says {said}"] if said else [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<a rel="sponsored" href="https://a.example/1">x</a><a rel="nofollow SPONSORED" href="https://a.example/2">x</a>',
         ["sponsored: 2 of 3 links marked as sponsored"]),
        ('<a rel="sponsored" href="https://a.example/1">x</a>', []),
        # Beside the text.
        ('<a rel="sponsored" href="https://c.example/1">x</a><a rel="sponsored" href="https://c.example/2">x</a>', []),
        ('<a rel="sponsored">x</a><a rel="sponsored" href="http://[">x</a>', []),
    ],
)  # fmt: skip
def test_which_links_are_paid_for(body: str, said: list[str]) -> None:
    assert _evidence("", body=body) == said


def test_kinds_stand_beside_one_another() -> None:
    head = _script(json.dumps(_article(False))) + '<meta name="ms.translationtype" content="MT">'
    assert [said.partition(":")[0] for said in _evidence(head)] == list(DisclosureKind)[1::2]
