"""The vocabulary of feeds: one plain name for an element, whatever its namespace and prefix.

Core elements of RSS, RDF and Atom have no prefix (``item``, ``pubdate``), those of the modules have the usual one
(``dc_creator``). Names are lower case, because feeds differ in case.
"""

from __future__ import annotations

import re

#: Between namespace, name and prefix in the names that expat gives; a character that no document may contain.
SEPARATOR = "\x01"

_CORE = (
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://purl.org/rss/1.0/modules/rss091#",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/Atom",
)
_MODULES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/DTDs/PodCast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/XML/1998/namespace": "xml",
}
_PREFIXES = {namespace.lower(): prefix for namespace, prefix in _MODULES.items()} | dict.fromkeys(
    (namespace.lower() for namespace in _CORE), ""
)

# Registered relations may be written as addresses (RFC 4287, 4.2.7.2; RFC 8288, 2.1.1).
_REGISTRY = re.compile(r"https?://www\.iana\.org/assignments/(?:relation|link-relations)/#?", re.IGNORECASE)
# If a link has several relations, the first of these counts.
_TELLING = ("alternate", "enclosure", "replies", "canonical", "bookmark", "permalink", "related", "via", "self")


def read_relation(raw: str) -> str:
    """The registered name of a link's relation; of several the most telling one; "alternate" if there is none."""
    if raw in _TELLING:
        return raw
    named = [_REGISTRY.sub("", one).strip("/").lower() for one in raw.split()]
    return next((one for one in _TELLING if one in named), named[0] if named else "alternate")


def read_name(raw: str) -> str:
    """The plain name of an element or attribute from expat's *raw* one (namespace, name, prefix as far as it has them).

    With an unknown namespace the prefix counts, because many feeds misspell the addresses of the modules.
    """
    parts = raw.split(SEPARATOR)
    if len(parts) == 1:
        return raw.lower()
    namespace = parts[0].lower()
    if "backend.userland.com/rss" in namespace:
        return parts[1].lower()
    # PRISM has a namespace for each of its versions.
    usual = "prism" if "prismstandard.org/namespaces/" in namespace else _PREFIXES.get(namespace)
    prefix = (parts[2] if len(parts) > 2 else "") if usual is None else usual
    return (f"{prefix}_{parts[1]}" if prefix else parts[1]).lower()


def read_attributes(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes under plain names; the values of ``rel`` and ``type``, which are keywords, in lower case."""
    plain = {raw.lower() if SEPARATOR not in raw else read_name(raw): value for raw, value in attributes.items()}
    for keyword in ("rel", "type"):
        if keyword in plain:
            plain[keyword] = plain[keyword].lower()
    return plain
