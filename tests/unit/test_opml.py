"""OPML in and out: what other programs write is read, ours survives the round trip, and bombs are refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import check_feed
from aggregator.exceptions import ConfigError
from aggregator.feeds.opml import MAX_BYTES, Outline, read_opml, write_opml
from aggregator.pipeline.exchange import read_list, to_outline
from aggregator.text.characters import compose
from aggregator.types import Feed, Kind, Only

NESTED = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>mine</title></head><body>
<outline text="ML" title="ML">
  <outline text="Korea">
    <outline type="rss" text="우아한형제들 기술블로그" xmlUrl="https://techblog.woowahan.com/feed/" htmlUrl="https://techblog.woowahan.com/" language="ko-KR"/>
  </outline>
  <outline text="Distill" xmlURL="https://distill.pub/rss.xml" category="/research/visual,slow"/>
</outline>
<outline text="A note"/>
<outline text="Tom &amp; Co" language="unknown" type="rss" xmlUrl="https://tom.example/feed"></outline>
</body></opml>"""


def test_a_nested_list_of_another_program() -> None:
    found = read_opml(NESTED.encode(), "list.opml")
    assert [(each.name, each.url, each.tags, each.language, each.line) for each in found] == [
        ("우아한형제들 기술블로그", "https://techblog.woowahan.com/feed/", ("ML", "Korea"), "ko", 5),
        ("Distill", "https://distill.pub/rss.xml", ("ML", "research/visual", "slow"), "", 7),
        ("Tom & Co", "https://tom.example/feed", (), "", 10),
    ]
    tables = [each.table for each in read_list(NESTED.encode(), "list.opml")]
    assert [(table["kind"], table["language"]) for table in tables] == [
        ("company", "ko"),
        ("company", "en"),
        ("company", "en"),
    ]


BOMB = '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (BOMB, r"list.opml, line 1: has a document type"),
        ('<!DOCTYPE opml SYSTEM "http://x.example/opml.dtd"><opml/>', "has a document type"),
        ("<opml><body>\n" + "<outline text='a'>\n" * 60, "line 50: is nested deeper than 50 levels"),
        ("<opml><body>\n<outline text='a & b'/></body></opml>", "line 2: is not valid XML"),
        ("<rss><channel/></rss>", "is not OPML: its first element is <rss>"),
        ("[feeds", "is neither OPML nor valid TOML"),
        ("#" * (MAX_BYTES + 1), "is longer than 5 MB"),
        ("", None),
    ],
)
def test_what_is_refused(body: str, said: str | None) -> None:
    if said is None:
        assert read_list(body.encode(), "list.opml") == []
        return
    with pytest.raises(ConfigError, match=said):
        read_list(body.encode(), "list.opml")


TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12).map(compose)
FEEDS = st.builds(
    Feed,
    key=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True),
    name=TEXTS,
    url=st.sampled_from(["https://a.example/feed", "https://b.example/?a=1&b=2"]),
    kind=st.sampled_from(Kind),
    language=st.sampled_from(["en", "ko"]),
    site=st.none() | st.just("https://a.example/"),
    organisation=st.none() | TEXTS,
    weight=st.floats(-1, 1),
    tags=st.lists(TEXTS, max_size=3).map(tuple),
    full_text=st.booleans(),
    only=st.none() | st.just(Only(("LLM",), ())),
    verified=st.none() | st.just(date(2022, 11, 3)),
)


@given(FEEDS)
def test_a_feed_survives_the_round_trip(feed: Feed) -> None:
    (given_,) = read_list(write_opml([to_outline(feed)], "mine").encode(), "list.opml")
    assert check_feed(given_.key, given_.table, file="list.opml") == feed


def test_a_title_with_what_xml_forbids() -> None:
    text = write_opml([Outline("a\x00\"<b>\n&'", "https://a.example/")], "\x01mine")
    assert read_opml(text.encode(), "x")[0].name == "a\"<b> &'"
