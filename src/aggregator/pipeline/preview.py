"""Preview: shows what a document would give, without storing anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.exceptions import NotFoundError
from aggregator.feeds.drafts import PreviewedEntry, preview_entries
from aggregator.feeds.parse import parse_document
from aggregator.fetch.retrieve import Retriever
from aggregator.locales import t
from aggregator.types import ParsedFeed, Retrieved


@dataclass(frozen=True, slots=True)
class Preview:
    """A parsed document, and what each of its entries would become."""

    parsed: ParsedFeed
    entries: list[PreviewedEntry]


async def preview_document(
    place: str, retriever: Retriever, *, now: datetime, zone: ZoneInfo, file_url: str
) -> Preview:
    """Show what the document in a file or at an address would give in a single visit; does not use a database.

    Relative links of a file are resolved against *file_url*. Raises FeedError, and NotFoundError if the file cannot be
    read.
    """
    if place.startswith(("http://", "https://")):
        async with retriever:
            answer = await retriever.retrieve_whole(place)
    else:
        try:
            answer = Retrieved(file_url, 200, Path(place).read_bytes())
        except OSError as error:
            raise NotFoundError(t("{path} cannot be read: {error}", path=place, error=error.strerror)) from error
    parsed = parse_document(answer.body, answer.url, answer.content_type)
    return Preview(parsed, preview_entries(parsed, answer.url, now=now, zone=zone))
