"""Merges the lines of a month into a page that a person keeps: a cumulative README, edited by hand between two prints.

What a hand wrote stays byte for byte where it is: nothing is sorted anew, and a line that was edited or removed since
the last print is left alone, with a remark. Every edit is an insertion, a replacement or a removal of whole lines, so
the difference is known without comparing the two pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from aggregator.digest.blocks import Sort
from aggregator.digest.foot import Foot, is_unchanged
from aggregator.digest.order import get_order_key, get_place, order_lines
from aggregator.digest.page import Edit, Entry, Page, Place, name_line, read_page, split_lines
from aggregator.digest.read import Remark
from aggregator.digest.render import render_digest, render_line, render_part_heading, render_section_heading
from aggregator.locales import t
from aggregator.types import Digest, Line, Section


@dataclass(frozen=True, slots=True)
class Merged:
    """A page after a merge, and what was done to it."""

    text: str
    #: In the order of the page, without overlaps.
    edits: tuple[Edit, ...]
    #: What was left as a hand wrote it, although the month says something else.
    remarks: tuple[Remark, ...]
    #: The lines of the foot before and after, if they were replaced.
    foot: tuple[Sequence[str], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class NewFoot:
    """What a page is to say at its foot about how its last issue was chosen."""

    lines: Sequence[str]
    #: What is to stand there now; None for anything that no hand has changed.
    instead_of: Sequence[str] | None = None


def merge_digest(page: str, now: Digest, before: Digest | None = None, *, foot: NewFoot | None = None) -> Merged:
    """Merge the lines of *now* into a page. *before* is what the last print merged into it, if there was one.

    A line that is not on the page is inserted into its section, which is added if it is missing: newer months first,
    as ``order_lines`` sorts, before the first line that belongs below it. A line of the last print that stands there
    unchanged is replaced, or removed if *now* does not have it. Without a new *foot*, the foot stays.

    Raises DigestError, naming the line, if a code fence or a comment of the page is never closed.
    """
    if not page.strip():
        lines = foot.lines if foot else ()
        text = render_digest(replace(now, foot="".join(line + "\n" for line in lines)))
        return Merged(text, (Edit(0, 0, tuple(split_lines(text)[0])),), (), ((), lines) if lines else None)
    read = read_page(page, now.texts)
    edits, remarks, missing = _compare(read, now, before)
    removed = {edit.first for edit in edits if not edit.lines}
    edits = _leave_out_empty(read, edits, removed, {get_place(line.section) for line in missing})
    edits += _insert(read, missing, removed)
    feet = None
    if foot:
        changed, left = _replace_foot(read, foot)
        edits, remarks = [*edits, *changed], [*remarks, *left]
        feet = (_list_foot(read), foot.lines) if changed else None
    edits.sort(key=lambda edit: (edit.first, edit.end))
    return Merged(read.apply(edits), tuple(edits), tuple(sorted(remarks, key=lambda remark: remark.number)), feet)


# --- what stands there already ----------------------------------------------------------------------------------------


def _compare(read: Page, now: Digest, before: Digest | None) -> tuple[list[Edit], list[Remark], list[Line]]:
    """Compare the page with what is to be printed: edits of lines that stand there, remarks, and the missing lines."""
    standing: dict[str, Entry] = {}
    for entry in read.entries:
        if entry.line:
            standing.setdefault(name_line(entry.line), entry)
    printed = {name_line(line): line.as_printed for line in before.lines} if before else {}
    wanted = {name_line(line): line.as_printed for line in now.lines}
    found = [_decide(standing.get(name), printed.get(name), line) for name, line in wanted.items()]
    found += [_decide(standing.get(name), old, None) for name, old in printed.items() if name not in wanted]
    return (
        [one.edit for one in found if one.edit],
        [one.remark for one in found if one.remark],
        [one.missing for one in found if one.missing],
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What to do about one line."""

    edit: Edit | None = None
    remark: Remark | None = None
    #: A line to insert.
    missing: Line | None = None


def _decide(entry: Entry | None, old: Line | None, new: Line | None) -> _Decision:
    """Decide about a line that was printed as *old*, stands on the page as *entry* and is to be *new*."""
    if entry is None:
        if new is None or old is None:
            return _Decision(missing=new)
        said = t("“{title}” was removed from the page by hand. It stays out.", title=new.title)
        return _Decision(remark=Remark(0, said))
    if new and entry.text == render_line(new) and (old is None or old.section == new.section):
        return _Decision()
    if old is None or entry.text != render_line(old):
        said = t("This line was written by hand. It stays as it is.")
        return _Decision(remark=Remark(entry.block.number, said) if old != new else None)
    if new and new.section == old.section:
        return _Decision(edit=entry.replace(render_line(new).split("\n")))
    return _Decision(edit=entry.replace([]), missing=new)


def _leave_out_empty(read: Page, edits: list[Edit], removed: set[int], filled: set[tuple[int, int]]) -> list[Edit]:
    """Remove the headings of sections that lose all their lines, and of parts that lose all their sections."""
    emptied: list[bool] = []
    # From the end, so that the sections of a part are known before it.
    kept: set[int] = {numbers[0] for numbers in filled}
    for place in reversed(read.places):
        is_followed = place.is_over and place is not read.places[-1]
        if place.numbers is None or is_followed or any(block.sort is Sort.TEXT for block in place.blocks):
            emptied.append(False)
            continue
        is_part = place.heading is not None and place.heading.topic is None
        lines = [entry.first for entry in place.entries]
        is_empty = place.numbers[0] not in kept if is_part else bool(lines) and removed.issuperset(lines)
        is_empty = is_empty and place.numbers not in filled and bool(removed)
        if not is_empty and not is_part:
            kept.add(place.numbers[0])
        emptied.append(is_empty)
    found = [at for at, is_empty in enumerate(reversed(emptied)) if is_empty]
    wide = [_cut_places(read, list(run)) for run in _list_runs(found)]
    return [edit for edit in edits if not any(each.first <= edit.first < each.end for each in wide)] + wide


def _list_runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Split rising numbers into runs without a gap."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _cut_places(read: Page, run: Sequence[int]) -> Edit:
    """Cut neighbouring headings with all below them, and one of the blank lines around."""
    first, last = read.places[run[0]], read.places[run[-1]]
    if run[-1] + 1 < len(read.places):
        return Edit(first.first, read.places[run[-1] + 1].first, ())
    above = next((at for at in range(first.first, 0, -1) if read.lines[at - 1].strip()), 0)
    return Edit(above, last.end, ())


# --- what is added ----------------------------------------------------------------------------------------------------


def _insert(read: Page, missing: Sequence[Line], removed: set[int]) -> list[Edit]:
    """Insert lines; entries that begin at one of the *removed* indexes are not looked at."""
    by_section: dict[Section, list[Line]] = {}
    stars_first = read.texts.style.are_first
    for line in order_lines(missing, stars_first=stars_first):
        by_section.setdefault(line.section, []).append(line)
    places = {place.numbers: place for place in reversed(read.places) if place.numbers}
    known = set(places)
    edits: list[Edit] = []
    for section, lines in by_section.items():
        if place := places.get(get_place(section)):
            edits += _insert_into(place, lines, removed, stars_first=stars_first)
        else:
            edits.append(_add_section(read, section, lines, known))
    return _join(edits)


def _insert_into(place: Place, lines: Sequence[Line], removed: set[int], *, stars_first: bool) -> Iterator[Edit]:
    """Insert ordered lines, each before the first entry that belongs below it."""
    left = iter([entry for entry in place.entries if entry.line and entry.first not in removed])
    entry = next(left, None)
    for line in lines:
        # What comes before one line comes before the next one too, because the lines are in order.
        key = get_order_key(line, stars_first=stars_first)
        while entry and entry.line and get_order_key(entry.line, stars_first=stars_first) <= key:
            entry = next(left, None)
        at = entry.first if entry else place.end
        yield Edit(at, at, tuple(render_line(line).split("\n")))


def _add_section(read: Page, section: Section, lines: Sequence[Line], known: set[tuple[int, int]]) -> Edit:
    """Add a section with its heading, and the heading of its part if it is missing, before the next one by number."""
    numbers = get_place(section)
    texts = read.texts
    part = [render_part_heading(section.part, texts)] if section.part.number and (numbers[0], 0) not in known else []
    heading = [render_section_heading(section, texts)] if section.topic.number else []
    known |= {numbers, (numbers[0], 0)}
    block = [*part, *heading, *(each for line in lines for each in render_line(line).split("\n"))]
    following = next((place for place in read.places if place.numbers and place.numbers > numbers), None)
    if following:
        return Edit(following.first, following.first, (*block, ""))
    end = read.end
    is_first = (
        not part and bool(read.places) and read.places[-1].numbers == (numbers[0], 0) and read.places[-1].end == end
    )
    return Edit(end, end, (*([] if is_first or not end else [""]), *block))


def _join(edits: Sequence[Edit]) -> list[Edit]:
    """Join insertions at one place, in their order."""
    joined: dict[int, tuple[str, ...]] = {}
    for edit in edits:
        joined[edit.first] = (*joined.get(edit.first, ()), *edit.lines)
    return [Edit(at, at, lines) for at, lines in joined.items()]


# --- the foot ---------------------------------------------------------------------------------------------------------


def _replace_foot(read: Page, foot: NewFoot) -> tuple[list[Edit], list[Remark]]:
    """Replace what the page says about how its last issue was chosen, unless a hand has changed it."""
    standing = _find_foot(read)
    if standing is None:
        end = next((at for at in range(len(read.lines), 0, -1) if read.lines[at - 1].strip()), 0)
        return ([Edit(end, end, ("", *foot.lines))] if foot.lines and not foot.instead_of else []), []
    lines = _list_foot(read)
    if lines == list(foot.lines) or (foot.instead_of is not None and lines != list(foot.instead_of)):
        return [], []
    if not is_unchanged(standing, read.lines):
        said = t("How the issue was chosen was edited by hand. It stays as it is.")
        return [], [Remark(standing.first + 1, said)]
    # The blank line came with it.
    above = not foot.lines and standing.first > 0 and not read.lines[standing.first - 1].strip()
    return [Edit(standing.first - above, standing.end, tuple(foot.lines))], []


def _find_foot(read: Page) -> Foot | None:
    return next((foot for foot in read.feet if foot.checksum), None)


def _list_foot(read: Page) -> list[str]:
    standing = _find_foot(read)
    return read.lines[standing.first : standing.end] if standing else []
