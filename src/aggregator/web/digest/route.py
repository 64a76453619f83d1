"""The digest of a month: preview, print, download."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.addresses.urls import clean_url
from aggregator.app import App
from aggregator.digest.difference import list_difference
from aggregator.digest.github import show_as_github
from aggregator.digest.lint import Known, lint_page
from aggregator.digest.page import name_line
from aggregator.digest.printed import find_printed_elsewhere
from aggregator.digest.render import render_digest
from aggregator.exceptions import DigestError, MeanwhileError, NotFoundError
from aggregator.locales import t
from aggregator.pipeline import (
    account,
    after_print,
    commits,
    editions,
    mending,
    months,
    plans,
    printouts,
    publish,
    reprint,
    review,
    titles,
)
from aggregator.pipeline.calendar import Calendar, look_at_calendar
from aggregator.pipeline.cumulative import PageUpdate
from aggregator.pipeline.reprint import Since
from aggregator.pipeline.series import find_series
from aggregator.pipeline.texts import find_texts
from aggregator.pipeline.work_tree import is_in_work_tree
from aggregator.storage import candidates, digests, posts
from aggregator.storage.database import Connection
from aggregator.storage.digests import StoredDigest
from aggregator.storage.outlines import list_outlines
from aggregator.storage.readers import list_remarks
from aggregator.types import Candidate, Correction, Digest, DigestState, EditionFormat, Month
from aggregator.web.digest.again import AgainView, build_again
from aggregator.web.digest.proof import FindingView, PageView, ProofView, build_findings, build_proof
from aggregator.web.digest.view import build_digest, is_frozen, list_unlinked
from aggregator.web.draft.view import group_by_post
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.queue.filter import QueueFilter, Show
from aggregator.web.queue.month import look_at_month
from aggregator.web.site import OfSite, read_month
from aggregator.web.suggestions.links import build_links
from aggregator.words.coverage import say_briefly
from aggregator.words.deliveries import has_failed, say_delivery
from aggregator.words.digests import FORMS
from aggregator.words.plans import list_days, say_late

# As long as a person waits for an answer.
_CHECK_SECONDS = 60.0
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


@router.get("/digest/{month}/editions/{form}")
def download_edition(site: OfSite, month: str, form: str) -> Response:
    """Answer with the digest in another form. Raises DigestError as ``download_digest``."""
    wanted = read_month(month)
    if form not in set(EditionFormat):
        raise NotFoundError(t("{form} is not a form of a digest", form=repr(form)))
    chosen = EditionFormat(form)
    digest, _ = publish.choose_digest(site.app, wanted)
    return Response(
        editions.show_edition(site.app, wanted, digest, chosen),
        media_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="{wanted}{chosen.suffix}"'},
    )


@router.get("/digest/{month}")
def show_digest(
    request: Request,
    site: OfSite,
    session: OfSession,
    month: str,
    view: str = "",
    committed: int | None = None,
    looked: int | None = None,
) -> Response:
    """Show a digest: its lines on the page, the difference to the page as it stands, or the Markdown (*view*); how many
    files were just *committed*, and how many addresses *looked* at.
    """
    wanted = read_month(month)
    with site.app.reading() as connection:
        stored = digests.find_digest(connection, wanted)
        outlines = list_outlines(connection, wanted)
        since = reprint.find_since(connection, wanted)
        standing = look_at_month(site.app, connection, outlines, QueueFilter(wanted), since)
        again = _look_again(site.app, connection, wanted, since)
        calendar = look_at_calendar(site.app, connection, wanted)
        approved = [] if is_frozen(stored) else candidates.list_approved(connection, wanted)
        series = find_series(connection, [candidate.post.id for candidate in approved])
        page = None if is_frozen(stored) else digests.find_page(connection)
        covered, _ = account.find_account(site.app, connection, wanted)
        known = {**dict.fromkeys(posts.list_months(connection)), **dict(digests.list_digests(connection))}
        printed = printouts.list_files(site.app, connection, wanted)
        remarks = list_remarks(connection, wanted)
    draft = _compose(site.app, wanted, approved)
    changed = again.proof if again else draft.proof
    if view not in _VIEWS or (view == "difference" and not changed):
        view = "difference" if again and again.proof else "page"
    shown = build_digest(
        wanted,
        stored,
        draft.digest,
        draft.problem,
        outlines,
        site.app.zone,
        post_ids=draft.post_ids,
        on_page=_count_lines(page, wanted),
    )
    return site.page(
        "digest/digest.html",
        view=shown,
        show=view,
        rendered=show_as_github(shown.source) if view == "markdown" else "",
        proof=draft.proof,
        changed=changed,
        findings=draft.findings,
        can_commit=any(map(is_in_work_tree, printed)),
        committed=committed,
        looked=looked,
        calendar=calendar,
        days=list_days(calendar, site.app.zone),
        late=_list_late(calendar),
        is_over=wanted < site.app.current_month,
        standing=standing,
        covered=say_briefly(covered),
        says_how=site.app.settings.digest.how_chosen,
        again=again,
        unlinked=list_unlinked(approved, series),
        months=sorted({**known, wanted: known.get(wanted)}.items(), reverse=True),
        month=wanted,
        forms=FORMS,
        remarks=remarks,
        remarks_of=group_by_post(remarks),
        links=build_links(site, request, wanted),
        delivered=_say_deliveries(site.app, wanted),
        token=session.token,
    )


@router.post("/digest/{month}/print", dependencies=[OwnForm])
def print_digest(site: OfSite, month: str) -> Response:
    wanted = read_month(month)
    publish.make_digest(site.app, wanted, DigestState.PRINTED)
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/commit", dependencies=[OwnForm])
def commit_digest(site: OfSite, month: str) -> Response:
    """Commit the files of a print in their git work tree."""
    wanted = read_month(month)
    done = commits.commit_print(site.app, wanted)
    return RedirectResponse(f"/digest/{wanted}?committed={len(done)}", 303)


@router.post("/digest/{month}/deliver", dependencies=[OwnForm])
def deliver_again(site: OfSite, month: str) -> Response:
    """Let the command run again, and the webhook be told again, where that failed."""
    wanted = read_month(month)
    after_print.begin_again(site.app, wanted)
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/again", dependencies=[OwnForm])
def print_again(site: OfSite, month: str, mark: Annotated[str, Form()] = "") -> Response:
    """Print a month again as its difference was shown, which *mark* names."""
    wanted = read_month(month)
    reprint.print_again(site.app, wanted, mark=mark)
    return RedirectResponse(f"/digest/{wanted}", 303)


@router.post("/digest/{month}/next", dependencies=[OwnForm])
def put_into_next(site: OfSite, month: str) -> Response:
    """Put what was approved after the print into the next month, and go there."""
    wanted = read_month(month)
    following, _ = reprint.put_into_next(site.app, wanted)
    site.app.judge.rank({wanted, following})
    return RedirectResponse(f"/digest/{following}", 303)


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


@router.post("/digest/{month}/links", dependencies=[OwnForm])
async def check_links(site: OfSite, month: str) -> Response:
    """Look at the addresses of a digest again, for as long as a person waits; the daemon looks at the others."""
    wanted, app = read_month(month), site.app
    digest, _ = await asyncio.to_thread(publish.choose_digest, app, wanted)
    urls = list(dict.fromkeys(url for line in digest.lines if (url := clean_url(line.url))))
    looked = await app.link_checker.check_now(urls, seconds=_CHECK_SECONDS)
    return RedirectResponse(f"/digest/{wanted}?looked={looked}#to-check", 303)


@router.get("/digest/{month}/fix/{fix}")
def show_fix(site: OfSite, session: OfSession, month: str, fix: str) -> Response:
    """Show what a fix changes on the cumulative page."""
    wanted = read_month(month)
    with site.app.reading() as connection:
        mend = mending.plan_mend(site.app, connection, wanted, fix)
    rows = tuple(list_difference(mend.text, mend.edits))
    return site.page("digest/fix.html", mend=mend, rows=rows, fix=fix, month=wanted, token=session.token)


@router.post("/digest/{month}/fix/{fix}", dependencies=[OwnForm])
def fix_page(site: OfSite, month: str, fix: str, mark: Annotated[str, Form()] = "") -> Response:
    """Change the cumulative page as it was shown, which *mark* names."""
    wanted = read_month(month)
    mending.mend_page(site.app, wanted, fix, mark=mark)
    return RedirectResponse(f"/digest/{wanted}#to-check", 303)


def _say_deliveries(app: App, month: Month) -> list[tuple[str, bool]]:
    """Say what came of telling others of the print, and whether it failed."""
    now = app.now
    found = after_print.list_last(app, month)
    return [(say_delivery(each, now, app.zone), has_failed(each, now)) for each in found]


@dataclass
class _Draft:
    """A digest as it was printed, or as it would be printed now."""

    digest: Digest | None = None
    #: Of its lines, if they can be edited.
    post_ids: Sequence[int] = ()
    #: Why it cannot be printed.
    problem: str = ""
    proof: ProofView | None = None
    findings: list[FindingView] = field(default_factory=list)


def _compose(app: App, month: Month, approved: Sequence[Candidate]) -> _Draft:
    """Compose a digest, and look at the page as a print would leave it; without a page, at the digest itself."""
    draft = _Draft()
    try:
        draft.digest, draft.post_ids = digest, post_ids = publish.choose_digest(app, month, approved)
        with app.reading() as connection:
            update = publish.preview_page(app, connection, month) if post_ids else None
        posts = {name_line(line): post_id for line, post_id in zip(digest.lines, post_ids, strict=False)}
        starred = {post_id for line, post_id in zip(digest.lines, post_ids, strict=False) if line.is_highlight}
        draft.proof = proof = build_proof(update, digest.texts, posts, starred) if update else None
        if digest.lines:
            with app.reading() as connection:
                earlier = digests.list_names(connection, app.zone)
            printed = find_printed_elsewhere(posts or set(map(name_line, digest.lines)), month, earlier)
            # Of the others the curator has written the title.
            untouched = (each for each in approved if not (each.correction and each.correction.title))
            known = Known(app.current_month, printed, titles.propose_titles(app, untouched))
            draft.findings = list(_check(app, digest, update, proof, posts, known))
    except DigestError as error:
        draft.problem = str(error)
    return draft


def _list_late(calendar: Calendar) -> list[tuple[str, str, Month]]:
    """List what came too late for earlier months, and for this one: a sentence, the posts, the month that has them."""
    found = [(own, number, calendar.month) for own, number in calendar.late.items()]
    if calendar.following and calendar.pending:
        found.append((calendar.month, calendar.pending, calendar.following))
    return [
        (say_late(number, own), QueueFilter(there, show=Show.ALL, late_for=own).path, there)
        for own, number, there in found
    ]


def _look_again(app: App, connection: Connection, month: Month, since: Since) -> AgainView | None:
    look = reprint.look_again(app, connection, month, since)
    if look is None:
        return None
    texts, following = find_texts(app, connection), reprint.find_next(app, connection, month)
    return build_again(look, texts, following)


def _check(
    app: App,
    digest: Digest,
    update: PageUpdate | None,
    proof: ProofView | None,
    posts: Mapping[str, int],
    known: Known,
) -> Iterator[FindingView]:
    """Check the pages as a print would leave them, or the digest itself if there is no page."""
    pages: list[tuple[str, str, PageView | None]] = [("", render_digest(digest), None)]
    if update and proof:
        shown = zip(update.changes, proof.pages, strict=True)
        pages = [(one.file.name, one.merged.text, page) for one, page in shown]
    for name, text, page in pages:
        with app.reading() as connection:
            links = mending.know_links(connection, text, digest.texts)
        findings = lint_page(text, digest.texts, replace(known, links=links))
        new = {row.new for row in page.rows if row.sign == "+" and row.new} if page else None
        yield from build_findings(findings, text, digest, posts, new, name if len(pages) > 1 else "")


def _count_lines(page: StoredDigest | None, month: Month) -> int:
    return sum(line.month == month for line in page.digest.lines) if page else 0
