"""Which posts are nearest to a post, in the eyes of the model. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, diags_array

from aggregator.classify.features import describe_post
from aggregator.types import Post

if TYPE_CHECKING:
    from aggregator.classify.model import SectionModel


def find_nearest(model: SectionModel, post: Post, others: Sequence[Post], limit: int = 5) -> list[tuple[int, float]]:
    """The nearest of *others*, nearest first: the number of the post and its similarity, from 0 to 1.

    The similarity is the cosine of the features that the sections are guessed from. The post itself and what has
    nothing in common with it are left out.
    """
    rest = [other for other in others if other.id != post.id]
    if not rest:
        return []
    features = _shorten(model.vectorize([describe_post(each) for each in (post, *rest)]))
    similarities = (features[1:] @ features[0].T).toarray().ravel()
    order = np.argsort(-similarities, kind="stable")[:limit]
    return [(rest[place].id, round(float(similarities[place]), 4)) for place in order if similarities[place] > 0]


def _shorten(features: csr_matrix) -> csr_matrix:
    """Rows of length 1."""
    lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    return csr_matrix(diags_array(1 / np.maximum(lengths, 1e-12)) @ features)
