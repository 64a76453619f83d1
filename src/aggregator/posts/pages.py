"""What the page of a post says: its main text, and its canonical address. Owns trafilatura.

Pure: the response of a server in, what it changes out. Runs in a worker process, because a page can be as hostile as a
feed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from aggregator.addresses.urls import canonicalise_url
from aggregator.exceptions import FeedError, MissingExtraError, ParseError
from aggregator.posts.canonical import find_canonical, list_named
from aggregator.posts.disclosures import find_said
from aggregator.posts.page_marks import find_page_marks
from aggregator.text.agreement import measure_share
from aggregator.text.charset import decode_document
from aggregator.text.content import Content, count_words, read_content
from aggregator.text.html import normalise, sanitise_html, shorten
from aggregator.text.language import find_language
from aggregator.types import Disclosure, PageOutcome, PageReading, PageText, Retrieved, WantedPage

#: The limit for a page, unpacked; pages of text are far smaller.
MAX_BYTES = 5_000_000
#: The Accept header for pages; feeds have another.
ACCEPT = "text/html, application/xhtml+xml, */*;q=0.1"
#: How often a page is tried, and the hours before each retry.
ATTEMPTS = 3
_RETRY_HOURS = (1, 12)
#: The longest of these times.
LONGEST_RETRY = timedelta(hours=max(_RETRY_HOURS))

#: The kinds of documents that are pages.
HTML = {"text/html", "application/xhtml+xml"}
# Directives against keeping a page, or against reading by machines like this one. noindex is about search engines.
_REFUSALS = {"noarchive", "noai"}
# Directives may be meant for one robot: "otherbot: noarchive".
_ROBOT = re.compile(r"^\s*([\w-]+)\s*:\s*(?!.*\d{4})(.*)$")
# Share of the feed's text that is in the page's. Feeds shorten and edit summaries; a paywall has none of them.
_SHARE = 0.6
# Share of the post's title that is in the page's title; a page with another title is not the post's.
_TITLE_SHARE = 0.8
# The page's text has to be this many times as long as the feed's; otherwise it is not worth the change.
_LONGER = 1.2
_MORE_WORDS = 20


def find_missing() -> MissingExtraError | None:
    """The missing package that reading pages needs. Loads nothing."""
    if all(map(find_spec, ("trafilatura", "lxml_html_clean"))):
        return None
    return MissingExtraError("full_text", "trafilatura", "pages")


def decide_page(wanted: WantedPage, answer: Retrieved, limit: int, *, now: datetime) -> PageReading:
    """Decide what the page of a post changes. *limit* is the length of a kept text, in characters."""
    reading = PageReading(
        wanted.post_id, wanted.url, now, PageOutcome.FAILED, wanted.attempts + 1, status=answer.status
    )
    if (kind := find_kind(answer)) not in HTML:
        return _conclude(reading, PageOutcome.FAILED, f"the page is {kind}, not HTML")
    tree = load_tree(answer)
    if tree is None:
        return _conclude(reading, PageOutcome.FAILED, "the page is not readable HTML")
    page = read_page(answer, tree)
    if refusal := find_refusal(answer.robots_tag, page.robots):
        return _conclude(reading, PageOutcome.REFUSED, f"the page asks not to be kept ({refusal})")
    return _compare(reading, wanted, answer, page, limit)


def decide_failed_page(wanted: WantedPage, error: FeedError, *, now: datetime) -> PageReading:
    """A failure is stored with its reason; a temporary one is retried a few times."""
    attempts = wanted.attempts + 1
    may_pass = error.status is None or error.status in {408, 425, 429} or error.status >= 500
    # The same page would exceed the limits of its reader again.
    may_pass = may_pass and not isinstance(error, ParseError)
    retry_at = None
    if may_pass and attempts < ATTEMPTS:
        retry_at = now + timedelta(hours=_RETRY_HOURS[min(attempts, len(_RETRY_HOURS)) - 1])
    return PageReading(
        wanted.post_id,
        wanted.url,
        now,
        PageOutcome.FAILED,
        attempts,
        retry_at=retry_at,
        status=error.status,
        reason=error.reason,
    )


def decide_unread_page(wanted: WantedPage, reason: str, *, now: datetime) -> PageReading:
    """A failure of the daemon, not of the page: it is retried, and the attempt does not count."""
    told = f"a failure of this program, not of the page: {reason}"
    retry_at = now + timedelta(hours=_RETRY_HOURS[0])
    return PageReading(
        wanted.post_id, wanted.url, now, PageOutcome.FAILED, wanted.attempts, retry_at=retry_at, reason=told
    )


def decide_refused_page(wanted: WantedPage, reason: str, *, now: datetime) -> PageReading:
    """The site does not allow reading the page; that is final."""
    return PageReading(wanted.post_id, wanted.url, now, PageOutcome.REFUSED, wanted.attempts + 1, reason=reason)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page has, beside what it says of its date and publisher."""

    #: All titles of the page, and its first heading.
    title: str
    heading: str
    #: Its main text as sanitised HTML, and what that contains.
    html: str
    content: Content
    #: Addresses of link elements with rel=canonical.
    named: list[str]
    #: Contents of meta elements for robots.
    robots: list[str]
    said: tuple[Disclosure, ...] = ()


def load_tree(answer: Retrieved) -> Any:
    """Parse a page; the tree is lxml's, made by trafilatura. None if it is not HTML."""
    # Imported late: it takes a quarter of a second and 40 MB, and most feeds need no pages.
    import trafilatura

    return trafilatura.load_html(_decode(answer))


def read_page(answer: Retrieved, tree: Any) -> Page:
    """Read head and main text of a page, which *tree* is made of."""
    import trafilatura

    head = _read_head(tree)
    found = trafilatura.extract(
        tree,
        url=answer.url,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
        include_tables=True,
    )
    markup = sanitise_html(found or "")
    content = read_content(markup)
    said = find_page_marks(tree, answer.url, content.links)
    return replace(head, html=markup, content=_cut_heading(content, head.heading), said=said)


def _cut_heading(content: Content, heading: str) -> Content:
    """The content without its heading, so that the title does not count twice."""
    if not heading or not content.text.startswith(heading):
        return content
    text = content.text[len(heading) :].lstrip()
    return replace(content, text=text, words=count_words(text))


def _decode(answer: Retrieved) -> str | bytes:
    """Text if the header names a charset, which may be wrong; else bytes, whose charset trafilatura detects."""
    if "charset" not in (answer.content_type or "").lower():
        return answer.body
    return decode_document(answer.body, answer.content_type)[0].decode()


def _read_head(tree: Any) -> Page:
    """Read the metadata of a page. The tree is lxml's, made by trafilatura."""
    named: list[str] = []
    robots: list[str] = []
    titles: dict[str, str] = {}
    for element in tree.iter("link", "meta", "title", "h1"):
        if element.tag == "link" and "canonical" in (element.get("rel") or "").lower().split():
            named.append(element.get("href") or "")
        elif element.tag == "meta":
            name = (element.get("name") or element.get("property") or "").lower()
            if name in {"robots", "aggregator"}:
                robots.append(element.get("content") or "")
            elif name == "og:title":
                titles.setdefault(name, element.get("content") or "")
        elif element.tag in {"title", "h1"}:
            titles.setdefault(element.tag, "".join(element.itertext()))
    title = normalise(" | ".join(titles.values()))
    heading = normalise(titles.get("h1", ""))
    return Page(title, heading, "", read_content(""), [address for address in named if address], robots)


def find_kind(answer: Retrieved) -> str:
    """The kind of a document, such as ``text/html``, which it is if its server says nothing."""
    return (answer.content_type or "text/html").partition(";")[0].strip().lower()


def find_refusal(header: str | None, elements: list[str]) -> str | None:
    """The directive by which a page asks not to be kept; its header field and its elements say so."""
    directives = list(elements)
    for part in (header or "").split(","):
        robot = _ROBOT.match(part)
        if robot is None:
            directives.append(part)
        elif robot[1].lower() == "aggregator":
            directives.append(robot[2])
    said = {word.strip().lower() for directive in directives for word in directive.split(",")}
    return next(iter(sorted(said & _REFUSALS)), None)


def _compare(reading: PageReading, wanted: WantedPage, answer: Retrieved, page: Page, limit: int) -> PageReading:
    content = page.content
    if measure_share(wanted.title, page.title) >= _TITLE_SHARE:
        # Some pages show the rest only to members, and then say no more than the feed.
        reading = replace(reading, said=(*page.said, *find_said(content.text, wanted.language)))
    if not content.words:
        return _conclude(reading, PageOutcome.KEPT, "no text was found in the page")
    if not _holds(wanted, page):
        return _conclude(reading, PageOutcome.KEPT, "the page does not contain what the feed says", content.words)
    named = find_canonical(
        wanted.url,
        wanted.title,
        page_url=answer.url,
        page_title=page.title,
        named=list_named(answer.link, page.named),
    )
    if named:
        reading = replace(reading, named_url=named, canonical_url=canonicalise_url(named))
    if content.words < max(_LONGER * wanted.words, wanted.words + _MORE_WORDS):
        return _conclude(reading, PageOutcome.KEPT, "the page says no more than the feed", content.words)
    text = PageText(
        text=shorten(content.text, limit),
        words=content.words,
        links=content.links,
        language=find_language(f"{wanted.title}\n{content.text}", wanted.language),
        images=content.images,
        first_image=content.first_image,
        code_blocks=content.code_blocks,
        code_lines=content.code_lines,
    )
    return _conclude(replace(reading, content=page.html), PageOutcome.TAKEN, None, content.words, text)


def _holds(wanted: WantedPage, page: Page) -> bool:
    """Whether the page is the post's, and not a paywall, an error or the front page."""

    title_share = measure_share(wanted.title, f"{page.title} {page.content.text}")
    if wanted.words < 8:
        return title_share >= _TITLE_SHARE
    return title_share >= 0.5 and measure_share(wanted.text, page.content.text) >= _SHARE


def _conclude(
    reading: PageReading, outcome: PageOutcome, reason: str | None, words: int = 0, text: PageText | None = None
) -> PageReading:
    return replace(reading, outcome=outcome, reason=reason, words=words, text=text)
