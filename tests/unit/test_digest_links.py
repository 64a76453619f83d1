"""Where the address of a line leads, by what its server answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.digest.links import is_due, judge_answer, judge_failure
from aggregator.exceptions import FeedError
from aggregator.types import Hop, LinkCheck, LinkState, Retrieved
from world import NOW

OLD = "http://b.example/blog/2022/post"
DAY = timedelta(days=1)

# The address, its redirects, what that is, and the new address.
WAYS: dict[str, tuple[str, list[tuple[int, str]], LinkState, str | None]] = {
    "no redirect": (OLD, [], LinkState.REACHED, None),
    "secure now": (OLD, [(301, "https://b.example/blog/2022/post")], LinkState.MOVED, "https://b.example/blog/2022/post"),
    "a slash at the end": (OLD, [(301, f"{OLD}/")], LinkState.REACHED, None),
    "www": (OLD, [(301, "http://www.b.example/blog/2022/post")], LinkState.REACHED, None),
    "another slug": (OLD, [(308, "https://b.example/blog/the-post")], LinkState.MOVED, "https://b.example/blog/the-post"),
    "another host": (OLD, [(301, "https://new.example/post")], LinkState.MOVED, "https://new.example/post"),
    "two steps": (OLD, [(301, "https://b.example/a"), (301, "https://b.example/c")], LinkState.MOVED, "https://b.example/c"),
    "for a while": (OLD, [(302, "https://b.example/blog/the-post")], LinkState.REACHED, None),
    "for good, then for a while": (
        OLD, [(301, "https://b.example/a"), (302, "https://b.example/consent")], LinkState.MOVED, "https://b.example/a"),
    "with where a reader came from": (
        OLD, [(301, "https://b.example/a?utm_source=old&id=1")], LinkState.MOVED, "https://b.example/a?id=1"),
    "a place on the page": (f"{OLD}#two", [(301, "https://b.example/a")], LinkState.MOVED, "https://b.example/a#two"),
    "the home page": (OLD, [(301, "https://b.example/")], LinkState.HOME, None),
    "the home page in a language": (OLD, [(302, "https://b.example/ko")], LinkState.HOME, None),
    "the home page of another": (OLD, [(301, "https://owner.example")], LinkState.HOME, None),
    "the home page for a number": ("https://b.example/?p=12", [(301, "https://b.example/")], LinkState.HOME, None),
    "the list that it stood in": (OLD, [(301, "http://b.example/blog")], LinkState.HOME, None),
    "from its form for phones": (f"{OLD}/amp/", [(301, "http://b.example/blog/2022/post/")], LinkState.MOVED, "http://b.example/blog/2022/post/"),
    "a home page that moved": ("https://b.example/", [(301, "https://new.example/")], LinkState.MOVED, "https://new.example/"),
    "a login": (OLD, [(302, "https://b.example/login?next=/blog")], LinkState.LOGIN, None),
    "a login elsewhere": (OLD, [(302, "https://accounts.other.example/v3/x")], LinkState.LOGIN, None),
    "a page about logins": ("http://b.example/auth/why", [(301, "https://b.example/auth/how")], LinkState.MOVED, "https://b.example/auth/how"),
    "a page that says it is not there": (OLD, [(302, "https://b.example/404")], LinkState.MISSING, None),
    "not an address": (OLD, [(301, "javascript:0")], LinkState.REACHED, None),
}  # fmt: skip


@pytest.mark.parametrize(("url", "way", "state", "target"), WAYS.values(), ids=WAYS)
def test_where_redirects_lead(url: str, way: list[tuple[int, str]], state: LinkState, target: str | None) -> None:
    hops = tuple(Hop(*hop) for hop in way)
    check = judge_answer(url, Retrieved(hops[-1].url if hops else url, 200, b"", hops=hops), None, now=NOW)
    assert (check.state, check.target) == (state, target)


@pytest.mark.parametrize(
    ("status", "way", "state"),
    [
        *((status, (), LinkState.MISSING) for status in (404, 410, 451)),
        (401, (), LinkState.LOGIN),
        *((status, (), LinkState.UNKNOWN) for status in (403, 429, 500, 503, None)),
        (403, (Hop(302, "https://b.example/signin"),), LinkState.LOGIN),
        (404, (Hop(301, "https://b.example/new"),), LinkState.MISSING),
        (503, (Hop(301, "https://b.example/new"),), LinkState.UNKNOWN),
    ],
)
def test_what_a_failure_says(status: int | None, way: tuple[Hop, ...], state: LinkState) -> None:
    assert judge_failure(OLD, FeedError(OLD, "why", status=status, hops=way), None, now=NOW).state is state


def test_a_host_that_is_gone_counts_the_second_day() -> None:
    gone = FeedError(OLD, "no such name", is_deserted=True)
    first = judge_failure(OLD, gone, None, now=NOW)
    again = judge_failure(OLD, gone, first, now=NOW + timedelta(minutes=5))
    second = judge_failure(OLD, gone, again, now=NOW + DAY)
    third = judge_failure(OLD, gone, second, now=NOW + 31 * DAY)
    assert [check.state for check in (first, again, second, third)] == [
        *2 * [LinkState.UNKNOWN],
        *2 * [LinkState.DESERTED],
    ]
    assert {check.since_at for check in (first, again, second, third)} == {NOW}
    assert judge_failure(OLD, FeedError(OLD, "why", status=503), third, now=NOW + 32 * DAY).state is LinkState.UNKNOWN


def test_what_stays_so_keeps_its_first_day() -> None:
    gone = FeedError(OLD, "gone", status=404)
    first = judge_failure(OLD, gone, None, now=NOW)
    assert judge_failure(OLD, gone, first, now=NOW + DAY).since_at == NOW
    assert judge_answer(OLD, Retrieved(OLD, 200, b""), first, now=NOW + DAY).since_at == NOW + DAY


@pytest.mark.parametrize(
    ("state", "days", "expected"),
    [(LinkState.MISSING, 29, False), (LinkState.MISSING, 30, True), (LinkState.UNKNOWN, 0.5, False), (LinkState.UNKNOWN, 1, True)],
)  # fmt: skip
def test_when_an_address_is_looked_at_again(state: LinkState, days: float, expected: bool) -> None:
    assert is_due(LinkCheck(OLD, NOW, state, NOW), 30 * DAY, NOW + days * DAY) is expected
    assert is_due(None, 30 * DAY, NOW)
