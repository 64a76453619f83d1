"""The forms for verdicts on one post."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response

from aggregator.digest.series_note import LANGUAGES
from aggregator.exceptions import MeanwhileError
from aggregator.locales import t
from aggregator.pipeline import history, lines, notes, review
from aggregator.pipeline.history import Change
from aggregator.storage.candidates import get_candidate
from aggregator.storage.numbers import LAST_ID
from aggregator.types import Candidate, Correction, Decision
from aggregator.web.guard import OwnForm, require_session
from aggregator.web.queue.answers import answer, choose_filter, show_anew, tell_many
from aggregator.web.queue.form import Again, OfForm, SentForm
from aggregator.web.site import read_post_id
from aggregator.words.actions import say_decided, say_taken_back

router = APIRouter(dependencies=[Depends(require_session)])


@router.post("/undo", dependencies=[OwnForm])
def undo_last(form: OfForm, action: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None) -> Response:
    """Undo an *action* with those of its batch; without a number, the newest."""
    return _take_back(form, lambda: history.undo(form.site.app, action))


@router.post("/redo", dependencies=[OwnForm])
def redo_last(form: OfForm) -> Response:
    return _take_back(form, lambda: history.redo(form.site.app))


@router.post("/posts/{post}/undo", dependencies=[OwnForm])
def undo(form: OfForm, post: str) -> Response:
    return _take_back(form, lambda: history.undo_verdict(form.site.app, read_post_id(post), seen=form.seen))


@router.post("/posts/{post}/approve", dependencies=[OwnForm])
def approve(form: OfForm, post: str) -> Response:
    return _decide(form, read_post_id(post), Decision.APPROVE)


@router.post("/posts/{post}/hold", dependencies=[OwnForm])
def hold(form: OfForm, post: str) -> Response:
    return _decide(form, read_post_id(post), Decision.HOLD)


@router.post("/posts/{post}/reject", dependencies=[OwnForm])
def reject(form: OfForm, post: str) -> Response:
    return _decide(form, read_post_id(post), Decision.REJECT)


@router.post("/posts/{post}/section", dependencies=[OwnForm])
def set_section(form: OfForm, post: str) -> Response:
    """Put a post into the chosen section. Raises 422 if none is chosen."""
    if form.section is None:
        raise HTTPException(422, t("Choose a section."))
    app, number = form.site.app, read_post_id(post)
    correction = Correction(number, by="", at=app.now, section=form.section)
    return _act(
        form,
        lambda: review.correct(app, number, correction, seen=form.seen),
        lambda title: t("Moved to {section}: {title}", section=form.section, title=title),
    )


@router.post("/posts/{post}/star", dependencies=[OwnForm])
def star(form: OfForm, post: str) -> Response:
    return _star(form, read_post_id(post), is_starred=True)


@router.post("/posts/{post}/unstar", dependencies=[OwnForm])
def unstar(form: OfForm, post: str) -> Response:
    return _star(form, read_post_id(post), is_starred=False)


@router.post("/posts/{post}/series", dependencies=[OwnForm])
def accept_series_note(form: OfForm, post: str, language: Annotated[str, Form()]) -> Response:
    """Add links to the earlier parts of a series to the note of a line. Raises 422 for an unknown language."""
    if language not in LANGUAGES:
        raise HTTPException(422, t("{language} is not a language of notes.", language=repr(language)))
    app, number = form.site.app, read_post_id(post)
    return _act(
        form,
        lambda: notes.accept_note(app, number, language, seen=form.seen),
        lambda title: t("Noted: {title}", title=title),
    )


@router.post("/posts/{post}/sequel", dependencies=[OwnForm])
def accept_sequel_note(
    form: OfForm, post: str, language: Annotated[str, Form()], printed: Annotated[str, Form()] = ""
) -> Response:
    """Add a link to what a post follows to the note of its line. Raises 422 for an unknown language."""
    if language not in LANGUAGES:
        raise HTTPException(422, t("{language} is not a language of notes.", language=repr(language)))
    app, number = form.site.app, read_post_id(post)
    followed = read_post_id(printed) if printed else None
    return _act(
        form,
        lambda: notes.accept_sequel(app, number, language, followed, seen=form.seen),
        lambda title: t("Noted: {title}", title=title),
    )


@router.post("/posts/{post}/keep", dependencies=[OwnForm])
def keep(form: OfForm, post: str) -> Response:
    """Let what its feed changed of a post rest. Raises 422 if nothing is withheld."""
    app, number = form.site.app, read_post_id(post)
    return _act(
        form,
        lambda: review.keep_title_and_address(app, number, seen=form.seen),
        lambda title: t("Kept: {title}", title=title),
    )


def _star(form: SentForm, post_id: int, *, is_starred: bool) -> Response:
    app = form.site.app
    with app.reading() as connection:
        before = get_candidate(connection, post_id)
    try:
        after = review.star(app, post_id, is_starred=is_starred, seen=form.seen)
    except MeanwhileError as error:
        return show_anew(form, error)
    return answer(form, after, say_decided(before, after), moved=())


def _act(form: SentForm, act: Callable[[], Candidate], say: Callable[[str], str]) -> Response:
    try:
        after = act()
        return answer(form, after, say(after.post.title))
    except MeanwhileError as error:
        return show_anew(form, error)


def _take_back(form: SentForm, act: Callable[[], Change]) -> Response:
    """Undo or redo something, and say what is back; the page of its post, if it is about one, shows it."""
    try:
        change = act()
    except MeanwhileError as error:
        return show_anew(form, error)
    moved = form.site.app.judge.take_up(change)
    said = say_taken_back(change.actions, change.name, change.candidate, is_undo=change.is_undo)
    numbers = list(dict.fromkeys(action.post_id for action in change.actions if action.post_id))
    is_gone = change.candidate is not None and change.candidate.post.waits_for is not None
    if form.is_scripted and change.candidate is not None and (len(numbers) > 1 or is_gone):
        chosen = choose_filter(form.site, form.back, change.candidate.post.month)
        return JSONResponse({"message": said, **tell_many(form, chosen, numbers)})
    if change.candidate is not None:
        return answer(form, change.candidate, said, moved=moved)
    if form.is_scripted:
        return JSONResponse({"message": said, "is_new": False})
    return RedirectResponse(f"/history?done={change.actions[0].id}", 303)


def _decide(form: SentForm, post_id: int, decision: Decision) -> Response:
    app = form.site.app
    with app.reading() as connection:
        before = get_candidate(connection, post_id)
    typed = {"section": str(form.section)} if form.section else {}
    try:
        after = lines.save_line(app, post_id, typed, decision, reason=form.reason, until=form.until, seen=form.seen)
    except MeanwhileError as error:
        return show_anew(form, error, Again(decision, form.section, form.reason))
    return answer(form, after, say_decided(before, after), is_new=before.verdict != after.verdict)
