"""The fixed texts of a digest as JSON."""

from __future__ import annotations

from pydantic import BaseModel, Field

from aggregator.pipeline.texts import FixedText


class TextShape(BaseModel):
    """A fixed text of the next print."""

    name: str = Field(description="As in feeds.toml.", examples=["digest.head"])
    text: str
    source: str = Field(description="`set here`, `feeds.toml`, `the page that was read` or `shipped`.")
    otherwise: str = Field(description="What it is without what is set here.")

    @classmethod
    def of(cls, one: FixedText) -> TextShape:
        return cls(name=one.name, text=one.text, source=one.source, otherwise=one.otherwise)
