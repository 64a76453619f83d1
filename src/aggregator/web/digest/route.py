"""The digest of a month: preview, print, download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.responses import RedirectResponse, Response

from aggregator.app import App
from aggregator.digest.difference import list_difference
from aggregator.digest.lint import Known, lint_page
from aggregator.digest.page import name_line
from aggregator.digest.printed import find_printed_elsewhere
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, MeanwhileError
from aggregator.locales import t
from aggregator.pipeline import mending, months, plans, publish, review, titles
from aggregator.pipeline.series import find_series
from aggregator.storage import candidates, digests, posts
from aggregator.storage.digests import StoredDigest
from aggregator.storage.outlines import list_outlines
from aggregator.storage.plans import find_plan
from aggregator.types import Candidate, Correction, Digest, DigestState, Month
from aggregator.web.digest.proof import FindingView, ProofView, build_findings, build_proof
from aggregator.web.digest.view import build_digest, is_frozen, list_unlinked
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.paths import path_in_queue
from aggregator.web.queue.filter import QueueFilter
from aggregator.web.queue.month import look_at_month
from aggregator.web.site import OfSite, read_month
from aggregator.words.plans import say_print
from aggregator.words.posts import name_post

_VIEWS = ("page", "difference", "markdown")

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
def show_digest(site: OfSite, session: OfSession, month: str, view: str = "") -> Response:
    """Show a digest: its lines on the page, the difference to the page as it stands, or the Markdown (*view*)."""
    wanted = read_month(month)
    with site.app.reading() as connection:
        stored = digests.find_digest(connection, wanted)
        outlines = list_outlines(connection, wanted)
        standing = look_at_month(site.app, connection, outlines, QueueFilter(wanted))
        missing = publish.list_missing(connection, wanted)
        plan = find_plan(connection, wanted)
        approved = [] if is_frozen(stored) else candidates.list_approved(connection, wanted)
        series = find_series(connection, [candidate.post.id for candidate in approved])
        page = None if is_frozen(stored) else digests.find_page(connection)
        known = {**dict.fromkeys(posts.list_months(connection)), **dict(digests.list_digests(connection))}
    draft = _compose(site.app, wanted, approved)
    return site.page(
        "digest/digest.html",
        view=build_digest(
            wanted,
            stored,
            draft.digest,
            draft.problem,
            outlines,
            site.app.zone,
            post_ids=draft.post_ids,
            on_page=_count_lines(page, wanted),
        ),
        show=view if view in _VIEWS else "page",
        proof=draft.proof,
        findings=draft.findings,
        plan=plan,
        is_over=wanted < site.app.current_month,
        prints=say_print(plan, months.find_print(site.app, wanted, plan), site.app.zone),
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


@router.post("/digest/{month}/close", dependencies=[OwnForm])
def close_month(site: OfSite, month: str) -> Response:
    """Leave out what is undecided."""
    wanted = read_month(month)
    plans.close_month(site.app, wanted)
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/wait", dependencies=[OwnForm])
def wait_with_print(site: OfSite, month: str, until: Annotated[str, Form()] = "") -> Response:
    """Let the print wait until a day, at the hour of the settings."""
    wanted, app = read_month(month), site.app
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise HTTPException(422, t("Give a day such as 2026-12-09.")) from error
    plans.wait(app, wanted, datetime.combine(day, time(app.settings.digest.print_hour), app.zone))
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/reopen", dependencies=[OwnForm])
def reopen_month(site: OfSite, month: str) -> Response:
    """Leave the print to the settings again."""
    wanted = read_month(month)
    plans.reopen(site.app, wanted)
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/page", dependencies=[OwnForm])
def add_to_page(site: OfSite, month: str, mark: Annotated[str, Form()] = "") -> Response:
    """Put on the cumulative page what was shown as its difference, which *mark* names; the month stays open."""
    wanted = read_month(month)
    publish.add_to_page(site.app, wanted, mark=mark)
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/fix", dependencies=[OwnForm])
def fix_line(site: OfSite, month: str, fix: Annotated[str, Form()] = "") -> Response:
    """Correct the line of an approved post as what is to be checked proposes."""
    wanted = read_month(month)
    with site.app.reading() as connection:
        approved = candidates.list_approved(connection, wanted)
    found = next((one for one in _compose(site.app, wanted, approved).findings if one.fix and one.fix == fix), None)
    if found is None or not found.post_id or not found.corrected:
        raise MeanwhileError(t("the line has changed since; look again"), post_id=0, verdict="")
    seen = next((one.said for one in approved if one.post.id == found.post_id), None)
    # The home fills in who.
    correction = Correction(found.post_id, "", site.app.now, **found.corrected)
    review.correct(site.app, found.post_id, correction, seen=seen)
    return RedirectResponse(f"/digest/{wanted}#to-check", 303)


@router.get("/digest/{month}/fix/{fix}")
def show_fix(site: OfSite, session: OfSession, month: str, fix: str) -> Response:
    """Show what a fix changes on the cumulative page."""
    wanted = read_month(month)
    with site.app.reading() as connection:
        mend = mending.plan_mend(site.app, connection, fix)
    rows = tuple(list_difference(mend.text, mend.edits))
    return site.page("digest/fix.html", mend=mend, rows=rows, fix=fix, month=wanted, token=session.token)


@router.post("/digest/{month}/fix/{fix}", dependencies=[OwnForm])
def fix_page(site: OfSite, month: str, fix: str, mark: Annotated[str, Form()] = "") -> Response:
    """Change the cumulative page as it was shown, which *mark* names."""
    wanted = read_month(month)
    mending.mend_page(site.app, fix, mark=mark)
    return RedirectResponse(f"/digest/{wanted}#to-check", 303)


@dataclass
class _Draft:
    """A digest as it was printed, or as it would be printed now."""

    digest: Digest | None = None
    #: Of its lines, if they can be edited.
    post_ids: Sequence[int] = ()
    #: Why it cannot be printed.
    problem: str = ""
    proof: ProofView | None = None
    findings: Sequence[FindingView] = ()


def _compose(app: App, month: Month, approved: Sequence[Candidate]) -> _Draft:
    """Compose a digest, and look at the page as a print would leave it; without a page, at the digest itself."""
    draft = _Draft()
    try:
        draft.digest, draft.post_ids = digest, post_ids = publish.choose_digest(app, month)
        with app.reading() as connection:
            change = publish.preview_page(app, connection, month) if post_ids else None
            earlier = digests.list_names(connection, app.zone)
        text = change.merged.text if change else render_digest(digest)
        posts = {name_line(line): post_id for line, post_id in zip(digest.lines, post_ids, strict=False)}
        printed = find_printed_elsewhere(posts or set(map(name_line, digest.lines)), month, earlier)
        with app.reading() as connection:
            links = mending.know_links(connection, text, digest.texts)
        known = Known(app.current_month, printed, _propose_titles(app, approved), links)
        findings = lint_page(text, digest.texts, known) if digest.lines else []
        draft.proof = proof = build_proof(change, digest.texts, posts) if change else None
        new = {row.new for row in proof.rows if row.sign == "+" and row.new} if proof else None
        draft.findings = build_findings(findings, text, digest, posts, new)
    except DigestError as error:
        draft.problem = str(error)
    return draft


def _propose_titles(app: App, approved: Sequence[Candidate]) -> dict[str, str]:
    """Propose titles in house style for the posts whose title the curator has not written, by canonical address."""
    return {
        candidate.post.canonical_url: titles.propose(app, candidate).title
        for candidate in approved
        if not (candidate.correction and candidate.correction.title)
    }


def _count_lines(page: StoredDigest | None, month: Month) -> int:
    return sum(line.month == month for line in page.digest.lines) if page else 0
