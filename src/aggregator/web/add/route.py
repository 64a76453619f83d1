"""The page that adds a post by its address, also for the bookmarklet and for what a phone shares.

Asking for it reads the post and changes nothing; only its form, which another site cannot send, adds it.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.exceptions import DigestError, MissingExtraError
from aggregator.pipeline import adding, publish
from aggregator.pipeline.sessions import OwnSession
from aggregator.types import ReadPost
from aggregator.web.add.view import AddView, build_add
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.queue.filter import QueueFilter, Show
from aggregator.web.site import OfSite, OfTyped, Site
from aggregator.words.sections import name_sections

router = APIRouter(dependencies=[Depends(require_session)])

# It opens a page of this server with address and title of the page that it is pressed on, and does nothing else.
_BOOKMARKLET = (
    "javascript:void(open('{base}/add?url='+encodeURIComponent(location.href)"
    "+'&title='+encodeURIComponent(document.title)))"
)
# What a link may fill in: a note or a verdict would be words put into the curator's mouth.
_FROM_LINKS = ("title", "month")


@router.get("/add")
async def show_add(request: Request, site: OfSite, session: OfSession, url: str = "") -> Response:
    """Show the form, filled in with what is read at an address."""
    asked = {name: request.query_params.get(name, "")[:500] for name in _FROM_LINKS}
    if not url.strip():
        return await to_thread(_show, request, site, session, AddView("", month=asked["month"]))
    try:
        read = await site.app.post_reader.read(url)
    except (DigestError, MissingExtraError) as error:
        return await to_thread(_show, request, site, session, AddView(url[:2000], mistake=str(error), field="url"), 422)
    return await to_thread(lambda: _show(request, site, session, _build(site, read, asked)))


@router.post("/add", dependencies=[OwnForm])
async def add_post(request: Request, site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    try:
        read = await site.app.post_reader.read(typed.get("url", ""), tries_again=False)
    except (DigestError, MissingExtraError) as error:
        return await to_thread(_show, request, site, session, AddView("", mistake=str(error), field="url"), 422)
    return await to_thread(_add, request, site, session, read, typed)


def _add(request: Request, site: Site, session: OwnSession, read: ReadPost, typed: Mapping[str, str]) -> Response:
    try:
        added = adding.add_post(site.app, read, adding.read_details(site.app, typed))
    except DigestError as error:
        view = _build(site, read, typed, mistake=str(error.__cause__ or error), field=error.field)
        return _show(request, site, session, view, 422)
    post = added.candidate.post
    site.app.judge.judge_added({post.month})
    return RedirectResponse(QueueFilter(post.month, show=Show.ALL).path_to(post.id), 303)


def _build(site: Site, read: ReadPost, typed: Mapping[str, str], *, mistake: str = "", field: str = "") -> AddView:
    known, organisation = adding.find_known(site.app, read), adding.suggest_organisation(site.app, read)
    return build_add(read, organisation, known, site.app.zone, typed=typed, mistake=mistake, field=field)


def _show(request: Request, site: Site, session: OwnSession, view: AddView, status: int = 200) -> Response:
    names = name_sections(publish.get_texts(site.app))
    return site.page(
        "add/add.html",
        view=view,
        names=names,
        bookmarklet=_BOOKMARKLET.replace("{base}", site.find_base(request)),
        token=session.token,
        status=status,
    )
