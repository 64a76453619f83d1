"""What the palette asks for as somebody types."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from aggregator.storage import feeds, posts, search
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.narrowing import Narrowing
from aggregator.text.html import normalise
from aggregator.text.terms import parse_query
from aggregator.web.find.view import MOST, build_groups
from aggregator.web.guard import require_session
from aggregator.web.site import OfSite

router = APIRouter(dependencies=[Depends(require_session)])


@router.get("/find")
def find(site: OfSite, q: Annotated[str, Query(max_length=400)] = "") -> Response:
    """Find posts, pages, months and feeds for what was typed so far."""
    typed = normalise(q)
    query = parse_query(typed)
    with site.app.reading() as connection:
        numbers = [] if query.is_empty else search.find_posts(connection, query, Narrowing(), limit=MOST)
        found = list_candidates_by_id(connection, numbers[:MOST])
        groups = build_groups(typed, found, posts.list_months(connection), feeds.list_names(connection))
    return JSONResponse({"groups": [asdict(group) for group in groups]})
