"""Addresses: what may be linked, how a link is cleaned, which links mean the same post."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import permutations
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.addresses import urls
from aggregator.addresses.sites import MEDIUM_DOMAINS
from aggregator.addresses.urls import (
    canonicalise_url,
    clean_url,
    complete_url,
    hide_credentials,
    host_of,
    join_address,
    leads_to_translation,
    readable_url,
)
from aggregator.feeds.parse import parse_document

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
        # as browsers write hosts (IDNA 2008, UTS 46), and not as IDNA 2003 did, for which the first is fass.example
        ("https://faß.example/post", "https://xn--fa-hia.example/post"),
        ("https://FAẞ.example/post", "https://xn--fa-hia.example/post"),
        ("https://βόλος.example/", "https://xn--nxasmm1c.example/"),
        ("https://BÜCHER。example/x", "https://xn--bcher-kva.example/x"),
        ("https://ｂｌｏｇ.example/x", "https://blog.example/x"),
        ("https://한글.kr/x", "https://xn--bj0bj06e.kr/x"),
        ("https://i❤.ws/", "https://xn--i-7iq.ws/"),
        ("https://a.example/100%", "https://a.example/100%"),
        # campaign parameters where there is a fragment
        ("https://a.example/post#utm_source=feed&utm_medium=rss", "https://a.example/post"),
        ("https://a.example/post#xtor=RSS-1", "https://a.example/post"),
        ("https://a.example/post#page=2&utm_source=feed", "https://a.example/post#page=2&utm_source=feed"),
        ("https://a.example/post#part", "https://a.example/post#part"),
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
        # Signs of other scripts that stand for ones that end a host.
        ("https://하﹈.example/x", None),
        ("https://a﹟b.example/x", None),
        ("https://a／b.example/x", None),
        ("https://a.example:port/", None),
        ("", None),
        (None, None),
    ],
)
def test_cleaning(raw: str | None, cleaned: str | None) -> None:
    assert clean_url(raw) == cleaned


_TRACKED = [
    *("utm_source=feed", "UTM_Medium=rss", "utm-source=x", "mtm_campaign=a", "pk_campaign=a", "pk_kwd=a", "piwik_kwd=a"),
    *("srsltid=AfmB", "_bhlid=1f", "ck_subscriber_id=123", "ref=ainews.example", "ref=hn.example/", "__hstc=1", "__hssc=2"),
    *("ref=https://ghost.example/", "__hsfp=3", "_hsenc=p2", "hsa_acc=1", "hsa_ver=3", "hsCtaTracking=a%7Cb", "mc_tc=1"),
    *("mc_cid=1", "mc_eid=2", "vero_id=9", "vero_conv=x", "gad_source=1", "gad_campaignid=2", "xtor=RSS-1", "trackingId=2"),
    *("cmpid=rss", "spm=a2c65.11461447", "fbclid=1", "gclid=2", "msclkid=3", "ttclid=4", "yclid=5", "li_fat_id=6", "_ga=1"),
    *("at_medium=custom7", "at_campaign=64", "wt_zmc=a", "itm_source=b", "oly_enc_id=1", "bsft_uid=2", "ml_subscriber=3"),
    *("__s=abcdef12", "s=09", "_kx=a", "mkt_tok=eyJ", "sc_uid=1", "source=rss----2615bd06b42e---4", "spref=tw", "guccounter=1"),
    *("s_cid=1", "cm_mmc=a", "cm_mmca2=b", "elqTrackId=1", "et_rid=2", "Echobox=163", "phpsessid=1"),
]  # fmt: skip
_CHOOSING = [
    *("linkid=2222222", "linkId=1", "trk=3", "pk_id=4", "pk=5", "pk_author=6", "sc_id=7", "sc_channel=a", "mtm_id=8"),
    *("mtm=9", "source=email", "source=social-media", "source=newsroom", "source=hn.example", "ref=main", "ref=v1.2"),
    *("ref=heads-main", "ref=setup.py", "ref=12", "s=1", "t=2", "si=3", "e=4", "spm=12", "__s=ab", "at_id=1", "at=2"),
    *("hsa=1", "mc=2", "vero=3", "utm=4", "id=5", "from=rss", "via=hn.example", "trackingCode=1", "cid=1", "feature=2"),
]  # fmt: skip


@pytest.mark.parametrize("pair", _TRACKED)
def test_what_says_where_a_reader_came_from_is_no_part_of_an_address(pair: str) -> None:
    assert clean_url(f"https://a.example/x?id=3&{pair}&b=4") == "https://a.example/x?id=3&b=4"
    assert canonicalise_url(clean_url(f"https://a.example/x?{pair}") or "") == "https://a.example/x"
    # also where another program has encoded it
    assert canonicalise_url(f"https://a.example/x?{quote(pair, safe='=;')}") == "https://a.example/x"


@pytest.mark.parametrize("pair", _CHOOSING)
def test_what_may_choose_the_page_stays(pair: str) -> None:
    assert clean_url(f"https://a.example/x?{pair}") == f"https://a.example/x?{pair}"
    assert pair in canonicalise_url(f"https://a.example/x?{pair}")


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("https://go.microsoft.com/fwlink/?linkid=1111111", None),
        ("https://github.com/o/r/blob/x.py?ref=v1.branch.name", None),
        ("https://gitlab.example/o/r?ref=hot.fix", None),
        ("https://aws.amazon.com/blogs/x/?sc_channel=el&trk=abc&id=1", "https://aws.amazon.com/blogs/x/?id=1"),
        ("https://www.linkedin.com/pulse/x?trk=feed&id=1", "https://www.linkedin.com/pulse/x?id=1"),
        ("https://x.com/u/status/12?s=20&t=abc", "https://x.com/u/status/12"),
        ("https://twitter.com/u/status/12?s=20&ref_src=twsrc", "https://twitter.com/u/status/12"),
        ("https://youtu.be/abcDEF12345?si=Xyz&t=30", "https://youtu.be/abcDEF12345?t=30"),
        ("https://www.youtube.com/watch?v=abcDEF12345&feature=share", "https://www.youtube.com/watch?v=abcDEF12345"),
        ("https://medium.com/p/5b8d032da09c?source=social.tw", "https://medium.com/p/5b8d032da09c"),
        ("https://one.substack.com/p/x?s=r&utm_source=a", "https://one.substack.com/p/x"),
        (
            "https://blog.naver.com/someid/223000000001?fromRss=true&trackingCode=rss",
            "https://blog.naver.com/someid/223000000001",
        ),
        ("https://m.blog.naver.com/someid/2?referrerCode=0", "https://m.blog.naver.com/someid/2"),
        # a host that only ends alike
        ("https://notmedium.com/p/x?source=social", None),
        ("https://x.com.example/?s=20", None),
    ],
)
def test_short_names_are_bound_to_the_hosts_that_mean_them_so(raw: str, cleaned: str | None) -> None:
    assert clean_url(raw) == (cleaned or raw)


_GOAL = "https://real.example/article?a=1"
_CODED = "https%3A%2F%2Freal.example%2Farticle%3Fa%3D1"


@pytest.mark.parametrize(
    "raw",
    [
        "https://www.google.com/url?rct=j&sa=t&url=https://real.example/article%3Fa%3D1&ct=ga&usg=x",
        f"https://www.google.co.kr/url?sa=D&q={_CODED}",
        f"https://www.google.com/url?rct=j&amp;url={_CODED}&amp;ct=ga",
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=6&url={_CODED}&c=1&mkt=ko-kr",
        f"https://l.facebook.com/l.php?u={_CODED}%26fbclid%3DIwAR&h=AT0",
        f"https://lm.facebook.com/l.php?u={_CODED}",
        f"https://l.instagram.com/?u={_CODED}&e=AT",
        f"https://out.reddit.com/t3_abc?url={_CODED}&token=A",
        f"https://www.youtube.com/redirect?event=video_description&redir_token=Q&q={_CODED}&v=abcDEF12345",
        f"https://t.umblr.com/redirect?z={_CODED}&t=N",
        f"https://slack-redir.net/link?url={_CODED}&v=3",
        f"https://steamcommunity.com/linkfilter/?url={_CODED}",
        f"https://steamcommunity.com/linkfilter/?u={_CODED}",
        f"https://vk.com/away.php?to={_CODED}&cc_key=",
        f"https://duckduckgo.com/l/?uddg={_CODED}&rut=1",
        f"https://nam02.safelinks.protection.outlook.com/?url={_CODED}&data=05%7C01&sdata=x&reserved=0",
        f"https://www.linkedin.com/safety/go?url={_CODED}&trk=feed",
        f"https://link.zhihu.com/?target={_CODED}",
        f"https://www.deviantart.com/users/outgoing?{_GOAL}",
        f"https://href.li/?{_GOAL}",
        "https://urldefense.com/v3/__https:/real.example/article?a=1__;!!abc$",
        "https://urldefense.com/v3/__https://real.example/article?a=1__;!!abc$",
        # in each other, and encoded twice
        "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3D"
        "https%253A%252F%252Freal.example%252Farticle%253Fa%253D1",
        f"https://out.reddit.com/?url={_CODED.replace('%', '%25')}",
    ],
)
def test_an_address_that_names_where_it_leads_is_that_one(raw: str) -> None:
    assert clean_url(raw) == _GOAL


@pytest.mark.parametrize(
    "raw",
    [
        "https://www.google.com/url?url=javascript:alert(1)",
        "https://www.google.com/url?q=data%3Atext%2Fhtml%2Cx",
        "https://www.google.com/url?q=/search",
        "https://www.google.com/url?url=https%3A%2F%2F",
        "https://www.google.com/search?q=https%3A%2F%2Freal.example%2F",
        f"https://www.youtube.com/watch?v=abcDEF12345&q={_CODED}",
        f"https://blog.example/url?url={_CODED}",
        f"https://google.com.evil.example/url?url={_CODED}",
        "https://www.facebook.com/sharer.php?u=https%3A%2F%2Freal.example%2F",
    ],
)
def test_an_address_that_leads_nowhere_that_can_be_linked_is_itself(raw: str) -> None:
    assert clean_url(raw) == raw


def test_redirectors_in_redirectors_are_followed_so_far_and_never_in_circles() -> None:
    nested = "https://real.example/"
    for _ in range(4):
        nested = f"https://out.reddit.com/?url={quote(nested, safe='')}"
    assert clean_url(nested) == "https://real.example/"
    flat = "https://href.li/?" * 50 + "https://real.example/"
    assert clean_url(flat) == flat
    own = "https://out.reddit.com/?url=https%3A%2F%2Fout.reddit.com%2F"
    assert clean_url(own) == "https://out.reddit.com/"


@pytest.mark.parametrize(
    ("link", "completed"),
    [
        ("www.other.example/post-1", "https://www.other.example/post-1"),
        ("WWW.Other.example", "https://WWW.Other.example"),
        ("blog.example/post", "https://blog.example/post"),
        ("blog.example", "https://blog.example"),
        ("blog.example:8443/post", "https://blog.example:8443/post"),
        ("ko.blog.example/post", "https://ko.blog.example/post"),
        ("example/post", "example/post"),
        ("other.com/post", "https://other.com/post"),
        ("tech.other.co.kr/글", "https://tech.other.co.kr/글"),
        ("블로그.kr/글", "https://블로그.kr/글"),
        ("https//other.example/x", "https://other.example/x"),
        ("https:/other.example/x", "https://other.example/x"),
        ("HTTP:other.example/x", "http://other.example/x"),
        ("https:///other.example/x", "https://other.example/x"),
        ("http://https://other.example/x", "https://other.example/x"),
        *((same, same) for same in ("posts/a.html", "index.html", "v1.2/notes", "/posts/a", "../a", "?p=3", "#a", "")),
        *(
            (same, same)
            for same in ("README.md", "asp.net/intro", "socket.io/x", "2026.10/a", "a.b", "other.com", "./www.a")
        ),
        *(
            (same, same)
            for same in ("//other.example/x", "https://other.example/x", "mailto:a@blog.example", "www", "www.")
        ),
    ],
)
def test_a_host_without_its_scheme_is_no_folder(link: str, completed: str) -> None:
    assert complete_url(link, {"blog.example"}) == completed


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
        # as macOS writes Hangul and accents
        ("https://a.example/%EA%B0%9C%EC%84%A0", "https://a.example/%E1%84%80%E1%85%A2%E1%84%89%E1%85%A5%E1%86%AB"),
        ("https://a.example/caf%C3%A9%2Fx", "https://a.example/cafe%CC%81%2Fx"),
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
        ("https://haneul.blog.me/223000000001", "https://blog.naver.com/haneul/223000000001"),
        # papers, films, talk
        (
            "https://arxiv.org/abs/2510.01234",
            "http://arxiv.org/abs/2510.01234v2",
            "https://arxiv.org/pdf/2510.01234v1.pdf",
            "https://arxiv.org/pdf/2510.01234",
            "https://arxiv.org/html/2510.01234v3",
            "https://export.arxiv.org/abs/2510.01234?context=cs.LG",
            "https://ar5iv.labs.arxiv.org/html/2510.01234",
            "https://doi.org/10.48550/arXiv.2510.01234",
        ),
        ("https://arxiv.org/abs/cs/0112017v1", "https://arxiv.org/pdf/cs/0112017"),
        (
            "https://youtu.be/abcDEF12345",
            "https://www.youtube.com/watch?v=abcDEF12345&list=PL1&index=2",
            "https://m.youtube.com/watch?app=desktop&v=abcDEF12345&t=30s",
            "https://youtu.be/abcDEF12345?t=30",
            "https://www.youtube.com/shorts/abcDEF12345?feature=share",
            "https://www.youtube.com/embed/abcDEF12345?rel=0",
            "https://www.youtube-nocookie.com/embed/abcDEF12345",
            "https://youtube.com/live/abcDEF12345",
        ),
        (
            "https://x.com/haneul/status/123",
            "https://twitter.com/Haneul/status/123?s=20",
            "https://mobile.twitter.com/haneul/status/123/photo/1",
            "https://x.com/i/web/status/123",
        ),
        ("https://x.com/haneul", "https://twitter.com/haneul"),
        (
            "https://www.reddit.com/r/MachineLearning/comments/1abcd/d_a_title/",
            "https://old.reddit.com/r/MachineLearning/comments/1abcd/",
            "https://redd.it/1abcd",
        ),
        ("https://open.substack.com/pub/one/p/x?r=1", "https://one.substack.com/p/x"),
        ("https://web.archive.org/web/20261001000000/https://a.example/x?b=1", "https://a.example/x?b=1"),
        # where a reader came from, and where a link leads
        ("https://a.example/x5?ref=hn.example", "https://a.example/x5"),
        ("https://www.google.com/url?url=https%3A%2F%2Fyoutu.be%2FabcDEF12345", "https://youtu.be/abcDEF12345"),
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
        # an ending in hexadecimal digits, and what is not an article of Medium
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
        # other papers, films, talk
        ("https://arxiv.org/abs/2510.01234", "https://arxiv.org/abs/2510.01235"),
        ("https://arxiv.org/abs/cs/0112017", "https://arxiv.org/abs/math/0112017"),
        ("https://arxiv.org/list/cs.LG/recent", "https://arxiv.org/list/cs.CL/recent"),
        ("https://youtu.be/abcDEF12345", "https://youtu.be/abcDEF12346"),
        ("https://www.youtube.com/watch?v=a&v=b", "https://www.youtube.com/watch?v=a"),
        ("https://www.youtube.com/playlist?list=PL1", "https://www.youtube.com/playlist?list=PL2"),
        ("https://x.com/haneul/status/123", "https://x.com/haneul/status/124"),
        ("https://x.com/haneul/status/123", "https://x.com/haneul"),
        ("https://www.reddit.com/r/a/comments/1abcd/t/", "https://www.reddit.com/r/a/comments/1abcd/t/xyz/"),
        ("https://go.microsoft.com/fwlink/?linkid=1111111", "https://go.microsoft.com/fwlink/?linkid=2222222"),
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
    "cdn.ampproject.org", "google.co.kr", "en.m.wikipedia.org", "m.youtube.com", "youtu.be", "twitter.com", "arxiv.org",
    "doi.org", "old.reddit.com", "redd.it", "open.substack.com", "web.archive.org", "x.blog.me", "out.reddit.com", "href.li",
    "urldefense.com",
]  # fmt: skip
_PIECES = [
    "/", "//", "/.", "/..", "/a-b", "-0123456789ab", "글", "%EA%B8%80", "%ea%b8", "e%CC%81", "%C7%D1", "%", "%2", "%25", "%41", "%2F",
    "%3B", ";", ";jsessionid=9", "/index.html", "/Default.aspx", "/amp", ".amp", ".amp.html", "/ko/blogs/", "/m/", "/p/",
    "/@u/", "/c/s/", "/amp/s/", "a.example/", "/~r/N/~3/i/", "/PostView.naver", "/x/12", "/m/global-identity", "#", "#!",
    "#/", "?", "&", "=", "+", "amp;", "m=1", "amp=1", "utm_x=1", "source=rss", "a=2", "a=1", "blogId=q", "logNo=7",
    "redirectUrl=https%3A%2F%2Fa.example", "/url", "url=https%3A%2F%2Fm.blog.naver.com", "https://youtu.be", "/abcDEF12345",
    "/status/12", "/abs/2510.01234v2", ".pdf", "/10.48550/arXiv.2510.01234", "/comments/1a", "/pub/a/p/b", "/web/2026/",
    "/v3/__https:/a.example/x__;!!", "ref=a.example", "#utm_x=1", "s=1", " ", "\\", "|", "é", "\ud800", "\u3000", "\u200b", "~", "'", '"', "<", ":", "@",
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
    def take(url: str) -> tuple[str | None, str, str]:
        return clean_url(url, "https://b.example/blog/"), canonicalise_url(url), urls._find_host(url)

    addresses = sorted({url for items in recorded.values() for url in items})
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_CLEAN", "_PLAIN", "_HOST", "_ABSOLUTE"):
            patch.setattr(urls, name, re.compile(r"(?!)"))
        patch.setattr(urls, "_UNWRITABLE", re.compile(""))
        slowly = [take(url) for url in addresses]
    assert [take(url) for url in addresses] == slowly


def test_no_two_links_of_the_published_digest_meet(shared: Path) -> None:
    text = (shared / "digest" / "README-2023-01.md").read_text("utf-8")
    links = {clean_url(link) or "" for link in re.findall(r"\]\((https?://[^)\s]+)\)", text)}
    assert len(links) > 90
    assert len({canonicalise_url(link) for link in links}) == len(links)
    aws = {link for link in links if "/ko/blogs/" in link}
    assert len(aws) == 8
    assert all(canonicalise_url(link) == canonicalise_url(link.replace("/ko/", "/")) for link in aws)
    assert {link for link in links if leads_to_translation(link)} == aws


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


def test_a_host_is_in_lower_case_and_ascii() -> None:
    assert host_of("https://WWW.A.example/x") == "a.example"
    assert host_of("https://한글.kr/x") == host_of("https://www.xn--bj0bj06e.kr/x") == "xn--bj0bj06e.kr"
    assert host_of("https://www.com/") == "www.com"


@pytest.mark.parametrize("link", ["//{marks}/x", "https://{marks}.example/x", "x?{marks}"])
def test_what_is_far_too_long_for_an_address_is_neither_taken_apart_nor_joined(link: str) -> None:
    endless = link.format(marks="\u0301\u0323" * 200_000)
    with pytest.raises(ValueError, match="at most 2000 characters"):
        join_address("https://a.example/b", endless)
    assert clean_url(endless, "https://a.example/b") is None
    assert host_of(endless) == ""


def test_long_addresses_are_not_kept_in_memory() -> None:
    kept = urls._remember_host.cache_info().currsize
    assert host_of(f"https://long.example/{'x' * 5000}") == "long.example"
    assert urls._remember_host.cache_info().currsize == kept


def test_no_credentials_are_shown() -> None:
    assert hide_credentials("postgresql://me:secret@host/db") == "postgresql://host/db"
