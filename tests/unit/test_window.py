"""The window of a feed: what left it, what came back, and when entries may have passed unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.feeds.parse import parse_document
from aggregator.types import Gap, ParsedEntry
from shelf import FIRST_DAY, Shelf, make_item
from world import NOW

YESTERDAY = NOW - timedelta(days=1)


def _post(number: int, **changes: str | None) -> ParsedEntry:
    return replace(make_item(f"p{number}", f"/{number}", f"Post {number}", number), **changes)  # type: ignore[arg-type]


def _posts(first: int, last: int) -> list[ParsedEntry]:
    """These posts, newest first, as a feed carries them."""
    return [_post(number) for number in range(last, first - 1, -1)]


def _undated(items: Sequence[ParsedEntry]) -> list[ParsedEntry]:
    return [replace(item, published_raw=None) for item in items]


PINNED = make_item("pinned", "/welcome", "Welcome", 0)
SOON = make_item("soon", "/conference", "Our conference", 500)
ABOUT = make_item("about", "/about", "About us")
#: The same posts, of another blog's site.
MOVED = [replace(item, id=f"n{item.id}", url=f"https://haneul.example{item.url}") for item in _posts(11, 20)]
MAINTENANCE = make_item("down", "/down", "We will be back soon", 100)


@pytest.mark.parametrize(
    ("situation", "visits", "has_gap"),
    [
        ("nothing new", [_posts(11, 20), _posts(11, 20)], False),
        ("one new post", [_posts(11, 20), _posts(12, 21)], False),
        ("as many new posts as leave one of the old", [_posts(11, 20), _posts(20, 29)], False),
        ("more new posts than the window holds", [_posts(11, 20), _posts(31, 40)], True),
        ("just as many: nobody can tell", [_posts(11, 20), _posts(21, 30)], True),
        ("more new posts, without dates", [_undated(_posts(11, 20)), _undated(_posts(31, 40))], True),
        ("the first visit", [_posts(11, 20)], False),
        ("the first posts of a new blog", [[], _posts(1, 3)], False),
        # what only looks like it
        ("the newest post was deleted", [_posts(11, 20), _posts(10, 19)], False),
        ("the newest post was deleted and another written", [_posts(11, 20), [_post(21), *_posts(11, 19)]], False),
        ("three were deleted and three others written", [_posts(11, 20), [*_posts(21, 23), *_posts(11, 17)]], False),
        ("half of the posts were deleted", [_posts(11, 20), _posts(11, 15)], False),
        ("all posts but one were deleted", [_posts(11, 20), _posts(11, 11)], False),
        ("the window shrank", [_posts(1, 20), _posts(16, 20)], False),
        ("the window shrank, with a new post", [_posts(1, 20), _posts(17, 21)], False),
        ("the window grew", [_posts(11, 20), _posts(1, 21)], False),
        ("another order", [_posts(11, 20), _posts(11, 20)[::-1]], False),
        ("other ids", [_posts(11, 20), [replace(i, id=f"n{i.id}") for i in _posts(11, 20)]], False),
        ("the site moved, ids and all", [_posts(11, 20), MOVED], False),
        ("a backup: older posts, seen before", [_posts(1, 10), _posts(6, 15), _posts(11, 20), _posts(6, 15)], False),
        ("a backup: older posts, never seen", [_posts(11, 20), _posts(1, 10)], False),
        ("old posts brought in from another blog", [_posts(11, 20), [*_posts(18, 20), *_posts(1, 7)]], False),
        # documents that say nothing
        ("an empty document", [_posts(11, 20), []], False),
        ("an empty document in between", [_posts(11, 20), [], _posts(12, 21)], False),
        ("an empty document in between, and posts missed", [_posts(11, 20), [], _posts(31, 40)], True),
        ("a notice in between is taken for what it says", [_posts(11, 20), [MAINTENANCE]], True),
        ("two versions by turns", [_posts(1, 21)[::2], _posts(2, 20)[::2], _posts(3, 23)[::2]], False),
        # entries that stay for good
        ("a pinned post, and posts missed", [[PINNED, *_posts(12, 20)], [PINNED, *_posts(32, 40)]], True),
        ("a pinned post, and one new", [[PINNED, *_posts(12, 20)], [PINNED, *_posts(13, 21)]], False),
        ("a pinned post, and one old one left", [[PINNED, *_posts(12, 20)], [PINNED, *_posts(20, 28)]], False),
        ("a post dated in the future, and posts missed", [[SOON, *_posts(12, 20)], [SOON, *_posts(32, 40)]], True),
        ("a page without a date, and posts missed", [[*_posts(12, 20), ABOUT], [*_posts(32, 40), ABOUT]], True),
        ("a pinned post in a feed without dates hides what was missed", [_undated([PINNED, *_posts(12, 20)]), _undated([PINNED, *_posts(32, 40)])], False),
        ("a pinned post becomes the only one kept", [[PINNED, _post(20)], [PINNED, _post(21)]], False),
        ("dates in no order tell nothing while an entry is shared", [_posts(11, 20), [_post(40), _post(5), _post(6), _post(11)]], False),
        ("an old post is brought back, and posts missed", [_posts(1, 10), _posts(8, 20), [*_posts(31, 40), _post(3)]], True),
        ("the same without dates", [_undated(_posts(1, 10)), _undated(_posts(8, 20)), _undated([*_posts(31, 40), _post(3)])], True),
    ],
)  # fmt: skip
def test_when_entries_may_have_passed_unseen(situation: str, visits: list[list[ParsedEntry]], has_gap: bool) -> None:
    shelf = Shelf()
    changes = [shelf.visit(items).window for items in visits]
    assert changes[-1].has_gap is has_gap, situation


def test_a_gap_is_named_by_the_posts_on_its_edges() -> None:
    shelf = Shelf()
    assert shelf.visit(_posts(11, 20)).window.find_gap("haneul", since_at=None, now=YESTERDAY) is None
    change = shelf.visit([PINNED, *_posts(31, 40)]).window
    assert change.find_gap("haneul", since_at=YESTERDAY, now=NOW) == Gap(
        "haneul",
        noticed_at=NOW,
        since_at=YESTERDAY,
        newest_before_at=FIRST_DAY + timedelta(days=20),
        oldest_after_at=FIRST_DAY + timedelta(days=31),
    )
    assert change.find_gap("haneul", since_at=None, now=NOW) is None
    assert shelf.visit(_posts(32, 41)).window.find_gap("haneul", since_at=YESTERDAY, now=NOW) is None


def test_a_gap_of_a_feed_without_dates_has_no_edges() -> None:
    shelf = Shelf()
    shelf.visit(_undated(_posts(11, 20)))
    gap = shelf.visit(_undated(_posts(31, 40))).window.find_gap("haneul", since_at=YESTERDAY, now=NOW)
    assert gap == Gap("haneul", NOW, YESTERDAY)


def test_entries_leave_the_window_and_come_back() -> None:
    shelf = Shelf()
    shelf.visit(_posts(1, 5))
    assert shelf.visit(_posts(3, 7)).window.left == ("p2", "p1")
    change = shelf.visit(_posts(2, 6)).window
    assert (change.left, change.returned) == (("p7",), ("p2",))
    # One that comes back with another text is stored, which puts it into the window.
    change = shelf.visit([*_posts(2, 6), _post(1, title="Post 1, revised")]).window
    assert (change.left, change.returned) == ((), ("p1",))
    assert {key for key, entry in shelf.known.items() if entry.is_in_window} == {f"p{n}" for n in range(1, 7)}


def test_nothing_leaves_because_of_a_document_that_was_cut() -> None:
    shelf = Shelf()
    shelf.visit(_posts(11, 20))
    change = shelf.visit(_posts(31, 32), is_cut=True).window
    assert (change.left, change.has_gap) == ((), False)
    # The next whole document is held against all that was there.
    assert not shelf.visit(_posts(15, 32)).window.has_gap


def test_after_an_upgrade_no_entry_is_in_the_window_and_no_gap_is_told() -> None:
    shelf = Shelf()
    shelf.visit(_posts(11, 20))
    shelf.known = {key: replace(entry, is_in_window=False) for key, entry in shelf.known.items()}
    change = shelf.visit([*_posts(31, 39), _post(20)]).window
    assert (change.has_gap, change.left, change.returned) == (False, (), ("p20",))


@pytest.mark.parametrize(
    ("items", "shares"), [(_posts(31, 40), False), ([_post(12)], True), (MOVED, True), ([_post(1)], True), ([], False)]
)
def test_a_document_shares_entries_with_all_that_is_stored(items: list[ParsedEntry], shares: bool) -> None:
    shelf = Shelf()
    shelf.visit(_posts(1, 10))
    shelf.visit(_posts(11, 20))
    assert shelf.visit(items).window.shares_entries is shares


@pytest.mark.parametrize(
    ("earlier", "later", "has_gap"),
    [
        ("kakaoenterprise@2022-09-29", "kakaoenterprise@2022-10-25", False),
        ("kakaoenterprise@2022-12-07", "kakaoenterprise", False),
        ("kubeflow@2022-09-08", "kubeflow@2023-03-30", False),
        # Three years lie between these two.
        ("kubeflow@2023-03-30", "kubeflow", True),
        ("lilianweng@2022-08-31", "lilianweng", False),
        # Two years, a slow blog, new ids: three posts are left.
        ("ruder-ghost2", "ruder", False),
        ("huggingface", "huggingface-nobase", False),
    ],
)
def test_gaps_of_recorded_feeds(shared: Path, earlier: str, later: str, has_gap: bool) -> None:
    shelf = Shelf()
    for name in (earlier, later):
        body = (shared / "feeds" / f"{name}.xml").read_bytes()
        change = shelf.visit(parse_document(body, "https://blog.example/feed").entries).window
    assert change.has_gap is has_gap
