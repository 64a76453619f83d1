"""Every function of a text takes linear time at most: n characters against 4n, in processor time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import pytest

from aggregator.addresses.resources import find_resource, find_resources
from aggregator.addresses.urls import canonicalise_url, clean_url, hide_credentials, host_of, origin_of, readable_url
from aggregator.classify.publisher import list_publisher_marks, read_slug
from aggregator.classify.wording import read_wording
from aggregator.config.mistakes import find_line
from aggregator.dates.read import find_url_date, parse_date
from aggregator.dates.zones import read_zone
from aggregator.digest.blocks import is_heading, list_opaque, split_blocks
from aggregator.digest.bullet import is_bullet, parse_bullet, parse_label
from aggregator.digest.escape import (
    check_address,
    encode_address,
    escape_organisation,
    escape_text,
    unescape_text,
)
from aggregator.digest.markdown import list_blocks, read_words
from aggregator.digest.notes import join_note
from aggregator.digest.read import read_digest
from aggregator.digest.scan import find_bracket_end, find_last_parenthesis
from aggregator.exceptions import AggregatorError
from aggregator.feeds.drafts import find_repeated_links
from aggregator.feeds.formats.asides import drop_asides, hide_asides, name_root
from aggregator.feeds.formats.inline import drop_void_ends
from aggregator.feeds.formats.markup import looks_like_markup, open_twice_escaped, resolve_links
from aggregator.feeds.formats.names import read_name
from aggregator.feeds.formats.sniff import describe_document, is_html_page, list_named_feeds
from aggregator.feeds.formats.unescaped import escape_forgotten
from aggregator.feeds.identity import match_entries
from aggregator.feeds.schedule import read_freshness, read_retry_after
from aggregator.fetch.heads import clean_head
from aggregator.fetch.robots import decide_access
from aggregator.posts.canonical import find_canonical, list_named
from aggregator.posts.copies.compare import compare
from aggregator.posts.copies.fingerprint import clean_title, fingerprint_post, list_blocking_keys
from aggregator.posts.series import make_stem, name_series, read_part, read_part_of_address
from aggregator.rank.cues import find_cues
from aggregator.rank.record import name_place
from aggregator.rank.wording import list_words
from aggregator.shipped import SHIPPED
from aggregator.text.agreement import list_marks, measure_share
from aggregator.text.characters import clean, keep_direction
from aggregator.text.charset import decode_document, needs_repair, repair_text, strip_illegal
from aggregator.text.content import count_words, cut_appendix, read_content
from aggregator.text.html import (
    excerpt_of,
    join_halves,
    normalise,
    plain_text,
    sanitise_html,
    shorten,
    text_of,
    unescape,
)
from aggregator.text.language import find_language
from aggregator.text.terms import find_hits, fold, list_asked, list_terms, make_label, parse_query
from aggregator.text.titles import plain_title, plain_title_of_text, plain_title_of_xhtml
from aggregator.text.tokens import stem_word
from aggregator.types import Article, Manuscript, ParsedEntry, Texts, TextSource
from aggregator.web.reading.article import show_article
from aggregator.web.search.view import cut_excerpt, mark_hits
from growth import LINEAR, find_growth, measure_doubling

NOW = datetime(2026, 11, 1, tzinfo=UTC)
QUERY = parse_query('가 a "a a" -b')
POST = Manuscript(
    post_id=1, canonical_url="https://a.example/one-two-three", title="One two three", content="<p>One</p>",
    language="en", published_at=NOW, is_dated=True,
)  # fmt: skip
ARTICLE = Article("One", "https://a.example/one", "", TextSource.FEED)


def _fingerprint_text(text: str) -> None:
    list_blocking_keys(fingerprint_post(replace(POST, content=sanitise_html(text))))


def _compare_posts(text: str) -> None:
    first = fingerprint_post(replace(POST, title=text, content=text))
    for language in ("en", "ko"):
        second = fingerprint_post(
            replace(
                POST,
                post_id=2,
                title=text[::-1],
                content=f"{text}.",
                language=language,
                canonical_url=f"https://b.example/{text}",
            )
        )
        compare(first, second)


def _make_item(text: str) -> ParsedEntry:
    return ParsedEntry(id=text, url=text, title=text, summary=text, published_raw=text)


def _match(text: str) -> None:
    match_entries([_make_item(text)], (), "https://a.example")


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "text.sanitise_html": sanitise_html,
    "text.plain_text": plain_text,
    "text.text_of": text_of,
    "titles.plain_title": plain_title,
    "titles.plain_title_of_text": plain_title_of_text,
    "titles.plain_title_of_xhtml": plain_title_of_xhtml,
    "characters.clean": clean,
    "characters.keep_direction": keep_direction,
    "text.unescape": unescape,
    "text.join_halves": join_halves,
    "text.normalise": normalise,
    "text.shorten": lambda text: shorten(text, 1000),
    "text.excerpt_of": lambda text: excerpt_of(text.encode("utf-8", "replace")),
    "reading.show_article": lambda text: show_article(replace(ARTICLE, html=sanitise_html(text), title=text)),
    "reading.show_article of anything": lambda text: show_article(replace(ARTICLE, html=text), with_pictures=True),
    "content.read_content": lambda text: read_content(sanitise_html(text)),
    "content.read_content of anything": read_content,
    "content.count_words": count_words,
    "content.cut_appendix": cut_appendix,
    "languages.find_language": find_language,
    "links.find_resource": find_resource,
    "links.find_resource of GitHub": lambda text: find_resource(f"https://github.com/{text}"),
    "links.find_resource of a DOI": lambda text: find_resource(f"https://doi.org/10.1000/{text}"),
    "links.find_resource of arXiv": lambda text: find_resource(f"https://arxiv.org/abs/{text}"),
    "links.find_resources": lambda text: find_resources(text.split(), site=text, organisation=text),
    "terms.fold": fold,
    "terms.list_terms": list_terms,
    "terms.list_asked": list_asked,
    "terms.parse_query": parse_query,
    "terms.find_hits": lambda text: list(find_hits(text, QUERY)),
    "tokens.stem_word": stem_word,
    "terms.make_label": lambda text: make_label("a", text),
    "terms.Query.accepts": QUERY.accepts,
    "dates.parse_date": parse_date,
    "zones.read_zone": read_zone,
    "dates.find_url_date": find_url_date,
    "urls.clean_url": clean_url,
    "urls.clean_url of a path": lambda text: clean_url(f"https://a.example/{text}"),
    "urls.clean_url of a host": lambda text: clean_url(f"https://{text}"),
    "urls.canonicalise_url": lambda text: canonicalise_url(
        clean_url(f"https://a.example/{text}") or "https://a.example"
    ),
    "urls.canonicalise_url of a query": lambda text: canonicalise_url(
        clean_url(f"https://a.example/?{text}") or "https://a.example"
    ),
    "urls.readable_url": lambda text: readable_url(f"https://a.example/{text}"),
    "urls.host_of": lambda text: host_of(f"https://{text.replace('[', '').replace(']', '')}"),
    "urls.origin_of": lambda text: origin_of(f"https://a.example/{text}"),
    "urls.hide_credentials": hide_credentials,
    "series.read_part": read_part,
    "series.make_stem": make_stem,
    "series.name_series": name_series,
    "series.read_part_of_address": lambda text: read_part_of_address(f"https://a.example/{text}", "stem"),
    "fingerprint.fingerprint_post": _fingerprint_text,
    "fingerprint.clean_title": clean_title,
    "compare.compare": _compare_posts,
    "agreement.list_marks": list_marks,
    "agreement.measure_share": lambda text: measure_share(text[::2], text),
    "canonical.list_named": lambda text: list_named(text, [text]),
    "canonical.find_canonical": lambda text: find_canonical(
        "https://a.example/one", text, page_url="https://a.example/two", page_title=text, named=[f"/{text}"]
    ),
    "identity.match_entries": _match,
    "drafts.find_repeated_links": lambda text: find_repeated_links([_make_item(text)] * 4),
    "robots.decide_access": lambda text: decide_access(
        f"User-agent: *\nDisallow: /{text}".encode("utf-8", "replace"), f"https://a.example/{text}"
    ),
    "schedule.read_retry_after": lambda text: read_retry_after(text, NOW),
    "schedule.read_freshness": lambda text: read_freshness(text, text, NOW),
    "formats.decode_document": lambda text: decode_document(
        text.encode("utf-8", "replace"), f"text/xml; charset={text}"
    ),
    "formats.decode_document of broken bytes": lambda text: decode_document(
        text.encode("cp949", "replace") + b"\xff", None
    ),
    "formats.hide_asides": lambda text: hide_asides(text.encode("utf-8", "replace")),
    "formats.drop_asides": lambda text: drop_asides(text.encode("utf-8", "replace")),
    "formats.name_root": lambda text: name_root(text.encode("utf-8", "replace")),
    "formats.list_named_feeds": lambda text: list_named_feeds(text.encode("utf-8", "replace"), "https://a.example"),
    "heads.clean_head": lambda text: clean_head(f"HTTP/1.1 200 OK\n{text}\n\n".encode()),
    "formats.needs_repair": lambda text: needs_repair(text.encode("utf-8", "replace")),
    "formats.repair_text": repair_text,
    "formats.drop_void_ends": drop_void_ends,
    "formats.looks_like_markup": looks_like_markup,
    "formats.open_twice_escaped": lambda text: open_twice_escaped(escape(text)),
    "formats.escape_forgotten": lambda text: escape_forgotten(text.encode("utf-8", "replace")),
    "formats.strip_illegal": lambda text: strip_illegal(text.encode("utf-8", "replace")),
    "formats.resolve_links": lambda text: resolve_links(text, "https://a.example", "https://a.example"),
    "formats.read_name": read_name,
    "formats.is_html_page": lambda text: is_html_page(text.encode("utf-8", "replace")),
    "formats.describe_document": lambda text: describe_document(text.encode("utf-8", "replace"), text),
    "config.find_line": lambda text: find_line(text, ("a", "b")),
    "wording.read_wording": read_wording,
    "publisher.read_slug": lambda text: read_slug(f"https://a.example/{text}"),
    "publisher.list_publisher_marks": lambda text: list_publisher_marks(f"https://a.example/{text}", text, None),
    "cues.find_cues": find_cues,
    "rank.list_words": list_words,
    "rank.name_place": lambda text: name_place(f"https://a.example/{text}"),
    "digest.read_digest": lambda text: read_digest(
        f"## 1. A\n### 1.1. B\n* [A (Dec 2022)](https://a.example) {text}\n* [{text}](https://{text})\n{text}",
        Texts("", dict.fromkeys(SHIPPED.parts, "?"), dict.fromkeys(SHIPPED.topics, "?")),
    ),
    "digest.list_opaque": lambda text: list_opaque(text.split("\n")),
    "digest.split_blocks": lambda text: split_blocks(text.split("\n"), (), 0),
    "digest.is_heading": is_heading,
    "digest.is_bullet": lambda text: (is_bullet(text), is_bullet(f"*{text}"), is_bullet(f"* [{text}")),
    "digest.parse_bullet": lambda text: (parse_bullet(f"* [{text}](https://a.example)"), parse_bullet(f"* [A]({text}")),
    "digest.parse_label": lambda text: (parse_label(text), parse_label(f"A (Dec 2022, {text})")),
    "digest.escape_text": escape_text,
    "digest.escape_organisation": escape_organisation,
    "digest.unescape_text": unescape_text,
    "digest.encode_address": encode_address,
    "digest.check_address": check_address,
    "digest.join_note": join_note,
    "digest.find_bracket_end": lambda text: find_bracket_end(f"[{text}", 0),
    "digest.find_last_parenthesis": find_last_parenthesis,
    "digest.list_blocks": lambda text: list_blocks(text.split("\n")),
    "digest.read_words": read_words,
    "web.mark_hits": lambda text: list(mark_hits(text, QUERY)),
    "web.cut_excerpt": lambda text: cut_excerpt(text, QUERY),
}

#: What comes again and again, and what stands behind it.
SHAPES: dict[str, tuple[str, str]] = {
    "digits and a letter": ("1", "a"),
    "numbers": ("1.", "a"),
    "numbers with commas": ("1,", "a"),
    "one word": ("a", " "),
    "names of code": ("a_", "!"),
    "names with dots": ("a.", ""),
    "alternating case": ("aA", " "),
    "letters and digits": ("a1", ""),
    "spaces": (" ", "a"),
    "line ends": ("\n", "a"),
    "lines with spaces": ("a\n ", ""),
    "opening tags": ("<a", ""),
    "tags of pictures": ("<img ", ""),
    "tags of code": ("<pre", ""),
    "code": ("<pre>a</pre>", ""),
    "links": ('<a href="https://a.example/a">a</a> ', ""),
    "links that stay open": ('<a href="https://a.example/a">', ""),
    "opening comments": ("<!--", ""),
    "opening quotes": ('<p title="', ""),
    "nested tags": ("<b>", ""),
    "formulas": ("<math>", ""),
    "pairs of tags": ("<b>a</b>", ""),
    "attributes that stay open": ("<b a='", ""),
    "elements of text": ("<iframe>", ""),
    "halves of characters": ("&#55357;", ""),
    "emoji": ("\u2764\ufe0f\u200d", ""),
    "entities": ("&amp;", ""),
    "ampersands": ("&", ""),
    "numbers of characters": ("&#1", ""),
    "square brackets": ("[", ""),
    "closing brackets": ("]", ""),
    "nested brackets": ("[(", ""),
    "round brackets": ("(", "a"),
    "pairs of brackets": ("()", ""),
    "dashes": ("-", "a"),
    "slashes": ("/", ""),
    "folders": ("a/", ""),
    "dot segments": ("../", ""),
    "questions": ("?a=", ""),
    "parameters": ("a=1&", ""),
    "colons": (":", ""),
    "semicolons": (";a=", ""),
    "commas": ("a, ", ""),
    "signs of a name": ("@", ""),
    "stars": ("*", ""),
    "stars and spaces": ("* ", "a"),
    "backticks": ("`", "a"),
    "growing backticks": ("` `` ", ""),
    "backslashes": ("\\", ""),
    "tildes": ("~", ""),
    "hashes": ("#", ""),
    "pipes": (" | a", ""),
    "quotes": ('"', ""),
    "single quotes": ("'", "a"),
    "addresses glued together": ("https://a.example/", ""),
    "addresses": ("https://a.example/a ", ""),
    "addresses in brackets": ("https://a.example/)", ""),
    "percents": ("%", ""),
    "escapes": ("%41", ""),
    "escaped Hangul": ("%EA%B0%80", ""),
    "Hangul": ("가", ""),
    "Hangul words": ("가나 ", ""),
    "Hangul and digits": ("가1", ""),
    "jamo": ("\u1112\u1161\u11ab", ""),
    "combining marks": ("a\u0301", ""),
    "one letter with marks": ("\u0301\u0323", ""),
    "Han": ("一", ""),
    "kana": ("あ", "a"),
    "fullwidth digits": ("１", "a"),
    "digits of Arabic": ("١", "a"),
    "zero width": ("\u200b", "a"),
    "no-break spaces": ("\u00a0", "a"),
    "ligatures": ("ﷺ", ""),
    "parts": ("part 1 ", ""),
    "part without a number": ("part.  ", ""),
    "issues": ("[1화 ", ""),
    "months": ("Jan 1, ", ""),
    "first times": ("The post a appeared first on ", ""),
    "marks of a cut": ("[...] ", ""),
    "cues": ("업데이트 ", ""),
    "headings": ("## 1. A\n", ""),
    "fences": ("```\n", ""),
    "nested bullets": ("- ", "a"),
    "quotes with bullets": ("> - a\n", ""),
    "pictures in Markdown": ("![", ""),
    "bullets": ("* [A (Dec 2022)](https://a.example)\n", ""),
    "assignments": ("a = 1\n", ""),
    "identifiers": ("10.1000.", "/"),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_a_text_takes_linear_time(name: str) -> None:
    def call(text: str) -> None:
        with suppress(AggregatorError, ValueError):
            FUNCTIONS[name](text)

    found = {shape: growth for shape, (pump, tail) in SHAPES.items() if (growth := find_growth(call, "", pump, tail))}
    assert not found


#: What takes HTML parsers quadratic time once there is much of it: what comes first, and again and again.
MARKUP: dict[str, tuple[str, str]] = {
    "nested blocks": ("", "<div>"),
    "nested lists": ("", "<ul><li>"),
    "nested code": ("", "<pre>"),
    "nested quotes": ("", "<blockquote>"),
    "nested terms": ("", "<dl><dd>"),
    "unknown elements": ("", "<a-b>"),
    "blocks in links": ("", '<a href="https://a.example"><p>'),
    "links in bold text": ("", "<a><b>"),
    "closed across blocks": ("", "<b><div></b>"),
    "closed across cells": ("", "<div><table><td></div>"),
    "closed outside a picture": ("<svg>", "<wbr><path></x>"),
    "paragraphs after bold text": ("<b>" * 3000, "<p>a</p>"),
    "text in a table": ("<table>", "<b>a</b><tr>"),
    "tables in tables": ("", "<table>a"),
    "blocks behind comments": ("", "<div><!--</div>-->"),
    "ampersands": ("", "&"),
    "no-break spaces": ("", "a\u00a0"),
    "ampersands in a value": ('<a title="', "&"),
    "attributes in single quotes": ("<a ", "a='>'"),
}


@pytest.mark.parametrize("shape", MARKUP)
def test_html_of_any_size_is_sanitised_in_linear_time(shape: str) -> None:
    def sanitise(length: int) -> None:
        sanitise_html(head + pump * (length // len(pump)))

    head, pump = MARKUP[shape]
    assert measure_doubling(sanitise, 50_000) < LINEAR


def test_attributes_of_any_number_are_sanitised_in_linear_time() -> None:
    def sanitise(length: int) -> None:
        sanitise_html(f"<p {' '.join(f'a{number}' for number in range(length))}>a</p>")

    assert measure_doubling(sanitise, 20_000) < LINEAR
