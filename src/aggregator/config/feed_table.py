"""The table of one feed in feeds.toml, with its recipe and its filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from aggregator.config.values import Name, Table, is_address, names_variable, point_at
from aggregator.locales import t
from aggregator.text.selectors import check_pattern, read_expression, read_place, translate
from aggregator.types import Feed, Kind, Only, Recipe


class RecipeTable(Table):
    """How a page is read as a feed. A place is a CSS selector with an attribute, as in ``time@datetime``."""

    #: Selects the items of a page.
    item: str = ""
    #: JMESPath of the list of items.
    json_: Annotated[str, Field(alias="json")] = ""
    #: The paths of the pages of a sitemap that are items.
    sitemap: str = ""
    #: The places in an item; JMESPath if the items are JSON.
    title: str = ""
    link: str = ""
    date: str = ""
    summary: str = ""
    #: Selects the script of the page that has the JSON.
    script: str = ""
    #: How many new pages of a sitemap are read at one visit.
    pages: Annotated[int, Field(ge=1, le=20)] = 5

    @model_validator(mode="after")
    def _check_places(self) -> Self:
        given = [name for name in ("item", "json_", "sitemap") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(t("one of item, json and sitemap is needed"))
        for name, check in _list_checks(given[0]).items():
            if text := getattr(self, name):
                try:
                    check(text)
                except ValueError as error:
                    raise point_at("RecipeTable", (name.rstrip("_"),), text, str(error)) from None
        return self

    def make(self) -> Recipe:
        """The recipe that the table says."""
        return Recipe(**self.model_dump(by_alias=True))


def _list_checks(kind: str) -> dict[str, Callable[[str], object]]:
    """What checks each field of a recipe, by its kind."""
    checks: dict[str, Callable[[str], object]] = {"item": translate, "script": translate, "sitemap": check_pattern}
    is_json = kind == "json_"
    checks |= dict.fromkeys(("title", "link", "date", "summary"), read_expression if is_json else read_place)
    return checks | {"json_": read_expression}


def _read_recipe(value: object) -> object:
    return asdict(value) if isinstance(value, Recipe) else value


#: Fields of a feed that name an environment variable, so that no secret is in the file.
NAMING_VARIABLES = ("credentials", "proxy")


class OnlyTable(Table):
    """Which entries of a feed become posts."""

    words: tuple[Name, ...] = ()
    categories: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.words and not self.categories:
            raise ValueError(t("words or categories are needed, such as {example}", example='{ words = ["LLM"] }'))
        return self

    def make(self) -> Only:
        """Make the filter that this table describes."""
        return Only(self.words, self.categories)


class FeedTable(Table):
    """The table of one feed."""

    name: Name
    url: Annotated[str, AfterValidator(is_address)]
    site: Annotated[str, AfterValidator(is_address)] | None = None
    organisation: Name | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    kind: Kind
    weight: Annotated[float, Field(ge=-1, le=1)] = 0.0
    tags: tuple[str, ...] = ()
    #: Whether the pages of its posts are read, for feeds that give only summaries.
    full_text: bool = False
    #: The environment variable with the credentials, so that no secret is in the file.
    credentials: Annotated[str | None, BeforeValidator(names_variable)] = None
    #: If the address is that of a page.
    recipe: Annotated[RecipeTable | None, BeforeValidator(_read_recipe)] = None
    #: Which of its entries become posts.
    only: OnlyTable | None = None
    #: The day on which the address is known to have answered.
    verified: date | None = None
    #: The environment variable with the address of the proxy through which it is visited.
    proxy: Annotated[str | None, BeforeValidator(names_variable)] = None

    def make_feed(self, key: str) -> Feed:
        """Make the feed that this table describes; what names a variable is left out."""
        described = self.model_dump(exclude={*NAMING_VARIABLES, "only", "recipe"})
        only = self.only.make() if self.only else None
        return Feed(key=key, **described, only=only, recipe=self.recipe.make() if self.recipe else None)
