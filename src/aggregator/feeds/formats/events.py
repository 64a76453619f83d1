"""One pass through well-formed XML without a tree: the only file that knows expat.

What to do at an element is a *step*, looked up under the name that expat gives. A *leaf* is an element whose text is
collected and which contains nothing else; a *container* has steps of its own for the elements in it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from aggregator.addresses.urls import join_address
from aggregator.feeds.formats.inline import InlineMarkup
from aggregator.feeds.formats.names import SEPARATOR, read_name

Attributes = dict[str, str]
#: What to do at the start of an element, and with the text of a leaf. The pass is an argument, so that one table serves
#: all documents.
Begin = Callable[[Any, Attributes], None]
Finish = Callable[[Any, str], None]
#: Without a ``Begin`` the element is a leaf; with both it is one unless it has attributes; with none it is passed over.
Step = tuple[Begin | None, Finish | None]
Steps = dict[str, Step]
Find = Callable[[str], Step]

IGNORE: Step = (None, None)

_BUFFER = 1 << 16
# Nested elements with a base; each makes the next base longer.
_MOST_BASES = 20
_XML_BASE = SEPARATOR.join(("http://www.w3.org/XML/1998/namespace", "base", "xml"))
_BASES = frozenset((_XML_BASE, "base"))


_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)/+")


class Doubt(Exception):
    """The document contains something whose meaning is not certain."""


class XmlPass(ABC):
    """Calls the steps of a document in order. A subclass says which (``find_root``) and notes what they find."""

    def __init__(self) -> None:
        #: How many elements are open.
        self.depth = 0
        #: The xml:base in force; empty if there is none.
        self.base = ""
        #: Whether there was any.
        self.names_base = False
        self._bases: list[tuple[int, str]] = []
        self._pieces: list[str] = []
        self._leaf: Finish | None = None
        # Depth of the innermost container, what is done at its end, and the steps in it, filled as names occur.
        self._container: tuple[int, Callable[[], None]] = (-1, self.leave)
        self._steps: Steps = {}
        self._find: Find = self.find_root
        self._outer: list[tuple[tuple[int, Callable[[], None]], Steps, Find]] = []
        self._watch = -1
        self._parser: expat.XMLParserType | None = None

    @abstractmethod
    def find_root(self, raw: str) -> Step:
        """What to do with the root element of that name."""

    @abstractmethod
    def note_namespace(self, prefix: str | None, namespace: str) -> None:
        """Called for each namespace that is declared, before the element that declares it."""

    def run(self, document: bytes) -> bool:
        """Read a document in UTF-8. Returns False if it is well-formed so far and ends too early.

        Raises Doubt if it is not well-formed, has a document type, or contains what no step expects.
        """
        # UTF-8, whatever the document declares.
        parser = self._parser = expat.ParserCreate("utf-8", SEPARATOR)
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.buffer_size = _BUFFER
        parser.StartDoctypeDeclHandler = refuse
        parser.StartNamespaceDeclHandler = self._note_namespace
        self._listen(parser)
        try:
            parser.Parse(document, False)
        except expat.ExpatError as error:
            raise Doubt(str(error)) from error
        finally:
            self._parser = None
        try:
            parser.Parse(b"", True)
        except expat.ExpatError:
            return False
        return True

    # --- what steps do ------------------------------------------------------------------------------------------------

    def collect(self, finish: Finish) -> None:
        """Make the element that starts a leaf."""
        self._pieces.clear()
        self._leaf = finish

    def take_text(self, beginning: str = "") -> str:
        """The text since the last leaf began; what comes next begins with *beginning*."""
        text = "".join(self._pieces)
        self._pieces[:] = [beginning]
        return text

    def collect_inline(self, finish: Finish, *, unwrap: bool) -> None:
        """Make the element that starts a leaf whose text is the HTML in it; *unwrap* drops a div around all of it."""
        inline, depth, parser = InlineMarkup(), self.depth, self._parser
        if parser is None:
            raise AssertionError("outside of a pass")

        def start(raw: str, attributes: Attributes) -> None:
            self.depth += 1
            if not inline.start(raw, attributes):
                raise Doubt(raw)

        def end(raw: str) -> None:
            if self.depth > depth:
                self.depth -= 1
                inline.end(raw)
                return
            self._listen(parser)
            self._pieces[:] = [inline.write(unwrap=unwrap)]
            self._leaf = finish
            self._end(raw)

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = inline.add_text

    def enter(self, close: Callable[[], None], steps: Steps, find: Find) -> None:
        """Make the element that starts a container; *close*, called at its end, has to ``leave`` it."""
        self._outer.append((self._container, self._steps, self._find))
        self._container, self._steps, self._find = (self.depth, close), steps, find
        self._watch = self.depth

    def leave(self) -> None:
        self._container, self._steps, self._find = self._outer.pop()
        self._watch = self._container[0]

    def skip(self, attributes: Attributes, allowed: frozenset[str] | None = None) -> None:
        """Take nothing from the element that starts; *allowed* names the core elements that may be in it."""
        steps: Steps = {}

        def find(raw: str) -> Step:
            name = read_name(raw)
            if name in {"item", "entry"} or (allowed is not None and "_" not in name and name not in allowed):
                raise Doubt(name)
            return steps.setdefault(raw, IGNORE)

        self.enter(self.leave, steps, find)

    # --- events -------------------------------------------------------------------------------------------------------

    def _listen(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._pieces.append

    def _start(self, raw: str, attributes: Attributes) -> None:
        self.depth += 1
        if self._leaf is not None:
            raise Doubt(raw)
        begin, finish = self._steps.get(raw) or self._find(raw)
        if attributes:
            if not _BASES.isdisjoint(attributes):
                self._enter_base(attributes)
            if begin is not None:
                begin(self, attributes)
                return
        elif finish is None and begin is not None:
            begin(self, attributes)
            return
        if finish is not None:
            self._pieces.clear()
            self._leaf = finish

    def _end(self, raw: str) -> None:
        leaf = self._leaf
        if leaf is not None:
            self._leaf = None
            leaf(self, "".join(self._pieces))
        elif self.depth == self._watch:
            self._container[1]()
        if self._bases and self._bases[-1][0] == self.depth:
            self._bases.pop()
            self.base = self._bases[-1][1] if self._bases else ""
        self.depth -= 1

    def _note_namespace(self, prefix: str | None, namespace: str | None) -> None:
        if namespace:
            self.note_namespace(prefix, namespace.lower())

    def _enter_base(self, attributes: Attributes) -> None:
        if base := attributes.get(_XML_BASE) or attributes.get("base"):
            if len(self._bases) == _MOST_BASES:
                raise Doubt("xml:base")
            self.base, self.names_base = join(self.base, base), True
            self._bases.append((self.depth, self.base))


def refuse(*details: object) -> None:
    """A step for what is not expected."""
    raise Doubt(*details)


def join(base: str, link: str) -> str:
    """*link* resolved against *base*; unchanged without a base, empty if the result is not an address.

    Superfluous slashes before the host are dropped.
    """
    if ":///" in link:
        link = _SLASHES.sub(r"\1", link)
    if not base:
        return link
    try:
        return join_address(base, link)
    except ValueError:
        return ""
