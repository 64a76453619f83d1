"""What a search is narrowed to, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.text.terms import make_label
from aggregator.types import Section, State

#: Posts that a search finds at most; for phrases, that many posts with their words are looked at.
MOST_FOUND = 1000
#: In place of a feed's key, for posts that no feed gave.
NO_FEED = "-"
PRINTED = "printed"
#: What a search can be narrowed to by what was said of posts.
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
