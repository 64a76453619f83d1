"""Labelled posts from a file, to measure guesses with: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator.exceptions import ExampleError
from aggregator.languages import find_language
from aggregator.text import plain_text
from aggregator.titles import plain_title
from aggregator.types import DateSource, Month, Part, Post, Section, Topic
from aggregator.urls import clean_url

# Guesses do not look at dates, and a file need not have any.
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """What a line of the file says: a record, and the section that is right for it."""

    record: Mapping[str, Any]
    section: Section

    def to_post(self, number: int) -> Post:
        """The post as a feed would have given it."""
        text = " ".join(filter(None, (self.record.get("summary"), self.record.get("text"))))
        title, plain = plain_title(self.record["title"]), plain_text(text)
        url = self.record["url"]
        return Post(
            id=number,
            canonical_url=url,
            url=url,
            title=title,
            text=plain,
            words=len(plain.split()),
            links=(),
            tags=(),
            language=find_language(f"{title} {plain}"),
            published_at=_SOME_DAY,
            published_from=DateSource.PUBLISHED,
            month=Month(_SOME_DAY.year, _SOME_DAY.month),
            first_seen_at=_SOME_DAY,
            organisation=self.record.get("organisation") or None,
        )


def read_examples(lines: Iterable[str], file: str) -> list[Example]:
    """Read ``{"title", "url", "summary"?, "text"?, "organisation"?, "part", "topic"}`` from each line; more keys are
    not looked at, and empty lines are left out.

    Raises ExampleError with the file and line of what is wrong, or where there is no line at all.
    """
    examples = list(_read_lines(lines, file))
    if not examples:
        raise ExampleError("there is nothing in it to measure with", file=file)
    return examples


def _read_lines(lines: Iterable[str], file: str) -> Iterator[Example]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _read_example(json.loads(line))
            except json.JSONDecodeError as error:
                raise ExampleError(f"this is no JSON ({error.msg})", file=file, line=number) from error
            except ValueError as error:
                raise ExampleError(str(error), file=file, line=number) from error


def _read_example(record: Any) -> Example:
    if not isinstance(record, dict):
        raise ValueError("each line must be a JSON object")
    for key in ("title", "url", "part", "topic"):
        if not isinstance(record.get(key), str) or not record[key].strip():
            raise ValueError(f"{key} is missing or no text")
    for key in ("summary", "text", "organisation"):
        if not isinstance(record.get(key), str | None):
            raise ValueError(f"{key} must be text")
    if clean_url(record["url"]) is None:
        raise ValueError(f"url {record['url']!r} is no web address")
    if record["part"] not in set(Part):
        raise ValueError(f"part {record['part']!r} is none of {', '.join(Part)}")
    if record["topic"] not in set(Topic):
        raise ValueError(f"topic {record['topic']!r} is none of {', '.join(Topic)}")
    return Example(record, Section(Part(record["part"]), Topic(record["topic"])))
