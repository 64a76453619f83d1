"""Posts: one with its text, and the search over all of them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from aggregator.pipeline import hints, publish, titles
from aggregator.shapes.posts import FoundShape, PostShape, TextShape
from aggregator.shapes.why import WhyShape
from aggregator.storage import search
from aggregator.storage.candidates import get_candidate, list_candidates_by_id, list_waiting
from aggregator.storage.narrowing import MOST_FOUND, Narrowing
from aggregator.text.terms import LONGEST_QUERY, parse_query
from aggregator.web.api.fields import MonthText, Name, PostId, read_section
from aggregator.web.api.guard import Reading
from aggregator.web.search.filter import PAGE, SearchFilter
from aggregator.web.search.view import cut_page
from aggregator.words.sections import name_sections
from aggregator.words.why import build_why

router = APIRouter(tags=["posts"])

_Verdict = Literal["undecided", "approved", "held", "rejected", "printed"]


@router.get("/posts/{post}")
def show_post(caller: Reading, post: PostId) -> TextShape:
    """Show a post with its text, the line that would be printed, and what is proposed for its line and note."""
    with caller.app.reading() as connection:
        candidate = get_candidate(connection, post)
    app = caller.app
    return TextShape.of(
        candidate, titles.propose(app, candidate), hints.propose(app, candidate), publish.get_texts(app).style
    )


@router.get("/posts/{post}/why")
def explain_post(caller: Reading, post: PostId) -> WhyShape:
    """Show the clues for the section of a post and for the runner-up, and similar decided posts."""
    why = caller.app.judge.explain(post)
    view = build_why(why, name_sections(publish.get_texts(caller.app)), caller.app.zone)
    return WhyShape.of(why.explanation, view)


@router.get("/waiting")
def show_waiting(caller: Reading) -> list[PostShape]:
    """List the posts that wait for their day or for a date, at most 200."""
    with caller.app.reading() as connection:
        return [PostShape.of(candidate) for candidate in list_waiting(connection, limit=200)]


@router.get("/search")
def search_posts(
    caller: Reading,
    q: Annotated[
        Name, Query(max_length=LONGEST_QUERY, description='Words that must all occur; "a phrase"; -without.')
    ] = "",
    section: Annotated[Name, Query(description="Such as 2.4.")] = "",
    source: Annotated[Name, Query(description="The key of a feed; - for posts that no feed gave.")] = "",
    month: Annotated[MonthText | None, Query()] = None,
    verdict: Annotated[_Verdict | None, Query()] = None,
    language: Annotated[Name, Query(description="ko, en or another code.")] = "",
    page: Annotated[int, Query(ge=1, le=MOST_FOUND // PAGE)] = 1,
) -> FoundShape:
    """Search all posts ever seen, 25 a page. Without words and filters nothing is found."""
    narrowing = Narrowing(month or "", read_section(caller.home, section), source, verdict or "", language)
    chosen = SearchFilter(" ".join(q.split()), narrowing, page)
    query = parse_query(chosen.words)
    with caller.app.reading() as connection:
        found = search.find_posts(connection, query, narrowing) if chosen.asks(query) else []
        candidates = list_candidates_by_id(connection, cut_page(found, chosen))
    return FoundShape.of(len(found), candidates)
