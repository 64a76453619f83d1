"""A corpus of any number of feeds, made from recorded feed documents.

A copy of a document gets a mark of its own, such as ``.c17.example``, behind the host of every address in it and behind
every id that is not an address. So no two copies share an entry or a post, while sizes, markup, dates and dialects stay
real. Names of namespaces, schemes and document types are left alone, for parsers know them by heart.

The documents are kept packed, as the server hands them out.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

import feedparser

from visits_support.problem import Problem

# Raised when copies are made in another way, so that kept ones are made again.
_MAKING = 1
# Nothing in XML or in a feed is this byte, so that it can hold the place of the mark in a template.
_PLACE = b"\x00"
_NAMES = rb"""<!DOCTYPE[^>]*>|(?:xmlns(?::[\w.-]+)?|scheme|rel|domain)\s*=\s*["'][^"']*["']"""
_HOST = rb"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_ADDRESSES = re.compile(rb"(?P<name>" + _NAMES + rb")|(?P<host>" + _HOST + rb")")
_IDS = re.compile(rb"(<(?:[\w-]+:)?(?:guid|id)(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?)([^<\]]+?)(?=\s*[<\]])")


@dataclass(frozen=True, slots=True)
class Document:
    """A recorded document that copies are made of."""

    name: str
    bytes: int
    #: As feedparser reads it.
    entries: int
    #: Whether an XML parser takes it without complaint.
    is_well_formed: bool


@dataclass(frozen=True, slots=True)
class Corpus:
    """Feeds 0 to *feeds* - 1; feed *n* is a copy of document *n* modulo their number."""

    folder: Path
    feeds: int
    documents: tuple[Document, ...]
    #: Documents that were not taken, and why.
    left_out: dict[str, str]

    def document_of(self, number: int) -> Document:
        """What feed *number* is a copy of."""
        return self.documents[number % len(self.documents)]

    def count_entries(self, feeds: int) -> int:
        return sum(self.document_of(number).entries for number in range(feeds))

    def count_bytes(self, feeds: int) -> int:
        """Unpacked, before the marks."""
        return sum(self.document_of(number).bytes for number in range(feeds))


def name_file(number: int) -> str:
    return f"feed-{number}.xml"


def make_corpus(source: Path, folder: Path, feeds: int, *, largest: int | None = None) -> Corpus:
    """Make *feeds* copies of the documents of *source* below *folder*, or find them there; raises Problem.

    With *largest*, only documents of at most so many bytes are taken.
    """
    order = {"making": _MAKING, "source": str(source.resolve()), "feeds": feeds, "largest": largest}
    manifest = folder / "corpus.json"
    if manifest.is_file():
        known = json.loads(manifest.read_text(encoding="utf-8"))
        if known["order"] == order:
            return Corpus(folder, feeds, tuple(Document(**one) for one in known["documents"]), known["left_out"])
    taken, left_out = _choose(source, largest)
    templates = [_make_template(file.read_bytes()) for file in taken]
    documents = [_check(file, template) for file, template in zip(taken, templates, strict=True)]
    folder.mkdir(parents=True, exist_ok=True)
    manifest.unlink(missing_ok=True)
    for number in range(feeds):
        body = gzip.compress(_fill(templates[number % len(templates)], number), 6, mtime=0)
        (folder / f"{name_file(number)}.gz").write_bytes(body)
    told = {"order": order, "documents": [asdict(document) for document in documents], "left_out": left_out}
    manifest.write_text(json.dumps(told), encoding="utf-8")
    return Corpus(folder, feeds, tuple(documents), left_out)


def _choose(source: Path, largest: int | None) -> tuple[list[Path], dict[str, str]]:
    files = sorted(source.glob("*.xml"))
    left_out = {file.name: reason for file in files if (reason := _find_objection(file, largest))}
    taken = [file for file in files if file.name not in left_out]
    if not taken:
        raise Problem(f"{source} holds no feed documents to make copies of; name a folder of them with --folder")
    return taken, left_out


def _find_objection(file: Path, largest: int | None) -> str | None:
    if "@" in file.stem:
        return "an older state of a feed that is there already"
    body = file.read_bytes()
    if largest and len(body) > largest:
        return f"larger than {largest:,} bytes"
    if (charset := re.match(rb"""[^>]*encoding=["']([\w-]+)""", body)) and not _keeps_ascii(charset[1].decode()):
        return "hosts cannot be renamed byte by byte in its charset"
    return None


def _keeps_ascii(charset: str) -> bool:
    """Whether bytes below 128 mean ASCII wherever they stand in this charset."""
    return re.fullmatch(r"(?i)utf-?8|us-ascii|iso-8859-\d+|windows-125\d|koi8-\w", charset) is not None


def _make_template(document: bytes) -> bytes:
    """The document with a place for the mark wherever one belongs."""
    marked = _IDS.sub(_mark_id, document)
    return _ADDRESSES.sub(lambda found: found[0] + (_PLACE if found["host"] else b""), marked)


def _mark_id(found: re.Match[bytes]) -> bytes:
    return found[0] if re.search(_HOST, found[2]) else found[0] + _PLACE


def _fill(template: bytes, number: int) -> bytes:
    return template.replace(_PLACE, b".c%d.example" % number)


def _check(file: Path, template: bytes) -> Document:
    """Raises Problem unless two copies have as many entries as the document, and none in common."""
    document = file.read_bytes()
    entries = len(_parse(document))
    first, second = _parse(_fill(template, 1)), _parse(_fill(template, 2))
    if not entries or {len(first), len(second)} != {entries}:
        raise Problem(f"{file.name} has {entries} entries, and its copies have {len(first)} and {len(second)}")
    for field in ("id", "link"):
        if shared := _values(first, field) & _values(second, field):
            raise Problem(f"two copies of {file.name} share the {field} {min(shared)}")
    return Document(file.name, len(document), entries, _is_well_formed(document))


def _parse(document: bytes) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False)
    return list(read.entries)


def _values(entries: Sequence[Any], field: str) -> set[str]:
    return {value for entry in entries if (value := dict.get(entry, field))}


def _is_well_formed(document: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(document, True)
    except expat.ExpatError:
        return False
    return True
