"""Makes what a language model answers a note: plain words, and links of the post alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.digest.escape import encode_address, escape_text
from aggregator.digest.notes import join_note
from aggregator.exceptions import DigestError, DraftingError
from aggregator.locales import t
from aggregator.text.characters import clean

#: Characters of the longest note, of the longest answer that is read, and of what may be thought before it.
LONGEST = 2000
_LONGEST_ANSWER = 100_000

_THOUGHT, _THOUGHT_END = "<think>", "</think>"
_LABEL = re.compile(r"(?:\*\*)?(?:note|draft|노트|메모|초안)(?:\*\*)?[:：](?:\*\*)?\s*", re.IGNORECASE)
_BULLET = re.compile(r"[-*+•]\s+")
_NO_LINE = re.compile(r"```|~~~|[-*_=]{3,}$")
_QUOTES = {'"': '"', "“": "”", "'": "'", "‘": "’"}
_IN_ADDRESS = r"[^\s()\[\]<>\"'`]"
# A link or picture with its words and address, or an address that stands alone.
_LINK = re.compile(
    rf"!?\[(?P<words>[^\[\]]*)\]\(\s*(?P<address>https?://{_IN_ADDRESS}*+(?:\({_IN_ADDRESS}*+\){_IN_ADDRESS}*+)*+)[^()\[\]]*\)"
    rf"|(?P<bare>(?:https?://|www\.){_IN_ADDRESS}*(?<![.,;:!?。]))",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"https?://|www\.", re.IGNORECASE)
_MARKS = re.compile(r"\*\*|`")


class Answer(NamedTuple):
    """A note, and what it consists of."""

    #: Markdown, ready for the note.
    markdown: str
    #: The same as plain words, without addresses.
    plain: str
    #: The addresses that it has, each with whether the post has it; others are not links in it.
    links: tuple[tuple[str, bool], ...]


def read_answer(said: str, addresses: Iterable[str]) -> Answer:
    """Read an answer as a note. *addresses* are those that it may link to.

    Its words are escaped: HTML, pictures and formatting of the model do not reach the page. Raises DraftingError if it
    is empty or too long.
    """
    known = {_name(address): address for address in addresses if clean_url(address)}
    lines = list(_list_lines(clean(said[:_LONGEST_ANSWER])))
    if sum(map(len, lines)) > LONGEST or len(said) > _LONGEST_ANSWER:
        raise DraftingError(t("the answer is too long for a note: {number} characters", number=sum(map(len, lines))))
    found: dict[str, bool] = {}
    written = [_write(line, known, found) for line in lines]
    markdown = _join([one for one, _ in written])
    if not markdown:
        raise DraftingError(t("the answer is empty"))
    try:
        join_note(markdown)
    except DigestError:
        markdown = " ".join(markdown.split())
    return Answer(markdown, "\n".join(plain for _, plain in written), tuple(found.items()))


def _list_lines(said: str) -> Iterator[str]:
    """The lines of the note: without thoughts, fences, labels, and quotes around all of it."""
    said = said.strip()
    if said.startswith(_THOUGHT):
        said = said.partition(_THOUGHT_END)[2].strip()
    lines = [line.strip().lstrip("#> ").strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not _NO_LINE.match(line)]
    if lines:
        lines[0] = lines[0][match.end() :] if (match := _LABEL.match(lines[0])) else lines[0]
        first, last = lines[0][:1], lines[-1][-1:]
        if len(lines[0]) > 1 and _QUOTES.get(first) == last and first not in "".join(lines)[1:-1]:
            lines[0] = lines[0][1:]
            lines[-1] = lines[-1][:-1]
        lines[0] = lines[0].lstrip(": ")
    yield from filter(None, lines)


def _write(line: str, known: Mapping[str, str], found: dict[str, bool]) -> tuple[str, str]:
    """A line as Markdown and as plain words; its addresses are added to *found*. A link stays if the post has its
    address; of others the words stay, or the address as text.
    """
    bullet = _BULLET.match(line)
    # Before addresses are looked for: what it leaves may be one.
    line = _MARKS.sub("", line[bullet.end() :] if bullet else line)
    written, words, plain, place = [], "", [], 0
    for link in _LINK.finditer(line):
        said, name = link["address"] or link["bare"], (link["words"] or "").strip()
        address = known.get(_name(said))
        found[address or said] = address is not None
        words += line[place : link.start()]
        plain.append(line[place : link.start()] + name)
        place = link.end()
        if address:
            before = _write_words(words)
            # It would make the link a picture.
            before = before[:-1] + "\\!" if before.endswith("!") else before
            written += [before, f"[{escape_text(name or address)}]({encode_address(address)})"]
            words = ""
        else:
            words += name or said
    written.append(_write_words(words + line[place:]))
    markdown = "".join(written).strip()
    return ("  * " if bullet and markdown else "") + markdown, "".join([*plain, line[place:]])


def _write_words(words: str) -> str:
    """Words between links as Markdown, without addresses that GitHub makes links of by itself."""
    return _escape(_SCHEME.sub(r"\g<0> ", words))


def _escape(words: str) -> str:
    """Words as Markdown; the spaces around them stay, as one each."""
    written = escape_text(words)
    if not written:
        return " " if words else ""
    return " " * words[0].isspace() + written + " " * words[-1].isspace()


def _join(lines: list[str]) -> str:
    """Bullets on lines of their own, below the line of the digest; all else on one line."""
    joined = ""
    for line in filter(None, (line.rstrip() for line in lines)):
        is_nested = line.startswith("  * ")
        joined += ("\n" if is_nested or "\n" in joined else " " if joined else "") + (
            line if is_nested or "\n" not in joined else f"  {line}"
        )
    return joined


def _name(address: str) -> str:
    """One name for all forms of an address."""
    if address.startswith("www."):
        address = f"https://{address}"
    cleaned = clean_url(address)
    return canonicalise_url(cleaned) if cleaned else address
