"""The section model: fit, guess, save, load."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from aggregator.classify.calibration import Array
from aggregator.classify.features import Document, describe_post
from aggregator.classify.heads import Head, Sample, fit_head
from aggregator.classify.training import (
    LEAST_OF_CLASS,
    Row,
    find_group,
    list_headings,
    name_version,
    serves,
    vary_row,
)
from aggregator.classify.vectors import Vocabulary, build_vocabulary
from aggregator.exceptions import ModelNotTrainedError
from aggregator.files import write_whole
from aggregator.shipped import SHIPPED
from aggregator.types import Guess, Part, Post, Taxonomy, Topic

_Place = TypeVar("_Place", Part, Topic)

#: Part of the model's version; change it whenever something changes what is learned from the same rows.
RECIPE = "7"

# Real posts differ more from the rows in topic than publishers differ from each other; in part they do not
# (docs/decisions/learning.md).
_TOPIC_CAUTION = 1.2

IN, OUT = "in", "out"
_ELSEWHERE = "in another part"


@dataclass(frozen=True, slots=True)
class SectionModel:
    """Linear heads over one set of features: in scope or not, the reserved part or not, which other part, which topic.

    A head is None, and its axis has no probabilities, while there is too little to learn from.
    """

    version: str
    vocabulary: Vocabulary
    taxonomy: Taxonomy
    scope: Head | None
    #: Used only for posts of the publisher that the part is reserved for.
    reserved: Head | None
    part: Head | None
    topic: Head | None

    def guess(self, posts: Sequence[Post]) -> list[Guess]:
        """Guess the section of each post. Only posts that AWS published can be in a part that is reserved for it."""
        if not posts:
            return []
        belief = self.believe([describe_post(post) for post in posts])
        return make_guesses([post.id for post in posts], belief, self.version, self.taxonomy)

    def believe(self, documents: Sequence[Document]) -> Belief:
        return self.weigh(documents, self.vectorize(documents))

    def weigh(self, documents: Sequence[Document], features: csr_matrix) -> Belief:
        """Return the probabilities of documents from their *features* (documents, features)."""
        return Belief(
            parts=self._believe_parts(features, np.array([document.is_aws for document in documents])),
            topics=_believe(self.topic, features, self.taxonomy.topics),
            out=self.scope.believe(features, [OUT])[:, 0] if self.scope else None,
        )

    def _believe_parts(self, features: csr_matrix, is_aws: NDArray[np.bool_]) -> Array | None:
        parts, reserved = _believe(self.part, features, self.taxonomy.parts), self.taxonomy.reserved
        if parts is None or reserved is None:
            return parts
        column = self.taxonomy.parts.index(reserved)
        if self.reserved is None:
            parts[~is_aws, column] = 0.0
            return np.asarray(parts / parts.sum(axis=1, keepdims=True))
        here = self.reserved.believe(features, [reserved])[:, 0] * is_aws
        parts *= (1 - here)[:, None]
        parts[:, column] = here
        return parts

    def vectorize(self, documents: Sequence[Document]) -> csr_matrix:
        """Return the features (documents, features) for all heads.

        They are the mean of those with the text and those without it, so that a long text cannot drown the title.
        """
        whole = self.vocabulary.vectorize(documents)
        titles = self.vocabulary.vectorize([document.without_text() for document in documents])
        return csr_matrix(0.5 * (whole + titles))

    def save(self, path: Path) -> None:
        """Write the model atomically. Raises StorageError."""
        arrays = _as_arrays(self)
        # For its stub, each name may be that of an option.
        write_whole(path, lambda file: np.savez_compressed(file, **arrays))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Belief:
    """Probabilities of some documents, with columns in the order of the taxonomy. None if not learned yet."""

    #: (documents, parts).
    parts: Array | None
    #: (documents, topics).
    topics: Array | None
    #: (documents,).
    out: Array | None

    def choose(self, rows: Sequence[int]) -> Belief:
        return Belief(*(None if each is None else each[rows] for each in (self.parts, self.topics, self.out)))

    def join(self, other: Belief) -> Belief:
        """Append the rows of another belief of the same model."""
        pairs = ((self.parts, other.parts), (self.topics, other.topics), (self.out, other.out))
        return Belief(*(None if a is None or b is None else np.concatenate([a, b]) for a, b in pairs))


def make_guesses(post_ids: Sequence[int], belief: Belief, version: str, taxonomy: Taxonomy) -> list[Guess]:
    """Make the guess of each post from its row of the belief."""
    return [
        Guess(
            post_id=post_id,
            parts=_pair(taxonomy.parts, belief.parts, row),
            topics=_pair(taxonomy.topics, belief.topics, row),
            out_of_scope=None if belief.out is None else _rounded(belief.out[row]),
            model_version=version,
        )
        for row, post_id in enumerate(post_ids)
    ]


def _believe(head: Head | None, features: csr_matrix, places: Sequence[str]) -> Array | None:
    if len(places) == 1:
        return np.ones((features.shape[0], 1))
    return head.believe(features, places) if head else None


def _pair(places: Sequence[_Place], believed: Array | None, row: int) -> dict[_Place, float]:
    return {} if believed is None else {place: _rounded(p) for place, p in zip(places, believed[row], strict=True)}


def fit_model(rows: Sequence[Row], taxonomy: Taxonomy = SHIPPED) -> SectionModel:
    """Learn from labelled rows; the same rows give the same model."""
    version = name_version(rows, name_recipe(taxonomy))
    # The shipped rows are enough for each class, also if some of them are held out.
    least = 1 if serves(taxonomy) else LEAST_OF_CLASS
    counted = rows
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

    def fit(
        find_label: Callable[[Row], str | None], caution: float = 1.0, *, among: Sequence[Row] = rows
    ) -> Head | None:
        """Fit a head on the first rows of *among* whose label is frequent enough."""
        counts = Counter(label for row in counted if (label := find_label(row)) is not None)
        enough = {label for label, count in counts.items() if count >= least}
        if len(enough) < 2:
            return None
        labels = [find_label(row) for row in among] + [None] * (len(rows) - len(among))
        chosen = everything.choose(np.array([label in enough for label in labels]))
        found = tuple(label for label in labels if label is not None and label in enough)
        return fit_head(replace(chosen, labels=found), caution=caution)

    def fit_axis(find_label: Callable[[Row], str | None], places: Sequence[str], caution: float = 1.0) -> Head | None:
        """Fit a head, with the shares of the places that are too rare."""
        head = fit(find_label, caution)
        seen = Counter(find_label(row) for row in counted)
        total = sum(seen[place] for place in places) + len(places)
        others = {str(place): (seen[place] + 1) / total for place in places if head and place not in head.classes}
        return replace(head, others=others) if head and others else head

    # With only one other part, it is not a separate question.
    reserved = fit(_find_reserved) if taxonomy.reserved and len(taxonomy.parts) > 2 else None
    is_apart = reserved is not None
    return SectionModel(
        version=version,
        vocabulary=vocabulary,
        taxonomy=taxonomy,
        # Texts of any subject have sentences that say nothing about it, so scope is not learned from headings.
        scope=fit(lambda row: OUT if row.section is None else IN, among=shapes),
        reserved=reserved,
        part=fit_axis(
            lambda row: _find_part(row, is_apart=is_apart),
            [part for part in taxonomy.parts if not (is_apart and part.published_by)],
        ),
        topic=fit_axis(lambda row: row.section.topic if row.section else None, taxonomy.topics, _TOPIC_CAUTION),
    )


def name_recipe(taxonomy: Taxonomy) -> str:
    """Return the recipe of a model for this taxonomy; the model cannot be used for another one."""
    if serves(taxonomy):
        return RECIPE
    places = ",".join(sorted(taxonomy.parts)), ",".join(sorted(taxonomy.topics)), taxonomy.reserved
    return f"{RECIPE}-{blake2b(repr(places).encode(), digest_size=4).hexdigest()}"


def _share_say(rows: Sequence[Row]) -> Array:
    """Weights (rows,) for the calibration: real posts together count as much as invented ones, because guesses are made
    for real posts.
    """
    weights = np.array([row.weight for row in rows])
    is_real = np.array([row.is_real for row in rows], dtype=bool)
    for kind in (is_real, ~is_real):
        weights[kind] /= weights[kind].sum() or 1.0
    return weights


def _find_reserved(row: Row) -> str | None:
    """The label of the reserved part or another; None for rows that cannot be in the reserved part."""
    if row.section is None or not row.document.is_aws:
        return None
    return str(row.section.part) if row.section.part.published_by else _ELSEWHERE


def _find_part(row: Row, *, is_apart: bool) -> str | None:
    if row.section is None or (is_apart and row.section.part.published_by):
        return None
    return str(row.section.part)


def load_model(path: Path, version: str, taxonomy: Taxonomy = SHIPPED) -> SectionModel | None:
    """Load the saved model of this version, or None if there is none. Raises ModelNotTrainedError if it cannot be read.

    Arrays of numbers are read, never pickled objects, which could run code.
    """
    if not path.is_file():
        return None
    try:
        # Opened here: NumPy leaves a file open that is cut short.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            model = _from_arrays(arrays, taxonomy)
    except Exception as error:  # NumPy raises what the broken part raises
        raise ModelNotTrainedError(f"{path} cannot be read as a model ({error})") from error
    if model.version != version:
        raise ModelNotTrainedError(f"{path} holds another model ({model.version})")
    return model


_HEADS = ("scope", "reserved", "part", "topic")


def _as_arrays(model: SectionModel) -> dict[str, NDArray[Any]]:
    """The arrays of a model by name, and under ``about`` the rest as the bytes of JSON."""
    heads: dict[str, Head] = {name: head for name in _HEADS if (head := getattr(model, name))}
    about = {
        "version": model.version,
        "pieces": list(model.vocabulary.numbers),
        "heads": {
            name: (head.classes, {"temperature": float(head.temperature), "others": dict(head.others)})
            for name, head in heads.items()
        },
    }
    told = np.frombuffer(json.dumps(about).encode(), np.uint8)
    arrays: dict[str, NDArray[Any]] = {"about": told, "pieces": model.vocabulary.weights}
    for name, head in heads.items():
        arrays |= {f"{name}.weights": head.weights, f"{name}.biases": head.biases}
    return arrays


def _from_arrays(arrays: Mapping[str, NDArray[Any]], taxonomy: Taxonomy) -> SectionModel:
    about = json.loads(arrays["about"].tobytes())
    heads = {
        name: Head(tuple(classes), arrays[f"{name}.weights"], arrays[f"{name}.biases"], **rest)
        for name, (classes, rest) in about["heads"].items()
    }
    return SectionModel(
        version=about["version"],
        vocabulary=Vocabulary({piece: number for number, piece in enumerate(about["pieces"])}, arrays["pieces"]),
        taxonomy=taxonomy,
        **{name: heads.get(name) for name in _HEADS},
    )


def _rounded(probability: float) -> float:
    return round(float(probability), 4)
