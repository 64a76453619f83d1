"""The view of a post. Pure: a Candidate in, words and numbers for the template out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.resources import find_resources
from aggregator.addresses.urls import clean_url, readable_url
from aggregator.digest.compose import compose_line
from aggregator.digest.markdown import show_note, show_title
from aggregator.exceptions import DigestError
from aggregator.locales import t, tn
from aggregator.storage.numbers import read_id
from aggregator.types import (
    Action,
    Candidate,
    Disclosure,
    DisclosureSource,
    Guess,
    Part,
    Post,
    Question,
    Reason,
    Resource,
    ResourceKind,
    Seen,
    Sequel,
    Series,
    State,
    TextSource,
    Topic,
    WorkPost,
)
from aggregator.web.pane.alikes import NONE_ALIKE, Alikes
from aggregator.web.paths import path_in_queue
from aggregator.words.actions import say_action
from aggregator.words.dates import list_doubts, say_dated
from aggregator.words.placement import say_placement
from aggregator.words.posts import name_publisher, say_state
from aggregator.words.sections import SectionNames, shorten_section
from aggregator.words.sequels import SequelView, build_sequels
from aggregator.words.series import SeriesView, build_series
from aggregator.words.shares import name_reason, say_evidence

_Place = TypeVar("_Place", Part, Topic)

#: How many resources of a post are shown.
RESOURCES = 5
_NAME = 50


@dataclass(frozen=True, slots=True)
class Bar:
    """One alternative of a guess."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Share:
    """One reason of a score, and its bar: it begins where the one before ended. In percent of the widest sum."""

    share: str
    name: str
    detail: str
    speaks_for: bool
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Option:
    """A section to choose, and how likely it is."""

    value: str
    name: str
    sure: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class GuessView:
    """The guess of the classifier, likeliest first."""

    section: str
    name: str
    probability: float
    parts: tuple[Bar, ...]
    topics: tuple[Bar, ...]
    #: None if the model cannot tell.
    out_of_scope: float | None
    is_out_of_scope: bool
    is_unsure: bool
    #: The second likeliest section, if the guess is unsure.
    rival: str
    #: What a decision would teach, if the queue asks for one.
    teaches: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The verdict on the post."""

    said: str
    reason: str
    by: str
    day: str


@dataclass(frozen=True, slots=True)
class PastAct:
    """Something that a curator did to the post."""

    said: str
    by: str
    day: str
    is_undone: bool


@dataclass(frozen=True, slots=True)
class ResourceView:
    """Something that the post links to: code, a checkpoint, a paper."""

    kind: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """Another candidate that is about the same work: its article, paper, code or checkpoint."""

    kind: str
    title: str
    language: str
    path: str


@dataclass(frozen=True, slots=True)
class PostView:
    """A candidate, as the pane beside the list shows it."""

    id: int
    rank: int | None
    title: str
    #: None if the address may not be linked.
    url: str | None
    address: str
    publisher: str
    dated: str
    #: What the curator should know about the date, in sentences.
    doubts: tuple[str, ...]
    day: str
    published_at: datetime
    language: str
    language_name: str
    #: Its plain text, for a post whose article is not kept.
    text: str
    #: Disclosures that matter before it is printed, with the evidence.
    disclosures: tuple[str, ...]
    #: How much there is to read and to see; empty if unknown.
    extent: str
    #: The first ones, and how many more there are.
    resources: tuple[ResourceView, ...]
    more_resources: int
    state: State
    #: The verdicts so far, as the forms carry them.
    seen: str
    #: The effective section, as it is chosen in a form; empty if there is none.
    section: str
    section_name: str
    section_short: str
    is_corrected: bool
    #: The section that a rule gives it, unless the curator chose another; and the number of the rule.
    ruled: str
    ruled_by: int
    guess: GuessView | None
    #: All sections, in the order of the digest.
    sections: tuple[Option, ...]
    score: str | None
    shares: tuple[Share, ...]
    is_shortlisted: bool
    #: Why it is on the shortlist or not; empty if its score alone decided.
    placement: str
    is_sampled: bool
    is_highlight: bool
    printed_in: str | None
    is_on_page: bool
    verdict: VerdictView | None
    #: Its title and its note as HTML, as they will be printed, if it is approved; else empty.
    printed_title: str
    printed_note: str
    #: What its feed has changed about it since it was approved or printed, in sentences.
    withheld: tuple[str, ...]
    series: SeriesView | None
    #: What it follows of what was printed.
    sequels: tuple[SequelView, ...] = ()
    #: The other candidates that are about the same work, with what they are and where they are.
    work: tuple[WorkView, ...] = ()
    #: Its copies and possible copies.
    alikes: Alikes = NONE_ALIKE

    @property
    def is_decided(self) -> bool:
        return self.state is not State.UNDECIDED


def build_post(
    candidate: Candidate,
    names: SectionNames,
    zone: ZoneInfo,
    *,
    series: Series | None = None,
    sequels: Sequence[Sequel] = (),
    work: Sequence[WorkPost] = (),
    alikes: Alikes = NONE_ALIKE,
) -> PostView:
    """Build the view of a candidate; dates are in the curator's *zone*."""
    post, score, correction = candidate.post, candidate.score, candidate.correction
    address = readable_url(post.url)
    resources = _list_resources(post)
    shares = build_shares(score.reasons) if score else ()
    return PostView(
        id=post.id,
        rank=score.rank if score else None,
        title=post.title or address,
        url=clean_url(post.url),
        address=address,
        publisher=name_publisher(candidate),
        dated=say_dated(post, zone),
        doubts=(*_say_added(candidate), *_say_returned(candidate), *_say_lost(candidate), *list_doubts(post, zone)),
        day=post.published_at.astimezone(zone).date().isoformat(),
        published_at=post.published_at,
        language=post.language,
        language_name=words.language(post.language),
        text=post.text,
        disclosures=tuple(map(_say_disclosure, candidate.guess.disclosures)) if candidate.guess else (),
        extent=_say_extent(post),
        resources=resources[:RESOURCES],
        more_resources=max(0, len(resources) - RESOURCES),
        state=candidate.state,
        seen=str(candidate.said),
        section=str(candidate.section or ""),
        section_name=names.name(candidate.section),
        section_short=shorten_section(candidate.section),
        is_corrected=correction is not None and correction.section is not None,
        **_say_ruled(candidate, names),
        guess=_build_guess(candidate.guess, names, score.question if score else None) if candidate.guess else None,
        score=words.decimal(score.value) if score else None,
        sections=_list_sections(candidate, names),
        shares=shares,
        is_shortlisted=candidate.is_shortlisted,
        placement=say_placement(candidate, names.texts),
        is_sampled=candidate.is_sampled,
        is_highlight=candidate.is_highlight,
        printed_in=str(candidate.printed_in) if candidate.printed_in else None,
        is_on_page=candidate.is_on_page,
        verdict=_build_verdict(candidate, zone),
        **_show_printed(candidate),
        withheld=tuple(_say_withheld(candidate)),
        series=build_series(candidate, series) if series else None,
        sequels=build_sequels(candidate, sequels),
        work=tuple(map(_show_work, work)),
        alikes=alikes,
    )


def _say_ruled(candidate: Candidate, names: SectionNames) -> dict[str, Any]:
    ruled = candidate.score.ruled if candidate.score else None
    if ruled is None or (candidate.correction and candidate.correction.section):
        return {"ruled": "", "ruled_by": 0}
    section = names.name(ruled.section)
    said = t("{section} by your rule {number}, {name}", section=section, number=ruled.rule, name=ruled.name)
    return {"ruled": said, "ruled_by": ruled.rule}


def _show_printed(candidate: Candidate) -> dict[str, Any]:
    title = note = ""
    # The page of the digest says why a line cannot be printed.
    with suppress(DigestError):
        if candidate.state is State.APPROVED:
            line = compose_line(candidate)
            title, note = show_title(line.title), show_note(line.note)
    return {"printed_title": title, "printed_note": note}


def read_seen(text: str) -> Seen | None:
    """Read a version as it is written; None for an empty text. Raises ValueError for any other text."""
    if not text:
        return None
    verdict, _, correction = text.partition(".")
    last_verdict, last_correction = read_id(verdict), read_id(correction)
    if last_verdict is None or last_correction is None:
        raise ValueError(t("{text} does not name the verdicts that were seen", text=repr(text)))
    return Seen(last_verdict, last_correction)


def _say_added(candidate: Candidate) -> Iterator[str]:
    if candidate.added_by:
        yield t("Added by its address by {name}", name=candidate.added_by)


def _say_returned(candidate: Candidate) -> Iterator[str]:
    if candidate.returned:
        yield words.sentence(say_state(candidate))


def _say_lost(candidate: Candidate) -> Iterator[str]:
    # A guess is made again automatically.
    if candidate.lost_section and (candidate.verdict or candidate.correction):
        yield t(
            "Its section {section} is no longer in feeds.toml: choose another section", section=candidate.lost_section
        )


def _say_withheld(candidate: Candidate) -> Iterator[str]:
    found, correction = candidate.withheld, candidate.correction
    if found and found.title and found.title != (correction and correction.title):
        yield t("Its feed now calls it “{title}”; the title here stays", title=found.title)
    if found and found.url:
        yield t("Its feed now links to {address}; the address here stays", address=readable_url(found.url))


def _say_disclosure(disclosure: Disclosure) -> str:
    """``Sponsored: says “this post is sponsored by Northwind”``."""
    kind, said = words.capitalise(t(disclosure.kind)), disclosure.said
    match disclosure.source:
        case DisclosureSource.WORDS:
            return t("{kind}: says “{said}”", kind=kind, said=said)
        case DisclosureSource.PAGE:
            told = t("{kind}: its page says {said}", kind=kind, said=said)
        case DisclosureSource.LINKS:
            told = f"{kind}: {said}"
    original = disclosure.original
    return t("{told}; translated from {original}", told=told, original=original) if original else told


def _say_extent(post: Post) -> str:
    counts = (
        (post.words, tn("{number} word", "{number} words", post.words)),
        (post.images, tn("{number} picture", "{number} pictures", post.images)),
        (post.code_lines, tn("{number} line of code", "{number} lines of code", post.code_lines)),
    )
    said = ", ".join(counted for number, counted in counts if number)
    return t("{extent}, from its page", extent=said) if said and post.text_from is TextSource.PAGE else said


def _list_resources(post: Post) -> tuple[ResourceView, ...]:
    """List code and checkpoints before papers, and the publisher's own before those of others."""
    found = find_resources(post.links, site=post.url, organisation=post.organisation)
    ordered = sorted(found, key=lambda resource: (resource.kind is ResourceKind.PAPER, not resource.is_own))
    return tuple(
        ResourceView(_name_resource(one), words.cut(one.name, _NAME), url)
        for one in ordered
        if (url := clean_url(one.url))
    )


def _show_work(one: WorkPost) -> WorkView:
    kind = t(one.kind) if one.kind else t("article")
    return WorkView(kind, one.title or readable_url(one.url), one.language, path_in_queue(one.month, one.post_id))


def _name_resource(resource: Resource) -> str:
    kind = t(resource.kind)
    return t("own {kind}", kind=kind) if resource.is_own else kind


def _build_guess(guess: Guess, names: SectionNames, question: Question | None) -> GuessView:
    return GuessView(
        section=str(guess.section or ""),
        name=names.name(guess.section),
        probability=guess.probability,
        parts=_build_bars(guess.parts),
        topics=_build_bars(guess.topics),
        out_of_scope=guess.out_of_scope,
        is_out_of_scope=guess.is_out_of_scope,
        is_unsure=guess.is_unsure,
        rival=names.name(guess.rival) if guess.is_unsure else "",
        teaches=_say_teaches(question.alike) if question and guess.is_unsure else "",
    )


def _say_teaches(alike: int) -> str:
    if not alike:
        return ""
    return tn(
        "A decision here teaches: {number} post is similar",
        "A decision here teaches: {number} posts are similar",
        alike,
    )


def _build_bars(probabilities: Mapping[_Place, float]) -> tuple[Bar, ...]:
    ordered = sorted(probabilities.items(), key=lambda pair: -pair[1])
    return tuple(Bar(t(place.name), probability) for place, probability in ordered)


def build_act(action: Action, zone: ZoneInfo) -> PastAct:
    return PastAct(say_action(action, ""), action.by, words.day(action.at, zone), action.is_undone)


def build_shares(reasons: Sequence[Reason]) -> tuple[Share, ...]:
    """Lay the reasons of a score end to end, those for the post first, strongest first."""
    ordered = sorted(reasons, key=lambda reason: -reason.share)
    ends = list(accumulate((reason.share for reason in ordered), initial=0.0))
    low, high = min(ends), max(ends)
    scale = 100 / ((high - low) or 1)
    return tuple(
        Share(
            words.signed(reason.share),
            name_reason(reason),
            say_evidence(reason),
            reason.share > 0,
            round((min(before, after) - low) * scale, 2),
            round(abs(reason.share) * scale, 2),
        )
        for reason, before, after in zip(ordered, ends, ends[1:], strict=False)
    )


def _list_sections(candidate: Candidate, names: SectionNames) -> tuple[Option, ...]:
    guess = candidate.guess
    return tuple(
        Option(
            str(section),
            names.name(section),
            words.percent(guess.parts.get(section.part, 0) * guess.topics.get(section.topic, 0)) if guess else "",
            section == candidate.section,
        )
        for section in names.texts.taxonomy.sections
    )


def _build_verdict(candidate: Candidate, zone: ZoneInfo) -> VerdictView | None:
    verdict = candidate.verdict
    if verdict is None:
        return None
    said = words.capitalise(say_state(candidate))
    return VerdictView(said, t(verdict.reason) if verdict.reason else "", verdict.by, words.day(verdict.at, zone))
