"""What became of the posts of a quarter, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.addresses.urls import clean_url
from aggregator.digest.escape import unescape_text
from aggregator.digest.links import say_link
from aggregator.evaluate.aftermath import Evidence, EvidenceKind, Quarter
from aggregator.evaluate.burial import FEWEST, Burier, Gap, WeightProposal
from aggregator.locales import t, tn
from aggregator.pipeline.aftermath import Aftermath, Buried, LineAfter, MonthAfter, TakenUp
from aggregator.types import Month, Texts
from aggregator.words.placement import say_placement
from aggregator.words.posts import name_post, name_publisher, say_outcome
from aggregator.words.talk import say_count

# Signs of one post that are named.
_MOST_SIGNS = 4


@dataclass(frozen=True, slots=True)
class SignRow:
    """One sign that a post was taken up."""

    #: How, and by whom: ``linked by a post:`` and its title.
    how: str
    of: str
    language: str
    day: str
    #: Where it can be read; empty if that is not stored.
    url: str


@dataclass(frozen=True, slots=True)
class TakenUpRow:
    """A post that was not printed, and was taken up since."""

    post_id: int
    month: Month
    title: str
    language: str
    publisher: str
    #: What buried it, and where its score lay below the printed lines.
    why: str
    signs: tuple[SignRow, ...]
    #: ``and 3 more``; empty if all are named.
    more: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A printed line that is gone, or that nobody took up."""

    title: str
    url: str
    #: What is wrong with its address, and since when; empty if nothing is known to be.
    said: str


@dataclass(frozen=True, slots=True)
class BuriedRow:
    """What kept posts from being printed: how many, and how many of them were taken up."""

    name: str
    posts: str
    taken_up: str
    share: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of the quarter."""

    month: Month
    said: tuple[str, ...]
    buried: tuple[BuriedRow, ...]
    taken_up: tuple[TakenUpRow, ...]
    gone: tuple[LineRow, ...]
    not_taken_up: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposed weight."""

    #: As in feeds.toml: ``weights.depth``.
    name: str
    value: str
    said: str


@dataclass(frozen=True, slots=True)
class AftermathView:
    """What became of a quarter."""

    name: str
    said: tuple[str, ...]
    months: tuple[MonthRow, ...]
    proposals: tuple[ProposalRow, ...]
    #: Why nothing is proposed; empty if something is.
    why_none: str
    #: The month on which the proposed weights are tried first; None without any.
    tried_on: Month | None


def name_quarter(quarter: Quarter) -> str:
    """``Q3 2026``."""
    return t("Q{number} {year}", number=quarter.number, year=quarter.year)


def build_aftermath(found: Aftermath, texts: Texts, zone: ZoneInfo) -> AftermathView:
    is_over = any(month.is_over for month in found.months)
    return AftermathView(
        name=name_quarter(found.quarter),
        said=tuple(_list_said(found)) if is_over else (),
        months=tuple(_build_month(month, texts, zone) for month in found.months),
        proposals=tuple(map(_build_proposal, found.proposals)),
        why_none="" if found.proposals or not is_over else _say_none(found),
        tried_on=max((month.month for month in found.months if month.is_over), default=None),
    )


def _list_said(found: Aftermath) -> list[str]:
    looked = sum(month.looked_at for month in found.months)
    taken = sum(month.all_taken_up for month in found.months)
    return [
        t(
            "Posts that were not printed: {looked}; taken up within ninety days: {taken}.",
            looked=f"{looked:,}",
            taken=f"{taken:,}",
        ),
        t(
            "Seen after the prints: posts {posts}, links of round-ups and lists {votes}, counts of talk {counts}.",
            posts=f"{found.later:,}",
            votes=f"{found.votes:,}",
            counts=f"{found.counts:,}",
        ),
    ]


def _say_none(found: Aftermath) -> str:
    if found.missed < FEWEST:
        return tn(
            "{number} post was taken up that the ranking had put too low; weights are proposed from {fewest}.",
            "{number} posts were taken up that the ranking had put too low; weights are proposed from {fewest}.",
            found.missed,
            fewest=FEWEST,
        )
    return t(
        "What was taken up and what nobody took up had similar shares, or too few have a score: no weight is proposed."
    )


def _build_month(found: MonthAfter, texts: Texts, zone: ZoneInfo) -> MonthRow:
    return MonthRow(
        month=found.month,
        said=tuple(_list_said_of(found, zone)),
        buried=tuple(map(_build_buried, found.buried)),
        taken_up=tuple(_build_taken_up(each, texts, zone) for each in found.taken_up),
        gone=tuple(_build_line(line, zone) for line in found.lines if line.is_gone),
        not_taken_up=tuple(_build_line(line, zone) for line in found.lines if not line.signs and not line.is_gone),
    )


def _list_said_of(found: MonthAfter, zone: ZoneInfo) -> list[str]:
    if found.printed_at is None or found.ends_at is None:
        return [t("Not printed here.")]
    printed = words.day(found.printed_at, zone)
    if not found.is_over:
        ends = words.day(found.ends_at, zone)
        return [t("Printed on {day}; its ninety days end on {ends}.", day=printed, ends=ends)]
    lines, gone = len(found.lines), sum(line.is_gone for line in found.lines)
    said = [
        t("Printed on {day}, followed until {ends}.", day=printed, ends=words.day(found.ends_at, zone)),
        t(
            "Printed lines: {lines}; taken up: {taken}; pages gone: {gone}.",
            lines=lines,
            taken=sum(bool(line.signs) for line in found.lines),
            gone=gone,
        ),
        t(
            "Posts that were not printed: {posts}; taken up: {taken}.",
            posts=f"{found.looked_at:,}",
            taken=f"{found.all_taken_up:,}",
        ),
    ]
    if found.all_taken_up < FEWEST:
        said.append(t("These are few: read them one by one, and conclude nothing from the shares."))
    return said


def _build_buried(found: Buried) -> BuriedRow:
    name = t("{what}: {reason}", what=t(found.burier), reason=t(found.reason)) if found.reason else t(found.burier)
    return BuriedRow(name, f"{found.posts:,}", f"{found.taken_up:,}", words.percent(found.taken_up / found.posts))


def _build_taken_up(found: TakenUp, texts: Texts, zone: ZoneInfo) -> TakenUpRow:
    post, more = found.candidate.post, len(found.signs) - _MOST_SIGNS
    return TakenUpRow(
        post_id=post.id,
        month=post.month,
        title=name_post(post),
        language=post.language,
        publisher=name_publisher(found.candidate),
        why="; ".join([_say_burier(found, texts), *map(say_gap, found.gaps)]),
        signs=tuple(build_sign(sign, zone) for sign in found.signs[:_MOST_SIGNS]),
        more=tn("and {number} more", "and {number} more", more) if more > 0 else "",
    )


def _say_burier(found: TakenUp, texts: Texts) -> str:
    candidate = found.candidate
    if found.burier is Burier.REJECTED:
        return say_outcome(candidate)
    said = say_placement(candidate, texts) if found.burier is not Burier.PASSED_OVER else ""
    rank = t("rank {rank}", rank=candidate.score.rank) if candidate.score else ""
    return ", ".join(filter(None, [said or t(found.burier), rank]))


def say_gap(gap: Gap) -> str:
    """``Popularity 0.00, printed lines +0.62``."""
    return t(
        "{weight} {share}, printed lines {printed}",
        weight=t(gap.weight.label),
        share=words.signed(gap.share),
        printed=words.signed(gap.printed),
    )


def build_sign(sign: Evidence, zone: ZoneInfo) -> SignRow:
    """Say how a post was taken up, by whom, and when."""
    of = sign.of
    if sign.kind is EvidenceKind.TALK:
        of = t(
            "{counts} at {place}, usually {usual}",
            counts=say_count(sign.name, sign.value),
            place=sign.of,
            usual=f"{sign.usual:,.0f}",
        )
    return SignRow(t(sign.kind), of, sign.language, words.day(sign.at, zone), clean_url(sign.url) or "")


def _build_line(line: LineAfter, zone: ZoneInfo) -> LineRow:
    check, said = line.check, ""
    if check is not None and line.is_gone:
        since = t("since {day}", day=words.day(check.since_at, zone))
        said = f"{say_link(check)} {since}"
    return LineRow(unescape_text(line.line.title), line.line.url, said)


def _build_proposal(found: WeightProposal) -> ProposalRow:
    said = t("it spoke for what was taken up more than for what nobody took up")
    if found.gap < 0:
        said = t("it held back what was taken up more than what nobody took up")
    value = f"{found.proposed:g}"
    factors = t("{name}: {now} → {proposed}", name=t(found.weight.label), now=f"{found.now:g}", proposed=value)
    return ProposalRow(f"weights.{found.weight}", value, t("{factors}, {why}", factors=factors, why=said))


def list_quarters(quarters: Sequence[Quarter]) -> list[tuple[str, str]]:
    """Name quarters, each with its path."""
    return [(f"/aftermath/{quarter}", name_quarter(quarter)) for quarter in quarters]
