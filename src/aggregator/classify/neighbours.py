"""Which posts are nearest to a post, in the eyes of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, diags_array, vstack

from aggregator.classify.features import describe_post
from aggregator.types import Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


class Neighbourhood:
    """Posts as one version of the model sees them, kept so that only what is new is read again."""

    def __init__(self, model: SectionModel) -> None:
        self.version = model.version
        self._model = model
        self._ids: list[int] = []
        self._features: csr_matrix | None = None

    def list_missing(self, post_ids: Sequence[int]) -> list[int]:
        """Which of these posts it has not read."""
        known = set(self._ids)
        return [post_id for post_id in post_ids if post_id not in known]

    def hold(self, post_ids: Sequence[int], new: Mapping[int, Post]) -> None:
        """Know these posts and no others; *new* has those that were missing."""
        places = {post_id: place for place, post_id in enumerate(self._ids)}
        kept = [post_id for post_id in post_ids if post_id in places]
        added = [post_id for post_id in post_ids if post_id not in places and post_id in new]
        if len(kept) == len(self._ids) and not added:
            return
        blocks = []
        if kept and self._features is not None:
            blocks.append(self._features[[places[post_id] for post_id in kept]])
        if added:
            blocks.append(_vectorize(self._model, [new[post_id] for post_id in added]))
        self._ids = [*kept, *added]
        self._features = csr_matrix(vstack(blocks)) if blocks else None

    def find_nearest(self, post: Post, limit: int = 5) -> list[tuple[int, float]]:
        """The nearest of the posts, nearest first: the number of the post and its similarity, from 0 to 1.

        The similarity is the cosine of the features that the sections are guessed from. The post itself and what has
        nothing in common with it are left out.
        """
        if self._features is None:
            return []
        similarities = (self._features @ _vectorize(self._model, [post]).T).toarray().ravel()
        order = np.argsort(-similarities, kind="stable")[: limit + 1]
        return [
            (self._ids[place], round(float(similarities[place]), 4))
            for place in order
            if similarities[place] > 0 and self._ids[place] != post.id
        ][:limit]


def find_nearest(model: SectionModel, post: Post, others: Sequence[Post], limit: int = 5) -> list[tuple[int, float]]:
    """The nearest of *others*, for once; see ``Neighbourhood.find_nearest``."""
    around = Neighbourhood(model)
    around.hold([other.id for other in others], {other.id: other for other in others})
    return around.find_nearest(post, limit)


def _vectorize(model: SectionModel, posts: Sequence[Post]) -> csr_matrix:
    """Rows of length 1."""
    features = model.vectorize([describe_post(post) for post in posts])
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.maximum(lengths, 1e-12)) @ features)
