"""OPML 2.0: lists of feeds as programs give them to each other. Pure.

What OPML has no attribute for stands in attributes of a namespace of our own. A document type is refused, and with it
every entity that could be defined; so is endless nesting. Reading takes linear time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from aggregator.exceptions import ConfigError
from aggregator.feeds.formats.common import strip_illegal
from aggregator.locales import t
from aggregator.text.html import normalise
from aggregator.text.language import read_code

#: Of the settings that OPML has no attribute for.
NAMESPACE = "urn:x-aggregator:feeds"
#: Of a list that is read.
MAX_BYTES = 5_000_000
_DEEPEST = 50
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in a list."""

    name: str
    url: str
    site: str = ""
    language: str = ""
    #: The folders that it lies in, and its categories.
    tags: tuple[str, ...] = ()
    #: By the names of fields in feeds.toml.
    settings: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


def read_opml(body: bytes, file: str) -> list[Outline]:
    """Read the feeds of a list named *file*, nested ones too. Raises ConfigError with the line."""
    reader = _Reader(file)
    try:
        reader.parser.Parse(body, True)
    except expat.ExpatError as error:
        said = t("is not valid XML: {error}", error=expat.errors.messages.get(error.code, str(error)))
        raise ConfigError(said, file=file, line=error.lineno) from error
    except (LookupError, ValueError) as error:
        raise ConfigError(t("is not valid XML: {error}", error=error), file=file) from error
    return reader.found


class _Reader:
    """Collects the outlines while expat reads."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.found: list[Outline] = []
        #: The names of the open outlines; empty for those that are feeds.
        self._folders: list[str] = []
        self._depth = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._refuse_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _fail(self, said: str) -> NoReturn:
        raise ConfigError(said, file=self._file, line=self.parser.CurrentLineNumber)

    def _refuse_type(self, *_: object) -> None:
        self._fail(t("has a document type, which a list of feeds does not need"))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name.lower() != "opml":
            self._fail(t("is not OPML: its first element is <{name}>", name=name[:40]))
        self._depth += 1
        if self._depth > _DEEPEST:
            self._fail(t("is nested deeper than {number} levels", number=_DEEPEST))
        if name.lower() == "outline":
            self._open(attributes)

    def _open(self, attributes: dict[str, str]) -> None:
        said = {name.lower(): normalise(value) for name, value in attributes.items() if " " not in name}
        own = {name.partition(" ")[2]: value for name, value in attributes.items() if name.startswith(f"{NAMESPACE} ")}
        name, url = said.get("title") or said.get("text") or "", said.get("xmlurl", "")
        self._folders.append("" if url else name)
        if not url:
            return
        categories = (part.strip(" /") for part in said.get("category", "").split(","))
        tags = dict.fromkeys(filter(None, (*self._folders, *categories)))
        line = self.parser.CurrentLineNumber
        site, language = said.get("htmlurl", ""), read_code(said.get("language"))
        self.found.append(Outline(name, url, site, language, tuple(tags), own, line))
        if len(self.found) > _MOST:
            self._fail(t("lists more than {number} feeds", number=f"{_MOST:,}"))

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name.lower() == "outline":
            self._folders.pop()


def write_opml(outlines: Iterable[Outline], title: str) -> str:
    """Write a list of feeds."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:a="{NAMESPACE}">',
        f"  <head><title>{escape(strip_illegal(title))}</title></head>",
        "  <body>",
    ]
    for outline in outlines:
        said = {
            "type": "rss",
            "text": outline.name,
            "title": outline.name,
            "xmlUrl": outline.url,
            "htmlUrl": outline.site,
            "language": outline.language,
            "category": ",".join(tag for tag in outline.tags if "," not in tag),
            **{f"a:{name}": value for name, value in outline.settings.items()},
        }
        written = "".join(f" {name}={quoteattr(strip_illegal(value))}" for name, value in said.items() if value)
        lines.append(f"    <outline{written}/>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])
