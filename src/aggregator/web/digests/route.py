"""The page Digests: everything that was printed or read, how its months were reviewed, and a search of its lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from aggregator.storage import digests, reviews, search
from aggregator.storage.database import Connection
from aggregator.storage.narrowing import PRINTED, Narrowing
from aggregator.text.terms import parse_query
from aggregator.types import Line
from aggregator.web.digests.view import build_digests
from aggregator.web.guard import OfSession, require_session
from aggregator.web.site import OfSite
from aggregator.words.digests import COLUMNS

router = APIRouter(dependencies=[Depends(require_session)])

#: The most posts that a search shows the lines of.
MOST_POSTS = 60


@router.get("/digests")
def show_digests(site: OfSite, session: OfSession, q: Annotated[str, Query(max_length=400)] = "") -> Response:
    with site.app.reading() as connection:
        past = reviews.list_past(connection)
        found = _find_lines(connection, q.strip())
    view = build_digests(past, found, site.app.zone, most=MOST_POSTS)
    return site.page("digests/digests.html", view=view, columns=COLUMNS, words=q.strip(), token=session.token)


def _find_lines(connection: Connection, words: str) -> tuple[int, dict[int, list[Line]]] | None:
    """Find the lines of the printed posts that a search for these words finds: how many posts, and lines by digest."""
    query = parse_query(words)
    if query.is_empty:
        return None
    posts = search.find_posts(connection, query, Narrowing(verdict=PRINTED), limit=MOST_POSTS + 1)
    return len(posts), digests.list_lines_of(connection, posts[:MOST_POSTS])
