"""What a print or a correction changes in files, and what was decided about a printed month since its print."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field

from aggregator.digest.difference import render_difference
from aggregator.digest.page import Edit
from aggregator.pipeline.reprint import Reprint, Since


class FileShape(BaseModel):
    """What changes in a file."""

    file: str
    difference: str = Field(description="Line by line: + is added, - removed, @ names the heading.")

    @classmethod
    def of(cls, file: Path, text: str, edits: Sequence[Edit]) -> Self:
        return cls(file=str(file), difference=render_difference(text, edits))


class ReprintShape(BaseModel):
    """What was decided since the print of a month, and what a further print would change."""

    approved: list[int] = Field(description="Posts that are in no digest yet.")
    corrected: list[int] = Field(description="Posts whose line says something else now.")
    gone: list[str] = Field(description="The addresses of printed lines whose posts are not approved any more.")
    files: list[FileShape]
    mark: str | None = Field(
        description="Sent with the print, exactly this is printed; null if the month cannot be printed."
    )
    problem: str | None = Field(description="Why it cannot be printed.")

    @classmethod
    def of(cls, since: Since, change: Reprint | None, problem: str | None = None) -> ReprintShape:
        return cls(
            approved=[one.post.id for one in since.missing],
            corrected=[one.post.id for one in since.corrected],
            gone=[line.url for line in since.gone],
            files=[
                FileShape.of(each.file, each.text, each.merged.edits) for each in (change.changes if change else ())
            ],
            mark=change.mark if change else None,
            problem=problem,
        )
