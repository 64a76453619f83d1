"""Baselines that a ranking has to beat: trivial orders, and a linear SVM. Pure.

Each gives every post of a month a value from what was known before that month; larger is better. Owns scikit-learn for
evaluation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from aggregator.rank.record import name_feed
from aggregator.types import Candidate, Post

#: Gives the text of each of some posts, one after the other.
ReadTexts = Callable[[Sequence[Post]], Iterable[str]]

# This many posts with the overall share are added to each source.
_SMOOTHING = 1.0
# Words and pairs of words share this many columns: the names of all pairs of two years would be hundreds of megabytes.
_COLUMNS = 1 << 20


def order_simply(
    posts: Sequence[Post],
    past: Sequence[Candidate],
    talk: Mapping[int, float],
    *,
    name: Callable[[Post], str] = name_feed,
) -> dict[str, list[float]]:
    """Return the values of each trivial order, by name; popularity only if there is any talk. *name* gives the source
    of a post.
    """
    values = {"newest_first": order_newest(posts), "source_rate": order_source_rate(posts, past, name=name)}
    return values | ({"popularity": order_popularity(posts, talk)} if talk else {})


def sort_posts(posts: Sequence[Post], values: Sequence[float]) -> list[Post]:
    """Sort posts by value, the largest first; equal values are sorted as in a reader: newest first, then by number."""
    ordered = sorted(
        zip(values, posts, strict=True), key=lambda each: (-each[0], -each[1].published_at.timestamp(), each[1].id)
    )
    return [post for _, post in ordered]


def order_newest(posts: Sequence[Post]) -> list[float]:
    """Order posts newest first, as every reader does."""
    return [post.published_at.timestamp() for post in posts]


def order_source_rate(
    posts: Sequence[Post], past: Sequence[Candidate], *, name: Callable[[Post], str] = name_feed
) -> list[float]:
    """Order posts by the smoothed share of printed posts of their source in earlier months; equal without any."""
    seen = Counter(name(candidate.post) for candidate in past)
    printed = Counter(name(candidate.post) for candidate in past if candidate.printed_in is not None)
    overall = printed.total() / seen.total() if seen else 0.0
    return [(printed[source] + _SMOOTHING * overall) / (seen[source] + _SMOOTHING) for source in map(name, posts)]


def order_popularity(posts: Sequence[Post], talk: Mapping[int, float]) -> list[float]:
    """Order posts by the talk about them alone."""
    return [talk.get(post.id, 0.0) for post in posts]


def list_texts(posts: Sequence[Post]) -> list[str]:
    """List the texts that posts came with."""
    return [post.text for post in posts]


def order_svm(posts: Sequence[Post], past: Sequence[Candidate], read: ReadTexts = list_texts) -> list[float] | None:
    """Order posts by a linear SVM on tf-idf of title and text, printed against all others, as arxiv-sanity ranks
    papers.

    The settings are those of arxiv-sanity-lite: words and pairs, sublinear, balanced, C = 0.01. Its word pattern drops
    Hangul; this one keeps whole words of any script, which favours the baseline. None if there is nothing to fit. Texts
    are *read* as they are needed.
    """
    labels = [candidate.printed_in is not None for candidate in past]
    if len(set(labels)) < 2:
        return None
    counter = HashingVectorizer(
        strip_accents="unicode",
        token_pattern=r"(?u)\b\w\w+\b",
        ngram_range=(1, 2),
        n_features=_COLUMNS,
        alternate_sign=False,
        norm=None,
    )
    counted = counter.transform(_write([candidate.post for candidate in past], read))
    weigher = TfidfTransformer(sublinear_tf=True).fit(counted)
    features = weigher.transform(counted, copy=False)
    model = LinearSVC(class_weight="balanced", C=0.01, max_iter=10_000, tol=1e-6, random_state=0)
    with threadpool_limits(1):
        model.fit(features, np.array(labels))
    values: list[float] = model.decision_function(weigher.transform(counter.transform(_write(posts, read)))).tolist()
    return values


def _write(posts: Sequence[Post], read: ReadTexts) -> Iterable[str]:
    return (f"{post.title}\n{text}" for post, text in zip(posts, read(posts), strict=True))
