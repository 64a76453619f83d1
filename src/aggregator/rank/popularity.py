"""Measures how much a post is talked about elsewhere, compared with what is usual for its source. Pure.

500 points are few for a famous laboratory and very many for a quiet blog. So half of the amount is how far the talk is
above the history of the source itself. While that history is short, it is shrunk towards the history of all sources. A
post that nobody talks about gains nothing and loses nothing.

Places differ too: 40 points are many at GeekNews and few stars at GitHub. What is counted at a place is compared with
what posts in the same language got there, and becomes as many points as are as rare at Hacker News.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from statistics import NormalDist
from types import MappingProxyType
from typing import NamedTuple

from aggregator.addresses.urls import canonicalise_url, clean_url, host_of, may_lead_elsewhere
from aggregator.rank import evidence
from aggregator.rank.record import name_source
from aggregator.talk.sources import OF_WORKS, PLACES, find_source
from aggregator.types import Post, Signal, TalkSource

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
# What is usual at a place counts as so many posts that the home has seen there.
_USUAL_POSTS = 20.0
# No post is rarer than one in so many.
_RAREST = 0.002
# What is said at a place; downloads are made by machines.
_TALK_OF_PLACES = ("points", "comments", "stars", "likes")
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


#: How much posts in a language were talked about at a place: logarithms of what was counted.
Levels = Mapping[tuple[TalkSource, str], tuple[float, ...]]


class Measured(NamedTuple):
    """What was heard about the posts of a month."""

    #: By post number; only posts that are talked about.
    popularity: dict[int, Popularity]
    #: By source of posts, and by place of talk, for the history of later months.
    talk: dict[str, Talk]
    levels: Levels


class _Heard(NamedTuple):
    """What one place says of a post."""

    #: None for feeds and links of which no scale is known.
    place: TalkSource | None
    #: What was counted, scaled to the same age.
    counted: float
    said: str


def measure_popularity(
    posts: Sequence[Post], signals: Sequence[Signal], history: Mapping[str, Talk], levels: Levels = MappingProxyType({})
) -> Measured:
    """Measure the popularity of a month's posts that are talked about. *history* and *levels* are those of earlier
    months.
    """
    by_address: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        by_address[signal.canonical_url].append(signal)
    linked = _count_links(posts)
    talked_about = [post for post in posts if post.canonical_url in by_address or post.canonical_url in linked]
    heard = {post.id: _hear(post, by_address[post.canonical_url], linked[post.canonical_url]) for post in talked_about}
    new_levels = _list_levels(talked_about, heard)
    known = {key: sorted((*levels.get(key, ()), *new_levels.get(key, ()))) for key in {*levels, *new_levels}}
    talks = {post.id: _add_up(heard[post.id], post.language, known) for post in talked_about}
    own = {source: Talk(count) for source, count in Counter(name_source(post) for post in posts).items()}
    for post in talked_about:
        level = math.log1p(talks[post.id])
        own[name_source(post)] += Talk(0, level, level * level)
    found = {}
    usual = _find_usual(own, history)
    for post in talked_about:
        if talk := talks[post.id]:
            mean, deviation = usual[name_source(post)]
            above = (math.log1p(talk) - mean) / deviation / _FULL_DEVIATIONS
            amount = 0.5 * _clip(math.log1p(talk) / math.log1p(_FULL_POINTS)) + 0.5 * _clip(above)
            said = ", ".join(each.said for each in heard[post.id] if each.said)
            found[post.id] = Popularity(amount, said, talk)
    return Measured(found, own, new_levels)


def _hear(post: Post, signals: Sequence[Signal], linked: int) -> list[_Heard]:
    """What each place says of a post; places without a scale of their own are added up."""
    at: defaultdict[TalkSource, list[Signal]] = defaultdict(list)
    others = []
    for signal in signals:
        # That a place has talked of it is not a link from elsewhere.
        place = None if signal.name == "links" else find_source(signal)
        if place is None:
            others.append(signal)
        else:
            at[place].append(signal)
    others = [signal for signal in others if find_source(signal) not in at]
    found = [_hear_place(post, place, said) for place, said in sorted(at.items())]
    if others or linked:
        found.append(_hear_others(post, others, linked))
    return found


def _hear_place(post: Post, place: TalkSource, signals: Sequence[Signal]) -> _Heard:
    # A feed may repeat what the place itself was asked.
    counts = {name: max(s.value for s in signals if s.name == name) for name in {s.name for s in signals}}
    said = [evidence.count(messages, round(counts[name])) for name, messages in evidence.COUNTED if name in counts]
    counted = sum(max(counts.get(name, 0.0), 0.0) for name in _TALK_OF_PLACES)
    seen = 1.0 if place in OF_WORKS else _measure_seen(post, signals)
    return _Heard(place, counted / seen, f"{PLACES[place].name} {' · '.join(said)}" if said else "")


def _hear_others(post: Post, signals: Sequence[Signal], linked: int) -> _Heard:
    totals = Counter[str]()
    for signal in signals:
        totals[signal.name] += round(max(signal.value, 0))
    links = totals["links"] + linked
    seen = _measure_seen(post, signals) if signals else 1.0
    talk = (totals["points"] + totals["comments"] + _POINTS_A_LINK * links) / seen
    named = (("points", evidence.POINTS), ("comments", evidence.COMMENTS))
    said = [evidence.count(messages, totals[name]) for name, messages in named if totals[name]]
    labels = sorted(signal.label for signal in signals if signal.label and signal.name == "links")
    unnamed = links - len(labels)
    said += [evidence.count(evidence.ELSEWHERE, unnamed)] * (unnamed > 0)
    said += [evidence.LINKED_BY.format(name=label) for label in labels[:_MOST_LABELS]]
    return _Heard(None, talk, ", ".join(said))


def _measure_seen(post: Post, signals: Sequence[Signal]) -> float:
    """The share of the talk about a post that had come when it was observed last."""
    newest = max([post.published_at, *(signal.observed_at for signal in signals)])
    days = (newest - post.published_at).total_seconds() / 86_400
    return max(1 - math.exp(-days / _DAYS_OF_TALK), _LEAST_SEEN)


def _list_levels(
    posts: Sequence[Post], heard: Mapping[int, Sequence[_Heard]]
) -> dict[tuple[TalkSource, str], tuple[float, ...]]:
    levels: defaultdict[tuple[TalkSource, str], list[float]] = defaultdict(list)
    for post in posts:
        for each in heard[post.id]:
            if each.place is not None and each.counted:
                levels[each.place, post.language].append(math.log1p(each.counted))
    return {key: tuple(found) for key, found in levels.items()}


def _add_up(heard: Sequence[_Heard], language: str, levels: Mapping[tuple[TalkSource, str], Sequence[float]]) -> float:
    return sum(_scale(each, levels.get((each.place, language), ()) if each.place else ()) for each in heard)


def _scale(heard: _Heard, levels: Sequence[float]) -> float:
    """What was counted at a place, in points: as many as are as rare at the place where points are usual.

    *levels* are those of all posts in the language of this one that were talked about there, its own included, in
    order. What is usual there counts as so many posts more, because a home begins with none.
    """
    if heard.place is None or not heard.counted:
        return heard.counted
    level = math.log1p(heard.counted)
    below, above = bisect_left(levels, level), bisect_right(levels, level)
    others = (above - below - 1) / 2
    rank = below + others + _USUAL_POSTS * _find_prior(heard.place).cdf(level)
    share = min(max(rank / (len(levels) - 1 + _USUAL_POSTS), _RAREST), 1 - _RAREST)
    # Talk is never nothing.
    return max(math.expm1(_find_prior(TalkSource.HACKER_NEWS).inv_cdf(share)), 1.0)


@cache
def _find_prior(place: TalkSource) -> NormalDist:
    """How the logarithms of what is counted at a place are spread, until the home has seen more."""
    usual, high = math.log1p(PLACES[place].usual), math.log1p(PLACES[place].high)
    return NormalDist(usual, (high - usual) / NormalDist().inv_cdf(0.95))


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
