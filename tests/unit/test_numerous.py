"""Values that a visit makes by the thousand."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from aggregator.types import Entry, Media
from world import NOW, make_draft

ENTRY = Entry(
    feed_key="haneul",
    key="1",
    guid=None,
    url="https://tech.haneul.example/1",
    canonical_url="https://tech.haneul.example/1",
    title="피처 스토어 도입기",
    content="",
    author=None,
    tags=("mlops",),
    published_at=NOW,
    published_from=None,
    published_raw=None,
    first_seen_at=NOW,
    fingerprint="f",
    media=(Media("https://tech.haneul.example/1.png"),),
)


@pytest.mark.parametrize("value", [ENTRY, make_draft(1)])
def test_a_value_comes_from_another_process_as_it_went(value: object) -> None:
    came = pickle.loads(pickle.dumps(value))
    assert came == value
    assert len({came, value}) == 1
    assert replace(came, url="https://b.example/").url == "https://b.example/"
