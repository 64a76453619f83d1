"""Which request asks a source about a post, and which answers what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from aggregator.addresses.networks import is_public_host
from aggregator.addresses.resources import find_resource, find_resources
from aggregator.addresses.urls import host_of, tidy_url
from aggregator.talk.sources import PLACES
from aggregator.types import Post, Resource, ResourceKind, TalkSource

#: The newest topics, twice as many as come in a day, and those that stand on the first page now.
_GEEKNEWS_LISTS = ("/new", "/new?page=2", "/new?page=3", "/")
_HUB_FOLDERS = {
    ResourceKind.CHECKPOINT: "models",
    ResourceKind.DATASET: "datasets",
    ResourceKind.DEMO: "spaces",
}


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One request to a source."""

    source: TalkSource
    #: What is requested; empty if the source has nothing to tell about the post.
    url: str
    #: What the answer is about: the canonical address of a post, or of a list.
    about: str
    #: Whether it is a list of many posts.
    is_list: bool = False
    #: The page that a person would open: of the work, or of the talk.
    page: str | None = None


def ask_about(source: TalkSource, post: Post, base: str, page: str | None) -> Inquiry:
    """The question to a source about a post. *base* is the address of the source, *page* is where it talks about the
    post, as far as that is known.
    """
    if not is_public_host(host_of(post.url)):
        return Inquiry(source, "", post.canonical_url)
    url = tidy_url(post.url)
    query = quote(url, safe="")
    match source:
        case TalkSource.HACKER_NEWS:
            asked = urlencode({"query": url, "tags": "story", "restrictSearchableAttributes": "url"})
            return Inquiry(source, f"{base}/search?{asked}", post.canonical_url)
        case TalkSource.LOBSTERS:
            return Inquiry(source, f"{base}/stories/url/all.json?url={query}", post.canonical_url)
        case TalkSource.REDDIT:
            return Inquiry(source, f"{base}/api/info.json?url={query}", post.canonical_url)
        case TalkSource.GEEKNEWS:
            # Its lists have told which topic it is; a search by address is not documented there.
            number = page.rpartition("id=")[2] if page else ""
            if number.isdecimal():
                return Inquiry(source, f"{base}/topic?id={number}", post.canonical_url)
        case TalkSource.GITHUB | TalkSource.HUGGING_FACE:
            for work in _list_works(post):
                if path := _name_work(source, work):
                    return Inquiry(source, f"{base}/{path}", post.canonical_url, page=work.url)
    return Inquiry(source, "", post.canonical_url)


def list_lists(source: TalkSource, base: str, lists: tuple[str, ...]) -> Iterator[Inquiry]:
    """The lists of a source; *lists* are those of the settings."""
    match source:
        case TalkSource.GEEKNEWS:
            for path in _GEEKNEWS_LISTS:
                yield Inquiry(source, base + path, base + path, is_list=True)
        case TalkSource.LISTS:
            for url in lists:
                yield Inquiry(source, url, url, is_list=True)


def _list_works(post: Post) -> Iterator[Resource]:
    """The post itself if it is a work, its publisher's own works, and its only paper."""
    if itself := find_resource(post.url):
        yield itself
    found = find_resources(post.links, site=post.url, organisation=post.organisation)
    yield from (work for work in found if work.is_own)
    papers = [work for work in found if work.kind is ResourceKind.PAPER]
    if len(papers) == 1:
        yield papers[0]


def _name_work(source: TalkSource, work: Resource) -> str:
    """The path of a work at the interface of a source; empty if the work is elsewhere."""
    host, name = work.url.split("/")[2], quote(work.name)
    if source is TalkSource.GITHUB:
        return f"repos/{name}" if host == "github.com" and work.kind is ResourceKind.CODE else ""
    if host == "arxiv.org":
        return f"papers/{name}"
    if host == "huggingface.co" and work.kind in _HUB_FOLDERS:
        # Names there have capitals, which the name of a resource has lost.
        path = work.url.split("/", 3)[3].removeprefix("datasets/").removeprefix("spaces/")
        return f"{_HUB_FOLDERS[work.kind]}/{quote(path)}"
    return ""


def get_base(source: TalkSource, addresses: dict[TalkSource, str]) -> str:
    """Where questions to a source are sent, by the settings or as usual."""
    return addresses.get(source, PLACES[source].base).rstrip("/")
