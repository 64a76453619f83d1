"""The head and the headings of the next prints."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from aggregator.pipeline import texts
from aggregator.shapes.texts import TextShape
from aggregator.web.api.fields import Body, Markdown, Name
from aggregator.web.api.guard import Changing, Reading

router = APIRouter(prefix="/texts", tags=["digests"])


class TextsBody(Body):
    texts: dict[Name, Markdown | None] = Field(
        max_length=200, description="Null goes back to feeds.toml.", examples=[{"digest.head": "# Our Monthly"}]
    )


class TextsShape(BaseModel):
    """The head and the headings of the next prints."""

    texts: list[TextShape]


@router.get("")
def show_texts(caller: Reading) -> TextsShape:
    """Show the head and the headings, and where each is from."""
    return TextsShape(texts=[TextShape.of(one) for one in texts.list_fixed_texts(caller.home)])


@router.patch("")
def set_texts(caller: Changing, body: TextsBody) -> TextsShape:
    """Set some of them over feeds.toml. What is printed stays as it is."""
    texts.set_texts(caller.home, body.texts)
    return show_texts(caller)
