"""The page of copies: pairs that wait for a decision, posts joined lately, and the forms for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from aggregator.pipeline.duplicates import part_posts
from aggregator.storage import duplicates
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.types import Candidate, Pair
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.pane.alikes import Alike, build_alike
from aggregator.web.paths import find_local_path
from aggregator.web.site import OfSite, read_post_id

router = APIRouter(dependencies=[Depends(require_session)])

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Couple:
    """A pair on the page of copies."""

    first: Alike
    second: Alike


@router.get("/copies")
def show_copies(site: OfSite, session: OfSession) -> Response:
    zone = site.app.zone
    with site.app.reading() as connection:
        count = duplicates.count_proposals(connection)
        proposed = duplicates.list_proposals(connection, _LIMIT)
        merged = duplicates.list_joined(connection, _LIMIT)
        numbers = {number for pair in (*proposed, *merged) for number in (pair.first_id, pair.second_id)}
        candidates = {one.post.id: one for one in list_candidates_by_id(connection, sorted(numbers))}
    return site.page(
        "copies/copies.html",
        proposed=[_couple(pair, candidates, zone) for pair in proposed],
        count=count,
        merged=[_couple(pair, candidates, zone) for pair in merged if _is_joined(pair, candidates)],
        back="/copies",
        token=session.token,
    )


def _is_joined(pair: Pair, candidates: dict[int, Candidate]) -> bool:
    first, second = (candidates[number].post for number in (pair.first_id, pair.second_id))
    return (first.copy_of or first.id) == (second.copy_of or second.id)


def _couple(pair: Pair, candidates: dict[int, Candidate], zone: ZoneInfo) -> Couple:
    """Build a pair; the post that is shown, or would be, comes first."""
    first, second = candidates[pair.first_id], candidates[pair.second_id]
    if first.post.copy_of is not None and second.post.copy_of is None:
        first, second = second, first
    one, other = first.post.id, second.post.id
    return Couple(build_alike(first, pair, other, zone), build_alike(second, pair, one, zone))


@router.post("/posts/{post}/different", dependencies=[OwnForm])
def say_different(
    site: OfSite, post: str, other: Annotated[str, Form()], next: Annotated[str, Form()] = ""
) -> Response:
    """Separate *other* from a post and its copies."""
    site.app.judge.rank(part_posts(site.app, read_post_id(post), read_post_id(other)))
    return _go_back(next)


def _go_back(text: str) -> Response:
    return RedirectResponse(find_local_path(text) or "/copies", 303)
