"""Measures how much a post is talked about elsewhere, compared with what is usual for its source. Pure.

500 points are few for a famous laboratory and very many for a quiet blog. So half of the amount is how far the talk is
above the history of the source itself. While that history is short, it is shrunk towards the history of all sources. A
post that nobody talks about gains nothing and loses nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aggregator.addresses.urls import canonicalise_url, clean_url, host_of, may_lead_elsewhere
from aggregator.rank import evidence
from aggregator.rank.record import name_source
from aggregator.types import Post, Signal

# A link from another blog is worth more than a point that costs a click.
_POINTS_A_LINK = 20.0
# Round-ups that are named.
_MOST_LABELS = 3
# This many points give the whole absolute half.
_FULL_POINTS = 500.0
# Most of the talk about a post comes within some days: talk that is observed earlier is scaled up to what to expect.
_DAYS_OF_TALK = 2.0
_LEAST_SEEN = 0.25
# This many posts of all sources are added to the history of each source.
_SHRINKAGE = 10.0
_LEAST_VARIANCE = 0.25
# This many standard deviations above its source give the whole relative half.
_FULL_DEVIATIONS = 3.0


class Popularity(NamedTuple):
    """An amount from 0 to 1, with the counts that it is made of."""

    amount: float
    detail: str
    #: The talk in points, scaled to the same age; not compared with the source.
    talk: float


class Talk(NamedTuple):
    """How much the posts of a source were talked about: logarithms of points, as count, sum and sum of squares."""

    posts: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Talk) -> Talk:  # type: ignore[override]
        return Talk(self.posts + other.posts, self.total + other.total, self.squares + other.squares)


def measure_popularity(
    posts: Sequence[Post], signals: Sequence[Signal], history: Mapping[str, Talk]
) -> tuple[dict[int, Popularity], dict[str, Talk]]:
    """Measure the popularity of a month's posts that are talked about, by post number.

    Also returns the talk about each source in this month, for the *history* of later months.
    """
    by_address: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        by_address[signal.canonical_url].append(signal)
    linked = _count_links(posts)
    talked_about = [post for post in posts if post.canonical_url in by_address or post.canonical_url in linked]
    talks = {
        post.id: _count_talk(post, by_address[post.canonical_url], linked[post.canonical_url]) for post in talked_about
    }
    own = {source: Talk(count) for source, count in Counter(name_source(post) for post in posts).items()}
    for post in talked_about:
        level = math.log1p(talks[post.id][0])
        own[name_source(post)] += Talk(0, level, level * level)
    found = {}
    usual = _find_usual(own, history)
    for post in talked_about:
        talk, detail = talks[post.id]
        if talk:
            mean, deviation = usual[name_source(post)]
            above = (math.log1p(talk) - mean) / deviation / _FULL_DEVIATIONS
            amount = 0.5 * _clip(math.log1p(talk) / math.log1p(_FULL_POINTS)) + 0.5 * _clip(above)
            found[post.id] = Popularity(amount, detail, talk)
    return found, own


def _count_talk(post: Post, signals: Sequence[Signal], linked: int) -> tuple[float, str]:
    totals = Counter[str]()
    newest = post.published_at
    for signal in signals:
        totals[signal.name] += round(max(signal.value, 0))
        newest = max(newest, signal.observed_at)
    links = totals["links"] + linked
    days = (newest - post.published_at).total_seconds() / 86_400
    seen = max(1 - math.exp(-days / _DAYS_OF_TALK), _LEAST_SEEN) if signals else 1.0
    talk = (totals["points"] + totals["comments"] + _POINTS_A_LINK * links) / seen
    named = (("points", evidence.POINTS), ("comments", evidence.COMMENTS))
    said = [evidence.count(messages, totals[name]) for name, messages in named if totals[name]]
    labels = sorted(signal.label for signal in signals if signal.label and signal.name == "links")
    unnamed = links - len(labels)
    said += [evidence.count(evidence.ELSEWHERE, unnamed)] * (unnamed > 0)
    said += [evidence.LINKED_BY.format(name=label) for label in labels[:_MOST_LABELS]]
    return talk, ", ".join(said)


def _find_usual(own: Mapping[str, Talk], history: Mapping[str, Talk]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of the talk about each source's posts, shrunk towards those of all sources."""
    every = sum([*own.values(), *history.values()], Talk())
    mean = every.total / every.posts if every.posts else 0.0
    variance = (every.squares / every.posts - mean**2 if every.posts else 0.0) + _LEAST_VARIANCE
    usual = {}
    for source, talk in own.items():
        known = talk + history.get(source, Talk())
        count = known.posts + _SHRINKAGE
        own_mean = (known.total + _SHRINKAGE * mean) / count
        spread = known.squares - 2 * own_mean * known.total + known.posts * own_mean**2
        usual[source] = own_mean, math.sqrt((max(spread, 0.0) + _SHRINKAGE * variance) / count)
    return usual


def _count_links(posts: Sequence[Post]) -> Counter[str]:
    """How many posts of other sites link to each post."""
    hosts = {post.canonical_url: host_of(post.url) for post in posts}
    wanted = set(hosts.values())
    counts = Counter[str]()
    for post in posts:
        own = hosts[post.canonical_url]
        targets = {
            canonicalise_url(cleaned)
            for link in post.links
            if (host := host_of(link)) != own
            and (host in wanted or may_lead_elsewhere(host))
            and (cleaned := clean_url(link)) is not None
        }
        counts.update(key for key in targets & hosts.keys() if hosts[key] != own)
    return counts


def _clip(amount: float) -> float:
    return min(max(amount, 0.0), 1.0)
