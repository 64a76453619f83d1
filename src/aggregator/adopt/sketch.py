"""A list as a whole: its pages with the days on which their lines were chosen, and how it is kept. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.adopt.arrange import Arrangement, arrange
from aggregator.adopt.days import IssueName
from aggregator.adopt.habits import Habits, Rhythm, find_habits
from aggregator.adopt.issues import Page, choose_head, drop_titles, name_issue
from aggregator.adopt.line import ListedLine
from aggregator.adopt.listing import Listing, read_listing
from aggregator.digest.notes import join_note
from aggregator.digest.read import ReadDigest, Remark, read_digest
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.language import find_language
from aggregator.types import Digest, LabelStyle, Line, LineStyle, Month, NoteStyle, Section, Texts


@dataclass(frozen=True, slots=True)
class AdoptedLine:
    """A line of a list, as this program keeps it."""

    page: str
    number: int
    line: Line
    #: When a person chose it; None if nothing says so.
    chosen: date | Month | None

    @property
    def month(self) -> Month | None:
        """The month that its post counts for: its own, else that in which it was chosen."""
        if self.line.month or self.chosen is None:
            return self.line.month
        return self.chosen if isinstance(self.chosen, Month) else Month(self.chosen.year, self.chosen.month)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is known of a list, for settings and for the store."""

    lines: tuple[AdoptedLine, ...]
    texts: Texts
    #: Whether the parts and topics are the shipped ones.
    is_shipped: bool
    habits: Habits
    #: The languages of titles with the number of lines, the most first.
    languages: tuple[tuple[str, int], ...]
    #: What was not understood: page and remark, in order.
    left: tuple[tuple[str, Remark], ...]

    @property
    def rhythm(self) -> Rhythm:
        """How often it comes out."""
        return self.habits.rhythm

    @property
    def digest(self) -> Digest:
        """All lines as one page."""
        return Digest(self.texts, tuple(each.line for each in self.lines))


def sketch(pages: Sequence[Page], known: Texts, chosen: Mapping[str, datetime], zone: ZoneInfo) -> Adoption:
    """Find out how a list is kept. *known* are the texts of the shipped digest; *chosen* says when each canonical
    address was added, if the list has a history.

    Raises DigestError if no page has a line, or if one is nested too deeply.
    """
    listings = [_read_listing(page) for page in pages]
    issues = [name_issue(page, listing) for page, listing in zip(pages, listings, strict=True)]
    listings = drop_titles(listings, issues)
    placed = [(page, line) for page, listing in zip(pages, listings, strict=True) for line in listing.lines]
    if not placed:
        raise DigestError(t("no line with a link was found; a list has bullets, tables or paragraphs with links"))
    files = [issue for issue, listing in zip(issues, listings, strict=True) for _ in listing.lines]
    arrangement = arrange([line for _, line in placed], files)
    style = _find_style([line for _, line in placed])
    texts = _make_texts(arrangement, choose_head(listings), known, style)
    left = [(page.name, remark) for page, listing in zip(pages, listings, strict=True) for remark in listing.left]
    left += [(placed[at][0].name, Remark(placed[at][1].number, sentence)) for at, sentence in arrangement.left]
    lines = tuple(
        AdoptedLine(
            page.name,
            line.number,
            _make_line(page, line, arrangement.sections[at], arrangement.organisations[at], style, left),
            _find_chosen(line.url, arrangement.issues[at], chosen, zone),
        )
        for at, (page, line) in enumerate(placed)
    )
    lines = _drop_repeated(_read_exactly(pages, texts, lines) or lines, left)
    order = {page.name: at for at, page in enumerate(pages)}
    return Adoption(
        lines,
        texts,
        arrangement.is_shipped,
        find_habits([(each.line, each.chosen) for each in lines], texts),
        tuple(Counter(find_language(each.line.title) for each in lines).most_common()),
        tuple(sorted(left, key=lambda each: (order[each[0]], each[1].number))),
    )


def _read_listing(page: Page) -> Listing:
    try:
        return read_listing(page.text)
    except DigestError as error:
        raise DigestError(f"{page.name}: {error}") from error


def _find_style(lines: Sequence[ListedLine]) -> LineStyle:
    labels = Counter(line.label for line in lines if line.label)
    notes = Counter(line.note_style for line in lines if line.note_style)
    return LineStyle(
        label=max(LabelStyle, key=lambda style: labels[style]), note=max(NoteStyle, key=lambda style: notes[style])
    )


def _make_texts(arrangement: Arrangement, head: str, known: Texts, style: LineStyle) -> Texts:
    if arrangement.is_shipped:
        return replace(known, head=head, style=style)
    taxonomy = arrangement.taxonomy
    return Texts(
        head,
        {part: part.heading for part in taxonomy.parts},
        {topic: topic.heading for topic in taxonomy.topics},
        style,
    )


def _make_line(
    page: Page,
    line: ListedLine,
    section: Section,
    organisation: str | None,
    style: LineStyle,
    left: list[tuple[str, Remark]],
) -> Line:
    try:
        note = join_note(line.note)
    except DigestError as error:
        note = ""
        left.append((page.name, Remark(line.number, t("Its note is not kept: {why}.", why=error))))
    label = line.label or style.label
    return Line(section, line.title, line.url, line.month, organisation, note, None, label)


def _find_chosen(url: str, issue: IssueName, chosen: Mapping[str, datetime], zone: ZoneInfo) -> date | Month | None:
    clean = clean_url(url)
    moment = chosen.get(canonicalise_url(clean)) if clean else None
    day, named = moment.astimezone(zone).date() if moment else None, issue.day or issue.month
    # Issues that came out before the history began were all committed with it.
    return named if named and (day is None or day > _last_day(named)) else day


def _last_day(chosen: date | Month) -> date:
    return chosen.last_day if isinstance(chosen, Month) else chosen


def _read_exactly(pages: Sequence[Page], texts: Texts, lines: Sequence[AdoptedLine]) -> tuple[AdoptedLine, ...] | None:
    """The lines as our own reader has them, byte for byte, if it reads the pages and finds the same ones."""
    found: list[tuple[str, int, Line]] = []
    for page in pages:
        try:
            read: ReadDigest = read_digest(page.text, texts)
        except DigestError:
            return None
        found += [(page.name, number, line) for number, line in zip(read.numbers, read.digest.lines, strict=True)]
    if [(name, number) for name, number, _ in found] != [(each.page, each.number) for each in lines]:
        return None
    return tuple(replace(each, line=line) for each, (_, _, line) in zip(lines, found, strict=True))


def _drop_repeated(lines: Iterable[AdoptedLine], left: list[tuple[str, Remark]]) -> tuple[AdoptedLine, ...]:
    """Each line once: pages that repeat an earlier issue say nothing new."""
    found: dict[tuple[str, str], AdoptedLine] = {}
    for each in lines:
        first = found.setdefault((each.line.url, each.line.title), each)
        if first is not each:
            said = t("This line is kept once, as on line {number} of {page}.", number=first.number, page=first.page)
            left.append((each.page, Remark(each.number, said)))
    return tuple(found.values())
