"""What feeds.toml lists, on the page: feeds are found, added, removed and renamed, and lists go out and come in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.config import read_feeds_file
from aggregator.exceptions import AggregatorError, ConfigError, NotFoundError, StorageError
from aggregator.feeds.opml import MAX_BYTES
from aggregator.pipeline import listing
from aggregator.pipeline.exchange import Plan, export_opml, plan_import
from aggregator.web.feed.form import read_changes
from aggregator.web.feeds.done import Done
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.listed.view import build_found, build_typed
from aggregator.web.site import OfSite, OfTyped
from aggregator.words.discovery import list_notes, say_added, say_not_found, say_plan

router = APIRouter(prefix="/feeds", dependencies=[Depends(require_session)])
# A list that is a little too long is still read, to say so.
uploads = APIRouter(prefix="/feeds", dependencies=[Depends(require_session)], max_body_size=2 * MAX_BYTES)

_FIELDS = ("name", "url", "site", "organisation", "language", "kind", "tags", "only_words", "only_categories")


@router.post("/find", dependencies=[OwnForm])
async def find(site: OfSite, session: OfSession, url: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Show the feeds behind an address; nothing is stored."""
    try:
        discovery = await site.app.discoverer.find(url)
    except NotFoundError as error:
        trouble = say_not_found(error)
        return site.page("listed/found.html", status=404, token=session.token, url=url, found=[], trouble=trouble)
    found = build_found(discovery, site.app.now, site.app.taxonomy)
    return site.page("listed/found.html", token=session.token, url=url, found=found, trouble="")


@router.post("/add", dependencies=[OwnForm])
def add(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Follow a feed as it was proposed, or as the curator changed that."""
    changes = read_changes({name: typed.get(name, "") for name in _FIELDS})
    table = {name: value for name, value in changes.items() if value}
    if typed.get("full_text") == "yes":
        table["full_text"] = True
    key = typed.get("key", "")
    try:
        listing.add_feeds(site.app, site.app.feeds_file, {key: table})
    except (ConfigError, StorageError) as error:
        found = [build_typed(typed, site.app.taxonomy)]
        return site.page(
            "listed/found.html",
            status=422,
            token=session.token,
            url=typed.get("url", ""),
            found=found,
            trouble=str(error),
        )
    return RedirectResponse(f"/feeds/{key}?done={Done.ADD}", 303)


@router.post("/{key}/remove", dependencies=[OwnForm])
def remove(site: OfSite, session: OfSession, key: str) -> Response:
    """Take a feed out of feeds.toml."""
    try:
        listing.remove_feed(site.app, site.app.feeds_file, key)
    except (ConfigError, StorageError) as error:
        return _refuse(site, session, error)
    return RedirectResponse(f"/feeds?done={Done.REMOVE}&feed={key}", 303)


@router.post("/{key}/rename", dependencies=[OwnForm])
def rename(site: OfSite, session: OfSession, key: str, new: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Give a feed another key."""
    try:
        listing.rename_feed(site.app, site.app.feeds_file, key, new.strip())
    except (ConfigError, StorageError) as error:
        return _refuse(site, session, error)
    return RedirectResponse(f"/feeds/{new.strip()}?done={Done.RENAME}", 303)


def _refuse(site: OfSite, session: OfSession, error: AggregatorError) -> Response:
    return site.page("listed/found.html", status=422, token=session.token, url="", found=[], trouble=str(error))


@router.get("/list.opml")
def download_opml(site: OfSite) -> Response:
    """The followed feeds for other programs."""
    headers = {"Content-Disposition": 'attachment; filename="feeds.opml"'}
    return Response(export_opml(site.app), media_type="text/x-opml; charset=utf-8", headers=headers)


@router.get("/feeds.toml")
def download_toml(site: OfSite) -> Response:
    """The whole file, with its settings."""
    headers = {"Content-Disposition": 'attachment; filename="feeds.toml"'}
    return Response(read_feeds_file(site.app.feeds_file.file), media_type="application/toml", headers=headers)


@uploads.post("/import", dependencies=[OwnForm])
def import_list(
    site: OfSite,
    session: OfSession,
    given: Annotated[UploadFile | None, File(alias="list")] = None,
    only_show: Annotated[bool, Form()] = False,
) -> Response:
    """Add the feeds of a list that are not followed yet, or only show which they are."""
    name, body = (given.filename or "list", given.file.read(MAX_BYTES + 1)) if given else ("list", b"")
    said, plan, trouble = list[str](), Plan({}, (), ()), ""
    try:
        plan = plan_import(site.app, body, name)
        said.append(say_plan(plan))
        if plan.new and not only_show:
            written = listing.add_feeds(site.app, site.app.feeds_file, plan.new)
            said += [say_added(written), *list_notes(written)]
    except (ConfigError, StorageError) as error:
        said, trouble = [], str(error)
    return site.page(
        "listed/imported.html",
        status=422 if trouble else 200,
        token=session.token,
        said=[words.sentence(each) for each in said],
        plan=plan,
        trouble=trouble,
    )
