"""The same said of many posts: one batch of the history, one undo."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from pydantic import Field

from aggregator.pipeline import months, review
from aggregator.shapes.changes import BatchShape
from aggregator.storage.candidates import list_undecided
from aggregator.storage.database import Connection
from aggregator.types import Correction, Decision, Month
from aggregator.web.api.errors import refuse_field
from aggregator.web.api.fields import Body, Id, MonthText, Name, Version, read_end, read_section, read_version
from aggregator.web.api.guard import Caller, Changing
from aggregator.words.actions import say_done

router = APIRouter(tags=["review"])


class ManyBody(Body):
    """What to say of many posts: a verdict, a section, or both."""

    verdict: Decision | None = Field(default=None, description="Without it, only the section is set.")
    posts: list[Id] | None = Field(default=None, min_length=1, max_length=1000, examples=[[307, 308]])
    source: Name | None = Field(
        default=None,
        description="In place of posts: all undecided ones of this feed in the month; - for those of no feed.",
        examples=["northwind"],
    )
    month: MonthText | None = Field(default=None, description="Of the source; without it, the month to review.")
    section: Name | None = Field(default=None, examples=["2.4"])
    reason: Name | None = Field(default=None, description="Why; a rejection needs it.", examples=["off topic"])
    until: Name | None = Field(default=None, description="Of a hold: next-month, next-part, a month or a day.")
    seen: dict[Id, Version] = Field(
        default={},
        max_length=1000,
        description="By post, the `version` that this is about. A post that has changed since is left out.",
        examples=[{"307": "0.0"}],
    )
    dry_run: bool = Field(default=False, description="Say what would change; change nothing.")


@router.post("/many")
def act_on_many(caller: Changing, body: ManyBody) -> BatchShape:
    """Give many posts the same verdict or section; one undo takes all of it back. What cannot be done is named."""
    section, until = read_section(caller.home, body.section), read_end(body.until)
    if body.verdict is None and section is None:
        raise refuse_field("verdict", ValueError("give a verdict or a section"))
    numbers = _list_asked(caller, body)
    correction = Correction(0, by="", at=caller.home.now, section=section)
    seen = {number: found for number, text in body.seen.items() if (found := read_version(text))}
    if body.verdict is None:
        act = review.correct_many
    else:
        act = partial(review.decide_many, decision=body.verdict, reason=body.reason, until=until)
    batch = act(caller.home, numbers, correction=correction, seen=seen, is_trial=body.dry_run)
    if not body.dry_run:
        caller.app.judge.take_up_batch(batch)
    return BatchShape.of(batch, say_done(body.verdict, until, section), is_trial=body.dry_run)


def _list_asked(caller: Caller, body: ManyBody) -> list[int]:
    if (body.posts is None) == (body.source is None) or (body.month and body.source is None):
        raise refuse_field("posts", ValueError("give posts, or a source and perhaps its month"))
    if body.source is None:
        return body.posts or []
    month = Month.parse(body.month) if body.month else months.find_open_month(caller.app)

    def list_of(connection: Connection, source: str) -> list[int]:
        return list_undecided(connection, month, source)

    return review.list_of_source(caller.home, body.source, list_of)
