"""What a search is narrowed to, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.text.terms import make_label
from aggregator.types import Section, State

#: The most posts that a search finds; for phrases, the most posts with their words that are checked.
MOST_FOUND = 1000
#: In place of a feed's key, for posts that did not come from a feed.
NO_FEED = "-"
PRINTED = "printed"
#: The verdicts that a search can be narrowed to.
VERDICTS = (*map(str, State), PRINTED)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a search is narrowed to; the empty values narrow nothing."""

    month: str = ""
    #: Where the line of the post goes.
    section: Section | None = None
    #: The key of a feed, or NO_FEED.
    feed: str = ""
    #: One of VERDICTS.
    verdict: str = ""
    language: str = ""

    @property
    def labels(self) -> list[str]:
        section = self.section.key if self.section else ""
        values = {"month": self.month, "section": section, "feed": self.feed, "verdict": self.verdict}
        return [make_label(name, value) for name, value in (values | {"language": self.language}).items() if value]
