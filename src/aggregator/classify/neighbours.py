"""Which posts are nearest to a post, in the eyes of the model: by words, what they stand for, publisher and links."""

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


#: Of two posts of different feeds taken at random, 99 of 100 have less in common; and so have most of one feed, which
#: share its host and organisation.
LEAST_LIKE = 0.25


class Neighbourhood:
    """Posts as one version of the model sees them. Never changed: ``read`` makes another one from it."""

    def __init__(
        self,
        model: SectionModel,
        post_ids: Sequence[int] = (),
        features: csr_matrix | None = None,
        belief: Belief | None = None,
    ) -> None:
        self.version, self.taxonomy = model.version, model.taxonomy
        #: The posts in it; what the model believes of them has a row for each.
        self.ids = tuple(post_ids)
        self.belief = belief
        self._model = model
        # A column for each post: a comparison reads the few rows of what the other post has.
        self._features = features

    def list_missing(self, post_ids: Sequence[int]) -> list[int]:
        """Which of these posts it does not know."""
        known = set(self.ids)
        return [post_id for post_id in post_ids if post_id not in known]

    def read(self, post_ids: Sequence[int], new: Mapping[int, Post]) -> Neighbourhood:
        """One that knows these posts and no others; *new* has those that were missing."""
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
        """The posts that are more like it than *least*, nearest first, at *most* so many (None: all): number and
        similarity, from 0 to 1.

        The similarity is the cosine of the features that the sections are guessed from. The post itself is left out.
        """
        if self._features is None:
            return []
        features = _shorten(self._model.vectorize([describe_post(post)]))
        likeness = (features @ self._features).toarray().ravel().astype(float)
        likeness = likeness.clip(max=1.0).round(4)
        near = np.flatnonzero(likeness > least)
        ordered = near[np.argsort(-likeness[near], kind="stable")].tolist()
        found = (place for place in ordered if self.ids[place] != post.id)
        return [(self.ids[place], float(likeness[place])) for place in islice(found, most)]


def _shorten(features: csr_matrix) -> csr_matrix:
    """Rows of length 1."""
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.maximum(lengths, 1e-12)) @ features)
