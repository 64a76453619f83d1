"""The options of the commands that describe a feed, ``aggregator feeds add`` and ``edit``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from aggregator.types import Kind, Only

NameOption = Annotated[str | None, typer.Option("--name", help="Its name for you.")]
OrganisationOption = Annotated[
    str | None, typer.Option("--organisation", help="As the digest prints it; empty to clear it.")
]
LanguageOption = Annotated[str | None, typer.Option("--language", help="Two letters, such as ko.")]
KindOption = Annotated[Kind | None, typer.Option("--kind", help="The kind of publisher.")]
WeightOption = Annotated[float | None, typer.Option("--weight", help="From -1 to 1: how much you want its posts.")]
TagsOption = Annotated[str | None, typer.Option("--tags", help="Separated by commas; empty to clear them.")]
SiteOption = Annotated[str | None, typer.Option("--site", help="The address of its website; empty to clear it.")]
FullTextOption = Annotated[
    bool | None,
    typer.Option(
        "--full-text/--no-full-text", help="Read the pages of its posts, because the feed gives only summaries."
    ),
]
WordsOption = Annotated[
    str | None,
    typer.Option(
        "--only-words", help="Only entries with one of these words become posts; separated by commas, empty to clear."
    ),
]
CategoriesOption = Annotated[
    str | None,
    typer.Option(
        "--only-categories", help="And those with one of these categories; separated by commas, empty to clear."
    ),
]

#: The names of all of them.
OPTIONS = tuple(
    f"--{name}"
    for name in (
        *("name", "organisation", "language", "kind", "weight", "tags", "site", "full-text"),
        *("only-words", "only-categories"),
    )
)


def read_fields(*, tags: str | None, kind: Kind | None, **given: Any) -> dict[str, Any]:
    """The fields that were given, as feeds.toml has them; an option that was left out is left out."""
    fields = {**given, "kind": str(kind) if kind else None, "tags": None if tags is None else split(tags)}
    return {name: value for name, value in fields.items() if value is not None}


def read_filter(present: Only | None, words: str | None, categories: str | None) -> dict[str, Any]:
    """The change of a filter that was given, if one was: the part that was left out stays, and an empty one goes."""
    if words is None and categories is None:
        return {}
    old = present or Only()
    said = {
        "words": list(old.words) if words is None else split(words),
        "categories": list(old.categories) if categories is None else split(categories),
    }
    return {"only": said if any(said.values()) else None}


def split(text: str) -> Sequence[str]:
    """What stands between commas, each once."""
    return list(dict.fromkeys(each for each in map(str.strip, text.split(",")) if each))
