"""Looks for mistakes on a published page, by line, with a fix where there is one. Pure.

Nothing is changed here: a fix is an edit that a person takes or leaves.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from urllib.parse import urlsplit

from aggregator.addresses.urls import clean_url, host_of, tidy_url
from aggregator.dates.read import find_url_date, read_month_name
from aggregator.digest.blocks import Sort
from aggregator.digest.compose import find_flaw
from aggregator.digest.escape import encode_address, unescape_text
from aggregator.digest.extent import find_mistaken
from aggregator.digest.house.organisations import Named, learn_organisations
from aggregator.digest.links import say_link
from aggregator.digest.markdown import read_words
from aggregator.digest.notes import join_note
from aggregator.digest.order import find_longest_run, get_order_key
from aggregator.digest.page import Edit, Entry, Page, Place, name_line, read_page
from aggregator.digest.render import render_digest, render_line, render_part_heading, render_section_heading
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.types import Digest, Extent, Line, LinkCheck, Month, Section, Texts

# A host whose lines name its organisation at least so often, and no other, has it.
_ENOUGH = 2
# Fixes may make others possible, such as the order once a year is right. So many rounds are enough for that.
_ROUNDS = 5

#: A label as it should not be: "Sept 2026", "December 2022", "2022-12".
_ODD_LABEL = re.compile(r"\(([A-Za-z]{3,9})\.?,? (\d{4})(?:,([^()]*))?\)")


class Rule(StrEnum):
    """What was looked for."""

    HEADING = "heading"
    EMPTY = "empty section"
    PLACE = "place"
    MARKUP = "markup"
    LABEL = "label"
    MONTH = "month"
    ORGANISATION = "organisation"
    ADDRESS = "address"
    LINK = "link"
    DUPLICATE = "duplicate"
    ORDER = "order"
    SPACES = "spaces"
    TITLE = "title"


#: What is wrong with a line wherever it stands.
_OF_LINE = set(Rule) - {Rule.HEADING, Rule.EMPTY, Rule.PLACE, Rule.ORDER}


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake on one line of the page."""

    #: The line, from 1.
    number: int
    rule: Rule
    sentence: str
    #: Edits that cure it, in the order of the page; none if a person has to decide.
    fix: tuple[Edit, ...] = ()
    #: The line as it should be, if the fix is about one.
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the page."""

    #: The present month; no line is of a later one.
    present: Month
    #: By canonical address: where else a post was printed.
    printed: Mapping[str, Extent] = field(default_factory=dict)
    #: By canonical address: the title in house style, as Markdown, if it is another one.
    titles: Mapping[str, str] = field(default_factory=dict)
    #: By canonical address: the last look at it.
    links: Mapping[str, LinkCheck] = field(default_factory=dict)


def lint_page(text: str, texts: Texts, known: Known) -> list[Finding]:
    """List the mistakes of a page, in the order of its lines. Its own headings are right as they stand; *texts* are for
    those that it does not have.

    Raises DigestError, naming the line, if a code fence or a comment is never closed.
    """
    page = read_page(text, texts)
    texts = page.texts = _take_headings(page)
    findings = [*_check_headings(page), *_check_stray(page)]
    lines = [entry for place in page.places if _find_section(place, texts) for entry in place.entries if entry.line]
    mistaken = find_mistaken([entry.line.month for entry in lines if entry.line], present=known.present)
    years = {lines[at].first: _guess_year(lines[at], month, known.present) for at, month in mistaken.items()}
    named = [(host_of(entry.line.url), entry.line.organisation) for entry in lines if entry.line]
    organisations = learn_organisations(named, least=_ENOUGH, share=1.0)
    for entry in lines:
        findings += _check_line(entry, years.get(entry.first), organisations, known)
    findings += _check_duplicates(lines, known.printed)
    for place in page.places:
        if _find_section(place, texts):
            dated = [entry for entry in place.entries if entry.line and entry.first not in years]
            findings += _check_order(dated, stars_first=texts.style.are_first)
    return sorted(findings, key=lambda finding: finding.number)


def lint_line(line: Line, texts: Texts, known: Known) -> list[Finding]:
    """List the mistakes of one line as it would be printed, without those that its neighbours would show."""
    return [one for one in lint_page(render_digest(Digest(texts, (line,))), texts, known) if one.rule in _OF_LINE]


def fix_page(text: str, texts: Texts, known: Known, numbers: Iterable[int] | None = None) -> str:
    """Apply the fixes of a page: those of the lines with these *numbers*, or all."""
    wanted = None if numbers is None else set(numbers)
    for _ in range(_ROUNDS if wanted is None else 1):
        found = lint_page(text, texts, known)
        edits = list_edits(choose_fixes(one for one in found if wanted is None or one.number in wanted))
        if not edits:
            break
        text = read_page(text, texts).apply(edits)
    return text


def _guess_year(entry: Entry, nearest: Month, present: Month) -> Month:
    """Guess the month that a mistyped one means: *nearest* if its name is the same, else the last one of that name."""
    assert entry.line  # noqa: S101 - only dated lines are mistaken
    meant = entry.line.month.month if entry.line.month else nearest.month
    return nearest if meant == nearest.month else Month(present.year - (meant > present.month), meant)


def choose_fixes(findings: Iterable[Finding]) -> list[Finding]:
    """Choose the findings with a fix that does not touch the lines of an earlier one."""
    chosen: list[Finding] = []
    touched: set[int] = set()
    for finding in findings:
        lines = {at for edit in finding.fix for at in range(edit.first, max(edit.end, edit.first + 1))}
        if lines and not touched & lines:
            touched |= lines
            chosen.append(finding)
    return chosen


def list_edits(findings: Iterable[Finding]) -> list[Edit]:
    """List the edits of fixes that do not touch each other, in the order of the page."""
    return sorted((edit for one in findings for edit in one.fix), key=lambda edit: (edit.first, edit.end))


# --- headings ---------------------------------------------------------------------------------------------------------


def _take_headings(page: Page) -> Texts:
    """The texts with the headings of the page, each as it stands there first."""
    parts, topics = dict(page.texts.parts), dict(page.texts.topics)
    for heading in reversed([place.heading for place in page.places if place.heading and place.heading.text]):
        if heading.topic and heading.is_of_topic:
            topics[heading.topic] = heading.text
        else:
            parts[heading.part] = heading.text
    return replace(page.texts, parts=parts, topics=topics)


def _find_section(place: Place, texts: Texts) -> Section | None:
    numbers = place.numbers
    return next(
        (one for one in texts.taxonomy.sections if (one.part.number, one.topic.number) == numbers),
        None,
    )


def _check_headings(page: Page) -> Iterator[Finding]:
    highest = (0, 0)
    seen: dict[tuple[int, int], int] = {}
    for place, following in pairwise([*page.places, None]):
        if place is None or place.numbers is None:
            continue
        number, numbers = place.block.number, place.numbers
        if numbers in seen:
            said = t("This heading is on line {number} already.", number=seen[numbers])
            yield Finding(number, Rule.HEADING, said)
        elif numbers < highest:
            yield Finding(number, Rule.HEADING, t("This heading is out of its order."))
        seen.setdefault(numbers, number)
        highest = max(highest, numbers)
        printed = _render_heading(place, page.texts)
        if printed != place.block.lines[0]:
            fix = (Edit(place.first, place.first + 1, (printed,)),)
            yield Finding(number, Rule.HEADING, t("The heading should be “{heading}”.", heading=printed), fix)
        if _is_empty(place, following):
            fix = (Edit(place.first, place.first + 1 + bool(place.block.gap), ()),)
            yield Finding(number, Rule.EMPTY, t("No line follows this heading."), fix)


def _render_heading(place: Place, texts: Texts) -> str:
    section = _find_section(place, texts)
    if section and section.topic.number:
        return render_section_heading(section, texts)
    assert place.numbers  # noqa: S101 - the caller has looked
    part = next(part for part in texts.taxonomy.parts if part.number == place.numbers[0])
    return render_part_heading(part, texts)


def _is_empty(place: Place, following: Place | None) -> bool:
    if place.entries:
        return False
    holds = following and following.numbers and place.numbers and place.numbers[1] == 0
    return not (holds and following and following.numbers and following.numbers[0] == (place.numbers or (0, 0))[0])


def _check_stray(page: Page) -> Iterator[Finding]:
    """Find bullets that are not lines, and text outside of lines."""
    for place in page.places:
        is_ours = _find_section(place, page.texts) is not None
        for entry in place.entries:
            if entry.line is None:
                yield Finding(entry.block.number, Rule.MARKUP, t("This line has no link."))
            elif place.numbers and not is_ours:
                yield Finding(entry.block.number, Rule.PLACE, t("This line is in no section."))
        if place.numbers and place.blocks and place.blocks[0].sort is Sort.TEXT:
            yield Finding(place.blocks[0].number, Rule.PLACE, t("This text belongs to no line."))


# --- single lines -----------------------------------------------------------------------------------------------------


def _check_line(
    entry: Entry, year: Month | None, organisations: Mapping[str, Named], known: Known
) -> Iterator[Finding]:
    line = entry.line
    if line is None:
        return
    yield from _check_markup(entry)
    yield from _check_spaces(entry, line)
    yield from _check_address(entry, line)
    yield from _check_link(entry, line, known.links.get(name_line(line)))
    yield from _check_month(entry, line, year)
    yield from _check_organisation(entry, line, organisations)
    title = known.titles.get(name_line(line))
    if title and title != line.title:
        said = t("House style has “{title}”.", title=unescape_text(title))
        yield _find(entry, Rule.TITLE, said, replace(line, title=title))


def _find(entry: Entry, rule: Rule, said: str, line: Line | None = None) -> Finding:
    """Make a finding, with the line as it should be if that is known."""
    fix = (entry.replace(render_line(line).split("\n")),) if line else ()
    return Finding(entry.block.number, rule, said, fix, line)


def _check_markup(entry: Entry) -> Iterator[Finding]:
    assert entry.bullet  # noqa: S101 - the caller has looked
    assert entry.line  # noqa: S101
    if entry.bullet.flaw:
        yield _find(entry, Rule.MARKUP, t("Markdown shows no link here: {reason}.", reason=t(entry.bullet.flaw)))
    elif flaw := find_flaw(entry.line.title):
        yield _find(entry, Rule.MARKUP, t("The title would break the link: {reason}.", reason=flaw))
    elif "*" in read_words(entry.line.title)[0].replace("\\*", ""):
        yield _find(entry, Rule.MARKUP, t("Emphasis in the title is not closed."))
    try:
        join_note(entry.line.note)
    except DigestError as error:
        yield _find(entry, Rule.MARKUP, t("The note would break the page: {reason}.", reason=error))


def _check_spaces(entry: Entry, line: Line) -> Iterator[Finding]:
    first, *below = entry.block.lines
    # Two spaces before another line are a line break in Markdown.
    end = "" if not below or not first.endswith("  ") else "  "
    head, *rest = line.note.split("\n")
    note = "\n".join([head.rstrip() + end, *rest])
    tidy = replace(line, title=re.sub(r" {2,}", " ", line.title).strip(), note=note)
    printed = render_line(tidy).split("\n")[0]
    if first != printed and _squeeze(first) == _squeeze(printed):
        yield _find(entry, Rule.SPACES, t("There are stray spaces."), tidy)


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _check_address(entry: Entry, line: Line) -> Iterator[Finding]:
    url = clean_url(line.url)
    if url is None:
        yield _find(entry, Rule.ADDRESS, t("The address is not an http or https address."))
        return
    tidied = tidy_url(url)
    if tidied != url or urlsplit(tidied).query != urlsplit(line.url).query:
        yield _find(entry, Rule.ADDRESS, t("The address can be {address}.", address=tidied), replace(line, url=tidied))


def _check_link(entry: Entry, line: Line, check: LinkCheck | None) -> Iterator[Finding]:
    if check is None:
        return
    if check.state.is_gone:
        yield _find(entry, Rule.LINK, say_link(check))
    elif check.target and check.target != clean_url(line.url):
        moved = replace(line, url=encode_address(check.target))
        yield _find(entry, Rule.LINK, say_link(check), moved)


def _check_month(entry: Entry, line: Line, year: Month | None) -> Iterator[Finding]:
    dated = find_url_date(line.url)
    of_address = Month(dated.year, dated.month) if dated else None
    if line.month is None:
        yield from _check_label(entry, line, of_address)
    elif year:
        right = of_address or year
        said = t("{label} is far from all other lines. Is it {right}?", label=line.month.label, right=right.label)
        yield _find(entry, Rule.MONTH, said, replace(line, month=right))
    elif of_address and of_address != line.month:
        said = t("The address says {month}.", month=of_address.label)
        yield _find(entry, Rule.MONTH, said, replace(line, month=of_address))


def _check_label(entry: Entry, line: Line, of_address: Month | None) -> Iterator[Finding]:
    """A line without a month: perhaps its label is only written in another way."""
    start = line.title.rfind("(")
    odd = _ODD_LABEL.fullmatch(line.title, start) if start >= 0 else None
    number = read_month_name(odd[1]) if odd else None
    if odd and number:
        month = Month(int(odd[2]), number)
        organisation = (odd[3] or "").strip() or None
        title = line.title[:start].rstrip()
        said = t("The label should be “{label}”.", label=month.label)
        yield _find(entry, Rule.LABEL, said, replace(line, title=title, month=month, organisation=organisation))
    else:
        said = t("The line does not name a month.")
        yield _find(entry, Rule.LABEL, said, replace(line, month=of_address) if of_address else None)


def _check_organisation(entry: Entry, line: Line, organisations: Mapping[str, Named]) -> Iterator[Finding]:
    if line.month is None:
        return
    if not line.section.part.prints_organisation:
        if line.organisation:
            said = t("Lines of this part do not name an organisation.")
            yield _find(entry, Rule.ORGANISATION, said, replace(line, organisation=None))
    elif line.organisation is None and (usual := organisations.get(host_of(line.url))):
        said = t("Other lines of this site name {organisation}.", organisation=usual.name)
        yield _find(entry, Rule.ORGANISATION, said, replace(line, organisation=usual.name))


# --- lines among others -----------------------------------------------------------------------------------------------


def _check_duplicates(entries: Sequence[Entry], printed: Mapping[str, Extent]) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for entry in entries:
        assert entry.line  # noqa: S101 - the caller has looked
        name = name_line(entry.line)
        if name in seen:
            yield _find(entry, Rule.DUPLICATE, t("The same post is on line {number}.", number=seen[name]))
        elif extent := printed.get(name):
            yield _find(entry, Rule.DUPLICATE, _say_printed(extent))
        seen.setdefault(name, entry.block.number)


def _say_printed(extent: Extent) -> str:
    if extent.month:
        return t("It was printed in the digest of {month}.", month=extent.month.name)
    return t("It is on the page that was printed up to {day}.", day=extent.until)


def _check_order(entries: Sequence[Entry], *, stars_first: bool) -> Iterator[Finding]:
    """Find the fewest lines that have to move so that the section is in order."""
    keys = [get_order_key(entry.line, stars_first=stars_first) for entry in entries if entry.line]
    kept = find_longest_run(keys)
    ordered = [entries[at] for at in kept]
    ordered_keys = [keys[at] for at in kept]
    staying = set(kept)
    for at, entry in enumerate(entries):
        if at in staying:
            continue
        place = bisect_right(ordered_keys, keys[at])
        below = ordered[place] if place < len(ordered) else None
        above = ordered[-1]
        to = below.first if below else above.first + len(above.block.lines)
        said = (
            t("By the order, it belongs above line {number}.", number=below.block.number)
            if below
            else t("By the order, it belongs below line {number}.", number=above.block.number)
        )
        edits = sorted([Edit(to, to, tuple(entry.block.lines)), entry.replace([])], key=lambda edit: edit.first)
        yield Finding(entry.block.number, Rule.ORDER, said, tuple(edits))
