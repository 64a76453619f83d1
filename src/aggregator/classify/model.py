"""The section model: fit, guess, save, load. The only file of this stage that knows scikit-learn and skops."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from aggregator.classify.features import Document, describe_post, is_aws_blog
from aggregator.classify.training import Row, name_version
from aggregator.exceptions import ModelNotTrainedError
from aggregator.types import Guess, Part, Post, Topic

#: Named in the model's version; to be changed with everything below that changes what is learned.
RECIPE = "words 1-2, hangul 2-4, marks x 0.3; logistic C=8; 3"

_REGULARISATION = 8.0
# Marks are counts and words have length 1; unscaled, a few marks would drown all wording.
_MARKS_SCALE = 0.3


@dataclass(frozen=True, slots=True)
class SectionModel:
    """Three linear heads over one set of features: in scope or not, which part, which topic."""

    version: str
    vectorizers: dict[str, Any]
    scope: Any
    part: Any
    topic: Any

    def guess(self, posts: Sequence[Post]) -> list[Guess]:
        """What the model believes of each post. A post that AWS did not publish cannot be in part 3."""
        if not posts:
            return []
        features = self.vectorize([describe_post(post) for post in posts])
        out = self.scope.predict_proba(features)[:, list(self.scope.classes_).index("out")]
        parts = self.part.predict_proba(features)
        topics = self.topic.predict_proba(features)
        return [
            Guess(
                post_id=post.id,
                parts=_as_parts(self.part.classes_, parts[row], aws_allowed=is_aws_blog(post)),
                topics={Topic(name): _rounded(p) for name, p in zip(self.topic.classes_, topics[row], strict=True)},
                out_of_scope=_rounded(out[row]),
                model_version=self.version,
            )
            for row, post in enumerate(posts)
        ]

    def vectorize(self, documents: Sequence[Document]) -> csr_matrix:
        """The features of documents, one row each, as all three heads read them."""
        return _vectorize(self.vectorizers, documents)

    def save(self, path: Path) -> None:
        """Write the model whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        skops.io.dump(
            {name: getattr(self, name) for name in self.__slots__}, unfinished, compression=zipfile.ZIP_DEFLATED
        )
        unfinished.replace(path)


def fit_model(rows: Sequence[Row]) -> SectionModel:
    """Learn from labelled rows; the same rows give the same model."""
    documents = [row.document for row in rows]
    vectorizers = {
        "words": TfidfVectorizer(
            token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True, min_df=1, max_features=20_000, dtype=np.float32
        ),
        "hangul": TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=2, max_features=20_000, dtype=np.float32
        ),
        "marks": CountVectorizer(token_pattern=r"\S+", min_df=2, dtype=np.float32),
    }
    for name, vectorizer in vectorizers.items():
        vectorizer.fit([getattr(document, name) for document in documents])
        # scikit-learn numbers terms with numpy's integers, and skops stores each of those as a file of its own: saving
        # takes 8 s instead of 0.5 s.
        vectorizer.vocabulary_ = {term: int(number) for term, number in vectorizer.vocabulary_.items()}
    features = _vectorize(vectorizers, documents)
    weights = np.array([row.weight for row in rows])
    inside = np.array([row.section is not None for row in rows])
    sections = [row.section for row in rows if row.section is not None]
    return SectionModel(
        version=name_version(rows, RECIPE),
        vectorizers=vectorizers,
        scope=_fit_head(features, ["in" if flag else "out" for flag in inside], weights),
        part=_fit_head(features[inside], [str(section.part) for section in sections], weights[inside]),
        topic=_fit_head(features[inside], [str(section.topic) for section in sections], weights[inside]),
    )


def load_model(path: Path, version: str) -> SectionModel | None:
    """The saved model of this version; None when there is none yet. Raises ModelNotTrainedError when it is unreadable.

    skops loads data, never code: a file that asks for an unknown type is refused.
    """
    if not path.is_file():
        return None
    try:
        loaded = skops.io.load(path)
    except Exception as error:  # skops raises whatever the broken part raises
        raise ModelNotTrainedError(f"{path} cannot be read as a model ({error}); remove it to fit a new one") from error
    model = SectionModel(**loaded)
    return model if model.version == version else None


def _fit_head(features: csr_matrix, labels: Sequence[str], weights: np.ndarray[Any, Any]) -> LogisticRegression:
    head = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=2000)
    # One thread: the work is small, and threads that wait for each other on busy cores make it many times slower.
    with threadpool_limits(1):
        return head.fit(features, np.array(labels), sample_weight=weights)


def _vectorize(vectorizers: dict[str, Any], documents: Sequence[Document]) -> csr_matrix:
    return hstack(
        [
            vectorizer.transform([getattr(document, name) for document in documents])
            * (_MARKS_SCALE if name == "marks" else 1.0)
            for name, vectorizer in vectorizers.items()
        ],
        format="csr",
    )


def _as_parts(names: Sequence[str], probabilities: np.ndarray[Any, Any], *, aws_allowed: bool) -> dict[Part, float]:
    parts = {Part(name): float(p) for name, p in zip(names, probabilities, strict=True)}
    if not aws_allowed:
        parts[Part.AWS] = 0.0
    total = sum(parts.values())
    return {part: _rounded(p / total) for part, p in parts.items()}


def _rounded(probability: float) -> float:
    return round(float(probability), 4)
