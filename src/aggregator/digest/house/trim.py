"""Removes what does not belong to a title: the name of its site and the number of its part; types its signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from aggregator.digest.house.runs import EASTERN
from aggregator.posts.series import cut_part
from aggregator.text.tokens import compile_token
from aggregator.types import StepKind

_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
_DASH = re.compile(r"(?<=\s)[–—](?=\s)")
_SEPARATOR = re.compile(r"(?<=\s)(?:[|·•]|::|[-–—])(?=\s)")
_WORD = compile_token(numbers=True, cjk="letters")
# Words that many names of blogs share.
_CERTAIN = frozenset(["blog", "newsroom", "블로그", "기술블로그", "테크블로그"])
_OF_BLOGS = _CERTAIN | {
    "blogs",
    "tech",
    "engineering",
    "technology",
    "research",
    "ai",
    "ml",
    "the",
    "at",
    "기술",
    "테크",
}


def list_trims(title: str, url: str, names: Sequence[str]) -> Iterator[tuple[StepKind, str]]:
    """What a title becomes, step by step. *names* are those of its feed and organisation."""
    is_whole = False
    while not is_whole:
        is_whole = True
        for kind, cut in ((StepKind.SITE, _cut_site(title, url, names)), (StepKind.PART, cut_part(title))):
            if len(cut) < len(title):
                yield kind, (title := cut)
                is_whole = False
                break
    typed = title.translate(_SIGNS)
    if EASTERN.search(title):
        typed = _DASH.sub("-", typed)
    if typed != title:
        yield StepKind.SIGNS, typed


def _cut_site(title: str, url: str, names: Sequence[str]) -> str:
    *_, last = [None, *_SEPARATOR.finditer(title)]
    if (
        last
        and (kept := title[: last.start()].rstrip())
        and _is_site(title[last.end() :].strip(), last[0] == "|", url, names)
    ):
        return kept
    return title


def _is_site(segment: str, is_bar: bool, url: str, names: Sequence[str]) -> bool:
    """Whether the last segment of a title names its site: a blog's name, the site's, or its author behind a bar."""
    words = _WORD.findall(segment.lower())
    own = [word for word in words if word not in _OF_BLOGS]
    if not words or len(words) > 5:
        return False
    host = (urlsplit(url).hostname or "").replace("-", "")
    known = {"".join(_WORD.findall(name.lower())) for name in names}
    squeezed = "".join(own)
    is_own = "".join(words) in known or squeezed in known or (len(squeezed) > 2 and squeezed in host)
    is_blog = words[-1] in _CERTAIN
    return is_blog or is_own or (is_bar and (words[0] == "by" or words == ["medium"]))
