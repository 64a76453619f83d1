"""Unescaped XHTML inside a feed, written as HTML."""

from __future__ import annotations

import re
from html import escape

from aggregator.feeds.formats.names import SEPARATOR

_NAMESPACES = {"http://www.w3.org/1999/xhtml", "http://www.w3.org/2005/atom", "http://purl.org/atom/ns#"}
_XML = "http://www.w3.org/XML/1998/namespace"
#: Elements that HTML never closes (HTML Living Standard, 13.1.2).
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_VOID_END = re.compile(rf"</(?:{'|'.join(sorted(VOID))})>")


class InlineMarkup:
    """Collects the events of expat between a start tag and its end, and writes them as HTML."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open = 0
        # Elements at the outermost level, and whether it has text: they tell whether one div encloses everything.
        self._roots = 0
        self._is_wrapped = True

    def start(self, raw: str, attributes: dict[str, str]) -> bool:
        """False for an element or attribute of another vocabulary than XHTML."""
        tag = _name_tag(raw)
        names = [_name_attribute(name) for name in attributes]
        if tag is None or None in names:
            return False
        if not self._open:
            self._roots += 1
            self._is_wrapped = self._is_wrapped and tag == "div"
        self._open += 1
        written = [f" {name}={_quote(value)}" for name, value in zip(names, attributes.values(), strict=True)]
        self._pieces.append(f"<{tag}{''.join(written)}>")
        return True

    def end(self, raw: str) -> None:
        self._open -= 1
        tag = _name_tag(raw)
        if tag not in VOID:
            self._pieces.append(f"</{tag}>")

    def add_text(self, text: str) -> None:
        if not self._open and not text.isspace():
            self._is_wrapped = False
        self._pieces.append(escape(text, quote=False))

    def write(self, *, unwrap: bool) -> str:
        """The HTML; with *unwrap* without the div that Atom requires around it (RFC 4287, 3.1.1.3)."""
        whole = "".join(self._pieces).strip()
        if unwrap and self._roots == 1 and self._is_wrapped and whole.endswith("</div>"):
            whole = whole[whole.index(">") + 1 : -len("</div>")].strip()
        return whole


def drop_void_ends(markup: str) -> str:
    """HTML without ``</br>`` and the like, which a browser reads as a second ``<br>``."""
    return _VOID_END.sub("", markup)


def _name_tag(raw: str) -> str | None:
    namespace, _, rest = raw.partition(SEPARATOR)
    if not rest:
        return raw.lower()
    return rest.partition(SEPARATOR)[0].lower() if namespace.lower() in _NAMESPACES else None


def _name_attribute(raw: str) -> str | None:
    namespace, _, rest = raw.partition(SEPARATOR)
    if not rest:
        return raw.lower()
    return f"xml:{rest.partition(SEPARATOR)[0]}" if namespace == _XML else None


def _quote(value: str) -> str:
    return '"' + escape(value, quote=False).replace('"', "&quot;") + '"'
