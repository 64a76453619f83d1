"""The page of posts that wait for their day, or for somebody who knows their month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.addresses.urls import clean_url, readable_url
from aggregator.pipeline import months
from aggregator.storage import candidates
from aggregator.types import Candidate, Month
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, read_post_id
from aggregator.words.dates import find_other_month, list_doubts
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


@router.get("/waiting")
def show_waiting(site: OfSite, session: OfSession, done: int | None = None) -> Response:
    zone = site.app.zone
    with site.app.reading() as connection:
        waiting = candidates.list_waiting(connection, limit=_LIMIT)
        count = candidates.count_waiting(connection)
        released = candidates.list_candidates_by_id(connection, [done]) if done and 0 < done < 2**63 else []
    return site.page(
        "waiting/waiting.html",
        posts=[build_waiting(candidate, zone) for candidate in waiting],
        count=count,
        released=released[0].post if released else None,
        token=session.token,
    )


def build_waiting(candidate: Candidate, zone: ZoneInfo) -> WaitingPost:
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
    )


@router.post("/posts/{post}/month", dependencies=[OwnForm])
def give_month(site: OfSite, post: str, month: Annotated[str, Form()]) -> Response:
    """Set the month of a post, which joins the candidates."""
    try:
        chosen = Month.parse(month)
    except ValueError as error:
        raise HTTPException(422, f"{error}.") from error
    candidate = months.give_month(site.app, read_post_id(post), chosen)
    site.app.judge.rank({candidate.post.month})
    return RedirectResponse(f"/waiting?done={candidate.post.id}", 303)
