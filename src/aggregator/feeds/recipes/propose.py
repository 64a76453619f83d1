"""Proposes recipes for a page: from the address of one post on it, or from none.

A list repeats its items. So the link of the post is followed up its ancestors; each ancestor is described by its tag, a
class or where it stands, and what else on the page fits that description is read as a list. Lists in the data of the
page are tried beside them. What gives many different titles and links, with dates, comes first. What a class is for is
only guessed: classes that a tool made, and those of styling, are left out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aggregator.addresses.urls import canonicalise_url, host_of
from aggregator.dates.listed import find_listed_date
from aggregator.dates.read import Zones
from aggregator.feeds.recipes.data import load_scripts, read_lists
from aggregator.feeds.recipes.items import ListedItem, Reading, absolute
from aggregator.feeds.recipes.lists import list_recipes
from aggregator.feeds.recipes.page import read_page
from aggregator.feeds.recipes.tree import find_base, is_drawn_by_script, list_lines, parse_page, read_text, select
from aggregator.types import Recipe

#: Recipes that are proposed.
MOST = 3
_FEWEST_ITEMS = 3
_MOST_SEEDS = 8
_MOST_LINKS = 3000
_MOST_TRIED = 60
_HIGHEST = 6
_MOST_MATCHES = 500
_ITEMS_LOOKED_AT = 30
# Shares of the items in which a place has to be found.
_MOST_OF_THEM = 0.8
_ASIDES = {"nav", "header", "footer", "aside", "form"}
_SHORTEST_TEXT = 8
_CLASS = re.compile(r"[a-zA-Z_][a-zA-Z_-]{2,40}[0-9]?")
# As CSS modules name them: PostCard_card__x7fGq.
_MODULE = re.compile(r"([a-zA-Z][\w-]{2,40}?__)[\w+-]{4,10}")
# Of styling, by Tailwind and others, or made by a tool.
_STYLING = re.compile(
    r"(?:css|sc|jsx|svelte|emotion|w|h|p|m|px|py|pt|pb|pl|pr|mx|my|mt|mb|ml|mr|gap|top|left|right|bottom|z|max|min|col"
    r"|row|text|font|bg|border|rounded|shadow|flex|grid|items|justify|self|space|leading|tracking|overflow|opacity|order"
    r"|transition|duration|ease|object|inset|line|aspect|container|wp|elementor)-.*"
    r"|flex|grid|block|hidden|relative|absolute|static|fixed|sticky|group|border|rounded|shadow|underline|truncate"
    r"|transition|uppercase|lowercase|capitalize|inline|container|row|active|first|last|odd|even"
)
_PLAIN_TAGS = {"article", "li", "section", "tr", "dd"}


@dataclass(frozen=True, slots=True)
class ProposedRecipe:
    """A recipe, and what it reads of the page."""

    recipe: Recipe
    reading: Reading


def propose_recipes(
    body: bytes, content_type: str | None, url: str, *, example: str | None = None, now: datetime, zones: Zones
) -> list[ProposedRecipe]:
    """Propose recipes for the page at *url*, the best first. *example* is the address of a post on it.

    Raises ValueError if the page is not HTML, has no link to the example, or shows nothing without its scripts.
    """
    tree = parse_page(body, content_type)
    searcher = _Searcher(tree, url, now, zones)
    seeds = searcher.find_links_to(example) if example else searcher.find_repeated()
    found = searcher.search(seeds, example)
    if not seeds and not found and is_drawn_by_script(tree):
        raise ValueError("the page shows nothing without its scripts")
    if not seeds and not found and example:
        raise ValueError("the page has no link to that address")
    return found


class _Searcher:
    def __init__(self, tree: Any, url: str, now: datetime, zones: Zones) -> None:
        self._tree, self._url, self._now, self._zones = tree, url, now, zones
        self._base = find_base(tree, url)
        self._links = self._list_links()

    def _list_links(self) -> list[tuple[Any, str]]:
        """The links to other pages of the site, in document order."""
        host, own = _site_of(self._url), self._url.partition("#")[0].rstrip("/")
        found = []
        for element in self._tree.iter("a"):
            address = absolute(self._base, element.get("href") or "").partition("#")[0]
            if address and _site_of(address) == host and address.rstrip("/") != own:
                found.append((element, address))
            if len(found) == _MOST_LINKS:
                break
        return found

    def find_links_to(self, example: str) -> list[Any]:
        wanted = canonicalise_url(example)
        links = [element for element, address in self._links if canonicalise_url(address) == wanted]
        # An example may be on another host.
        links = links or [each for each in self._tree.iter("a") if self._leads_to(each, wanted)]
        return links[:_MOST_SEEDS]

    def _leads_to(self, element: Any, wanted: str) -> bool:
        address = absolute(self._base, element.get("href") or "")
        return bool(address) and canonicalise_url(address) == wanted

    def find_repeated(self) -> list[Any]:
        """The first link of each group of links that stand in the same way, the largest groups first."""
        groups: dict[tuple[str, ...], dict[str, Any]] = {}
        for element, address in self._links:
            if len(read_text(element)) >= _SHORTEST_TEXT or next(element.iter("img"), None) is not None:
                way = _describe_way(element)
                if way:
                    groups.setdefault((*way, _parent_of(address)), {}).setdefault(address, element)
        large = sorted((group for group in groups.values() if len(group) >= _FEWEST_ITEMS), key=len, reverse=True)
        return [next(iter(group.values())) for group in large[:_MOST_SEEDS]]

    def search(self, seeds: Sequence[Any], example: str | None) -> list[ProposedRecipe]:
        tried: set[str] = set()
        wanted = canonicalise_url(example) if example else None
        found: dict[frozenset[str], tuple[float, Recipe, Reading]] = {}
        for seed in seeds:
            for selector in self._list_selectors(seed):
                if selector in tried or len(tried) >= _MOST_TRIED:
                    continue
                tried.add(selector)
                recipe = Recipe(item=selector)
                reading = self._try(recipe, wanted)
                if reading is None:
                    continue
                score = _measure(reading, selector)
                links = frozenset(item.link for item in reading.usable)
                if links not in found or found[links][0] < score:
                    found[links] = (score, recipe, reading)
        for recipe, reading in self._read_data(example, wanted):
            score, links = _measure(reading, recipe.json), frozenset(item.link for item in reading.usable)
            if links not in found or found[links][0] < score:
                found[links] = (score, recipe, reading)
        best = sorted(found.values(), key=lambda one: one[0], reverse=True)[:MOST]
        return [
            ProposedRecipe(recipe, reading) if recipe.json else self._say_places(recipe, reading)
            for _, recipe, reading in best
        ]

    def _read_data(self, example: str | None, wanted: str | None) -> Iterator[tuple[Recipe, Reading]]:
        """Lists in the data of the page that has them, and what recipes read of them."""
        try:
            data = load_scripts(self._tree)
        except ValueError:
            return
        links = [*([example] if example else []), *(address for _, address in self._links)]
        for recipe in list_recipes(data, links, self._base):
            reading = read_lists(recipe, data, self._base, self._url, self._now, self._zones)
            if self._suits(reading, wanted):
                yield recipe, reading

    def _list_selectors(self, seed: Any) -> Iterator[str]:
        """Descriptions of the link and of what is around it, as long as that has only one post."""
        own = canonicalise_url(absolute(self._base, seed.get("href") or ""))
        element = seed
        for _ in range(_HIGHEST):
            yield from _describe(element, self._url)
            element = element.getparent()
            if element is None or element.tag in {"body", "main", "html"} or self._has_other_posts(element, own):
                return

    def _has_other_posts(self, element: Any, own: str) -> bool:
        parent = _parent_of(own)
        for link in element.iter("a"):
            address = absolute(self._base, link.get("href") or "")
            if address and _parent_of(address) == parent and canonicalise_url(address) not in {own, parent}:
                return True
        return False

    def _try(self, recipe: Recipe, wanted: str | None) -> Reading | None:
        matches = select(self._tree, recipe.item)
        fewest = 2 if wanted else _FEWEST_ITEMS
        if not fewest <= len(matches) <= _MOST_MATCHES:
            return None
        reading = read_page(recipe, self._tree, self._url, now=self._now, zones=self._zones)
        return reading if self._suits(reading, wanted) else None

    def _suits(self, reading: Reading, wanted: str | None) -> bool:
        usable = reading.usable
        if len(usable) < (2 if wanted else _FEWEST_ITEMS):
            return False
        return not wanted or any(canonicalise_url(item.link) == wanted for item in usable)

    def _say_places(self, recipe: Recipe, reading: Reading) -> ProposedRecipe:
        """With places of title and date that read the same as the usual ones, so that a change of them is noticed."""
        elements = select(self._tree, recipe.item)[:_ITEMS_LOOKED_AT]
        title = self._find_place(elements, lambda text: text in titles) if (titles := _list_titles(reading)) else ""
        date = self._find_place(elements, lambda text: find_listed_date(text, self._now, self._zones) is not None)
        if sum(next(each.iter("time"), None) is not None for each in elements) >= _MOST_OF_THEM * len(elements):
            times = [next(each.iter("time")) for each in elements if next(each.iter("time"), None) is not None]
            date = "time@datetime" if all(time.get("datetime") for time in times) else "time"
        for places in ((title, date), (title, ""), ("", date)):
            said = replace(recipe, title=places[0], date=places[1])
            again = read_page(said, self._tree, self._url, now=self._now, zones=self._zones)
            if list(map(_key_of, again.usable)) == list(map(_key_of, reading.usable)):
                return ProposedRecipe(said, again)
        return ProposedRecipe(recipe, reading)

    def _find_place(self, elements: Sequence[Any], fits: Callable[[str], bool]) -> str:
        """The selector, the same in most items, of the line that fits."""
        counts: Counter[str] = Counter()
        for element in elements:
            names = {
                name: None for line in list_lines(element) if fits(read_text(line)) for name in _name(line, element)
            }
            counts.update(list(names))
        best = counts.most_common(1)
        return best[0][0] if best and best[0][1] >= _MOST_OF_THEM * len(elements) else ""


def _list_titles(reading: Reading) -> frozenset[str]:
    return frozenset(item.title for item in reading.usable)


def _key_of(item: ListedItem) -> tuple[str, str, str | None]:
    return item.link, item.title, item.date


def _measure(reading: Reading, selector: str) -> float:
    """How much a reading looks like a list of posts."""
    usable = reading.usable
    number = len(usable)
    titles = {item.title.casefold() for item in usable}
    long = sum(_SHORTEST_TEXT <= len(item.title) <= 200 for item in usable) / number
    dated = sum(item.has_date for item in usable) / number
    headed = sum(item.title_rank == 0 for item in usable) / number
    whole = number / max(1, len(reading.items))
    alike = Counter(_parent_of(item.link) for item in usable).most_common(1)[0][1] / number
    return (
        math.log2(1 + number) * (len(titles) / number) * long + 3 * dated + headed + whole + alike - len(selector) / 100
    )


# --- how elements are described ---


def _describe(element: Any, page: str) -> Iterator[str]:
    """Selectors of an element that others like it may fit, the simplest first."""
    tag = element.tag
    classes = _list_classes(element)
    yield from (f"{tag}{name}" for name in classes[:3])
    if tag == "a" and (start := _find_start(element.get("href") or "", page)):
        yield f'a[href^="{start}"]'
    if tag in _PLAIN_TAGS and not classes:
        around = next((name for each in _list_around(element) for name in _list_own(each)), "")
        yield f"{around} > {tag}" if around and element.getparent() is not None else tag
    if tag == "article":
        yield tag
    if not classes and (parent := element.getparent()) is not None:
        yield from (f"{own} > {tag}" for own in _list_own(parent)[:1])


def _list_around(element: Any) -> Iterator[Any]:
    if (parent := element.getparent()) is not None:
        yield parent


def _list_own(element: Any) -> list[str]:
    """Selectors of an element by its id or classes."""
    if not isinstance(element.tag, str):
        return []
    name = element.get("id") or ""
    ids = [f"#{name}"] if _CLASS.fullmatch(name) and not _STYLING.fullmatch(name) else []
    return ids + [f"{element.tag}{each}" for each in _list_classes(element)]


def _list_classes(element: Any) -> list[str]:
    """The classes that say what an element is, as selectors."""
    found = []
    for name in (element.get("class") or "").split()[:20]:
        if module := _MODULE.fullmatch(name):
            found.append(f'[class*="{module[1]}"]')
        elif _CLASS.fullmatch(name) and not _STYLING.fullmatch(name):
            found.append(f".{name}")
    return found


def _name(line: Any, item: Any) -> Iterator[str]:
    """Selectors of a line inside an item, the surest first."""
    element = line
    while element is not None and element is not item:
        yield from (f"{element.tag}{name}" for name in _list_classes(element)[:2])
        if element.tag in {"h1", "h2", "h3", "h4", "h5", "h6", "time", "dt"}:
            yield element.tag
        element = element.getparent()


def _describe_way(element: Any) -> tuple[str, ...]:
    """The tags and classes from a link up; empty if it stands beside the content."""
    way: list[str] = []
    for each in [element, *element.iterancestors()]:
        if each.tag in _ASIDES:
            return ()
        if len(way) < 4:
            way.append(".".join([each.tag, *(each.get("class") or "").split()[:3]]))
    return tuple(way)


def _find_start(href: str, page: str) -> str:
    """The beginning of a link up to its last name, such as ``/blog/``; empty if that is the whole site."""
    path = href.partition("?")[0].rstrip("/")
    start = path.rpartition("/")[0] + "/"
    try:
        names = urlsplit(start).path.strip("/")
    except ValueError:
        return ""
    return start if names and '"' not in start and "\\" not in start and len(start) < 200 else ""


def _parent_of(address: str) -> str:
    return address.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[0]


def _site_of(address: str) -> str:
    return host_of(address).removeprefix("www.")
