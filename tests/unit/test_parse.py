"""Bytes become data, or a reason in words why they are not a feed."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import socket
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exceptions import ParseError
from aggregator.feeds.parse import parse_document
from aggregator.types import ParsedFeed
from growth import measure_doubling

URL = "https://tech.haneul.example/feed.xml"
ODDITIES = Path(__file__).parents[1] / "data" / "feeds"
RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>
<link>https://tech.haneul.example/</link>{}</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{}</feed>"""
ITEM = "<item><title>a</title><link>/a</link></item>"


def _parse(text: str | bytes, content_type: str | None = None, **options: int | bool | None) -> ParsedFeed:
    body = text.encode() if isinstance(text, str) else text
    return parse_document(body, URL, content_type, **options)  # type: ignore[arg-type]


def _number(count: int, detail: str = "") -> str:
    return "".join(
        f"<item><title>{n}</title><link>/{n}</link><description>{detail} {n}</description></item>" for n in range(count)
    )


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("feed.xml", RSS.format(ITEM))
    return packed.getvalue()


# --- what is not a feed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the answer is empty"),
        ("  \r\n\t", "the answer is empty"),
        (b"\xef\xbb\xbf", "the answer is empty"),
        (b"\x00" * 4096, "the answer contains only zero bytes"),
        ("<!DOCTYPE html><html><body>Checking your browser</body></html>", "the answer is an HTML page, not a feed"),
        ("<html><head><title>404\n Not &amp; found</title></head></html>", "the answer is an HTML page (404 Not & found), not a feed"),
        ('<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD"><html/>', "the answer is an HTML page, not a feed"),
        ("<script>location='/'</script><title>Wait</title>", "the answer is an HTML page (Wait), not a feed"),
        ('<?xml version="1.0"?><opml><head/></opml>', "the answer is an XML document of another kind (<opml>), not a feed"),
        ('{"posts": []}', "the answer is JSON, but not a JSON Feed"),
        ('[{"id": 1}]', "the answer is JSON, but not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "the answer is JSON, but not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": ', "the answer begins like JSON, but cannot be read ("),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 100_000, "the answer begins like JSON, but cannot be read ("),
        (b"%PDF-1.7 \xff\xfe", "the answer is a PDF, not a feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "the answer is a PNG picture, not a feed"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "the answer is a JPEG picture, not a feed"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "the answer is a WebP picture, not a feed"),
        (gzip.compress(RSS.encode()), "the answer is gzip data, not a feed"),
        (_zip(), "the answer is a ZIP archive, not a feed"),
        ("just text", "the answer is text/plain, not a feed"),
        ('<?xml version="1.0"?><rss version="2.0"><channel><title>t</tit', "the document ends too early, before the end of its first entry"),
        (RSS.format(ITEM)[:-40], "the document ends too early, before the end of its first entry"),
        ("<x><item>no feed</item></x>", "the answer is an XML document of another kind (<x>), not a feed"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told(body: str | bytes, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        _parse(body, "text/plain; charset=utf-8")
    assert caught.value.reason.startswith(reason)
    assert len(caught.value.reason) < 200
    assert caught.value.url == URL


LINK = '<link rel="alternate" type="application/rss+xml" href="{}">'
NAMED = "the answer is an HTML page (Blog), not a feed; it names https://"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (LINK.format("/rss"), NAMED + "tech.haneul.example/rss"),
        (LINK.format("rss?a=1&amp;b=2"), NAMED + "tech.haneul.example/rss?a=1&b=2"),
        (LINK.format("//cdn.example/rss"), NAMED + "cdn.example/rss"),
        ('<base href="https://www.example/blog/">' + LINK.format("rss"), NAMED + "www.example/blog/rss"),
        ("<LINK TYPE='Application/Atom+XML; charset=utf-8' HREF=/atom.xml REL='Alternate home'/>", NAMED + "tech.haneul.example/atom.xml"),
        ("<link rel=alternate type=application/feed+json href=/feed.json>", NAMED + "tech.haneul.example/feed.json"),
        ('<link rel="feed" href="/feed">', NAMED + "tech.haneul.example/feed"),
        (LINK.format("/a") + LINK.format("/b") + LINK.format("/a"), NAMED + "tech.haneul.example/a, https://tech.haneul.example/b"),
        ("".join(LINK.format(f"/{n}") for n in range(5)), NAMED + "tech.haneul.example/0, https://tech.haneul.example/1, https://tech.haneul.example/2 and 2 more"),
        (LINK.format("https://mina:secret@blog.example/rss"), NAMED + "blog.example/rss"),
        # Where a page stands that was a feed before.
        (LINK.format("feed.xml"), NAMED + "tech.haneul.example/feed.xml"),
        # What names none.
        *(
            (link, "the answer is an HTML page (Blog), not a feed")
            for link in (
                LINK.format("javascript:x"),
                LINK.format(""),
                f"<!-- {LINK.format('/rss')} -->",
                f"<script>'{LINK.format('/rss')}'</script>",
                '<link rel="alternate" hreflang="ko" href="/ko/">',
                '<link rel="alternate" type="application/json+oembed" href="/oembed">',
                '<link rel="stylesheet alternate" type="text/xml" href="/x">',
            )
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["<!doctype html><html><head>", "<head>"])
def test_a_page_that_names_feeds_says_which(head: str, reason: str, start: str) -> None:
    with pytest.raises(ParseError) as caught:
        _parse(f"{start}<title>Blog</title>{head}</head><body>x</body></html>")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE html>",
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>',
        '<!DOCTYPE html>\n<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
        "<!-- <html> --><!doctype HTML>",
    ],
)
@pytest.mark.parametrize("feed", [RSS, ATOM], ids=["rss", "atom"])
def test_a_feed_behind_the_document_type_of_a_page_is_a_feed(prolog: str, feed: str) -> None:
    entry = ITEM if feed is RSS else '<entry><title>a</title><id>1</id><link href="/a"/></entry>'
    parsed = _parse(prolog + feed.partition("?>")[2].format(entry))
    assert [entry.url for entry in parsed.entries] == ["https://tech.haneul.example/a"]


INVENTED = "<item><title>Your title</title><link>/your-link</link></item>"


@pytest.mark.parametrize(
    "broken", ["", "<copyright>R & D</copyright>", "<title>R&nbsp;D</title>"], ids=["", "&", "nbsp"]
)
@pytest.mark.parametrize("end", ["</channel></rss>", "", "</chan"], ids=["whole", "cut", "cut in a tag"])
@pytest.mark.parametrize(
    ("before", "inside", "behind"),
    [
        (f"<!-- a template: {INVENTED} -->", "", ""),
        (f"<?template {INVENTED} ?>", "", ""),
        ("", f"<!-- {INVENTED} -->", ""),
        ("", f"<?template {INVENTED} ?>", ""),
        ("", f"<description><![CDATA[ {INVENTED} ]]></description>", ""),
        ("", "", f"<!-- {INVENTED} -->"),
        ("", "", f"<?template {INVENTED} ?>"),
    ],
)
def test_tags_that_stand_aside_are_no_entries(before: str, inside: str, behind: str, end: str, broken: str) -> None:
    document = f'{before}<rss version="2.0"><channel>{inside}{broken}{ITEM}{behind}{end}'
    parsed = _parse(document)
    assert [(entry.title, entry.url) for entry in parsed.entries] == [("a", "https://tech.haneul.example/a")]


def test_the_first_characters_are_kept_apart_from_the_reason() -> None:
    with pytest.raises(ParseError) as caught:
        _parse("<html>\n\n<p>Sign\tin \x1b[31m first" + "." * 1000)
    assert caught.value.excerpt is not None
    assert caught.value.excerpt.startswith("<html> <p>Sign in ·[31m first...")
    assert len(caught.value.excerpt) == 200


def test_a_body_without_characters_has_no_excerpt() -> None:
    with pytest.raises(ParseError) as caught:
        _parse(" \n")
    assert caught.value.excerpt is None


def test_a_feed_without_entries_is_a_feed() -> None:
    parsed = _parse(RSS.format(""))
    assert (parsed.title, parsed.site, parsed.entries, parsed.warning) == (
        "t",
        "https://tech.haneul.example/",
        (),
        None,
    )


# --- what breaks off --------------------------------------------------------------------------------------------------


def test_a_document_that_breaks_off_gives_what_is_complete() -> None:
    parsed = _parse(RSS.format(_number(3))[:-60])
    assert [entry.title for entry in parsed.entries] == ["0", "1"]
    assert parsed.warning == "the document ends too early; its 2 complete entries are read"


@pytest.mark.parametrize("broken", ["", "<title>R & D</title>"], ids=["well-formed", "broken"])
def test_the_end_of_an_entry_inside_a_text_is_none(broken: str) -> None:
    whole = RSS.format(
        f"<item>{broken}<link>/1</link></item>"
        "<item><link>/2</link><description><![CDATA[an </item> as example, </channel> too]]></description></item>"
    )
    for end in range(whole.index("as example"), whole.rindex("</item>") + 6):
        parsed = _parse(whole[:end], is_cut=True)
        assert [entry.url for entry in parsed.entries] == ["https://tech.haneul.example/1"]
        assert parsed.warning == "the document ends too early; its 1 complete entries are read"


def _list_cuts(body: bytes) -> Iterator[int]:
    choose = random.Random(1)
    yield from (choose.randrange(1, len(body)) for _ in range(12))


@pytest.mark.parametrize(
    "name", ["rss-20-modules.xml", "atom-10.xml", "atom-xhtml.xml", "rss-10.xml", "utf-16.xml", "euc-kr.xml", "markup-unescaped.xml", "json-11.json"]
)  # fmt: skip
def test_no_entry_is_ever_read_half(name: str, night: bool) -> None:
    """Of a document cut anywhere, what is read is the beginning of what is read of the whole."""
    body = (ODDITIES / name).read_bytes()
    whole = parse_document(body, URL).entries
    for end in range(1, len(body), 1 if night else 3):
        try:
            entries = parse_document(body[:end], URL, is_cut=True).entries
        except ParseError:
            continue
        assert entries == whole[: len(entries)], end


def test_recorded_documents_cut_anywhere_give_whole_entries(shared: Path) -> None:
    for file in sorted((shared / "feeds").glob("*.xml"))[::4]:
        body = file.read_bytes()
        whole = parse_document(body, URL).entries
        for end in _list_cuts(body):
            try:
                entries = parse_document(body[:end], URL, is_cut=True).entries
            except ParseError:
                continue
            assert entries == whole[: len(entries)], (file.name, end)


def test_json_that_breaks_off_gives_what_is_complete() -> None:
    whole = {"version": "https://jsonfeed.org/version/1", "title": "t", "items": [{"id": str(n)} for n in range(3)]}
    parsed = _parse(json.dumps(whole)[:-9], is_cut=True)
    assert [entry.id for entry in parsed.entries] == ["0", "1"]
    assert parsed.warning == "the JSON breaks off; its 2 complete entries are read"


# --- limits -----------------------------------------------------------------------------------------------------------


def _dated(dates: list[str]) -> str:
    return RSS.format(
        "".join(f"<item><title>{n}</title><pubDate>{date}</pubDate></item>" for n, date in enumerate(dates))
    )


def test_of_too_many_entries_the_newest_are_read_in_their_order() -> None:
    dates = ["2022-12-01", "", "2022-12-05", "Sat, 03 Dec 2022 09:00:00 GMT", "soon", "2022.12.04"]
    parsed = _parse(_dated(dates), max_entries=3)
    assert [entry.title for entry in parsed.entries] == ["2", "3", "5"]
    assert parsed.warning == "the document has 6 entries; the newest 3 are read"
    assert [entry.title for entry in _parse(_dated(dates), max_entries=5).entries] == ["0", "1", "2", "3", "5"]


def test_of_entries_with_one_date_or_none_the_first_are_read() -> None:
    assert [entry.title for entry in _parse(_dated(["2022-12-01"] * 4), max_entries=2).entries] == ["0", "1"]
    assert [entry.title for entry in _parse(_dated([""] * 4), max_entries=3).entries] == ["0", "1", "2"]


def test_the_limit_itself_is_no_reason_to_warn() -> None:
    parsed = _parse(_dated([""] * 4), max_entries=4)
    assert (len(parsed.entries), parsed.warning) == (4, None)


def test_warnings_are_joined() -> None:
    parsed = _parse(_dated(["2022-12-01"] * 4)[:-60], max_entries=2)
    assert parsed.warning == (
        "the document ends too early; its 3 complete entries are read; the document has 3 entries; the newest 2 are read"
    )


def test_megabytes_of_entries(night: bool) -> None:
    count = 30_000 if night else 3_000
    parsed = _parse(RSS.format(_number(count, "x" * 950)), max_entries=200)
    assert len(parsed.entries) == 200
    assert parsed.warning == f"the document has {count} entries; the newest 200 are read"


def test_of_a_long_broken_document_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.feeds.parse.MAX_BYTES", 80_000)
    parsed = _parse(RSS.format(_number(100, "x" * 950) + "<item>R <i> D</item>"))
    assert 70 < len(parsed.entries) < 85
    assert [entry.title for entry in parsed.entries[-1:]] == [str(len(parsed.entries) - 1)]
    assert "only its first 0.08 MB were looked at" in (parsed.warning or "")


# --- charsets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["euc-kr", "utf-8", "utf-16", "utf-32", "iso-2022-kr"])
def test_korean_in_its_charsets(charset: str) -> None:
    body = RSS.replace("utf-8", charset).format("<item><title>추천 시스템</title><link>/a</link></item>")
    parsed = _parse(body.encode(charset))
    assert (parsed.entries[0].title, parsed.warning) == ("추천 시스템", None)


@pytest.mark.parametrize(
    ("header", "declared", "actual"),
    [
        ("euc-kr", None, "euc-kr"),
        ("euc-kr", "utf-8", "euc-kr"),
        ("utf-8", "euc-kr", "euc-kr"),
        ("iso-8859-1", "utf-8", "utf-8"),
        ("us-ascii", None, "utf-8"),
        (None, "us-ascii", "utf-8"),
        ("no-such-charset", "euc-kr", "euc-kr"),
        ("utf-16", "utf-8", "utf-8"),
        ("bz2", "utf-8", "utf-8"),
    ],
)
def test_header_and_document_may_disagree(header: str | None, declared: str | None, actual: str) -> None:
    text = RSS.format("<item><title>추천 시스템 개선기</title></item>")
    text = text.replace(' encoding="utf-8"', f' encoding="{declared}"' if declared else "")
    content_type = f"application/rss+xml; charset={header}" if header else "text/xml"
    assert _parse(text.encode(actual), content_type).entries[0].title == "추천 시스템 개선기"


def test_control_characters_do_not_hide_the_entries() -> None:
    body = RSS.format("<item><title>추천\x08 시스템\x00</title><link>/a</link></item><item><link>/b</link></item>")
    parsed = _parse(body)
    assert (len(parsed.entries), parsed.entries[0].title, parsed.warning) == (2, "추천 시스템", None)


# --- hostile documents ------------------------------------------------------------------------------------------------


def _declare(entities: str, title: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]>' + RSS.format(
        f"<item><title>{title}</title><link>/a</link></item>"
    ).removeprefix('<?xml version="1.0" encoding="utf-8"?>')


def test_entities_that_multiply_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    for entities, title in (
        (f'<!ENTITY a "ha">{levels}', "&i;" * 10),
        (f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 10_000),
        ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
    ):
        parsed = _parse(_declare(entities, title))
        assert len(parsed.entries) == 1
        assert len(repr(parsed)) < 100_000


def test_an_entity_that_is_a_sign_is_read() -> None:
    assert _parse(_declare('<!ENTITY copy "&#169;">', "&copy; 2022")).entries[0].title == "© 2022"


def test_external_entities_are_neither_fetched_nor_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd"
        for entities in (
            f'<!ENTITY x SYSTEM "{secret.as_uri()}">',
            f'<!ENTITY x SYSTEM "{address}">',
            f'<!ENTITY % more SYSTEM "{address}">%more;',
        ):
            parsed = _parse(_declare(entities, "a&x;"))
            assert "hidden" not in repr(parsed)
        _parse(f'<!DOCTYPE rss SYSTEM "{address}">' + RSS.format(ITEM).partition("?>")[2])
        with pytest.raises(BlockingIOError):
            server.accept()


#: By their size: these took minutes or gigabytes in one of the readers, or may.
MONSTERS: dict[str, Callable[[int], str]] = {
    "nested": lambda n: "<a>" * n + "</a>" * n,
    "never closed": lambda n: "<a>" * n,
    "half a tag": lambda n: "<a " * n,
    "comments": lambda n: "<!--" * n,
    "CDATA": lambda n: "<![CDATA[" * n,
    "half an attribute": lambda n: '<link x="' * n,
    "dots in an author": lambda n: f"<author>{'a.' * n}</author>&",
    "an author's address": lambda n: f"<author>{'a' * n}@</author>",
    "keywords": lambda n: f"<media:keywords>{','.join(map(str, range(n)))}</media:keywords>&",
    "bases": lambda n: "<a xml:base='https://x.example/y/'>" + "<a xml:base='x/'>" * n,
    "spaces in a tag": lambda n: f"<description>&lt;a href={' ' * n}</description>",
    "attributes": lambda n: "<link " + " ".join(f"a{k}='x'" for k in range(n)) + "/>",
}


@pytest.mark.parametrize("name", MONSTERS)
def test_one_monstrous_entry_is_read_or_refused_in_linear_time(
    name: str, night: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not night:
        # Up to its limits feedparser takes time that grows with the square.
        monkeypatch.setattr("aggregator.feeds.formats.tolerant._MOST_TAGS", 100)
        monkeypatch.setattr("aggregator.feeds.formats.tolerant._MOST_BASES", 100)

    def read(size: int) -> None:
        with suppress(ParseError):
            parsed = _parse(RSS.format(f"<item><title>a</title>{MONSTERS[name](size)}</item>"))
            assert len(parsed.entries) == 1

    assert measure_doubling(read, 20_000 if night else 3_000) < 3


def test_blank_lines_before_the_document_cost_little() -> None:
    def read(size: int) -> None:
        text = f'<?xml version="1.0"?>{chr(10) * size}<!DOCTYPE rss>{RSS.format(ITEM)[38:]}'
        assert len(_parse(text).entries) == 1

    assert measure_doubling(read, 100_000) < 3


# --- the entries ------------------------------------------------------------------------------------------------------


def test_links_are_resolved_against_the_document() -> None:
    assert _parse(RSS.format(ITEM)).entries[0].url == "https://tech.haneul.example/a"


@pytest.mark.parametrize(
    "kind", ["image/png", "application/pdf", "application/octet-stream", "image/svg+xml", "IMAGE/PNG"]
)
def test_content_of_another_media_type_is_no_prose(kind: str) -> None:
    content = f'<content type="{kind}">aVZCT1J3MEtHZ28=</content>'
    (both, alone) = _parse(
        ATOM.format(f"<entry><summary>Real</summary>{content}</entry><entry>{content}</entry>")
    ).entries
    assert (both.summary, both.content, alone.summary, alone.content) == ("Real", "", "", "")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (
            RSS.format("<item><description>&amp;lt;p&amp;gt;Hello&amp;lt;/p&amp;gt;</description></item>"),
            "<p>Hello</p>",
        ),
        (RSS.format("<item><description><![CDATA[&lt;p&gt;Hello&lt;/p&gt;]]></description></item>"), "<p>Hello</p>"),
        (ATOM.format("<entry><summary>&amp;lt;p&amp;gt;Hello&amp;lt;/p&amp;gt;</summary></entry>"), "<p>Hello</p>"),
        (ATOM.format("<entry><summary>&lt;![CDATA[Hello]]&gt;</summary></entry>"), "Hello"),
        (
            '{"version": "https://jsonfeed.org/version/1", "items": [{"summary": "Use <p>this</p> &amp;"}]}',
            "Use &lt;p&gt;this&lt;/p&gt; &amp;amp;",
        ),
    ],
)
def test_a_text_is_read_as_its_author_meant_it(document: str, text: str) -> None:
    assert _parse(document).entries[0].summary == text


def test_what_a_document_forgot_to_escape_is_read_with_a_word_on_it() -> None:
    parsed = _parse(
        RSS.format("<item><title>Q&A&nbsp;&amp; <![CDATA[R&D]]></title><link>/?a=1&b=2&copy=3</link></item>")
    )
    assert (parsed.entries[0].title, parsed.entries[0].url) == (
        "Q&A & R&D",
        "https://tech.haneul.example/?a=1&b=2&copy=3",
    )
    assert "a bare &" in (parsed.warning or "")


def test_a_missing_update_is_not_taken_from_the_publication() -> None:
    (entry,) = _parse(ATOM.format("<entry><published>2022-12-01T00:00:00Z</published></entry>")).entries
    assert (entry.published_raw, entry.updated_raw) == ("2022-12-01T00:00:00Z", None)


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl> 0 </ttl>", timedelta(0)),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>99999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", timedelta(hours=1)),
        ("<sy:updatePeriod> Weekly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(days=3.5)),
        ("<sy:updateFrequency>4</sy:updateFrequency>", timedelta(hours=6)),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(days=1)),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
        ("<ttl>30</ttl><sy:updatePeriod>daily</sy:updatePeriod>", timedelta(minutes=30)),
    ],
)
def test_how_long_a_document_asks_to_be_left_alone(channel: str, ttl: timedelta | None) -> None:
    namespace = ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    for broken in ("", "<x>R & D</x>"):
        text = RSS.format(channel + ITEM + broken).replace('"2.0"', '"2.0"' + namespace)
        assert _parse(text).ttl == ttl


@pytest.mark.parametrize("broken", ["", "<x>R & D</x>"], ids=["well-formed", "broken"])
def test_when_a_document_asks_not_to_be_visited(broken: str) -> None:
    quiet = _parse(
        RSS.format(
            "<skipHours><hour>24</hour><hour> 3 </hour><hour>03</hour><hour>25</hour><hour>x</hour></skipHours>"
            f"<skipDays><day>Sunday</day><day>monday</day><day>Someday</day></skipDays>{ITEM}{broken}"
        )
    ).quiet
    assert (quiet.hours, quiet.days) == ((0, 3), (0, 6))


# --- processes --------------------------------------------------------------------------------------------------------


def test_results_and_failures_travel_between_processes() -> None:
    parsed = _parse(RSS.format(ITEM))
    assert pickle.loads(pickle.dumps(parsed)) == parsed
    with pytest.raises(ParseError) as caught:
        _parse("<html>")
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.url, error.reason, error.excerpt) == (URL, "the answer is an HTML page, not a feed", "<html>")


# --- damage -----------------------------------------------------------------------------------------------------------


@given(st.data())
def test_a_damaged_document_is_read_or_refused_but_breaks_nothing(data: st.DataObject) -> None:
    files = sorted(ODDITIES.iterdir())
    whole = bytearray(data.draw(st.sampled_from(files)).read_bytes())
    other = data.draw(st.sampled_from(files)).read_bytes()
    pieces = st.one_of(
        st.binary(max_size=6),
        st.sampled_from([b"<item>", b"</item>", b"<![CDATA[", b"]]>", b"&#0;", b"&x;", b"<!--", b"\x00", b"\xff", b"<entry>", b"<a b='"]),
        st.integers(0, max(0, len(other) - 40)).map(lambda at: other[at : at + 40]),
    )  # fmt: skip
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole)))
        whole[at : at + data.draw(st.integers(0, 40))] = data.draw(pieces)
    content_type = data.draw(
        st.sampled_from([None, "text/xml", "application/xml; charset=utf-16", "text/html; charset=euc-kr"])
    )
    try:
        outcome: object = parse_document(
            bytes(whole), URL, content_type, is_cut=data.draw(st.booleans()), max_entries=2
        )
    except ParseError as error:
        outcome = error.reason
    assert isinstance(outcome, ParsedFeed | str)
    assert "\\x00" not in repr(outcome)
