"""Acts on many posts of a month at once: those that are marked, or all of a source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response

from aggregator import words
from aggregator.pipeline import review
from aggregator.pipeline.duplicates import merge_posts
from aggregator.storage.candidates import get_candidate, list_undecided
from aggregator.storage.narrowing import NO_FEED
from aggregator.types import Batch, Correction, Decision, Month, Seen
from aggregator.web.guard import OwnForm, require_session
from aggregator.web.pane.view import read_seen
from aggregator.web.queue.answers import choose_filter, tell_many
from aggregator.web.queue.form import OfForm, SentForm
from aggregator.web.site import read_month, read_post_id
from aggregator.words.actions import say_batch
from aggregator.words.posts import say_until

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
        raise HTTPException(422, "Mark posts first.")
    app, numbers = form.site.app, list(seen)
    if act == "merge":
        app.judge.rank(merge_posts(app, numbers))
        return _answer(form, wanted, numbers, f"{words.count(len(numbers), 'post')} are the same article now")
    known = {number: version for number, version in seen.items() if version is not None}
    if form.section:
        correction = Correction(0, by="", at=app.now, section=form.section)
        batch = review.correct_many(app, numbers, correction, seen=known)
        return _answer_batch(form, wanted, batch, f"moved to {form.section}")
    try:
        decision = Decision(act)
    except ValueError as error:
        raise HTTPException(422, f"{act!r} is not a verdict.") from error
    reason = form.reason or None
    batch = review.decide_many(app, numbers, decision, reason=reason, until=form.until, seen=known)
    return _answer_batch(form, wanted, batch, _say_done(form, decision))


@router.post("/posts/{post}/source/reject", dependencies=[OwnForm])
def reject_source(form: OfForm, post: str) -> Response:
    """Reject all undecided posts of the month that are of the source of this one."""
    app = form.site.app
    with app.reading() as connection:
        chosen = get_candidate(connection, read_post_id(post)).post
        numbers = list_undecided(connection, chosen.month, chosen.feed_key or NO_FEED)
    batch = review.decide_many(app, numbers, Decision.REJECT, reason=form.reason)
    return _answer_batch(form, chosen.month, batch, "rejected")


def _read_marked(marked: Sequence[str]) -> dict[int, Seen | None]:
    found = {}
    for text in marked:
        number, _, seen = text.partition(" ")
        try:
            found[read_post_id(number)] = read_seen(seen)
        except ValueError as error:
            raise HTTPException(422, words.sentence(str(error))) from error
    return found


def _say_done(form: SentForm, decision: Decision) -> str:
    match decision:
        case Decision.APPROVE:
            return "approved"
        case Decision.HOLD:
            return f"held until {say_until(form.until)}" if form.until else "held"
    return "rejected"


def _answer_batch(form: SentForm, month: Month, batch: Batch, did: str) -> Response:
    app = form.site.app
    if batch.refused and not batch.done:
        raise HTTPException(409, words.sentence(batch.refused[0].why))
    for candidate in batch.done:
        app.judge.feel(candidate)
    app.judge.rank(batch.months)
    said = say_batch(batch, did)
    refused = " ".join(words.sentence(one.why) for one in batch.refused[:3])
    numbers = [candidate.post.id for candidate in (*batch.done, *batch.unchanged)]
    return _answer(form, month, numbers, f"{said}. {refused}" if refused else said, is_new=bool(batch.done))


def _answer(form: SentForm, month: Month, numbers: Sequence[int], said: str, *, is_new: bool = True) -> Response:
    chosen = choose_filter(form.site, form.back, month)
    if form.is_scripted:
        return JSONResponse({"message": said, "is_new": is_new, **tell_many(form, chosen, numbers)})
    return RedirectResponse(chosen.path, 303)
