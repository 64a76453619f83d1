"""The page Digests: everything that was printed or read, how its months were reviewed, a search of its lines, and the
review of a year.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from aggregator.digest.render import render_digest
from aggregator.digest.year import name_place, say_year
from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.pipeline.year import review_year
from aggregator.storage import digests, reviews, search
from aggregator.storage.database import Connection
from aggregator.storage.narrowing import PRINTED, Narrowing
from aggregator.text.terms import parse_query
from aggregator.types import Line
from aggregator.web.digest.view import build_sections
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
        years = digests.list_years(connection)
    view = build_digests(past, found, site.app.zone, most=MOST_POSTS)
    return site.page(
        "digests/digests.html", view=view, columns=COLUMNS, years=years, words=q.strip(), token=session.token
    )


@router.get("/digests/{year}.md")
def download_year(site: OfSite, year: str) -> Response:
    """Answer with the review of a year as a Markdown page."""
    wanted = _read_year(year)
    return Response(
        render_digest(review_year(site.app, wanted)[1]),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{wanted}.md"'},
    )


@router.get("/digests/{year}")
def show_year(site: OfSite, session: OfSession, year: str) -> Response:
    """Review a year: what was printed, counted, and its highlights."""
    counted, digest = review_year(site.app, _read_year(year))
    return site.page(
        "digests/year.html",
        year=counted,
        said=say_year(counted),
        months=[(f"/digest/{month}", month.name, count) for month, count in counted.months.items()],
        places=[("", name_place(section, digest.texts), count) for section, count in counted.sections.items()],
        sections=build_sections(digest),
        token=session.token,
    )


def _read_year(text: str) -> int:
    if re.fullmatch(r"[0-9]{4}", text):
        return int(text)
    raise NotFoundError(t("{text} is not a year; write it as 2026", text=repr(text)))


def _find_lines(connection: Connection, words: str) -> tuple[int, dict[int, list[Line]]] | None:
    """Find the lines of the printed posts that a search for these words finds: how many posts, and lines by digest."""
    query = parse_query(words)
    if query.is_empty:
        return None
    posts = search.find_posts(connection, query, Narrowing(verdict=PRINTED), limit=MOST_POSTS + 1)
    return len(posts), digests.list_lines_of(connection, posts[:MOST_POSTS])
