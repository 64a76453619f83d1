"""The door for feeds and feedparser, as its users ask it, differ in ways that are known, and for a reason.

By night over the recorded feeds, as they are and made odd; ``python bench/parse_differences.py`` prints the counts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from differences import ODDITIES, count_kinds, list_disagreements, make_odd

DATA = Path(__file__).parents[1] / "data" / "feeds"
RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>%s</channel></rss>'

# Of the recorded feeds as they are.
RECORDED = {
    ("address", "another value"): "FeedBurner's own address, where the feed names the page as well",
    ("author", "another value"): "an e-mail address beside a name is left out",
    ("id", "resolved"): "an id is kept as it stands",
    ("published", "another day"): "feedparser fills what it cannot read from the present day",
    ("published", "only feedparser's, before 1995"): "the year 1 is a value of a program",
}
# Of those that were made odd.
ODD = RECORDED | {
    **{
        (field, kind): "a cut character, or blanks before the declaration, make feedparser take another charset"
        for field in ("author", "feed title", "text", "title", "tags")
        for kind in ("broken characters", "another value")
    },
    ("media", "another value"): "feedparser's loose reader leaves references in attributes",
    ("document", "feedparser raises"): "half characters",
    ("document", "only feedparser's"): "cut before the end of the first entry",
    ("entries", "fewer of ours"): "the entry at which a document is cut is left out",
    **{
        (field, kind): "forms that feedparser does not know or takes for others, and zones that it takes for UTC"
        for field in ("published", "updated")
        for kind in ("only ours", "another day", "another time of day")
    },
}


@pytest.mark.usefixtures("by_night")
def test_the_recorded_feeds_differ_in_known_ways_alone(shared: Path) -> None:
    bodies = [file.read_bytes() for file in sorted((shared / "feeds").glob("*.xml"))]
    assert set(count_kinds(bodies)) == set(RECORDED)
    unknown = {oddity: set(count_kinds(make_odd(bodies, oddity))) - set(ODD) for oddity in ODDITIES}
    assert not any(unknown.values()), unknown


@pytest.mark.parametrize("oddity", ODDITIES)
def test_a_document_made_odd_differs_in_known_ways_alone(oddity: str) -> None:
    bodies = [(DATA / name).read_bytes() for name in ("rss-20-modules.xml", "atom-10.xml")]
    assert set(count_kinds(make_odd(bodies, oddity))) <= set(ODD)


@pytest.mark.parametrize(
    ("item", "kinds"),
    [
        (b"<item><title>a</title><link>https://a.example/1</link></item>", set()),
        (b"<item><title>a</title><pubDate>2023.01.05</pubDate></item>", {("published", "another day")}),
        (b"<item><title>a</title><pubDate>5. Januar 2023</pubDate></item>", {("published", "only ours")}),
        (b"<item><title>a</title><pubDate>0001-01-01</pubDate></item>", {("published", "only feedparser's, before 1995")}),
        (b"<item><title>a</title><guid>/seven</guid></item>", {("id", "resolved")}),
    ],
)  # fmt: skip
def test_a_disagreement_is_found_and_named(item: bytes, kinds: set[tuple[str, str]]) -> None:
    assert {found[:2] for found in list_disagreements(RSS % item)} == kinds
