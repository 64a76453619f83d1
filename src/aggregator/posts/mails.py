"""Mails of round-ups, as files: bytes in, an issue out. Owns ``email``. Pure.

A mail is as hostile as a page: it is read in a worker process, with a limit of its parts. Its text is the longest part
in HTML, else the longest plain one, in which addresses are links.
"""

from __future__ import annotations

import email
import html
import re
from collections.abc import Iterator
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from hashlib import blake2b
from itertools import islice

from aggregator.addresses.urls import clean_url
from aggregator.dates.read import parse_date
from aggregator.posts.roundups import ISSUE_AGE, list_linked, name_issue
from aggregator.text.charset import decode_document
from aggregator.text.html import normalise, sanitise_html, shorten, shorten_title
from aggregator.types import Issue

#: A longer file is not read.
MOST_BYTES = 5_000_000
_MOST_PARTS = 200
_LONGEST_HEADER = 2000
_URL = re.compile(r"https?://[^\s<>\"']{1,2000}")
_PARAGRAPH = re.compile(r"\r?\n[ \t]{0,99}\r?\n")
# Services that send for many: their hosts are not those of one round-up.
_SERVICES = frozenset(
    {
        *("substack.com", "beehiiv.com", "mail.beehiiv.com", "stibee.com", "maily.so", "mailchimpapp.com"),
        *("convertkit.com", "convertkit-mail.com", "mailerlite.com", "buttondown.email", "buttondown.com", "ghost.io"),
        *("gmail.com", "outlook.com", "naver.com", "daum.net", "hanmail.net"),
    }
)


def read_mail(body: bytes, file: str, *, now: datetime) -> Issue:
    """Read the mail of a file; its trouble says why it could not be."""
    try:
        message = email.message_from_bytes(body)
        parts = list(islice(message.walk(), _MOST_PARTS + 1))
    except (RecursionError, ValueError, LookupError, AttributeError) as error:
        return _refuse(file, f"it cannot be read as a mail ({type(error).__name__})", now)
    if len(parts) > _MOST_PARTS:
        return _refuse(file, f"it has more than {_MOST_PARTS} parts", now)
    markup = _choose_text(parts)
    if not message.get("From") or not markup:
        return _refuse(file, "it is not a mail with a text", now)
    sent_at = parse_date(_read_header(message, "Date"))
    if sent_at and now - sent_at > ISSUE_AGE:
        return _refuse(
            file, f"it is from {sent_at:%Y-%m-%d}; mails of more than {ISSUE_AGE.days} days are not read", now
        )
    name, address = parseaddr(_read_header(message, "From"))
    domain = address.rpartition("@")[2].lower()
    source = normalise(name) or domain or "mail"
    title = shorten_title(_read_header(message, "Subject")) or source
    own = [url for url in (_find_address(message, "List-Archive"), _find_address(message, "Archived-At")) if url]
    if domain and domain not in _SERVICES:
        own.append(f"https://{domain}/")
    return Issue(
        source=source,
        key=normalise(_read_header(message, "Message-ID")) or blake2b(body, digest_size=16).hexdigest(),
        title=title,
        label=name_issue(source, title),
        found_at=now,
        linked=list_linked(sanitise_html(markup), "", own),
        file=file,
    )


def refuse_long(file: str, size: int, *, now: datetime) -> Issue:
    """The issue of a file that is too long to be read."""
    return _refuse(file, f"it has {size / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:g} MB", now)


def _refuse(file: str, trouble: str, now: datetime) -> Issue:
    return Issue("mail", f"file {file}", file, file, now, file=file, trouble=trouble)


def _choose_text(parts: list[Message]) -> str:
    texts = {kind: [_decode(part) for part in parts if _is_text(part, kind)] for kind in ("text/html", "text/plain")}
    markup = max(texts["text/html"], key=len, default="")
    plain = max(texts["text/plain"], key=len, default="")
    return markup if markup.strip() else _show_plain(plain) if plain.strip() else ""


def _is_text(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment"


def _decode(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or ""
    return decode_document(payload, f"text/plain; charset={charset}" if charset else None)[0].decode("utf-8", "replace")


def _read_header(message: Message, name: str) -> str:
    """A header field in plain text, also where its words are encoded in a charset that nobody knows."""
    raw = str(message.get(name, ""))[:_LONGEST_HEADER]
    try:
        pieces = decode_header(raw)
    except (MessageError, ValueError, LookupError):
        return normalise(raw)
    return normalise("".join(_decode_words(words, charset) for words, charset in pieces))


def _decode_words(words: bytes | str, charset: str | None) -> str:
    if isinstance(words, str):
        return words
    try:
        return words.decode(charset or "utf-8", "replace")
    except LookupError:
        return words.decode("utf-8", "replace")


def _find_address(message: Message, name: str) -> str | None:
    found = _URL.search(_read_header(message, name))
    return clean_url(found[0].rstrip(">")) if found else None


def _show_plain(text: str) -> str:
    """Plain text as HTML: paragraphs, in which the words around an address are its title."""
    return "".join(f"<p>{''.join(_link_lines(paragraph))}</p>" for paragraph in _PARAGRAPH.split(text))


def _link_lines(paragraph: str) -> Iterator[str]:
    said = normalise(_URL.sub(" ", paragraph)).strip("-*·•[]():→ ")
    title, place = html.escape(shorten(said, 200)), 0
    for found in _URL.finditer(paragraph):
        url = found[0].rstrip(".,;:!?)]")
        yield html.escape(paragraph[place : found.start()])
        yield f'<a href="{html.escape(url)}">{title}</a>'
        place = found.end()
    yield html.escape(paragraph[place:])
