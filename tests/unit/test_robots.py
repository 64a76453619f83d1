"""What a robots.txt allows (RFC 9309)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.exceptions import RetrieveError
from aggregator.fetch.robots import MAX_BYTES, RobotsFile, decide_access, locate_robots, read_failure
from world import NOW

PAGE = "https://b.example/posts/a?x=1"


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /posts", False),
        ("user-AGENT: *\ndisallow: /posts", False),
        ("User-agent: *\r\nDisallow: /posts\r\nAllow: /posts/a", True),
        ("User-agent: *\nAllow: /posts/a\nDisallow: /posts", True),
        ("User-agent: *\nDisallow: /*?x=", False),
        ("User-agent: *\nDisallow: /posts$", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Aggregator\nDisallow: /private", True),
        ("User-agent: other\nUser-agent: aggregator\nDisallow: /", False),
        ("User-agent: otheraggregator\nDisallow: /", True),
        ("Disallow: /", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("<!DOCTYPE html><p>Disallow: /</p>", True),
    ],
)
def test_access(text: str, is_allowed: bool) -> None:
    assert decide_access(text.encode(), PAGE).is_allowed is is_allowed


@pytest.mark.parametrize(("delay", "pause"), [("5", 5.0), ("0.5", 0.5), ("86400", 60.0), ("-3", 0.0), ("soon", 0.0)])
def test_the_pause_has_a_bound(delay: str, pause: float) -> None:
    assert decide_access(f"User-agent: *\nCrawl-delay: {delay}".encode(), PAGE).pause_seconds == pause


def test_a_rule_that_the_limit_cuts_is_no_rule() -> None:
    rule = b"Disallow: /posts/only-this"
    filler = b"#" * (MAX_BYTES - 16 - len(b"Disallow: /posts")) + b"\n"
    body = (b"User-agent: *\n" + filler + rule)[:MAX_BYTES]
    assert body.endswith(b"Disallow: /posts/"[:-1]) or body.endswith(b"/posts/")
    assert decide_access(body, PAGE).is_allowed


@pytest.mark.parametrize(
    ("status", "is_forbidden"),
    [(404, False), (410, False), (401, False), (403, False), (429, True), (500, True), (503, True), (None, True)],
)
def test_a_file_that_cannot_be_had(status: int | None, is_forbidden: bool) -> None:
    file = read_failure(RetrieveError("https://b.example/robots.txt", "why", status=status), NOW)
    assert (file.trouble is not None) is is_forbidden
    assert file.body is None


def test_a_file_is_believed_for_a_day_and_a_failure_for_minutes() -> None:
    assert RobotsFile(NOW).is_fresh(NOW + timedelta(hours=23))
    assert not RobotsFile(NOW).is_fresh(NOW + timedelta(hours=24))
    assert not RobotsFile(NOW, trouble="down").is_fresh(NOW + timedelta(minutes=15))
    assert not RobotsFile(NOW).is_fresh(NOW - timedelta(hours=1)), "the clock was wrong when it was read"


def test_it_lies_at_the_root_of_the_origin() -> None:
    assert locate_robots("https://b.example:8443/a/b?c#d") == "https://b.example:8443/robots.txt"


@given(st.text(alphabet="User-agent: *\nDisallow/Allow$%한", max_size=200), st.text(alphabet="/*?=a%한$", max_size=40))
def test_nothing_in_it_breaks_us(text: str, path: str) -> None:
    assert decide_access(text.encode(), f"https://b.example/{path}").pause_seconds >= 0
