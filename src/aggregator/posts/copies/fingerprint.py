"""The fingerprint of a post, and its blocking keys. Pure.

One post of a hundred thousand cannot be compared with all others. It is compared with those that share a *blocking
key*, a hash of something that copies have in common:

- Text: shingles of three tokens fall into bins by their hash; the smallest hashes of two neighbouring bins make a key
  (MinHash with one permutation; P. Li, A. Owen, C.-H. Zhang, "One Permutation Hashing", 2012). Texts that share half of
  their shingles nearly always share a key; unlike texts nearly never do.
- Title: its words in any order; and MinHash over them for titles that were changed a little, among posts of the same
  weeks. The more years are stored, the more titles are alike by chance, and a copy with another title and little text
  that comes after months would not be believed.
- Address: its own, its last part, and those that it links to, so that a text shares a key with the original it names.
- What no translation changes: numbers, names in Latin letters, identifiers in code, names of pictures.

If a post has more of a kind than are kept, those with the smallest hashes are kept, so that two posts keep the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from html import unescape
from urllib.parse import unquote, urlsplit
from zlib import crc32

from aggregator.addresses.urls import LONGEST_ADDRESS, canonicalise_url, clean_url, host_of
from aggregator.text.content import read_content
from aggregator.text.html import LONGEST_TITLE, text_of
from aggregator.text.terms import fold, list_terms
from aggregator.text.tokens import compile_token
from aggregator.types import Manuscript

#: Raise it if the same posts would be compared differently; then all are compared again.
RECIPE = 5

_BINS = 20
_TITLE_BANDS = (5, 3)
#: Posts that are at most so far apart share a stretch of time.
_STRETCH = timedelta(days=60)
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_MARK_BANDS = (4, 2)
_LEAST_MARKS = 4
_KEPT_LINKS = 8
_KEPT_IMAGES = 4
_KEPT_CODES = 5
#: Tokens of the beginning of a text.
LEAD = 60
# Characters of a text that are read; the rest of a book changes nothing.
_LONGEST = 60_000
# Characters of a number, a name or an identifier; longer ones are ignored.
_LONGEST_RUN = 100

_WORD = compile_token(numbers=True, cjk="letters")
_TOKEN = compile_token(alphabets=True, apart=True, cjk="characters")
# Possessive, and never from the middle of a run of digits: digits that a letter follows do not match at all.
_NUMBER = re.compile(r"(?<![A-Za-z\d_.])\d++(?:,\d*+)*(?:\.\d++)*(?![A-Za-z\d_])|(?<!\d)\d++(?:\.\d++)+")
_NAME = compile_token(joints=True, signs=True, cjk="left out")
# A capital or a digit after the first letter makes a word a name.
_INNER_SIGN = re.compile(r"[A-Z0-9]")
# The limits keep it linear: a picture encoded as letters would be searched from each letter to its end.
_CODE = re.compile(r"[A-Za-z]\w{0,99}(?:[._]\w+)+\(?|[a-z]{1,100}[A-Z]\w+|--[a-z][\w-]+")
# Most words are not code, and this rules them out several times as fast.
_SIGN_OF_CODE = re.compile(r"[._]\w|[a-z][A-Z]|--[a-z]")
_IMAGE = re.compile(r'<img[^<>]*\bsrc="([^"]*+)"')
_PLAIN_IMAGE = re.compile(
    r"(?:img|image|photo|screenshot|figure|fig|untitled|cover|thumb\w*|header|banner|logo|icon|pixel|avatar)?"
    r"[-_ ]?\d{0,3}"
)
_ANCHOR = re.compile(r'<a [^<>]*href="([^"]*+)"[^<>]*+>(.*?)</a>', re.DOTALL)
#: Words before or in a link to the original.
_SOURCE = re.compile(
    r"originally (?:published|posted|appeared|written)|first (?:published|appeared) (?:on|at|in)"
    r"|cross-?posted|translat(?:ed|ion)|re-?post(?:ed)?"
    r"|번역|옮긴|옮겼|원문|전재|재게시|처음 (?:게시|공개|발행)|먼저 (?:게시|공개|발행)"
    r"|한국어로|영문 (?:글|블로그|게시)",
    re.IGNORECASE,
)
_TRANSLATION = re.compile(r"translat(?:ed|ion)|번역|옮긴|옮겼|한국어로", re.IGNORECASE)
_SHARES = re.compile(
    r"(?:facebook|twitter|x|linkedin|reddit|pinterest|t|addtoany|getpocket|wa|telegram|news\.ycombinator)\.\w+/(?:share|intent|sharer|submit)"
)
# The name of a site after a title.
_SUFFIX = re.compile(
    r"(?:\s*\|\s*[^|]{2,40}|\s+[·–—-]\s+[^|·–—]{0,30}(?:blog|블로그|tech|medium|engineering|developer|newsletter|기술)[^|·–—]{0,12})$",
    re.IGNORECASE,
)
_TELLING = re.compile(r"\d|\b[ivx]+\b|[상중하]$|편|부$", re.IGNORECASE)
_PREFIX = re.compile(
    r"^\s*[\[(【<](?:번역|번역글|translation|translated|cross-?post|repost|재게시|전재|업데이트|updated?|ko|en|kr|한글|한국어|korean|english|tech|기술|blog)[\])】>]\s*"
    r"|^\s*(?:cross-?post|repost|translation|번역)\s*[:|-]\s*"
    r"|\s*[\[(【](?:번역|번역글|translation|translated|cross-?post|repost|재게시|한글|한국어|updated?|업데이트|korean|english)[^\])】]{0,12}[\])】]\s*$",
    re.IGNORECASE,
)
_FILLERS = frozenset(
    {"a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "with", "by", "from", "at", "as", "is", "are", "be"}
    | {"our", "we", "you", "your", "how", "what", "whi", "this", "that", "it", "us", "i", "my", "into", "use", "via"}
    | {"new", "introduc", "announc"}
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a post is compared by."""

    post_id: int
    address: str
    #: The canonical address that its page names.
    named: str | None
    host: str
    #: The last part of the path, if it has words.
    slug: str
    language: str
    #: Folded, without the name of the site and remarks such as [번역].
    title: str
    title_terms: frozenset[str]
    tokens: int
    words: frozenset[str]
    shingles: frozenset[int]
    #: The shingles of the beginning.
    lead: frozenset[int]
    #: Canonical addresses that it links to, without share buttons, and those of them that it calls its original.
    links: frozenset[str]
    sources: frozenset[str]
    #: The originals that it says it was translated from.
    translated: frozenset[str]
    images: frozenset[str]
    codes: frozenset[str]
    #: Numbers of two or more digits, as they are written.
    numbers: frozenset[str]
    #: Words in Latin letters that look like names, and all of them.
    names: frozenset[str]
    latin: frozenset[str]
    published_at: datetime
    is_dated: bool
    authors: frozenset[str]
    organisation: str
    carriers: dict[str, tuple[datetime, bool]]

    @property
    def is_korean(self) -> bool:
        return self.language == "ko"


def fingerprint_post(post: Manuscript) -> Fingerprint:
    text = text_of(post.content)[:_LONGEST]
    tokens = _TOKEN.findall(fold(text))
    title = clean_title(post.title)
    links, sources, translated = _read_links(post)
    shingles = _cut_shingles(tokens)
    latin = {name for name in list_names(text) if 2 < len(name) <= _LONGEST_RUN}
    return Fingerprint(
        post_id=post.post_id,
        address=post.canonical_url,
        named=post.named_url,
        host=host_of(post.canonical_url),
        slug=_read_slug(post.canonical_url),
        language=post.language,
        title=title,
        title_terms=frozenset(list_terms(title)) - _FILLERS,
        tokens=len(tokens),
        words=frozenset(tokens),
        shingles=frozenset(shingles),
        lead=frozenset(shingles[: LEAD - 2]),
        links=links,
        sources=sources,
        translated=translated,
        images=frozenset(_list_images(post.content)),
        codes=frozenset(_list_codes(text)),
        numbers=frozenset(_list_numbers(text)),
        names=frozenset(word.lower() for word in latin if _INNER_SIGN.search(word, 1)),
        latin=frozenset(word.lower() for word in latin),
        published_at=post.published_at,
        is_dated=post.is_dated,
        authors=frozenset(fold(author) for author in post.authors if author),
        organisation=fold(post.organisation or ""),
        carriers=dict(post.carriers),
    )


def list_names(text: str) -> list[str]:
    """Words in Latin letters with what hyphens and dots join to them, without numbers with a unit (32GB, 3rd)."""
    return [name for name in _NAME.findall(text) if name[0].isalpha()]


def list_blocking_keys(fingerprint: Fingerprint) -> set[int]:
    """The blocking keys of a post: 63-bit numbers."""
    return {_number(f"{kind} {value}") for kind, value in _list_keys(fingerprint)}


def _list_keys(fingerprint: Fingerprint) -> Iterator[tuple[str, str]]:
    yield from (("text", band) for band in _band_bins(fingerprint.shingles))
    if len(fingerprint.title_terms) > 1:
        yield "title", " ".join(sorted(fingerprint.title_terms))
        bands = list(_band_hashes(fingerprint.title_terms, *_TITLE_BANDS))
        yield from (("titles", f"{stretch} {band}") for stretch in _list_stretches(fingerprint) for band in bands)
    yield "at", fingerprint.address
    if fingerprint.named:
        yield "at", fingerprint.named
    # The address of a translation often differs in the folder of the language only.
    if fingerprint.slug:
        yield "slug", fingerprint.slug
    yield from (("at", link) for link in _keep({*fingerprint.links} - fingerprint.sources, _KEPT_LINKS))
    yield from (("at", link) for link in fingerprint.sources)
    yield from (("image", image) for image in _keep(fingerprint.images, _KEPT_IMAGES))
    yield from (("code", code) for code in _keep(fingerprint.codes, _KEPT_CODES))
    for kind, found in (("number", fingerprint.numbers), ("name", fingerprint.names)):
        if len(found) >= _LEAST_MARKS:
            yield from ((kind, band) for band in _band_hashes(found, *_MARK_BANDS))


def _list_stretches(fingerprint: Fingerprint) -> tuple[int, int]:
    """The two stretches of time, each half over the other, that a post is in."""
    number = (fingerprint.published_at - _BEGIN) // _STRETCH
    return number, number + 1


@lru_cache(maxsize=4096)
def clean_title(title: str) -> str:
    """The title folded, without the name of the site and remarks on translation; at most 500 characters."""
    cleaned = _PREFIX.sub("", title[:LONGEST_TITLE]).strip()
    while suffix := _SUFFIX.search(cleaned):
        shorter = cleaned[: suffix.start()]
        if _TELLING.search(suffix[0]) or len(list_terms(shorter)) < 3:
            break
        cleaned = shorter
    # Folding can make eighteen characters of one.
    return fold(cleaned)[:LONGEST_TITLE]


def _cut_shingles(tokens: list[str]) -> list[int]:
    threes = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return [crc32(f"{first} {second} {third}".encode()) for first, second, third in threes]


def _band_bins(shingles: frozenset[int]) -> Iterator[str]:
    smallest = [2**32] * _BINS
    for shingle in shingles:
        value, place = divmod(shingle * 2_654_435_761 % 2**32, _BINS)
        # Calling min for each would take most of the time.
        if value < smallest[place]:  # noqa: PLR1730
            smallest[place] = value
    for band in range(0, _BINS, 2):
        first, second = smallest[band : band + 2]
        if first < 2**32 and second < 2**32:
            yield f"{band} {first} {second}"


def _band_hashes(found: Iterable[str], bands: int, rows: int) -> Iterator[str]:
    encoded = [one.encode() for one in found]
    for band in range(bands):
        smallest = [
            min([crc32(one, 977 * (band * rows + row + 1)) * 2_654_435_761 % 2**32 for one in encoded])
            for row in range(rows)
        ]
        yield f"{band} {' '.join(map(str, smallest))}"


def _keep(found: Iterable[str], most: int) -> list[str]:
    return sorted(found, key=lambda one: crc32(one.encode()))[:most]


def _number(text: str) -> int:
    """A hash of 63 bits, which both databases can store."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _read_links(post: Manuscript) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    links = {key for link in read_content(post.content).links if not _SHARES.search(link) and (key := _key(link))}
    sources, translated = set(), set()
    content = post.content
    if _SOURCE.search(content):
        for match in _ANCHOR.finditer(content):
            around = text_of(content[max(0, match.start() - 160) : match.end() + 60].rpartition("<")[0])
            key = _key(unescape(match[1]))
            if key and _SOURCE.search(around):
                sources.add(key)
                if _TRANSLATION.search(around):
                    translated.add(key)
    if key := _key(post.original_url):
        sources.add(key)
        translated.add(key)
    own = {post.canonical_url}
    return frozenset(links - own), frozenset(sources - own), frozenset(translated - own)


def _key(link: str) -> str | None:
    cleaned = clean_url(link)
    if cleaned is None:
        return None
    key = canonicalise_url(cleaned)
    # A link to the front page of a site says little.
    return key if key.count("/") > 2 and urlsplit(key).path.strip("/") else None


def _read_slug(address: str) -> str:
    path = unquote(urlsplit(address).path)
    slug = fold(path.rstrip("/").rpartition("/")[2].partition(".htm")[0])
    words = _WORD.findall(slug)
    return "-".join(words) if len(words) >= 3 and len(slug) >= 12 else ""


def _list_images(content: str) -> Iterator[str]:
    for source in _IMAGE.findall(content):
        if len(source) > LONGEST_ADDRESS:
            continue
        name = unquote(urlsplit(unescape(source)).path).rpartition("/")[2].lower()
        stem = re.sub(r"(?:-\d+x\d+)?\.\w+$", "", name)
        if len(stem) >= 5 and not _PLAIN_IMAGE.fullmatch(stem):
            yield stem


def _list_numbers(text: str) -> Iterator[str]:
    for number in _NUMBER.findall(text):
        plain = number.rstrip(".,").replace(",", "")
        if 1 < len(plain) <= _LONGEST_RUN and not (len(plain) == 4 and plain.startswith(("19", "20"))):
            yield plain


def _list_codes(text: str) -> Iterator[str]:
    for word in filter(_SIGN_OF_CODE.search, set(text.split())):
        yield from (code.strip("(") for code in _CODE.findall(word) if 5 < len(code) <= _LONGEST_RUN)
