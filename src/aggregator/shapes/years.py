"""Years as a script sees them."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from aggregator.digest.render import render_digest
from aggregator.digest.year import Year, name_place
from aggregator.types import Digest


class CountShape(BaseModel):
    """How many lines a month or a section has."""

    name: str = Field(examples=["2026-01", "2.4"])
    heading: str = Field(description="As the digest prints a section; empty for a month.")
    lines: int
    highlights: int


class OrganisationShape(BaseModel):
    """How often an organisation was printed."""

    name: str
    lines: int


class YearShape(BaseModel):
    """What was printed in a year."""

    year: int
    lines: int
    highlights: int
    months: list[CountShape]
    sections: list[CountShape]
    organisations: list[OrganisationShape] = Field(description="Those that were printed most often.")
    markdown: str = Field(description="The counts, and the highlights as a digest.")

    @classmethod
    def of(cls, year: Year, digest: Digest) -> Self:
        months = [(str(month), "", count) for month, count in year.months.items()]
        sections = [(str(each), name_place(each, digest.texts), count) for each, count in year.sections.items()]
        shaped = [
            [
                CountShape(name=name, heading=heading, lines=count.lines, highlights=count.highlights)
                for name, heading, count in counts
            ]
            for counts in (months, sections)
        ]
        return cls(
            year=year.year,
            lines=year.lines,
            highlights=len(year.highlights),
            months=shaped[0],
            sections=shaped[1],
            organisations=[OrganisationShape(name=name, lines=times) for name, times in year.organisations],
            markdown=render_digest(digest),
        )
