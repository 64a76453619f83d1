"""Compares a page with the receipts of its lines. Pure, but for the paths of files, which are compared as they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.digest.order import find_longest_run
from aggregator.digest.page import Entry, Page, Place, name_line, read_page, split_lines
from aggregator.digest.receipts.form import ReceiptForm, Receipts, sum_up
from aggregator.exceptions import DigestError
from aggregator.locales import t


class DifferenceKind(StrEnum):
    """How a page differs from its receipts."""

    #: A hand has changed the line.
    CHANGED = "changed"
    #: The page does not have the line of a receipt.
    MISSING = "missing"
    #: A line of a month with receipts has none.
    WITHOUT_RECEIPT = "without receipt"
    SECTION = "section"
    ORDER = "order"
    #: The text of a receipt and its checksum do not agree.
    RECEIPT = "receipt"
    #: The month's own file differs outside of its lines.
    AROUND = "around"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a page and its receipts."""

    kind: DifferenceKind
    #: The line of the page, from 1; None for what is not on it.
    number: int | None
    #: The month of the receipt.
    month: str | None
    #: What the receipt says, and what the page says: lines, or numbers of sections.
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Found:
    """Receipts, and the file that they were read from."""

    file: Path
    receipts: Receipts


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of comparing a page with its receipts."""

    differences: tuple[Difference, ...]
    #: Lines that stand as their receipts say, and the receipts of those that were put right through the program.
    agreeing: int
    corrected: tuple[tuple[str, ReceiptForm], ...]
    #: Lines of months without receipts: nothing is known of them.
    unknown: int
    #: Those that are of the page, by month.
    used: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class _Expected:
    """A line that is to be on the page."""

    found: Found
    receipt: ReceiptForm
    #: The forms in which it may stand there, the likeliest first.
    texts: tuple[str, ...]

    @property
    def month(self) -> str:
        return self.found.receipts.month


@dataclass(frozen=True, slots=True)
class _Standing:
    """A line of the page, and the section that it stands in."""

    place: Place
    entry: Entry

    @property
    def number(self) -> int:
        return self.entry.block.number


def verify_page(file: Path, text: str, found: Sequence[Found], *, are_chosen: bool = False) -> Verified:
    """Compare a page with all receipts that were found for it, or *are chosen* for it by a person.

    Raises DigestError if a code fence or a comment of the page is never closed, and without receipts.
    """
    used, expected = _choose(file, text, found, are_chosen=are_chosen)
    if not used:
        raise DigestError(t("no receipts were found for {file}; name their files with --receipts", file=file))
    page = read_page(text, used[-1].receipts.texts)
    standing = [_Standing(place, entry) for place in page.places for entry in place.entries if entry.line]
    pairs, missing, left = _match(expected, standing)
    months = {each.receipts.month for each in used}
    own = [each for each in used if _is_own(file, each)]
    without = [one for one in left if own or (one.entry.line and str(one.entry.line.month) in months)]
    differences = [
        *_list_broken(expected),
        *_list_changed(pairs),
        *_list_misplaced(page, pairs),
        *_list_disordered(pairs, is_own=bool(own)),
        *(Difference(DifferenceKind.MISSING, None, one.month, one.texts[0], "") for one in missing),
        *(Difference(DifferenceKind.WITHOUT_RECEIPT, one.number, None, "", one.entry.text) for one in without),
    ]
    if not differences:
        differences += _list_around(text, own)
    named = {one.number for one in differences if one.number}
    return Verified(
        tuple(sorted(differences, key=lambda one: (one.number or 0, one.month or "", one.old))),
        sum(one.number not in named for _, one in pairs),
        tuple((one.month, one.receipt) for one, _ in pairs if one.receipt.changes),
        len(left) - len(without),
        used,
    )


# --- which receipts are of a page -------------------------------------------------------------------------------------


def _choose(
    file: Path, text: str, found: Sequence[Found], *, are_chosen: bool
) -> tuple[tuple[Found, ...], list[_Expected]]:
    """Choose the receipts that name this page, and what they expect on it. If none does, because it was copied from
    elsewhere, those are of it that have a line there, or all that a person has chosen; and each line may stand as in
    the file of its month or as on a page.
    """
    found = sorted(found, key=lambda each: each.receipts.month)
    own = [each for each in found if _is_own(file, each)]
    if own:
        return tuple(own), [_Expected(one, line, (line.text,)) for one in own for line in one.receipts.lines]
    placed = [
        _Expected(one, line, (line.page_text or line.text,))
        for one in found
        for line in one.receipts.lines
        if line.page and _is_named(file, one.file, line.page)
    ]
    if placed:
        months = {each.month for each in placed}
        return tuple(each for each in found if each.receipts.month in months), placed
    if not are_chosen:
        there = set(split_lines(text)[0])
        found = [one for one in found if any(_has_line(there, line) for line in one.receipts.lines)] or found
    both = [
        _Expected(one, line, tuple(dict.fromkeys((line.page_text or line.text, line.text))))
        for one in found
        for line in one.receipts.lines
    ]
    return tuple(found), both


def _has_line(there: AbstractSet[str], line: ReceiptForm) -> bool:
    return any(text.split("\n")[0] in there for text in (line.text, line.page_text or line.text))


def _is_own(file: Path, found: Found) -> bool:
    own = found.receipts.file
    return own is not None and _is_named(file, found.file, own.name)


def _is_named(file: Path, beside: Path, name: str) -> bool:
    # Of strangers: a name that is too long, or a link to itself, names another file.
    named = os.path.realpath(beside.parent / name)
    return named == os.path.realpath(file) or ("/" not in name and not os.path.exists(named) and file.name == name)


# --- what differs -----------------------------------------------------------------------------------------------------


def _match(
    expected: Sequence[_Expected], standing: Sequence[_Standing]
) -> tuple[list[tuple[_Expected, _Standing]], list[_Expected], list[_Standing]]:
    """Find the line of each receipt: the same text, else the same address, else the same title. Returns the pairs in
    the order of the receipts, and what is left on both sides.
    """
    chosen: dict[int, _Standing] = {}
    taken: set[int] = set()
    ways: tuple[tuple[Callable[[_Expected], Iterable[str]], Callable[[_Standing], str]], ...] = (
        (lambda one: one.texts, lambda one: one.entry.text),
        (lambda one: [_name_url(one.receipt.url)], lambda one: name_line(one.entry.line) if one.entry.line else ""),
        (lambda one: [one.receipt.title], lambda one: one.entry.line.title if one.entry.line else ""),
    )
    for list_keys, get_key in ways:
        by_key: dict[str, list[_Standing]] = {}
        for one in reversed(standing):
            if one.number not in taken:
                by_key.setdefault(get_key(one), []).append(one)
        for at, wanted in enumerate(expected):
            there = next((by_key[key] for key in list_keys(wanted) if by_key.get(key)), None)
            if at not in chosen and there:
                chosen[at] = there.pop()
                taken.add(chosen[at].number)
    return (
        [(expected[at], chosen[at]) for at in sorted(chosen)],
        [one for at, one in enumerate(expected) if at not in chosen],
        [one for one in standing if one.number not in taken],
    )


def _name_url(url: str) -> str:
    """Return what tells the post at an address from others, as ``name_line`` does."""
    clean = clean_url(url)
    return canonicalise_url(clean) if clean else url


def _list_broken(expected: Sequence[_Expected]) -> list[Difference]:
    return [
        Difference(DifferenceKind.RECEIPT, None, one.month, one.receipt.sha256, one.receipt.text)
        for one in expected
        if sum_up(one.receipt.text) != one.receipt.sha256
    ]


def _list_changed(pairs: Sequence[tuple[_Expected, _Standing]]) -> list[Difference]:
    return [
        Difference(DifferenceKind.CHANGED, there.number, wanted.month, wanted.texts[0], there.entry.text)
        for wanted, there in pairs
        if there.entry.text not in wanted.texts
    ]


def _list_misplaced(page: Page, pairs: Sequence[tuple[_Expected, _Standing]]) -> list[Difference]:
    """List the lines in other sections. By keys, because the settings may have numbered them anew since; by numbers
    for sections that the newest receipts do not have.
    """
    taxonomy = page.texts.taxonomy
    found = []
    for wanted, there in pairs:
        section = taxonomy.find_section(f"{wanted.receipt.part}/{wanted.receipt.topic}")
        number = str(section) if section else wanted.receipt.section
        if number != (stands_in := ".".join(str(each) for each in there.place.numbers or () if each)):
            found.append(Difference(DifferenceKind.SECTION, there.number, wanted.month, number, stands_in))
    return found


def _list_disordered(pairs: Sequence[tuple[_Expected, _Standing]], *, is_own: bool) -> list[Difference]:
    """List the fewest lines that would have to move. On a cumulative page a line that was changed through the program
    keeps its place, so that only the others are compared.
    """
    groups: dict[tuple[str, str], list[tuple[_Expected, _Standing]]] = {}
    for wanted, there in pairs:
        if is_own or not wanted.receipt.changes:
            groups.setdefault((wanted.month, wanted.receipt.section), []).append((wanted, there))
    found = []
    for (month, _), group in groups.items():
        kept = set(find_longest_run([there.number for _, there in group]))
        for at, (wanted, there) in enumerate(group):
            if at not in kept:
                found.append(Difference(DifferenceKind.ORDER, there.number, month, wanted.texts[0], there.entry.text))
    return found


def _list_around(text: str, own: Sequence[Found]) -> list[Difference]:
    return [
        Difference(DifferenceKind.AROUND, None, each.receipts.month, each.receipts.file.sha256, sum_up(text))
        for each in own
        if each.receipts.file and each.receipts.file.sha256 != sum_up(text)
    ]
