"""Which stored entry an item is: the policy as a table, keys of new entries, and recorded feeds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.feeds.identity import match_entries
from aggregator.feeds.items import compute_fingerprint, make_title
from aggregator.feeds.parse import parse_document
from aggregator.types import Media, ParsedEntry
from growth import measure_doubling
from shelf import BASE, Shelf, make_item

#: What a feed said at the visit before.
ONE = make_item("1", "/a", "Feature stores", 1)
TWO = make_item("2", "/b", "Vector search", 2)
THREE = make_item("3", "/c", "Weekly Update", 3)
FEED = [ONE, TWO, THREE]
#: The same without dates, and without ids.
UNDATED = [replace(item, published_raw=None) for item in FEED]
NAMELESS = [replace(item, id=None) for item in FEED]
#: Items that all lead to one page.
CHANGELOG = [make_item(str(n), "/changelog", f"Version 1.{n}", n) for n in range(3)]
NAMELESS_CHANGELOG = [replace(item, id=None) for item in CHANGELOG]
#: One id for everything.
ONE_ID = [replace(item, id="blog") for item in FEED]

NEW = None


@pytest.mark.parametrize(
    ("situation", "before", "now", "expected"),
    [
        ("nothing changed", FEED, FEED, [0, 1, 2]),
        ("another order", FEED, [THREE, ONE, TWO], [2, 0, 1]),
        ("a new item", FEED, [make_item("4", "/d", "New", 4), *FEED], [NEW, 0, 1, 2]),
        ("an edited title", FEED, [replace(ONE, title="Feature stores, again")], [0]),
        ("another title and date under the same id and address", FEED, [make_item("1", "/a", "Else", 9)], [0]),
        ("the id of one, the address of another, the title of the first", FEED, [make_item("1", "/b", "Feature stores", 9)], [0]),
        ("the id of one, the address of another, the title of the second", FEED, [make_item("1", "/b", "Vector search", 9)], [1]),
        (
            "the id of one, the address of another, the day of both",
            [replace(item, published_raw="2022-12-01") for item in FEED],
            [replace(ONE, url="/b", title="Else", published_raw="2022-12-01")],
            [1],
        ),
        # other address
        ("an edited address", FEED, [replace(ONE, url="/a-better-slug")], [0]),
        ("an edited address and title", FEED, [replace(ONE, url="/x", title="Else")], [0]),
        ("an edited address and date", FEED, [make_item("1", "/x", "feature STORES", 9)], [0]),
        ("an id used again for another post", FEED, [make_item("1", "/x", "Else", 9)], [NEW]),
        ("an id used again, without dates", UNDATED, [make_item("1", "/x", "Else")], [NEW]),
        ("an edited address, without dates", UNDATED, [make_item("1", "/x", "Feature stores")], [0]),
        (
            "ids that number the items of the document",
            FEED,
            [make_item("1", "/new", "New", 4), replace(ONE, id="2"), replace(TWO, id="3")],
            [NEW, 0, 1],
        ),
        (
            "ids that number the items of the document, all of one day",
            [replace(item, published_raw="2022-12-01") for item in FEED],
            [replace(item, id=str(n), published_raw="2022-12-01") for n, item in enumerate([make_item("", "/new", "New"), ONE, TWO, THREE], 1)],
            [NEW, 0, 1, 2],
        ),
        (
            "the newest post stands at a fixed address",
            [make_item("10", "/latest", "Issue 10", 10)],
            [make_item("11", "/latest", "Issue 11", 17), make_item("10", "/issues/10", "Issue 10", 10)],
            [NEW, 0],
        ),
        # other id
        ("a changed id", FEED, [replace(ONE, id="one")], [0]),
        ("a changed id and title", FEED, [make_item("one", "/a", "Else", 1)], [0]),
        ("a changed id and date", FEED, [make_item("one", "/a", "Feature stores", 9)], [0]),
        ("an id that is no longer given, another title and date", FEED, [make_item(None, "/a", "Else", 9)], [0]),
        ("another id, title and date at the address of one that is gone", FEED, [make_item("one", "/a", "Else", 9)], [NEW]),
        ("all ids changed", FEED, [replace(item, id=f"https://tech.haneul.example/?p={item.id}") for item in FEED], [0, 1, 2]),
        ("ids that are no longer given", FEED, NAMELESS, [0, 1, 2]),
        ("ids that are given at last", NAMELESS, FEED, [0, 1, 2]),
        ("ids that change places", FEED, [replace(ONE, id="2"), replace(TWO, id="1")], [0, 1]),
        ("no ids", NAMELESS, [make_item(None, "/d", "New", 4), *NAMELESS], [NEW, 0, 1, 2]),
        ("no ids, and an edited title", NAMELESS, [replace(NAMELESS[0], title="Else")], [0]),
        # addresses that mean the same
        ("campaign parameters", FEED, [replace(ONE, url="https://www.tech.haneul.example/a/?utm_source=rss", id="x")], [0]),
        # both changed
        ("the site moved", FEED, [replace(i, id=f"n{i.id}", url=f"https://haneul.example/blog{i.url}") for i in FEED], [0, 1, 2]),
        ("the site moved, without dates", UNDATED, [replace(i, id=f"n{i.id}", url=f"https://haneul.example/blog{i.url}") for i in UNDATED], [NEW] * 3),
        ("the same title another week", FEED, [make_item("9", "/w9", "Weekly Update", 9)], [NEW]),
        ("the same title without a date", UNDATED, [make_item("9", "/w9", "Weekly Update")], [NEW]),
        ("another title of the same moment", FEED, [make_item("9", "/w9", "Else", 1)], [NEW]),
        (
            "two items with one title and date, of a site that moved",
            FEED,
            [make_item("8", "/y", "Feature stores", 1), make_item("9", "/z", "Feature stores", 1)],
            [NEW, NEW],
        ),
        (
            "an item with the title and date of two entries",
            [make_item("8", "/y", "Feature stores", 1), make_item("9", "/z", "Feature stores", 1)],
            [make_item("7", "/x", "Feature stores", 1)],
            [NEW],
        ),
        (
            "the default date of a program is not a date",
            [replace(ONE, published_raw="Mon, 01 Jan 0001 00:00:00 +0000")],
            [replace(ONE, id="x", url="/x", published_raw="Mon, 01 Jan 0001 00:00:00 +0000")],
            [NEW],
        ),
        # one id for many items
        ("one id for all", ONE_ID, [make_item("blog", "/d", "New", 4), *ONE_ID], [NEW, 0, 1, 2]),
        ("one id for all, and an edited title", ONE_ID, [replace(ONE_ID[0], title="Else"), *ONE_ID[1:]], [0, 1, 2]),
        ("one id for all comes to be", FEED, ONE_ID, [0, 1, 2]),
        ("each gets an id of its own", ONE_ID, FEED, [0, 1, 2]),
        ("an id that two other items carry now", FEED, [make_item("1", "/x", "Feature stores", 9), make_item("1", "/y", "Else", 1)], [NEW, NEW]),
        # one address for many items
        ("a changelog", CHANGELOG, [make_item("3", "/changelog", "Version 1.3", 3), *CHANGELOG], [NEW, 0, 1, 2]),
        ("a changelog moves on", CHANGELOG, [make_item("3", "/changelog", "Version 1.3", 3), CHANGELOG[2]], [NEW, 2]),
        ("a changelog, of which one item is left", CHANGELOG, [make_item("9", "/changelog", "Version 2", 9)], [NEW]),
        ("a changelog with other ids", CHANGELOG, [replace(i, id=f"v{i.id}") for i in CHANGELOG], [0, 1, 2]),
        ("a changelog moves to another page", CHANGELOG, [replace(i, url="/news") for i in CHANGELOG], [0, 1, 2]),
        (
            "a changelog without ids",
            NAMELESS_CHANGELOG,
            [make_item(None, "/changelog", "Version 1.3", 3), *NAMELESS_CHANGELOG],
            [NEW, 0, 1, 2],
        ),
        (
            "a changelog without ids and dates",
            [replace(item, published_raw=None) for item in NAMELESS_CHANGELOG],
            [make_item(None, "/changelog", "Version 1.3"), *(replace(i, published_raw=None) for i in NAMELESS_CHANGELOG)],
            [NEW, 0, 1, 2],
        ),
        # no title
        ("no titles", [make_item("1", "/a", content="<p>Hello.</p>")], [make_item("1", "/x", content="<p>Hello.</p>")], [0]),
        ("no titles and no texts", [make_item("1", "/a")], [make_item("1", "/x")], [NEW]),
    ],
)  # fmt: skip
def test_which_entry_an_item_is(
    situation: str, before: Sequence[ParsedEntry], now: Sequence[ParsedEntry], expected: list[int | None]
) -> None:
    shelf = Shelf()
    stored = shelf.visit(before).keys
    assert len(set(stored)) == len(before), situation
    known = list(shelf.known.values())
    found = match_entries(now, known, BASE).matches
    entries = [stored.index(match.known.key) if match.known else NEW for match in found]
    assert entries == expected, situation
    keys = {match.item: match.key for match in found}
    assert len(set(keys.values())) == len(now)
    # Neither the order of the items nor that of the stored entries matters.
    for seed in range(5):
        chance = random.Random(seed)
        shuffled = match_entries(chance.sample(now, len(now)), chance.sample(known, len(known)), BASE).matches
        assert {match.item: match.key for match in shuffled} == keys, situation


def test_of_equally_good_entries_the_last_document_decides_then_the_key() -> None:
    shelf = Shelf()
    shelf.visit([ONE])
    entry = shelf.known["1"]
    known = [
        replace(entry, key=key, canonical_url=f"{entry.canonical_url}/{key}", fingerprint=key, is_in_window=key == "c")
        for key in "bac"
    ]
    item = replace(ONE, url="/x")
    assert match_entries([item], known, BASE).matches[0].key == "c"
    assert match_entries([item], known[:2], BASE).matches[0].key == "a"


def test_a_stored_entry_keeps_its_key_for_good() -> None:
    shelf = Shelf()
    assert shelf.visit([ONE]).new == ["1"]
    assert shelf.visit([replace(ONE, id="one")]).changed == ["1"]
    assert shelf.visit([replace(ONE, id="one", url="/x")]).changed == ["1"]
    assert shelf.visit([make_item("1", "/other", "Else", 9)]).new == ["https://tech.haneul.example/other"]
    assert shelf.known["1"].guid == "one"


@pytest.mark.parametrize(
    ("situation", "items", "stored", "keys"),
    [
        ("its id", [ONE], set(), ["1"]),
        ("its address where it has no id", [NAMELESS[0]], set(), ["https://tech.haneul.example/a"]),
        ("its address where its id is taken", [ONE], {"1"}, ["https://tech.haneul.example/a"]),
        ("its address where others have its id", ONE_ID[:2], set(), ["https://tech.haneul.example/a", "https://tech.haneul.example/b"]),
        ("both where both are taken", [ONE], {"1", "https://tech.haneul.example/a"}, ["1 https://tech.haneul.example/a"]),
        ("its id, though another has it for its address", [make_item("https://tech.haneul.example/a", "/b"), NAMELESS[0]], set(), ["https://tech.haneul.example/a", None]),
        ("a digest where nothing else is left", [ONE], {"1", "https://tech.haneul.example/a", "1 https://tech.haneul.example/a"}, [None]),
        ("a digest for nameless items of one page", NAMELESS_CHANGELOG[:2], set(), [None, None]),
    ],
)  # fmt: skip
def test_the_key_of_a_new_entry(
    situation: str, items: list[ParsedEntry], stored: set[str], keys: list[str | None]
) -> None:
    elsewhere = make_item("elsewhere", "/elsewhere", "Elsewhere", 500)
    shelf = Shelf()
    shelf.visit([elsewhere])
    known = [replace(shelf.known["elsewhere"], key=key, fingerprint=key) for key in sorted(stored)]
    found = [match.key for match in match_entries(items, known, BASE).matches]
    assert len({*found, *stored}) == len(items) + len(stored), situation
    for key, expected in zip(found, keys, strict=True):
        assert key == expected or (expected is None and "https://tech.haneul.example/" in key), situation
    again = [match.key for match in match_entries(items[::-1], known, BASE).matches]
    assert again == found[::-1]


@pytest.mark.parametrize(
    ("repeated", "kept"),
    [
        ([ONE, ONE], [ONE]),
        ([ONE, TWO, replace(ONE, url="/a?utm_medium=feed")], None),
        ([ONE, replace(ONE, title="Edited", updated_raw="2022-12-01")], [replace(ONE, title="Edited", updated_raw="2022-12-01")]),
        ([NAMELESS[0], NAMELESS[0]], [NAMELESS[0]]),
        ([NAMELESS[0], replace(NAMELESS[0], content="More.", updated_raw="2022-12-01")], [replace(NAMELESS[0], content="More.", updated_raw="2022-12-01")]),
    ],
)  # fmt: skip
def test_an_item_that_a_document_repeats_is_one(repeated: list[ParsedEntry], kept: list[ParsedEntry] | None) -> None:
    found = [match.item for match in match_entries(repeated, (), BASE).matches]
    assert found == kept if kept else len(found) == 2
    assert {match.item for match in match_entries(repeated[::-1], (), BASE).matches} == set(found)


def test_what_cannot_be_linked_to_is_counted_and_left_out() -> None:
    items = [ONE, make_item("x", None, "No link", 1), make_item("y", "javascript:void(0)", "A trick", 1)]
    matching = match_entries(items, (), BASE)
    assert [match.key for match in matching.matches] == ["1"]
    assert matching.unlinkable == 2


def test_a_relative_link_follows_the_document() -> None:
    shelf = Shelf()
    shelf.visit(FEED)
    seen = shelf.visit(FEED, base="https://haneul.example/feed.xml")
    assert seen.new == []
    assert seen.changed == ["1", "2", "3"]
    assert shelf.known["1"].canonical_url == "https://haneul.example/a"


@pytest.mark.parametrize(
    ("changes", "is_changed"),
    [
        ({"id": "other"}, True),
        ({"url": "/other"}, True),
        ({"title": "Other"}, True),
        ({"summary": "Other"}, True),
        ({"content": "Other"}, True),
        ({"author": "Other"}, True),
        ({"tags": ("other",)}, True),
        ({"tags": ("ml", "ops")}, True),
        ({"published_raw": "2022-12-01"}, True),
        ({"media": (Media("https://haneul.example/a.png"),)}, True),
        ({"title": "T", "summary": "exts"}, True),
        # These change without anything new to read.
        ({"comments": 12}, False),
        ({"updated_raw": "2022-12-01"}, False),
    ],
)
def test_the_fingerprint_changes_with_what_the_feed_says(changes: dict[str, object], is_changed: bool) -> None:
    item = make_item("1", "/a", "Te", 1, summary="xts")
    item = replace(item, tags=("mlops",))
    assert (compute_fingerprint(replace(item, **changes)) != compute_fingerprint(item)) is is_changed


def test_an_entry_whose_title_was_read_otherwise_is_stored_anew() -> None:
    shelf = Shelf()
    item = make_item("1", "/a", "The <think> token", 1)
    shelf.visit([item])
    (key,) = shelf.known
    shelf.known[key] = replace(shelf.known[key], title="The token")
    assert shelf.visit([item]).changed == [key]
    assert shelf.visit([item]).changed == []


@pytest.mark.parametrize(
    ("item", "title"),
    [
        (make_item("1", "/a", "What <b> and </b> mean"), "What <b> and </b> mean"),
        (make_item("1", "/a", content="<p>Hello <script>x</script>world</p>"), "Hello world"),
        (make_item("1", "/a", summary="word " * 40), "word " * 15 + "word"),
        (make_item("1", "/a"), "tech.haneul.example/a"),
    ],
)
def test_every_entry_has_a_title(item: ParsedEntry, title: str) -> None:
    assert make_title(item, "https://tech.haneul.example/a").rstrip() == title


# --- recorded feeds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("id_", "path"), [("1", "/notes#{}"), (None, "/notes")], ids=["one id for all", "no id"])
def test_many_items_with_the_same_marks_take_linear_time(id_: str | None, path: str) -> None:
    def make(count: int, version: str) -> list[ParsedEntry]:
        return [make_item(id_, path.format(n), f"Version {n} {version}") for n in range(count)]

    def visit_again(count: int) -> None:
        assert len(match_entries(make(count, "b"), stored[count], BASE, apart=False).matches) == count

    stored = {}
    for count in (900, 1800):
        shelf = Shelf()
        shelf.visit(make(count, "a"))
        stored[count] = list(shelf.known.values())
    assert measure_doubling(visit_again, 900) < 3


def _read(path: Path, base: str = "https://blog.example/feed") -> tuple[ParsedEntry, ...]:
    return parse_document(path.read_bytes(), base).entries


@pytest.mark.parametrize(
    ("earlier", "later", "new"),
    [
        ("kakaoenterprise@2022-09-29", "kakaoenterprise@2022-10-25", 4),
        ("kakaoenterprise@2022-12-07", "kakaoenterprise@2023-04-03", 1),
        ("kubeflow@2022-09-08", "kubeflow@2022-10-24", 2),
        ("lilianweng@2023-01-11", "lilianweng@2023-01-24", 0),
        ("lilianweng@2023-03-19", "lilianweng", 9),
        # The export gave new ids to posts that stayed; three of the old ones are still there.
        ("ruder-ghost2", "ruder", 12),
        # A feed in another dialect: other ids, dates written otherwise.
        ("kakaoenterprise-rss", "kakaoenterprise@2023-05-31", 0),
        ("keras-blog-rss", "keras-blog", 0),
        ("yamadashy-techblog-rss", "yamadashy-techblog-atom", 0),
        # The same items with links to another site.
        ("huggingface", "huggingface-nobase", 0),
        ("huggingface-nobase", "huggingface", 0),
    ],
)
def test_a_recorded_feed_gives_only_what_is_new_to_it(shared: Path, earlier: str, later: str, new: int) -> None:
    shelf = Shelf()
    shelf.visit(_read(shared / "feeds" / f"{earlier}.xml"))
    items = _read(shared / "feeds" / f"{later}.xml")
    seen = shelf.visit(items)
    assert len(seen.new) == new
    assert len(seen.matches) == len(items)


def test_every_recorded_document_gives_each_of_its_items_once(shared: Path) -> None:
    for path in sorted((shared / "feeds").glob("*.xml")):
        shelf = Shelf()
        items = _read(path)
        first = shelf.visit(items)
        assert len(first.new) == len(items), path.name
        # Not one item is without an address, and the second visit finds every one again.
        assert first.unlinkable == 0, path.name
        again = shelf.visit(items[::-1])
        assert (again.new, again.changed, again.keys) == ([], [], first.keys[::-1]), path.name
