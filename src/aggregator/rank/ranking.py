"""Ranks a month from the months before it: puts labels, facts, rows and scores together. Pure.

Months are read in order, each with what was known when it was new, namely the titles printed before it. So a month is
never ranked with knowledge from the month itself or from a later one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple
from zlib import crc32

from aggregator.rank.barred import find_barred
from aggregator.rank.features import Background, Feature, compare_features, list_features
from aggregator.rank.organisations import list_own_words
from aggregator.rank.placement import explain_placements
from aggregator.rank.popularity import Levels, Measured, Popularity, Talk, measure_popularity
from aggregator.rank.preference import Columns, Encoded, Fact, Label, Preference, Words, learn_preference
from aggregator.rank.questions import order_questions
from aggregator.rank.reasons import score_rows
from aggregator.rank.record import Record, name_source
from aggregator.rank.rules import Rulings, add_points, give_sections
from aggregator.rank.shortlist import learn_quotas, rank_candidates
from aggregator.rank.similarity import find_nearest
from aggregator.rank.weights import Weights
from aggregator.shipped import SHIPPED
from aggregator.types import (
    Candidate,
    Decision,
    Ground,
    Guess,
    Month,
    Post,
    Question,
    Quotas,
    Score,
    Section,
    Signal,
    TalkSource,
)

# Unprinted posts of one month that are learned from; more of them teach nothing new.
_MOST_UNPRINTED = 1000
# A source without a line in the shipped record may not have been followed then: its posts count half.
_PERHAPS_UNSEEN = 0.5
# Months whose features are kept.
_MOST_KEPT = 2
# What a score has before it is explained.
_RANKED = attrgetter("post_id", "reasons", "rank", "shortlisted")


@dataclass(frozen=True, slots=True)
class LabelledTitle:
    """A title that comes with the project, and its label."""

    title: str
    label: Label
    #: Who published it, and where; None if the title is invented.
    organisation: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class ShippedHistory:
    """What the project knows about the digest before a home has a history. To measure a month, leave out what was
    derived from it.
    """

    record: Record = field(default_factory=Record)
    examples: tuple[LabelledTitle, ...] = ()
    #: All sections that a shortlist may have places for.
    sections: tuple[Section, ...] = SHIPPED.sections


@dataclass(frozen=True, slots=True)
class RankingContext:
    """What is known besides the candidates, for all months."""

    #: Source → the weight that the curator gave its feed.
    feed_weights: Mapping[str, float] = field(default_factory=dict)
    #: Post → the series that it is a part of.
    series: Mapping[int, str] = field(default_factory=dict)


def find_label(candidate: Candidate, *, is_closed: bool) -> Label | None:
    """Return what became of a candidate; None while it is open. In a closed month, undecided posts were passed over."""
    decision = candidate.verdict.decision if candidate.verdict else None
    if candidate.printed_in is not None or decision is Decision.APPROVE:
        return Label.STARRED if candidate.is_starred else Label.PRINTED
    if decision is Decision.REJECT:
        return Label.REJECTED
    return Label.UNPRINTED if is_closed and decision is None else None


@dataclass(frozen=True, slots=True)
class _Past:
    """What is remembered of an earlier month."""

    #: Whether its digest was printed, so that other posts were passed over.
    is_closed: bool
    facts: tuple[Fact, ...]
    #: Posts that were printed, without their texts.
    printed: tuple[Candidate, ...]
    #: Source → the expected number of its posts in scope.
    posts: Mapping[str, float]
    talk: Mapping[str, Talk]
    levels: Levels


@dataclass(frozen=True, slots=True)
class Ranking:
    """A month in the order that the curator sees."""

    month: Month
    scores: tuple[Score, ...]
    preference: Preference
    #: Post → the talk about it in points.
    talk: Mapping[int, float]
    #: Including the learned quotas of sources and sections for which the curator set none.
    limits: Quotas = field(default_factory=Quotas)


@dataclass(frozen=True, slots=True)
class Learned:
    """A month as it was read, with what was learned for it. Only the curator's weights and quotas are missing, so it
    can be ranked again whenever they change.
    """

    month: Month
    candidates: Sequence[Candidate]
    context: RankingContext
    signals: Sequence[Signal]
    rows: Sequence[Encoded]
    preference: Preference
    #: Of the months before.
    printed: tuple[Candidate, ...]
    months: int
    #: Source → its mean number of posts in scope, over the months in which it has posts.
    paces: Mapping[str, float]
    #: The same without this month.
    habits: Mapping[str, float]
    record: Record
    sections: tuple[Section, ...]
    talk: Mapping[int, float]
    questions: Mapping[int, Question]

    def is_of(self, candidates: Sequence[Candidate], context: RankingContext, signals: Sequence[Signal]) -> bool:
        """Whether the rows are made of these: only verdicts and the like may be others."""
        given = (_list_posts(candidates), context, signals)
        return given == (_list_posts(self.candidates), self.context, self.signals)

    def rank(self, *, weights: Weights, quotas: Quotas, rulings: Rulings | None = None) -> Ranking:
        """Rank the month by these weights and quotas, and by the curator's rules."""
        rulings = rulings or Rulings()
        candidates = give_sections(self.candidates, rulings.sections)
        scores = score_rows([candidate.post.id for candidate in candidates], self.rows, self.preference, weights)
        scores = add_points(scores, rulings.points)
        limits = learn_quotas(self.printed, self.months, self.paces, self.sections, self.record, quotas)
        found = find_barred(candidates, quotas, self.talk, self.habits)
        # The curator passed over what is not on an imported page, and rules do not change that.
        barred = {n: why for n, why in found.items() if n not in rulings.shown or why.ground is Ground.SEEN}
        barred |= rulings.muted
        shown = {n: why for n, why in rulings.shown.items() if n not in barred}
        series = self.context.series
        words = {each.post.id: row.words.columns for each, row in zip(candidates, self.rows, strict=True)}
        ranked = rank_candidates(candidates, scores, limits, series, barred, shown, words=words)
        placement = explain_placements(candidates, ranked, limits, series, barred, shown, words=words)
        placement |= rulings.muted | shown
        # A post that a rule sorted or muted needs no answer.
        settled = rulings.sections.keys() | rulings.muted.keys()
        questions = {n: one for n, one in self.questions.items() if n not in settled}
        explained = tuple(
            Score(n, reasons, rank, is_shortlisted, placement.get(n), rulings.sections.get(n), questions.get(n))
            for n, reasons, rank, is_shortlisted in map(_RANKED, ranked)
        )
        return Ranking(self.month, explained, self.preference, self.talk, limits)


class _Look(NamedTuple):
    """A candidate by itself, without what it is compared with."""

    #: What it was made of.
    seen: tuple[Post, Guess | None]
    features: list[Feature]
    words: Words


class Ranker:
    """Ranks a month from the remembered months before it. Months must be remembered in order."""

    def __init__(self, shipped: ShippedHistory) -> None:
        self._shipped = shipped
        self._columns = Columns()
        self._examples = [
            Fact(
                self._columns.encode_title(example.title, list_own_words(example.place, example.organisation)),
                example.label,
            )
            for example in shipped.examples
        ]
        self._past: dict[Month, _Past] = {}
        self._looks: dict[Month, dict[int, _Look]] = {}

    def remember_month(
        self,
        month: Month,
        candidates: Sequence[Candidate],
        context: RankingContext,
        signals: Sequence[Signal] = (),
        *,
        is_closed: bool = True,
    ) -> None:
        """Remember what became of the posts of an earlier month. If it *is_closed*, its digest was printed, and the
        other posts were passed over. Raises ValueError if this month or a later one is remembered already.
        """
        if any(month <= known for known in self._past):
            raise ValueError(f"{month} is remembered too late")
        heard = self._measure_popularity(month, candidates, signals)
        known = self._looks.get(month, {})
        looks = [self._look_at(each, known) for each in candidates]
        rows = self._encode_month(month, candidates, looks, context, heard.popularity)
        self._past[month] = _Past(
            is_closed=is_closed,
            facts=tuple(_make_facts(candidates, rows, is_closed=is_closed)),
            printed=tuple(
                replace(_slim(candidate), score=None)
                for candidate in candidates
                if (label := find_label(candidate, is_closed=is_closed)) and label.is_printed
            ),
            posts=_count_posts(candidates),
            talk=heard.talk,
            levels=heard.levels,
        )

    def forget_from(self, month: Month) -> None:
        """Forget this month and those after it."""
        for known in [known for known in self._past if known >= month]:
            del self._past[known]

    def rank_month(
        self,
        month: Month,
        candidates: Sequence[Candidate],
        context: RankingContext,
        signals: Sequence[Signal] = (),
        *,
        weights: Weights,
        quotas: Quotas,
    ) -> Ranking:
        """Rank a month from those remembered before it, and from the verdicts on its own posts so far."""
        return self.learn_month(month, candidates, context, signals).rank(weights=weights, quotas=quotas)

    def learn_month(
        self,
        month: Month,
        candidates: Sequence[Candidate],
        context: RankingContext,
        signals: Sequence[Signal] = (),
        *,
        known: Learned | None = None,
    ) -> Learned:
        """Learn everything that is needed to rank a month. *known* is what was learned for it since months were
        remembered or forgotten last: if only verdicts have changed, its rows stay.
        """
        past = [before for earlier, before in sorted(self._past.items()) if earlier < month]
        if known is not None and known.is_of(candidates, context, signals):
            rows, talk = known.rows, known.talk
        else:
            popularity = self._measure_popularity(month, candidates, signals).popularity
            rows = self._encode_month(month, candidates, self._look_at_month(month, candidates), context, popularity)
            talk = {n: each.talk for n, each in popularity.items()}
        facts = [*self._examples, *(fact for each in past for fact in each.facts)]
        facts += _make_facts(candidates, rows, is_closed=False)
        paces = _measure_paces([*(each.posts for each in past), _count_posts(candidates)])
        preference = learn_preference(self._columns, facts, self._count_shipped(paces))
        return Learned(
            month,
            candidates,
            context,
            signals,
            rows,
            preference,
            printed=tuple(candidate for each in past if each.is_closed for candidate in each.printed),
            months=sum(each.is_closed for each in past),
            paces=paces,
            habits=_measure_paces([each.posts for each in past]),
            record=self._shipped.record,
            sections=self._shipped.sections,
            talk=talk,
            questions=order_questions(candidates, [row.words.columns for row in rows]),
        )

    def _encode_month(
        self,
        month: Month,
        candidates: Sequence[Candidate],
        looks: Sequence[_Look],
        context: RankingContext,
        popularity: Mapping[int, Popularity],
    ) -> list[Encoded]:
        """The candidates as rows, as seen when the month was new."""
        printed = [each for earlier, past in sorted(self._past.items()) if earlier < month for each in past.printed]
        series = context.series
        titles = {series[each.post.id]: each.post.title for each in printed if each.post.id in series}
        background = Background(
            popularity=popularity,
            pace=_count_posts(candidates),
            nearest_printed=self._find_nearest(candidates, looks, printed),
            continued={
                candidate.post.id: titles[key]
                for candidate in candidates
                if (key := series.get(candidate.post.id)) is not None and key in titles
            },
            feed_weights=context.feed_weights,
        )
        return [
            self._columns.encode(each, [*look.features, *compare_features(each, background)], look.words)
            for each, look in zip(candidates, looks, strict=True)
        ]

    def _look_at_month(self, month: Month, candidates: Sequence[Candidate]) -> list[_Look]:
        """The features and words of candidates by themselves; kept, because a month is ranked many times."""
        known = self._looks.pop(month, {})
        looks = [self._look_at(each, known) for each in candidates]
        self._looks[month] = {each.post.id: look for each, look in zip(candidates, looks, strict=True)}
        while len(self._looks) > _MOST_KEPT:
            del self._looks[next(iter(self._looks))]
        return looks

    def _look_at(self, candidate: Candidate, known: Mapping[int, _Look]) -> _Look:
        post, guess = candidate.post, candidate.guess
        look = known.get(post.id)
        if look is None or look.seen != (post, guess):
            own = list_own_words(name_source(post), post.organisation)
            words = self._columns.encode_words(post.title, own)
            look = _Look((post, guess), list_features(candidate), words)
        return look

    def _find_nearest(
        self, candidates: Sequence[Candidate], looks: Sequence[_Look], printed: Sequence[Candidate]
    ) -> dict[int, tuple[float, str]]:
        nearest = find_nearest(
            [look.words.columns for look in looks],
            [self._columns.encode_words(each.post.title).columns for each in printed],
        )
        return {
            each.post.id: (near[0], printed[near[1]].post.title)
            for each, near in zip(candidates, nearest, strict=True)
            if near is not None
        }

    def _measure_popularity(self, month: Month, candidates: Sequence[Candidate], signals: Sequence[Signal]) -> Measured:
        """Measure the popularity of a month's posts by what was heard of those of the months before it."""
        talk: defaultdict[str, Talk] = defaultdict(Talk)
        levels: defaultdict[tuple[TalkSource, str], tuple[float, ...]] = defaultdict(tuple)
        for earlier, past in self._past.items():
            if earlier < month:
                for source, told in past.talk.items():
                    talk[source] += told
                for key, found in past.levels.items():
                    levels[key] += found
        return measure_popularity([each.post for each in candidates], signals, talk, levels)

    def _count_shipped(self, paces: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Lines printed and posts seen of each source in the months of the shipped record. This assumes that a source
        published as much then as now.
        """
        record = self._shipped.record
        counts = {}
        for source, pace in paces.items() if record.months else ():
            lines, posts = record.count_lines(source), pace * record.months
            counts[source] = (float(lines), max(posts, lines)) if lines else (0.0, posts * _PERHAPS_UNSEEN)
        return counts


def _list_posts(candidates: Sequence[Candidate]) -> list[tuple[Post, Guess | None]]:
    return [(each.post, each.guess) for each in candidates]


def _slim(candidate: Candidate) -> Candidate:
    if not (candidate.post.text or candidate.post.links):
        return candidate
    return replace(candidate, post=replace(candidate.post, text="", links=()))


def _make_facts(candidates: Sequence[Candidate], rows: Sequence[Encoded], *, is_closed: bool) -> list[Fact]:
    """The facts of a month; of very many unprinted posts, a part chosen by a hash of their addresses."""
    facts = [
        Fact(row.without_texts(), label)
        for candidate, row in zip(candidates, rows, strict=True)
        if (label := find_label(candidate, is_closed=is_closed)) is not None
    ]
    unprinted = [fact for fact in facts if fact.label is Label.UNPRINTED]
    if len(unprinted) <= _MOST_UNPRINTED:
        return facts
    kept = sorted(unprinted, key=lambda fact: (crc32(fact.row.key.encode()), fact.row.key))[:_MOST_UNPRINTED]
    weight = len(unprinted) / _MOST_UNPRINTED
    rest = [fact for fact in facts if fact.label is not Label.UNPRINTED]
    return rest + [replace(fact, weight=weight) for fact in kept]


def _count_posts(candidates: Sequence[Candidate]) -> dict[str, float]:
    """The expected number of posts in scope, by source."""
    counts: defaultdict[str, float] = defaultdict(float)
    for candidate in candidates:
        counts[name_source(candidate.post)] += candidate.guess.in_scope if candidate.guess else 1.0
    return counts


def _measure_paces(months: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean number of posts in scope by source, over the months in which it has posts."""
    counts: defaultdict[str, list[float]] = defaultdict(list)
    for month in months:
        for source, count in month.items():
            counts[source].append(count)
    return {source: sum(each) / len(each) for source, each in sorted(counts.items())}
