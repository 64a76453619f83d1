"""The first line of a bullet: ``* [Title (Mon YYYY, Org)](url)`` or ``* [Title: Mon YYYY, Org](url)``, and the rest.

The form is that of the printed page (section 4 of the design). Older pages were written by hand, so a little more than
that is accepted; a difference shows when the bullet is printed again and compared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from aggregator.digest.escape import encode_address
from aggregator.digest.scan import find_address_end, find_bracket_end, find_last_parenthesis
from aggregator.locales import mark
from aggregator.types import LabelStyle, Month

#: A star in the first column always begins a bullet; looser openings do only before a link with a month.
_STAR = re.compile(r"\*(?=\s|$)")
_OPENING = re.compile(r" ?[*+-][ \t]*(?=\[)")
_RULE = re.compile(r"\*[ \t]*(?:\*[ \t]*){2,}")
_LABEL = re.compile(r"\(([A-Z][a-z]{2} [0-9]{4})(?:,\s*+(\S.*)|\s*+)\)", re.DOTALL)
#: ``: Mon YYYY`` at the end, or before an organisation.
_AFTER_COLON = re.compile(r":[ \t]++([A-Z][a-z]{2} [0-9]{4})(?=,|\Z)")
#: <address>, or an address with a quoted title after it or spaces around it; we print neither.
_ODD_ADDRESS = re.compile(r"""\(\s*(?:<([^<>]*)>|([^\s()]+))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)""")


@dataclass(frozen=True, slots=True)
class Bullet:
    """What the first line of a bullet says."""

    title: str
    month: Month | None
    organisation: str | None
    url: str
    #: Everything after the link on the same line.
    tail: str
    #: Why Markdown shows no link here, although the intention is clear, in English; None if it shows one.
    flaw: str | None = None
    label: LabelStyle = LabelStyle.BRACKETS


def is_bullet(line: str) -> bool:
    """Whether the line begins a bullet of the page, well-formed or not; nested bullets do not count."""
    if _STAR.match(line):
        return not _RULE.fullmatch(line)
    bullet = parse_bullet(line)
    return bullet is not None and bullet.month is not None and bullet.flaw is None


def straighten(line: str) -> str:
    """The line with the star and space that are printed, if it begins a bullet with a link; else unchanged."""
    opening = _OPENING.match(line)
    return f"* {line[opening.end() :]}" if opening and is_bullet(line) else line


# Each page of a digest reads its lines several times, and a year's page has some hundred.
@lru_cache(maxsize=2048)
def parse_bullet(line: str) -> Bullet | None:
    """Parse the first line of a bullet; None if it has no link."""
    opening = _OPENING.match(line)
    if not opening:
        return None
    close, flaw = _find_close(line, opening.end())
    if close is None:
        return None
    url, end, url_flaw = _read_address(line, close + 1)
    if end is None:
        return None
    title, month, organisation, label = parse_label(line[opening.end() + 1 : close])
    return Bullet(title, month, organisation, url, line[end:], flaw or url_flaw, label)


def _find_close(line: str, start: int) -> tuple[int | None, str | None]:
    """The end of the link's text, and its flaw. Unpaired brackets are accepted if an address follows."""
    close = find_bracket_end(line, start)
    if close is not None and line.startswith("(", close + 1):
        return close, None
    close = line.find("](http", start)
    return (None, None) if close < 0 else (close, mark("the brackets or backticks of the title do not pair"))


def _read_address(line: str, start: int) -> tuple[str, int | None, str | None]:
    """The address in the parentheses at *start*, the index after them (None if there are none), and its flaw."""
    end = None if line.startswith("<", start + 1) else find_address_end(line, start + 1)
    if end is not None:
        return line[start + 1 : end], end + 1, None
    if odd := _ODD_ADDRESS.match(line, start):
        return encode_address(odd[2] or odd[1]), odd.end(), None
    end = line.find(")", start)
    if end < 0:
        return "", None, None
    return line[start + 1 : end], end + 1, mark("the address contains a space or unpaired parentheses")


def parse_label(text: str) -> tuple[str, Month | None, str | None, LabelStyle]:
    """Title, month and organisation of the text of a link, and the style of its label: the last parenthesis, else what
    stands after the last colon before a month.
    """
    text = text.strip()
    start = find_last_parenthesis(text)
    label = _LABEL.fullmatch(text, start) if start is not None else None
    if start is not None and label and (month := _read_month(label[1])):
        return text[:start].rstrip(), month, label[2].rstrip() if label[2] else None, LabelStyle.BRACKETS
    last = next(reversed(list(_AFTER_COLON.finditer(text))), None)
    if last and (title := text[: last.start()].rstrip()) and (month := _read_month(last[1])):
        return title, month, text[last.end() + 1 :].strip() or None, LabelStyle.COLON
    return text, None, None, LabelStyle.BRACKETS


def _read_month(label: str) -> Month | None:
    try:
        return Month.parse_label(label)
    except ValueError:
        return None
