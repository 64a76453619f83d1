"""Rules for the addresses of single services, and for the forms of address that any site gives a page. Pure.

A rule is here only if the address alone identifies the page. Parameters that never choose a page, and rules for every
address, are in ``urls``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

# Sites that Medium serves on their own domains. Each is noted as Medium's where its feed is described, and public
# repositories link to its articles with Medium's ids (docs/decisions/addresses.md).
MEDIUM_DOMAINS = frozenset(
    {
        "blog.gojekengineering.com",
        "bytes.swiggy.com",
        "eng.lyft.com",
        "engblog.nextdoor.com",
        "netflixtechblog.com",
        "tech.instacart.com",
        "tech.remember.co.kr",
        "techblog.gccompany.co.kr",
        "techblog.lotteon.com",
        "techblog.musinsa.com",
        "techblog.yogiyo.co.kr",
        # Medium's until 2025; its articles kept their ids when it left.
        "towardsdatascience.com",
    }
)
#: Hosts of many publishers: there, the first folder says whose a page is.
PLATFORMS = frozenset(
    {
        *("medium.com", "github.com", "gist.github.com", "huggingface.co", "brunch.co.kr", "velog.io"),
        *("blog.naver.com", "youtube.com", "linkedin.com", "x.com"),
    }
)
_MEDIUM_ID = re.compile(r"[0-9a-f]{10,12}")
# First folders of medium.com whose pages are lists, people and services.
_MEDIUM_FOLDERS = frozenset({"c", "feed", "list", "m", "me", "search", "series", "tag", "tagged", "topic", "u"})

_MOBILE_HOSTS = {
    "m.blog.naver.com": "blog.naver.com",
    "m.brunch.co.kr": "brunch.co.kr",
    "m.facebook.com": "facebook.com",
    "mbasic.facebook.com": "facebook.com",
    "web.facebook.com": "facebook.com",
    "m.post.naver.com": "post.naver.com",
    "m.youtube.com": "youtube.com",
    "music.youtube.com": "youtube.com",
    "youtube-nocookie.com": "youtube.com",
    # The same site under another name.
    "twitter.com": "x.com",
    "m.twitter.com": "x.com",
    "mobile.twitter.com": "x.com",
    "mobile.x.com": "x.com",
    "i.reddit.com": "reddit.com",
    "m.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "old.reddit.com": "reddit.com",
    "browse.arxiv.org": "arxiv.org",
    "export.arxiv.org": "arxiv.org",
    "ar5iv.labs.arxiv.org": "arxiv.org",
    "ar5iv.org": "arxiv.org",
}
_MOBILE_WIKIPEDIA = re.compile(r"([a-z-]+)\.m\.wikipedia\.org")
_BLOGSPOT = re.compile(r"([a-z0-9-]+)\.blogspot\.(?:[a-z]{2}|com?\.[a-z]{2})")
# co.kr and the like: amp.co.kr is a site, not the AMP host of one.
_SHARED_SUFFIX = re.compile(r"(?:ac|co|com|edu|go|gov|ne|net|or|org)\.[a-z]{2}")

_AWS_LANGUAGE = re.compile(r"^/(?:ar|cn|de|es|fr|id|it|jp|ko|pt|ru|th|tr|tw|vi)(?=/blogs(?:/|$))")
_FEEDBURNER = frozenset(
    {"feedproxy.feedburner.com", "feedproxy.google.com", "feeds.feedburner.com", "feeds2.feedburner.com"}
)
_FEEDBURNER_ITEM = re.compile(r"(/~r/.+?/~3/[^/]+)(?:/.*)?")
_NAVER_POST = re.compile(r"/[\w.-]+/\d+", re.ASCII)
_TISTORY_POST = re.compile(r"/(?:\d+|entry/.+)")
_NAVER_VIEWS = frozenset({"/PostView.naver", "/PostView.nhn"})
_YOUTUBE_FILM = re.compile(r"/(?:shorts|embed|live|v|e)/([\w-]{11})", re.ASCII)
_YOUTUBE_ID = re.compile(r"[\w-]{11}", re.ASCII)
_TWEET = re.compile(r"/(?:i/web|i|\w{1,20})/status(?:es)?/(\d+)(?:/(?:photo|video)/\d+)?", re.ASCII)
_REDDIT_TALK = re.compile(r"(?:/(?:r|user)/[\w-]+)?/comments/([a-z0-9]+)(?:/[^/]*)?", re.ASCII)
# With its version and its format.
_ARXIV_PAPER = re.compile(
    r"/(?:abs|pdf|html|format|ps|e-print|src)/((?:\d{4}\.\d{4,5})|(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}))(?:v\d+)?(?:\.pdf|\.ps(?:\.gz)?)?",
    re.ASCII,
)
_ARXIV_DOI = re.compile(r"/10\.48550/arxiv\.(\d{4}\.\d{4,5}|[a-z-]+/\d{7})", re.IGNORECASE | re.ASCII)
_SUBSTACK_PUB = re.compile(r"/pub/([a-z0-9-]+)(/p/[^/]+)", re.ASCII)
_ARCHIVED = re.compile(
    r"/web/\d{4,14}(?:[a-z]{2}_)?/(?:(https?):/{1,2})?([a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/:].*)?)", re.IGNORECASE
)
_AMP_CACHE = re.compile(r"/[a-z]/(s/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/:].*)?)")
_GOOGLE_AMP = re.compile(r"/amp/(s/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/:].*)?)")
_GOOGLE = re.compile(r"google\.(?:[a-z]{2,3}|com?\.[a-z]{2})")

_INDEX_PAGES = frozenset(
    f"{name}.{ending}" for name in ("index", "default") for ending in ("html", "htm", "php", "asp", "aspx", "jsp")
)
# What a folder must contain to count as the name of an article: "a-b", "2023", "%EA%B8%80".
_ARTICLE_NAME = re.compile(r"[-\d%]")
_VIEWS = frozenset({"m=0", "m=1", "amp=", "amp=1", "amp=true", "outputType=amp"})


class Address(NamedTuple):
    """An address in parts, with uniform percent-encoding and without a scheme."""

    #: Lower case, ASCII.
    host: str
    #: After settling, without a trailing slash; empty for the front page.
    path: str
    #: name=value, sorted.
    parameters: tuple[str, ...] = ()
    #: Empty unless it chooses the page.
    fragment: str = ""


def is_ruled(host: str, path: str) -> bool:
    """Whether a rule may change an address with this host and path, without parameters and unusual characters."""
    return (
        host in _RULED_HOSTS
        or host.startswith(_RULED_BEGINNINGS)
        or host.endswith(_RULED_PLACES)
        or ".blogspot." in host
        or path.lower().endswith(_RULED_ENDS)
    )


def find_wrapped(address: Address) -> str | None:
    """The address that this one is a copy of, in an AMP cache or in the Web Archive."""
    host, path = address.host, address.path
    match = None
    if host == "cdn.ampproject.org" or host.endswith(".cdn.ampproject.org"):
        match = _AMP_CACHE.fullmatch(path)
    elif _GOOGLE.fullmatch(host):
        match = _GOOGLE_AMP.fullmatch(path)
    elif host == "web.archive.org":
        match = _ARCHIVED.fullmatch(path)
    if match is None:
        return None
    kept = "&".join(p for p in address.parameters if not p.startswith(("amp_", "usqp=")))
    return f"http://{match[2]}" + (f"?{kept}" if kept else "")


def settle_address(address: Address) -> Address:
    """The one form of an address that its site writes in several ways. Idempotent."""
    host = settle_host(address.host)
    path = _trim_path(re.sub(r"/{2,}", "/", address.path))
    parameters = tuple(p for p in address.parameters if p not in _VIEWS)
    return _settle_site(Address(host, path, parameters, address.fragment))


def settle_host(host: str) -> str:
    """The host without ``www.`` and ``amp.``; known mobile and country variants become the main host."""
    name, port = host, ""
    if ":" in host and not host.endswith("]"):
        name, _, port = host.rpartition(":")
    name = strip_www(name.rstrip("."))
    while name.startswith("amp.") and _has_amp_host(rest := strip_www(name[4:])):
        name = rest
    if match := _MOBILE_WIKIPEDIA.fullmatch(name):
        name = f"{match[1]}.wikipedia.org"
    elif match := _BLOGSPOT.fullmatch(name):
        name = f"{match[1]}.blogspot.com"
    name = _MOBILE_HOSTS.get(name, name)
    return f"{name}:{port}" if port else name


def strip_www(host: str) -> str:
    """The host without ``www.``, unless that is the name itself (www.com)."""
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def is_medium(host: str) -> bool:
    """Whether Medium serves this host."""
    return host == "medium.com" or host.endswith(".medium.com") or host in MEDIUM_DOMAINS


def _has_amp_host(host: str) -> bool:
    return "." in host and not _SHARED_SUFFIX.fullmatch(host)


def _trim_path(path: str) -> str:
    """The path without the index file of a folder and without the mark of an AMP page."""
    while True:
        # A semicolon with nothing after it is not a parameter.
        path = path.rstrip("/;")
        folder, _, last = path.rpartition("/")
        if last.lower() in _INDEX_PAGES or (last == "amp" and _ARTICLE_NAME.search(folder.rpartition("/")[2])):
            path = folder
        elif last.endswith(".amp") and last[:-4].strip("."):
            path = path[:-4]
        elif last.endswith(".amp.html") and last != ".amp.html":
            path = f"{path[:-9]}.html"
        else:
            return path


def is_of_translation(address: Address) -> bool:
    """Whether an address has a language that is left out when it is settled: its page is a translation."""
    return address.host.startswith("aws.") and bool(_AWS_LANGUAGE.match(address.path))


def _settle_site(address: Address) -> Address:
    host = address.host
    if host.startswith("aws."):
        path = _AWS_LANGUAGE.sub("", address.path)
        kept = tuple(p for p in address.parameters if not p.startswith(("nc1=", "nc2=")))
        return address._replace(path=path, parameters=kept)
    if is_medium(host):
        return _settle_medium(address)
    if host.endswith(".tistory.com"):
        return _settle_tistory(address)
    if host.endswith(".blog.me"):
        return _settle_blog_me(address)
    settle = _SETTLED.get(host)
    return settle(address) if settle else address


def _settle_medium(address: Address) -> Address:
    """An article is its id, whichever publication, person or domain shows it."""
    *folders, name = address.path.split("/")[1:] or [""]
    number = name.rpartition("-")[2]
    if not _MEDIUM_ID.fullmatch(number) or address.host == "link.medium.com":
        return address
    if address.host == "medium.com":
        is_article = (len(folders) == 1 and folders[0] not in _MEDIUM_FOLDERS) or (
            len(folders) == 2 and folders[0] == "s"
        )
    else:
        is_article = not folders or (len(folders) == 1 and (folders[0] == "p" or folders[0].startswith("@")))
    return Address("medium.com", f"/p/{number}") if is_article else address


def _settle_naver(address: Address) -> Address:
    said = {name.lower(): value for name, _, value in (p.partition("=") for p in address.parameters)}
    path = address.path
    if path in _NAVER_VIEWS:
        path = f"/{said.get('blogid', '')}/{said.get('logno', '')}"
    elif said.get("redirect", "").lower() == "log":
        path = f"{path}/{said.get('logno', '')}"
    return Address(address.host, path) if _NAVER_POST.fullmatch(path) else address


def _settle_tistory(address: Address) -> Address:
    path = address.path
    while path == "/m" or path.startswith("/m/"):
        path = path[2:]
    if not _TISTORY_POST.fullmatch(path):
        return address._replace(path=path)
    # The list that the reader came from.
    kept = tuple(p for p in address.parameters if not p.startswith("category="))
    return address._replace(path=path, parameters=kept)


def _settle_blog_me(address: Address) -> Address:
    """The addresses of Naver's blogs until 2019."""
    path = f"/{address.host.removesuffix('.blog.me')}{address.path}"
    return Address("blog.naver.com", path) if _NAVER_POST.fullmatch(path) else address


def _settle_feedburner(address: Address) -> Address:
    match = _FEEDBURNER_ITEM.fullmatch(address.path)
    return Address("feeds.feedburner.com", match[1]) if match else address


def _settle_youtube(address: Address) -> Address:
    """The id names a video; player and start time do not count."""
    if address.host == "youtu.be":
        found = address.path[1:]
    elif match := _YOUTUBE_FILM.fullmatch(address.path):
        found = match[1]
    else:
        said = [p[2:] for p in address.parameters if p.startswith("v=")] if address.path == "/watch" else []
        found = said[0] if len(said) == 1 else ""
    return Address("youtube.com", "/watch", (f"v={found}",)) if _YOUTUBE_ID.fullmatch(found) else address


def _settle_x(address: Address) -> Address:
    match = _TWEET.fullmatch(address.path)
    return Address("x.com", f"/i/status/{match[1]}") if match else address


def _settle_reddit(address: Address) -> Address:
    if address.host == "redd.it" and re.fullmatch(r"/[a-z0-9]+", address.path):
        return Address("reddit.com", f"/comments{address.path}")
    match = _REDDIT_TALK.fullmatch(address.path)
    return Address("reddit.com", f"/comments/{match[1]}") if match else address


def _settle_arxiv(address: Address) -> Address:
    """A paper is its number, in any form and version."""
    match = (_ARXIV_DOI if address.host.endswith("doi.org") else _ARXIV_PAPER).fullmatch(address.path)
    return Address("arxiv.org", f"/abs/{match[1]}") if match else address


def _settle_substack(address: Address) -> Address:
    match = _SUBSTACK_PUB.fullmatch(address.path)
    return Address(f"{match[1]}.substack.com", match[2]) if match else address


_SETTLED: dict[str, Callable[[Address], Address]] = {
    **dict.fromkeys(_FEEDBURNER, _settle_feedburner),
    "arxiv.org": _settle_arxiv,
    "blog.naver.com": _settle_naver,
    "doi.org": _settle_arxiv,
    "dx.doi.org": _settle_arxiv,
    "open.substack.com": _settle_substack,
    "reddit.com": _settle_reddit,
    "redd.it": _settle_reddit,
    "x.com": _settle_x,
    "youtu.be": _settle_youtube,
    "youtube.com": _settle_youtube,
}

# Hosts with rules; all others take a shortcut.
_RULED_HOSTS = MEDIUM_DOMAINS | _MOBILE_HOSTS.keys() | _SETTLED.keys() | {"medium.com", "web.archive.org"}
_RULED_BEGINNINGS = ("amp.", "aws.", "google.")
_RULED_PLACES = (".blog.me", ".medium.com", ".tistory.com", ".wikipedia.org", ".ampproject.org")
_RULED_ENDS = ("/amp", ".amp", ".amp.html", *(f"/{page}" for page in sorted(_INDEX_PAGES)))
