"""What a page says of itself: its title, its day, who publishes it, in which language. Pure; a tree is lxml's.

Each is said in several places, and the surest one that says it counts. Nothing is guessed from words of the text: what
no place says, the curator types.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.dates.read import Precision, Zones, find_url_date, read_date
from aggregator.posts.dating import PostDate, judge_confidence
from aggregator.posts.page_marks import is_article, load_json
from aggregator.text.html import normalise, shorten_title
from aggregator.text.language import read_code
from aggregator.text.titles import plain_title
from aggregator.types import DateSource

_KOREA = Zones(ZoneInfo("Asia/Seoul"))
# Elements of the head that name the day of publication, the surest first.
_DAYS = (
    *("article:published_time", "og:article:published_time", "citation_online_date", "citation_date"),
    *("citation_publication_date", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "pubdate"),
    *("publish_date", "publishdate", "parsely-pub-date", "sailthru.date"),
)
# Services on which others publish; their name is not the publisher's.
_SERVICES = frozenset(
    {"arxiv", "arxiv.org", "brunch", "dev.to", "facebook", "ghost", "github", "gist", "hashnode", "linkedin", "medium"}
    | {"naver", "notion", "substack", "telegraph", "tistory", "velog", "wordpress", "wordpress.com", "youtube"}
    | {"네이버", "티스토리", "브런치", "브런치스토리"}
)
_SEPARATORS = " |-–—·:•»"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the head of a page says; what it does not say is empty."""

    title: str
    organisation: str
    #: The language that the page names, such as ``ko``; ``en`` if it names none.
    language: str
    date: PostDate | None
    #: A summary for readers of papers, as plain text.
    abstract: str


def read_facts(tree: Any, url: str) -> PageFacts:
    """Read the head of the page at *url*. A day without a zone is one of Korea on a page in Korean, else of UTC."""
    metas = _list_metas(tree)
    nodes = list(_list_articles(tree))
    language = read_code(tree.get("lang")) or read_code(metas.get("og:locale")) or "en"
    publisher = _find_publisher(metas, nodes)
    return PageFacts(
        _find_title(tree, metas, publisher),
        "" if publisher.lower() in _SERVICES else publisher,
        language,
        find_date([*_list_days(tree, metas, nodes)], url, language),
        normalise(metas.get("citation_abstract", "")),
    )


def find_date(said: list[str], url: str, language: str) -> PostDate | None:
    """The date of a page: the first of what it has *said* that can be read, else the one in its address."""
    zones = _KOREA if language == "ko" else Zones(UTC)
    found = find_url_date(url)
    for raw in said:
        if read := read_date(raw, zones):
            agrees = found.agrees_with(read.moment) if found else None
            confidence = judge_confidence(
                DateSource.PUBLISHED,
                precision=read.precision,
                is_zone_known=read.is_zone_known,
                agrees_with_url=agrees,
            )
            return PostDate(read.moment, DateSource.PUBLISHED, confidence)
    if found is None or found.precision is not Precision.DAY:
        return None
    confidence = judge_confidence(DateSource.URL, precision=found.precision)
    return PostDate(found.get_moment(zones.publisher), DateSource.URL, confidence)


def _list_metas(tree: Any) -> dict[str, str]:
    """The elements of the head by their name, each as it is said first."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if content := (element.get("content") or "").strip():
            found.setdefault(name.strip().lower(), content)
    return found


def _list_articles(tree: Any) -> Iterator[dict[str, Any]]:
    """The nodes of JSON-LD that are about the page itself."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        waiting = deque([load_json(script.text or "")])
        while waiting:
            node = waiting.popleft()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                if is_article(node):
                    yield node
                waiting += (node[name] for name in ("@graph", "mainEntity") if name in node)


def _list_days(tree: Any, metas: dict[str, str], nodes: list[dict[str, Any]]) -> Iterator[str]:
    yield from (said for node in nodes if isinstance(said := node.get("datePublished"), str))
    yield from (metas[name] for name in _DAYS if name in metas)
    times = [element.get("datetime") or "" for element in tree.iter("time", "relative-time")]
    # Several are those of other posts or of comments.
    if len(days := {time[:10] for time in times if time}) == 1:
        yield from (time for time in times if time[:10] in days)


def _find_publisher(metas: dict[str, str], nodes: list[dict[str, Any]]) -> str:
    said = [name for node in nodes if (name := _name_of(node.get("publisher")))]
    site = metas.get("og:site_name") or metas.get("application-name") or ""
    return plain_title(next(iter([*said, site])))


def _name_of(publisher: object) -> str:
    first = publisher[0] if isinstance(publisher, list) and publisher else publisher
    name = first.get("name") if isinstance(first, dict) else None
    return name if isinstance(name, str) else ""


def _find_title(tree: Any, metas: dict[str, str], publisher: str) -> str:
    heads = ["".join(element.itertext()) for element in tree.iter("title")]
    first = next(tree.iter("h1"), None)
    heading = "" if first is None else "".join(first.itertext())
    said = (metas.get("citation_title"), metas.get("og:title"), *heads[:1], heading)
    title = next((plain for each in said if each and (plain := plain_title(each))), "")
    return shorten_title(_cut_site(title, {publisher, metas.get("og:site_name", "")}))


def _cut_site(title: str, names: set[str]) -> str:
    """The title without the name of the site behind a separator."""
    for name in filter(None, map(plain_title, names)):
        rest = title[: -len(name)]
        if title.endswith(name) and rest.rstrip(_SEPARATORS) and rest[-1:] in _SEPARATORS and len(rest.rstrip()) > 1:
            cut = rest.rstrip(_SEPARATORS)
            if rest != cut:
                return cut
    return title
