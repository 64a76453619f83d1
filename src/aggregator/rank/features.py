"""Measures the features of a candidate: amounts with causes and details, each a possible reason. Pure.

An amount is between 0 and 1 (or -1 and 1). What it is worth is learned in ``preference``, which starts from the prior
of its cause.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from aggregator.addresses.resources import find_resources
from aggregator.rank import evidence
from aggregator.rank.cues import find_cues
from aggregator.rank.popularity import Popularity
from aggregator.rank.record import name_source
from aggregator.types import Candidate, Cause, DisclosureKind, Guess, Kind, Post, ResourceKind, TextSource

# What a link gives to the readers of a post: something to run, load or train on.
_GIVES = {
    ResourceKind.CODE: Cause.OPEN_CODE,
    ResourceKind.PACKAGE: Cause.OPEN_CODE,
    ResourceKind.NOTEBOOK: Cause.OPEN_CODE,
    ResourceKind.CHECKPOINT: Cause.OPEN_CHECKPOINT,
    ResourceKind.DATASET: Cause.OPEN_DATA,
}
# Links to the resources of others are worth less than links to the publisher's own.
_OF_OTHERS = 0.6
# A post of the usual number of words is neither long nor short; with three times as many, or a third, the amount is at
# its limit. A Korean word includes its particles and says as much as one and a half English words. A picture takes
# about as long as fifty words, a line of code as long as ten. Galleries and printed logs are capped.
_USUAL_WORDS, _DEEPEST = 1000.0, 3.0
_KOREAN_WORD, _PICTURE, _CODE_LINE = 1.5, 50.0, 10.0
_MOST_PICTURES, _MOST_CODE_LINES = 20, 150
# A text with fewer words is an error page, or a request to log in or to switch something on.
_LEAST_WORDS = 20.0
# Up to the first number of words, a feed's text is a summary, which says nothing about the depth of the post. From the
# second number on, it is the whole post.
_SUMMARY_WORDS, _WHOLE_WORDS = 150, 450
_LONG = 0.5
# Odds of 20 to 1 that a post is in scope, or out of scope, give the whole amount.
_SURE = math.log(20)
# A source with this many posts a month is neither rare nor a firehose.
_USUAL_PACE = 4.0
# From these similarities to the nearest printed title on, a title is on the same subject, or repeats it.
_NEAR, _REPEATED = 0.2, 0.7
_LEAST_AMOUNT = 0.005


class Feature(NamedTuple):
    """The amount of one cause, and the evidence for it."""

    cause: Cause
    amount: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Background:
    """What is known besides a candidate itself, by the number of the post or by source."""

    popularity: Mapping[int, Popularity] = field(default_factory=dict)
    #: Source → its posts in scope in the month.
    pace: Mapping[str, float] = field(default_factory=dict)
    #: The similarity of the title to the nearest printed one, 0 to 1, and that title.
    nearest_printed: Mapping[int, tuple[float, str]] = field(default_factory=dict)
    #: Parts of a series whose earlier part was printed, with that part's title.
    continued: Mapping[int, str] = field(default_factory=dict)
    #: Source → the weight that the curator gave its feed in feeds.toml, -1 to 1.
    feed_weights: Mapping[str, float] = field(default_factory=dict)


def list_features(candidate: Candidate) -> list[Feature]:
    """List the features of a candidate by itself; those with an amount near 0 are left out."""
    post = candidate.post
    cues = _measure_cues(post)
    is_report = any(cue.cause is Cause.FIRST_HAND for cue in cues)
    disclosed = candidate.guess.disclosures if candidate.guess else ()
    found = [
        *_measure_guess(candidate.guess, is_report=is_report),
        *cues,
        *_measure_links(post),
        *_measure_depth(post, is_cut=any(one.kind is DisclosureKind.MEMBERS_ONLY for one in disclosed)),
        *(Feature(Cause[one.kind.name], 1.0, one.evidence) for one in disclosed),
    ]
    return [feature for feature in found if abs(feature.amount) >= _LEAST_AMOUNT]


def compare_features(candidate: Candidate, background: Background) -> list[Feature]:
    """List the features of a candidate that depend on other posts."""
    post = candidate.post
    found = _measure_source(post, background)
    if popularity := background.popularity.get(post.id):
        found.append(Feature(Cause.POPULARITY, popularity.amount, popularity.detail))
    if near := background.nearest_printed.get(post.id):
        found += _measure_novelty(*near)
    if post.id in background.continued:
        found.append(Feature(Cause.SERIES, 1.0, evidence.CONTINUES.format(title=background.continued[post.id])))
    return [feature for feature in found if abs(feature.amount) >= _LEAST_AMOUNT]


def _measure_guess(guess: Guess | None, *, is_report: bool) -> list[Feature]:
    if guess is None:
        return []
    if guess.out_of_scope is None:
        return [_measure_case(guess, 0.0, is_report=is_report)]
    out = min(max(guess.out_of_scope, 0.001), 0.999)
    sureness = min(max(math.log((1 - out) / out) / _SURE, -1.0), 1.0)
    topic, probability = max(guess.topics.items(), key=lambda pair: pair[1], default=(None, 0.0))
    in_scope = f"{1 - out:.0%}"
    said = evidence.IN_SCOPE.format(probability=in_scope)
    if topic:
        said = evidence.ABOUT.format(topic=topic.name, probability=f"{probability:.0%}", in_scope=in_scope)
    return [
        _measure_case(guess, out, is_report=is_report),
        Feature(Cause.TOPIC_FIT, max(sureness, 0.0), said),
        Feature(Cause.OUT_OF_SCOPE, max(-sureness, 0.0), evidence.OUT_OF_SCOPE.format(probability=f"{out:.0%}")),
    ]


def _measure_case(guess: Guess, out: float, *, is_report: bool) -> Feature:
    """A part for cases also has implementations, so a post that does not read as a first-hand report is half a case."""
    most = 1.0 if is_report else 0.5
    cases = {part: probability for part, probability in guess.parts.items() if part.business_case}
    amount = sum(probability * min(part.business_case, most) for part, probability in cases.items()) * (1 - out)
    # One part is named: the probabilities of several would contradict the name of the reason.
    likeliest = max(cases, key=cases.__getitem__, default=None)
    said = evidence.IN_PART.format(part=likeliest.name, probability=f"{cases[likeliest]:.0%}") if likeliest else ""
    return Feature(Cause.BUSINESS_CASE, amount, said)


def _measure_links(post: Post) -> list[Feature]:
    found: dict[Cause, Feature] = {}
    if post.links:
        for resource in find_resources(post.links, site=post.url, organisation=post.organisation):
            cause = _GIVES.get(resource.kind)
            amount = 1.0 if resource.is_own else _OF_OTHERS
            if cause and (cause not in found or found[cause].amount < amount):
                found[cause] = Feature(
                    cause, amount, evidence.LINKS.format(address=resource.url.removeprefix("https://"))
                )
    return list(found.values())


_CUES = {
    "first_hand": Cause.FIRST_HAND,
    "announcement": Cause.ANNOUNCEMENT,
    "round_up": Cause.ROUND_UP,
    "event": Cause.EVENT,
}


def _measure_cues(post: Post) -> list[Feature]:
    cues = find_cues(post.title)
    found = [Feature(_CUES[sort], min(0.4 + 0.3 * cue.times, 1.0), cue.said) for sort, cue in cues.items()]
    # "How Northwind …": the title names who did it.
    named = post.organisation or ""
    if (
        "first_hand" not in cues
        and len(named) > 2
        and named.lower() in post.title.lower()
        and post.kind is not Kind.AWS
    ):
        found.append(Feature(Cause.FIRST_HAND, 0.5, evidence.NAMES.format(name=named)))
    return found


def _measure_depth(post: Post, *, is_cut: bool) -> list[Feature]:
    """How much there is to read, compared with what is usual; empty if only a summary or the free part of the post is
    known.
    """
    weighed = (
        post.words * (_KOREAN_WORD if post.language == "ko" else 1.0)
        + min(post.images, _MOST_PICTURES) * _PICTURE
        + min(post.code_lines, _MOST_CODE_LINES) * _CODE_LINE
    )
    if weighed < _LEAST_WORDS:
        return []
    depth = min(max(math.log(weighed / _USUAL_WORDS) / math.log(_DEEPEST), -1.0), 1.0)
    if is_cut and depth < 0:
        return []
    # How surely the stored text is the whole of the post.
    wholeness = min(max((weighed - _SUMMARY_WORDS) / (_WHOLE_WORDS - _SUMMARY_WORDS), 0.0), 1.0)
    if post.text_from is TextSource.PAGE:
        wholeness = 1.0
    return [Feature(Cause.DEPTH, depth * wholeness, _describe_depth(post, depth, is_whole=wholeness == 1))]


def _describe_depth(post: Post, depth: float, *, is_whole: bool) -> str:
    """``long read: 2,400 words, 6 code blocks, 4 pictures``."""
    counted = (
        (post.words, evidence.KOREAN_WORDS if post.language == "ko" else evidence.WORDS),
        (post.code_blocks, evidence.CODE_BLOCKS),
        (post.images, evidence.PICTURES),
    )
    seen = ", ".join(evidence.count(messages, number) for number, messages in counted if number)
    if depth >= _LONG:
        return evidence.LONG.format(counts=seen)
    if depth <= -_LONG:
        return (evidence.SHORT if is_whole else evidence.SHORT_OR_CUT).format(counts=seen)
    return seen


def _measure_source(post: Post, background: Background) -> list[Feature]:
    source = name_source(post)
    pace = background.pace.get(source, 1.0)
    rarity = min(max(math.log(_USUAL_PACE / max(pace, 1.0)) / math.log(_USUAL_PACE), -2.0), 1.0)
    found = [Feature(Cause.RARITY, rarity, evidence.count(evidence.PACE, round(pace)))]
    if weight := background.feed_weights.get(post.feed_key or "", 0.0):
        found.append(Feature(Cause.FEED_WEIGHT, weight, evidence.LISTED))
    return found


def _measure_novelty(nearness: float, title: str) -> list[Feature]:
    """A title that is nearly a printed one repeats it; one that is similar is on a subject of the digest."""
    if nearness >= _REPEATED:
        repeated = min((nearness - _REPEATED) / (1 - _REPEATED) + 0.3, 1.0)
        return [Feature(Cause.REPEATED_SUBJECT, repeated, evidence.NEAR.format(title=title))]
    if nearness >= _NEAR:
        return [
            Feature(Cause.PRINTED_SUBJECT, (nearness - _NEAR) / (_REPEATED - _NEAR), evidence.NEAR.format(title=title))
        ]
    return []
