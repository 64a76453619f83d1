"""The digest of a month: preview, print, download."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError
from aggregator.pipeline import months, publish
from aggregator.pipeline.series import find_series
from aggregator.storage import candidates, digests, posts
from aggregator.storage.digests import StoredDigest
from aggregator.storage.outlines import list_outlines
from aggregator.types import DigestState, Month
from aggregator.web.digest.view import build_digest, is_frozen, list_unlinked
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.paths import path_in_queue
from aggregator.web.queue.filter import QueueFilter
from aggregator.web.queue.month import look_at_month
from aggregator.web.site import OfSite, read_month
from aggregator.words.posts import name_post

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/digest")
def open_digest(site: OfSite) -> Response:
    return RedirectResponse(f"/digest/{months.find_open_month(site.app)}", 303)


@router.get("/digest/{month}.md")
def download_digest(site: OfSite, month: str) -> Response:
    """Answer with the Markdown page. Raises DigestError if an approved post cannot be printed."""
    wanted = read_month(month)
    digest, _ = publish.choose_digest(site.app, wanted)
    return Response(
        render_digest(digest),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{wanted}.md"'},
    )


@router.get("/digest/{month}")
def show_digest(site: OfSite, session: OfSession, month: str) -> Response:
    wanted = read_month(month)
    with site.app.reading() as connection:
        stored = digests.find_digest(connection, wanted)
        outlines = list_outlines(connection, wanted)
        standing = look_at_month(site.app, connection, outlines, QueueFilter(wanted))
        missing = publish.list_missing(connection, wanted)
        approved = [] if is_frozen(stored) else candidates.list_approved(connection, wanted)
        series = find_series(connection, [candidate.post.id for candidate in approved])
        page = None if is_frozen(stored) else digests.find_page(connection)
        known = {**dict.fromkeys(posts.list_months(connection)), **dict(digests.list_digests(connection))}
    digest, problem = None, ""
    post_ids: list[int] = []
    try:
        digest, post_ids = publish.choose_digest(site.app, wanted)
    except DigestError as error:
        problem = str(error)
    zone, on_page = site.app.zone, _count_lines(page, wanted)
    return site.page(
        "digest/digest.html",
        view=build_digest(wanted, stored, digest, problem, outlines, zone, post_ids=post_ids, on_page=on_page),
        standing=standing,
        missing=[(name_post(one.post), path_in_queue(one.post.month, one.post.id)) for one in missing],
        unlinked=list_unlinked(approved, series),
        months=sorted({**known, wanted: known.get(wanted)}.items(), reverse=True),
        month=wanted,
        token=session.token,
    )


@router.post("/digest/{month}/print", dependencies=[OwnForm])
def print_digest(site: OfSite, month: str) -> Response:
    wanted = read_month(month)
    publish.make_digest(site.app, wanted, DigestState.PRINTED)
    return RedirectResponse(f"/digest/{wanted}", 303)


def _count_lines(page: StoredDigest | None, month: Month) -> int:
    return sum(line.month == month for line in page.digest.lines) if page else 0
