"""Items that share a page are posts of their own where they are, and one post where they are not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from aggregator.feeds.identity import match_entries
from aggregator.types import KnownEntry, ParsedEntry
from growth import measure_doubling
from shelf import BASE, Shelf, make_item

SITE = "https://tech.haneul.example/"
PAGE = "https://tech.haneul.example/notes"
OWN = f"{PAGE}#~"  # and a mark that is made up

#: What one visit carries: of each item id, link, title and day.
Row = tuple[str | None, str | None, str, int | None]


def _read(rows: Sequence[Row]) -> list[ParsedEntry]:
    return [make_item(id_, url, title, day) for id_, url, title, day in rows]


def _place(items: Sequence[ParsedEntry], known: Sequence[KnownEntry] = (), **of: str) -> list[tuple[str, str]]:
    found = match_entries(items, known, BASE, site=SITE, owner=of.get("owner", "haneul")).matches
    return [(match.url, match.canonical_url) for match in found]


@pytest.mark.parametrize(
    ("situation", "items", "links", "posts"),
    [
        ("fragments", [("t:1", "/notes#Sep", "Sep", 1), ("t:2", "/notes#Oct", "Oct", 2)], ["/notes#Sep", "/notes#Oct"], 2),
        ("fragments, titles all alike", [("t:1", "/notes#a", "릴리스 노트", 1), ("t:2", "/notes#b", "릴리스 노트", 2)], ["/notes#a", "/notes#b"], 2),
        ("fragments, undated", [(None, "/notes#a", "1.0", None), (None, "/notes#b", "1.1", None)], ["/notes#a", "/notes#b"], 2),
        ("fragments, one id for all", [("blog", "/notes#a", "1.0", 1), ("blog", "/notes#b", "1.1", 2)], ["/notes#a", "/notes#b"], 2),
        ("one fragment for all", [("1", "/notes#top", "1.0", 1), ("2", "/notes#top", "1.1", 2)], ["/notes#top"] * 2, 2),
        ("ids that are addresses", [(f"{PAGE}/1", "/notes", "1.0", 1), (f"{PAGE}/2", "/notes", "1.1", 2)], ["/notes/1", "/notes/2"], 2),
        ("ids that are fragments of the page", [(f"{PAGE}#1", "/notes", "1.0", 1), (f"{PAGE}#2", "/notes", "1.1", 2)], ["/notes#1", "/notes#2"], 2),
        ("one address for the id of all", [(f"{PAGE}/x", "/notes", "1.0", 1), (f"{PAGE}/x", "/about", "1.1", 2)], ["/notes", "/about"], 2),
        ("ids that are numbers", [("1", "/notes", "1.0", 1), ("2", "/notes", "1.1", 1)], ["/notes"] * 2, 2),
        ("ids that are tags", [("tag:a,2025:1", "/notes", "노트", 1), ("tag:a,2025:2", "/notes", "노트", 2)], ["/notes"] * 2, 2),
        ("no ids", [(None, "/notes", "1.0", 1), (None, "/notes", "1.1", 2)], ["/notes"] * 2, 2),
        ("ids on this machine", [("http://localhost:4000/1", "/notes", "1.0", 1), ("http://localhost:4000/2", "/notes", "1.1", 2)], ["/notes"] * 2, 2),
        ("the home page, ids that are addresses", [(f"{SITE}p1", "/", "One", 1), (f"{SITE}p2", SITE, "Two", 2)], ["/p1", "/p2"], 2),
        ("the home page, one item", [(f"{SITE}p1", "http://www.tech.haneul.example", "One", 1)], ["/p1"], 1),
        ("the home page, ids that are numbers", [("1", "/", "One", 1), ("2", "/", "Two", 2)], ["/"] * 2, 2),
        ("a mark and no link", [(f"{SITE}p1", "#", "One", 1), ("2", "#", "Two", 2), ("3", "#", "셋", 3)], ["/p1", "/", "/"], 3),
        ("a word and no link", [(f"{SITE}p1", "N/A", "One", 1), ("2", " n/a ", "Two", 2), ("3", "none", "셋", 3)], ["/p1", "/", "/"], 3),
        ("no link at all", [(f"{SITE}p1", None, "One", 1), (f"{SITE}p2", "", "Two", 2)], ["/p1", "/p2"], 2),
        ("a link that leads nowhere", [(f"{SITE}p1", "javascript:void(0)", "One", 1)], ["/p1"], 1),
        # One post.
        ("two ids for one", [("1", "/a", "One", 1), ("2", "/a", "One", 1)], ["/a"] * 2, 1),
        ("two ids and tracking", [("1", "/a?utm_source=x", "One", 1), ("2", "/a?utm_source=y", "One", 1)], ["/a"] * 2, 1),
        ("two ids, http and https", [("1", "http://tech.haneul.example/a", "One", 1), ("2", "/a", "ONE", 1)], ["http:/a", "/a"], 1),
        ("two ids and fragments of one", [("1", "/a", "One", 1), ("2", "/a#comments", "One", 1)], ["/a", "/a#comments"], 1),
        ("routes are pages", [("1", "/#!/a", "One", 1), ("2", "/#!/b", "Two", 2)], ["/#!/a", "/#!/b"], 2),
    ],
)  # fmt: skip
def test_items_of_one_page(situation: str, items: list[Row], links: list[str], posts: int) -> None:
    read = _read(items)
    places = _place(read)
    assert [
        url.replace("https://tech.haneul.example/", "/").replace("http://tech.haneul.example/", "http:/")
        for url, _ in places
    ] == links
    assert len({canonical for _, canonical in places}) == posts
    for seed in range(3):
        shuffled = random.Random(seed).sample(read, len(read))
        assert sorted(_place(shuffled)) == sorted(places)
    shelf = Shelf()
    shelf.visit(read)
    again = shelf.visit(read[::-1])
    assert (again.new, again.changed) == ([], [])


SEP, OCT, NOV = (
    ("t:9", "/notes#Sep", "September", 9),
    ("t:10", "/notes#Oct", "October", 10),
    ("t:11", "/notes#Nov", "November", 11),
)


@pytest.mark.parametrize(
    ("situation", "visits", "addresses"),
    [
        ("a page that grows", [[SEP], [OCT, SEP], [NOV, OCT, SEP]], {"t:9": PAGE, "t:10": f"{PAGE}#Oct", "t:11": f"{PAGE}#Nov"}),
        ("the newest alone", [[SEP], [OCT], [NOV]], {"t:9": PAGE, "t:10": f"{PAGE}#Oct", "t:11": f"{PAGE}#Nov"}),
        ("the newest alone, titles all alike", [[(i, u, "Notes", d)] for i, u, _, d in (SEP, OCT)], {"t:9": PAGE, "t:10": f"{PAGE}#Oct"}),
        ("links all alike, the newest alone", [[("1", "/notes", "1.0", 1)], [("2", "/notes", "1.1", 2)]], {"1": PAGE, "2": OWN}),
        ("links all alike, undated", [[("1", "/notes", "1.0", None)], [("2", "/notes", "1.1", None), ("1", "/notes", "1.0", None)]], {"1": PAGE, "2": OWN}),
        ("fragments come later", [[("t:9", "/notes", "September", 9)], [OCT, SEP]], {"t:9": PAGE, "t:10": f"{PAGE}#Oct"}),
        (
            "fragments come later, to many",
            [[("t:9", "/notes", "September", 9), ("t:10", "/notes", "October", 10)], [NOV, OCT, SEP]],
            {"t:9": OWN, "t:10": OWN, "t:11": f"{PAGE}#Nov"},
        ),
        ("fragments go", [[SEP, OCT], [(i, "/notes", t, d) for i, _, t, d in (NOV, OCT, SEP)]], {"t:9": f"{PAGE}#Sep", "t:10": f"{PAGE}#Oct", "t:11": OWN}),
        ("a page that moves", [[SEP, OCT], [(i, u.replace("notes", "log"), t, d) for i, u, t, d in (SEP, OCT)]], {"t:9": f"{SITE}log#Sep", "t:10": f"{SITE}log#Oct"}),
        ("a corrected title", [[SEP, OCT], [("t:9", "/notes#Sep", "September, again", 9), OCT]], {"t:9": f"{PAGE}#Sep", "t:10": f"{PAGE}#Oct"}),
        ("another fragment for the same id", [[SEP, OCT], [("t:9", "/notes#September", "September", 9), OCT]], {"t:9": f"{PAGE}#Sep", "t:10": f"{PAGE}#Oct"}),
        ("links are mended", [[(f"{SITE}p1", "/", "One", 1)], [(f"{SITE}p1", "/p1", "One", 1)]], {f"{SITE}p1": f"{SITE}p1"}),
        ("an id that is an address, edited in title and date", [[(f"{PAGE}/1", "/notes", "1.0", 1), (f"{PAGE}/2", "/notes", "1.1", 2)], [(f"{PAGE}/2", "/notes", "1.1.1", 7)]], {f"{PAGE}/1": f"{PAGE}/1", f"{PAGE}/2": f"{PAGE}/2"}),
        ("a new id for the same link and title", [[("1", "/a", "One", 1)], [("2", "/a", "One", 7)]], {"1": f"{SITE}a"}),
        ("a moved date", [[("1", "/a", "One", 1)], [("1", "/a", "One", 7)]], {"1": f"{SITE}a"}),
        ("a new id beside the old one", [[("1", "/a", "One", 1)], [("1", "/a", "One", 1), ("2", "/a", "One", 1)]], {"1": f"{SITE}a", "2": f"{SITE}a"}),
        ("a tracking fragment that changes", [[("1", "/a#rss-1", "One", 1)], [("1", "/a#rss-2", "One", 1)]], {"1": f"{SITE}a"}),
    ],
)  # fmt: skip
def test_an_address_is_kept(situation: str, visits: list[list[Row]], addresses: dict[str, str]) -> None:
    shelf = Shelf()
    for rows in visits:
        shelf.visit(_read(rows))
        again = shelf.visit(_read(rows)[::-1])
        assert (again.new, again.changed) == ([], [])
    found = {key: entry.canonical_url for key, entry in shelf.known.items()}
    assert found.keys() == addresses.keys(), situation
    for key, address in addresses.items():
        assert found[key].startswith(address) if address == OWN else found[key] == address, situation


def test_what_was_one_post_at_one_page_comes_apart() -> None:
    """As stored before items that share a page were posts of their own."""
    shelf = Shelf()
    shelf.visit(_read([SEP, OCT]))
    shelf.known = {key: replace(entry, canonical_url=PAGE) for key, entry in shelf.known.items()}
    assert shelf.visit(_read([NOV, OCT, SEP])).changed == ["t:10", "t:9"]
    assert {entry.canonical_url for entry in shelf.known.values()} == {f"{PAGE}#{m}" for m in ("Sep", "Oct", "Nov")}


@pytest.mark.parametrize("url", ["http://localhost:1313/hello", "http://192.168.0.2/hello", "http://build/hello", "http://dev.local/hello"])  # fmt: skip
def test_an_address_that_leads_elsewhere_for_everybody_is_one_of_its_feed(url: str) -> None:
    items = [make_item(url, url, "Hello", 1)]
    ((ours, our_key),), ((theirs, their_key),) = _place(items), _place(items, owner="dasan")
    assert ours == theirs == url
    assert our_key != their_key
    # In a network of one's own, feeds and posts are at home there.
    assert match_entries(items, (), url, owner="haneul").matches[0].canonical_url == url.replace("http:", "https:")


def test_signals_are_about_the_page() -> None:
    items = _read([("1", "/notes#Sep", "September", 1), ("2", "/notes#Oct", "October", 2)])
    found = match_entries(items, (), BASE, site=SITE, apart=False).matches
    assert {match.canonical_url for match in found} == {PAGE}


def test_many_items_of_one_page_take_linear_time() -> None:
    def place(count: int) -> None:
        items = [make_item(f"{SITE}?n={n}", f"/notes#{n}", f"Version {n}", n) for n in range(count)]
        assert len({canonical for _, canonical in _place(items)}) == count

    assert measure_doubling(place, 400) < 3
