"""Adopts a list that was kept elsewhere: reads it with its history, writes feeds.toml for it, imports its lines."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import hide_credentials
from aggregator.adopt.history import COMMIT_FORMAT, read_history
from aggregator.adopt.markup import to_markdown
from aggregator.adopt.sketch import AdoptedLine, Adoption, Page, sketch
from aggregator.config import Settings, read_feeds_file, read_listed
from aggregator.config.document import change_settings, keep_settings, list_tables, paste_feeds, write_feed
from aggregator.config.load import load_config
from aggregator.config.settings import VisitSettings
from aggregator.dates.read import parse_date
from aggregator.digest.extent import Wanted
from aggregator.digest.importing import Choice
from aggregator.digest.read import ReadDigest
from aggregator.exceptions import ConfigError, NotFoundError, ParseError
from aggregator.feeds.discovery.places import Place
from aggregator.feeds.hosts import HostRow, Way, list_hosts
from aggregator.feeds.parse import parse_document
from aggregator.fetch.workers import WorkerPool
from aggregator.files import read_text, write_whole
from aggregator.locales import t
from aggregator.pipeline import Progress, ignore_progress, publish, work_tree
from aggregator.pipeline.discovery import Finder, FoundFeed
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import describe_feed, read_typed
from aggregator.pipeline.network import Network, open_retriever
from aggregator.pipeline.publish import Imported
from aggregator.pipeline.unfollowed import Looked, look_for_feeds
from aggregator.places import find_shipped
from aggregator.text.characters import clean
from aggregator.text.charset import decode_document
from aggregator.types import LabelStyle, LineStyle, Month, NoteStyle, ParsedEntry, Retrieved, Taxonomy

#: Files of a folder that are read, and bytes of one.
MOST_FILES, _MOST_BYTES = 2_000, 5_000_000
_MARKDOWN = (".md", ".markdown", ".mdown")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?(?:blob/([^?#]+))?(?:[?#].*)?")
#: What stands beside a list in its folder and is not an issue of it.
_NOT_ISSUES = re.compile(
    r"(?i)(?:contributing|license|changelog|code[_-]of[_-]conduct|security|\w{0,40}template)(?:\.\w{1,8})?"
)
#: Of what a server said, in a comment.
_LONGEST_REASON = 120
#: How documents in HTML begin; Markdown may begin with other tags.
_DOCUMENT = re.compile(r"(?i)\s*(?:<\?xml[^<>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a list may be gone on with; nothing is stored of it."""

    adoption: Adoption
    #: How its hosts are followed by the shipped feeds.
    hosts: tuple[HostRow, ...]
    #: What feeds.toml would say.
    feeds_toml: str
    #: Whether that is the shipped one, byte for byte.
    is_shipped: bool
    #: What was found at places that nobody follows, if somebody looked.
    looks: tuple[Looked, ...] = ()


def propose(place: Path, zone: ZoneInfo) -> Proposal:
    """Read a page, or a folder of issues, with its history in git if there is one.

    Raises NotFoundError if nothing can be read, DigestError if no line is found, and WorkTreeError if git refuses.
    """
    return propose_pages(read_pages(place), read_history(work_tree.read_history(place, COMMIT_FORMAT)), zone)


def propose_address(typed: str, settings: Settings) -> Proposal:
    """Read the page or the feed of issues at an address.

    Raises NotFoundError, RetrieveError, ParseError if it cannot be read, and DigestError if no line is found.
    """
    return propose_pages(asyncio.run(_read_address(read_typed(typed), settings.visits)), {}, settings.zone)


def propose_pages(pages: Sequence[Page], chosen: Mapping[str, datetime], zone: ZoneInfo) -> Proposal:
    """Propose how to go on with pages that were read; *chosen* says when each canonical address was added. Raises
    DigestError if no line is found.
    """
    known = Settings().merge_texts(None)
    adoption = sketch(pages, known, chosen, zone)
    shipped = find_shipped()
    text = read_feeds_file(shipped)
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


def read_pages(place: Path) -> list[Page]:
    """Read a file, or the Markdown files of a folder, by name. Raises NotFoundError."""
    if not place.is_dir():
        return [Page(place.name, _read(place))]
    found = sorted(file for file in place.rglob("*") if file.suffix.lower() in _MARKDOWN and file.is_file())
    found = [file for file in found if not any(part.startswith(".") for part in file.relative_to(place).parts)]
    issues = [file for file in found if not _NOT_ISSUES.fullmatch(file.stem)]
    if not issues:
        raise NotFoundError(t("{folder} has no files in Markdown", folder=place))
    if len(issues) > MOST_FILES:
        raise NotFoundError(
            t("{folder} has {number} files; at most {most} are read", folder=place, number=len(issues), most=MOST_FILES)
        )
    return [Page(str(file.relative_to(place)), _read(file)) for file in issues]


async def _read_address(url: str, visits: VisitSettings) -> list[Page]:
    async with open_retriever(visits) as retriever:
        answer = await retriever.retrieve_whole(find_source(url))
    with WorkerPool(min(visits.parser_processes, 1), cpu_seconds=visits.parse_seconds) as workers:
        return await workers.run(url, read_answer, answer)


def read_answer(answer: Retrieved) -> list[Page]:
    """The pages of a document: the issues of a feed, else the one that it is, in Markdown or HTML. Pure.

    Raises ParseError for one that broke off, for lines are missing.
    """
    if answer.is_cut:
        raise ParseError(answer.url, t("the document is too long, or broke off"))
    try:
        parsed = parse_document(answer.body, answer.url, answer.content_type, is_cut=answer.is_cut)
    except ParseError:
        text = decode_document(answer.body, answer.content_type)[0].decode(errors="replace")
        is_html = "html" in (answer.content_type or "") or _DOCUMENT.match(text) is not None
        return [Page(answer.url.rpartition("/")[2] or answer.url, to_markdown(text) if is_html else text)]
    return [_make_page(entry) for entry in parsed.entries]


def _make_page(entry: ParsedEntry) -> Page:
    """An issue; its lines begin below its title."""
    moment = parse_date(entry.published_raw) or parse_date(entry.updated_raw)
    text = to_markdown(entry.content or entry.summary, entry.title)
    return Page(entry.title or entry.url or "", text, moment.date() if moment else None)


def find_source(url: str) -> str:
    """The address of the source of a page that GitHub shows: of a file, or of what a repository says of itself.

    >>> find_source("https://github.com/mina/digest")
    'https://raw.githubusercontent.com/mina/digest/HEAD/README.md'
    """
    found = _GITHUB.fullmatch(url)
    if not found:
        return url
    return f"https://raw.githubusercontent.com/{found[1]}/{found[2] or 'HEAD/README.md'}"


def _read(file: Path) -> str:
    if file.is_file() and file.stat().st_size > _MOST_BYTES:
        raise NotFoundError(t("{file} is larger than {most} MB", file=file, most=_MOST_BYTES // 1_000_000))
    return read_text(file).removeprefix("\ufeff")


# --- feeds.toml -------------------------------------------------------------------------------------------------------


def write_feeds_toml(
    adoption: Adoption, hosts: Sequence[HostRow], shipped: str, looks: Sequence[Looked] | None = None
) -> str:
    """Write feeds.toml for a list: the shipped one for the shipped parts and topics, else its settings with parts and
    topics of the list's own, and those of its feeds that follow hosts of the list. Feeds that were found behind them,
    if somebody looked.
    """
    changes = _list_style(adoption.texts.style)
    if adoption.is_shipped:
        text = change_settings(shipped, {"digest": changes}) if changes else shipped
    else:
        changes |= _list_places(adoption.texts.taxonomy)
        text = change_settings(keep_settings(shipped), {"digest": changes})
        keys = [row.feed.key for row in hosts if row.feed] + [key for look in looks or () if (key := look.followed_as)]
        if followed := list_tables(shipped, keys):
            text = paste_feeds(text, followed)
    if looks is None:
        return text if adoption.is_shipped else text + _tell_unfollowed(hosts)
    if found := {look.sure.feed.key: _write_found(look.place, look.sure) for look in looks if look.sure}:
        text = paste_feeds(text, found)
    return text + _tell_looks(looks)


def _list_style(style: LineStyle) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if style.label is not LabelStyle.BRACKETS:
        changes["label_style"] = str(style.label)
    if style.note is not NoteStyle.COLON:
        changes["note_style"] = str(style.note)
    return changes


def _list_places(taxonomy: Taxonomy) -> dict[str, Any]:
    """The tables of parts and topics; a sole one without a heading has none."""
    parts: dict[str, Any] = {}
    for part in taxonomy.parts:
        if part.number:
            parts[part] = {"heading": part.heading}
            if not part.prints_organisation:
                parts[part]["prints_organisation"] = False
            if part.business_case:
                parts[part]["business_case"] = part.business_case
    topics = {str(topic): {"heading": topic.heading} for topic in taxonomy.topics if topic.number}
    return {name: tables for name, tables in (("parts", parts), ("topics", topics)) if tables}


def _tell_unfollowed(hosts: Iterable[HostRow]) -> str:
    rows = [row for row in hosts if row.way is Way.BY_HAND]
    if not rows:
        return ""
    said = "".join(f"#   {row.place} ({row.lines})\n" for row in rows)
    return (
        "\n# Nobody follows these places of the list yet, with the number of its lines;"
        f" `aggregator feeds add` finds their feeds:\n{said}"
    )


def _write_found(place: Place, found: FoundFeed) -> str:
    newest = found.sample.posts[0]
    told = f", newest post {newest.published_at:%Y-%m-%d}" if newest.published_at else ""
    lines = f"{place.lines} line{'s' * (place.lines != 1)}"
    return f"# Found for {place.name}, with {lines} of the list{told}.\n" + write_feed(
        found.feed.key, describe_feed(found.feed)
    )


def _tell_looks(looks: Sequence[Looked]) -> str:
    """What is not followed by itself, as a comment."""
    others = [
        f"#   {look.place.name} ({look.place.lines}): {hide_credentials(other.feed.url)}, but {other.doubt}\n"
        for look in looks
        for other in look.others
    ]
    rests = [
        f"#   {look.place.name} ({look.place.lines}): {look.rest}{_say_reason(look)}\n" for look in looks if look.rest
    ]
    said = "\n# Found for places of the list, but not followed by themselves:\n" + "".join(others) if others else ""
    if rests:
        said += "\n# Nobody follows these places of the list yet, with the number of its lines:\n" + "".join(rests)
    return said


def _say_reason(look: Looked) -> str:
    said = " ".join(clean(look.reason).split())[:_LONGEST_REASON]
    return f" ({said})" if said else ""


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
    choices = [_choose(each, home.zone) for each in adoption.lines]
    return publish.import_digest(home, read, Wanted(until=until or min(newest, last)), choices)


def _choose(line: AdoptedLine, zone: ZoneInfo) -> Choice | None:
    if line.chosen is None:
        return None
    day = _last_day(line.chosen)
    at = datetime.combine(day, time(12), zone)
    return Choice(Month(day.year, day.month), at)


def _last_day(chosen: date | Month) -> date:
    return chosen.last_day if isinstance(chosen, Month) else chosen
