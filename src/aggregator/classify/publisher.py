"""Describes the publisher of a post by its address and its organisation.

An unlisted host must not do harm, so it gives marks only for its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain
from urllib.parse import unquote, urlsplit

from aggregator.addresses.urls import host_of
from aggregator.classify.wording import read_table
from aggregator.text.tokens import compile_token
from aggregator.types import Kind

AWS_HOST = "aws.amazon.com"

_KINDS = {Kind.RESEARCH: "lab", Kind.INDIVIDUAL: "individual"}
_OWN_PAGES = re.compile(
    r"\.(?:github\.io|gitlab\.io|tistory\.com|substack\.com|wordpress\.com|blogspot\.com|bearblog\.dev)$"
)
_ENGINEERING = re.compile(
    r"(?:^|[.-])(?:eng|engineering|tech|techblog|dev|developers?|engblog|engineeringblog)[.-]|\.engineering$|-tech\."
)
_LAB = re.compile(r"(?:^|[.-])research[.-]|\.edu$|\.ac\.[a-z]{2}$")
_FOLDERS = {
    "research": "lab", "engineering": "engineering", "tech": "engineering", "tech-blog": "engineering",
    "publications": "lab", "science": "lab",
}  # fmt: skip
# Parts of identifiers, and parts that every address has.
_NO_WORDS = frozenset(
    {"html", "htm", "php", "blog", "blogs", "post", "posts", "entry", "index", "www", "com", "en", "us", "ko", "amp"}
)
_TOKEN = compile_token()
_IDENTIFIER = re.compile(r"^(?=.*\d)[0-9a-f]{8,}$|\d{4,}", re.IGNORECASE)


def is_aws_published(url: str, kind: Kind | None = None) -> bool:
    """Whether AWS itself publishes the post; only then can it be in a part that is reserved for AWS.

    This includes its blogs in every language and its GitHub pages. amazon.science belongs to Amazon, not to AWS.
    """
    return kind is Kind.AWS or _is_aws_host(host_of(url))


def _is_aws_host(host: str) -> bool:
    return host in {AWS_HOST, "awslabs.github.io", "aws-samples.github.io"} or host.endswith(f".{AWS_HOST}")


@cache
def _load_publishers() -> dict[str, str]:
    return {address: name for name, addresses in read_table("publishers").items() for address in addresses}


def list_publisher_marks(url: str, organisation: str | None, kind: Kind | None = None) -> list[str]:
    """List marks for the publisher at an address: the host or publication, and the sort of publisher."""
    host, folders = _take_apart(url)
    if _is_aws_host(host):
        return []
    sort = find_publisher_sort(url, organisation, kind)
    return [f"host:{_name_host(host, folders)}", *([f"publisher:{sort}"] if sort else [])]


def find_publisher_sort(url: str, organisation: str | None, kind: Kind | None = None) -> str | None:
    """Return the sort of publisher at an address, if it can be told."""
    host, folders = _take_apart(url)
    sort = _find_sort(host, folders) or (_KINDS.get(kind) if kind else None)
    if host == "medium.com":
        # If only the host is known, the digest's custom helps: it does not name an organisation for individuals.
        person = folders[0].startswith("@") if folders else not organisation
        return "individual" if person and not organisation else sort or "engineering"
    if not sort and not organisation:
        return "individual" if _OWN_PAGES.search(host) else None
    return sort


@lru_cache(maxsize=10_000)
def _find_sort_of(address: str) -> str | None:
    return _load_publishers().get(address)


def _find_sort(host: str, folders: tuple[str, ...]) -> str | None:
    """The sort by the deepest listed folder, else by the name of a folder, the listed host, or the form of the host.

    So an engineering folder of a laboratory counts as engineering.
    """
    listed = (_find_sort_of("/".join((host, *folders[:depth]))) for depth in range(min(len(folders), 3), 0, -1))
    named = (_FOLDERS.get(folder) for folder in folders[:3])
    hosts = (_find_sort_of(each) for each in _list_hosts(host))
    if sort := next(filter(None, chain(listed, named, hosts)), None):
        return sort
    if _LAB.search(host):
        return "lab"
    return "engineering" if _ENGINEERING.search(host) else None


def _list_hosts(host: str) -> Iterator[str]:
    yield host
    while host.count(".") > 1:
        host = host.partition(".")[2]
        yield host


def _name_host(host: str, folders: tuple[str, ...]) -> str:
    """The host, with the folder if it has several publishers, such as a laboratory and an engineering team."""
    if not folders or folders[0].startswith("@"):
        return host
    is_shared = host == "medium.com" or _FOLDERS.get(folders[0]) == "engineering"
    return f"{host}/{folders[0]}" if is_shared else host


def _take_apart(url: str) -> tuple[str, tuple[str, ...]]:
    parts = urlsplit(url)
    return host_of(url), tuple(folder.lower() for folder in parts.path.split("/") if folder)


def read_slug(url: str) -> str:
    """Return the words of the last folder of an address: Korean posts often have an English one."""
    folders = [folder for folder in unquote(urlsplit(url).path).split("/") if folder]
    if not folders:
        return ""
    words = (word for word in _TOKEN.findall(folders[-1]) if not _IDENTIFIER.search(word))
    return " ".join(word for word in words if word.lower() not in _NO_WORDS and len(word) > 1)
