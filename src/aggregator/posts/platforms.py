"""Where a post of GitHub, Hugging Face and arXiv is read, and how. Pure.

Their pages are made for people: the day on which a repository was made, or a model, stands in none of them. So what the
services document for programs is asked first; its text comes from a second document.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from aggregator.addresses.resources import find_resource
from aggregator.addresses.urls import canonicalise_url, host_of, may_lead_elsewhere
from aggregator.text.characters import clean
from aggregator.text.html import normalise, shorten_title
from aggregator.types import ResourceKind

#: What GitHub answers with, if it is asked so: text as HTML, alone or in JSON.
_GITHUB_HTML, _GITHUB_JSON = "application/vnd.github.html", "application/vnd.github.html+json"
_PAGE, _JSON = "text/html, application/xhtml+xml, */*;q=0.1", "application/json"
_RELEASE = re.compile(r"/([\w.-]+)/([\w.-]+)/releases/tag/([^/]+)/?")
_PAPER = re.compile(r"/papers/(\d{4}\.\d{4,5})/?")


class Origin(StrEnum):
    """The kinds of places that have a reader of their own."""

    PAGE = "page"
    REPOSITORY = "repository"
    RELEASE = "release"
    GIST = "gist"
    HUB = "hub"
    HUB_PAPER = "paper of the hub"


class Apis(NamedTuple):
    """Where the services answer programs."""

    github: str = "https://api.github.com"
    hub: str = "https://huggingface.co"


class Ask(NamedTuple):
    """A document to ask for. What a service documents for programs is asked for without its robots.txt, which is about
    its pages.
    """

    url: str
    accept: str = _PAGE
    is_for_programs: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How a post is read by its address."""

    url: str
    origin: Origin = Origin.PAGE
    #: What says title and day, and what has the text; without the first the page says all.
    facts: Ask | None = None
    text: Ask | None = None
    #: Other canonical addresses of the same.
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a service says of a post; what it does not say is empty."""

    title: str
    day: str = ""
    organisation: str = ""
    tags: tuple[str, ...] = ()
    #: HTML that is not sanitised; empty if the text comes from the second document.
    html: str = ""
    #: Links that belong to it and stand in no text.
    links: tuple[str, ...] = ()


def find_way(url: str, apis: Apis = Apis()) -> Way:  # noqa: B008 - it is immutable
    """How the post at *url* is read."""
    host, path = host_of(url), unquote(urlsplit(url).path)
    if host in {"huggingface.co", "hf.co"} and (paper := _PAPER.fullmatch(path)):
        also = (canonicalise_url(f"https://arxiv.org/abs/{paper[1]}"),)
        return Way(url, Origin.HUB_PAPER, Ask(f"{apis.hub}/api/papers/{paper[1]}", _JSON, True), None, also)
    if host == "github.com" and (release := _RELEASE.fullmatch(path)):
        place = f"{apis.github}/repos/{release[1]}/{release[2]}/releases/tags/{quote(release[3], safe='')}"
        return Way(url, Origin.RELEASE, Ask(place, _GITHUB_JSON, True))
    if may_lead_elsewhere(host) and host_of(canonicalise_url(url)) == "arxiv.org":
        # Each form of a paper leads to the page of its abstract, which has what the others do not say.
        page = canonicalise_url(url)
        return Way(page, text=Ask(page))
    found = find_resource(url)
    if found is None or canonicalise_url(found.url).lower() not in {canonicalise_url(url).lower(), _strip_owner(url)}:
        return Way(url, text=Ask(url))
    if host == "gist.github.com":
        gist = found.name.removeprefix("gist:")
        return Way(url, Origin.GIST, Ask(f"{apis.github}/gists/{gist}", _JSON, True), None, (found.url,))
    if host == "github.com" and found.kind is ResourceKind.CODE:
        place = f"{apis.github}/repos{urlsplit(found.url).path}"
        text = Ask(f"{place}/readme", _GITHUB_HTML, True)
        return Way(url, Origin.REPOSITORY, Ask(place, _JSON, True), text, (canonicalise_url(found.url),))
    if host in {"huggingface.co", "hf.co"} and found.kind is not ResourceKind.PAPER:
        place = urlsplit(found.url).path
        folder = "" if place.startswith(("/datasets/", "/spaces/")) else "/models"
        return Way(url, Origin.HUB, Ask(f"{apis.hub}/api{folder}{place}", _JSON, True), Ask(f"{apis.hub}{place}"))
    return Way(url, text=Ask(url))


def _strip_owner(url: str) -> str:
    """The canonical address of a gist without the name of its owner, in lower case."""
    return re.sub(r"(//gist\.github\.com)/[^/]+/([0-9a-f]+)/?$", r"\1/\2", canonicalise_url(url).lower())


def read_said(origin: Origin, body: bytes) -> Said | None:
    """Read what a service says; None if that is not what it documents."""
    try:
        found = json.loads(body)
        return _READERS[origin](found) if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        return None


def _read_repository(found: dict[str, Any]) -> Said:
    name, about = _text(found, "name"), _text(found, "description")
    title = f"{name}: {about.rstrip('.')}" if about else name
    owner = _text(_part(found, "owner"), "login")
    links = (_text(found, "homepage"),)
    return Said(shorten_title(title), _text(found, "created_at"), owner, _list(found, "topics"), "", _real(links))


def _read_release(found: dict[str, Any]) -> Said:
    place = urlsplit(_text(found, "html_url")).path.split("/")
    owner, repository = (place[1], place[2]) if len(place) > 2 else ("", "")
    name, tag = _text(found, "name"), _text(found, "tag_name")
    title = name if repository.lower() in name.lower() else f"{repository} {name or tag}".strip()
    day = _text(found, "published_at") or _text(found, "created_at")
    links = _real((f"https://github.com/{owner}/{repository}",)) if repository else ()
    return Said(shorten_title(title), day, owner, ("release",), _raw(found, "body_html"), links)


def _read_gist(found: dict[str, Any]) -> Said:
    files = [each for each in _part(found, "files").values() if isinstance(each, dict)]
    texts = [(_text(each, "filename"), _raw(each, "content")) for each in files]
    heading = next((line.lstrip("# ") for _, text in texts for line in text.splitlines() if line.startswith("# ")), "")
    title = heading or _text(found, "description") or (texts[0][0] if texts else "")
    html = "".join(
        show_plain(text) if name.lower().endswith((".md", ".txt")) else _show_code(text) for name, text in texts
    )
    owner = _text(_part(found, "owner"), "login")
    return Said(shorten_title(normalise(title)), _text(found, "created_at"), owner, ("gist",), html)


def _read_hub(found: dict[str, Any]) -> Said:
    whole = _text(found, "id") or _text(found, "modelId")
    owner, _, name = whole.rpartition("/")
    tags = _list(found, "tags")
    papers = tuple(f"https://arxiv.org/abs/{tag[6:]}" for tag in tags if tag.startswith("arxiv:"))
    kept = tuple(tag for tag in tags if ":" not in tag)[:20]
    title = _text(_part(found, "cardData"), "title") or name
    return Said(shorten_title(title), _text(found, "createdAt"), _text(found, "author") or owner, kept, "", papers)


def _read_hub_paper(found: dict[str, Any]) -> Said:
    html = show_plain(_raw(found, "summary"))
    name = _part(found, "organization")
    organisation = _text(name, "fullname") or _text(name, "name")
    paper = f"https://arxiv.org/abs/{_text(found, 'id')}"
    links = _real((paper, _text(found, "githubRepo"), _text(found, "projectPage")))
    title = shorten_title(normalise(_text(found, "title")))
    return Said(title, _text(found, "publishedAt"), organisation, ("paper",), html, links)


_READERS = {
    Origin.REPOSITORY: _read_repository,
    Origin.RELEASE: _read_release,
    Origin.GIST: _read_gist,
    Origin.HUB: _read_hub,
    Origin.HUB_PAPER: _read_hub_paper,
}


def show_plain(text: str) -> str:
    """HTML of plain text or of simple Markdown: headings, paragraphs and fenced code."""
    pieces = []
    for place, block in enumerate(text.replace("\r\n", "\n").split("\n```")):
        if place % 2:
            pieces.append(_show_code(block.partition("\n")[2]))
            continue
        for paragraph in block.removeprefix("```").split("\n\n"):
            said = paragraph.strip()
            if said.startswith("#"):
                pieces.append(f"<h2>{escape(said.lstrip('# '))}</h2>")
            elif said:
                pieces.append(f"<p>{escape(said)}</p>")
    return "".join(pieces)


def _show_code(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _raw(found: dict[str, Any], name: str) -> str:
    """A text with its line ends, without what JSON can hold and a database cannot, such as half a character."""
    value = found.get(name)
    return clean(value) if isinstance(value, str) else ""


def _text(found: dict[str, Any], name: str) -> str:
    return normalise(_raw(found, name))


def _part(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _list(found: dict[str, Any], name: str) -> tuple[str, ...]:
    value = found.get(name)
    return tuple(clean(each) for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _real(links: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(link for link in links if link.startswith(("https://", "http://")))
