"""Feeds of this program, for feed readers: the present shortlist, and the digests that were printed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from aggregator import words
from aggregator.addresses.urls import clean_url
from aggregator.digest.editions.syndicate import Item, Syndicate, write_atom, write_json_feed
from aggregator.exceptions import NotFoundError
from aggregator.pipeline import editions, months, publish
from aggregator.pipeline.editions import Reached
from aggregator.storage import actions, judgements
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.outlines import list_outlines
from aggregator.types import Candidate, State
from aggregator.web.api.fields import Name
from aggregator.web.api.guard import Caller, ReadingFeed
from aggregator.web.paths import path_in_queue
from aggregator.words.posts import name_post, name_publisher
from aggregator.words.sections import SectionNames, name_sections

_ATOM, _JSON = "application/atom+xml", "application/feed+json"
_EXCERPT = 600
Key = Annotated[Name, Path(description="The key of a part or topic.")]


def _document(media_type: str) -> dict[str, object]:
    schema = {"type": "object"} if media_type == _JSON else {"type": "string"}
    answers: dict[int | str, object] = {
        200: {"description": "The feed.", "content": {media_type: {"schema": schema}}},
        304: {"description": "It has not changed."},
    }
    return {"responses": answers, "response_class": Response}


router = APIRouter(tags=["feed readers"])


def _get_site(request: Request, caller: Caller) -> str:
    """Return the address of the page, without a slash at its end."""
    public = caller.app.settings.server.public_url.rstrip("/")
    return public or f"{request.url.scheme}://{request.url.netloc}"


def gather_shortlist(request: Request, caller: ReadingFeed) -> tuple[Syndicate, datetime]:
    """Read the shortlist of the month to review, without what was rejected, and when it may have changed last."""
    site, month = _get_site(request, caller), months.find_open_month(caller.app)
    names = name_sections(publish.get_texts(caller.app))
    with caller.app.reading() as connection:
        outlines = list_outlines(connection, month)
        wanted = [one.post_id for one in outlines if one.is_shortlisted and one.state is not State.REJECTED]
        candidates = list_candidates_by_id(connection, wanted)
        moments = [judgements.find_scored_at(connection, month), actions.find_last_at(connection)]
    items = [_propose(caller, site, candidate, names) for candidate in candidates]
    syndicate = _gather(request, caller, f"Shortlist of {month.name}", f"{site}/queue/{month}", items)
    return syndicate, max(filter(None, moments), default=syndicate.updated_at)


def gather_digests(request: Request, caller: ReadingFeed) -> tuple[Syndicate, datetime]:
    """Read the printed digests, the newest first, and when they may have changed last."""
    with caller.app.reading() as connection:
        gathered = editions.gather_digests(caller.app, connection, _reach(request, caller))
        return gathered, actions.find_last_at(connection) or gathered.updated_at


def gather_section(request: Request, caller: ReadingFeed, part: Key, topic: Key) -> tuple[Syndicate, datetime]:
    """Read the printed lines of a section. Raises 404 if there is no such section."""
    section = caller.app.taxonomy.find_section(f"{part}/{topic}")
    if section is None:
        raise NotFoundError(f"{part}/{topic} is not a section")
    with caller.app.reading() as connection:
        gathered = editions.gather_section(caller.app, connection, section, _reach(request, caller))
        return gathered, actions.find_last_at(connection) or gathered.updated_at


def _reach(request: Request, caller: Caller) -> Reached:
    site = _get_site(request, caller)
    # Without its token, which is only for this reader.
    return Reached(f"{site}{request.url.path}", f"{site}/digest", lambda month: f"{site}/digest/{month}")


Shortlist = Annotated[tuple[Syndicate, datetime], Depends(gather_shortlist)]
Digests = Annotated[tuple[Syndicate, datetime], Depends(gather_digests)]
OfSection = Annotated[tuple[Syndicate, datetime], Depends(gather_section)]


@router.get("/shortlist.atom", **_document(_ATOM))  # type: ignore[arg-type]
def show_shortlist_as_atom(request: Request, found: Shortlist) -> Response:
    """The shortlist of the month to review, as Atom."""
    return _answer(request, write_atom(found[0]), _ATOM, found[1])


@router.get("/shortlist.json", **_document(_JSON))  # type: ignore[arg-type]
def show_shortlist_as_json(request: Request, found: Shortlist) -> Response:
    """The shortlist of the month to review, as JSON Feed."""
    return _answer(request, write_json_feed(found[0]), _JSON, found[1])


@router.get("/digests.atom", **_document(_ATOM))  # type: ignore[arg-type]
def show_digests_as_atom(request: Request, found: Digests) -> Response:
    """The printed digests, as Atom."""
    return _answer(request, write_atom(found[0]), _ATOM, found[1])


@router.get("/digests.json", **_document(_JSON))  # type: ignore[arg-type]
def show_digests_as_json(request: Request, found: Digests) -> Response:
    """The printed digests, as JSON Feed."""
    return _answer(request, write_json_feed(found[0]), _JSON, found[1])


@router.get("/sections/{part}/{topic}.atom", **_document(_ATOM))  # type: ignore[arg-type]
def show_section_as_atom(request: Request, found: OfSection) -> Response:
    """The printed lines of a section, by the keys of its part and topic, as Atom."""
    return _answer(request, write_atom(found[0]), _ATOM, found[1])


@router.get("/sections/{part}/{topic}.json", **_document(_JSON))  # type: ignore[arg-type]
def show_section_as_json(request: Request, found: OfSection) -> Response:
    """The same as JSON Feed."""
    return _answer(request, write_json_feed(found[0]), _JSON, found[1])


def _gather(request: Request, caller: Caller, title: str, page: str, items: Sequence[Item]) -> Syndicate:
    # Without its token, which is only for this reader.
    url = f"{_get_site(request, caller)}{request.url.path}"
    began_at = datetime.fromtimestamp(0, UTC)
    updated_at = max((item.updated_at for item in items), default=began_at)
    curator = caller.app.curator
    return Syndicate(f"{url.rpartition('/')[2]} of {curator}", title, url, page, curator, updated_at, items)


def _propose(caller: Caller, site: str, candidate: Candidate, names: SectionNames) -> Item:
    post, correction = candidate.post, candidate.correction
    publisher = name_publisher(candidate)
    html = caller.site.render(
        "api/_proposed.html",
        section=names.name(candidate.section),
        publisher=publisher,
        excerpt=words.cut(post.text, _EXCERPT),
        reasons=candidate.score.reasons if candidate.score else (),
    )
    return Item(
        about=post.canonical_url,
        url=clean_url(post.url) or f"{site}{path_in_queue(post.month, post.id)}",
        title=name_post(post),
        html=html,
        author=publisher or caller.app.curator,
        published_at=post.published_at,
        updated_at=max(post.first_seen_at, correction.at) if correction else post.first_seen_at,
        language=post.language if post.language.isalpha() else None,
    )


def _answer(request: Request, body: bytes, media_type: str, changed_at: datetime) -> Response:
    """Answer with a feed, or with 304 if the reader has it already."""
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(changed_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if _has_already(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _has_already(request: Request, headers: dict[str, str]) -> bool:
    if (tags := request.headers.get("if-none-match")) is not None:
        return headers["ETag"] in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    # The moment itself and not a later one: an undone print takes the feed back to an earlier state.
    return request.headers.get("if-modified-since") == headers["Last-Modified"]
