"""Digests: what was printed, or would be printed now."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from aggregator import words
from aggregator.digest.render import render_digest
from aggregator.pipeline import after_print, editions, publish, reprint
from aggregator.shapes.deliveries import DeliveryShape
from aggregator.shapes.reprint import ReprintShape
from aggregator.storage import digests
from aggregator.types import DigestState, EditionFormat, Month
from aggregator.web.api.errors import refuse_field
from aggregator.web.api.fields import Body, InMonth, Name
from aggregator.web.api.guard import Caller, Changing, Reading

router = APIRouter(prefix="/months/{month}/digest", tags=["digests"])


class DigestShape(BaseModel):
    """The digest of a month, as it was printed or read, else as it would be printed now."""

    month: str
    state: str | None = Field(description="Of the stored one: draft, printed or read; null without one.")
    made_at: datetime | None
    lines: int
    markdown: str
    after_print: list[DeliveryShape] = Field(description="What came of telling others of its last print.")
    since: ReprintShape | None = Field(description="What was decided since the print; null if nothing was.")


class NextShape(BaseModel):
    """The posts that the next month has taken up."""

    month: str
    posts: list[int]


class PrintBody(Body):
    state: Literal["printed", "draft"] = Field(default="printed", description="A draft leaves the month open.")
    again: bool = Field(default=False, description="Replace what was printed before.")
    mark: Name | None = Field(
        default=None,
        description="With `again`, the `mark` of `since`. If something has changed meanwhile, the answer is 409.",
    )


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
    if body.mark is not None:
        if not body.again or body.state != "printed":
            raise refuse_field("mark", ValueError("a mark is for printing again"))
        reprint.print_again(caller.home, wanted, mark=body.mark)
    else:
        publish.make_digest(caller.home, wanted, DigestState(body.state), again=body.again)
    return _show(caller, wanted)


@router.post("/deliver")
def deliver_again(caller: Changing, month: InMonth) -> DigestShape:
    """Let the command and the webhook be told of its print again, where that failed; the daemon does it soon."""
    wanted = Month.parse(month)
    after_print.begin_again(caller.home, wanted)
    return _show(caller, wanted)


@router.post("/next")
def put_into_next(caller: Changing, month: InMonth) -> NextShape:
    """Put what was approved after the print into the next month; one undo takes all of it back."""
    wanted = Month.parse(month)
    following, moved = reprint.put_into_next(caller.home, wanted)
    caller.app.judge.rank({wanted, following})
    return NextShape(month=str(following), posts=[candidate.post.id for candidate in moved])


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
        after_print=[DeliveryShape.of(each, caller.app.now) for each in after_print.list_last(caller.home, month)],
        since=_look_again(caller, month),
    )


def _look_again(caller: Caller, month: Month) -> ReprintShape | None:
    with caller.app.reading() as connection:
        look = reprint.look_again(caller.home, connection, month, reprint.find_since(connection, month))
    if look is None:
        return None
    return ReprintShape.of(look.since, look.change, words.sentence(look.problem) if look.problem else None)
