"""Acts on many posts of a month at once: those that are marked, or all of a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response

from aggregator import words
from aggregator.exceptions import ReviewError
from aggregator.locales import t, tn
from aggregator.pipeline import review
from aggregator.pipeline.duplicates import merge_posts
from aggregator.storage import actions
from aggregator.storage.candidates import get_candidate, list_undecided
from aggregator.storage.narrowing import NO_FEED
from aggregator.storage.posts import find_post_id
from aggregator.types import Batch, Correction, Decision, Month, Seen
from aggregator.web.guard import OwnForm, require_session
from aggregator.web.pane.view import read_seen
from aggregator.web.queue.answers import choose_filter, show_anew, tell_many
from aggregator.web.queue.form import OfForm, SentForm
from aggregator.web.queue.view import PAGE
from aggregator.web.site import read_month, read_post_id
from aggregator.words.actions import say_batch, say_done

router = APIRouter(dependencies=[Depends(require_session)])

#: The numbers of the marked posts, each with the verdicts on it when it was shown: ``12 3.1``.
Marked = Annotated[list[str] | None, Form(alias="post")]


@router.post("/queue/{month}/many", dependencies=[OwnForm])
def act_on_many(
    form: OfForm,
    month: str,
    act: Annotated[str, Form()] = "",
    acts: Annotated[str, Query(alias="act")] = "",
    marked: Marked = None,
) -> Response:
    """Do the same to each marked post. *act*, in the form or the address, is a decision, ``merge``, or empty for a
    section. Raises 422.
    """
    wanted, seen = read_month(month), _read_marked(marked or ())
    act = act or acts
    if not seen:
        raise HTTPException(422, t("Mark posts first."))
    app, numbers = form.site.app, list(seen)
    if act == "merge":
        return _merge(form, wanted, numbers)
    known = {number: version for number, version in seen.items() if version is not None}
    if form.section:
        correction = Correction(0, by="", at=app.now, section=form.section)
        batch = review.correct_many(app, numbers, correction, seen=known)
        return _answer_batch(form, wanted, batch, say_done(None, section=form.section))
    try:
        decision = Decision(act)
    except ValueError as error:
        raise HTTPException(422, t("{act} is not a verdict.", act=repr(act))) from error
    reason = form.reason or None
    batch = review.decide_many(app, numbers, decision, reason=reason, until=form.until, seen=known)
    return _answer_batch(form, wanted, batch, say_done(decision, form.until))


@router.post("/posts/{post}/source/reject", dependencies=[OwnForm])
def reject_source(form: OfForm, post: str) -> Response:
    """Reject all undecided posts of the month that are of the source of this one."""
    app = form.site.app
    with app.reading() as connection:
        chosen = get_candidate(connection, read_post_id(post)).post
        numbers = list_undecided(connection, chosen.month, chosen.feed_key or NO_FEED)
    batch = review.decide_many(app, numbers, Decision.REJECT, reason=form.reason)
    return _answer_batch(form, chosen.month, batch, say_done(Decision.REJECT))


@router.post("/posts/{post}/same", dependencies=[OwnForm])
def say_same(form: OfForm, post: str, other: Annotated[str, Form()]) -> Response:
    """Join two posts that are the same article; *other* is a number or an address."""
    number = read_post_id(post)
    with form.site.app.reading() as connection:
        month = get_candidate(connection, number).post.month
        found = find_post_id(connection, other.strip())
    if found is None:
        return show_anew(
            form,
            ReviewError(
                t("no post has the number or address {address}", address=other), post_id=number, verdict="merge"
            ),
            status=422,
        )
    return _merge(form, month, [number, found])


def _merge(form: SentForm, month: Month, numbers: list[int]) -> Response:
    app = form.site.app
    app.judge.rank(merge_posts(app, numbers))
    with app.reading() as connection:
        action = actions.list_of_post(connection, numbers[0], limit=1)[0].id
    return _answer(form, month, numbers, _say_merged(len(numbers)), action)


def _read_marked(marked: Sequence[str]) -> dict[int, Seen | None]:
    found = {}
    for text in marked:
        number, _, seen = text.partition(" ")
        try:
            found[read_post_id(number)] = read_seen(seen)
        except ValueError as error:
            raise HTTPException(422, words.sentence(str(error))) from error
    return found


def _say_merged(number: int) -> str:
    return tn("{number} post is the same article now", "{number} posts are the same article now", number)


def _answer_batch(form: SentForm, month: Month, batch: Batch, did: str) -> Response:
    if batch.refused and not batch.done:
        raise HTTPException(409, words.sentence(batch.refused[0].why))
    form.site.app.judge.take_up_batch(batch)
    said = say_batch(batch, did)
    refused = " ".join(words.sentence(one.why) for one in batch.refused[:3])
    numbers = [candidate.post.id for candidate in (*batch.done, *batch.unchanged)]
    return _answer(form, month, numbers, f"{said}. {refused}" if refused else said, batch.action)


def _answer(form: SentForm, month: Month, numbers: Sequence[int], said: str, action: int | None) -> Response:
    """Go back to the page of the form with the posts in sight; tell the script what has changed, and what undoes it."""
    chosen = choose_filter(form.site, form.back, month)
    if form.is_scripted:
        undo = f"/undo?action={action}" if action else None
        return JSONResponse({"message": said, "undo": undo, **tell_many(form, chosen, numbers)})
    if form.back and not form.back.startswith("/queue/"):
        return RedirectResponse(form.back, 303)
    return RedirectResponse(chosen.path_to_many(numbers[:PAGE]), 303)
