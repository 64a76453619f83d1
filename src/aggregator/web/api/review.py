"""What the curator says of a post: verdicts, its line, its month, its series."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import Literal, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel, Field

from aggregator import words
from aggregator.digest.render import render_line
from aggregator.exceptions import MeanwhileError
from aggregator.pipeline import history, lines, months, notes, publish, review
from aggregator.shapes.changes import ChangeShape
from aggregator.shapes.drafting import DraftShape, PromptShape
from aggregator.shapes.posts import TextShape
from aggregator.storage.candidates import get_candidate
from aggregator.types import LINE_FIELDS, Candidate, Decision, Month, Until
from aggregator.web.api.errors import ProblemError
from aggregator.web.api.fields import Body, Markdown, MonthText, Name, PostId, SeenBody, read_end, read_version
from aggregator.web.api.guard import Caller, Changing, Reading
from aggregator.words.actions import say_placed

_Done = TypeVar("_Done")

router = APIRouter(prefix="/posts/{post}", tags=["review"])


class LineBody(SeenBody):
    """What to change in the line of a post. Fields that are left out stay; an empty title or note takes back yours."""

    section: Name | None = Field(default=None, examples=["2.4"])
    title: Name | None = Field(default=None, description="Markdown.", examples=["Renate: **Continual** Learning"])
    month: MonthText | None = Field(default=None, description="The month that is printed after the title.")
    organisation: Name | None = Field(default=None, description="An empty text prints none.")
    note: Markdown | None = Field(default=None, description="Markdown, kept as it is.")


class VerdictBody(LineBody):
    """A verdict, with changes of the line."""

    reason: Name | None = Field(default=None, description="Why; a rejection needs it.", examples=["off topic"])


class HoldBody(VerdictBody):
    """A hold, which may end by itself."""

    until: Name | None = Field(
        default=None, description="next-month, next-part, a month or a day.", examples=["next-month", "2026-12-05"]
    )


class PreviewShape(BaseModel):
    """The line of a post with changes that are not stored."""

    printed: str = Field(description="In Markdown.")


class MonthBody(Body):
    month: MonthText


class SeriesBody(SeenBody):
    language: Literal["ko", "en"] = Field(default="ko", description="The language of the note.")


# A request without a body.
_NO_VERDICT = VerdictBody()
_NO_LINE = LineBody()
_NO_HOLD = HoldBody()
_NO_SEEN = SeenBody()
_NO_SERIES = SeriesBody()


@router.post("/approve")
def approve(caller: Changing, post: PostId, body: VerdictBody = _NO_VERDICT) -> ChangeShape:
    """Approve a post for the digest."""
    return _save(caller, post, body, Decision.APPROVE)


@router.post("/reject")
def reject(caller: Changing, post: PostId, body: VerdictBody = _NO_VERDICT) -> ChangeShape:
    """Keep a post out of the digest, with a reason."""
    return _save(caller, post, body, Decision.REJECT)


@router.post("/hold")
def hold(caller: Changing, post: PostId, body: HoldBody = _NO_HOLD) -> ChangeShape:
    """Put a post aside, to decide later."""
    return _save(caller, post, body, Decision.HOLD, read_end(body.until))


@router.patch("")
def correct(caller: Changing, post: PostId, body: LineBody) -> ChangeShape:
    """Change the line of a post, without a verdict."""
    return _save(caller, post, body, None)


@router.post("/preview")
def preview_line(caller: Reading, post: PostId, body: LineBody = _NO_LINE) -> PreviewShape:
    """Show the line as it would be printed with these changes; nothing is stored, so `seen` does not count."""
    with caller.app.reading() as connection:
        candidate = get_candidate(connection, post)
    typed = lines.show_fields(candidate) | _list_typed(body)
    home = caller.home
    line, _ = lines.compose_typed(candidate, typed, home.taxonomy, home.now, publish.get_texts(home).style)
    return PreviewShape(printed=render_line(line))


@router.get("/draft")
def show_prompt(caller: Reading, post: PostId) -> PromptShape:
    """Show what would be sent to the language model for a draft of the note; nothing is sent."""
    drafter = caller.app.drafter
    return PromptShape.of(drafter.gather(post).prompt, drafter.host, drafter.settings.model)


@router.post("/draft")
async def draft_note(caller: Changing, post: PostId) -> DraftShape:
    """Send it, and return the draft; its text is not stored."""
    drafter = caller.app.drafter
    return DraftShape.of(await drafter.draft(await to_thread(drafter.gather, post)))


@router.post("/undo")
def undo_verdict(caller: Changing, post: PostId, body: SeenBody = _NO_SEEN) -> ChangeShape:
    """Take back the verdict on a post, whoever gave it, with the changes that came with it."""
    seen = read_version(body.seen)
    change = _tell_both(caller, body, lambda: history.undo_verdict(caller.home, post, seen=seen))
    caller.app.judge.take_up(change)
    return ChangeShape.of_history(change)


@router.post("/star")
def star(caller: Changing, post: PostId, body: SeenBody = _NO_SEEN) -> ChangeShape:
    """Make an approved post a highlight of its month."""
    return _star(caller, post, body, is_starred=True)


@router.post("/unstar")
def unstar(caller: Changing, post: PostId, body: SeenBody = _NO_SEEN) -> ChangeShape:
    """Make a highlight an ordinary line again."""
    return _star(caller, post, body, is_starred=False)


@router.post("/month")
def give_month(caller: Changing, post: PostId, body: MonthBody) -> ChangeShape:
    """Set the month of a post; a post that waits for a date joins its candidates."""
    candidate = months.give_month(caller.home, post, Month.parse(body.month))
    caller.app.judge.rank({candidate.post.month})
    return ChangeShape(message=say_placed(candidate)).about(candidate)


@router.post("/series")
def accept_series_note(caller: Changing, post: PostId, body: SeriesBody = _NO_SERIES) -> ChangeShape:
    """Add links to the earlier parts of its series to the note of a post."""
    seen = read_version(body.seen)
    after = _tell_both(caller, body, lambda: notes.accept_note(caller.home, post, body.language, seen=seen))
    return _feel(caller, ChangeShape(message=f"Noted: {after.post.title}"), after)


@router.post("/sequel")
def accept_sequel_note(caller: Changing, post: PostId, body: SeriesBody = _NO_SERIES) -> ChangeShape:
    """Add a link to the newest printed post that a post follows to its note; `follows` of the post lists them."""
    seen = read_version(body.seen)
    after = _tell_both(caller, body, lambda: notes.accept_sequel(caller.home, post, body.language, seen=seen))
    return _feel(caller, ChangeShape(message=f"Noted: {after.post.title}"), after)


def _save(
    caller: Caller, post: int, body: LineBody, decision: Decision | None, until: Until | None = None
) -> ChangeShape:
    typed = _list_typed(body)
    reason, seen = getattr(body, "reason", None), read_version(body.seen)
    with caller.app.reading() as connection:
        before = get_candidate(connection, post)
    after = _tell_both(
        caller,
        body,
        lambda: lines.save_line(caller.home, post, typed, decision, reason=reason, until=until, seen=seen),
    )
    return _feel(caller, ChangeShape.of_verdict(before, after), after)


def _star(caller: Caller, post: int, body: SeenBody, *, is_starred: bool) -> ChangeShape:
    with caller.app.reading() as connection:
        before = get_candidate(connection, post)
    seen = read_version(body.seen)
    after = _tell_both(caller, body, lambda: review.star(caller.home, post, is_starred=is_starred, seen=seen))
    return ChangeShape.of_verdict(before, after)


def _list_typed(body: LineBody) -> dict[str, str]:
    return {name: value for name in LINE_FIELDS if (value := getattr(body, name)) is not None}


def _feel(caller: Caller, change: ChangeShape, after: Candidate) -> ChangeShape:
    """Let similar posts feel a change, as the page does."""
    caller.app.judge.feel(after)
    return change.about(after)


def _tell_both(caller: Caller, body: SeenBody, act: Callable[[], _Done]) -> _Done:
    """Act; if somebody else has changed the post meanwhile, raise 409 with what they left and what was sent."""
    try:
        return act()
    except MeanwhileError as error:
        with caller.app.reading() as connection:
            candidate = get_candidate(connection, error.post_id)
            present = TextShape.of(candidate, style=publish.get_texts(caller.app).style)
        sent = body.model_dump(exclude_unset=True)
        raise ProblemError(409, words.sentence(str(error)), post=present, sent=sent) from error
