"""A year of digests: what was printed in it, counted, and its highlights as a digest of their own. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.digest.escape import escape_text, unescape_text
from aggregator.digest.order import order_lines
from aggregator.digest.page import name_line
from aggregator.locales import t, tn
from aggregator.types import Digest, Line, Month, Section, Texts

# So many organisations are named, if each was printed at least so often.
_MOST_ORGANISATIONS = 10
_OFTEN = 2


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines a month or a section has, and how many of them are highlights."""

    lines: int
    highlights: int


@dataclass(frozen=True, slots=True)
class Year:
    """What was printed in a year, in every digest and page that is known of it. Each post counts once."""

    year: int
    #: In the months of their digests; a line that only a page has is in its own.
    months: Mapping[Month, Count]
    #: Those that have lines, in the order of the digest.
    sections: Mapping[Section, Count]
    #: The lines of sections that the digest does not have any more.
    elsewhere: int
    #: The names that were printed most often, with how often.
    organisations: Sequence[tuple[str, int]]
    highlights: tuple[Line, ...]

    @property
    def lines(self) -> int:
        return sum(count.lines for count in self.months.values())


def count_year(
    year: int,
    published: Iterable[tuple[Month | None, Sequence[Line]]],
    stars: Mapping[str, bool],
    texts: Texts,
) -> Year:
    """Count the lines of a year. *published* are the lines of digests, each with its month, and of pages, with None.

    A line is a highlight if the curator has starred its post since, or has not taken the star that it was printed with:
    *stars* is what the curator says now, by canonical address.
    """
    found: dict[str, tuple[Month, Line]] = {}
    # A page repeats what digests have.
    for month, lines in sorted(published, key=lambda pair: (pair[0] is None, str(pair[0]))):
        for line in lines:
            if printed_in := month or line.month:
                found.setdefault(name_line(line), (printed_in, line))
    of_year = [
        (month, replace(line, star="" if stars.get(name, line.is_highlight) else None))
        for name, (month, line) in found.items()
        if month.year == year
    ]
    known = {section.key: section for section in texts.taxonomy.sections}
    placed = [replace(line, section=known[line.section.key]) for _, line in of_year if line.section.key in known]
    by_section = {section: [line for line in placed if line.section == section] for section in known.values()}
    months = sorted({month for month, _ in of_year})
    names = Counter(unescape_text(line.organisation) for _, line in of_year if line.organisation)
    return Year(
        year,
        {month: _count(line for printed_in, line in of_year if printed_in == month) for month in months},
        {section: _count(lines) for section, lines in by_section.items() if lines},
        len(of_year) - len(placed),
        [(name, times) for name, times in names.most_common(_MOST_ORGANISATIONS) if times >= _OFTEN],
        order_lines(line for line in placed if line.is_highlight),
    )


def _count(lines: Iterable[Line]) -> Count:
    starred = [line.is_highlight for line in lines]
    return Count(len(starred), sum(starred))


def compose_year(year: Year, texts: Texts) -> Digest:
    """The highlights of a year as a digest, whose head has the counts. It is read back like any other."""
    head = "\n\n".join(
        [
            "# " + t("{year} in review", year=year.year),
            *map(escape_text, say_year(year)),
            _render_table(t("Month"), [(month.name, count) for month, count in year.months.items()]),
            _render_table(
                t("Section"), [(name_place(section, texts), count) for section, count in year.sections.items()]
            ),
        ]
    )
    lines = tuple(replace(line, star=None) for line in year.highlights)
    return Digest(replace(texts, head=f"{head}\n\n"), lines)


def say_year(year: Year) -> list[str]:
    """What was printed in a year, in sentences: how much, what of it is starred, and by whom most of it was."""
    printed = tn("{number} line was printed", "{number} lines were printed", year.lines)
    if year.highlights:
        said = tn(
            "{printed}; {number} is a highlight and stands below.",
            "{printed}; {number} are highlights and stand below.",
            len(year.highlights),
            printed=printed,
        )
    else:
        said = t("{printed}. They have no stars, so only the counts are given.", printed=printed)
    names = ", ".join(f"{name} ({times})" for name, times in year.organisations)
    return [
        said,
        *([t("Printed most often: {names}.", names=names)] if names else []),
        *(
            [
                tn(
                    "{number} line is of a section that the digest does not have any more.",
                    "{number} lines are of sections that the digest does not have any more.",
                    year.elsewhere,
                )
            ]
            if year.elsewhere
            else []
        ),
    ]


def name_place(section: Section, texts: Texts) -> str:
    """``2.4. PART: TOPIC``, with the headings of the digest."""
    headings = [
        heading
        for number, heading in (
            (section.part.number, texts.parts[section.part]),
            (section.topic.number, texts.topics[section.topic]),
        )
        if number
    ]
    return f"{section}. {': '.join(headings)}"


def _render_table(what: str, counts: Sequence[tuple[str, Count]]) -> str:
    lines, highlights = t("Lines"), t("Highlights")
    rows = [f"| {what} | {lines} | {highlights} |", "|---|---:|---:|"]
    # A bar would begin the next cell.
    rows += [f"| {name.replace('|', chr(92) + '|')} | {count.lines} | {count.highlights} |" for name, count in counts]
    return "\n".join(rows)
