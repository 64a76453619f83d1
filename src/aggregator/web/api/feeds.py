"""Feeds: what is followed, and how."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from aggregator.locales import t
from aggregator.pipeline import follow, listing
from aggregator.shapes.changes import ChangeShape
from aggregator.shapes.discovery import FoundFeedShape
from aggregator.shapes.feeds import FeedShape
from aggregator.storage import health
from aggregator.storage.feeds import list_feed_states
from aggregator.types import Kind
from aggregator.web.api.fields import Body, FeedKey, Name
from aggregator.web.api.guard import Caller, Changing, Reading
from aggregator.web.feeds.done import Done, say_done
from aggregator.words.discovery import say_added, say_removed, say_renamed
from aggregator.words.feeds import hide

router = APIRouter(prefix="/feeds", tags=["feeds"])

_Address = Annotated[str, Field(max_length=2000)]


class OnlyBody(Body):
    """Which entries become posts: those with one of these words, or of these categories; without both, all."""

    words: list[Name] = Field(default=[], max_length=100)
    categories: list[Name] = Field(default=[], max_length=100)


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
    only: OnlyBody | None = Field(default=None, description="Its filter; without words and categories, it has none.")


class VisitBody(Body):
    full: bool = Field(default=False, description="Ask for the whole document, even if it has not changed.")


# A request without a body.
_NO_VISIT = VisitBody()


@router.get("")
def list_feeds(caller: Reading) -> list[FeedShape]:
    """List all feeds that are followed."""
    with caller.app.reading() as connection:
        return [FeedShape.of(state, caller.app.now) for state in list_feed_states(connection)]


class FindBody(Body):
    url: _Address = Field(description="The address of a site, a page or a feed.")


class AddBody(FindBody):
    """What to follow: the first feed behind an address that nobody follows yet, with these fields changed."""

    key: Name | None = Field(default=None, description="Its key; by default made of its address.")
    name: Name | None = None
    organisation: Name | None = Field(default=None, description="As the digest prints it; an empty text clears it.")
    language: Name | None = Field(default=None, examples=["ko"])
    kind: Kind | None = None
    weight: float | None = Field(default=None, ge=-1, le=1)
    tags: list[Name] | None = Field(default=None, max_length=50)
    site: Name | None = None
    full_text: bool | None = None


class RenameBody(Body):
    key: Name = Field(description="The new key: lower-case letters, digits, - and _.")


@router.post("")
async def add_feed(caller: Changing, body: AddBody) -> ChangeShape:
    """Find the feed behind an address, and follow it: it is written into feeds.toml."""
    discovery = await caller.app.discoverer.find(body.url)
    best = discovery.best
    if best is None:
        key = discovery.found[0].followed_as or ""
        said = t("{url} is followed already as {key}", url=hide(discovery.found[0].feed.url), key=key)
        return (await run_in_threadpool(_tell, caller, key, said)).model_copy(update={"is_new": False})
    changes = body.model_dump(mode="json", exclude={"url", "key"})
    key = body.key or best.feed.key
    table = listing.change_proposal(best.feed, changes)
    written = await run_in_threadpool(listing.add_feeds, caller.home, caller.app.feeds_file, {key: table})
    return await run_in_threadpool(_tell, caller, key, say_added(written))


@router.post("/find")
async def find_feeds(caller: Reading, body: FindBody) -> list[FoundFeedShape]:
    """Find the feeds behind an address; nothing is stored."""
    return [FoundFeedShape.of(found) for found in (await caller.app.discoverer.find(body.url)).found]


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
    if body.only and not (body.only.words or body.only.categories):
        changes["only"] = None
    if changes.get("url") is not None:
        changes["url"] = follow.read_address(caller.home, key, changes["url"])
    follow.change_feed(caller.home, key, changes)
    return _answer(caller, key, Done.ADDRESS if body.url else Done.EDIT)


@router.delete("/{key}")
def remove_feed(caller: Changing, key: FeedKey) -> ChangeShape:
    """Take a feed out of feeds.toml; its posts stay."""
    written = listing.remove_feed(caller.home, caller.app.feeds_file, key)
    return ChangeShape(message=f"{say_removed(written)}.")


@router.post("/{key}/rename")
def rename_feed(caller: Changing, key: FeedKey, body: RenameBody) -> ChangeShape:
    """Give a feed another key; its posts and visits stay with it."""
    written = listing.rename_feed(caller.home, caller.app.feeds_file, key, body.key)
    return _tell(caller, body.key, say_renamed(written, key))


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


def _tell(caller: Caller, key: str, said: str) -> ChangeShape:
    with caller.app.reading() as connection:
        (state,) = list_feed_states(connection, [key])
    return ChangeShape(message=f"{said}.", feed=FeedShape.of(state, caller.app.now))


def _answer(caller: Caller, key: str, done: Done) -> ChangeShape:
    app = caller.app
    with app.reading() as connection:
        (state,) = list_feed_states(connection, [key])
        visits = health.list_visits(connection, key, limit=1)
    notice = say_done(done, state, visits[0] if visits else None, app.now, app.zone)
    return ChangeShape(message=f"{notice.said}." if notice else "", feed=FeedShape.of(state, app.now))
