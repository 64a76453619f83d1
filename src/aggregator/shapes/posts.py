"""Posts as a script sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from aggregator.digest.compose import compose_line
from aggregator.digest.render import render_line
from aggregator.exceptions import DigestError
from aggregator.pipeline.lines import show_fields
from aggregator.posts.dating import find_other_month
from aggregator.storage.narrowing import MOST_FOUND
from aggregator.types import (
    Candidate,
    Guess,
    Hint,
    LineStyle,
    Placement,
    Proposal,
    Reason,
    Ruled,
    Sequel,
    State,
    TitleStep,
    Verdict,
    WorkPost,
)


class GuessShape(BaseModel):
    """What the classifier believes about a post. A part that is known by its publisher has a field of its own."""

    model_config = ConfigDict(extra="allow")

    section: str | None = Field(description="The likeliest section, such as 2.4.")
    probability: float
    parts: dict[str, float]
    topics: dict[str, float]
    out_of_scope: float | None
    model: str = Field(description="The version of the model that guessed.")

    @classmethod
    def of(cls, guess: Guess) -> Self:
        return cls(
            section=str(guess.section) if guess.section else None,
            probability=round(guess.probability, 4),
            parts={str(part): share for part, share in guess.parts.items()},
            topics={str(topic): share for topic, share in guess.topics.items()},
            out_of_scope=guess.out_of_scope,
            model=guess.model_version,
            **{str(part): share for part, share in guess.parts.items() if part.published_by},
        )


class ReasonShape(BaseModel):
    """A signed share of a score. The score is the sum of its reasons."""

    name: str
    share: float
    detail: str = Field(description="The evidence.")

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls(name=reason.name, share=reason.share, detail=reason.detail)


class StandingShape(BaseModel):
    """Why a post is on the shortlist or not, if not for its score alone."""

    ground: str
    of: str
    place: int
    most: int


class RuledShape(BaseModel):
    """The section that a rule of the curator gives."""

    section: str
    rule: int

    @classmethod
    def by(cls, ruled: Ruled) -> Self:
        return cls(section=str(ruled.section), rule=ruled.rule)


class VerdictShape(BaseModel):
    """A verdict."""

    decision: str = Field(description="approved, rejected or held.")
    reason: str | None
    until: str | None = Field(description="Of a hold: when the post is to come back by itself.")
    by: str = Field(description="The curator, or the name of a token.")
    at: datetime

    @classmethod
    def of(cls, verdict: Verdict, state: State) -> Self:
        until = str(verdict.until) if verdict.until else None
        return cls(decision=str(state), reason=verdict.reason, until=until, by=verdict.by, at=verdict.at)


class PostShape(BaseModel):
    """A post as it stands now, without its text."""

    post: int = Field(description="Its number.", examples=[307])
    title: str = Field(description="The title of the site. What the line says is in `line`.")
    url: str
    organisation: str | None
    feed: str | None = Field(description="The key of its feed; null if it came with a digest.")
    language: str
    published_at: datetime
    published_from: str
    confidence: str
    month: str = Field(description="The month that it is a candidate of.", examples=["2022-12"])
    own_month: str
    late_for: str | None
    waits_for: str | None
    address_month: str | None
    section: str | None = Field(description="The curator's, else that of a rule, else the guess.", examples=["2.4"])
    lost_section: str | None
    guess: GuessShape | None
    rank: int | None
    score: float | None
    shortlisted: bool
    standing: StandingShape | None
    ruled: RuledShape | None
    sampled: bool
    reasons: list[ReasonShape]
    verdict: VerdictShape | None
    returned: VerdictShape | None = Field(description="The hold that an undecided post has come back from.")
    starred: bool = Field(description="Whether it is a highlight as long as it is approved.")
    printed_in: str | None
    on_page: bool
    seen: bool = Field(description="Whether a cumulative page was printed after it, without it.")
    added_by: str | None = Field(description="Who added it by its address; null if a feed or a digest gave it.")
    suggested: int = Field(description="How many readers suggested it.")
    version: str = Field(description="What was said of it. Send it as `seen` to overturn nothing newer.")

    @classmethod
    def of(cls, candidate: Candidate) -> PostShape:
        return cls.model_validate(_describe(candidate))


class FoundShape(BaseModel):
    """Posts that a search has found, or a page of them."""

    total: int = Field(description=f"How many posts were found, up to {MOST_FOUND}.")
    has_more: bool = Field(description="Whether there are more than that.")
    posts: list[PostShape]

    @classmethod
    def of(cls, found: int, shown: Sequence[Candidate]) -> Self:
        """*found* is how many there are in all."""
        posts = [PostShape.of(candidate) for candidate in shown]
        return cls(total=min(found, MOST_FOUND), has_more=found > MOST_FOUND, posts=posts)


class LineShape(BaseModel):
    """The fields of the line of a post, in Markdown, as the curator would type them."""

    section: str
    title: str
    month: str
    organisation: str
    note: str


class StepShape(BaseModel):
    """A change that leads to the house style, as plain text."""

    kind: str
    before: str
    after: str
    printed: int = Field(description="How many printed titles say so; 0 if only a rule does.")


class ProposedShape(BaseModel):
    """The line in the house style, as far as it can be proposed; nothing of it is stored."""

    title: str = Field(description="Markdown, made from the title that the post came with.")
    steps: list[StepShape] = Field(description="Empty if the title is in house style as it came.")
    organisation: str | None
    organisation_lines: int = Field(description="How many printed lines of its place or feed name it; 0: its own.")
    month: str
    month_from: str = Field(description="post, address or text: what names the month.")

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        steps = [
            StepShape(**{name: getattr(step, name) for name in TitleStep.__slots__} | {"kind": str(step.kind)})
            for step in proposal.steps
        ]
        return cls(
            title=proposal.title,
            steps=steps,
            organisation=proposal.organisation,
            organisation_lines=proposal.organisation_lines,
            month=str(proposal.month),
            month_from=str(proposal.month_from),
        )


class HintShape(BaseModel):
    """A piece of a note, made from the post; nothing of it is stored."""

    kind: str = Field(description="parts, idea, steps, names, result or links.")
    text: str = Field(description="Markdown, ready for the note.")
    language: str
    why: dict[str, list[str]] = Field(description="What speaks for a sentence, each with the words that say so.")

    @classmethod
    def of(cls, hint: Hint) -> Self:
        why = {str(cue): list(said) for cue, said in hint.why}
        return cls(kind=str(hint.kind), text=hint.text, language=hint.language, why=why)


class FollowedShape(BaseModel):
    """Something printed that a post follows."""

    post: int
    month: str = Field(description="The month whose digest printed it.")
    title: str = Field(description="Markdown, as it was printed.")
    url: str
    ground: str = Field(description="a newer version of it, what was released for it, or how it went on.")
    detail: str = Field(description="What says so.")

    @classmethod
    def of(cls, sequel: Sequel) -> Self:
        one = sequel.printed
        return cls(
            post=one.post_id,
            month=str(one.month),
            title=one.title,
            url=one.url,
            ground=str(sequel.ground),
            detail=sequel.detail,
        )


class TextShape(PostShape):
    """A post with its text, and the line that would be printed."""

    canonical_url: str
    text: str = Field(description="Plain text without code, shortened.")
    words: int
    links: list[str]
    tags: list[str]
    copy_of: int | None
    line: LineShape
    printed: str | None = Field(description="The line in Markdown; null if it cannot be printed.")
    proposed: ProposedShape | None = Field(default=None, description="Null in the answer to a conflict.")
    hints: list[HintShape] = Field(default=[], description="For the note, in its order; empty in that answer.")
    follows: list[FollowedShape] = Field(default=[], description="What was printed that it follows; empty as well.")
    same_work: list[int] = Field(default=[], description="Other candidates about the same work; empty as well.")

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        proposal: Proposal | None = None,
        hints: Sequence[Hint] = (),
        style: LineStyle | None = None,
        *,
        follows: Sequence[Sequel] = (),
        work: Sequence[WorkPost] = (),
    ) -> TextShape:
        post = candidate.post
        try:
            printed = render_line(compose_line(candidate, style))
        except DigestError:
            printed = None
        names = ("canonical_url", "text", "words", "copy_of")
        return cls.model_validate(
            _describe(candidate)
            | {name: getattr(post, name) for name in names}
            | {"links": list(post.links), "tags": list(post.tags)}
            | {"line": LineShape(**show_fields(candidate)), "printed": printed}
            | {"proposed": ProposedShape.of(proposal) if proposal else None}
            | {"hints": [HintShape.of(hint) for hint in hints]}
            | {"follows": [FollowedShape.of(one) for one in follows], "same_work": [one.post_id for one in work]}
        )


def _describe(candidate: Candidate) -> dict[str, object]:
    post, guess, score, verdict = candidate.post, candidate.guess, candidate.score, candidate.verdict
    placement, ruled = (score.placement, score.ruled) if score else (None, None)
    month = find_other_month(post)
    return {
        "post": post.id,
        "title": post.title,
        "url": post.url,
        "organisation": post.organisation,
        "feed": post.feed_key,
        "language": post.language,
        "published_at": post.published_at,
        "published_from": str(post.published_from),
        "confidence": str(post.confidence),
        "month": str(post.month),
        "own_month": str(post.own_month),
        "late_for": str(post.late_for) if post.late_for else None,
        "waits_for": str(post.waits_for) if post.waits_for else None,
        "address_month": str(month) if month else None,
        "section": str(candidate.section) if candidate.section else None,
        "lost_section": candidate.lost_section,
        "guess": GuessShape.of(guess) if guess else None,
        "rank": score.rank if score else None,
        "score": score.value if score else None,
        "shortlisted": candidate.is_shortlisted,
        "standing": StandingShape(**{name: getattr(placement, name) for name in Placement.__slots__})
        if placement
        else None,
        "ruled": RuledShape.by(ruled) if ruled else None,
        "sampled": candidate.is_sampled,
        "reasons": [ReasonShape.of(reason) for reason in score.reasons] if score else [],
        "verdict": VerdictShape.of(verdict, candidate.state) if verdict else None,
        "returned": VerdictShape.of(candidate.returned, State.HELD) if candidate.returned else None,
        "starred": candidate.is_starred,
        "printed_in": str(candidate.printed_in) if candidate.printed_in else None,
        "on_page": candidate.is_on_page,
        "seen": candidate.is_seen,
        "added_by": candidate.added_by,
        "suggested": candidate.suggested,
        "version": str(candidate.said),
    }
