"""Addresses: what may be linked, how a link is cleaned, which links mean the same post."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import urls
from aggregator.collect.parse import parse_document
from aggregator.sites import MEDIUM_DOMAINS
from aggregator.urls import canonicalise_url, clean_url, hide_credentials, host_of, readable_url

BASE = "https://base.example/feed.xml"
#: Of every recorded document, the items by their clean address: id, title, canonical address.
Recorded = dict[str, dict[str, tuple[str | None, str, str]]]


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("https://netflixtechblog.com/a-b-1?source=rss----2615bd06b42e---4", "https://netflixtechblog.com/a-b-1"),
        ("https://a.example/x?utm_source=feed&id=3&utm_medium=rss", "https://a.example/x?id=3"),
        ("https://aws.example/blogs/x/?sc_channel=el&trk=abc", "https://aws.example/blogs/x/"),
        ("HTTP://User:pw@A.Example:80/x", "http://a.example/x"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/글?q=한", "https://a.example/글?q=한"),
        (" https://a.example/x\n", "https://a.example/x"),
        ("https://a.example/x?source=newsroom", "https://a.example/x?source=newsroom"),
        ("https://a.example/x?wt_mc=rss.ho&amp;utm_medium=feed&amp;id=3", "https://a.example/x?amp;id=3"),
        ("https://a.example/x?source=collection_home---4------1", "https://a.example/x"),
        ("https://a.example/x?PHPSESSID=1&id=3", "https://a.example/x?id=3"),
        ("https://한글.kr/글", "https://xn--bj0bj06e.kr/글"),
        ("https://a.example/100%", "https://a.example/100%"),
        ("https://a.example/\ud800", "https://a.example/\ufffd"),
        ("https://{{site}}/x", None),
        ("https://a%20b.example/", None),
        ("https://./", None),
        (f"https://{'한' * 64}.kr/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@b.example", None),
        ("/relative", None),
        ("https://", None),
        ("https://[broken/", None),
        ("https://a.example:port/", None),
        ("", None),
        (None, None),
    ],
)
def test_cleaning(raw: str | None, cleaned: str | None) -> None:
    assert clean_url(raw) == cleaned


def test_a_relative_link_is_resolved_against_its_base() -> None:
    assert clean_url("../b", "https://a.example/x/y/") == "https://a.example/x/b"


@pytest.mark.parametrize(
    "addresses",
    [
        ("https://eugeneyan.com//writing/text-to-image/", "https://eugeneyan.com/writing/text-to-image"),
        ("https://ai.googleblog.com/2022/12/a.html?m=1", "http://ai.googleblog.com/2022/12/a.html"),
        (
            "https://aws.amazon.com/ko/blogs/machine-learning/x/",
            "https://aws.amazon.com/blogs/machine-learning/x/?utm_source=rss",
        ),
        ("https://www.a.example/x#part", "http://a.example/x/"),
        ("https://a.example/%ed%95%9c", "https://a.example/한", "https://a.example/%ED%95%9C"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        (
            "https://a.example/x/../y",
            "https://a.example/y",
            "https://a.example/x/%2E%2E/./y",
            "https://a.example:443//y",
        ),
        ("https://WWW.A.example./x", "https://a.example/x"),
        ("https://한글.kr/x", "https://xn--bj0bj06e.kr/x"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/x?q=%ed%95%9c", "https://a.example/x?q=한", "https://a.example/x?q=%ED%95%9C&amp;utm_id=1"),
        # files that a folder shows by itself
        (
            "https://a.example/x/index.html",
            "https://a.example/x",
            "https://a.example/x/Index.PHP",
            "https://a.example/x/default.aspx",
        ),
        ("https://a.example/index.php?p=3", "https://a.example/?p=3"),
        # AMP
        (
            "https://a.example/2023/01/deep-dive/",
            "https://a.example/2023/01/deep-dive/amp/",
            "https://a.example/2023/01/deep-dive/?amp=1",
            "https://a.example/2023/01/deep-dive?amp",
            "https://amp.a.example/2023/01/deep-dive",
            "https://a.example/2023/01/deep-dive.amp",
            "https://www-a-example.cdn.ampproject.org/c/s/www.a.example/2023/01/deep-dive/amp/?amp_js_v=0.1&usqp=mq331",
            "https://www.google.co.kr/amp/s/a.example/2023/01/deep-dive/",
        ),
        ("https://a.example/x.amp.html", "https://a.example/x.html"),
        # sessions
        (
            "https://a.example/x;jsessionid=5A7?id=3",
            "https://a.example/x?id=3",
            "https://a.example/x?id=3&JSESSIONID=5A7",
        ),
        # Medium
        (
            "https://netflixtechblog.com/for-your-eyes-only-5b8d032da09c",
            "https://netflixtechblog.com/for-your-eyes-only-5b8d032da09c?source=rss----2615bd06b42e---4",
            "https://netflixtechblog.com/for-your-eyes-now-5b8d032da09c?gi=1",
            "https://medium.com/netflix-techblog/for-your-eyes-only-5b8d032da09c",
            "https://medium.com/@netflix/for-your-eyes-only-5b8d032da09c#--responses",
            "https://netflix.medium.com/for-your-eyes-only-5b8d032da09c",
            "https://medium.com/p/5b8d032da09c",
            "https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fnetflixtechblog.com%2Ffor-5b8d032da09c",
        ),
        ("https://medium.com/@u/%EC%BF%A0%ED%8C%A1-f8f362ea71fc", "https://medium.com/coupang/쿠팡-f8f362ea71fc"),
        # Blogger
        (
            "http://googletesting.blogspot.com/2022/12/a.html",
            "https://googletesting.blogspot.kr/2022/12/a.html",
            "https://googletesting.blogspot.com.au/2022/12/a.html?m=0",
            "https://www.googletesting.blogspot.co.uk/2022/12/a.html?spref=tw",
        ),
        # FeedBurner
        (
            "http://feedproxy.google.com/~r/Techcrunch/~3/0YXponzHReQ/",
            "http://feeds.feedburner.com/~r/Techcrunch/~3/0YXponzHReQ/slug-of-it?utm_source=feedburner",
        ),
        # Korean services
        (
            "https://blog.naver.com/haneul/223000000001",
            "https://m.blog.naver.com/haneul/223000000001?referrerCode=0",
            "https://blog.naver.com/PostView.naver?blogId=haneul&logNo=223000000001&redirect=Dlog&from=postView",
            "http://m.blog.naver.com/PostView.nhn?logNo=223000000001&blogId=haneul",
            "https://blog.naver.com/haneul?Redirect=Log&logNo=223000000001",
        ),
        ("https://haneul.tistory.com/m/123", "https://haneul.tistory.com/123?category=567"),
        (
            "https://haneul.tistory.com/m/entry/피처-스토어",
            "https://haneul.tistory.com/entry/%ED%94%BC%EC%B2%98-%EC%8A%A4%ED%86%A0%EC%96%B4",
        ),
        ("https://m.brunch.co.kr/@haneul/12", "https://brunch.co.kr/@haneul/12"),
        ("https://ko.m.wikipedia.org/wiki/x", "https://ko.wikipedia.org/wiki/x"),
    ],
)
def test_these_addresses_are_one_post(addresses: tuple[str, ...]) -> None:
    assert len({canonicalise_url(clean_url(address) or "") for address in addresses}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/part-1", "https://a.example/part-2"),
        ("https://a.example/x?id=1", "https://a.example/x?id=2"),
        ("https://a.example/x?m=12", "https://a.example/x"),
        ("https://a.example/ko/blogs/x", "https://a.example/blogs/x"),
        ("https://a.example/X", "https://a.example/x"),
        ("https://a.example:8080/x", "https://a.example/x"),
        ("https://a.example/#!/posts/1", "https://a.example/#!/posts/2"),
        ("https://a.example/#/posts/1", "https://a.example/"),
        # the same words in an encoding that is not UTF-8
        ("https://a.example/x?q=%C7%D1", "https://a.example/x?q=%B1%DB"),
        ("https://a.example/%C7%D1", "https://a.example/%B1%DB"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        # an ending in hexadecimal digits, and what is no article of Medium
        ("https://a.example/one-5b8d032da09c", "https://a.example/two-5b8d032da09c"),
        ("https://medium.com/@u/list/one-5b8d032da09c", "https://medium.com/p/5b8d032da09c"),
        ("https://medium.com/tag/one-5b8d032da09c", "https://medium.com/p/5b8d032da09c"),
        ("https://medium.com/u/5b8d032da09c", "https://medium.com/p/5b8d032da09c"),
        ("https://netflixtechblog.com/tagged/one-5b8d032da09c", "https://medium.com/p/5b8d032da09c"),
        # what only looks like AMP, a first page or a mobile page
        ("https://a.example/amp", "https://a.example/"),
        ("https://a.example/topics/amp", "https://a.example/topics"),
        ("https://amp.dev/x", "https://dev/x"),
        ("https://amp.co.kr/x", "https://co.kr/x"),
        ("https://www.com/x", "https://com/x"),
        ("https://a.example/index.php/x", "https://a.example/x"),
        ("https://a.example/reindex.html", "https://a.example/re"),
        ("https://m.a.example/x", "https://a.example/x"),
        ("https://a.example/m/123", "https://a.example/123"),
        # other posts of these services
        ("https://one.blogspot.kr/x", "https://two.blogspot.kr/x"),
        ("https://blog.naver.com/haneul/1", "https://blog.naver.com/haneul/2"),
        ("https://blog.naver.com/PostList.naver?blogId=a", "https://blog.naver.com/PostList.naver?blogId=b"),
        ("http://feedproxy.google.com/~r/T/~3/0YXponzHReQ/", "http://feedproxy.google.com/~r/T/~3/GSWKhQxuDRc/"),
        ("http://feeds.feedburner.com/~ff/T?a=0YXponzHReQ", "http://feeds.feedburner.com/~ff/T?a=GSWKhQxuDRc"),
    ],
)
def test_these_addresses_are_two_posts(one: str, other: str) -> None:
    assert canonicalise_url(one) != canonicalise_url(other)


@pytest.mark.parametrize("host", sorted(MEDIUM_DOMAINS))
def test_an_article_of_medium_is_its_id_wherever_it_stands(host: str) -> None:
    assert canonicalise_url(f"https://{host}/a-b-20a90bf5ebf") == "https://medium.com/p/20a90bf5ebf"
    assert canonicalise_url(f"https://{host}/about") == f"https://{host}/about"


_HOSTS = [
    "a.example", "www.A.example", "a.example:8080", "amp.www.amp.a.example", "www.www.com", "a..b", "a.example.",
    "한글.kr", "xn--bj0bj06e.kr", "faß.de", "[::1]", "[::0:1]:80", "aws.amazon.com", "medium.com", "eng.lyft.com",
    "x.medium.com", "x.blogspot.com.au", "m.blog.naver.com", "blog.naver.com", "a.tistory.com", "feedproxy.google.com",
    "cdn.ampproject.org", "google.co.kr", "en.m.wikipedia.org", "m.youtube.com",
]  # fmt: skip
_PIECES = [
    "/", "//", "/.", "/..", "/a-b", "-0123456789ab", "글", "%EA%B8%80", "%ea%b8", "%C7%D1", "%", "%2", "%25", "%41", "%2F",
    "%3B", ";", ";jsessionid=9", "/index.html", "/Default.aspx", "/amp", ".amp", ".amp.html", "/ko/blogs/", "/m/", "/p/",
    "/@u/", "/c/s/", "/amp/s/", "a.example/", "/~r/N/~3/i/", "/PostView.naver", "/x/12", "/m/global-identity", "#", "#!",
    "#/", "?", "&", "=", "+", "amp;", "m=1", "amp=1", "utm_x=1", "source=rss", "a=2", "a=1", "blogId=q", "logNo=7",
    "redirectUrl=https%3A%2F%2Fa.example", " ", "\\", "|", "é", "\ud800", "\u3000", "\u200b", "~", "'", '"', "<", ":", "@",
    "[", "]", "^",
]  # fmt: skip
ADDRESSES = st.builds(
    lambda scheme, host, pieces: f"{scheme}://{host}{''.join(pieces)}",
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(_HOSTS),
    st.lists(st.sampled_from(_PIECES), max_size=8),
)
TEXTS = st.one_of(ADDRESSES, st.text(max_size=20), st.text(max_size=20).map("https://{}".format))


@given(TEXTS)
def test_cleaning_and_canonicalising_are_idempotent_and_never_raise(raw: str) -> None:
    cleaned = clean_url(raw)
    if cleaned is None:
        return
    canonical = canonicalise_url(cleaned)
    assert clean_url(cleaned) == cleaned
    assert canonicalise_url(canonical) == canonical
    assert canonicalise_url(clean_url(canonical) or "") == canonical
    assert readable_url(cleaned).isprintable()


@given(
    st.sampled_from(_HOSTS),
    st.lists(st.sampled_from(["a=1", "a=2", "b=한", "b=%ED%95%9C", "utm_x=1", "m=1", "amp", "nc1=h", "c"]), max_size=4),
)
def test_the_order_of_parameters_does_not_matter(host: str, pairs: list[str]) -> None:
    addresses = [clean_url(f"https://{host}/x?{'&'.join(order)}") or "" for order in permutations(pairs)]
    assert len({canonicalise_url(address) for address in addresses}) == 1


def _take_all_ways(raw: str | None) -> tuple[str | None, str | None, str | None]:
    cleaned = clean_url(raw, BASE)
    return cleaned, cleaned and canonicalise_url(cleaned), cleaned and host_of(cleaned)


def _take_long_ways(raw: str | None) -> tuple[str | None, str | None, str | None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_CLEAN", "_PLAIN", "_HOST"):
            patch.setattr(urls, name, re.compile(r"(?!)"))
        return _take_all_ways(raw)


@given(TEXTS)
def test_short_ways_lead_where_the_long_ones_do(raw: str) -> None:
    assert _take_all_ways(raw) == _take_long_ways(raw)


@pytest.fixture(scope="module")
def recorded(shared: Path) -> Recorded:
    documents = {}
    for path in sorted((shared / "feeds").glob("*.xml")):
        # One document has links without a host.
        base = "https://huggingface.co/blog/feed.xml" if path.stem == "huggingface-nobase" else BASE
        items = parse_document(path.read_bytes(), base).entries
        addresses = [(clean_url(item.url, base) or "", item) for item in items]
        documents[path.stem] = {url: (item.id, item.title, canonicalise_url(url)) for url, item in addresses}
    return documents


def test_no_two_articles_of_a_recorded_feed_meet(recorded: Recorded) -> None:
    for name, items in recorded.items():
        articles = defaultdict(set)
        for id_, title, canonical in items.values():
            articles[canonical].add((id_, title))
        met = {
            canonical: found
            for canonical, found in articles.items()
            if len({id_ for id_, _ in found}) > 1 and len({title for _, title in found}) > 1
        }
        assert met == {}, name
    assert sum(len(items) for items in recorded.values()) > 3_800


@pytest.mark.parametrize(
    ("one", "other", "shared_items"),
    [
        ("kakaoenterprise", "kakaoenterprise-rss", 10),
        ("keras-blog", "keras-blog-rss", 8),
        ("huggingface", "huggingface-nobase", 175),
        # Two states of a site, years apart, that have three posts in common.
        ("ruder", "ruder-ghost2", 3),
        ("yamadashy-techblog-atom", "yamadashy-techblog-rss", 447),
        ("lilianweng@2022-08-31", "lilianweng@2023-03-19", 40),
    ],
)
def test_recorded_mirrors_meet(recorded: Recorded, one: str, other: str, shared_items: int) -> None:
    keys = [{canonical for _, _, canonical in recorded[name].values()} for name in (one, other)]
    assert len(keys[0] & keys[1]) == shared_items


def test_recorded_addresses_take_the_short_way_to_the_same_place(
    recorded: Recorded,
) -> None:
    addresses = sorted({url for items in recorded.values() for url in items})
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_CLEAN", "_PLAIN", "_HOST"):
            patch.setattr(urls, name, re.compile(r"(?!)"))
        slowly = [(clean_url(url), canonicalise_url(url), host_of(url)) for url in addresses]
    assert [(clean_url(url), canonicalise_url(url), host_of(url)) for url in addresses] == slowly


def test_no_two_links_of_the_published_digest_meet(shared: Path) -> None:
    text = (shared / "digest" / "README-2023-01.md").read_text("utf-8")
    links = {clean_url(link) or "" for link in re.findall(r"\]\((https?://[^)\s]+)\)", text)}
    assert len(links) > 90
    assert len({canonicalise_url(link) for link in links}) == len(links)
    aws = {link for link in links if "/ko/blogs/" in link}
    assert len(aws) == 8
    assert all(canonicalise_url(link) == canonicalise_url(link.replace("/ko/", "/")) for link in aws)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.a.example/%EC%B6%94%EC%B2%9C/", "a.example/추천"),
        ("https://a.example/", "a.example"),
        ("https://a.example/%E2%80%AEgpj", "a.example/%E2%80%AEgpj"),
        ("https://a.example/글 %F0%9F%A4%97", "a.example/글%20🤗"),
        ("https://a.example/a%2Fb%20c%3Fd", "a.example/a%2Fb%20c%3Fd"),
        ("https://a.example/100%/%zz", "a.example/100%/%zz"),
        ("https://a.example/%C7%D1%B1%DB", "a.example/%C7%D1%B1%DB"),
        ("https://a.example/%E3%85%A4x", "a.example/%E3%85%A4x"),
        ("https://xn--bj0bj06e.kr/x", "한글.kr/x"),
        ("https://한글.kr/x", "한글.kr/x"),
        # Cyrillic letters that look like apple
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://xn--999999999/", "xn--999999999"),
    ],
)
def test_a_person_reads_hangul_and_is_not_fooled_by_hidden_characters(url: str, shown: str) -> None:
    assert readable_url(url) == shown


def test_hosts_and_credentials() -> None:
    assert host_of("https://WWW.A.example/x") == "a.example"
    assert host_of("https://한글.kr/x") == host_of("https://www.xn--bj0bj06e.kr/x") == "xn--bj0bj06e.kr"
    assert host_of("https://www.com/") == "www.com"
    assert hide_credentials("postgresql://me:secret@host/db") == "postgresql://host/db"
