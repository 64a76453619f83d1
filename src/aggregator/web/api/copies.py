"""Copies: which posts are the same article."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from aggregator.pipeline import duplicates
from aggregator.shapes.changes import ChangeShape
from aggregator.storage import duplicates as stored
from aggregator.storage.candidates import get_candidate
from aggregator.types import Month, Pair
from aggregator.web.api.fields import Body, Id, PostId
from aggregator.web.api.guard import Caller, Changing, Reading
from aggregator.words.copies import say_reason

router = APIRouter(tags=["copies"])


class PairShape(BaseModel):
    """Two posts that may be the same article."""

    post: int
    other: int
    said: str = Field(description="same, maybe or different.")
    by: str
    why: list[str]

    @classmethod
    def of(cls, pair: Pair) -> PairShape:
        why = [say_reason(reason) for reason in pair.reasons]
        return cls(post=pair.first_id, other=pair.second_id, said=str(pair.said), by=pair.by, why=why)


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
    with caller.app.reading() as connection:
        return [PairShape.of(pair) for pair in stored.list_proposals(connection)]


@router.post("/posts/{post}/merge")
def merge(caller: Changing, post: PostId, body: MergeBody) -> ChangeShape:
    """Join posts that are the same article; one of them is shown from then on."""
    return _answer(caller, post, "Merged", duplicates.merge_posts(caller.home, [post, *body.posts]))


@router.post("/posts/{post}/split")
def split(caller: Changing, post: PostId, body: SplitBody = _NO_SPLIT) -> ChangeShape:
    """Separate a post from its copies, or from one post with its copies; they are never joined again by themselves."""
    if body.other:
        changed = duplicates.part_posts(caller.home, body.other, post)
    else:
        changed = duplicates.split_post(caller.home, post)
    return _answer(caller, post, "Split", changed)


def _answer(caller: Caller, post: int, said: str, changed: set[Month]) -> ChangeShape:
    caller.app.judge.rank(changed)
    with caller.app.reading() as connection:
        candidate = get_candidate(connection, post)
    return ChangeShape(message=f"{said}: {candidate.post.title}").about(candidate)
