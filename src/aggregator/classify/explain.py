"""Explains a guess by what each feature of the post adds to the difference between the two likeliest classes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log
from typing import TYPE_CHECKING

from scipy.sparse import csr_matrix

from aggregator.classify.calibration import Array
from aggregator.classify.features import READ_LIMIT, Document, describe_post
from aggregator.classify.publisher import read_slug
from aggregator.locales import mark, t
from aggregator.text.html import shorten
from aggregator.text.tokens import compile_token, stem_word
from aggregator.types import Choice, Clue, Explanation, Part, Post

if TYPE_CHECKING:
    from aggregator.classify.heads import Head
    from aggregator.classify.learning import Lesson
    from aggregator.classify.memory import Recalled
    from aggregator.classify.model import SectionModel
    from aggregator.classify.vectors import Vocabulary

#: Clues with a name of their own; the rest is summed up as one more.
MOST_CLUES = 40
_OTHER = mark("everything else")
_USUAL = mark("before reading")
_TINY = 1e-12
# The longest title of a lesson, in characters.
_TITLE = 60
_STRONG = "service:strong"
_TOKEN = compile_token()

_SERVICES = {"strong": mark("names an AWS service"), "weak": mark("mentions AWS")}
_PUBLISHERS = {
    "lab": mark("published by a laboratory"),
    "individual": mark("published by an individual"),
    "magazine": mark("published by a magazine"),
    "toolmaker": mark("published by a maker of tools"),
    "engineering": mark("published by an engineering team"),
    "amazon": mark("published by Amazon, not AWS"),
}


def explain_post(model: SectionModel, post: Post, recalled: Sequence[Recalled] = ()) -> Explanation:
    document = describe_post(post)
    features = model.vectorize([document])
    belief = model.believe([document])
    reader = _Reader(model.vocabulary, _Names(post), features)
    scope = {} if belief.out is None else {"in": 1 - float(belief.out[0]), "out": float(belief.out[0])}
    reserved = model.taxonomy.reserved
    return Explanation(
        post_id=post.id,
        model_version=model.version,
        part=_explain_part(model, reader, _name(model.taxonomy.parts, belief.parts), recalled),
        topic=_explain_axis("topic", _name(model.taxonomy.topics, belief.topics), model.topic, reader, recalled),
        scope=_explain_axis("scope", scope, model.scope, reader, recalled),
        rules=(_say_rule(document, reserved),) if reserved else (),
    )


def _name(places: Sequence[str], believed: Array | None) -> dict[str, float]:
    return {} if believed is None else dict(zip(places, map(float, believed[0]), strict=True))


def _say_rule(document: Document, reserved: Part) -> str:
    """The reserved part is for what AWS publishes about using its services."""
    if not document.is_aws:
        return t("AWS did not publish it, so it cannot be in part {number}.", number=reserved.number)
    if _STRONG in document.title.terms:
        return t(
            "AWS published it, so it may be in part {number}; its title names an AWS service.", number=reserved.number
        )
    return t(
        "AWS published it, so it may be in part {number}; its title does not name an AWS service.",
        number=reserved.number,
    )


def _explain_axis(
    axis: str, probabilities: Mapping[str, float], head: Head | None, reader: _Reader, recalled: Sequence[Recalled]
) -> Choice | None:
    if head is None or not probabilities:
        return None
    felt = _feel(axis, probabilities, recalled)
    first, second = _find_first_two(felt)
    shares = reader.weigh(head, first, second) | _weigh_recalled(axis, first, second, recalled)
    return _choose(axis, felt, first, second, shares)


def _feel(axis: str, probabilities: Mapping[str, float], recalled: Sequence[Recalled]) -> Mapping[str, float]:
    """The probabilities, corrected by lessons that the model has not learned yet."""
    if not recalled:
        return probabilities
    raised = {
        name: probability * exp(sum(one.shifts.get(axis, {}).get(name, 0.0) for one in recalled))
        for name, probability in probabilities.items()
    }
    return {name: value / sum(raised.values()) for name, value in raised.items()}


def _weigh_recalled(axis: str, first: str, second: str, recalled: Sequence[Recalled]) -> dict[str, float]:
    """What each lesson adds to the first class over the second."""
    shares: dict[str, float] = defaultdict(float)
    for one in recalled:
        if axis in one.shifts:
            shares[_name_lesson(one.lesson)] += one.shifts[axis][first] - one.shifts[axis][second]
    return shares


def _name_lesson(lesson: Lesson) -> str:
    title = shorten(lesson.post.title, _TITLE)
    if lesson.section:
        return t("like “{title}”, which you put in {section}", title=title, section=lesson.section)
    return t("like “{title}”, which you found out of scope", title=title)


def _explain_part(
    model: SectionModel, reader: _Reader, believed: Mapping[str, float], recalled: Sequence[Recalled]
) -> Choice | None:
    """Whether the post is in the reserved part is one question, and in which other part it is another. Between the
    reserved part and another one, both count.
    """
    if model.reserved is None or not believed:
        return _explain_axis("part", believed, model.part, reader, recalled)
    probabilities = _feel("part", believed, recalled)
    first, second = _find_first_two(probabilities)
    apart = model.taxonomy.reserved
    if apart is None or apart not in {first, second}:
        return _explain_axis("part", believed, model.part, reader, recalled)
    other = second if first == apart else first
    (elsewhere,) = set(model.reserved.classes) - {apart}
    shares = reader.weigh(model.reserved, *(name if name == apart else elsewhere for name in (first, second)))
    among_rest = -log(max(believed[other], _TINY) / max(1 - believed[apart], _TINY))
    name = t("if not in part {number}, then {part}", number=apart.number, part=t(other))
    shares[name] = among_rest if first == apart else -among_rest
    return _choose("part", probabilities, first, second, shares | _weigh_recalled("part", first, second, recalled))


def _find_first_two(probabilities: Mapping[str, float]) -> tuple[str, str]:
    first, second = sorted(probabilities, key=lambda name: -probabilities[name])[:2]
    return first, second


def _choose(
    axis: str, probabilities: Mapping[str, float], first: str, second: str, shares: Mapping[str, float]
) -> Choice:
    clues = sorted((Clue(name, weight) for name, weight in shares.items()), key=lambda clue: -abs(clue.weight))
    if len(clues) > MOST_CLUES:
        rest = sum(clue.weight for clue in clues[MOST_CLUES - 1 :])
        clues = [*clues[: MOST_CLUES - 1], Clue(_OTHER, rest)]
    return Choice(
        axis=axis,
        chosen=str(first),
        runner_up=str(second),
        probability=probabilities[first],
        runner_up_probability=probabilities[second],
        difference=log(max(probabilities[first], _TINY)) - log(max(probabilities[second], _TINY)),
        clues=tuple(clues),
    )


class _Reader:
    """The features of one post, with the names that a person reads."""

    def __init__(self, vocabulary: Vocabulary, names: _Names, features: csr_matrix) -> None:
        pieces = list(vocabulary.numbers)
        self.names = [names.find_name(pieces[number]) for number in features.indices]
        self.features = features

    def weigh(self, head: Head, first: str, second: str) -> dict[str, float]:
        """What each named feature adds to the score of the first class over the second; empty if the model has not
        learned both.
        """
        if not {first, second} <= set(head.classes):
            return {}
        one, other = head.classes.index(first), head.classes.index(second)
        weights = head.weights[self.features.indices]
        differences = self.features.data * (weights[:, one] - weights[:, other]) / head.temperature
        shares: dict[str, float] = defaultdict(float)
        for name, share in zip(self.names, differences, strict=True):
            shares[name] += float(share)
        shares[_USUAL] += float(head.biases[one] - head.biases[other]) / head.temperature
        return dict(shares)


class _Names:
    """Names the pieces of a post by the words in it, instead of their stems and n-grams."""

    def __init__(self, post: Post) -> None:
        text = " ".join((post.title, read_slug(post.url), *post.tags, post.text[:READ_LIMIT]))
        tokens = _TOKEN.findall(text)
        self.runs = list(dict.fromkeys(token for token in tokens if not token.isascii()))
        self.words: dict[str, str] = {}
        for word in filter(str.isascii, tokens):
            self.words.setdefault(stem_word(word.lower()[:40]), word)

    def find_name(self, piece: str) -> str:
        block, _, rest = piece.partition(":")
        if block == "w":
            return " ".join(self.words.get(stem, stem) for stem in rest.split())
        if block == "h":
            return next((run for run in self.runs if rest in f" {run} "), rest.strip())
        if block == "t":
            return _name_term(rest)
        return _name_mark(rest)


def _name_term(term: str) -> str:
    return t("about {term}", term=term[1:]) if term.startswith("=") else t(_SERVICES[term.removeprefix("service:")])


def _name_mark(piece: str) -> str:
    kind, _, name = piece.partition(":")
    if kind == "host":
        return t("on {host}", host=name)
    if kind == "organisation":
        return t("by {name}", name=name.replace("_", " ")) if name else t("names an organisation")
    return t(_PUBLISHERS.get(name, piece)) if kind == "publisher" else piece
