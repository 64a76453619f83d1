"""What a ranking has to beat: orders that need no thought, and a linear SVM. Pure.

Each gives every post of a month a value, larger is better, from what was known before that month. Owns scikit-learn in
this stage, together with ``preference`` its mathematics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from aggregator.rank.record import name_feed
from aggregator.types import Candidate, Post

# So many posts with the share of all are added to each source.
_SMOOTHING = 1.0


def order_simply(
    posts: Sequence[Post],
    past: Sequence[Candidate],
    talk: Mapping[int, float],
    *,
    name: Callable[[Post], str] = name_feed,
) -> dict[str, list[float]]:
    """By its name the values of each order that needs no thought; popularity only if there is any talk. *name* says of
    which source a post is.
    """
    values = {"newest_first": order_newest(posts), "source_rate": order_source_rate(posts, past, name=name)}
    return values | ({"popularity": order_popularity(posts, talk)} if talk else {})


def sort_posts(posts: Sequence[Post], values: Sequence[float]) -> list[Post]:
    """The largest value first; equal ones newest first, then by number, as a reader would show them."""
    ordered = sorted(
        zip(values, posts, strict=True), key=lambda each: (-each[0], -each[1].published_at.timestamp(), each[1].id)
    )
    return [post for _, post in ordered]


def order_newest(posts: Sequence[Post]) -> list[float]:
    """Newest first, the order of every reader."""
    return [post.published_at.timestamp() for post in posts]


def order_source_rate(
    posts: Sequence[Post], past: Sequence[Candidate], *, name: Callable[[Post], str] = name_feed
) -> list[float]:
    """By the share that each source got printed in the months before, smoothed; without any, all are equal."""
    seen = Counter(name(candidate.post) for candidate in past)
    printed = Counter(name(candidate.post) for candidate in past if candidate.printed_in is not None)
    overall = printed.total() / seen.total() if seen else 0.0
    return [(printed[source] + _SMOOTHING * overall) / (seen[source] + _SMOOTHING) for source in map(name, posts)]


def order_popularity(posts: Sequence[Post], talk: Mapping[int, float]) -> list[float]:
    """By the talk about each post alone."""
    return [talk.get(post.id, 0.0) for post in posts]


def order_svm(posts: Sequence[Post], past: Sequence[Candidate]) -> list[float] | None:
    """A linear SVM on tf-idf of title and text, printed against all others, as arxiv-sanity ranks papers.

    Its settings are those of arxiv-sanity-lite: words and pairs, sublinear, balanced, C = 0.01. Its word pattern drops
    Hangul there; here it keeps whole words of any script, which is kinder to it. None before there is anything to fit.
    """
    labels = [candidate.printed_in is not None for candidate in past]
    if len(set(labels)) < 2:
        return None
    vectorizer = TfidfVectorizer(
        strip_accents="unicode", token_pattern=r"(?u)\b\w\w+\b", ngram_range=(1, 2), sublinear_tf=True, min_df=1
    )
    features = vectorizer.fit_transform([_read(candidate.post) for candidate in past])
    model = LinearSVC(class_weight="balanced", C=0.01, max_iter=10_000, tol=1e-6, random_state=0)
    with threadpool_limits(1):
        model.fit(features, np.array(labels))
    values: list[float] = model.decision_function(vectorizer.transform([_read(post) for post in posts])).tolist()
    return values


def _read(post: Post) -> str:
    return f"{post.title}\n{post.text}"
