"""The search over all posts ever seen."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from aggregator.pipeline import publish
from aggregator.review.verdicts import list_reasons
from aggregator.storage import feeds, posts, search
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.changes import count_unfound
from aggregator.text.terms import parse_query
from aggregator.web.guard import OfSession, require_session
from aggregator.web.paths import path_to_add
from aggregator.web.search.filter import read_filter
from aggregator.web.search.view import build_choices, build_result, build_search, cut_page
from aggregator.web.site import OfSite
from aggregator.words.sections import name_sections

router = APIRouter()


@router.get("/search")
def show_search(request: Request, site: OfSite, session: OfSession) -> Response:
    chosen = read_filter(request.query_params, site.app.taxonomy)
    query, zone, names = parse_query(chosen.words), site.app.zone, name_sections(publish.get_texts(site.app))
    with site.app.reading() as connection:
        found = search.find_posts(connection, query, chosen.narrowing) if chosen.asks(query) else []
        candidates = list_candidates_by_id(connection, cut_page(found, chosen))
        of_copies = [one.post.copy_of for one in candidates if one.post.copy_of]
        originals = {one.post.id: one.post for one in list_candidates_by_id(connection, of_copies)}
        choices = build_choices(chosen, names, posts.list_months(connection), feeds.list_names(connection))
        waiting = 0 if found else count_unfound(connection)
    results = tuple(
        build_result(candidate, query, names, zone, originals.get(candidate.post.copy_of or 0))
        for candidate in candidates
    )
    return site.page(
        "search/search.html",
        view=build_search(chosen, choices, results, len(found)),
        waiting=waiting,
        back=chosen.path,
        reasons=list_reasons(site.app.taxonomy),
        token=session.token,
    )


@router.get("/share", dependencies=[Depends(require_session)])
def show_shared(site: OfSite, url: str = "", text: str = "", title: str = "") -> Response:
    """Show the post that a phone has shared with the installed page, where forms decide on it. An unknown address is
    offered to be added, and a text without one is searched for. Programs put an address in any of the three fields.
    """
    shared = f"{url} {text} {title}".split()
    address = next((word for word in shared if word.startswith(("https://", "http://"))), "")
    with site.app.reading() as connection:
        found = posts.find_post_id(connection, address) if address else None
    if found is not None:
        return RedirectResponse(f"/posts/{found}", 303)
    if address:
        return RedirectResponse(path_to_add(address, title), 303)
    return RedirectResponse(f"/search?q={quote(text or title)}", 303)
