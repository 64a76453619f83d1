"""Answers to the forms of the queue: a page to go on with, or what the script has to change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from fastapi.responses import JSONResponse, RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import MeanwhileError, ReviewError
from aggregator.locales import t
from aggregator.pipeline import publish
from aggregator.pipeline.home import Home
from aggregator.pipeline.related import find_newest_followed
from aggregator.pipeline.reprint import find_since
from aggregator.pipeline.sessions import OwnSession
from aggregator.review.verdicts import list_reasons
from aggregator.storage.candidates import get_candidate, list_candidates_by_id
from aggregator.storage.database import Connection
from aggregator.storage.outlines import Outline, list_outlines
from aggregator.types import Candidate, Month
from aggregator.web.pane.gather import gather_pane
from aggregator.web.queue.filter import QueueFilter, Show, find_filter
from aggregator.web.queue.form import Again, SentForm
from aggregator.web.queue.month import look_at_month
from aggregator.web.queue.row import Row, build_row
from aggregator.web.queue.view import Summary, cut_window, find_next, summarise
from aggregator.web.site import Site
from aggregator.words.sections import SectionNames, name_sections


def answer(
    form: SentForm,
    candidate: Candidate,
    message: str,
    *,
    is_new: bool = False,
    moved: Collection[int] | None = None,
    **more: str,
) -> Response:
    """Go back to the page of the form with the post in sight; tell the script what has changed, and *more*."""
    post = candidate.post
    # A post that is held until another month leaves the one that is shown.
    shown = find_filter(form.back, form.site.app.taxonomy)
    chosen = shown if shown and is_new else choose_filter(form.site, form.back, post.month)
    if moved is None:
        moved = form.site.app.judge.feel(candidate)
    if form.is_scripted:
        told = _tell(form, candidate, shown or chosen, moved=moved)
        # Whether this was a verdict that can be undone.
        return JSONResponse({"message": message, "is_new": is_new, **told, **more})
    if form.back and not form.back.startswith("/queue/"):
        return RedirectResponse(form.back, 303)
    return RedirectResponse(chosen.path_to(post.id, _find_next(form.site, chosen, post.id) if is_new else None), 303)


def _find_next(site: Site, chosen: QueueFilter, post_id: int) -> int | None:
    """Find the post to open after a verdict on this one."""
    with site.app.reading() as connection:
        outlines = list_outlines(connection, chosen.month, chosen.words)
    return find_next(outlines, cut_window(outlines, replace(chosen, done=(post_id,))), post_id, chosen.show)


def show_anew(form: SentForm, error: ReviewError, again: Again | None = None, status: int = 409) -> Response:
    """Show the present post, why nothing was stored, and a form to do it *again*."""
    sentence = words.sentence(str(error))
    with form.site.app.reading() as connection:
        candidate = get_candidate(connection, error.post_id)
    month = candidate.post.month
    chosen = choose_filter(form.site, form.back, month)
    if form.is_scripted:
        return JSONResponse({"error": sentence, "is_new": False, **_tell(form, candidate, chosen)}, status)
    names = name_sections(publish.get_texts(form.site.app))
    with form.site.app.reading() as connection:
        shown = gather_pane(connection, error.post_id, names, form.site.app.zone)
    values = list_form_values(form.site, form.session, names, chosen.path, again) | shown
    heading = t("Decided meanwhile") if isinstance(error, MeanwhileError) else t("Nothing was stored")
    return form.site.page(
        "queue/meanwhile.html", status=status, heading=heading, sentence=sentence, month=month, **values
    )


def choose_filter(site: Site, back: str | None, month: Month) -> QueueFilter:
    """Choose the view to go *back* to if it shows the month, else all of the month."""
    chosen = find_filter(back, site.app.taxonomy)
    return chosen if chosen and chosen.month == month else QueueFilter(month, show=Show.ALL)


def _tell(form: SentForm, candidate: Candidate, chosen: QueueFilter, moved: Collection[int] = ()) -> dict[str, Any]:
    """Return the present row of a post, where the month of the page stands, and its other rows that *moved*."""
    site, post = form.site, candidate.post
    names = name_sections(publish.get_texts(site.app))
    with site.app.reading() as connection:
        outlines = list_outlines(connection, chosen.month, chosen.words)
        others = [one for one in cut_window(outlines, chosen).post_ids if one in moved and one != post.id]
        row, *rest = build_rows(connection, [post.id, *others], site.app)
        summary = summarise_month(site, connection, outlines, chosen)
    values = list_form_values(site, form.session, names, chosen.path)
    return {
        "id": post.id,
        # For a post that is not on the page.
        "path": choose_filter(site, form.back, post.month).path_to(post.id),
        "row": site.render("queue/_row.html", row=row, opened=None, filter=chosen, **values),
        "others": [site.render("queue/_row.html", row=each, opened=None, filter=chosen, **values) for each in rest],
        "standing": site.render("queue/_standing.html", standing=summary.standing, **values),
        "views": site.render("queue/_views.html", summary=summary, **values),
    }


def tell_many(form: SentForm, chosen: QueueFilter, post_ids: Sequence[int]) -> dict[str, Any]:
    """Return the present rows of posts, the numbers of those that are no candidates, and where the month stands."""
    site = form.site
    with site.app.reading() as connection:
        outlines = list_outlines(connection, chosen.month, chosen.words)
        listed = {outline.post_id for outline in outlines}
        rows = build_rows(connection, [number for number in post_ids if number in listed], site.app)
        summary = summarise_month(site, connection, outlines, chosen)
    return {
        "rows": [site.render("queue/_row.html", row=row, opened=None, filter=chosen) for row in rows],
        "gone": [number for number in post_ids if number not in listed],
        "standing": site.render("queue/_standing.html", standing=summary.standing),
        "views": site.render("queue/_views.html", summary=summary),
    }


def summarise_month(site: Site, connection: Connection, outlines: Sequence[Outline], chosen: QueueFilter) -> Summary:
    since = find_since(connection, chosen.month)
    return summarise(outlines, chosen, look_at_month(site.app, connection, outlines, chosen, since))


def build_rows(connection: Connection, post_ids: Sequence[int], home: Home) -> list[Row]:
    shown = list_candidates_by_id(connection, post_ids)
    followed = find_newest_followed(connection, [one.post for one in shown])
    return [build_row(one, home.zone, home.curator, followed.get(one.post.id)) for one in shown]


def list_form_values(
    site: Site, session: OwnSession, names: SectionNames, back: str, again: Again | None = None
) -> dict[str, Any]:
    """Return what the forms of a queue need."""
    reasons = list_reasons(site.app.taxonomy)
    return {"token": session.token, "names": names, "reasons": reasons, "back": back, "again": again}
