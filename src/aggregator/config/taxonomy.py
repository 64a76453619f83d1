"""The parts and topics of the digest as feeds.toml says them: the shipped ones, perhaps under other headings, or one's
own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from aggregator.locales import t
from aggregator.shipped import SHIPPED
from aggregator.text.characters import clean
from aggregator.types import MOST_PLACES, Part, Taxonomy, Topic


def _is_key(key: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", key):
        raise ValueError(t("a key consists of lower-case letters, digits, - and _, and begins with a letter"))
    return key


def _is_heading(text: str) -> str:
    cleaned = " ".join(clean(text).split())
    if not cleaned or cleaned != text.strip():
        raise ValueError(t("a text on one line is needed"))
    return cleaned


_Heading = Annotated[str, AfterValidator(_is_heading)]


class _PlaceTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    #: As the page prints it.
    heading: _Heading
    #: As short texts name it; the heading where this is empty.
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""


class PartTable(_PlaceTable):
    """A custom part."""

    prints_organisation: bool = True
    #: Only posts by AWS may be in it, and only they are classified for it.
    published_by: Literal["aws"] | None = None
    #: How far its posts count as business cases in the ranking.
    business_case: Annotated[float, Field(ge=0, le=1)] = 0.0


class TopicTable(_PlaceTable):
    """A custom topic."""

    #: What belongs to it, for the menu of sections.
    hint: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


def _name_sort(value: object) -> str:
    return "[text]" if isinstance(value, str) else "[table]"


_Key = Annotated[str, AfterValidator(_is_key)]
_Table = TypeVar("_Table", PartTable, TopicTable)
_Text = Annotated[str, Tag("[text]")]
#: A text is another heading for a shipped part, a table is a custom part.
Parts = dict[_Key, Annotated[_Text | Annotated[PartTable, Tag("[table]")], Discriminator(_name_sort)]]
Topics = dict[_Key, Annotated[_Text | Annotated[TopicTable, Tag("[table]")], Discriminator(_name_sort)]]


def make_taxonomy(parts: Mapping[str, str | PartTable], topics: Mapping[str, str | TopicTable]) -> Taxonomy:
    """The shipped taxonomy without custom tables; with them, only those parts and topics.

    Raises ValueError for what cannot be a digest.
    """
    own_parts, own_topics = _list_own("parts", parts, SHIPPED.parts), _list_own("topics", topics, SHIPPED.topics)
    if not (own_parts or own_topics):
        return SHIPPED
    for axis, given, own in (("parts", parts, own_parts), ("topics", topics, own_topics)):
        if given and not own:
            raise ValueError(t("{axis}: with parts or topics of your own, both are tables of your own", axis=axis))
    taxonomy = Taxonomy.of(
        [Part(key, **table.model_dump()) for key, table in own_parts.items()] or [Part("all")],
        [Topic(key, **table.model_dump()) for key, table in own_topics.items()] or [Topic("all")],
    )
    if sum(part.published_by is not None for part in taxonomy.parts) > 1:
        raise ValueError(t("parts: only one may have published_by"))
    if taxonomy.reserved and len(taxonomy.parts) == 1:
        raise ValueError(t("parts: beside one with published_by another is needed, for the posts of all others"))
    return taxonomy


def _list_own(axis: str, given: Mapping[str, str | _Table], shipped: Sequence[str]) -> dict[str, _Table]:
    tables = {key: table for key, table in given.items() if not isinstance(table, str)}
    if not tables:
        if unknown := next((key for key in given if key not in shipped), None):
            raise ValueError(
                t(
                    "{axis}: {unknown} is not one of {known}; one of your own is a table with a heading, "
                    "[digest.{axis}.{unknown}]",
                    axis=axis,
                    unknown=unknown,
                    known=", ".join(shipped),
                )
            )
        return {}
    if len(tables) < len(given):
        raise ValueError(
            t("{axis}: either all are tables, or all are texts, which are headings of the shipped {axis}", axis=axis)
        )
    if len(tables) > MOST_PLACES:
        raise ValueError(
            t(
                "{axis}: there are {number}; at most {most} can be numbered",
                axis=axis,
                number=len(tables),
                most=MOST_PLACES,
            )
        )
    headings = [table.heading.casefold() for table in tables.values()]
    if twice := next((heading for heading in headings if headings.count(heading) > 1), None):
        raise ValueError(t("{axis}: two have the heading “{heading}”", axis=axis, heading=twice))
    return tables
