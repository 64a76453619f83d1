"""Finds the posts most similar to a post by the features of the model: words, terms, publisher and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, diags_array, hstack

from aggregator.classify.features import describe_post
from aggregator.types import Post

if TYPE_CHECKING:
    from aggregator.classify.model import Belief, SectionModel


#: 99 of 100 random pairs of posts from different feeds are less similar, and so are most pairs from one feed, although
#: they share host and organisation.
LEAST_LIKE = 0.25


class Neighbourhood:
    """Posts as one version of the model sees them. Immutable: ``read`` makes a new one."""

    def __init__(
        self,
        model: SectionModel,
        post_ids: Sequence[int] = (),
        features: csr_matrix | None = None,
        belief: Belief | None = None,
    ) -> None:
        self.version, self.taxonomy = model.version, model.taxonomy
        #: The posts in it, in the order of the rows of features and belief.
        self.ids = tuple(post_ids)
        self.belief = belief
        self._model = model
        # (features, posts): a comparison reads only the few rows of the other post's features.
        self._features = features

    def list_missing(self, post_ids: Sequence[int]) -> list[int]:
        """Return which of these posts are not in it."""
        known = set(self.ids)
        return [post_id for post_id in post_ids if post_id not in known]

    def read(self, post_ids: Sequence[int], new: Mapping[int, Post]) -> Neighbourhood:
        """Return a neighbourhood of exactly these posts; *new* has those that are missing here."""
        places = {post_id: place for place, post_id in enumerate(self.ids)}
        kept = [post_id for post_id in post_ids if post_id in places]
        added = [post_id for post_id in post_ids if post_id not in places and post_id in new]
        if len(kept) == len(self.ids) and not added:
            return self
        blocks, beliefs = [], []
        if kept and self._features is not None and self.belief is not None:
            chosen = [places[post_id] for post_id in kept]
            blocks.append(self._features[:, chosen])
            beliefs.append(self.belief.choose(chosen))
        if added:
            documents = [describe_post(new[post_id]) for post_id in added]
            features = self._model.vectorize(documents)
            blocks.append(_shorten(features).T)
            beliefs.append(self._model.weigh(documents, features))
        if not blocks:
            return Neighbourhood(self._model)
        belief = beliefs[0] if len(beliefs) == 1 else beliefs[0].join(beliefs[1])
        return Neighbourhood(self._model, [*kept, *added], csr_matrix(hstack(blocks)), belief)

    def list_nearest(self, post: Post, *, least: float = 0.0, most: int | None = None) -> list[tuple[int, float]]:
        """Return the numbers and similarities (0 to 1) of the posts that are more similar than *least*, the most
        similar first, at most *most* (None: all). The post itself is left out.

        The similarity is the cosine of the features that the model uses.
        """
        if self._features is None:
            return []
        features = _shorten(self._model.vectorize([describe_post(post)]))
        return self._list_most_like(post.id, features @ self._features, least, most)

    def list_nearest_of(
        self, post_ids: Sequence[int], *, least: float = 0.0, most: int | None = None
    ) -> dict[int, list[tuple[int, float]]]:
        """Return the same for several posts of the neighbourhood, by their numbers, without reading their texts."""
        if self._features is None or not post_ids:
            return {}
        places = {post_id: place for place, post_id in enumerate(self.ids)}
        rows = csr_matrix(self._features[:, [places[post_id] for post_id in post_ids]].T)
        return {
            post_id: self._list_most_like(post_id, rows[row] @ self._features, least, most)
            for row, post_id in enumerate(post_ids)
        }

    def _list_most_like(
        self, post_id: int, cosines: csr_matrix, least: float, most: int | None
    ) -> list[tuple[int, float]]:
        likeness = cosines.toarray().ravel().astype(float).clip(max=1.0).round(4)
        near = np.flatnonzero(likeness > least)
        ordered = near[np.argsort(-likeness[near], kind="stable")].tolist()
        found = (place for place in ordered if self.ids[place] != post_id)
        return [(self.ids[place], float(likeness[place])) for place in islice(found, most)]


def _shorten(features: csr_matrix) -> csr_matrix:
    """The rows scaled to length 1."""
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.maximum(lengths, 1e-12)) @ features)
