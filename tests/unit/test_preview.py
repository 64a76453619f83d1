"""What the items of a document would become: their dates from every dialect, and the months that these mean."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from aggregator.feeds.drafts import preview_entries
from aggregator.feeds.parse import parse_document
from aggregator.types import DateSource, PostDraft
from world import NOW

URL = "https://lab.example/feed.xml"
SEOUL = ZoneInfo("Asia/Seoul")
SPACES = (
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:p="http://prismstandard.org/namespaces/1.2/basic/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
)
# Not well-formed, for the other reader.
BROKEN = "<x>R & D</x>"


def _preview(document: str) -> list[PostDraft]:
    parsed = parse_document(document.encode(), URL)
    return [found.post for found in preview_entries(parsed, URL, now=NOW, zone=SEOUL) if found.post]


def _items(*dates: str, broken: str = "") -> str:
    items = "".join(f"<item><title>a</title><link>/{n}</link>{date}</item>" for n, date in enumerate(dates))
    return f'<rss version="2.0" {SPACES}><channel><title>t</title>{broken}{items}</channel></rss>'


@pytest.mark.parametrize("broken", ["", BROKEN], ids=["well-formed", "broken"])
@pytest.mark.parametrize(
    ("date", "month", "source"),
    [
        ("<pubDate>2022-10</pubDate>", "2022-10", "published"),
        ("<dc:date>2022-10</dc:date>", "2022-10", "updated"),
        ("<prism:publicationDate>2022-10-02</prism:publicationDate>", "2022-10", "published"),
        ("<p:publicationDate>2022-10-02</p:publicationDate>", "2022-10", "published"),
        ("<prism:coverDate>October 2022</prism:coverDate>", "2022-10", "published"),
        ("<dcterms:available>2022-10-02</dcterms:available>", "2022-10", "published"),
        ("<prism:coverDate>2022-11</prism:coverDate><pubDate>2022-10-02</pubDate>", "2022-10", "published"),
        # The last half hour of October in Seoul.
        ("<pubDate>2022년 10월 31일 오후 11:30</pubDate>", "2022-10", "published"),
        ("<pubDate>2022. 10. 31. 23:30</pubDate>", "2022-10", "published"),
        ("<pubDate>Mon, 31 Oct 2022 23:30:00 +0900 KST</pubDate>", "2022-10", "published"),
        ("<pubDate>Mon, 31 Oct 2022 23:30:00 GMT</pubDate>", "2022-11", "published"),
    ],
)
def test_the_month_of_an_item(date: str, month: str, source: str, broken: str) -> None:
    (post,) = _preview(_items(date, broken=broken))
    assert (str(post.month), post.published_from, post.waits_for) == (month, DateSource(source), None)


def test_the_month_of_an_entry_of_atom_and_of_json() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>a</title><link href="/a"/>'
        "<updated>2022-10-31T23:30:00 +0900 KST</updated></entry></feed>"
    )
    json = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", "url": "/a",'
        ' "date_published": "2022. 10. 31. 오후 11:30"}]}'
    )
    assert [str(post.month) for document in (atom, json) for post in _preview(document)] == ["2022-10", "2022-10"]


def test_items_of_one_month_are_not_suspected_as_those_of_one_moment_are() -> None:
    assert [post.waits_for for post in _preview(_items(*["<pubDate>2022-10</pubDate>"] * 3))] == [None] * 3
    assert None not in [post.waits_for for post in _preview(_items(*["<pubDate>2022-10-02</pubDate>"] * 3))]
