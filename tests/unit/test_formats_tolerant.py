"""feedparser, kept from what it does beyond reading."""

from __future__ import annotations

import pytest

from aggregator.feeds.formats.common import FoundEntry
from aggregator.feeds.formats.tolerant import keep_complete, read_tolerantly

RSS = '<rss version="2.0"><channel><title>t</title>{}</channel></rss>'


def _read(items: str) -> list[FoundEntry]:
    return read_tolerantly(RSS.format(items).encode()).entries


@pytest.mark.parametrize("broken", ["", "<x>R & D</x>"], ids=["well-formed", "broken"])
@pytest.mark.parametrize(
    "given", ["post-1", "/c", "../x", "../../x", "//cdn.example/x", "?p=1", "#n", "tag:x,2022:1", "https://x.example/"]
)
def test_ids_and_links_stay_as_they_were_given(given: str, broken: str) -> None:
    (entry,) = _read(f"<item><guid>{given}</guid><link>{given}</link>{broken}</item>")
    assert (entry.id, [link.url for link in entry.links]) == (given, [given])


@pytest.mark.parametrize("base", ["https://a.example/b/", "b/", "/b/"])
def test_a_base_ends_with_its_element(base: str) -> None:
    first, second = _read(
        f"<item xml:base='{base}'><link>1</link><description>x</description></item><item><link>2</link><description>x</description></item>"
    )
    assert [link.url for link in first.links] == [f"{base}1"]
    assert [link.url for link in second.links] == ["2"]
    assert first.summary is not None
    assert second.summary is not None
    assert (first.summary.base, second.summary.base) == (base, "")


def test_strange_values_under_known_names_do_no_harm() -> None:
    (entry,) = _read(
        "<item><title>a</title><links>x</links><authors>y</authors><title_detail>z</title_detail>"
        '<date kind="1">d</date><media_content>m</media_content><slash_comments a="b"/></item>'
    )
    assert (entry.title, entry.links, entry.authors, entry.updated, entry.media) == ("a", [], [], None, [])


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (b"<rss><item>a</item><item>b", b"<rss><item>a</item>"),
        (b"<feed><a:entry>a</a:entry ><entry>b</entr", b"<feed><a:entry>a</a:entry >"),
        (b"<item>a</item><item><![CDATA[</item>", b"<item>a</item>"),
        (b"<item>a</item><item><!-- </item> --></item><", b"<item>a</item><item><!-- </item> --></item>"),
        (b"<ITEM>a</ITEM>...", b"<ITEM>a</ITEM>"),
        (b"<item>a", b""),
        (b"<items>a</items>", b""),
    ],
)
def test_only_whole_entries_are_kept(document: bytes, kept: bytes) -> None:
    assert keep_complete(document) == kept


def test_tags_without_number_are_cut_off_and_the_next_entry_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.feeds.formats.tolerant._MOST_TAGS", 1_000)
    many = "".join(f"<category>{n}</category>" for n in range(1_200))
    first, second = _read(f"<item><title>a</title>{many}</item><item><title>b</title><link>/b</link></item>")
    assert 900 < len(first.tags) <= 1_000
    assert (second.title, [link.url for link in second.links]) == ("b", ["/b"])
