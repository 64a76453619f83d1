"""The section model: fit, guess, save, load. The only file that knows skops."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import skops.io
from scipy.sparse import csr_matrix

from aggregator.classify.calibration import Array
from aggregator.classify.explain import explain_post
from aggregator.classify.features import Document, describe_post
from aggregator.classify.heads import Head, Sample, fit_head
from aggregator.classify.training import Row, find_group, list_headings, name_version, vary_row
from aggregator.classify.vectors import Vocabulary, build_vocabulary
from aggregator.exceptions import ModelNotTrainedError
from aggregator.files import write_whole
from aggregator.types import Explanation, Guess, Part, Post, Topic

if TYPE_CHECKING:
    from aggregator.classify.memory import Recalled

#: Named in the model's version; to be changed with everything that changes what is learned from the same rows.
RECIPE = "6"

# Topics of real posts lie further from the rows than rows of one publisher from those of another; parts do not
# (docs/decisions/learning.md).
_TOPIC_CAUTION = 1.2

IN, OUT = "in", "out"
_NOT_AWS = "not aws"


@dataclass(frozen=True, slots=True)
class SectionModel:
    """Linear heads over one set of features: in scope or not, part 3 or not, research or business, which topic."""

    version: str
    vocabulary: Vocabulary
    scope: Head
    #: Asked of posts that AWS publishes alone.
    aws: Head
    #: Research or business.
    part: Head
    topic: Head

    def guess(self, posts: Sequence[Post]) -> list[Guess]:
        """What the model believes of each post. A post that AWS did not publish cannot be in part 3."""
        if not posts:
            return []
        belief = self.believe([describe_post(post) for post in posts])
        return make_guesses([post.id for post in posts], belief, self.version)

    def believe(self, documents: Sequence[Document]) -> Belief:
        return self.weigh(documents, self.vectorize(documents))

    def weigh(self, documents: Sequence[Document], features: csr_matrix) -> Belief:
        """What it believes of documents, from the *features* that it has made of them."""
        aws = self.aws.predict(features)[:, self.aws.classes.index(Part.AWS)]
        aws = aws * np.array([document.is_aws for document in documents])
        rest = self.part.predict(features) * (1 - aws)[:, None]
        columns = {Part.AWS: aws} | {Part(name): rest[:, place] for place, name in enumerate(self.part.classes)}
        parts = np.column_stack([columns[part] for part in Part])
        return Belief(
            parts=parts,
            topics=self.topic.predict(features)[:, [self.topic.classes.index(topic) for topic in Topic]],
            out=self.scope.predict(features)[:, self.scope.classes.index(OUT)],
        )

    def explain(self, post: Post, recalled: Sequence[Recalled] = ()) -> Explanation:
        """The words and marks that spoke for part, topic and scope, and for their runners-up; and what lessons say that
        the model has not learned.
        """
        return explain_post(self, post, recalled)

    def vectorize(self, documents: Sequence[Document]) -> csr_matrix:
        """The features of documents, one row each, as all heads read them.

        The mean of a post with its text and without: the title alone is a second opinion, which text cannot drown.
        """
        whole = self.vocabulary.vectorize(documents)
        titles = self.vocabulary.vectorize([document.without_text() for document in documents])
        return csr_matrix(0.5 * (whole + titles))

    def save(self, path: Path) -> None:
        """Write the model whole or not at all. Raises StorageError."""
        write_whole(path, lambda file: skops.io.dump(_as_data(self), file, compression=zipfile.ZIP_DEFLATED))


@dataclass(frozen=True, slots=True)
class Belief:
    """Probabilities of some documents, one row each; columns in the order of ``Part`` and ``Topic``."""

    parts: Array
    topics: Array
    out: Array

    def choose(self, rows: Sequence[int]) -> Belief:
        return Belief(self.parts[rows], self.topics[rows], self.out[rows])

    def join(self, other: Belief) -> Belief:
        """These rows, then those of the other."""
        return Belief(*(np.concatenate([getattr(each, name) for each in (self, other)]) for name in self.__slots__))


def make_guesses(post_ids: Sequence[int], belief: Belief, version: str) -> list[Guess]:
    """What a model believes of posts, a row of the belief each."""
    return [
        Guess(
            post_id=post_id,
            parts={part: _rounded(p) for part, p in zip(Part, belief.parts[row], strict=True)},
            topics={topic: _rounded(p) for topic, p in zip(Topic, belief.topics[row], strict=True)},
            out_of_scope=_rounded(belief.out[row]),
            model_version=version,
        )
        for row, post_id in enumerate(post_ids)
    ]


def fit_model(rows: Sequence[Row]) -> SectionModel:
    """Learn from labelled rows; the same rows give the same model."""
    version = name_version(rows, RECIPE)
    shapes = [variant for row in rows for variant in vary_row(row)]
    headings = [variant for row in list_headings(rows) for variant in vary_row(row)]
    rows = [*shapes, *headings]
    documents = [row.document for row in rows]
    vocabulary = build_vocabulary(documents)
    everything = Sample(
        features=vocabulary.vectorize(documents),
        labels=tuple(OUT if row.section is None else IN for row in rows),
        weights=np.array([row.weight for row in rows]),
        groups=np.array([find_group(row) for row in rows]),
        says=_share_say(rows),
    )

    def fit(find_label: Callable[[Row], str | None], caution: float = 1.0) -> Head:
        """Over the rows that have a label."""
        labels = [find_label(row) for row in rows]
        chosen = everything.choose(np.array([label is not None for label in labels]))
        return fit_head(replace(chosen, labels=tuple(label for label in labels if label is not None)), caution=caution)

    return SectionModel(
        version=version,
        vocabulary=vocabulary,
        # Texts of any subject have sentences that tell nothing of it, so that scope is not learned from headings.
        scope=fit_head(everything.choose(np.arange(len(rows)) < len(shapes))),
        aws=fit(_find_aws),
        part=fit(_find_part),
        topic=fit(lambda row: row.section.topic if row.section else None, _TOPIC_CAUTION),
    )


def _share_say(rows: Sequence[Row]) -> Array:
    """Real posts together say as much as invented ones of how sure to be, for guesses are made of real posts."""
    weights = np.array([row.weight for row in rows])
    is_real = np.array([row.is_real for row in rows])
    for kind in (is_real, ~is_real):
        weights[kind] /= weights[kind].sum() or 1.0
    return weights


def _find_aws(row: Row) -> str | None:
    """Whether the row is in part 3, where AWS published it."""
    if row.section is None or not row.document.is_aws:
        return None
    return Part.AWS if row.section.part is Part.AWS else _NOT_AWS


def _find_part(row: Row) -> str | None:
    return None if row.section is None or row.section.part is Part.AWS else row.section.part


def load_model(path: Path, version: str) -> SectionModel | None:
    """Load the saved model of this version, or None if there is none. Raises ModelNotTrainedError if it cannot be read.

    skops loads data, never code: a file that asks for an unknown type is refused.
    """
    if not path.is_file():
        return None
    try:
        model = _from_data(skops.io.load(path))
    except Exception as error:  # skops raises whatever the broken part raises
        raise ModelNotTrainedError(f"{path} cannot be read as a model ({error})") from error
    if model.version != version:
        raise ModelNotTrainedError(f"{path} holds another model ({model.version})")
    return model


_HEADS = ("scope", "aws", "part", "topic")


def _as_data(model: SectionModel) -> dict[str, Any]:
    # skops stores each scalar in a file of its own, so that a vocabulary is one text.
    heads = {name: _head_as_data(getattr(model, name)) for name in _HEADS}
    return {
        "version": model.version,
        "pieces": "\n".join(model.vocabulary.numbers),
        "weights": model.vocabulary.weights,
        "heads": heads,
    }


def _head_as_data(head: Head) -> dict[str, Any]:
    return {
        "classes": "\n".join(head.classes),
        "weights": head.weights,
        "biases": head.biases,
        "temperature": float(head.temperature),
    }


def _from_data(data: dict[str, Any]) -> SectionModel:
    pieces = data["pieces"].split("\n")
    return SectionModel(
        version=data["version"],
        vocabulary=Vocabulary({piece: number for number, piece in enumerate(pieces)}, data["weights"]),
        **{
            name: Head(**head | {"classes": tuple(head["classes"].split("\n"))}) for name, head in data["heads"].items()
        },
    )


def _rounded(probability: float) -> float:
    return round(float(probability), 4)
