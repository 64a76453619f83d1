"""Where the parts of an item are: CSS selectors with an attribute (``time@datetime``), expressions for JSON, and
patterns of paths. Owns cssselect and jmespath. Pure.

Only selectors that take linear time are read: what counts or compares siblings, and what looks below an element to
select it, would take the square.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import jmespath
from cssselect import GenericTranslator, HTMLTranslator, SelectorError
from cssselect import parse as parse_css
from cssselect.parser import CombinedSelector, Function, Pseudo, Relation
from jmespath.exceptions import JMESPathError

from aggregator.locales import t

LONGEST = 500
_ATTRIBUTE = re.compile(r"[a-zA-Z_][\w.:-]*")


class Place(NamedTuple):
    """Elements, or an attribute of them."""

    #: CSS; empty for the item itself.
    selector: str
    #: Empty for the text.
    attribute: str


def read_place(text: str) -> Place:
    """Read ``selector``, ``selector@attribute`` or ``@attribute``. Raises ValueError."""
    selector, at, attribute = text.strip().rpartition("@")
    if not at or not _ATTRIBUTE.fullmatch(attribute):
        selector, attribute = text.strip(), ""
    if selector or not attribute:
        translate(selector)
    return Place(selector.strip(), attribute.lower())


@lru_cache(maxsize=512)
def translate(selector: str, prefix: str = "descendant::", *, is_xml: bool = False) -> str:
    """Translate a CSS selector into XPath. Raises ValueError with the reason."""
    if len(selector) > LONGEST:
        raise ValueError(t("a selector of at most {number} characters is needed", number=LONGEST))
    try:
        parsed = parse_css(selector)
        if slow := next((found for one in parsed for found in _list_slow(one.parsed_tree)), ""):
            raise ValueError(t("{part} is not read here; name an element, a class or an attribute", part=slow))
        if any(one.pseudo_element for one in parsed):
            raise ValueError(t("a pseudo-element selects nothing here"))
        translator = GenericTranslator() if is_xml else HTMLTranslator()
        return " | ".join(translator.selector_to_xpath(one, prefix) for one in parsed)
    except (SelectorError, RecursionError) as error:
        raise ValueError(t("a CSS selector is needed: {error}", error=str(error))) from error


def _list_slow(tree: Any) -> Iterator[str]:
    """The parts of a selector that may take more than linear time, as written in CSS."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Pseudo):
            yield f":{node.ident}"
        elif isinstance(node, Function):
            yield f":{node.name}()"
        elif isinstance(node, Relation):
            yield ":has()"
        elif isinstance(node, CombinedSelector) and node.combinator in {"~", "+"}:
            yield node.combinator
        for name in ("selector", "subselector"):
            if (inner := getattr(node, name, None)) is not None and not isinstance(inner, str):
                waiting.append(inner)
        waiting += getattr(node, "selector_list", ())


@lru_cache(maxsize=512)
def read_expression(text: str) -> Any:
    """Read a JMESPath expression. Raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError(t("an expression of at most {number} characters is needed", number=LONGEST))
    try:
        return jmespath.compile(text)
    except (JMESPathError, RecursionError) as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise ValueError(t("a JMESPath expression is needed: {error}", error=reason)) from error


def search(expression: str, data: Any) -> Any:
    """What an expression finds in JSON; None if it finds nothing, or does not fit the data."""
    try:
        return read_expression(expression).search(data)
    except (JMESPathError, TypeError, ValueError, RecursionError):
        return None


def check_pattern(pattern: str) -> str:
    """Raise ValueError unless it is a pattern of paths such as ``/blog/*``, with one star in a name and ``**`` last."""
    *before, last = pattern.strip("/").split("/")
    # Another star would be read as itself, and nothing would fit.
    is_plain = all(name.count("*") < 2 for name in (*before, last if last != "**" else ""))
    if not pattern.startswith("/") or len(pattern) > LONGEST or not is_plain:
        raise ValueError(t("the beginning of a path such as /blog/* is needed; * stands for a name, ** for any path"))
    return pattern


def fits_path(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern: ``*`` is a name in a path, ``**`` any rest. A slash at the end does not matter."""
    names, found = pattern.strip("/").split("/"), path.strip("/").split("/")
    for number, name in enumerate(names):
        if name == "**":
            return number < len(found)
        if number >= len(found) or not _fits_name(name, found[number]):
            return False
    return len(names) == len(found)


def _fits_name(pattern: str, name: str) -> bool:
    """With at most one star in a name, as in ``20*``."""
    head, star, tail = pattern.partition("*")
    if not star:
        return pattern == name
    return bool(name) and len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
