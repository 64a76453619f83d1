"""What a feed would bring: its newest titles, its pace, its language, and whether its texts are whole. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from aggregator.feeds.drafts import preview_entries
from aggregator.feeds.parse import parse_document
from aggregator.feeds.schedule import measure_habit
from aggregator.text.language import find_language
from aggregator.types import Retrieved

TITLES = 5
# Of the newest posts; enough to tell a language and the length of texts.
_READ = 20
_OLDEST = timedelta(days=400)
# Words of a text that is more than a summary.
_WHOLE = 200
_MONTH = timedelta(days=30.4)


@dataclass(frozen=True, slots=True)
class SampledPost:
    title: str
    url: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sample:
    """What the document of a feed says today."""

    #: The final address of the document.
    url: str
    #: Of the feed, as it says; empty if it says none.
    title: str
    site: str | None
    #: The dialect, such as rss20 or atom10.
    version: str
    #: Two letters, or und.
    language: str
    posts: tuple[SampledPost, ...]
    entries: int
    newest_at: datetime | None
    #: Posts a month, by the usual time between the newest ones; None if their dates do not tell.
    pace: float | None
    #: Words of the middle one of its texts.
    words: int

    @property
    def is_whole(self) -> bool:
        """Whether it gives whole texts, as far as their length tells."""
        return self.words >= _WHOLE


def take_sample(answer: Retrieved, *, now: datetime, zone: ZoneInfo) -> Sample:
    """Read the document of a feed. Raises ParseError if it is not one."""
    parsed = parse_document(answer.body, answer.url, answer.content_type, max_entries=_READ, is_cut=answer.is_cut)
    previewed = preview_entries(parsed, answer.url, now=now, zone=zone)
    found = [(each.entry, each.post) for each in previewed if each.entry and each.post]
    dates = [entry.published_at for entry, _ in found if entry.published_at and entry.published_at <= now]
    habit = measure_habit(dates, now)
    newest_first = sorted(
        found, key=lambda pair: pair[0].published_at or datetime.min.replace(tzinfo=now.tzinfo), reverse=True
    )
    return Sample(
        url=answer.url,
        title=parsed.title or "",
        site=parsed.site,
        version=parsed.version,
        language=_find_language(parsed.title or "", [post.language for _, post in found]),
        posts=tuple(SampledPost(entry.title, entry.url, entry.published_at) for entry, _ in newest_first[:TITLES]),
        entries=len(parsed.entries),
        newest_at=max(dates, default=None),
        pace=round(_MONTH / habit, 1) if habit else None,
        words=round(median(post.words for _, post in found)) if found else 0,
    )


def is_asleep(sample: Sample, now: datetime) -> bool:
    """Whether its newest post is more than a year old."""
    return sample.newest_at is not None and now - sample.newest_at > _OLDEST


def _find_language(title: str, languages: Sequence[str]) -> str:
    """That of most posts; a feed with a Korean title is Korean, also if it names papers and products in English."""
    most = Counter(languages).most_common(1)[0][0] if languages else "en"
    return "ko" if find_language(title, most) == "ko" else most
