"""Which address that a page names for itself is believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts.canonical import find_canonical, list_named
from aggregator.text.agreement import list_marks, measure_share

URL = "https://medium.example/haneul/feature-store-1a2b"
TITLE = "How We Built Our Feature Store on Feast"
HOME = "https://tech.haneul.example/posts/how-we-built-our-feature-store"


def _find(
    *named: str, url: str = URL, title: str = TITLE, page_url: str | None = None, page_title: str = ""
) -> str | None:
    return find_canonical(
        url, title, page_url=page_url or url, page_title=page_title or f"{title} | Haneul", named=named
    )


@pytest.mark.parametrize(
    ("url", "title", "named", "found"),
    [
        # A copy that points home.
        (URL, TITLE, HOME, HOME),
        (URL, TITLE, f"{HOME}?utm_source=medium", HOME),
        ("https://copy.example/a/feature-store", "피처 스토어 도입기", "https://tech.haneul.example/feature-store/", "https://tech.haneul.example/feature-store/"),
        ("https://copy.example/a/피처-스토어-도입기", "피처 스토어 도입기", "https://haneul.example/%ED%94%BC%EC%B2%98-%EC%8A%A4%ED%86%A0%EC%96%B4-%EB%8F%84%EC%9E%85%EA%B8%B0", "https://haneul.example/%ED%94%BC%EC%B2%98-%EC%8A%A4%ED%86%A0%EC%96%B4-%EB%8F%84%EC%9E%85%EA%B8%B0"),
        # As macOS writes Hangul.
        ("https://copy.example/a/77", "피처 스토어 도입기", "https://haneul.example/%E1%84%91%E1%85%B5%E1%84%8E%E1%85%A5-%E1%84%89%E1%85%B3%E1%84%90%E1%85%A9%E1%84%8B%E1%85%A5", "https://haneul.example/%E1%84%91%E1%85%B5%E1%84%8E%E1%85%A5-%E1%84%89%E1%85%B3%E1%84%90%E1%85%A9%E1%84%8B%E1%85%A5"),
        # The machine that the page was written on.
        ("https://b.example/?p=1234", TITLE, "http://localhost:1313/2022/12/how-we-built-our-feature-store/", None),
        ("https://b.example/ko/posts/77", "어떤 글", "http://192.168.0.7/posts/77", None),
        # The same site, spelled otherwise.
        ("https://b.example/?p=1234", TITLE, "https://b.example/2022/12/how-we-built-our-feature-store/", "https://b.example/2022/12/how-we-built-our-feature-store/"),
        ("https://b.example/ko/posts/77", "어떤 글", "https://b.example/posts/77", "https://b.example/posts/77"),
        ("https://b.example/a/feature-store", TITLE, "/posts/feature-store", "https://b.example/posts/feature-store"),
        ("https://b.example/a/feature-store", TITLE, "//b.example/posts/feature-store", "https://b.example/posts/feature-store"),
        # The same address.
        (URL, TITLE, f"{URL}/?utm_source=x#top", None),
        ("https://b.example/x", TITLE, "http://www.b.example/x/", None),
        # Not of this article.
        (URL, TITLE, "https://medium.example/", None),
        (URL, TITLE, "https://tech.haneul.example", None),
        (URL, TITLE, "https://medium.example/haneul", None),
        (URL, TITLE, "https://tech.haneul.example/posts/vector-search-at-scale", None),
        (URL, TITLE, "https://tech.haneul.example/tag/feature-store", None),
        ("https://b.example/posts/5", TITLE, "https://b.example/posts/page/1", None),
        ("https://b.example/posts?page=3", TITLE, "https://b.example/posts?page=1", None),
        ("https://b.example/view?id=31", TITLE, "https://b.example/view", None),
        ("https://b.example/view?id=31", TITLE, "https://b.example/view?id=32", None),
        ("https://b.example/part-2", "Feature Store, Part 2", "https://b.example/part-1", None),
        # No address at all.
        (URL, TITLE, "feature-store", None),
        (URL, TITLE, "index.html", None),
        (URL, TITLE, "javascript:alert(1)", None),
        (URL, TITLE, "ftp://haneul.example/how-we-built-our-feature-store", None),
        (URL, TITLE, "https://[broken/how-we-built-our-feature-store", None),
        (URL, TITLE, "{{ page.url }}", None),
        (URL, TITLE, "", None),
    ],
)  # fmt: skip
def test_an_address_counts_where_it_is_of_this_article(url: str, title: str, named: str, found: str | None) -> None:
    assert _find(named, url=url, title=title) == found


def test_another_site_counts_only_where_the_page_has_the_title_of_the_post() -> None:
    assert _find(HOME, page_title="How We Built Our Feature Store on Feast - Haneul") == HOME
    assert _find(HOME, page_title="Subscribe to read") is None


def test_who_names_two_is_not_believed() -> None:
    assert _find(HOME, HOME + "/") == HOME
    assert _find(HOME, "https://other.example/how-we-built-our-feature-store") is None
    assert _find(HOME, "no-address") is None
    assert _find() is None


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (f'<{HOME}>; rel="canonical"', [HOME]),
        (f"<{HOME}>; rel=canonical", [HOME]),
        (f'<https://a.example/x>; rel="alternate"; hreflang="ko", <{HOME}>; title="a, b"; rel="nofollow canonical"', [HOME]),
        (f'<{HOME}>; rel="preload"', []),
        ("nonsense", []),
        (None, []),
    ],
)  # fmt: skip
def test_header_fields_are_read(header: str | None, named: list[str]) -> None:
    assert list_named(header, ["https://b.example/"]) == [*named, "https://b.example/"]


def test_texts_of_both_languages_are_recognised_in_each_other() -> None:
    assert measure_share("피처 스토어를 도입했습니다", "우리는 피처 스토어를 작년에 도입했습니다.") == 1.0
    assert measure_share("The new feature store", "a feature store that is new, the end") == 1.0
    assert measure_share("쿠키 사용에 동의", "피처 스토어를 도입했습니다") == 0.0
    assert measure_share("", "anything") == 0.0
    assert list_marks("推薦システム in Feast!") == {"推薦", "薦シ", "シス", "ステ", "テム", "feast"}


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=40))
def test_whatever_is_named_gives_an_address_or_nothing(named: str, header: str, title: str) -> None:
    found = find_canonical(URL, title, page_url=URL, page_title=title, named=list_named(header, [named]))
    assert found is None or found.startswith(("http://", "https://"))
