"""The kinds of values that requests carry."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from aggregator.pipeline.home import Home
from aggregator.storage.numbers import LAST_ID
from aggregator.types import Month, Section, Seen, Until, read_until
from aggregator.web.api.errors import refuse_field
from aggregator.web.pane.view import read_seen

# Databases refuse NUL, and no line shows the others.
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"

Name = Annotated[str, StringConstraints(max_length=500, pattern=_PRINTABLE)]
Markdown = Annotated[str, StringConstraints(max_length=20_000, pattern=_PRINTABLE)]
MonthText = Annotated[
    str,
    StringConstraints(pattern=_MONTH),
    AfterValidator(lambda text: str(Month.parse(text))),
    Field(examples=["2022-12"]),
]
Id = Annotated[int, Field(ge=1, le=LAST_ID)]
PostId = Annotated[int, Path(ge=1, le=LAST_ID, description="The number of a post.")]
FeedKey = Annotated[Name, Path(description="The key of a feed.")]
InMonth = Annotated[MonthText, Path(description="A month, such as 2022-12.")]


class Body(BaseModel):
    """What a request sends; unknown fields are refused, because a mistyped one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


Version = Annotated[str, StringConstraints(max_length=50)]


class SeenBody(Body):
    seen: Version | None = Field(
        default=None,
        description="The `version` of the post that this is about. If it has changed since, the answer is 409, and "
        "nothing is overwritten. Without it, nothing is checked.",
    )


def read_version(text: str | None) -> Seen | None:
    """Read the version of a post; raises 422."""
    try:
        return read_seen(text or "")
    except ValueError as error:
        raise refuse_field("seen", error) from error


def read_section(home: Home, text: str | None) -> Section | None:
    """Read a section such as 2.4 or part/topic; raises 422."""
    try:
        return home.taxonomy.parse_section(text) if text else None
    except ValueError as error:
        raise refuse_field("section", error) from error


def read_end(text: str | None) -> Until | None:
    """Read when a hold ends; raises 422."""
    try:
        return read_until(text) if text else None
    except ValueError as error:
        raise refuse_field("until", error) from error
