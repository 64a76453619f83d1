"""Whether the canonical address that a page names can be believed (rel=canonical, RFC 6596). Pure.

Sites name wrong ones: their front page, the list with the article, another article, or one address for all pages of a
template. A wrong address hides a post behind another. So an address counts only if it, or the page's title, is
recognisably this article's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from aggregator.addresses.link_header import read_link_header
from aggregator.addresses.networks import is_public_host
from aggregator.addresses.urls import canonicalise_url, clean_url, host_of, join_address
from aggregator.text.agreement import measure_share
from aggregator.text.html import normalise
from aggregator.text.tokens import compile_token

_LIST = re.compile(
    r"/(?:page|tags?|tagged|categor(?:y|ies)|author|archives?|topics?|search|feed)(?:/|$)", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(r"(?:^|&)(?:page|paged)=\d", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:html?|php|aspx?|md)$", re.IGNORECASE)
_TOKEN = compile_token(numbers=True, cjk="letters")
_NUMBER = re.compile(r"\d{2,}|[0-9a-f]{8,}")
# Share of a title that is in the title of the page, which adds the name of the site; and of an address in a title.
_TITLE_SHARE = 0.8
_SLUG_SHARE = 0.6


def list_named(link_header: str | None, elements: Sequence[str]) -> list[str]:
    """The addresses that a response names as canonical: in its header, then in its elements."""
    return [*(link.target for link in read_link_header(link_header) if "canonical" in link.rels), *elements]


def find_canonical(url: str, title: str, *, page_url: str, page_title: str, named: Sequence[str]) -> str | None:
    """The canonical address that a page names, cleaned, if it differs from *url* and can be believed.

    *url* and *title* are the post's, *page_url* is the final address of its page, *page_title* the page's title.
    """
    resolved = [_resolve(raw, page_url) for raw in named]
    addresses = [address for address in resolved if address]
    if not addresses or None in resolved or len({canonicalise_url(address) for address in addresses}) > 1:
        # If there are two, or one is not an address, one of them is wrong.
        return None
    found = addresses[0]
    if canonicalise_url(found) == canonicalise_url(url) or not _is_article(found, url):
        return None
    if is_public_host(host_of(url)) and not is_public_host(host_of(found)):
        # The page names its author's machine.
        return None
    return found if _agrees(found, url, title, page_title) else None


def _resolve(raw: str, base: str) -> str | None:
    """The absolute address; None if it is relative to the page, which is mostly a mistake of a template."""
    raw = raw.strip()
    if not re.match(r"(?:https?:)?//|/", raw, re.IGNORECASE):
        return None
    try:
        return clean_url(join_address(base, raw))
    except ValueError:
        return None


def _is_article(found: str, url: str) -> bool:
    parts, own = urlsplit(found), urlsplit(url)
    path = parts.path.rstrip("/")
    if not path and not parts.query:
        return False
    if _LIST.search(path) or _PAGE_NUMBER.search(parts.query):
        return False
    # The folder of the article, or the page without the query that chooses the article.
    is_above = own.path.startswith(f"{path}/") or (own.path.rstrip("/") == path and bool(own.query) and not parts.query)
    return not (host_of(found) == host_of(url) and is_above)


def _agrees(found: str, url: str, title: str, page_title: str) -> bool:
    name, own = _name_of(found), _name_of(url)
    is_same_name = bool(name) and name == own
    if host_of(found) == host_of(url):
        if urlsplit(found).path.rstrip("/") == urlsplit(url).path.rstrip("/"):
            # Then its query chooses the article.
            return _share_number(found, url)
        return is_same_name or _is_named_after(name, title) or _share_number(found, url)
    # Another site: a copy that names its original. Both page and address have to be this article's.
    if measure_share(title, page_title) < _TITLE_SHARE:
        return False
    return is_same_name or _is_named_after(name, title)


def _name_of(url: str) -> str:
    """The last part of the path without its suffix; empty if that is a number."""
    last = normalise(unquote(_ENDING.sub("", urlsplit(url).path.rstrip("/").rpartition("/")[2]))).lower()
    return last if re.search(r"[^\W\d_]{3,}|[가-힣一-鿿ぁ-ヿ]{2,}", last) else ""


def _is_named_after(name: str, title: str) -> bool:
    """Whether the name in an address was made from a title: they share two or more words, and differ in few."""
    words = [word for word in _TOKEN.findall(name) if not _NUMBER.fullmatch(word)]
    return len([w for w in words if len(w) > 1]) >= 2 and measure_share(" ".join(words), title) >= _SLUG_SHARE


def _share_number(found: str, url: str) -> bool:
    """Whether both addresses end in the same number, which some sites use as the name of an article."""

    def last(address: str) -> str:
        parts = urlsplit(address)
        numbers = _NUMBER.findall(f"{parts.path}?{parts.query}")
        return numbers[-1] if numbers else ""

    return bool(last(found)) and last(found) == last(url)
