"""Digests: what was printed, or would be printed now."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from aggregator.digest.render import render_digest
from aggregator.pipeline import after_print, editions, publish
from aggregator.shapes.deliveries import DeliveryShape, describe_delivery
from aggregator.storage import digests
from aggregator.types import DigestState, EditionFormat, Month
from aggregator.web.api.fields import Body, InMonth
from aggregator.web.api.guard import Caller, Changing, Reading

router = APIRouter(prefix="/months/{month}/digest", tags=["digests"])


class DigestShape(BaseModel):
    """The digest of a month, as it was printed or read, else as it would be printed now."""

    month: str
    state: str | None = Field(description="Of the stored one: draft, printed or read; null if there is none.")
    made_at: datetime | None
    lines: int
    markdown: str
    after_print: list[DeliveryShape] = Field(description="What came of telling others of its last print.")


class PrintBody(Body):
    state: Literal["printed", "draft"] = Field(default="printed", description="A draft leaves the month open.")
    again: bool = Field(default=False, description="Replace what was printed before.")


# A request without a body.
_NO_PRINT = PrintBody()


def _schema(form: EditionFormat) -> dict[str, object]:
    return {"type": "object"} if form is EditionFormat.JSON else {"type": "string"}


@router.get("")
def show_digest(caller: Reading, month: InMonth) -> DigestShape:
    """Show the digest of a month in Markdown."""
    return _show(caller, Month.parse(month))


@router.get(
    "/{form}",
    response_class=Response,
    responses={
        200: {"description": "It.", "content": {form.media_type: {"schema": _schema(form)} for form in EditionFormat}}
    },
)
def show_edition(caller: Reading, month: InMonth, form: EditionFormat) -> Response:
    """Show it in another form, as it is printed beside the Markdown."""
    wanted = Month.parse(month)
    digest, _ = publish.choose_digest(caller.home, wanted)
    return Response(editions.show_edition(caller.app, wanted, digest, form), media_type=form.media_type)


@router.post("")
def print_digest(caller: Changing, month: InMonth, body: PrintBody = _NO_PRINT) -> DigestShape:
    """Print the approved posts of a month, or make a draft of them."""
    wanted = Month.parse(month)
    publish.make_digest(caller.home, wanted, DigestState(body.state), again=body.again)
    return _show(caller, wanted)


@router.post("/deliver")
def deliver_again(caller: Changing, month: InMonth) -> DigestShape:
    """Let the command and the webhook be told of its print again, where that failed; the daemon does it soon."""
    wanted = Month.parse(month)
    after_print.begin_again(caller.home, wanted)
    return _show(caller, wanted)


def _show(caller: Caller, month: Month) -> DigestShape:
    with caller.app.reading() as connection:
        stored = digests.find_digest(connection, month)
    digest, _ = publish.choose_digest(caller.home, month)
    return DigestShape(
        month=str(month),
        state=str(stored.state) if stored else None,
        made_at=stored.made_at if stored else None,
        lines=len(digest.lines),
        markdown=render_digest(digest),
        after_print=[describe_delivery(each, caller.app.now) for each in after_print.list_last(caller.home, month)],
    )
