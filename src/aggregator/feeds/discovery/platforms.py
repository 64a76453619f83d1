"""Platforms: where they put the feeds of a page, by its address alone, and by what a page says of who made it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.addresses.sites import MEDIUM_DOMAINS
from aggregator.addresses.urls import host_of


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the address of a page tells about its feeds."""

    platform: str
    #: Addresses of feeds, the best first; empty if the platform gives none.
    feeds: tuple[str, ...] = ()
    #: Whether its publisher is mostly one person.
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    platform: str
    #: Matches the beginning of host, path and query, without ``www.`` and the last slash.
    pattern: str
    feeds: tuple[str, ...]
    is_personal: bool = False


def _rule(platform: str, pattern: str, *feeds: str, is_personal: bool = False) -> _Rule:
    return _Rule(platform, pattern, feeds, is_personal)


_REPOSITORY = r"github\.com/([\w-]++)/([\w.-]++)"
_VIDEOS = "https://www.youtube.com/feeds/videos.xml"
# The first that matches the whole address.
_RULES = (
    _rule("Medium", r"medium\.com/(@[\w.-]++)", r"https://medium.com/feed/\1", is_personal=True),
    _rule("Medium", r"medium\.com/(?:tag|tagged)/([\w%-]++)", r"https://medium.com/feed/tag/\1"),
    _rule(
        "Medium",
        r"medium\.com/([\w.-]++)/tagged/([\w%-]++)",
        r"https://medium.com/feed/\1/tagged/\2",
        r"https://medium.com/feed/\1",
    ),
    _rule(
        "Medium",
        r"medium\.com/(?!(?:m|me|p|s|search|about|plans|topics?|feed)(?:/|$))([\w.-]++)",
        r"https://medium.com/feed/\1",
    ),
    _rule("Medium", r"([\w-]++)\.medium\.com", r"https://\1.medium.com/feed"),
    _rule("Tistory", r"([\w-]++)\.tistory\.com", r"https://\1.tistory.com/rss", is_personal=True),
    _rule("velog", r"velog\.io/(@[\w.-]++)", r"https://v2.velog.io/rss/\1", is_personal=True),
    _rule("Brunch", r"brunch\.co\.kr/(@@\w++)", r"https://brunch.co.kr/rss/\1", is_personal=True),
    _rule(
        "Naver Blog",
        r"(?:m\.)?blog\.naver\.com/Post(?:View|List)\.(?:naver|nhn)\?(?:[^&]*+&)*?blogId=([\w-]++)(?:&.*+)?",
        r"https://rss.blog.naver.com/\1.xml",
        is_personal=True,
    ),
    _rule("Naver Blog", r"(?:m\.)?blog\.naver\.com/([\w-]++)", r"https://rss.blog.naver.com/\1.xml", is_personal=True),
    _rule(
        "WordPress",
        r"([\w-]++)\.wordpress\.com/(category|tag|author)/([\w%-]++)",
        r"https://\1.wordpress.com/\2/\3/feed/",
        r"https://\1.wordpress.com/feed/",
    ),
    _rule("WordPress", r"([\w-]++)\.wordpress\.com", r"https://\1.wordpress.com/feed/"),
    _rule("Substack", r"([\w-]++)\.substack\.com", r"https://\1.substack.com/feed", is_personal=True),
    _rule("Substack", r"substack\.com/@([\w-]++)", r"https://\1.substack.com/feed", is_personal=True),
    _rule(
        "Blogger",
        r"([\w-]++\.blogspot\.[\w.]++)/search/label/([\w%+.-]++)",
        r"https://\1/feeds/posts/default/-/\2",
        r"https://\1/feeds/posts/default",
    ),
    _rule("Blogger", r"([\w-]++\.blogspot\.[\w.]++)", r"https://\1/feeds/posts/default"),
    _rule("GitHub", rf"{_REPOSITORY}/commits/([\w./%-]++)", r"https://github.com/\1/\2/commits/\3.atom"),
    _rule("GitHub", rf"{_REPOSITORY}/discussions", r"https://github.com/\1/\2/discussions.atom"),
    _rule(
        "GitHub",
        _REPOSITORY,
        r"https://github.com/\1/\2/releases.atom",
        r"https://github.com/\1/\2/tags.atom",
        r"https://github.com/\1/\2/commits.atom",
    ),
    _rule("GitHub", r"github\.com/([\w-]++)", r"https://github.com/\1.atom"),
    _rule("GitHub", r"gist\.github\.com/([\w-]++)", r"https://gist.github.com/\1.atom", is_personal=True),
    _rule("GitLab", r"gitlab\.com/([\w.-]++(?:/[\w.]++)++)", r"https://gitlab.com/\1/-/tags?format=atom"),
    _rule("YouTube", r"youtube\.com/channel/(UC[\w-]{22})", rf"{_VIDEOS}?channel_id=\1"),
    _rule("YouTube", r"youtube\.com/user/([\w-]++)", rf"{_VIDEOS}?user=\1"),
    _rule(
        "YouTube",
        r"youtube\.com/(?:playlist|watch)\?(?:[^&]*+&)*?list=([\w-]++)(?:&.*+)?",
        rf"{_VIDEOS}?playlist_id=\1",
    ),
    _rule("Hugging Face", r"huggingface\.co/blog", "https://huggingface.co/blog/feed.xml"),
    _rule("arXiv", r"arxiv\.org/list/([\w.-]++)", r"https://rss.arxiv.org/rss/\1"),
    _rule(
        "AWS",
        r"aws\.amazon\.com/([a-z]{2}/)?blogs/([\w-]++)/category/([\w/-]++)",
        r"https://aws.amazon.com/\1blogs/\2/category/\3/feed/",
    ),
    _rule("AWS", r"aws\.amazon\.com/([a-z]{2}/)?blogs/([\w-]++)", r"https://aws.amazon.com/\1blogs/\2/feed/"),
    _rule("Reddit", r"(?:old\.)?reddit\.com/(r|user)/([\w-]++)", r"https://www.reddit.com/\1/\2/.rss"),
    _rule("DEV", r"dev\.to/([\w-]++)", r"https://dev.to/feed/\1", is_personal=True),
    _rule("Hashnode", r"([\w-]++)\.hashnode\.dev", r"https://\1.hashnode.dev/rss.xml", is_personal=True),
    _rule("Bluesky", r"bsky\.app/profile/([\w.:-]++)", r"https://bsky.app/profile/\1/rss", is_personal=True),
    _rule("Zenn", r"zenn\.dev/(p/)?([\w-]++)", r"https://zenn.dev/\1\2/feed"),
    _rule("Qiita", r"qiita\.com/([\w-]++)", r"https://qiita.com/\1/feed.atom", is_personal=True),
    # These give no feeds.
    _rule("Hugging Face", r"huggingface\.co"),
    _rule("Notion", r"(?:[\w-]++\.notion\.site|notion\.so|[\w-]++\.oopy\.io)"),
    _rule("LinkedIn", r"(?:[\w-]++\.)?linkedin\.com"),
    _rule("X", r"(?:x|twitter)\.com"),
    _rule("Facebook", r"facebook\.com"),
)

_PATTERNS = tuple(re.compile(rf"\A{rule.pattern}(?:[/?].*+)?", re.ASCII) for rule in _RULES)

# What a page names as its generator begins so.
_GENERATORS = (
    *("WordPress", "Ghost", "Jekyll", "Hugo", "Blogger", "Hexo", "Gatsby", "Docusaurus", "Astro", "Eleventy"),
    *(
        "Quarto",
        "MkDocs",
        "Nikola",
        "Pelican",
        "Drupal",
        "Joomla",
        "Wix",
        "Squarespace",
        "Webflow",
        "Medium",
        "Tistory",
    ),
)
# Hosts, some with a folder, that a page loads its files from.
_HOSTS = {
    "cdn-client.medium.com": "Medium",
    "glyph.medium.com": "Medium",
    "substackcdn.com": "Substack",
    "cdn.hashnode.com": "Hashnode",
    "tistory1.daumcdn.net": "Tistory",
    "t1.daumcdn.net/tistory_admin": "Tistory",
    "static1.squarespace.com": "Squarespace",
    "static.parastorage.com": "Wix",
    "cdn.prod.website-files.com": "Webflow",
    "assets-global.website-files.com": "Webflow",
    "oopy.lazyrockets.com": "Notion",
    "framerusercontent.com": "Framer",
}
# Where platforms put feeds, below the folder of the page and below the root.
_USUAL = {
    "WordPress": ("feed/",),
    "Ghost": ("rss/",),
    "Substack": ("feed",),
    "Medium": ("feed",),
    "Tistory": ("rss",),
    "Hashnode": ("rss.xml",),
    "Blogger": ("feeds/posts/default",),
    "Jekyll": ("feed.xml", "atom.xml", "rss.xml"),
    "Hugo": ("index.xml", "feed.xml"),
    "Hexo": ("atom.xml", "rss2.xml"),
    "Gatsby": ("rss.xml",),
    "Docusaurus": ("blog/rss.xml", "rss.xml"),
    "Astro": ("rss.xml",),
    "Eleventy": ("feed.xml", "feed/feed.xml"),
    "Quarto": ("index.xml",),
    "MkDocs": ("feed_rss_created.xml",),
    "Nikola": ("rss.xml",),
    "Pelican": ("feeds/all.atom.xml", "feeds/all.rss.xml"),
    "Drupal": ("rss.xml",),
    "Joomla": ("?format=feed&type=rss",),
    "Wix": ("blog-feed.xml",),
    "Squarespace": ("?format=rss",),
    "Webflow": ("rss.xml",),
}
_ANYWHERE = ("feed", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss")


def find_rule(url: str) -> Ruled | None:
    """What the address alone tells; None for one of no known platform."""
    host = host_of(url)
    rest = url.partition("//")[2].partition("#")[0].partition("/")[2]
    place = f"{host}/{rest}".rstrip("/")
    for rule, pattern in zip(_RULES, _PATTERNS, strict=True):
        if match := pattern.fullmatch(place):
            feeds = tuple(match.expand(feed) for feed in rule.feeds)
            return Ruled(rule.platform, feeds, rule.is_personal)
    return Ruled("Medium", (f"https://{host}/feed",)) if host in MEDIUM_DOMAINS else None


def name_platform(generators: tuple[str, ...], hosts: frozenset[str]) -> str | None:
    """The platform of a page, by the generators that it names and the hosts that its files come from."""
    for said in generators:
        for name in _GENERATORS:
            if said.lower().startswith(name.lower()):
                return name
    return next((name for host, name in _HOSTS.items() if host in hosts), None)


def list_usual(platform: str | None) -> tuple[str, ...]:
    """Where feeds usually are, below the folder of a page and below the root of its site."""
    return _USUAL.get(platform or "", _ANYWHERE)
