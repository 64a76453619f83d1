"""What was read of a post by its address, as a script sees it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from aggregator.types import ReadPost


class ReadShape(BaseModel):
    """What was read of a post that is not stored yet."""

    url: str
    title: str = Field(description="Empty if it could not be read.")
    organisation: str
    published_at: datetime | None
    language: str
    words: int
    links: list[str]
    trouble: str = Field(description="Why not all of it could be read; empty if it could.")

    @classmethod
    def of(cls, read: ReadPost) -> ReadShape:
        return cls(
            url=read.url,
            title=read.title,
            organisation=read.organisation,
            published_at=read.published_at,
            language=read.language,
            words=read.text.words if read.text else 0,
            links=list(read.text.links) if read.text else [],
            trouble=read.trouble,
        )
