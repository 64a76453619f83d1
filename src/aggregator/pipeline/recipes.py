"""Recipes: proposes how a page may be read as a feed, shows what a recipe would read, and follows the page. Only the
last of these writes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aggregator.addresses.urls import host_of
from aggregator.config import check_feed, read_feeds_file, read_listed
from aggregator.exceptions import ConfigError, FeedError, ParseError
from aggregator.feeds.discovery.proposal import choose_key
from aggregator.feeds.drafts import zones_of
from aggregator.feeds.recipes.propose import ProposedRecipe, propose_recipes
from aggregator.feeds.recipes.read import ReadingPreview, preview_listing
from aggregator.fetch.workers import WorkerPool
from aggregator.locales import t
from aggregator.pipeline.feeds_file import FeedsFile
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import Written, add_feeds, change_listed, read_typed
from aggregator.pipeline.listings import ListingReader
from aggregator.pipeline.network import Network
from aggregator.pipeline.robots import RobotsAsker
from aggregator.text.language import find_language
from aggregator.text.titles import plain_title_of_text
from aggregator.types import Feed, Kind, NotModified, Recipe, Retrieved


@dataclass(frozen=True, slots=True)
class Proposals:
    """What was proposed for a page, the best first."""

    url: str
    found: list[ProposedRecipe]


@dataclass(frozen=True)
class RecipeFinder:
    """Reads pages for recipes, as visits do: with robots.txt and the turns of hosts."""

    home: Home
    workers: WorkerPool
    network: Network

    async def propose(self, typed: str, example: str = "") -> Proposals:
        """Propose recipes for a page, perhaps from the address of a post on it. Raises FeedError and NotFoundError."""
        url = read_typed(typed)
        sample = read_typed(example) if example.strip() else None
        async with self._open() as listings:
            answer = await _retrieve(listings, url)
            feed = Feed("preview", url, url, Kind.COMPANY, "en")
            try:
                found = await self.workers.run(
                    answer.url,
                    propose_recipes,
                    answer.body,
                    answer.content_type,
                    answer.url,
                    example=sample,
                    now=self.home.now,
                    zones=zones_of(feed, self.home.zone),
                )
            except ValueError as error:
                raise FeedError(url, str(error)) from error
        return Proposals(answer.url, found)

    async def preview(self, feed: Feed) -> ReadingPreview:
        """Show what the recipe of a feed reads of its page now; of a sitemap, a few pages. Raises FeedError."""
        recipe = feed.recipe or Recipe()
        async with self._open() as listings:
            answer = await _retrieve(listings, feed.url)
            pages = await listings.read_pages(feed, recipe, answer) if recipe.sitemap else None
            try:
                return await self.workers.run(
                    answer.url,
                    preview_listing,
                    recipe,
                    answer,
                    now=self.home.now,
                    zones=zones_of(feed, self.home.zone),
                    pages=pages,
                )
            except ValueError as error:
                raise ParseError(feed.url, str(error)) from error

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[ListingReader]:
        async with self.network.open() as retriever:
            free = asyncio.Semaphore(2)
            robots = RobotsAsker(self.home.clock, self.workers, self.network, retriever, free)
            yield ListingReader(self.home, self.workers, self.network, retriever, free, robots)


async def _retrieve(listings: ListingReader, url: str) -> Retrieved:
    answer = await listings.retrieve(url)
    if isinstance(answer, NotModified):
        raise AssertionError("nothing was asked that 304 could answer")
    return answer


def make_feed(proposals: Proposals, chosen: ProposedRecipe) -> Feed:
    """The feed that a proposal would be, as far as the page tells."""
    reading, url = chosen.reading, proposals.url
    name = re.split(r" [|–—·-] ", plain_title_of_text(reading.title))[0].strip() or host_of(url)
    titles = "\n".join(item.title for item in reading.usable)
    return Feed(
        choose_key(url, name, ()),
        name,
        url,
        Kind.COMPANY,
        find_language(titles, "en"),
        full_text=True,
        recipe=chosen.recipe,
    )


def follow_page(home: Home, file: FeedsFile, key: str, table: Mapping[str, Any]) -> Written:
    """Write a page with its recipe into feeds.toml. A feed with this key and address gets the recipe; its other fields
    stay.

    Raises ConfigError for what is not valid, and for a key or address that is taken, and StorageError.
    """
    feed = check_feed(key, table, file=t("the change"))
    if _is_listed(read_listed(read_feeds_file(file.file), file.file), feed):
        return change_listed(home, file, key, {"recipe": table["recipe"]})
    return add_feeds(home, file, {key: table})


def _is_listed(listed: Sequence[Feed], feed: Feed) -> bool:
    """Whether feeds.toml has the feed. Raises ConfigError if another feed has its key or address."""
    for other in listed:
        if (other.key, other.url) == (feed.key, feed.url):
            return True
        if other.key == feed.key or other.url == feed.url:
            field = "key" if other.key == feed.key else "url"
            raise ConfigError(
                t("feeds.{key} has it already", key=other.key), file=t("the change"), key=f"feeds.{feed.key}.{field}"
            )
    return False
