"""The page of posts that wait for their day, or for somebody who knows their month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.addresses.urls import clean_url, readable_url
from aggregator.locales import t
from aggregator.pipeline import months, review
from aggregator.posts.dating import find_other_month
from aggregator.review.verdicts import NOT_A_POST
from aggregator.storage import actions, candidates
from aggregator.storage.database import Connection
from aggregator.types import Action, Candidate, Decision, Month
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, Site, read_post_id
from aggregator.words.actions import say_action
from aggregator.words.dates import list_doubts
from aggregator.words.posts import name_post, name_publisher

router = APIRouter(dependencies=[Depends(require_session)])

# A feed without dates can bring hundreds. Each post that joins the candidates makes room for another.
_LIMIT = 200


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """A post that waits, as the page shows it."""

    id: int
    title: str
    language: str
    url: str | None
    address: str
    publisher: str
    found: str
    doubts: tuple[str, ...]
    #: The proposed month: that of the address, else that of the date.
    month: str
    #: Whether other posts of its source wait, too.
    has_others: bool


@router.get("/waiting")
def show_waiting(site: OfSite, session: OfSession, done: int | None = None, rejected: int | None = None) -> Response:
    """Show what waits; *done* is a post that has just got its month, *rejected* an action."""
    zone = site.app.zone
    with site.app.reading() as connection:
        waiting = candidates.list_waiting(connection, limit=_LIMIT)
        count = candidates.count_waiting(connection)
        released = candidates.list_candidates_by_id(connection, [done]) if done and 0 < done < 2**63 else []
        action = _find_rejected(connection, rejected) if rejected and 0 < rejected < 2**63 else None
        said = say_action(action, actions.name_subject(connection, action)) if action else ""
    sources = Counter(candidate.post.feed_key for candidate in waiting)
    return site.page(
        "waiting/waiting.html",
        posts=[build_waiting(candidate, zone, sources) for candidate in waiting],
        count=count,
        action=action,
        said=said,
        released=released[0].post if released else None,
        token=session.token,
    )


def build_waiting(candidate: Candidate, zone: ZoneInfo, sources: Counter[str | None]) -> WaitingPost:
    post = candidate.post
    return WaitingPost(
        id=post.id,
        title=name_post(post),
        language=post.language,
        url=clean_url(post.url),
        address=readable_url(post.url),
        publisher=name_publisher(candidate),
        found=words.day(post.first_seen_at, zone),
        doubts=tuple(list_doubts(post, zone)),
        month=str(find_other_month(post) or post.own_month),
        has_others=post.feed_key is not None and sources[post.feed_key] > 1,
    )


@router.post("/posts/{post}/month", dependencies=[OwnForm])
def give_month(site: OfSite, post: str, month: Annotated[str, Form()]) -> Response:
    """Set the month of a post, which joins the candidates."""
    try:
        chosen = Month.parse(month)
    except ValueError as error:
        raise HTTPException(422, words.sentence(str(error))) from error
    candidate = months.give_month(site.app, read_post_id(post), chosen)
    site.app.judge.rank({candidate.post.month})
    return RedirectResponse(f"/waiting?done={candidate.post.id}", 303)


@router.post("/posts/{post}/not-a-post", dependencies=[OwnForm])
def reject_page(site: OfSite, post: str) -> Response:
    """Reject a page that is not a post; nothing is learned from it."""
    return _reject(site, [read_post_id(post)])


@router.post("/posts/{post}/source/not-a-post", dependencies=[OwnForm])
def reject_pages(site: OfSite, post: str) -> Response:
    """Reject all that wait of the feed of this one. Raises 422 if no feed brought it."""
    with site.app.reading() as connection:
        feed_key = candidates.get_candidate(connection, read_post_id(post)).post.feed_key
        if feed_key is None:
            raise HTTPException(422, t("No feed brought this post."))
        numbers = candidates.list_waiting_of(connection, feed_key)
    return _reject(site, numbers)


def _reject(site: Site, numbers: Sequence[int]) -> Response:
    app = site.app
    batch = review.decide_many(app, numbers, Decision.REJECT, reason=NOT_A_POST)
    if not batch.done:
        if batch.refused:
            raise HTTPException(409, words.sentence(batch.refused[0].why))
        return RedirectResponse("/waiting", 303)
    with app.reading() as connection:
        action = actions.find_last(connection, by=app.curator)
    return RedirectResponse(f"/waiting?rejected={action.batch or action.id}" if action else "/waiting", 303)


def _find_rejected(connection: Connection, number: int) -> Action | None:
    """Find the action that has just rejected pages, with the size of its batch; None once it is undone."""
    batch = actions.list_batch(connection, actions.get_action(connection, number))
    return None if batch[-1].is_undone else replace(batch[-1], size=len(batch))
