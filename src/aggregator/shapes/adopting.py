"""What was found out about a list that is adopted, as a script sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from aggregator.words.feeds import hide

if TYPE_CHECKING:
    from aggregator.pipeline.adopting import Proposal
    from aggregator.pipeline.unfollowed import Looked


class AdoptedLineShape(BaseModel):
    """A line of a list."""

    page: str
    line: int = Field(description="From 1.")
    section: str = Field(description="part/topic")
    title: str = Field(description="Markdown.")
    url: str
    month: str | None = Field(description="As the line names it.")
    chosen: str | None = Field(description="A day or a month; null if nothing says so.")
    organisation: str | None
    note: str = Field(description="Markdown, with what joins it to the line.")


class LeftShape(BaseModel):
    """A line that was not understood."""

    page: str
    line: int
    message: str


class AdoptedHostShape(BaseModel):
    """A host of the list."""

    place: str
    lines: int
    feed: str | None = Field(description="The key of the known feed that follows it.")


class DoubtfulShape(BaseModel):
    """A feed that was found and is not followed by itself."""

    url: str
    why: str


class LookedShape(BaseModel):
    """What was found at a place that nobody follows."""

    place: str
    lines: int
    feed: str | None = Field(description="The key of the feed that follows it, as feeds.toml would write it.")
    others: list[DoubtfulShape]
    why: str | None = Field(description="Why nobody looked, or that nothing was found.")

    @classmethod
    def of(cls, look: Looked) -> LookedShape:
        return cls(
            place=look.place.name,
            lines=look.place.lines,
            feed=look.sure.feed.key if look.sure else look.followed_as,
            others=[DoubtfulShape(url=hide(each.feed.url), why=str(each.doubt)) for each in look.others],
            why=str(look.rest) if look.rest else None,
        )


class AdoptionShape(BaseModel):
    """How a list may be gone on with."""

    lines: list[AdoptedLineShape]
    rhythm: str
    a_month: int | None = Field(description="Lines of a usual month; null if the days do not tell.")
    day: int | None = Field(description="The day of the month on which most issues came out.")
    language: str | None = Field(description="Of what its keeper wrote: ko or en.")
    order: str = Field(description="Of the lines within a section.")
    languages: dict[str, int] = Field(description="Of titles, with the number of lines.")
    is_shipped: bool = Field(description="Whether its parts and topics are the shipped ones.")
    hosts: list[AdoptedHostShape]
    found: list[LookedShape] = Field(description="With --discover: by the number of lines.")
    left: list[LeftShape]
    feeds_toml: str

    @classmethod
    def of(cls, proposal: Proposal) -> AdoptionShape:
        adoption = proposal.adoption
        return cls(
            lines=[
                AdoptedLineShape(
                    page=each.page,
                    line=each.number,
                    section=each.line.section.key,
                    title=each.line.title,
                    url=each.line.url,
                    month=str(each.line.month) if each.line.month else None,
                    chosen=str(each.chosen) if each.chosen else None,
                    organisation=each.line.organisation,
                    note=each.line.note,
                )
                for each in adoption.lines
            ],
            rhythm=str(adoption.rhythm),
            a_month=adoption.habits.a_month,
            day=adoption.habits.day,
            language=adoption.habits.language,
            order=str(adoption.habits.order),
            languages=dict(adoption.languages),
            is_shipped=adoption.is_shipped,
            hosts=[
                AdoptedHostShape(place=row.place, lines=row.lines, feed=row.feed.key if row.feed else None)
                for row in proposal.hosts
            ],
            found=[LookedShape.of(look) for look in proposal.looks],
            left=[LeftShape(page=page, line=remark.number, message=remark.sentence) for page, remark in adoption.left],
            feeds_toml=proposal.feeds_toml,
        )
