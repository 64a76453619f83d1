"""What became of the posts of a quarter, as a script sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.evaluate.aftermath import Evidence
from aggregator.evaluate.burial import Gap, WeightProposal
from aggregator.pipeline.aftermath import Aftermath, LineAfter, MonthAfter, TakenUp


class SignShape(BaseModel):
    """One sign that a post was taken up after the print of its month."""

    kind: str = Field(examples=["linked by a post", "in a round-up", "talked about"])
    at: datetime
    of: str = Field(description="The title of a post, the label of a round-up, or the place of talk.")
    url: str | None
    post: int | None = Field(description="The number of the post that says it.")
    counted: str = Field(description="What was counted at a place of talk; empty for anything else.")
    value: float
    usual: float = Field(description="What is usual there.")

    @classmethod
    def of_sign(cls, sign: Evidence) -> Self:
        return cls(
            kind=sign.kind,
            at=sign.at,
            of=sign.of,
            url=sign.url,
            post=sign.post_id,
            counted=sign.name,
            value=sign.value,
            usual=sign.usual,
        )


class GapShape(BaseModel):
    """Where the score of a post lay below those of the printed lines."""

    weight: str
    share: float
    printed: float = Field(description="The mean share of the printed lines.")

    @classmethod
    def of_gap(cls, gap: Gap) -> Self:
        return cls(weight=gap.weight, share=gap.share, printed=gap.printed)


class TakenUpShape(BaseModel):
    """A post that was not printed, and was taken up since."""

    post: int
    title: str
    url: str
    buried_by: str
    reason: str | None = Field(description="Of the verdict that rejected it.")
    rank: int | None
    gaps: list[GapShape]
    signs: list[SignShape]

    @classmethod
    def of_post(cls, found: TakenUp) -> Self:
        candidate = found.candidate
        return cls(
            post=candidate.post.id,
            title=candidate.post.title,
            url=candidate.post.url,
            buried_by=found.burier,
            reason=candidate.verdict.reason if candidate.verdict else None,
            rank=candidate.score.rank if candidate.score else None,
            gaps=[GapShape.of_gap(gap) for gap in found.gaps],
            signs=[SignShape.of_sign(sign) for sign in found.signs],
        )


class BuriedShape(BaseModel):
    """How many posts one thing kept from being printed."""

    by: str
    reason: str = Field(description="Of verdicts; empty for anything else.")
    posts: int
    taken_up: int


class LineAfterShape(BaseModel):
    """What became of a printed line."""

    post: int
    title: str = Field(description="In Markdown.")
    url: str
    link: str | None = Field(description="Where its address led at the last look; null without one.")
    since: datetime | None
    signs: list[SignShape]

    @classmethod
    def of_line(cls, found: LineAfter) -> Self:
        return cls(
            post=found.post_id,
            title=found.line.title,
            url=found.line.url,
            link=found.check.state if found.check else None,
            since=found.check.since_at if found.check else None,
            signs=[SignShape.of_sign(sign) for sign in found.signs],
        )


class MonthAfterShape(BaseModel):
    """A month of the quarter; everything but its dates is empty until its ninety days are over."""

    month: str
    printed_at: datetime | None
    ends_at: datetime | None
    is_over: bool
    looked_at: int = Field(description="Candidates that were not printed.")
    all_taken_up: int
    buried: list[BuriedShape]
    taken_up: list[TakenUpShape] = Field(description="Those that most have taken up, at most 20.")
    lines: list[LineAfterShape]

    @classmethod
    def of_month(cls, found: MonthAfter) -> Self:
        return cls(
            month=str(found.month),
            printed_at=found.printed_at,
            ends_at=found.ends_at,
            is_over=found.is_over,
            looked_at=found.looked_at,
            all_taken_up=found.all_taken_up,
            buried=[
                BuriedShape(by=each.burier, reason=each.reason, posts=each.posts, taken_up=each.taken_up)
                for each in found.buried
            ],
            taken_up=[TakenUpShape.of_post(each) for each in found.taken_up],
            lines=[LineAfterShape.of_line(each) for each in found.lines],
        )


class WeightProposalShape(BaseModel):
    """A weight that what was taken up speaks for; nothing is applied."""

    name: str = Field(examples=["weights.popularity"])
    now: float
    proposed: float
    gap: float = Field(description="How much more it spoke for what was taken up than for what was not.")

    @classmethod
    def of_proposal(cls, found: WeightProposal) -> Self:
        return cls(name=f"weights.{found.weight}", now=found.now, proposed=found.proposed, gap=found.gap)


class AftermathShape(BaseModel):
    """What became of the posts of a quarter within ninety days of the prints."""

    quarter: str = Field(examples=["2026-Q3"])
    months: list[MonthAfterShape]
    later_posts: int = Field(description="Posts that came after the prints and were looked at for links.")
    votes: int = Field(description="Links of round-ups and lists that came after.")
    counts: int = Field(description="Counts of talk that came after.")
    missed: int = Field(description="Posts that were taken up although the ranking had put them too low.")
    weights: list[WeightProposalShape]

    @classmethod
    def of(cls, found: Aftermath) -> Self:
        return cls(
            quarter=str(found.quarter),
            months=[MonthAfterShape.of_month(month) for month in found.months],
            later_posts=found.later,
            votes=found.votes,
            counts=found.counts,
            missed=found.missed,
            weights=[WeightProposalShape.of_proposal(each) for each in found.proposals],
        )
