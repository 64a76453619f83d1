"""Which posts are nearest to a post, in the eyes of the model: by words, what they stand for, publisher and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, diags_array, hstack

from aggregator.classify.features import describe_post
from aggregator.types import Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


class Neighbourhood:
    """Posts as one version of the model sees them. Never changed: ``read`` makes another one from it."""

    def __init__(self, model: SectionModel, post_ids: Sequence[int] = (), features: csr_matrix | None = None) -> None:
        self.version = model.version
        self._model = model
        self._ids = tuple(post_ids)
        # A column for each post: a comparison reads the few rows of what the other post has.
        self._features = features

    def list_missing(self, post_ids: Sequence[int]) -> list[int]:
        """Which of these posts it does not know."""
        known = set(self._ids)
        return [post_id for post_id in post_ids if post_id not in known]

    def read(self, post_ids: Sequence[int], new: Mapping[int, Post]) -> Neighbourhood:
        """One that knows these posts and no others; *new* has those that were missing."""
        places = {post_id: place for place, post_id in enumerate(self._ids)}
        kept = [post_id for post_id in post_ids if post_id in places]
        added = [post_id for post_id in post_ids if post_id not in places and post_id in new]
        if len(kept) == len(self._ids) and not added:
            return self
        blocks = []
        if kept and self._features is not None:
            blocks.append(self._features[:, [places[post_id] for post_id in kept]])
        if added:
            blocks.append(_vectorize(self._model, [new[post_id] for post_id in added]).T)
        return Neighbourhood(self._model, [*kept, *added], csr_matrix(hstack(blocks)) if blocks else None)

    def list_nearest(self, post: Post, *, least: float = 0.0) -> list[tuple[int, float]]:
        """The posts that are more like it than *least*, nearest first: number and similarity, from 0 to 1.

        The similarity is the cosine of the features that the sections are guessed from. The post itself is left out.
        """
        if self._features is None:
            return []
        likeness = (_vectorize(self._model, [post]) @ self._features).toarray().ravel().astype(float)
        likeness = likeness.clip(max=1.0).round(4)
        return [
            (self._ids[place], float(likeness[place]))
            for place in np.argsort(-likeness, kind="stable").tolist()
            if likeness[place] > least and self._ids[place] != post.id
        ]


def _vectorize(model: SectionModel, posts: Sequence[Post]) -> csr_matrix:
    """Rows of length 1."""
    features = model.vectorize([describe_post(post) for post in posts])
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.maximum(lengths, 1e-12)) @ features)
