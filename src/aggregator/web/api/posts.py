"""Posts: one with its text, and the search over all of them."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from aggregator.pipeline import adding, contents, hints, publish, titles
from aggregator.pipeline.adding import FIELDS, Added
from aggregator.pipeline.related import find_others_of_work, find_sequels
from aggregator.shapes.changes import ChangeShape
from aggregator.shapes.posts import FoundShape, PostShape, TextShape
from aggregator.shapes.talk import TalkShape
from aggregator.shapes.why import WhyShape
from aggregator.storage import search
from aggregator.storage.candidates import get_candidate, list_candidates_by_id, list_waiting
from aggregator.storage.narrowing import MOST_FOUND, Narrowing
from aggregator.storage.talk import list_heard
from aggregator.text.terms import LONGEST_QUERY, parse_query
from aggregator.web.api.fields import Body, Markdown, MonthText, Name, PostId, read_section
from aggregator.web.api.guard import Changing, Reading
from aggregator.web.search.filter import PAGE, SearchFilter
from aggregator.web.search.view import cut_page
from aggregator.words.adding import say_added
from aggregator.words.sections import name_sections
from aggregator.words.talk import build_talk
from aggregator.words.why import build_why

router = APIRouter(tags=["posts"])

_Verdict = Literal["undecided", "approved", "held", "rejected", "printed"]


class AddBody(Body):
    """A post to add. Fields that are left out stay as they are read."""

    url: Annotated[str, Field(max_length=2000, examples=["https://github.com/karpathy/nanoGPT"])]
    title: Name | None = None
    organisation: Name | None = None
    day: Name | None = Field(default=None, description="When it was published.", examples=["2022-12-05"])
    month: MonthText | None = Field(default=None, description="The month whose candidate it is to be.")
    section: Name | None = Field(default=None, examples=["2.4"])
    note: Markdown | None = Field(default=None, description="Markdown.")


@router.post("/posts")
async def add_post(caller: Changing, body: AddBody) -> ChangeShape:
    """Add a post by its address: it is read, and becomes a candidate. `is_new` is false if it was known."""
    read = await caller.app.post_reader.read(body.url)

    def add() -> Added:
        typed = {name: getattr(body, name) or "" for name in FIELDS}
        added = adding.add_post(caller.home, read, adding.read_details(caller.home, typed))
        caller.app.judge.judge_added({added.candidate.post.month})
        return added

    added = await to_thread(add)
    return ChangeShape(message=say_added(added), is_new=added.is_new).about(added.candidate)


@router.get("/posts/{post}")
def show_post(caller: Reading, post: PostId) -> TextShape:
    """Show a post with its text, the line that would be printed, and what is proposed for its line and note."""
    contents.read_posts(caller.app.database, [post])
    with caller.app.reading() as connection:
        candidate = get_candidate(connection, post)
        follows = find_sequels(connection, candidate.post)
        work = find_others_of_work(connection, candidate.post)
    app = caller.app
    proposed, offered = titles.propose(app, candidate), hints.propose(app, candidate)
    return TextShape.of(candidate, proposed, offered, publish.get_texts(app).style, follows=follows, work=work)


@router.get("/posts/{post}/why")
def explain_post(caller: Reading, post: PostId) -> WhyShape:
    """Show the clues for the section of a post and for the runner-up, and similar decided posts."""
    why = caller.app.judge.explain(post)
    view = build_why(why, name_sections(publish.get_texts(caller.app)), caller.app.zone)
    return WhyShape.of(why.explanation, view)


@router.get("/posts/{post}/talk")
def show_talk(caller: Reading, post: PostId) -> list[TalkShape]:
    """Show what other places say of a post, and how it grew."""
    with caller.app.reading() as connection:
        published_at = get_candidate(connection, post).post.published_at
        heard = list_heard(connection, post)
    return [TalkShape.of(view) for view in build_talk(heard, published_at)]


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
