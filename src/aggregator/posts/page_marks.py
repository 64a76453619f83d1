"""What the metadata of a page discloses: whether everybody may read it, whether a machine translated it, which links
are paid for. Pure; a tree is lxml's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aggregator.addresses.urls import clean_url, join_address
from aggregator.text.marks import find_paid
from aggregator.types import Disclosure, DisclosureKind, DisclosureSource

_FREE = "isAccessibleForFree"
# Nodes of JSON-LD about the page itself; other posts are in itemListElement, the publication in isPartOf.
_OWN = ("@graph", "mainEntity", "mainEntityOfPage")
_ARTICLE = re.compile(r"(?:Article|Posting|Report|WebPage|CreativeWork|LearningResource|Course|Episode)$")
_TRAILING_COMMA = re.compile(r",(\s*+[}\]])")
_FALSE = {"false", "http://schema.org/false", "https://schema.org/false"}
_TRUE = {"true", "http://schema.org/true", "https://schema.org/true"}
# BCP 47: ko-x-mtfrom-en, as Google's translator writes it, and ko-t-en-t0-und.
_TRANSLATED_TAG = re.compile(r"-(?:x-mtfrom|t0)-", re.IGNORECASE)
_TRANSLATED_CLASS = re.compile(r"\btranslated-(?:ltr|rtl)\b")
_MT = {"mt", "machine", "machine-translated"}


def find_page_marks(tree: Any, url: str, links: Sequence[str]) -> tuple[Disclosure, ...]:
    """What the page at *url* discloses; *links* are the addresses in its text."""
    found = (_find_wall(tree), _find_translation(tree, url), find_paid(links, set(_list_paid(tree, url))))
    return tuple(filter(None, found))


def _list_paid(tree: Any, url: str) -> Iterator[str]:
    for link in tree.iter("a"):
        if "sponsored" in (link.get("rel") or "").lower().split() and (address := _resolve(link.get("href"), url)):
            yield address


def _resolve(address: str | None, url: str) -> str | None:
    try:
        return join_address(url, address.strip()) if address else None
    except ValueError:
        return None


# --- who may read it ---


def _find_wall(tree: Any) -> Disclosure | None:
    said = {value for script in tree.iter("script") for value in _list_free(script)}
    for element in tree.iter("meta"):
        content = (element.get("content") or "").strip().lower()
        if element.get("itemprop") == _FREE:
            said |= {_read_bool(content)}
        elif element.get("property") == "article:content_tier" and content == "locked":
            return Disclosure(DisclosureKind.MEMBERS_ONLY, "article:content_tier: locked", DisclosureSource.PAGE)
    if False in said and True not in said:
        return Disclosure(DisclosureKind.MEMBERS_ONLY, f"{_FREE}: false", DisclosureSource.PAGE)
    return None


def _list_free(script: Any) -> Iterator[bool | None]:
    """Whether the articles of one script are free, as far as it says so."""
    if "ld+json" not in (script.get("type") or "").lower() or _FREE not in (script.text or ""):
        return
    waiting = [(load_json(script.text), False)]
    while waiting:
        node, is_part = waiting.pop()
        if isinstance(node, list):
            waiting += [(one, is_part) for one in node]
        elif isinstance(node, dict):
            if is_part or is_article(node):
                said = _read_bool(node.get(_FREE))
                yield said
                if said is None:
                    waiting.append((node.get("hasPart"), True))
            waiting += [(node[name], False) for name in _OWN if name in node]


def load_json(text: str) -> Any:
    """Parse JSON, also with a trailing comma, which templates leave; None if it is broken otherwise."""
    text = text.strip().removeprefix("<!--").removesuffix("-->").strip()
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def is_article(node: dict[str, Any]) -> bool:
    """Whether a node of JSON-LD is about a page or an article."""
    kinds = node.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE.search(kind) for kind in named)


def _read_bool(value: object) -> bool | None:
    said = str(value).strip().lower()
    return False if said in _FALSE else True if said in _TRUE else None


# --- who translated it ---


def _find_translation(tree: Any, url: str) -> Disclosure | None:
    said = next(_list_translations(tree), None)
    if said is None:
        return None
    original = _find_original(tree, url)
    return Disclosure(DisclosureKind.MACHINE_TRANSLATED, said, DisclosureSource.PAGE, original or "")


def _list_translations(tree: Any) -> Iterator[str]:
    for element in tree.iter("html", "meta"):
        if element.tag == "html":
            language = element.get("lang") or element.get("xml:lang") or ""
            if _TRANSLATED_TAG.search(language):
                yield f"lang: {language[:40]}"
            if shown := _TRANSLATED_CLASS.search(element.get("class") or ""):
                yield f"class: {shown[0]}"
        else:
            name = (element.get("name") or element.get("http-equiv") or "").lower()
            content = (element.get("content") or "").strip()
            if (name == "ms.translationtype" and content.lower() in _MT) or (name == "x-translated-by" and content):
                yield f"{name}: {content[:40]}"


def _find_original(tree: Any, url: str) -> str | None:
    """The address of the English version that a page names, or of its default version (x-default)."""
    alternates: dict[str, str] = {}
    for element in tree.iter("link"):
        if "alternate" in (element.get("rel") or "").lower().split() and element.get("href"):
            language = (element.get("hreflang") or "").lower()
            alternates.setdefault("en" if language.startswith("en") else language, element.get("href"))
    found = clean_url(_resolve(alternates.get("en") or alternates.get("x-default"), url))
    return found if found != clean_url(url) else None
