"""What would have been proposed of the curator's own list, as a script sees it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from aggregator.evaluate.own_list import Answer, Issue


class PlacedShape(BaseModel):
    """A line that could be tested."""

    title: str
    url: str
    place: int = Field(description="From 1, among all posts of the month as they would have been proposed.")
    newest_first: int = Field(description="Its place if the newest posts came first.")


class LeftShape(BaseModel):
    """A line that could not be tested."""

    title: str
    url: str
    why: str


class IssueShape(BaseModel):
    """A month of the list."""

    month: str
    lines: int
    tested: int
    candidates: int = Field(description="Posts of the month that feeds or archives gave.")
    in_first: int
    in_first_newest: int = Field(description="The same with the newest posts first.")
    in_first_by_chance: float
    placed: list[PlacedShape]
    left: list[LeftShape]

    @classmethod
    def of(cls, issue: Issue, first: int) -> IssueShape:
        return cls(
            month=str(issue.month),
            lines=issue.lines,
            tested=len(issue.placed),
            candidates=issue.candidates,
            in_first=issue.count_found(first),
            in_first_newest=issue.count_newest(first),
            in_first_by_chance=round(issue.expect(first), 2),
            placed=[
                PlacedShape(title=each.title, url=each.url, place=each.place, newest_first=each.newest)
                for each in issue.placed
            ],
            left=[LeftShape(title=each.title, url=each.url, why=str(each.why)) for each in issue.left],
        )


class UnfollowedShape(BaseModel):
    """A place of lines that nobody follows."""

    place: str
    lines: int
    wall: str | None = Field(description="The site that would have to be followed, and lets no program in.")


class ThinShape(BaseModel):
    """A part, a topic or a side of the scope with too few examples."""

    axis: str = Field(description="part, topic or scope")
    key: str
    examples: int
    needed: int


class AnswerShape(BaseModel):
    """What would have been proposed of the last issues."""

    made_at: datetime
    first: int = Field(description="How many posts are proposed.")
    lines: int
    tested: int
    in_first: int
    share: float | None = Field(description="Of the tested lines; null without one.")
    in_first_newest: int
    in_first_by_chance: float
    untested: dict[str, int] = Field(description="How many lines could not be tested, by the reason.")
    undated: int = Field(description="Lines that say neither month nor day; they are not among the lines.")
    issues: list[IssueShape] = Field(description="Newest first.")
    not_followed: list[UnfollowedShape]
    too_few: list[ThinShape]
    examples_are_lent: bool = Field(description="Whether the rows that come with the program stand in.")
    is_unread: bool = Field(description="Whether months with texts that are not read yet were ranked by titles alone.")

    @classmethod
    def of(cls, answer: Answer) -> AnswerShape:
        return cls(
            made_at=answer.made_at,
            first=answer.first,
            lines=answer.lines,
            tested=answer.tested,
            in_first=answer.found,
            share=round(answer.found / answer.tested, 4) if answer.tested else None,
            in_first_newest=answer.newest,
            in_first_by_chance=round(answer.expected, 2),
            untested={str(why): count for why, count in answer.count_left().items()},
            undated=answer.undated,
            issues=[IssueShape.of(issue, answer.first) for issue in answer.issues],
            not_followed=[UnfollowedShape(place=each.place, lines=each.lines, wall=each.wall) for each in answer.hosts],
            too_few=[
                ThinShape(axis=each.axis, key=each.key, examples=each.lessons, needed=each.needed)
                for each in answer.thin
            ],
            examples_are_lent=answer.is_lent,
            is_unread=answer.is_unread,
        )
