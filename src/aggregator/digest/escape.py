"""Escapes plain words and addresses for the page, so that Markdown shows them as they are.

The rules are those of CommonMark 0.31, of GitHub's strikethrough, and of what GitHub makes of the words after that:
emoji of shortcodes and formulas between dollar signs. A backslash is gone by then, so these marks get a tag of their
own. Only what needs it is escaped, because the curator reads the source: ``snake_case``, ``a < b`` and ``R&D`` stay as
they are.
"""

from __future__ import annotations

import re
import string
from urllib.parse import quote, urlsplit

from aggregator.digest.emoji import SHORTCODE, is_shortcode
from aggregator.digest.scan import is_balanced
from aggregator.exceptions import DigestError
from aggregator.locales import t
from aggregator.text.html import normalise

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
#: Where a formula may begin and where it may end. GitHub looks at one more character; rather too much is escaped.
_FORMULA_BEGINS, _FORMULA_ENDS = re.compile(r"\$(?=\S)"), re.compile(r"(?<=\S)\$")
#: What an escape looks like; the tag keeps its mark apart from what GitHub would read with it.
_ESCAPED = re.compile(rf"\\([{re.escape(string.punctuation)}])|<span>([:$])</span>")
#: Characters that an address must not contain: they end the link, escape, or pair with something in the note.
_UNSAFE_IN_ADDRESS = frozenset(' <>"`\\^{|}')


def escape_text(text: str) -> str:
    """Plain text as Markdown for the inside of a link, with white space collapsed and invisible characters removed."""
    text = normalise(text)
    return _escape(text, has_tildes=text.count("~") > 1, has_formula=_has_formula(text))


def escape_alternative(text: str) -> str:
    """Plain text as Markdown for the words of a picture, which GitHub leaves alone but shows tags of."""
    text = normalise(text)
    return _escape(text, has_tildes=text.count("~") > 1, has_formula=False, has_emoji=False)


def _has_formula(text: str) -> bool:
    begin = _FORMULA_BEGINS.search(text)
    return begin is not None and any(begin.start() < end.start() for end in _FORMULA_ENDS.finditer(text))


def _escape(text: str, *, has_tildes: bool, has_formula: bool, has_emoji: bool = True) -> str:
    apart = {found.start() for found in SHORTCODE.finditer(text) if is_shortcode(found[1])} if has_emoji else set()
    if has_formula:
        apart |= {at for at, mark in enumerate(text) if mark == "$"}

    def write(at: int, mark: str) -> str:
        if at in apart:
            return f"<span>{mark}</span>"
        return "\\" + mark if _needs_escape(text, at, has_tildes=has_tildes) else mark

    return "".join(write(at, mark) for at, mark in enumerate(text))


def _needs_escape(text: str, at: int, *, has_tildes: bool) -> bool:
    before, mark, after = text[at - 1 : at] if at else "", text[at], text[at + 1 : at + 2]
    match mark:
        case "[" | "]" | "`":
            return True
        case "*":
            return not (before == " " == after)
        case "_":
            return not (before == " " == after or (before.isalnum() and after.isalnum()))
        case "\\":
            return not after or after in string.punctuation
        case "<":
            return bool(re.match(r"[A-Za-z/!?]", after))
        case "&":
            return bool(_ENTITY.match(text, at))
        case "~":
            # GitHub strikes out text between two single tildes: "1~2, 3~4" would lose its middle.
            return has_tildes
    return False


def escape_organisation(text: str) -> str:
    """The name of an organisation as Markdown. Unpaired parentheses are escaped because they would end the label, and
    tildes and dollar signs because they could pair with one of the title.
    """
    text = _escape(normalise(text), has_tildes=True, has_formula=True)
    return text if is_balanced(text, "()") else re.sub(r"[()]", r"\\\g<0>", text)


def unescape_text(text: str) -> str:
    """Markdown without its escapes."""
    return _ESCAPED.sub(lambda found: found[1] or found[2], text)


def encode_address(url: str) -> str:
    """An address for the inside of parentheses: spaces and other unsafe characters are percent-encoded.

    Parentheses are kept if they pair, else encoded as ``%28`` and ``%29``. The semicolon of what Markdown would read as
    a reference (``&lt;``) is encoded.
    """
    # Encode first, so that no character is left that is_balanced would read as an escape or code.
    url = "".join(_encode(mark) if _is_unsafe(mark) else mark for mark in url.strip())
    url = _ENTITY.sub(lambda found: f"{found[0][:-1]}%3B", url)
    return url if is_balanced(url, "()") else url.replace("(", "%28").replace(")", "%29")


def _is_unsafe(mark: str) -> bool:
    return mark in _UNSAFE_IN_ADDRESS or not mark.isprintable()


def _encode(mark: str) -> str:
    return quote(mark, safe="", errors="replace")


def check_address(url: str) -> None:
    """Raises DigestError unless *url* is an http or https address with a host."""
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise DigestError(t("the address {address} cannot be read: {why}", address=repr(url), why=error)) from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise DigestError(t("the address {address} is not an http or https address", address=repr(url)))
