"""Reads the pages of a list that is adopted: a file, a folder of issues, an address."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.adopt.issues import Page
from aggregator.adopt.markup import to_markdown
from aggregator.config.settings import VisitSettings
from aggregator.dates.read import parse_date
from aggregator.digest.read import Remark
from aggregator.exceptions import NotFoundError, ParseError
from aggregator.feeds.parse import parse_document
from aggregator.fetch.workers import WorkerPool
from aggregator.files import read_text
from aggregator.locales import t, tn
from aggregator.pipeline.network import open_retriever
from aggregator.text.charset import decode_document
from aggregator.types import ParsedEntry, Retrieved

#: Files of a folder that are read, and bytes of one.
MOST_FILES, _MOST_BYTES = 2_000, 5_000_000
_MARKDOWN = (".md", ".markdown", ".mdown")
_GITHUB = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?(?:blob/([^?#]+))?(?:[?#].*)?")
#: Documents that a file may be, beside Markdown.
_DOCUMENTS = (".html", ".htm", ".xhtml", ".xml", ".rss", ".atom")
_OTHER_MARKUP = {".rst": "reStructuredText", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".org": "Org", ".tex": "TeX"}
#: What a folder may have beside Markdown, and how many of such files are named.
_UNREAD, _MOST_NAMED = _OTHER_MARKUP | dict.fromkeys((".html", ".htm", ".xhtml"), "HTML"), 5
#: What stands beside a list in its folder and is not an issue of it.
_NOT_ISSUES = re.compile(
    r"(?i)(?:contributing|license|changelog|code[_-]of[_-]conduct|security|\w{0,40}template)(?:\.\w{1,8})?"
)
#: How documents in HTML begin; Markdown may begin with other tags.
_DOCUMENT = re.compile(r"(?i)\s*(?:<\?xml[^<>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b")


def read_pages(place: Path) -> list[Page]:
    """Read a file, or the Markdown files of a folder, by name. A file may also be a page in HTML or a feed of issues.

    Raises NotFoundError, and ParseError for a document that broke off.
    """
    if not place.is_dir():
        return _read_file(place)
    issues = _list_files(place, _MARKDOWN)
    if not issues:
        raise NotFoundError(t("{folder} has no files in Markdown", folder=place))
    if len(issues) > MOST_FILES:
        raise NotFoundError(
            t("{folder} has {number} files; at most {most} are read", folder=place, number=len(issues), most=MOST_FILES)
        )
    return [Page(str(file.relative_to(place)), _read(file)) for file in issues]


def list_unread(place: Path) -> list[tuple[str, Remark]]:
    """The files of a folder that ``read_pages`` leaves out, for each markup a remark with the first of them."""
    by_markup: dict[str, list[Path]] = {}
    for file in _list_files(place, _UNREAD) if place.is_dir() else ():
        by_markup.setdefault(_UNREAD[file.suffix.lower()], []).append(file)
    return [
        (str(files[0].relative_to(place)), _say_unread(place, markup, files)) for markup, files in by_markup.items()
    ]


def _say_unread(place: Path, markup: str, files: Sequence[Path]) -> Remark:
    names = [*(str(file.relative_to(place)) for file in files[:_MOST_NAMED]), *(["…"] if files[_MOST_NAMED:] else [])]
    said = tn(
        "Of a folder only Markdown is read; {number} file in {markup} is left out: {files}",
        "Of a folder only Markdown is read; {number} files in {markup} are left out: {files}",
        len(files),
        markup=markup,
        files=", ".join(names),
    )
    return Remark(1, said)


def _list_files(folder: Path, ends: Container[str]) -> list[Path]:
    """The files of a folder with such an end, by name, without hidden ones and those that are about the list."""
    found = sorted(file for file in folder.rglob("*") if file.suffix.lower() in ends and file.is_file())
    found = [file for file in found if not any(part.startswith(".") for part in file.relative_to(folder).parts)]
    return [file for file in found if not _NOT_ISSUES.fullmatch(file.stem)]


async def read_address(url: str, visits: VisitSettings) -> list[Page]:
    """Read the page or the feed of issues at an address. Raises RetrieveError and ParseError."""
    async with open_retriever(visits) as retriever:
        answer = await retriever.retrieve_whole(find_source(url))
    with WorkerPool(min(visits.parser_processes, 1), cpu_seconds=visits.parse_seconds) as workers:
        return await workers.run(url, read_answer, answer)


def read_answer(answer: Retrieved) -> list[Page]:
    """The pages of a document: the issues of a feed, else the one that it is, in Markdown or HTML. Pure.

    Raises ParseError for one that broke off, for lines are missing, and NotFoundError for other markup.
    """
    if answer.is_cut:
        raise ParseError(answer.url, t("the document is too long, or broke off"))
    refuse_other_markup(urlsplit(answer.url).path)
    try:
        parsed = parse_document(answer.body, answer.url, answer.content_type, is_cut=answer.is_cut)
    except ParseError:
        text = decode_document(answer.body, answer.content_type)[0].decode(errors="replace")
        is_html = "html" in (answer.content_type or "") or _DOCUMENT.match(text) is not None
        return [Page(answer.url.rpartition("/")[2] or answer.url, to_markdown(text) if is_html else text)]
    return [_make_page(entry) for entry in parsed.entries]


def _make_page(entry: ParsedEntry) -> Page:
    """An issue; its lines begin below its title."""
    moment = parse_date(entry.published_raw) or parse_date(entry.updated_raw)
    text = to_markdown(entry.content or entry.summary, entry.title)
    return Page(entry.title or entry.url or "", text, moment.date() if moment else None)


def find_source(url: str) -> str:
    """The address of the source of a page that GitHub shows: of a file, or of what a repository says of itself.

    >>> find_source("https://github.com/mina/digest")
    'https://raw.githubusercontent.com/mina/digest/HEAD/README.md'
    """
    found = _GITHUB.fullmatch(url)
    if not found:
        return url
    return f"https://raw.githubusercontent.com/{found[1]}/{found[2] or 'HEAD/README.md'}"


def _read_file(file: Path) -> list[Page]:
    text = _read(file)
    refuse_other_markup(file.name)
    if file.suffix.lower() in _DOCUMENTS or _DOCUMENT.match(text):
        return read_answer(Retrieved(file.name, 200, text.encode()))
    return [Page(file.name, text)]


def refuse_other_markup(name: str) -> None:
    """Raise NotFoundError for a page in a markup that is not read, by the end of its name."""
    if said := next((markup for end, markup in _OTHER_MARKUP.items() if name.lower().endswith(end)), None):
        raise NotFoundError(
            t("{file} is {markup}, and only Markdown and HTML are read; convert it first", file=name, markup=said)
        )


def _read(file: Path) -> str:
    return read_text(file, most_bytes=_MOST_BYTES).removeprefix("\ufeff")
