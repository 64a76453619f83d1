"""Adopts a list that was kept elsewhere: reads it with its history, writes feeds.toml for it, imports its lines."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.adopt.history import COMMIT_FORMAT, read_history
from aggregator.adopt.markup import to_markdown
from aggregator.adopt.sketch import AdoptedLine, Adoption, Page, sketch
from aggregator.config import Settings, read_feeds_file, read_listed
from aggregator.config.document import change_settings, keep_settings, list_tables, paste_feeds
from aggregator.config.load import load_config
from aggregator.config.settings import VisitSettings
from aggregator.dates.read import parse_date
from aggregator.digest.extent import Wanted
from aggregator.digest.importing import Choice
from aggregator.digest.read import ReadDigest
from aggregator.exceptions import ConfigError, NotFoundError, ParseError
from aggregator.feeds.hosts import HostRow, Way, list_hosts
from aggregator.feeds.parse import parse_document
from aggregator.fetch.workers import WorkerPool
from aggregator.files import read_text, write_whole
from aggregator.locales import t
from aggregator.pipeline import publish, work_tree
from aggregator.pipeline.home import Home
from aggregator.pipeline.listing import read_typed
from aggregator.pipeline.network import open_retriever
from aggregator.pipeline.publish import Imported
from aggregator.places import find_shipped
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
#: How documents in HTML begin; Markdown may begin with other tags.
_DOCUMENT = re.compile(r"(?i)\s*(?:<\?xml[^<>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b")


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


def propose(place: Path, zone: ZoneInfo, listed: str | None = None) -> Proposal:
    """Read a page, or a folder of issues, with its history in git if there is one. *listed* is a feeds.toml with the
    feeds that are known, by default the shipped one.

    Raises NotFoundError if nothing can be read, DigestError if no line is found, and WorkTreeError if git refuses.
    """
    return propose_pages(read_pages(place), read_history(work_tree.read_history(place, COMMIT_FORMAT)), zone, listed)


def propose_address(typed: str, settings: Settings) -> Proposal:
    """Read the page or the feed of issues at an address.

    Raises NotFoundError, RetrieveError, ParseError if it cannot be read, and DigestError if no line is found.
    """
    return propose_pages(asyncio.run(_read_address(read_typed(typed), settings.visits)), {}, settings.zone)


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


def write_feeds_toml(adoption: Adoption, hosts: Sequence[HostRow], shipped: str) -> str:
    """Write feeds.toml for a list: the shipped one for the shipped parts and topics, else its settings with parts and
    topics of the list's own, and those of its feeds that follow hosts of the list.
    """
    changes = _list_style(adoption.texts.style)
    if adoption.is_shipped:
        return change_settings(shipped, {"digest": changes}) if changes else shipped
    changes |= _list_places(adoption.texts.taxonomy)
    text = change_settings(keep_settings(shipped), {"digest": changes})
    followed = list_tables(shipped, {row.feed.key for row in hosts if row.feed})
    if followed:
        text = paste_feeds(text, followed)
    return text + _tell_unfollowed(hosts)


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
