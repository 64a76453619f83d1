"""What a post discloses that matters before printing: who paid for it, who may read it, whether a machine wrote or
translated it. Pure.

Each disclosure has its evidence, mostly the post's own words; nothing is guessed from style. Such words are in titles
and tags, and at the beginning or end of a text. A post about the subject (sponsored search, text that models write)
discloses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from aggregator.addresses.urls import host_of
from aggregator.locales import mark
from aggregator.posts.campaigns import find_campaign
from aggregator.posts.signs import ENGLISH, KOREAN
from aggregator.text.html import LONGEST_TITLE
from aggregator.types import Disclosure, DisclosureKind, DisclosureSource, Post

#: Evidence, as it is stored.
SERVED = mark("it is served by {host}")
# Characters at either end of a text, and of a quotation.
_END = 700
_LONGEST_QUOTE = 160

# At the beginning of a title, or in brackets.
_TITLE = re.compile(
    r"^(?:sponsor(?:ed)?|advertorial|partner content|paid post|광고|협찬)(?:[:|]| [|-]|$)"
    r"|[\[(【](?:sponsored|advertorial|partner content|paid post|유료 ?광고|광고|협찬)[\])】]"
)
_TAGS = {
    "sponsored": DisclosureKind.SPONSORED,
    "sponsored post": DisclosureKind.SPONSORED,
    "sponsored content": DisclosureKind.SPONSORED,
    "advertorial": DisclosureKind.SPONSORED,
    "partner content": DisclosureKind.SPONSORED,
    "paid partnership": DisclosureKind.SPONSORED,
    "협찬": DisclosureKind.SPONSORED,
    "members only": DisclosureKind.MEMBERS_ONLY,
    "members-only": DisclosureKind.MEMBERS_ONLY,
    "subscriber-only": DisclosureKind.MEMBERS_ONLY,
    "machine translated": DisclosureKind.MACHINE_TRANSLATED,
    "기계번역": DisclosureKind.MACHINE_TRANSLATED,
}
_TRANSLATOR_HOST = ".translate.goog"
# A dot inside a name or a number does not end a sentence.
_STOP = re.compile(r"[!?…。\n]|\.(?!\w)")


def find_disclosures(post: Post) -> tuple[Disclosure, ...]:
    """What a post discloses, each kind once: by its own words, else by its page, else by its links."""
    found: dict[DisclosureKind, Disclosure] = {}
    for disclosure in (*_read_title(post.title), *_read_tags(post), *find_said(post.text, post.language), *post.said):
        found.setdefault(disclosure.kind, disclosure)
    for sign in (find_campaign(post), _read_address(post.url)):
        if sign:
            found.setdefault(sign.kind, sign)
    return tuple(found.values())


def _read_title(title: str) -> Iterator[Disclosure]:
    if _TITLE.search(title[:LONGEST_TITLE].lower()):
        yield Disclosure(DisclosureKind.SPONSORED, title[:_LONGEST_QUOTE])


def _read_tags(post: Post) -> Iterator[Disclosure]:
    for tag in post.tags:
        if kind := _TAGS.get(tag.strip().lower()):
            yield Disclosure(kind, tag.strip())


def find_said(text: str, language: str) -> Iterator[Disclosure]:
    """What the words of a text in *language* disclose."""
    ends = text if len(text) <= 2 * _END else f"{text[:_END]}\n{text[-_END:]}"
    low = ends.lower()
    asked = (*ENGLISH, *KOREAN) if language == "ko" else ENGLISH
    signs = [sign for sign in asked if any(needle in low for needle in sign.needles)]
    for sentence in _STOP.split(ends) if signs else ():
        said = " ".join(sentence.split())
        low = said.lower()
        for sign in signs:
            if any(needle in low for needle in sign.needles) and sign.pattern.search(low):
                yield Disclosure(sign.kind, said[:_LONGEST_QUOTE])


def _read_address(url: str) -> Disclosure | None:
    """Google's translator serves blog.example.com at blog-example-com.translate.goog."""
    host = host_of(url)
    if not host.endswith(_TRANSLATOR_HOST):
        return None
    # A hyphen of the name is doubled.
    name = host.removesuffix(_TRANSLATOR_HOST).replace("--", "\0").replace("-", ".").replace("\0", "-")
    original = f"https://{name}{urlsplit(url).path}"
    return Disclosure(DisclosureKind.MACHINE_TRANSLATED, SERVED.format(host=host), DisclosureSource.LINKS, original)
