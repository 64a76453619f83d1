"""JSON Feed as feeds write it: whatever stands where, the reader gives text or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.formats.common import build_feed
from aggregator.feeds.formats.json_feed import read_json_feed

URL = "https://feeds.example/feed.json"
KEYS = st.sampled_from(
    ["id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "author", "authors", "name",
     "tags", "attachments", "mime_type", "date_published", "date_modified", "items", "version", "home_page_url"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "x", "/x", "추천", "\x00", "\ud800", "<b>"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(KEYS, VALUES, max_size=6), st.lists(st.dictionaries(KEYS, VALUES, max_size=8) | VALUES, max_size=3)
)
def test_any_types_are_taken(head: dict[str, Any], items: list[Any]) -> None:
    text = json.dumps({**head, "version": "https://jsonfeed.org/version/1.1", "items": items})
    found = read_json_feed(text)
    assert found is not None
    parsed = build_feed(found, URL)
    assert len(parsed.entries) == sum(isinstance(item, dict) for item in items)
    for entry in parsed.entries:
        optional = (entry.id, entry.url, entry.author, entry.published_raw, entry.updated_raw)
        for value in (entry.title, entry.summary, entry.content, *entry.tags, *(v for v in optional if v is not None)):
            assert isinstance(value, str)
            assert "\x00" not in value
            value.encode()


@given(st.text(st.sampled_from(list('{}[]",:x1\\ ')), max_size=20))
def test_what_is_cut_or_damaged_is_refused_or_read(damage: str) -> None:
    text = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}, {"id": "2", "title": "' + damage
    found = read_json_feed(text)
    assert found is not None
    assert found.entries[0].id == "1"


@pytest.mark.parametrize("end", ["]}", ""], ids=["whole", "cut"])
def test_line_breaks_and_controls_inside_texts_are_read(end: str) -> None:
    items = '{"id": "1", "content_text": "line one\nline\ttwo\r\n\x08\x00three"}, {"id": "2", "title": "Two\n2"}'
    found = read_json_feed(f'{{"version": "https://jsonfeed.org/version/1.1", "title": "a\nb", "items": [{items}{end}')
    assert found is not None
    assert [entry.id for entry in found.entries] == ["1", "2"]
    assert found.entries[0].contents[0].value == "line one\nline\ttwo\r\nthree"
