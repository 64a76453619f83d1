"""Items of a page, by CSS selectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from aggregator.dates.listed import find_listed_date
from aggregator.dates.read import Zones
from aggregator.feeds.recipes.items import MOST_ITEMS, ListedItem, Reading, absolute, merge_items, name_places
from aggregator.feeds.recipes.tree import find_base, is_drawn_by_script, list_lines, list_values, read_text, select
from aggregator.text.selectors import Place, read_place
from aggregator.types import Recipe

#: Where fields are looked for if a recipe does not say.
USUAL = {"item": "", "title": "h1, h2, h3, h4, h5, h6", "link": "a@href", "date": "time@datetime", "summary": ""}
_HEADINGS = "h1, h2, h3, h4, h5, h6"
# A text of fewer characters or words is a category rather than a title.
_SHORTEST_TITLE, _FEWEST_WORDS = 12, 3
# Lines of an item that are looked at.
_MOST_LINES = 60


def read_page(recipe: Recipe, tree: Any, url: str, *, now: datetime, zones: Zones) -> Reading:
    """Read the items of a page at *url*."""
    base = find_base(tree, url)
    elements = _drop_nested(select(tree, recipe.item))
    reader = ItemReader(recipe, base, now, zones)
    items = [reader.read(element) for element in elements[:MOST_ITEMS]]
    return Reading(
        "item",
        title=next((text for each in tree.iter("title") if (text := _read_head_title(each))), ""),
        items=merge_items(items, url),
        matched=len(elements),
        places=name_places(recipe, USUAL),
        is_drawn_by_script=not elements and is_drawn_by_script(tree),
    )


def _read_head_title(element: Any) -> str:
    return " ".join((element.text or "").split())


def _drop_nested(elements: list[Any]) -> list[Any]:
    """Without items inside other ones."""
    inside: set[Any] = set()
    kept = []
    for element in elements:
        parent = element.getparent()
        if any(each in inside for each in _list_ancestors(parent)):
            continue
        inside.add(element)
        kept.append(element)
    return kept


def _list_ancestors(element: Any) -> Iterator[Any]:
    while element is not None:
        yield element
        element = element.getparent()


class ItemReader:
    """Reads an element as an item."""

    def __init__(self, recipe: Recipe, base: str, now: datetime, zones: Zones) -> None:
        self._base, self._now, self._zones = base, now, zones
        self._title, self._link, self._date, self._summary = (
            read_place(place) if place else None for place in (recipe.title, recipe.link, recipe.date, recipe.summary)
        )

    def read(self, element: Any) -> ListedItem:
        link = self._find_link(element)
        title, rank = self._find_title(element, link)
        date = self._find_date(element)
        summary = next(list_values(element, self._summary), "") if self._summary else ""
        address = absolute(self._base, link.get("href") if hasattr(link, "get") else link or "")
        read = find_listed_date(date, self._now, self._zones)
        return ListedItem(address, title, read or date, summary, title_rank=rank, has_date=read is not None)

    def _find_link(self, element: Any) -> Any:
        """The link element, or an address."""
        if self._link is not None:
            if self._link.attribute:
                return next(list_values(element, self._link), "")
            found = select(element, self._link.selector)
            return next((each for each in found if each.get("href")), "")
        if element.get("href"):
            return element
        links = [each for each in element.iter("a") if absolute(self._base, each.get("href") or "")]
        around = (each for each in _list_ancestors(element.getparent()) if each.tag == "a" and each.get("href"))
        headed = (each for each in links if _is_headed(each, element))
        return next((each for found in (headed, links, around) for each in found), "")

    def _find_title(self, element: Any, link: Any) -> tuple[str, int]:
        if self._title is not None:
            return next(list_values(element, self._title), ""), 0
        if heading := next(filter(None, map(read_text, select(element, _HEADINGS))), ""):
            return heading, 0
        if element.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            return read_text(element), 0
        target = link if hasattr(link, "get") else element
        if text := self._find_longest(target) or self._find_longest(element):
            return text, 1
        labels = ("aria-label", "title")
        label = next((target.get(name) for name in labels if target.get(name)), "")
        return label or next((image.get("alt") for image in target.iter("img") if image.get("alt")), ""), 2

    def _find_longest(self, element: Any) -> str:
        """The first line that may be a title, else the longest that is not a date."""
        lines = [text for text in self._list_texts(element) if not find_listed_date(text, self._now, self._zones)]
        return next(filter(_is_long, lines), max(lines, key=len, default=""))

    def _list_texts(self, element: Any) -> Iterator[str]:
        for number, line in enumerate(list_lines(element)):
            if number == _MOST_LINES:
                return
            if text := read_text(line):
                yield text

    def _find_date(self, element: Any) -> str | None:
        if self._date is not None:
            return next(list_values(element, self._date), None)
        usual: tuple[Callable[[], Iterator[str]], ...] = (
            lambda: list_values(element, Place("time", "datetime")),
            lambda: list_values(element, Place("time", "")),
            lambda: self._list_texts(element),
        )
        for look in usual:
            for text in look():
                if find_listed_date(text, self._now, self._zones):
                    return text
        return None


def _is_long(text: str) -> bool:
    return len(text) >= _SHORTEST_TITLE and text.count(" ") >= _FEWEST_WORDS - 1


def _is_headed(link: Any, item: Any) -> bool:
    """Whether a link is a heading, in one or around one."""
    if next(link.iter("h1", "h2", "h3", "h4", "h5", "h6"), None) is not None:
        return True
    for each in _list_ancestors(link.getparent()):
        if each is item:
            return False
        if each.tag in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            return True
    return False
