"""Printed lines that wait for a correction."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from aggregator.digest.errata import find_address
from aggregator.digest.escape import unescape_text
from aggregator.types import Fault


class FaultShape(BaseModel):
    """A printed line whose page has moved or is gone."""

    url: str
    title: str
    printed_in: list[str] = Field(description="Months such as 2022-12, and the last days of pages.")
    state: str = Field(description="moved, missing, home, login or deserted.")
    since: datetime
    checked_at: datetime
    remedy: str = Field(description="What is proposed: moved puts the new address, archived one beside the original.")
    proposed: str | None = Field(description="The new or the archived address; null if an archive has no copy.")
    is_archived: bool | None = Field(description="Whether an archive has a copy; null if none was asked.")

    @classmethod
    def of(cls, fault: Fault) -> Self:
        check = fault.check
        return cls(
            url=fault.url,
            title=unescape_text(fault.title),
            printed_in=list(fault.printed_in),
            state=str(check.state),
            since=check.since_at,
            checked_at=check.checked_at,
            remedy=str(fault.remedy),
            proposed=None if check.is_not_archived and not check.target else find_address(fault),
            is_archived=None if check.archive_asked_at is None else check.archived is not None,
        )
