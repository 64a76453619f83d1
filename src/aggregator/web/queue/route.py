"""The queue of a month, and the forms for verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from aggregator import words
from aggregator.digest.series_note import LANGUAGES
from aggregator.exceptions import MeanwhileError
from aggregator.pipeline import history, lines, months, publish, series, weights
from aggregator.pipeline.history import Change
from aggregator.pipeline.sessions import OwnSession
from aggregator.review.verdicts import REJECTION_REASONS
from aggregator.storage import duplicates, feeds, judgements, posts
from aggregator.storage.candidates import count_waiting, get_candidate
from aggregator.storage.database import Connection
from aggregator.storage.outlines import Outline, list_outlines
from aggregator.types import Candidate, Decision, Month, Section, Seen
from aggregator.web.activity.route import say_awaited
from aggregator.web.cards.gather import build_cards
from aggregator.web.cards.view import read_seen
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.paths import find_local_path
from aggregator.web.queue.filter import QueueFilter, Show, find_filter, read_filter
from aggregator.web.queue.view import build_burst, build_queue, cut_window, list_months, look_at_feeds, summarise
from aggregator.web.site import OfSite, Site, read_month, read_post_id, wants_json
from aggregator.words.actions import say_decided, say_taken_back
from aggregator.words.sections import SectionNames, name_sections

router = APIRouter(dependencies=[Depends(require_session)])


@dataclass(frozen=True, slots=True)
class Thinness:
    """Why a shortlist is short: the floor, or posts out of scope."""

    proposed: int
    size: int
    below: int
    floor: str
    #: Above the floor, but out of scope with a probability above *most*.
    beyond: int
    most: str


@dataclass(frozen=True, slots=True)
class Again:
    """A verdict that was not stored because of another one meanwhile; the card offers it again."""

    decision: Decision
    section: Section | None
    reason: str

    @property
    def label(self) -> str:
        match self.decision:
            case Decision.APPROVE if self.section:
                return f"Approve for {self.section} anyway"
            case Decision.REJECT:
                return f"Reject anyway: {self.reason}"
        return f"{str(self.decision).capitalize()} anyway"


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form of the queue as received, with what is needed to answer it."""

    site: Site
    session: OwnSession
    #: The chosen section; None if the form has none.
    section: Section | None
    reason: str
    #: The verdicts on the post when the form was shown; None if the form does not say.
    seen: Seen | None
    #: Where to go back to; None for the queue of the post's month.
    back: str | None
    #: Whether the script asks, which wants the changes and not a page.
    is_scripted: bool


def read_form(
    request: Request,
    site: OfSite,
    session: OfSession,
    section: Annotated[str, Form()] = "",
    reason: Annotated[str, Form(max_length=500)] = "",
    seen: Annotated[str, Form(max_length=50)] = "",
    next: Annotated[str, Form()] = "",
) -> SentForm:
    """Read a form of the queue. Raises 422 for an unknown section."""
    try:
        chosen = site.app.taxonomy.parse_section(section) if section.strip() else None
        shown = read_seen(seen)
    except ValueError as error:
        raise HTTPException(422, words.sentence(str(error))) from error
    return SentForm(site, session, chosen, reason, shown, find_local_path(next), wants_json(request))


OfForm = Annotated[SentForm, Depends(read_form)]


@router.get("/")
def open_queue(site: OfSite) -> Response:
    return RedirectResponse(f"/queue/{months.find_open_month(site.app)}", 303)


@router.get("/posts/{post}")
def find_post(site: OfSite, post: str) -> Response:
    """Lead to a post in the queue of its month. Raises NotFoundError."""
    with site.app.reading() as connection:
        candidate = get_candidate(connection, read_post_id(post))
    return RedirectResponse(QueueFilter(candidate.post.month, show=Show.ALL).path_to(candidate.post.id), 303)


@router.get("/queue/{month}")
def show_queue(request: Request, site: OfSite, session: OfSession, month: str) -> Response:
    chosen = read_filter(read_month(month), request.query_params, site.app.taxonomy)
    names = name_sections(publish.get_texts(site.app))
    with site.app.reading() as connection:
        outlines = list_outlines(connection, chosen.month, chosen.words)
        window = cut_window(outlines, chosen)
        cards = build_cards(connection, window.post_ids, names, site.app.zone)
        counts = posts.list_months(connection)
        waiting = count_waiting(connection)
        proposals = duplicates.count_proposals(connection)
        visited = look_at_feeds(feeds.list_feed_states(connection)) if not outlines else None
        thin = _find_thinness(site, connection, chosen.month, outlines)
        bursts = [build_burst(row, chosen.month) for row in judgements.list_bursts(connection, chosen.month)]
    # The list is to appear by itself where nothing is ranked yet.
    is_empty = not window.post_ids and chosen.show is Show.SHORTLIST and not chosen.is_narrowed
    awaited = say_awaited(site.app) if is_empty else ""
    # Ranking may also change which month is to be reviewed.
    is_open = bool(awaited) and chosen.month == months.find_open_month(site.app)
    return site.page(
        "queue/queue.html",
        awaited=awaited if is_open or outlines else "",
        next="/" if is_open else chosen.path,
        view=build_queue(outlines, chosen, window, cards, names),
        months=list_months(counts, chosen),
        visited=visited,
        waiting=waiting,
        proposals=proposals,
        thin=thin,
        bursts=bursts,
        month=chosen.month,
        **_list_form_values(session, names, chosen.path),
    )


@router.post("/undo", dependencies=[OwnForm])
def undo_last(form: OfForm) -> Response:
    return _take_back(form, lambda: history.undo(form.site.app))


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


@router.post("/posts/{post}/series", dependencies=[OwnForm])
def accept_series_note(form: OfForm, post: str, language: Annotated[str, Form()]) -> Response:
    """Add links to the earlier parts of a series to the note of a line. Raises 422 for an unknown language."""
    if language not in LANGUAGES:
        raise HTTPException(422, f"{language!r} is not a language of notes.")
    app, number = form.site.app, read_post_id(post)
    return _act(form, lambda: series.accept_note(app, number, language, seen=form.seen), "Noted")


@router.post("/posts/{post}/series/take-back", dependencies=[OwnForm])
def take_back_series_note(form: OfForm, post: str) -> Response:
    app, number = form.site.app, read_post_id(post)
    return _act(form, lambda: series.take_back_note(app, number, seen=form.seen), "Removed from the note")


def _act(form: SentForm, act: Callable[[], Candidate], said: str) -> Response:
    try:
        after = act()
        return answer(form, after, f"{said}: {after.post.title}")
    except MeanwhileError as error:
        return _show_anew(form, error)


def _take_back(form: SentForm, act: Callable[[], Change]) -> Response:
    """Undo or redo something, and say what is back; the page of its post, if it is about one, shows it."""
    try:
        change = act()
    except MeanwhileError as error:
        return _show_anew(form, error)
    moved = form.site.app.judge.take_up(change)
    said = say_taken_back(change.actions, change.name, change.candidate, is_undo=change.is_undo)
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
        after = lines.save_line(app, post_id, typed, decision, reason=form.reason, seen=form.seen)
    except MeanwhileError as error:
        return _show_anew(form, error, Again(decision, form.section, form.reason))
    return answer(form, after, say_decided(before, after), is_new=before.verdict != after.verdict)


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
    chosen = choose_filter(form.site, form.back, post.month)
    if moved is None:
        moved = form.site.app.judge.feel(candidate)
    if form.is_scripted:
        told = _tell(form, post.id, chosen, moved=moved)
        # Whether this was a verdict that can be undone.
        return JSONResponse({"message": message, "is_new": is_new, **told, **more})
    if form.back and not form.back.startswith("/queue/"):
        return RedirectResponse(form.back, 303)
    return RedirectResponse(chosen.path_to(post.id), 303)


def _show_anew(form: SentForm, error: MeanwhileError, again: Again | None = None) -> Response:
    """Show the present card, why nothing was stored, and a form to do it *again*."""
    with form.site.app.reading() as connection:
        candidate = get_candidate(connection, error.post_id)
    told = _tell(form, candidate.post.id, choose_filter(form.site, form.back, candidate.post.month), again)
    if form.is_scripted:
        return JSONResponse({"error": words.sentence(str(error)), "is_new": False, **told}, 409)
    return form.site.page(
        "queue/meanwhile.html",
        status=409,
        sentence=words.sentence(str(error)),
        month=candidate.post.month,
        token=form.session.token,
        names=name_sections(publish.get_texts(form.site.app)),
        **told,
    )


def choose_filter(site: Site, back: str | None, month: Month) -> QueueFilter:
    """Choose the view to go *back* to if it shows the month, else all of the month."""
    chosen = find_filter(back, site.app.taxonomy)
    return chosen if chosen and chosen.month == month else QueueFilter(month, show=Show.ALL)


def _tell(
    form: SentForm,
    post_id: int,
    chosen: QueueFilter,
    again: Again | None = None,
    moved: Collection[int] = (),
) -> dict[str, Any]:
    """Return the present card of a post, the summary of its month, and the other cards of the page that *moved*."""
    site = form.site
    names = name_sections(publish.get_texts(site.app))
    with site.app.reading() as connection:
        outlines = list_outlines(connection, chosen.month, chosen.words)
        others = [one for one in cut_window(outlines, chosen).post_ids if one in moved and one != post_id]
        card, *rest = build_cards(connection, [post_id, *others], names, site.app.zone)
    values = _list_form_values(form.session, names, chosen.path, again)
    return {
        "id": post_id,
        # For a post that is not on the page.
        "path": chosen.path_to(post_id),
        "card": site.render("cards/_card.html", card=card, **values),
        "others": [site.render("cards/_card.html", card=each, **values) for each in rest],
        "summary": site.render("queue/_summary.html", summary=summarise(outlines, chosen), **values),
    }


def _find_thinness(site: Site, connection: Connection, month: Month, outlines: Sequence[Outline]) -> Thinness | None:
    """Find whether floor or scope kept the shortlist short, and by how much."""
    wanted = weights.read_settings_in_force(connection, site.app.settings).shortlist
    proposed = sum(outline.is_shortlisted for outline in outlines)
    if proposed >= wanted.size:
        return None
    below = judgements.count_below(connection, month, wanted.floor)
    most, floor = wanted.out_of_scope, wanted.floor
    beyond = judgements.count_beyond_scope(connection, month, most=most, floor=floor)
    if not (below or beyond):
        return None
    return Thinness(proposed, wanted.size, below, words.decimal(floor), beyond, f"{most:.0%}")


def _list_form_values(
    session: OwnSession, names: SectionNames, back: str, again: Again | None = None
) -> dict[str, Any]:
    """Return what the forms of a queue need."""
    return {"token": session.token, "names": names, "reasons": REJECTION_REASONS, "back": back, "again": again}
