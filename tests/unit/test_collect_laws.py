"""Nothing lost, nothing twice: laws of identity and window, on invented feeds that are visited again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.types import ParsedEntry
from shelf import Shelf, make_item

WORDS = ("Feature stores", "Vector search", "추천 시스템", "Weekly Update", "FAQ")


def _make_posts(count: int, *, is_dated: bool, has_ids: bool) -> list[ParsedEntry]:
    """The posts of a blog, oldest first; titles come again, as they do."""
    return [
        make_item(
            f"tag:{number}" if has_ids else None,
            f"/posts/{number}",
            WORDS[number % len(WORDS)],
            number if is_dated else None,
        )
        for number in range(count)
    ]


blogs = st.builds(_make_posts, st.just(120), is_dated=st.booleans(), has_ids=st.booleans())
#: How many posts the document carries.
sizes = st.integers(1, 12)


def _take_window(posts: Sequence[ParsedEntry], published: int, size: int) -> list[ParsedEntry]:
    """The document when so many posts have been published: the newest ones, newest first."""
    return list(posts[max(0, published - size) : published])[::-1]


@given(blogs, sizes, st.integers(0, 20), st.lists(st.integers(0, 11), max_size=12), st.randoms())
def test_no_entry_is_lost_and_no_gap_told_while_visits_stay_within_the_window(
    posts: list[ParsedEntry], size: int, start: int, steps: list[int], chance: object
) -> None:
    shelf, published, seen = Shelf(), start, start - min(start, size)
    shelf.visit(_take_window(posts, published, size))
    for step in steps:
        news = min(step, size - 1)
        published = min(published + news, len(posts))
        document = _take_window(posts, published, size)
        chance.shuffle(document)  # type: ignore[attr-defined]
        assert not shelf.visit(document).window.has_gap
    assert len(shelf.known) == published - seen
    paths = {entry.canonical_url.rpartition("/")[2] for entry in shelf.known.values()}
    assert paths == {str(number) for number in range(seen, published)}


@given(blogs, sizes, st.lists(st.integers(0, 12), max_size=12))
def test_no_entry_is_lost_while_a_window_of_new_ones_comes_at_most(
    posts: list[ParsedEntry], size: int, steps: list[int]
) -> None:
    shelf, published = Shelf(), 0
    for step in steps:
        published = min(published + min(step, size), len(posts))
        shelf.visit(_take_window(posts, published, size))
    assert len(shelf.known) == published


@given(blogs, sizes, st.integers(1, 60), st.integers(1, 30))
def test_a_gap_is_told_when_posts_passed_unseen(posts: list[ParsedEntry], size: int, start: int, missed: int) -> None:
    shelf = Shelf()
    shelf.visit(_take_window(posts, start, size))
    published = start + size + missed
    change = shelf.visit(_take_window(posts, published, size)).window
    assert change.has_gap
    assert not shelf.visit(_take_window(posts, published, size)).window.has_gap
    if change.newest_before_at and change.oldest_after_at:
        # As many days lie between the posts on the edges as posts were missed.
        assert (change.oldest_after_at - change.newest_before_at).days == missed + 1


@given(sizes, st.integers(3, 60), st.integers(1, 30), st.booleans())
def test_a_pinned_post_hides_no_gap(size: int, start: int, missed: int, is_pinned_first: bool) -> None:
    assume(min(size, start) > 1)
    posts = _make_posts(120, is_dated=True, has_ids=True)
    pinned = make_item("pinned", "/welcome", "Welcome", -100)

    def take(published: int) -> list[ParsedEntry]:
        window = _take_window(posts, published, size)
        return [pinned, *window] if is_pinned_first else [*window, pinned]

    shelf = Shelf()
    shelf.visit(take(start))
    assert not shelf.visit(take(start + size - 1)).window.has_gap
    assert shelf.visit(take(start + 2 * size - 1 + missed)).window.has_gap


# --- any items at all -----------------------------------------------------------------------------------------------

#: Few values for each field, so that they meet in all ways: one id with many addresses, one address with many ids, …
items = st.builds(
    make_item,
    st.sampled_from([None, "1", "2", "3", "https://tech.haneul.example/a"]),
    st.sampled_from(["/a", "/b", "/c", "/d", None]),
    st.sampled_from(["", *WORDS[:3]]),
    st.sampled_from([None, 1, 2, 3]),
    content=st.sampled_from(["", "<p>Text.</p>"]),
)
documents = st.lists(items, max_size=8)
histories = st.lists(documents, max_size=5)


def _play(history: list[list[ParsedEntry]]) -> Shelf:
    shelf = Shelf()
    for document in history:
        shelf.visit(document)
    return shelf


def _count_distinct(document: list[ParsedEntry]) -> int:
    """Items of different id or address, and without an id of different title or date."""
    linked = [(item, url) for item in document if (url := _find_link(item))]
    return len({(i.id, url) if i.id else (None, url, i.title or i.content, i.published_raw) for i, url in linked})


def _find_link(item: ParsedEntry) -> str | None:
    """An id that is an address stands in for a link that is missing."""
    own = item.id if item.id and item.id.startswith("https:") else None
    return item.url or (own and own.removeprefix("https://tech.haneul.example"))


@given(histories, documents, st.randoms())
def test_the_order_of_a_document_says_nothing(
    history: list[list[ParsedEntry]], document: list[ParsedEntry], chance: object
) -> None:
    one, other = _play(history), _play(history)
    shuffled = list(document)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = one.visit(document), other.visit(shuffled)
    assert one.known == other.known
    assert {match.key: match.item for match in first.matches} == {match.key: match.item for match in second.matches}
    assert first.window.has_gap == second.window.has_gap


@given(histories, documents)
def test_the_same_document_again_gives_nothing_new(
    history: list[list[ParsedEntry]], document: list[ParsedEntry]
) -> None:
    shelf = _play(history)
    first = shelf.visit(document)
    stored = dict(shelf.known)
    again = shelf.visit(document)
    assert (again.new, again.changed, again.window.has_gap) == ([], [], False)
    assert (again.keys, shelf.known) == (first.keys, stored)


@given(histories, documents)
def test_no_two_items_are_one_entry_and_no_entry_is_two(
    history: list[list[ParsedEntry]], document: list[ParsedEntry]
) -> None:
    shelf = _play(history)
    before = set(shelf.known)
    seen = shelf.visit(document)
    assert len(set(seen.keys)) == len(seen.keys) == _count_distinct(document)
    assert seen.unlinkable == sum(_find_link(item) is None for item in document)
    # Nothing that was stored goes away, and new entries get keys that nobody had.
    assert before <= set(shelf.known)
    assert before.isdisjoint(seen.new)
    assert before | set(seen.new) == set(shelf.known)


@given(documents, st.integers(2, 4))
def test_items_that_a_document_repeats_are_stored_once(document: list[ParsedEntry], times: int) -> None:
    once, often = _play([document]), _play([document * times])
    assert once.known == often.known


# --- ordinary items, each with its own id and address --------------------------------------------------------------

ordinary = st.integers(1, 12).map(lambda count: _make_posts(count, is_dated=True, has_ids=True))
undated = st.integers(1, 12).map(lambda count: _make_posts(count, is_dated=False, has_ids=True))


@given(ordinary | undated, st.sampled_from([None, "https://tech.haneul.example/?p={}", "{}"]))
def test_changed_ids_give_nothing_new(posts: list[ParsedEntry], pattern: str | None) -> None:
    shelf = _play([posts])
    ids = [pattern and pattern.format(number + 1) for number in range(len(posts))]
    seen = shelf.visit([replace(post, id=id_) for post, id_ in zip(posts, ids, strict=True)])
    assert seen.new == []
    assert len(seen.changed) == len(posts)
    assert [shelf.known[key].guid for key in seen.keys] == ids


@given(ordinary | undated, st.permutations(range(12)))
def test_ids_that_change_places_give_nothing_new(posts: list[ParsedEntry], places: list[int]) -> None:
    shelf = _play([posts])
    keys = [f"tag:{number}" for number in range(len(posts))]
    seen = shelf.visit([replace(post, id=f"tag:{place}") for post, place in zip(posts, places, strict=False)])
    assert seen.keys == keys


@given(
    ordinary | undated,
    st.sampled_from(["https://haneul.example{}", "/2022{}/", "https://medium.example/@haneul{}-1a2b"]),
)
def test_changed_addresses_give_nothing_new(posts: list[ParsedEntry], pattern: str) -> None:
    shelf = _play([posts])
    seen = shelf.visit([replace(post, url=pattern.format(post.url)) for post in posts])
    assert seen.new == []
    assert len(seen.changed) == len(posts)
    assert not seen.window.has_gap


@given(ordinary)
def test_a_site_that_moves_with_ids_and_addresses_gives_nothing_new(posts: list[ParsedEntry]) -> None:
    shelf = _play([posts])
    seen = shelf.visit([replace(post, id=f"new:{post.id}", url=f"https://haneul.example{post.url}") for post in posts])
    assert seen.new == []
    assert not seen.window.has_gap


@given(blogs, st.integers(1, 12), st.data())
def test_an_edited_title_is_a_change_and_nothing_new(posts: list[ParsedEntry], count: int, data: st.DataObject) -> None:
    posts = posts[:count]
    shelf = _play([posts])
    titles = data.draw(st.lists(st.sampled_from([*WORDS, "Edited"]), min_size=count, max_size=count))
    edited = [replace(post, title=title) for post, title in zip(posts, titles, strict=True)]
    seen = shelf.visit(edited)
    assert seen.new == []
    assert len(seen.changed) == sum(post != other for post, other in zip(posts, edited, strict=True))


@given(ordinary | undated, st.integers(1, 3), st.integers(0, 5))
def test_ids_that_are_used_for_many_items_lose_none(posts: list[ParsedEntry], ids: int, later: int) -> None:
    """Whether the feed has one id for all, or a few that it uses in turn."""
    reused = [replace(post, id=f"tag:{number % ids}") for number, post in enumerate(posts)]
    shelf = _play([reused[: len(reused) - later], reused])
    assert len(shelf.known) == len(posts)


@given(st.integers(2, 30), st.integers(1, 5), st.booleans())
def test_ids_that_number_the_items_of_a_document_lose_none(count: int, size: int, is_dated: bool) -> None:
    """The newest item is always number 1, the next one number 2."""
    posts = _make_posts(count, is_dated=is_dated, has_ids=False)
    shelf = Shelf()
    for published in range(1, count + 1):
        window = _take_window(posts, published, size)
        shelf.visit(
            [replace(post, id=str(place), title=f"{post.title} {post.url}") for place, post in enumerate(window)]
        )
    assert len(shelf.known) == count
