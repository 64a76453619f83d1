"""How a feed that was found may be followed: its key, name, site, language and kind. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import chain, count
from urllib.parse import unquote, urlsplit

from aggregator.addresses.urls import clean_url, host_of
from aggregator.feeds.discovery.leads import Lead
from aggregator.feeds.discovery.platforms import find_rule
from aggregator.feeds.discovery.sample import Sample
from aggregator.feeds.formats.page import Page
from aggregator.text.html import normalise
from aggregator.types import Feed, Kind

LONGEST_KEY = 40
# Letters of a language in feeds.toml.
_CODE = 2
_NO_NAMES = {
    *("www", "blog", "blogs", "tech", "techblog", "engineering", "eng", "news", "feed", "feeds", "rss", "rss2", "atom"),
    *("v2", "com", "co", "kr", "io", "ai", "dev", "net", "org", "index", "posts", "default", "tag", "m", "devblog"),
    *("github", "medium", "tistory", "velog", "brunch", "naver", "wordpress", "substack", "blogspot", "huggingface"),
    *(
        "amazon",
        "edu",
        "ac",
        "hashnode",
        "youtube",
        "videos",
        "xml",
        "releases",
        "tags",
        "commits",
        "all",
        "category",
        "story",
    ),
    "developer",
    "research",
}
_COMPANY = re.compile(
    r"\b(?:engineering|inc|labs?|corp|company|team|official|technology|tech\s++blog)\b|기술\s*+블로그|테크\s*+블로그|팀",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\bmy blog\b|의 (?:개발\s*+)?블로그|일기|\bdev\s*+log\b|\.log$", re.IGNORECASE)
_RESEARCH = re.compile(r"\bresearch\b|\bpapers?\b|연구", re.IGNORECASE)
_ENDS = re.compile(r"(?<!\s)\s++[-–—|·:]\s++(?:medium|rss(?:\s++feed)?|feed|atom)$| on medium$", re.IGNORECASE)
_STORIES = re.compile(r"^stories by ", re.IGNORECASE)


def propose_feed(
    lead: Lead, sample: Sample, page: Page | None, *, organisation: str | None, taken: Collection[str]
) -> Feed:
    """Propose how to follow a feed; *taken* are the keys of others. Its organisation is that of its place, if known."""
    name = _find_name(lead, sample, page)
    url = clean_url(lead.url) or lead.url
    kind = find_kind(url, name, sample.site or "", organisation)
    return Feed(
        key=choose_key(url, name, taken),
        name=name,
        url=lead.url,
        kind=kind,
        language=_find_language(lead, sample, page),
        site=clean_url(sample.site) if sample.site else None,
        organisation=None if kind is Kind.INDIVIDUAL else organisation,
        full_text=not sample.is_whole,
    )


def find_kind(url: str, name: str, site: str, organisation: str | None) -> Kind:
    """The kind of publisher, as far as place and name tell; a company if nothing does."""
    host, ruled = host_of(url), find_rule(site) or find_rule(url)
    if host == "aws.amazon.com":
        return Kind.AWS
    if organisation:
        return Kind.RESEARCH if _RESEARCH.search(f"{host} {name}") else Kind.COMPANY
    if host.endswith((".edu", ".ac.kr", ".ac.uk")) or host.endswith("arxiv.org") or _RESEARCH.search(name):
        return Kind.RESEARCH
    is_personal = (ruled is not None and ruled.is_personal) or "/@" in url or host.endswith(".github.io")
    return Kind.INDIVIDUAL if (is_personal or _PEOPLE.search(name)) and not _COMPANY.search(name) else Kind.COMPANY


def choose_key(url: str, name: str, taken: Collection[str]) -> str:
    """A key that is free: of the words of the address that name its publisher, else of the name."""
    parts = urlsplit(url)
    path, host = unquote(parts.path).lower(), host_of(url)
    words = [*_cut(host.rpartition(".")[0].replace(".", " ")), *_cut(path.replace("/", " "))]
    told = list(dict.fromkeys(word for word in words if word not in _NO_NAMES and not word.isdigit()))
    key = "-".join(told[:2]) or "-".join(_cut(_fold(name))) or "-".join(_cut(host)) or "feed"
    key = key[:LONGEST_KEY].strip("-_")
    return next(each for each in chain([key], (f"{key}-{number}" for number in count(2))) if each not in taken)


def _cut(text: str) -> list[str]:
    stems = re.sub(r"\.(?:xml|atom|rss|json|php)\b", "", text)
    return [word for piece in stems.split() if (word := re.sub(r"[^a-z0-9]+", "-", piece).strip("-"))]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _find_language(lead: Lead, sample: Sample, page: Page | None) -> str:
    told = (lead.language, sample.language, page.language if page else "")
    return next((each for each in told if len(each) == _CODE), "en")


def _find_name(lead: Lead, sample: Sample, page: Page | None) -> str:
    told = (sample.title, page.site_name if page else "", page.title if page else "", host_of(lead.url))
    return next(filter(None, (_ENDS.sub("", _STORIES.sub("", normalise(each)[:200])) for each in told)), lead.url)
