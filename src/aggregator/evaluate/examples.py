"""Labelled posts from a file of JSON lines, to measure guesses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator.addresses.urls import clean_url
from aggregator.evaluate.json_lines import read_records
from aggregator.locales import t
from aggregator.text.html import plain_text
from aggregator.text.language import find_language
from aggregator.text.titles import plain_title
from aggregator.types import DateSource, Month, Post, Section, Taxonomy

# Guesses do not depend on dates, and a file need not have any.
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """A line of the file: a record with its label."""

    record: Mapping[str, Any]
    #: None if the post is out of scope.
    section: Section | None
    #: The section, and a second answer that is equally good, if there is one; None is "out of scope" here too.
    answers: tuple[Section | None, ...]
    #: Whether the labeller was sure.
    is_sure: bool = True

    def to_post(self, number: int) -> Post:
        """Make the post as a feed would have given it."""
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
            language=self.record.get("language") or find_language(f"{title} {plain}"),
            published_at=_SOME_DAY,
            published_from=DateSource.PUBLISHED,
            month=Month(_SOME_DAY.year, _SOME_DAY.month),
            first_seen_at=_SOME_DAY,
            organisation=self.record.get("organisation") or None,
        )


def read_examples(text: str, file: str, taxonomy: Taxonomy) -> list[Example]:
    """Read ``{"title", "url", "summary"?, "text"?, "organisation"?, "language"?, "part", "topic"}`` from each line.

    ``"scope": "out"`` replaces part and topic if a post is out of scope. ``"alt"`` is a second, equally good answer:
    ``"part/topic"`` or ``"out"``. ``"sure": false`` marks a doubtful label. Other keys are ignored. Raises
    ExampleError.
    """
    return read_records(text, file, lambda record: _read_example(record, taxonomy))


def _read_example(record: Mapping[str, Any], taxonomy: Taxonomy) -> Example:
    for key in ("title", "url"):
        _check_text(record, key)
    for key in ("summary", "text", "organisation", "language", "alt"):
        if not isinstance(record.get(key), str | None):
            raise ValueError(t("{key} must be text", key=key))
    if clean_url(record["url"]) is None:
        raise ValueError(t("{key}: {value} is not a web address", key="url", value=repr(record["url"])))
    if not isinstance(record.get("sure", True), bool):
        raise ValueError(t("{key} must be true or false", key="sure"))
    section = _read_section(record, taxonomy)
    answers = (section, _read_alternative(record["alt"], taxonomy)) if record.get("alt") else (section,)
    return Example(record, section, answers, record.get("sure", True))


def _read_section(record: Mapping[str, Any], taxonomy: Taxonomy) -> Section | None:
    scope = record.get("scope", "in")
    if scope == "out":
        return None
    if scope != "in":
        raise ValueError(t("{key}: {value} is not in or out", key="scope", value=repr(scope)))
    for key, places in (("part", taxonomy.parts), ("topic", taxonomy.topics)):
        if key in record or len(places) > 1:
            _check_text(record, key)
    return taxonomy.get_section(record.get("part"), record.get("topic"))


def _read_alternative(name: str, taxonomy: Taxonomy) -> Section | None:
    part, _, topic = name.partition("/")
    return None if name == "out" else taxonomy.get_section(part, topic)


def _check_text(record: Mapping[str, Any], key: str) -> None:
    if not isinstance(record.get(key), str) or not record[key].strip():
        raise ValueError(t("{key} is missing or is not text", key=key))
