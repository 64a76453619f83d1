"""Corrections: printed lines whose pages have moved or are gone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from aggregator.pipeline import corrections
from aggregator.shapes.corrections import FaultShape
from aggregator.shapes.reprint import FileShape
from aggregator.web.api.fields import Body, Name
from aggregator.web.api.guard import Caller, Changing, Reading

router = APIRouter(prefix="/corrections", tags=["digests"])


class CorrectionShape(BaseModel):
    """What a correction changes."""

    files: list[FileShape]
    mark: str


class CorrectBody(Body):
    url: str = Field(description="Of a printed line that waits for a correction.", max_length=2000)
    mark: Name | None = Field(
        default=None,
        description="Of what `/corrections/change` showed. If something has changed meanwhile, the answer is 409.",
    )
    leave: bool = Field(default=False, description="Leave the line as it is.")


@router.get("")
def list_corrections(caller: Reading) -> list[FaultShape]:
    """List the printed lines that wait for a correction."""
    return _list(caller)


@router.get("/change")
def show_change(caller: Reading, url: Annotated[str, Query(max_length=2000)]) -> CorrectionShape:
    """Show what the proposed correction of a line changes in the files; its `mark` confirms exactly that."""
    with caller.app.reading() as connection:
        plan = corrections.plan_remedy(caller.home, connection, url)
    files = [FileShape.of(change.file, change.text, change.edits) for change in plan.changes]
    return CorrectionShape(files=files, mark=plan.mark)


@router.post("")
def correct_printed(caller: Changing, body: CorrectBody) -> list[FaultShape]:
    """Put a line right in the files as proposed, or leave it as it is; answers with those that are left."""
    if body.leave:
        corrections.leave(caller.home, body.url)
    else:
        corrections.put_right(caller.home, body.url, mark=body.mark)
    return _list(caller)


def _list(caller: Caller) -> list[FaultShape]:
    return [FaultShape.of(fault) for fault in corrections.list_faults(caller.home)]
