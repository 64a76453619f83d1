"""Feeds: what is followed, and how."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from aggregator.pipeline import follow
from aggregator.shapes.changes import ChangeShape
from aggregator.shapes.feeds import FeedShape
from aggregator.storage import health
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Kind
from aggregator.web.api.fields import Body, FeedKey, Name
from aggregator.web.api.guard import Caller, Changing, Reading
from aggregator.web.feeds.done import Done, say_done

router = APIRouter(prefix="/feeds", tags=["feeds"])

_Address = Annotated[str, Field(max_length=2000)]


class FeedBody(Body):
    """What to change of a feed, over feeds.toml. Fields that are left out stay."""

    name: Name | None = None
    organisation: Name | None = Field(default=None, description="As the digest prints it; an empty text clears it.")
    language: Name | None = Field(default=None, examples=["ko"])
    kind: Kind | None = None
    weight: float | None = Field(default=None, ge=-1, le=1, description="How much its posts are wanted.")
    tags: list[Name] | None = Field(default=None, max_length=50)
    site: Name | None = None
    url: _Address | None = Field(default=None, description="A new address; its entries and posts stay.")
    full_text: bool | None = Field(default=None, description="Read the pages of its posts.")


class VisitBody(Body):
    full: bool = Field(default=False, description="Ask for the whole document, even if it has not changed.")


# A request without a body.
_NO_VISIT = VisitBody()


@router.get("")
def list_feeds(caller: Reading) -> list[FeedShape]:
    """List all feeds that are followed."""
    with caller.app.reading() as connection:
        return [FeedShape.of(state, caller.app.now) for state in list_feed_states(connection)]


@router.get("/{key}")
def show_feed(caller: Reading, key: FeedKey) -> FeedShape:
    """Show one feed."""
    with caller.app.reading() as connection:
        (state,) = list_feed_states(connection, [key])
    return FeedShape.of(state, caller.app.now)


@router.patch("/{key}")
def edit_feed(caller: Changing, key: FeedKey, body: FeedBody) -> ChangeShape:
    """Change how a feed is followed."""
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    if changes.get("url") is not None:
        changes["url"] = follow.read_address(caller.home, key, changes["url"])
    follow.change_feed(caller.home, key, changes)
    return _answer(caller, key, Done.ADDRESS if body.url else Done.EDIT)


@router.post("/{key}/pause")
def pause_feed(caller: Changing, key: FeedKey) -> ChangeShape:
    """Stop visiting a feed until it is resumed."""
    follow.pause_feed(caller.home, key)
    return _answer(caller, key, Done.PAUSE)


@router.post("/{key}/resume")
def resume_feed(caller: Changing, key: FeedKey) -> ChangeShape:
    """Visit a paused feed again."""
    follow.resume_feed(caller.home, key)
    return _answer(caller, key, Done.RESUME)


@router.post("/{key}/reset")
def reset_feed(caller: Changing, key: FeedKey) -> ChangeShape:
    """Follow a feed as feeds.toml says again."""
    follow.reset_feed(caller.home, key)
    return _answer(caller, key, Done.RESET)


@router.post("/{key}/visit")
async def visit_feed(caller: Changing, key: FeedKey, body: VisitBody = _NO_VISIT) -> ChangeShape:
    """Visit a feed now; the answer comes when the visit has ended."""
    made = await caller.app.visitor.visit_now([key], whole=body.full)
    return _answer(caller, key, Done.VISIT if made else Done.BUSY)


def _answer(caller: Caller, key: str, done: Done) -> ChangeShape:
    app = caller.app
    with app.reading() as connection:
        (state,) = list_feed_states(connection, [key])
        visits = health.list_visits(connection, key, limit=1)
    notice = say_done(done, state, visits[0] if visits else None, app.now, app.zone)
    return ChangeShape(message=f"{notice.said}." if notice else "", feed=FeedShape.of(state, app.now))
