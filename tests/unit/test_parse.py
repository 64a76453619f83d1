"""Bytes become data, or a reason in words why they are no feed."""

from __future__ import annotations

import asyncio
import pickle
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.collect.parse import parse_document
from aggregator.collect.workers import ParserPool
from aggregator.exceptions import ParseError
from aggregator.types import ParsedFeed

URL = "https://tech.haneul.example/feed.xml"
RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>
<link>https://tech.haneul.example/</link>{}</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{}</feed>"""


def _parse(text: str | bytes, content_type: str | None = None) -> ParsedFeed:
    return parse_document(text.encode() if isinstance(text, str) else text, URL, content_type)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "the answer is empty"),
        ("  \n", "the answer is empty"),
        ("<!DOCTYPE html><html><body>Checking your browser</body></html>", "the answer is an HTML page, not a feed"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "the answer is JSON, not a feed"),
        (b"%PDF-1.7 \xff\xfe", "the answer is a PDF, not a feed"),
        ("just text", "the answer is text/plain, not a feed; it begins with 'just text'"),
        ('<?xml version="1.0"?><rss version="2.0"><channel><title>t</tit', "breaks off before its first entry"),
    ],
)
def test_what_is_no_feed_is_told(body: str | bytes, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        _parse(body, "text/plain; charset=utf-8")
    assert words in caught.value.reason
    assert caught.value.url == URL


def test_a_feed_without_entries_is_a_feed() -> None:
    assert _parse(RSS.format("")).entries == ()


def test_a_document_that_breaks_off_gives_what_stood_before() -> None:
    parsed = _parse(RSS.format("<item><title>a</title><link>/a</link></item><item><title>b</tit")[:-20])
    assert [entry.title for entry in parsed.entries][:1] == ["a"]
    assert parsed.warning


def test_links_are_resolved_against_the_document() -> None:
    (entry,) = _parse(RSS.format("<item><title>a</title><link>/a</link></item>")).entries
    assert entry.url == "https://tech.haneul.example/a"


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    (entry,) = _parse(RSS.format("<item><title>a</title><guid>https://a.example/x</guid></item>")).entries
    assert (entry.id, entry.url) == ("https://a.example/x", "https://a.example/x")


def test_control_characters_do_not_hide_the_entries() -> None:
    body = RSS.format("<item><title>추천\x08 시스템</title><link>/a</link></item><item><link>/b</link></item>")
    parsed = _parse(body)
    assert (len(parsed.entries), parsed.entries[0].title, parsed.warning) == (2, "추천 시스템", None)


@pytest.mark.parametrize("charset", ["euc-kr", "utf-8", "utf-16"])
def test_korean_in_its_charsets(charset: str) -> None:
    body = RSS.replace("utf-8", charset).format("<item><title>추천 시스템</title><link>/a</link></item>")
    assert _parse(body.encode(charset)).entries[0].title == "추천 시스템"


def test_the_charset_of_the_header_goes_before_that_of_the_document() -> None:
    body = RSS.replace(' encoding="utf-8"', "").format("<item><title>추천</title></item>").encode("euc-kr")
    assert _parse(body, "application/xml; charset=euc-kr").entries[0].title == "추천"


def test_titles_are_html_whatever_the_feed_calls_them() -> None:
    entries = ATOM.format(
        '<entry><title type="text">a &lt;b&gt; c</title></entry><entry><title type="html">a &lt;b&gt;c&lt;/b&gt;</title></entry>'
    )
    assert [entry.title for entry in _parse(entries).entries] == ["a &lt;b&gt; c", "a <b>c</b>"]


def test_a_missing_update_is_not_taken_from_the_publication() -> None:
    (entry,) = _parse(ATOM.format("<entry><published>2022-12-01T00:00:00Z</published></entry>")).entries
    assert (entry.published_raw, entry.updated_raw) == ("2022-12-01T00:00:00Z", None)


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    body = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + RSS.format(
        "<item><title>a&x;</title></item>"
    ).removeprefix('<?xml version="1.0" encoding="utf-8"?>')
    try:
        parsed = _parse(body)
    except ParseError:
        return
    assert "hidden" not in repr(parsed)


def test_results_and_failures_travel_between_processes() -> None:
    parsed = _parse(RSS.format("<item><title>a</title><link>/a</link></item>"))
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    error = pickle.loads(pickle.dumps(ParseError(URL, "the answer is empty")))
    assert (error.url, error.reason) == (URL, "the answer is empty")


def test_worker_processes_give_the_same_and_are_replaced_when_they_die() -> None:
    body = RSS.format("<item><title>a</title><link>/a</link></item>").encode()

    async def run(pool: ParserPool) -> None:
        assert await pool.parse(body, URL, None) == _parse(body)
        with pytest.raises(ParseError, match="the answer is empty"):
            await pool.parse(b"", URL, None)
        assert pool._executor is not None
        for process in list(pool._executor._processes.values()):
            process.kill()
            process.join()
        assert await pool.parse(body, URL, None) == _parse(body)

    with ParserPool(1) as pool:
        asyncio.run(run(pool))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_a_damaged_document_is_read_or_refused_but_breaks_nothing(data: st.DataObject) -> None:
    body = RSS.format(
        "<item><title>a &amp; b</title><link>/a</link><description><![CDATA[<p>x</p>]]></description></item>"
    )
    whole = bytearray(body.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            outcome: object = _parse(bytes(whole))
        except ParseError as error:
            outcome = error.reason
    assert isinstance(outcome, ParsedFeed | str)
