"""The queue of a month, and a post of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from aggregator import words
from aggregator.pipeline import contents, months, publish, weights
from aggregator.storage import duplicates, feeds, judgements, models, posts
from aggregator.storage.candidates import count_waiting, get_candidate
from aggregator.storage.database import Connection
from aggregator.storage.outlines import Outline, list_outlines
from aggregator.types import Month
from aggregator.web.activity.route import say_awaited
from aggregator.web.guard import PICTURES_FROM_ELSEWHERE, OfSession, OwnForm, require_session
from aggregator.web.pane.gather import gather_pane
from aggregator.web.paths import find_local_path
from aggregator.web.queue.answers import build_rows, choose_filter, list_form_values, summarise_month
from aggregator.web.queue.filter import QueueFilter, Show, read_filter
from aggregator.web.queue.view import build_burst, build_queue, cut_window, find_opened, list_months, look_at_feeds
from aggregator.web.site import OfSite, Site, read_month, read_post_id
from aggregator.words.plans import say_late
from aggregator.words.sections import name_sections

# So many months of the menu say how many posts they have: to count all posts takes a sixth of the page after ten years.
_COUNTED_MONTHS = 12

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
    # Only whoever asks for the pictures of a post tells its site that somebody reads it.
    with_pictures = "pictures" in request.query_params
    contents.read_month(site.app.database, chosen.month)
    with site.app.reading() as connection:
        outlines = list_outlines(connection, chosen.month, chosen.words)
        window = cut_window(outlines, chosen)
        summary = summarise_month(site, connection, outlines, chosen)
        rows = build_rows(connection, window.post_ids, site.app)
        opened = find_opened(outlines, window, chosen)
        shown = gather_pane(connection, opened, names, site.app.zone, with_pictures=with_pictures)
        listed = posts.list_months(connection)
        counts = posts.count_candidates(connection, {chosen.month, *listed[:_COUNTED_MONTHS]})
        waiting = count_waiting(connection)
        proposals = duplicates.count_proposals(connection)
        visited = look_at_feeds(feeds.list_feed_states(connection)) if not outlines else None
        late = posts.count_late(connection, chosen.month)
        thin = _find_thinness(site, connection, chosen.month, outlines)
        # The list is to appear by itself where nothing is ranked yet.
        is_empty = not window.post_ids and chosen.show is Show.SHORTLIST and not chosen.is_narrowed
        is_ranked = is_empty and judgements.find_scored_at(connection, chosen.month) is not None
        has_model = is_ranked and models.find_in_use(connection) is not None
        bursts = [build_burst(row, chosen.month) for row in judgements.list_bursts(connection, chosen.month)]
    awaited = say_awaited(site.app) if is_empty else ""
    # Ranking may also change which month is to be reviewed.
    is_open = bool(awaited) and chosen.month == months.find_open_month(site.app)
    answer = site.page(
        "queue/queue.html",
        is_ranked=is_ranked,
        has_model=has_model,
        awaited=awaited if is_open or outlines else "",
        next="/" if is_open else chosen.path,
        view=build_queue(outlines, chosen, window, rows, names, summary),
        months=list_months(listed, counts, chosen),
        visited=visited,
        waiting=waiting,
        proposals=proposals,
        thin=thin,
        late=[
            (say_late(number, own), chosen.widen().turn(show=Show.ALL, late_for=own).path)
            for own, number in late.items()
        ],
        bursts=bursts,
        month=chosen.month,
        **list_form_values(site, session, names, chosen.path),
        **shown,
    )
    if with_pictures:
        answer.headers.update(PICTURES_FROM_ELSEWHERE)
    return answer


@router.post("/queue/{month}/rank", dependencies=[OwnForm])
def rank_month(site: OfSite, month: str) -> Response:
    """Rank a month now; the daemon ranks old months only if something in them changes."""
    wanted = read_month(month)
    site.app.judge.rank([wanted])
    return RedirectResponse(QueueFilter(wanted).path, 303)


@router.get("/posts/{post}/pane")
def show_pane(site: OfSite, session: OfSession, post: str, view: str = "") -> Response:
    """Show a post as it stands beside the list at *view*, for the script. Raises NotFoundError."""
    names = name_sections(publish.get_texts(site.app))
    contents.read_posts(site.app.database, [read_post_id(post)])
    with site.app.reading() as connection:
        candidate = get_candidate(connection, read_post_id(post))
        shown = gather_pane(connection, candidate.post.id, names, site.app.zone)
    chosen = choose_filter(site, find_local_path(view), candidate.post.month)
    values = list_form_values(site, session, names, chosen.path)
    return HTMLResponse(site.render("pane/pane.html", **shown, **values))


def _find_thinness(site: Site, connection: Connection, month: Month, outlines: Sequence[Outline]) -> Thinness | None:
    """Find whether floor or scope kept the shortlist short, and by how much."""
    wanted = weights.read_settings_in_force(connection, site.app.settings).shortlist
    proposed = sum(outline.is_shortlisted for outline in outlines)
    if proposed >= wanted.size:
        return None
    most, floor = wanted.out_of_scope, wanted.floor
    below, beyond = judgements.count_kept_out(connection, month, most=most, floor=floor)
    if not (below or beyond):
        return None
    return Thinness(proposed, wanted.size, below, words.decimal(floor), beyond, f"{most:.0%}")
