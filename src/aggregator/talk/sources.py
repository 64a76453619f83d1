"""The places that are asked about posts: their names, addresses, paces, and what is usual there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aggregator.addresses.urls import host_of
from aggregator.types import Heard, Signal, TalkSource


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a source."""

    #: As the place calls itself, in every language.
    name: str
    #: Where questions are sent; the settings may name another address.
    base: str
    #: The least seconds between two questions.
    pause_seconds: float
    #: The host of its pages of talk; empty if a count has its page elsewhere.
    host: str = ""
    #: Whether robots.txt is asked: for pages, but not for an interface that is made for programs.
    is_page: bool = False
    #: Points and comments of a post in the middle of those that are talked about there, and of one in twenty. Assumed,
    #: until the home has seen more.
    usual: float = 4.0
    high: float = 300.0


PLACES = {
    TalkSource.HACKER_NEWS: Place("Hacker News", "https://hn.algolia.com/api/v1", 5, "news.ycombinator.com"),
    TalkSource.GEEKNEWS: Place("GeekNews", "https://news.hada.io", 10, "news.hada.io", is_page=True, usual=6, high=60),
    TalkSource.LOBSTERS: Place("Lobsters", "https://lobste.rs", 10, "lobste.rs", is_page=True, usual=10, high=100),
    TalkSource.REDDIT: Place("Reddit", "https://www.reddit.com", 10, "reddit.com", is_page=True, usual=6, high=400),
    # 60 questions an hour without a token.
    TalkSource.GITHUB: Place("GitHub", "https://api.github.com", 60, usual=60, high=6000),
    TalkSource.HUGGING_FACE: Place("Hugging Face", "https://huggingface.co/api", 5, usual=6, high=300),
    TalkSource.LISTS: Place("", "", 10, is_page=True),
}
#: Asked about the works that a post links to; the others are asked about the post itself.
OF_WORKS = frozenset({TalkSource.GITHUB, TalkSource.HUGGING_FACE})
#: Read whether or not something is due. Nobody learns from that which posts are followed.
READ_AS_LISTS = frozenset({TalkSource.GEEKNEWS, TalkSource.LISTS})
#: How often a list is read.
LIST_PACE = {TalkSource.GEEKNEWS: timedelta(hours=3), TalkSource.LISTS: timedelta(hours=12)}
_BY_SIGNALS = {source.of_signals: source for source in PLACES}
_BY_HOST = {place.host: source for source, place in PLACES.items() if place.host}


def find_source(signal: Signal | Heard) -> TalkSource | None:
    """Where a signal was observed, if it is one of the places above; feeds of kind ``signal`` repeat what they say."""
    if signal.source in _BY_SIGNALS:
        return _BY_SIGNALS[signal.source]
    return _BY_HOST.get(host_of(signal.url)) if signal.url else None
