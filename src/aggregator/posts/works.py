"""Which posts are about one work: the article, the paper, the repository and the model card of it. Pure.

Many posts link to a well-known repository, and few are its own. So a link alone joins nothing: the names have to agree
as well, and what many posts link to joins nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from aggregator.addresses.resources import find_resource, find_resources
from aggregator.addresses.urls import canonicalise_url
from aggregator.text.agreement import measure_share
from aggregator.types import ResourceKind

#: More posts than this with one resource are about something that all of them use.
MOST = 5
# Share of one title that is in another: the title of a paper in the title of the article about it.
_TITLE_SHARE = 0.6
_FEWEST_MARKS = 3
_KINDS = frozenset(
    {ResourceKind.CODE, ResourceKind.CHECKPOINT, ResourceKind.DATASET, ResourceKind.DEMO, ResourceKind.PAPER}
)
# Names of repositories that many have.
_COMMON = frozenset(
    """api app awesome base blog code core data demo docs example examples experiments lab main model models notebooks
    open paper papers project repo research sample samples sdk server source starter template test tools tutorial
    tutorials""".split()  # noqa: SIM905 - words
)
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Work:
    """A post with what says which work it is about."""

    post_id: int
    title: str
    url: str
    organisation: str | None = None
    links: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def name_resource(url: str) -> str | None:
    """The key of the resource that an address is or leads to, the same for all forms of the address."""
    found = find_resource(url)
    return canonicalise_url(found.url).lower() if found and found.kind in _KINDS else None


def find_kind(url: str) -> ResourceKind | None:
    """What the post at an address is, beside an article."""
    found = find_resource(url)
    return found.kind if found and found.kind in _KINDS else None


def list_keys(post: Work) -> list[str]:
    """The keys by which other posts of its work may be found: what it is, and what it links to."""
    own = name_resource(post.url)
    linked = [key for link in post.links if (key := name_resource(link))]
    return list(dict.fromkeys([*([own] if own else []), *linked]))


def find_work(post: Work, others: Iterable[Work]) -> list[int]:
    """The *others* that are about the same work as a post, directly or by one of them, in their order."""
    rest = {one.post_id: one for one in others if one.post_id != post.post_id}
    spread = _count([post, *rest.values()])
    found, waiting = set[int](), [post]
    while waiting:
        here = waiting.pop()
        for one in list(rest.values()):
            if one.post_id not in found and _is_one(here, one, spread):
                found.add(one.post_id)
                waiting.append(one)
    return [number for number in rest if number in found]


def _count(posts: Sequence[Work]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for post in posts:
        for key in list_keys(post):
            counts[key] = counts.get(key, 0) + 1
    return counts


def _is_one(a: Work, b: Work, spread: dict[str, int]) -> bool:
    shared = {key for key in set(list_keys(a)) & set(list_keys(b)) if spread[key] <= MOST}
    if not shared:
        return False
    own = {name_resource(a.url), name_resource(b.url)} - {None}
    if own & shared:
        # One is the resource, and the other links to it; the name of either has to be in both.
        return any(_is_named(key, a) and _is_named(key, b) for key in own if key) or agree(a.title, b.title)
    presented = {key for key in shared if _presents(a, key) and _presents(b, key)}
    return any(_is_named(key, a) and _is_named(key, b) for key in presented) or (
        bool(presented) and agree(a.title, b.title)
    )


def _presents(post: Work, key: str) -> bool:
    """Whether a post shows a resource as its own: its publisher owns it, or it is the only paper that it links to."""
    found = find_resources(post.links, site=post.url, organisation=post.organisation)
    papers = {canonicalise_url(one.url).lower() for one in found if one.kind is ResourceKind.PAPER}
    own = {canonicalise_url(one.url).lower() for one in found if one.is_own}
    return key in own or papers == {key}


def _is_named(key: str, post: Work) -> bool:
    """Whether the title of a post, or its address if it is a resource itself, has the name of a resource."""
    name = _WORDS.findall(key.rsplit("/", 1)[-1].lower())
    text = f"{post.title} {post.url.rsplit('/', 1)[-1]}" if name_resource(post.url) else post.title
    words = _WORDS.findall(text.lower())
    if not name or (len(name) == 1 and (len(name[0]) < 4 or name[0] in _COMMON or name[0].isdigit())):
        return False
    joined, whole = "".join(name), {*words, *map("".join, pairwise(words))}
    return joined in whole or any(words[at : at + len(name)] == name for at in range(len(words)))


def agree(one: str, other: str) -> bool:
    """Whether two titles are of one thing: most of the shorter one is in the other."""
    return any(
        len(_WORDS.findall(part)) >= _FEWEST_MARKS and measure_share(part, whole) >= _TITLE_SHARE
        for part, whole in ((one, other), (other, one))
    )
