"""Copies: which posts are the same article."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from aggregator.pipeline import duplicates
from aggregator.shapes.changes import ChangeShape
from aggregator.shapes.copies import PairShape
from aggregator.storage.candidates import get_candidate
from aggregator.web.api.fields import Body, Id, PostId
from aggregator.web.api.guard import Changing, Reading
from aggregator.words.copies import say_merged, say_split

router = APIRouter(tags=["copies"])


class MergeBody(Body):
    posts: list[Id] = Field(min_length=1, max_length=100, description="The other posts that are the same article.")


class SplitBody(Body):
    other: Id | None = Field(
        default=None, description="The post that it is not the same as; without it, all copies of it."
    )


# A request without a body.
_NO_SPLIT = SplitBody()


@router.get("/copies")
def list_proposals(caller: Reading) -> list[PairShape]:
    """List the pairs that wait for a decision."""
    return [PairShape.of(couple) for couple in duplicates.list_proposed_couples(caller.home)]


@router.get("/posts/{post}/copies")
def list_copies(caller: Reading, post: PostId) -> list[PairShape]:
    """List the copies and possible copies of a post, with the evidence."""
    return [PairShape.of(couple) for couple in duplicates.list_couples_of(caller.home, post)]


@router.post("/posts/{post}/merge")
def merge(caller: Changing, post: PostId, body: MergeBody) -> ChangeShape:
    """Join posts that are the same article; one of them is shown from then on."""
    caller.app.judge.rank(duplicates.merge_posts(caller.home, [post, *body.posts]))
    with caller.app.reading() as connection:
        shown = duplicates.find_shown(connection, post)
    return ChangeShape(message=say_merged(shown.post)).about(shown)


@router.post("/posts/{post}/split")
def split(caller: Changing, post: PostId, body: SplitBody = _NO_SPLIT) -> ChangeShape:
    """Separate a post from its copies, or from one post with its copies; they are never joined again by themselves."""
    if body.other:
        changed = duplicates.part_posts(caller.home, body.other, post)
    else:
        changed = duplicates.split_post(caller.home, post)
    caller.app.judge.rank(changed)
    with caller.app.reading() as connection:
        candidate = get_candidate(connection, post)
    return ChangeShape(message=say_split(candidate.post)).about(candidate)
