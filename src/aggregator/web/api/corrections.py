"""Corrections: printed lines whose pages have moved or are gone."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from aggregator.pipeline import corrections
from aggregator.shapes.corrections import FaultShape
from aggregator.web.api.fields import Body
from aggregator.web.api.guard import Caller, Changing, Reading

router = APIRouter(prefix="/corrections", tags=["digests"])


class CorrectBody(Body):
    url: str = Field(description="Of a printed line that waits for a correction.", max_length=2000)
    leave: bool = Field(default=False, description="Leave the line as it is.")


@router.get("")
def list_corrections(caller: Reading) -> list[FaultShape]:
    """List the printed lines that wait for a correction."""
    return _list(caller)


@router.post("")
def correct_printed(caller: Changing, body: CorrectBody) -> list[FaultShape]:
    """Put a line right in the files as proposed, or leave it as it is; answers with those that are left."""
    if body.leave:
        corrections.leave(caller.home, body.url)
    else:
        corrections.put_right(caller.home, body.url)
    return _list(caller)


def _list(caller: Caller) -> list[FaultShape]:
    return [FaultShape.of(fault) for fault in corrections.list_faults(caller.home)]
