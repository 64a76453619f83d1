"""What was stored in English is said in the language of the reader."""

from __future__ import annotations

import re

import pytest

from aggregator.locales import ENGLISH, speaking
from aggregator.locales.retelling import retell
from aggregator.words.reasons import say_reason
from aggregator.words.sessions import say_browser

# By a stored reason: the values that stay as they are.
REASONS = {
    "the server denies access (HTTP 403)": ["HTTP 403"],
    "blog.example refuses the connection": ["blog.example"],
    "the name blog.example leads to 10.0.0.7, an address inside a private network, which is not visited; "
    "see visits.allowed_networks": ["blog.example", "10.0.0.7", "visits.allowed_networks"],
    "the answer is an HTML page (Blog; and more), not a feed; it names https://a.example/rss, https://b.example/rss": [
        "HTML",
        "Blog; and more",
        "https://a.example/rss, https://b.example/rss",
    ],
    "the document ends too early; its 7 complete entries are read; 2 of its items have no address and are left out": [
        "7",
        "2",
    ],
    "a failure of this program, not of the feed: no parser process can be started; is there enough memory?": [],
    "robots.txt of blog.example cannot be read: the server is in trouble (HTTP 503)": [
        "blog.example",
        "robots.txt",
        "HTTP 503",
    ],
    "addresses of its items that nobody else can reach (localhost) are not taken: 1 stored address stays, 3 are new and "
    "left out": ["localhost", "1", "3"],
}


@pytest.mark.parametrize(("reason", "values"), REASONS.items())
def test_a_reason_is_said_in_the_language_of_the_reader(reason: str, values: list[str]) -> None:
    with speaking("ko"):
        said = say_reason(reason)

    for value in values:
        assert value in said
        said = said.replace(value, "")
    assert not re.search(r"[A-Za-z]{3}", said), "all that is not a value is Korean"


def test_in_english_it_stays_as_it_was_stored() -> None:
    with speaking(ENGLISH):
        assert [say_reason(reason) for reason in REASONS] == list(REASONS)


@pytest.mark.parametrize("stored", ["", "nobody knows", "the server denies accessories", "blog.example; refuses"])
def test_what_is_not_known_stays(stored: str) -> None:
    with speaking("ko"):
        assert say_reason(stored) == stored


def test_a_browser_is_named() -> None:
    with speaking("ko"):
        assert say_browser("Firefox on Linux") == "Linux의 Firefox"
        assert say_browser("a program on an iPad") == "iPad의 프로그램"


def test_a_long_text_stays() -> None:
    text = "; " * 100_000
    with speaking("ko"):
        assert retell(text, ["{first} or {last}"]) == text
