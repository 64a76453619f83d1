"""The score of a candidate: a sum of named shares that a person can check. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aggregator.links import find_resources
from aggregator.types import Candidate, Guess, Part, Post, Reason, ResourceKind, Score, Signal, Topic
from aggregator.urls import canonicalise_url, clean_url, host_of, readable_url

# 500 points at Hacker News carry the whole share; more adds nothing.
_FULL_POINTS = 500.0
# A post of this many words is as deep as this share can tell.
_FULL_WORDS = 1500
_TOPIC_NAMES = {Topic.CV: "CV", Topic.NLP: "NLP", Topic.RECSYS: "RecSys", Topic.MLOPS: "MLOps"}


@dataclass(frozen=True, slots=True)
class Weights:
    """What each reason can add at the most; see ``config.WeightSettings``."""

    business_case: float
    open_code: float
    topic_fit: float
    out_of_scope: float
    source: float
    popularity: float
    depth: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for or against one candidate."""

    post: Post
    guess: Guess | None
    #: The curator's own word on the source, -1 to 1.
    feed_weight: float
    signals: tuple[Signal, ...]
    #: Other posts of the month that link to this one, from other sites.
    linked_by: int


def gather_evidence(
    candidates: Sequence[Candidate], feed_weights: Mapping[str, float], signals: Sequence[Signal]
) -> list[Evidence]:
    """Bring together what is known of the candidates of one month."""
    by_address: dict[str, list[Signal]] = {}
    for signal in signals:
        by_address.setdefault(signal.canonical_url, []).append(signal)
    linked = _count_links([candidate.post for candidate in candidates])
    return [
        Evidence(
            post=candidate.post,
            guess=candidate.guess,
            feed_weight=feed_weights.get(candidate.post.feed_key or "", 0.0),
            signals=tuple(by_address.get(candidate.post.canonical_url, ())),
            linked_by=linked[candidate.post.canonical_url],
        )
        for candidate in candidates
    ]


def score_post(evidence: Evidence, weights: Weights) -> Score:
    """The score with its reasons, the weightiest first; a reason that adds nothing is left out."""
    reasons = []
    for name, (judge, weight) in _judges(weights).items():
        amount, detail = judge(evidence)
        share = round(amount * weight, 3)
        if share:
            reasons.append(Reason(name, share, detail))
    return Score(evidence.post.id, tuple(sorted(reasons, key=lambda reason: -abs(reason.share))))


def _judges(weights: Weights) -> dict[str, tuple[Callable[[Evidence], tuple[float, str]], float]]:
    return {
        "business case": (_judge_business, weights.business_case),
        "open code": (_judge_code, weights.open_code),
        "topic fit": (_judge_topic, weights.topic_fit),
        "out of scope": (_judge_scope, weights.out_of_scope),
        "source": (lambda evidence: (evidence.feed_weight, "weight in feeds.toml"), weights.source),
        "popularity": (_judge_popularity, weights.popularity),
        "depth": (_judge_depth, weights.depth),
    }


def _judge_business(evidence: Evidence) -> tuple[float, str]:
    """Business cases matter more than pure research; a case on AWS services stands between the two."""
    if evidence.guess is None:
        return 0.0, ""
    business, aws = evidence.guess.parts[Part.BUSINESS], evidence.guess.parts[Part.AWS]
    return business + 0.5 * aws, f"business {business:.0%}" + (f", AWS {aws:.0%}" if aws >= 0.01 else "")


def _judge_code(evidence: Evidence) -> tuple[float, str]:
    """Whether there is something to run, load or try; a paper is not."""
    for resource in find_resources(evidence.post.links):
        if resource.kind is not ResourceKind.PAPER:
            return 1.0, f"links {readable_url(resource.url)}"
    return 0.0, ""


def _judge_topic(evidence: Evidence) -> tuple[float, str]:
    if evidence.guess is None:
        return 0.0, ""
    topic, probability = max(evidence.guess.topics.items(), key=lambda pair: pair[1])
    return probability * (1 - evidence.guess.out_of_scope), f"{_TOPIC_NAMES[topic]} {probability:.0%}"


def _judge_scope(evidence: Evidence) -> tuple[float, str]:
    if evidence.guess is None:
        return 0.0, ""
    # Below a half the post is in scope; what is left of doubt already lowers its topic fit.
    out = evidence.guess.out_of_scope
    return max(0.0, 2 * out - 1), f"out of scope {out:.0%}"


def _judge_popularity(evidence: Evidence) -> tuple[float, str]:
    totals = Counter[str]()
    for signal in evidence.signals:
        totals[signal.name] += round(signal.value)
    points, links = totals["points"], max(totals["links"], 0) + evidence.linked_by
    amount = math.log1p(points + 20 * links) / math.log1p(_FULL_POINTS)
    said = [f"{points} points"] * bool(points) + [f"{totals['comments']} comments"] * bool(totals["comments"])
    said += [f"{links} link{'s' * (links > 1)} elsewhere"] * bool(links)
    return min(amount, 1.0), ", ".join(said)


def _judge_depth(evidence: Evidence) -> tuple[float, str]:
    """Length tells nothing where the feed gives a summary only."""
    words = evidence.post.words
    return (min(words / _FULL_WORDS, 1.0), f"{words:,} words") if words >= 150 else (0.0, "")


def _count_links(posts: Sequence[Post]) -> Counter[str]:
    """How many posts of other sites link to each post."""
    wanted = {post.canonical_url for post in posts}
    counts = Counter[str]()
    for post in posts:
        targets = {
            canonicalise_url(cleaned)
            for link in post.links
            if host_of(link) != host_of(post.url) and (cleaned := clean_url(link)) is not None
        }
        counts.update(targets & wanted)
    return counts
