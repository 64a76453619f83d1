"""Adopts a list that was kept elsewhere: reads it with its history, writes feeds.toml for it, imports its lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.adopt.history import COMMIT_FORMAT, read_history
from aggregator.adopt.issues import Page
from aggregator.adopt.sketch import AdoptedLine, Adoption, sketch
from aggregator.config import Settings, read_feeds_file, read_listed
from aggregator.config.load import load_config
from aggregator.digest.extent import Wanted
from aggregator.digest.importing import Choice
from aggregator.digest.read import ReadDigest
from aggregator.exceptions import ConfigError
from aggregator.feeds.hosts import HostRow, list_hosts
from aggregator.fetch.workers import WorkerPool
from aggregator.files import write_whole
from aggregator.locales import t
from aggregator.pipeline import Progress, ignore_progress, publish, work_tree
from aggregator.pipeline.adopted_pages import list_unread, read_address, read_pages
from aggregator.pipeline.adopted_settings import write_feeds_toml
from aggregator.pipeline.discovery import Finder
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import read_typed
from aggregator.pipeline.network import Network
from aggregator.pipeline.publish import Imported
from aggregator.pipeline.unfollowed import Looked, look_for_feeds
from aggregator.places import find_shipped
from aggregator.types import Month


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a list may be gone on with; nothing is stored of it."""

    adoption: Adoption
    #: How its hosts are followed by the feeds that are known.
    hosts: tuple[HostRow, ...]
    #: What feeds.toml would say.
    feeds_toml: str
    #: Whether that is the shipped one, byte for byte.
    is_shipped: bool
    #: What was found at places that nobody follows, if somebody looked.
    looks: tuple[Looked, ...] = ()


def propose(place: Path, zone: ZoneInfo, listed: str | None = None) -> Proposal:
    """Read a page, or a folder of issues, with its history in git if there is one. *listed* is a feeds.toml with the
    feeds that are known, by default the shipped one.

    Raises NotFoundError if nothing can be read, DigestError if no line is found, and WorkTreeError if git refuses.
    """
    pages, patches = read_pages(place), work_tree.read_history(place, COMMIT_FORMAT)
    found = propose_pages(pages, read_history(patches), zone, listed)
    return replace(found, adoption=replace(found.adoption, left=(*found.adoption.left, *list_unread(place))))


def propose_address(typed: str, settings: Settings) -> Proposal:
    """Read the page or the feed of issues at an address.

    Raises NotFoundError, RetrieveError, ParseError if it cannot be read, and DigestError if no line is found.
    """
    return propose_pages(asyncio.run(read_address(read_typed(typed), settings.visits)), {}, settings.zone)


def propose_pages(
    pages: Sequence[Page], chosen: Mapping[str, datetime], zone: ZoneInfo, listed: str | None = None
) -> Proposal:
    """Propose how to go on with pages that were read; *chosen* says when each canonical address was added, *listed* as
    in ``propose``. Raises DigestError if no line is found.
    """
    known = Settings().merge_texts(None)
    adoption = sketch(pages, known, chosen, zone)
    shipped = find_shipped()
    text = read_feeds_file(shipped) if listed is None else listed
    feeds = {feed.key: feed for feed in read_listed(text, shipped)}
    hosts = list_hosts([(each.line.url, None) for each in adoption.lines], feeds)
    said = write_feeds_toml(adoption, hosts, text)
    return Proposal(adoption, tuple(hosts), said, said == text)


def discover(
    proposal: Proposal, settings: Settings, clock: Callable[[], datetime], progress: Progress = ignore_progress
) -> Proposal:
    """Look for feeds of the places of a list that the proposal does not follow, and write those that are surely theirs
    into its feeds.toml.
    """
    shipped = find_shipped()
    text = read_feeds_file(shipped)
    feeds = {feed.key: feed for feed in read_listed(text, shipped)}
    urls = [each.line.url for each in proposal.adoption.lines]
    visits = settings.visits
    with WorkerPool(visits.parser_processes, cpu_seconds=visits.parse_seconds) as workers:
        finder = Finder(clock, settings.zone, workers, Network(visits, {}))
        looks = asyncio.run(look_for_feeds(urls, feeds, finder, progress))
    said = write_feeds_toml(proposal.adoption, proposal.hosts, text, looks)
    return replace(proposal, feeds_toml=said, is_shipped=said == text, looks=tuple(looks))


# --- the store --------------------------------------------------------------------------------------------------------


def write_home(home: Path, text: str) -> Path:
    """Write feeds.toml into a home that has none, or this one since an import that failed. Raises ConfigError."""
    file = home / "feeds.toml"
    if file.exists() and file.read_bytes() != text.encode():
        raise ConfigError(t("the home has one already; adopt a list into a new home"), file=str(file))
    load_config({}, home=home, file=file, text=text)
    home.mkdir(parents=True, exist_ok=True)
    write_whole(file, text)
    return file


def import_lines(home: Home, adoption: Adoption, until: date | None = None) -> Imported:
    """Import the lines as printed up to a day, by default the last of the month before the present one, or of the last
    choice. No open month is closed. Raises DigestError.
    """
    last = home.current_month.shift(-1).last_day
    newest = max((_last_day(each.chosen) for each in adoption.lines if each.chosen), default=last)
    read = ReadDigest(adoption.digest, tuple(each.number for each in adoption.lines))
    choices = [_choose(each, home.now, home.zone) for each in adoption.lines]
    return publish.import_digest(home, read, Wanted(until=until or min(newest, last)), choices)


def _choose(line: AdoptedLine, now: datetime, zone: ZoneInfo) -> Choice | None:
    """When a line was chosen; None if nothing says so, or what says so names a month that has not begun."""
    day = _last_day(line.chosen) if line.chosen else None
    if day is None or (month := Month(day.year, day.month)) > Month.of(now, zone):
        return None
    return Choice(month, min(datetime.combine(day, time(12), zone), now))


def _last_day(chosen: date | Month) -> date:
    return chosen.last_day if isinstance(chosen, Month) else chosen
