"""What the address and the organisation of a post say of who publishes it.

A host that nobody has listed must not hurt: it gives marks only for what its form tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from aggregator.classify.wording import read_table
from aggregator.types import Kind
from aggregator.urls import host_of

AWS_HOST = "aws.amazon.com"

_KINDS = {Kind.RESEARCH: "lab", Kind.INDIVIDUAL: "individual", Kind.AWS: "aws"}
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
_SLUG_WORD = re.compile(r"[a-z][a-z0-9]+", re.IGNORECASE)
# Of identifiers and of what every address has.
_NO_WORDS = frozenset(
    {"html", "htm", "php", "blog", "blogs", "post", "posts", "entry", "index", "www", "com", "en", "us", "ko", "amp"}
)
_IDENTIFIER = re.compile(r"^(?=.*\d)[0-9a-f]{8,}$|\d{4,}", re.IGNORECASE)


def is_aws_published(url: str, kind: Kind | None = None) -> bool:
    """Whether AWS itself publishes the post; only then can it belong to part 3.

    Its blogs in every language and its GitHub pages; amazon.science is Amazon's and not AWS's.
    """
    return kind is Kind.AWS or _is_aws_host(host_of(url))


def _is_aws_host(host: str) -> bool:
    return host in {AWS_HOST, "awslabs.github.io", "aws-samples.github.io"} or host.endswith(f".{AWS_HOST}")


@cache
def _load_publishers() -> dict[str, str]:
    return {address: name for name, addresses in read_table("publishers").items() for address in addresses}


def list_publisher_marks(url: str, organisation: str | None, kind: Kind | None = None) -> list[str]:
    """Marks for who stands behind an address: the host or publication, and what sort of publisher it is."""
    host, folders = _take_apart(url)
    if _is_aws_host(host):
        return []
    marks = [f"host:{_name_host(host, folders)}"]
    sort = _find_sort(host, folders) or _KINDS.get(kind) if kind else _find_sort(host, folders)
    if host == "medium.com":
        # Where only the host is known, the digest's habit tells: it names no organisation for individuals.
        person = folders[0].startswith("@") if folders else not organisation
        sort = "individual" if person and not organisation else sort or "engineering"
    if not sort and not organisation:
        sort = "individual" if _OWN_PAGES.search(host) else None
    return [*marks, f"publisher:{sort}"] if sort else marks


@lru_cache(maxsize=10_000)
def _find_sort_of(address: str) -> str | None:
    return _load_publishers().get(address)


def _find_sort(host: str, folders: tuple[str, ...]) -> str | None:
    """From the listed address that is nearest, else from the form of the host and its folders."""
    for address in _list_addresses(host, folders):
        if sort := _find_sort_of(address):
            return sort
    if _LAB.search(host):
        return "lab"
    for folder in folders[:3]:
        if sort := _FOLDERS.get(folder):
            return sort
    return "engineering" if _ENGINEERING.search(host) else None


def _list_addresses(host: str, folders: tuple[str, ...]) -> Iterator[str]:
    for depth in range(min(len(folders), 3), -1, -1):
        yield "/".join((host, *folders[:depth]))
    while host.count(".") > 1:
        host = host.partition(".")[2]
        yield host


def _name_host(host: str, folders: tuple[str, ...]) -> str:
    if host == "medium.com" and folders and not folders[0].startswith("@"):
        return f"{host}/{folders[0]}"
    return host


def _take_apart(url: str) -> tuple[str, tuple[str, ...]]:
    parts = urlsplit(url)
    return host_of(url), tuple(folder.lower() for folder in parts.path.split("/") if folder)


def read_slug(url: str) -> str:
    """The words of the last folder of an address: Korean posts often have an English one."""
    folders = [folder for folder in unquote(urlsplit(url).path).split("/") if folder]
    if not folders:
        return ""
    words = (word for word in re.split(r"[^0-9A-Za-z가-힣]+", folders[-1]) if not _IDENTIFIER.search(word))
    return " ".join(word for word in words if word.lower() not in _NO_WORDS and len(word) > 1)
