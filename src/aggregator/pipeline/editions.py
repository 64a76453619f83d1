"""Editions: a printed digest in other forms, as files beside its Markdown and for those who ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from aggregator.digest.editions.issue import Issue, list_items, make_item
from aggregator.digest.editions.syndicate import Item, Syndicate, write_atom
from aggregator.digest.editions.write import write_edition
from aggregator.digest.pictures import list_pictures
from aggregator.files import write_whole
from aggregator.locales import ENGLISH, speaking, t, tn
from aggregator.pipeline.home import Home
from aggregator.pipeline.printouts import correct_print, find_published, name_editions, name_feeds, name_file
from aggregator.storage import digests, errata
from aggregator.storage.database import Connection
from aggregator.types import Digest, DigestState, EditionFormat, Month, Section

#: The digests of two years are in feeds, and so many lines of a section.
_DIGESTS = 24
_LINES = 200


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a feed and the pages of digests are reached."""

    #: The address of the feed itself, and of the page with all of it; None if they have none.
    feed: str | None
    page: str | None
    #: The address of the digest of a month.
    find_issue: Callable[[Month], str | None]


def make_issue(home: Home, month: Month, digest: Digest, made_at: datetime, url: str | None) -> Issue:
    """Make what editions are written of, in the language of the settings. The caller speaks it."""
    language = home.settings.language or ENGLISH
    title = t("Digest of {month}", month=month.name)
    made_at, beside = made_at.astimezone(UTC), _find_address(home, month)
    left_out = "" if beside else _say_left_out(digest)
    return Issue(month, title, language, digest, made_at, home.settings.curator, url, beside, left_out)


def _say_left_out(digest: Digest) -> str:
    """What a mail says of the pictures of notes, which it cannot show while they are not published."""
    number = len(list_pictures(line.note for line in digest.lines))
    if not number:
        return ""
    return tn("{number} picture is left out of this mail.", "{number} pictures are left out of this mail.", number)


def show_edition(home: Home, month: Month, digest: Digest, form: EditionFormat) -> str:
    """Write a digest as its edition was printed, or would be printed now."""
    with home.reading() as connection:
        stored = digests.find_digest(connection, month)
    made_at = stored.made_at if stored else home.now
    with speaking(home.settings.language or ENGLISH):
        return write_edition(make_issue(home, month, digest, made_at, find_page(home, month)), form)


def find_page(home: Home, month: Month) -> str | None:
    """Find the address of the printed page of a month, if one is written and the settings say where it is published."""
    return _find_address(home, month) if EditionFormat.HTML in home.settings.digest.formats else None


def _find_address(home: Home, month: Month) -> str | None:
    site = home.settings.digest.site
    if not site:
        return None
    file = name_file(home, month, DigestState.PRINTED).with_suffix(EditionFormat.HTML.suffix)
    return f"{site.rstrip('/')}/{quote(file.relative_to(find_published(home)).as_posix())}"


def gather_digests(home: Home, connection: Connection, reached: Reached) -> Syndicate:
    """Gather the feed of the printed digests, the newest first."""
    with speaking(home.settings.language or ENGLISH):
        return _feed_digests(home, _list_issues(home, connection, reached.find_issue), reached)


def gather_section(home: Home, connection: Connection, section: Section, reached: Reached) -> Syndicate:
    """Gather the feed of the printed lines of a section, those of the newest digest first."""
    with speaking(home.settings.language or ENGLISH):
        return _feed_section(home, _list_issues(home, connection, reached.find_issue), section, reached)


def write_editions(home: Home, connection: Connection, month: Month) -> list[Path]:
    """Write the editions of a printed digest, corrected as its Markdown file, beside it, and the feeds; returns them.

    Raises StorageError if one of them cannot be written.
    """
    forms = home.settings.digest.formats
    if not forms:
        return []
    stored, put_right = digests.get_digest(connection, month), errata.list_put_right(connection, home.zone)
    digest, files = correct_print(home, month, stored.digest, put_right), name_editions(home, month)
    with speaking(home.settings.language or ENGLISH):
        issue = make_issue(home, month, digest, stored.made_at, find_page(home, month))
        for form, file in files.items():
            write_whole(file, write_edition(issue, form))
    return [*files.values(), *write_feeds(home, connection)]


def remove_editions(home: Home, connection: Connection, month: Month) -> None:
    """Remove the editions of a digest that is not printed any more, and write the feeds without it."""
    for file in name_editions(home, month).values():
        file.unlink(missing_ok=True)
    write_feeds(home, connection)


def write_feeds(home: Home, connection: Connection) -> list[Path]:
    """Write the feed of all printed digests and one for each section, if they are wanted; returns the files."""
    files, site = name_feeds(home), home.settings.digest.site.rstrip("/")
    if not files:
        return []

    def find_issue(month: Month) -> str | None:
        return find_page(home, month)

    def feed(section: Section | None, file: Path) -> Syndicate:
        address = f"{site}/{file.relative_to(find_published(home)).as_posix()}" if site else None
        reached = Reached(address, site or None, find_issue)
        return _feed_section(home, issues, section, reached) if section else _feed_digests(home, issues, reached)

    with speaking(home.settings.language or ENGLISH):
        issues = _list_issues(home, connection, find_issue)
        for section, file in files.items():
            write_whole(file, write_atom(feed(section, file)).decode())
    return list(files.values())


def _list_issues(home: Home, connection: Connection, find_issue: Callable[[Month], str | None]) -> list[Issue]:
    printed = [
        (one.month, one)
        for one in digests.list_printed(connection)
        if one.state is DigestState.PRINTED and one.month is not None
    ]
    newest = sorted(printed, key=lambda each: each[0], reverse=True)[:_DIGESTS]
    put_right = errata.list_put_right(connection, home.zone)
    return [
        make_issue(home, month, correct_print(home, month, one.digest, put_right), one.made_at, find_issue(month))
        for month, one in newest
    ]


def _feed_digests(home: Home, issues: Sequence[Issue], reached: Reached) -> Syndicate:
    title = issues[0].name if issues else t("Printed digests")
    return _gather(home, "digests.atom", title, [make_item(issue) for issue in issues], reached)


def _feed_section(home: Home, issues: Sequence[Issue], section: Section, reached: Reached) -> Syndicate:
    items = [item for issue in issues for item in list_items(issue, section.key)][:_LINES]
    places = [place.heading for place in (section.part, section.topic) if place.number]
    return _gather(home, f"section {section.key}", " · ".join(places), items, reached)


def _gather(home: Home, about: str, title: str, items: Sequence[Item], reached: Reached) -> Syndicate:
    updated_at = max((item.updated_at for item in items), default=datetime.fromtimestamp(0, UTC))
    language = home.settings.language or ENGLISH
    about = f"{about} of {home.settings.curator}"
    return Syndicate(about, title, reached.feed, reached.page, home.settings.curator, updated_at, items, language)
