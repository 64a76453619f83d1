"""The shipped rows to learn from, each with its provenance.

``digest-2023-01.jsonl`` has bibliographic facts of the published January 2023 digest (title, address, organisation,
section). ``written-*.jsonl`` has examples that were invented for this project; they are not real posts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from importlib import resources

from aggregator.classify.features import Document, describe
from aggregator.classify.wording import TABLES, Wording, read_table
from aggregator.shipped import SHIPPED
from aggregator.types import Section, Taxonomy

#: Without shipped rows, a part or topic is learned once this many posts were put there, and scope once this many were
#: approved and this many rejected as out of scope (docs/figures.md).
LEAST_OF_CLASS = 20
#: The weight of a row that a curator chose.
REAL_WEIGHT = 2.0
_HEADING_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled example. A section of None means out of scope."""

    document: Document
    section: Section | None
    origin: str
    #: The weight of the row: posts that the curator printed count more than invented ones.
    weight: float = 1.0
    #: The line that it was read from, if it comes with the project.
    line: str | None = field(default=None, repr=False)

    @property
    def is_real(self) -> bool:
        """Whether a curator chose the section of a real post; the other rows are invented."""
        return not self.origin.startswith("written")


def load_shipped_rows() -> list[Row]:
    """Load all rows of ``classify/data``, in the order of their files. They are only for the shipped taxonomy."""
    return [read_row(line) for line in load_shipped_lines()]


def load_shipped_lines() -> list[str]:
    """Load the lines of all rows as they stand in their files: to describe what they say takes seconds."""
    folder = resources.files("aggregator.classify") / "data"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".jsonl")), key=lambda file: file.name)
    return [line for file in files for line in file.read_text("utf-8").splitlines()]


def serves(taxonomy: Taxonomy) -> bool:
    """Whether the shipped rows have the parts and topics of a taxonomy."""
    return taxonomy.keys == SHIPPED.keys and taxonomy.reserved == SHIPPED.reserved


@dataclass(frozen=True, slots=True)
class ShippedTitle:
    """A title that a digest printed or that is an invented example out of scope, with its publisher and address."""

    title: str
    is_printed: bool
    organisation: str | None
    url: str


@cache
def load_shipped_titles() -> tuple[ShippedTitle, ...]:
    """Load the titles of the rows that a digest printed, and of those that are out of scope."""
    rows = map(_parse, load_shipped_lines())
    return tuple(
        ShippedTitle(data["title"] or "", data["part"] != "out", data["organisation"], _get_url(data))
        for data in rows
        if data["part"] == "out" or (data["origin"] or "").startswith("digest")
    )


def name_version(rows: Iterable[Row], recipe: str) -> str:
    """Return a version that changes with the rows, the recipe and the tables of wording and publishers, so that every
    guess shows what made it.
    """
    return name_shipped((row.line or repr(row) for row in rows), recipe)


def name_shipped(lines: Iterable[str], recipe: str) -> str:
    """Return the version of a model of these lines alone, without describing them."""
    mark = _begin_mark(recipe).copy()
    for line in lines:
        mark.update(line.encode())
    return f"sections-{mark.hexdigest()}"


@cache
def _begin_mark(recipe: str) -> blake2b:
    """Of a recipe and the tables, which are read once: that takes longer than all lines."""
    mark = blake2b(recipe.encode(), digest_size=5)
    # A new form in a table may occur in posts even if no row has it.
    for table in TABLES:
        mark.update(repr(read_table(table)).encode())
    return mark


def vary_row(row: Row) -> Iterator[Row]:
    """Yield the row in the shapes that posts have, with its weight divided among them: with its text and without, and
    if AWS published it, with its organisation and without.

    The digest names Amazon for AWS posts outside of AWS's own part, and no organisation inside of it, but a feed names
    the same organisation for all its posts. So the organisation may be evidence, but must not decide alone.
    """
    texts = [row.document]
    if row.document.text != Wording():
        texts.append(row.document.without_text())
    named = 1.0
    if row.document.is_aws and row.document.organisation:
        named = 0.5 if row.section is not None and row.section.part.published_by else 0.75
    for document in texts:
        yield replace(row, document=document, weight=row.weight * named / len(texts))
        if named < 1:
            unnamed = document.without_organisation()
            yield replace(row, document=unnamed, weight=row.weight * (1 - named) / len(texts))


def list_headings(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that have a text with the text in place of the title, at half the weight.

    A post without a text must say everything in its title, so a word should mean the same in both places.
    """
    return [
        replace(row, document=row.document.with_text_alone(), weight=row.weight * _HEADING_WEIGHT)
        for row in rows
        if row.document.text != Wording()
    ]


def find_group(row: Row) -> int:
    """Return the group of a row: one number for each publisher, so that its rows are held out together; one for each
    title on hosts that many publishers share.
    """
    marks = [mark for mark in row.document.marks if mark.startswith("host:") and mark != "host:medium.com"]
    name = "|".join((*marks, *row.document.organisation)) if marks else repr(row.document.title)
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big")


def make_row(title: str, url: str, organisation: str | None, section: Section, origin: str) -> Row:
    """Make a row of a line of a published digest; it counts twice, because the curator printed it."""
    return Row(describe(title=title, url=url, organisation=organisation), section, origin, weight=REAL_WEIGHT)


def list_origins(lines: Iterable[str]) -> list[str]:
    """Return where the rows of these lines are from, without describing them."""
    return [_parse(line)["origin"] or "" for line in lines]


def read_row(line: str) -> Row:
    """Describe the row of a line of ``classify/data``."""
    data = _parse(line)
    document = describe(
        title=data["title"] or "",
        text=data.get("summary") or "",
        url=_get_url(data),
        organisation=data["organisation"],
    )
    origin = data["origin"] or ""
    section = None if data["part"] == "out" else SHIPPED.get_section(data["part"], data["topic"])
    return Row(document, section, origin, REAL_WEIGHT if origin.startswith("digest") else 1.0, line)


def _parse(line: str) -> dict[str, str | None]:
    data: dict[str, str | None] = json.loads(line)
    return data


def _get_url(data: dict[str, str | None]) -> str:
    return data.get("url") or f"https://{data['host']}/"
