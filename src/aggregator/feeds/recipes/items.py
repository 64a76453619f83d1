"""What a recipe finds, before it becomes a feed: items with the text at each place, and how many matched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from aggregator.feeds.formats.common import TEXT, FoundEntry, FoundFeed, Link, Text, resolve
from aggregator.types import Recipe

#: More items of a page are not read.
MOST_ITEMS = 1000
#: Values that a preview shows of each field.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item of a list."""

    #: Absolute; empty if none was found.
    link: str = ""
    title: str = ""
    #: A text that ``dates.read`` reads, else what is written; None if nothing is.
    date: str | None = None
    summary: str = ""
    #: The lower, the surer is the title: of a heading, of a text, of a label.
    title_rank: int = 0
    has_date: bool = False


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """What one field of a recipe matched: in how many items, and the first values."""

    name: str
    #: As the recipe says, or where it was looked for.
    place: str
    count: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a recipe read of a document."""

    kind: str
    title: str = ""
    items: tuple[ListedItem, ...] = ()
    #: How many items matched, with those that were left out.
    matched: int = 0
    #: Where title, link and date were looked for, by their names.
    places: dict[str, str] = field(default_factory=dict)
    #: The document shows nothing without its scripts.
    is_drawn_by_script: bool = False

    @property
    def usable(self) -> list[ListedItem]:
        """The items that have a link and a title, each link once."""
        return [item for item in self.items if item.link and item.title]

    def list_matches(self) -> list[FieldMatch]:
        """What each field matched, for a preview."""
        found = [FieldMatch(self.kind, self.places[self.kind], self.matched, ())]
        for name in ("title", "link", "date", "summary"):
            values = [value for item in self.items if (value := getattr(item, name))]
            if values or name != "summary":
                found.append(FieldMatch(name, self.places.get(name, ""), len(values), tuple(values[:SHOWN])))
        return found


def merge_items(items: Iterable[ListedItem], page: str) -> tuple[ListedItem, ...]:
    """Each link once, with what any of its items says; without links to the page itself.

    A card links its picture and its title, and a pinned post stands twice on its page.
    """
    merged: dict[str, ListedItem] = {}
    own = page.partition("#")[0].rstrip("/")
    for number, item in enumerate(items):
        if item.link.rstrip("/#") == own:
            continue
        # Items without a link are kept, so that they are counted.
        key = item.link or f" {number}"
        merged[key] = _merge(merged[key], item) if key in merged else item
    return tuple(merged.values())


def _merge(first: ListedItem, second: ListedItem) -> ListedItem:
    better = second if second.title and (not first.title or second.title_rank < first.title_rank) else first
    dated = second if second.has_date and not first.has_date else first
    return replace(
        better, date=dated.date, has_date=dated.has_date, summary=first.summary or second.summary, link=first.link
    )


def build_found(reading: Reading, url: str) -> FoundFeed:
    """The document as the readers of feeds give it."""
    return FoundFeed(
        # JSON of a page may have HTML in its titles; the text of an element has none.
        version=f"recipe-{reading.kind}",
        title=reading.title or None,
        links=[Link("alternate", "text/html", url)],
        entries=[_build_entry(item, is_text=reading.kind != "json") for item in reading.usable],
        has_relative_links=False,
    )


def _build_entry(item: ListedItem, *, is_text: bool) -> FoundEntry:
    found = FoundEntry(title=item.title, published=item.date, links=[Link("alternate", None, item.link)])
    if is_text:
        found.title_type = TEXT
    if item.summary:
        found.summary = Text(item.summary, TEXT if is_text else "text/html")
    return found


def name_places(recipe: Recipe, usual: dict[str, str]) -> dict[str, str]:
    """Where each field is looked for, as the recipe says or as is usual."""
    return {name: getattr(recipe, name) or place for name, place in usual.items()}


def absolute(base: str, link: str) -> str:
    """A link of an item, absolute; empty if it leads to no page."""
    link = link.strip()
    address = "" if not link or link.startswith("#") else resolve(base, link)
    return address if address.lower().startswith(("https://", "http://")) else ""
