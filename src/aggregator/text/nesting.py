"""Rewrites HTML that parsers would need quadratic time for: deep, badly nested, or full of references. Pure."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

import nh3

# Open elements at a time; browsers keep no more than 512.
_DEEPEST = 200
# A text that is no longer and has no more of these takes a parser next to no time; most posts have less.
_SHORT, _FEW_TAGS, _FEW_REFERENCES = 100_000, 2000, 2000
# So many tags may stand at a wrong place before HTML is rewritten, because that changes what is shown of it.
_MOST_MISFITS = 200
_MOST_ATTRIBUTES, _LONGEST_ATTRIBUTE = 100, 10_000

_ATTRIBUTE = r"""[^\t\n\f\r />][^\t\n\f\r />=]*+
    (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >"'][^\t\n\f\r >]*+|(?=>|\Z)))?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE, re.VERBOSE)
# As HTML's own tokeniser takes them; a tag that the text ends in is none.
_TOKEN = re.compile(
    rf"""<(?P<end>/?)(?P<name>[a-zA-Z][^\t\n\f\r />]*+)(?P<attributes>(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+)(?P<close>>|\Z)
    |<!--(?:-?>|.*?(?:--!?>|\Z))
    |<(?:[!?]|/(?![a-zA-Z]))[^>]*+>?""",
    re.VERBOSE | re.DOTALL,
)
# nh3 looks through the rest of a text again for each of these.
_MOST_REFERENCES = 500
_REFERENCES = re.compile(rf"((?:[&\xa0][^&\xa0]*+){{{_MOST_REFERENCES}}})|(?:[&\xa0][^&\xa0]*+)++")

# Without content; nh3 drops those that are not kept.
_VOID = {"br", "hr", "img", "wbr", "col", "area"}
_DROPPED = {"base", "basefont", "bgsound", "embed", "frame", "image", "input", "keygen", "link", "meta", "param"}
_DROPPED |= {"source", "track"}
_FOREIGN = {"svg", "math"}
# What is inside is not shown, so these tags stay at any depth.
_SCRIPTS = {"script", "style"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_CELLS = frozenset({"td", "th", "caption"})
_SECTIONS = frozenset({"tbody", "thead", "tfoot", "colgroup"})
_PARTS = {*_CELLS, *_SECTIONS, "tr", "table"}
_ROWS = {*_SECTIONS, "tr", "table"}
# Each closes what is open inside it, and a paragraph before it.
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset"),
    *("figcaption", "figure", "footer", "header", "hgroup", "main", "menu", "nav", "ol", "p", "pre", "section"),
    *("summary", "ul", "li", "dd", "dt", "form", *_HEADINGS),
}
# Their end tags may be left out.
_OPTIONAL = {"p", "li", "dt", "dd", "option", *_PARTS} - {"table"}
# Which open elements a start tag closes.
_CLOSES: dict[str, AbstractSet[str]] = {
    **dict.fromkeys(_BLOCKS | {"hr"}, frozenset({"p"})),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(_CELLS, _CELLS),
    **dict.fromkeys(_SECTIONS, _CELLS | _SECTIONS | {"tr"}),
    "a": {"a"},
    "li": {"li"},
    "tr": _CELLS | {"tr"},
    "option": {"option"},
}
# What stands outside these is not closed from inside.
_SCOPES = {*_CELLS, "table", "applet", "marquee", "object", "template", "button", "select", *_FOREIGN}

_BOUNDS = _BLOCKS | _SCOPES


def flatten(markup: str) -> str:
    """HTML that a parser reads in linear time: as it is, unless that would need more.

    Else each element is closed where it ends. Of elements in 200 others, of attributes longer than 10,000 characters
    and of those after the hundredth of a tag, only the content is left.
    """
    references = markup.count("&") + markup.count("\xa0")
    if len(markup) <= _SHORT and references <= _FEW_REFERENCES and markup.count("<") <= _FEW_TAGS:
        return markup
    writer, place = _Writer(), 0
    for token in _TOKEN.finditer(markup):
        if place < token.start():
            writer.add_text(markup[place : token.start()])
        place = token.end()
        if not token["close"]:
            continue
        name = token["name"].lower()
        if name in _SCRIPTS:
            writer.copy(f"<{token['end']}{name}>")
        elif token["end"]:
            writer.end(name)
        else:
            writer.start(name, token["attributes"])
    writer.add_text(markup[place:])
    return writer.finish() if writer.is_needed or writer.misfits > _MOST_MISFITS else markup


class _Writer:
    def __init__(self) -> None:
        self.is_needed = False
        self.misfits = 0
        self._written: list[str] = []
        self._open: list[str] = []
        # Elements that are open in the text, but too deep to be written.
        self._deep: dict[str, int] = {}

    def finish(self) -> str:
        self._close(0)
        return "".join(self._written)

    def copy(self, tag: str) -> None:
        self._written.append(tag)

    def add_text(self, text: str) -> None:
        if self._open and self._open[-1] in _ROWS and text.strip():
            self._open_cell()
        if text.count("&") + text.count("\xa0") > _MOST_REFERENCES:
            self.is_needed = True
            text = _REFERENCES.sub(lambda found: found[0] + ("<!---->" if found[1] else ""), text)
            self._written.append(re.sub("<(?!!---->)", "&lt;", text))
            return
        self._written.append(text.replace("<", "&lt;") if "<" in text else text)

    def start(self, name: str, attributes: str) -> None:
        if name in _DROPPED:
            return
        if self._open and self._open[-1] in _ROWS and name not in _PARTS and name != "col":
            self._open_cell()
        if (closes := _CLOSES.get(name)) and (place := self._find_before(name, closes)) is not None:
            self.misfits += sum(other not in _OPTIONAL | closes for other in self._open[place:])
            self._close(place)
        is_closed = name in _VOID or (attributes.endswith("/") and name not in nh3.ALLOWED_TAGS)
        self.is_needed = self.is_needed or name in _FOREIGN
        self.misfits += is_closed and name not in _VOID
        if len(self._open) >= _DEEPEST and name not in _VOID:
            self.is_needed = True
            if not is_closed:
                self._deep[name] = self._deep.get(name, 0) + 1
            self._written.append(" " if name in _BLOCKS or name in _PARTS else "")
            return
        self._written.append(f"<{name}{self._bound(attributes)}>")
        if not is_closed:
            self._open.append(name)
        elif name not in {"br", "hr", "img"}:
            # Elements of pictures and formulas have no other way to end.
            self._written.append(f"</{name}>")

    def end(self, name: str) -> None:
        if self._deep.get(name):
            self._deep[name] -= 1
            self._written.append(" " if name in _BLOCKS or name in _PARTS else "")
            return
        place = self._find(name, {"table"} if name in _PARTS else _SCOPES)
        if place is None:
            if name in {"p", "br"}:
                self._written.append(f"<{name}>" if name == "br" else "<p></p>")
            return
        inner = self._open[place + 1 :]
        is_closing = name in _BLOCKS or name in _PARTS
        self.misfits += sum(other not in _OPTIONAL for other in inner) if is_closing else len(inner)
        self._close(place)

    def _open_cell(self) -> None:
        # Parsers move what stands between the cells to before the table, and look for its place each time.
        self.misfits += 1
        self._written.append("<td>")
        self._open.append("td")

    def _close(self, place: int) -> None:
        self._written.extend(f"</{name}>" for name in reversed(self._open[place:]))
        del self._open[place:]
        self._deep.clear()

    def _find(self, name: str, scopes: set[str]) -> int | None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place] == name:
                return place
            if self._open[place] in scopes:
                return None
        return None

    def _find_before(self, name: str, closes: AbstractSet[str]) -> int | None:
        """Where the outermost element begins that a start tag closes."""
        found = None
        if closes.isdisjoint(self._open):
            return None
        for place in range(len(self._open) - 1, -1, -1):
            other = self._open[place]
            if other in closes:
                found = place
            elif other == "table" or (name not in _PARTS and other in _BOUNDS):
                if name == "li" and other in {"div", "p"}:
                    continue
                break
        return found

    def _bound(self, attributes: str) -> str:
        if len(attributes) <= 2 * _MOST_ATTRIBUTES:
            return attributes
        found = [part for part in _ATTRIBUTES.findall(attributes) if len(part) <= _LONGEST_ATTRIBUTE]
        kept = found[:_MOST_ATTRIBUTES]
        bounded = "".join(f" {part}" for part in kept)
        self.is_needed = self.is_needed or len(attributes) - len(bounded) > _LONGEST_ATTRIBUTE
        return bounded
