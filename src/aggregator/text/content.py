"""Splits the sanitised HTML of an entry or a page into prose, links, pictures and code. Pure.

The patterns here are exact on what nh3 writes: every attribute stands in double quotes, every other < is escaped, and
every element is closed. ``docs/decisions/text.md`` says why code is not text, what counts as a picture, and what is
cut.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from dataclasses import dataclass

from aggregator.addresses.urls import LONGEST_ADDRESS
from aggregator.text.html import TAG, text_of
from aggregator.text.marks import find_marks
from aggregator.types import Disclosure

#: Changes whenever the same HTML would be read otherwise; stored texts are read again then.
RECIPE = 2


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a text, for the later stages."""

    #: The prose on one line: without blocks of code, and without what a feed appends to each of its texts.
    text: str
    #: Of the prose; see ``count_words``.
    words: int
    #: Linked addresses, and addresses in prose or code that are not links; each once.
    links: tuple[str, ...]
    #: Pictures that show something, and the address of the first.
    images: int
    first_image: str | None
    #: Blocks of code, and their lines that are not empty.
    code_blocks: int
    code_lines: int
    #: What the markup discloses, besides the prose.
    said: tuple[Disclosure, ...] = ()


def read_content(sanitised: str) -> Content:
    """Read HTML from ``text.sanitise_html``."""
    # Prose and blocks alternate.
    parts = CODE_BLOCK.split(sanitised) if "<pre" in sanitised else [sanitised]
    prose, blocks = " ".join(parts[::2]), parts[1::2]
    text = cut_appendix(text_of(_cut_medium(prose)))
    if not text and blocks:
        # If there is only code, it is the text, such as the message of a commit.
        text = text_of(sanitised)
    code = [lines for block in blocks if (lines := _list_code_lines(block))]
    images = list(dict.fromkeys(_find_images(sanitised))) if "<img" in sanitised else []
    links = _list_links(sanitised, text, code)
    return Content(
        text=text,
        words=count_words(text),
        links=links,
        images=len(images),
        first_image=images[0] if images else None,
        code_blocks=len(code),
        code_lines=sum(map(len, code)),
        said=find_marks(sanitised, links),
    )


# --- code -------------------------------------------------------------------------------------------------------------

CODE_BLOCK = re.compile(rf"<pre\b{TAG.pattern[1:]}(.*?)</pre>", re.DOTALL)
_BREAK = re.compile(r"<br>|</(?:div|p|li|tr)>")


def _list_code_lines(block: str) -> list[str]:
    """The lines of a block that are not empty; of the column of line numbers beside it none."""
    plain = html.unescape(TAG.sub("", _BREAK.sub("\n", block) if "<" in block else block))
    lines = [line for line in plain.splitlines() if line.strip()]
    return [] if all(line.strip().isdecimal() for line in lines) else lines


# --- words ------------------------------------------------------------------------------------------------------------

# Han and kana with their punctuation, which stand without spaces.
_UNSPACED = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff0f\uff1a-\uff20]+")
_BEGINNING = 300


def count_words(text: str) -> int:
    """Count the words of text on one line, by spaces; in Han and kana, two characters count as a word.

    A Korean word includes its particles, so a text has about two thirds as many words as its English translation.
    """
    if not text:
        return 0
    # The beginning tells whether the language has spaces; in one that has them, a name in Han counts as any word.
    if text.isascii() or not _UNSPACED.search(text[:_BEGINNING]):
        return text.count(" ") + 1
    runs = _UNSPACED.findall(text)
    return len(_UNSPACED.sub(" ", text).split()) + sum((len(run) + 1) // 2 for run in runs)


# --- links ------------------------------------------------------------------------------------------------------------

_HREF = re.compile(r'href="([^"]*)"')
# Addresses that are not links. Some hosts are written without a scheme, and papers by their number.
_BARE = re.compile(r"https?://[^\s<>\"'`\\^{|}\u2026\u3000-\u303f\uff00-\uffef]+")
_BARE_HOST = re.compile(r"(?:github\.com|huggingface\.co|arxiv\.org/abs)/\w[\w./-]*", re.ASCII)
_HOSTS = ("github.com/", "huggingface.co/", "arxiv.org/abs/")
# Of a longer host or path.
_INSIDE = re.compile(r"[\w.@/:-]")
_PAIRS = {")": "(", "]": "["}
_ARXIV = re.compile(r"\barXiv:\s?(\d{4}\.\d{4,5})\b")
# A particle that follows the address and is not part of it.
_PARTICLE = re.compile(r"(?<![/\-_=%가-힣ぁ-ヿ一-鿿])[가-힣ぁ-ヿ一-鿿].*")
_PLACEHOLDER = re.compile(
    r"https?://(?:localhost|[\d.:]+|[^/]*\bexample\.(?:com|org|net)|www\.w3\.org|[^/.]*)(?:[:/]|$)"
)
# Buttons that share or count, in the forms of the services that they belong to.
_SHARE = re.compile(
    r"https?://(?:www\.)?(?:facebook\.com/(?:sharer|share\.php|dialog)|(?:twitter|x)\.com/(?:home\?|intent/|share)"
    r"|plus\.google\.com/share|linkedin\.com/(?:shareArticle|sharing)|reddit\.com/submit|t\.me/share"
    r"|news\.ycombinator\.com/submitlink|pinterest\.com/pin/create|tumblr\.com/share|getpocket\.com/save"
    r"|(?:api\.)?whatsapp\.com/send|story\.kakao\.com/share|share\.naver\.com|band\.us/plugin/share"
    r"|del\.icio\.us/post|digg\.com/submit|feeds\d?\.feedburner\.com/~ff|feeds\.wordpress\.com/1\.0"
    r"|feedads\.g\.doubleclick\.net|medium\.com/_/stat|medium\.com/r/)"
)


def _list_links(sanitised: str, text: str, code: list[list[str]]) -> tuple[str, ...]:
    links = [
        html.unescape(link)
        for link in _HREF.findall(sanitised)
        if link.startswith("http") and len(link) <= LONGEST_ADDRESS and not _SHARE.match(link)
    ]
    for place in ("\n".join("\n".join(lines) for lines in code), text):
        if not _may_hold_address(place):
            continue
        # What is a link already may be shown in part.
        known = sorted(links)
        links += [bare for bare in _find_bare(place) if not _begins_one(bare, known)]
    return tuple(dict.fromkeys(links))


def _begins_one(beginning: str, texts: list[str]) -> bool:
    """Whether one of these sorted texts begins so."""
    place = bisect_left(texts, beginning)
    return place < len(texts) and texts[place].startswith(beginning)


def _may_hold_address(text: str) -> bool:
    return "://" in text or "arXiv:" in text or any(host in text for host in _HOSTS)


def _find_bare(text: str) -> list[str]:
    found = [match for match in _BARE.finditer(text) if len(match[0]) <= LONGEST_ADDRESS and not _is_shortened(match)]
    addresses = [_trim_address(_PARTICLE.sub("", match[0])) for match in found]
    if any(host in text for host in _HOSTS):
        rest = _BARE.sub(" ", text)
        alone = (m for m in _BARE_HOST.finditer(rest) if len(m[0]) <= LONGEST_ADDRESS and not _is_shortened(m))
        addresses += [
            f"https://{_trim_address(m[0])}" for m in alone if not _INSIDE.match(rest[m.start() - 1 : m.start()])
        ]
    addresses += [f"https://arxiv.org/abs/{number}" for number in _ARXIV.findall(text)]
    return [address for address in addresses if not _PLACEHOLDER.match(address)]


def _is_shortened(match: re.Match[str]) -> bool:
    return match[0].endswith("...") or match.string[match.end() : match.end() + 1] == "\u2026"


def _trim_address(address: str) -> str:
    """Remove the punctuation of the sentence around an address; a bracket belongs to the address that opened it."""
    while True:
        bare = address.rstrip(".,;:!?*_~&”’")
        opening = _PAIRS.get(bare[-1:])
        if opening is None or bare.count(opening) >= bare.count(bare[-1]):
            return bare
        address = bare[:-1]


# --- pictures ---------------------------------------------------------------------------------------------------------

_IMAGE = re.compile(rf"<img\b({TAG.pattern[1:-1]})>")
_SOURCE = re.compile(r'\bsrc="(https?://[^"]+)"')
_SIZE = re.compile(r'\b(?:width|height)="(\d{1,9})(?:px)?"')
# A smaller picture is an icon, a portrait or a tracking pixel.
_SMALLEST = 48
_NO_PICTURE = re.compile(
    r"https?://(?:[^/]*\.)?(?:"
    # Counters and advertisements.
    r"feeds\d?\.feedburner\.com|feedads\.|feedpress\.me|feedsportal\.com|pixel\.|stats\.wordpress\.com|pixel\.wp\.com"
    r"|feeds\.wordpress\.com|doubleclick\.net|google-analytics\.com|assoc-amazon\.|amazon-adsystem\.com|medium\.com/_/stat"
    # Faces, signs, badges, formulas.
    r"|gravatar\.com|avatars\d*\.githubusercontent\.com|github\.com/[\w.-]+\.png|s\.w\.org/images/core/emoji"
    r"|twemoji\.|githubassets\.com/images/icons|shields\.io|badge\.fury\.io|badgen\.net|travis-ci\.|codecov\.io"
    r"|mybinder\.org/badge|colab\.research\.google\.com/assets|licensebuttons\.net|i\.creativecommons\.org"
    r"|latex\.codecogs\.com|s\d\.wp\.com/latex\.php|a\.fsdn\.com/sd)"
    r"|.*(?:/emojis?/|/smil(?:ies|eys)/|/avatars?/|/badges?/|/badge\.|[-_/]badge\.svg|/(?:spacer|blank|pixel|1x1)\.(?:gif|png))",
    re.IGNORECASE,
)


def _find_images(sanitised: str) -> list[str]:
    return [source for attributes in _IMAGE.findall(sanitised) if (source := find_picture(attributes))]


def find_picture(attributes: str) -> str | None:
    """The address of the picture of an image with these attributes; None if it is a sign, a formula or a counter."""
    source = _SOURCE.search(attributes)
    if source is None or _NO_PICTURE.match(source[1]):
        return None
    return None if any(int(size) < _SMALLEST for size in _SIZE.findall(attributes)) else html.unescape(source[1])


# --- what feeds append ------------------------------------------------------------------------------------------------

_MEDIUM = ("was originally published in", "people are continuing the conversation")
_TAIL = 700
# The most appendices that a feed puts under a text; more are part of the text.
_MOST_APPENDICES = 20
_NETWORKS = (
    r"(?:Twitter|X|Facebook|LinkedIn|Reddit|E-?mail|Print|Tumblr|Pinterest|Pocket|Telegram|WhatsApp|Skype|Google\+?|"
    r"Mastodon|Bluesky|Threads|Nextdoor|More|Like|Loading(?:\.\.\.|…)|"
    r"트위터|페이스북|인쇄|이메일|좋아하기|가져오는 중(?:\.\.\.|…)|"
    r"Click to [^()]{3,60}\((?:Opens in new window|새 창에서 열림)\)|[^()]{3,60}\(새 창에서 열림\))"
)
_APPENDICES = tuple(
    (hint, re.compile(f"{form}$"))
    for hint, form in (
        # WordPress.
        ("appeared first on", r"(?:^|(?<=[\s.!?]))The post .{1,250} (?:first )?appeared first on .{1,120}"),
        (
            "에 처음",
            r"(?:^|(?<=[\s.!?]))(?:게시물|포스트|글) .{1,200}(?:이|가|은|는|이\(가\)) .{1,120}"
            r"에 처음(?:으로)? (?:등장|게시|나타)\S*",
        ),
        *(
            (hint, rf"{hint}:?(?: {_NETWORKS},?)+(?: Related)?")
            for hint in ("Share this", "Like this", "이것이 좋아요", "공유하기")
        ),
        ("Continue reading", r"Continue reading(?: [^.!?]{1,150})? ?(?:→|»|›|\u2026|\.\.\.)"),
        ("Continue reading", r"(?:^|(?<=[.!?\u2026\]] ))Continue reading"),
        (
            "ead ",
            r"(?:^|(?<=[.!?\u2026\]] ))Read (?:[Mm]ore|[Tt]he (?:rest|full (?:story|article|post)))[.\u2026]*"
            r" ?(?:→|»|›|>>)?",
        ),
        *(
            (hint, rf"(?:^|(?<=[.!?\u2026\]] )){hint} ?(?:→|»|›|>>)?")
            for hint in ("더 보기", "더보기", "더 읽기", "계속 읽기", "자세히 보기", "전체 글 보기", "원문 보기")
        ),
        ("]", r"\[(?:\u2026|\.\.\.)\]"),
        # Slashdot, Substack, Tistory.
        ("at Slashdot", r"Read more of this story at Slashdot\."),
        ("Thanks for reading", r"Thanks for reading .{1,80}! (?:Subscribe for free|This post is public).{0,100}"),
        ("반응형", r"(?:^|(?<=\s))반응형"),
        ("728x90", r"(?:^|(?<=\s))728x90"),
    )
)
_HEAD = re.compile(r"(?:728x90(?: 반응형)?|반응형 728x90)(?: |$)")


def cut_appendix(text: str) -> str:
    """Remove the lines that a feed puts under every text, and the mark of a cut, from plain text."""
    if head := _HEAD.match(text):
        text = text[head.end() :]
    for _ in range(_MOST_APPENDICES):
        start = max(0, len(text) - _TAIL)
        tail = text[start:]
        for hint, form in _APPENDICES:
            if hint in tail and (match := form.search(tail)):
                text = text[: start + match.start()].rstrip()
                break
        else:
            break
    return text


def _cut_medium(sanitised: str) -> str:
    """Remove the paragraph in which Medium says where else the story is; only its HTML shows where that begins."""
    place = sanitised.rfind(_MEDIUM[0])
    if place < 0 or _MEDIUM[1] not in sanitised[place:]:
        return sanitised
    start = max(sanitised.rfind(opening, 0, place) for opening in ("<p>", "<hr>", "</p>"))
    return sanitised[:start] if start >= 0 else sanitised
