"""Addresses of posts: what may be linked, how a link is cleaned, and which links mean the same post."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Campaign and session parameters that never choose the page. "source" is one only in Medium's form, source=rss----….
_TRACKING = re.compile(
    r"^(utm_\w+|mtm_\w+|pk_\w+|sc_\w+|trk|trkcampaign|linkid|fbclid|gclid|dclid|msclkid|igshid|mc_cid|mc_eid"
    r"|_hsenc|_hsmi|ref_src)$"
)
_MEDIUM_SOURCE = re.compile(r"^(rss|social|email|collection|user_profile|post_page)\b")
_AWS_LANGUAGE = re.compile(r"^/(?:ar|cn|de|es|fr|id|it|jp|ko|pt|ru|th|tr|tw|vi)(?=/blogs/)")


# Most addresses are in order; these two spare them the long way, which would give the same.
_NAME = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_CLEAN = re.compile(rf"https?://{_NAME}(?:/[\w~%-][\w.~%-]*)*/?", re.ASCII)
_HOST = re.compile(rf"https?://(?:www\.)?({_NAME})(?=[/?#]|$)")
_PLAIN = re.compile(rf"https?://(?:www\.)?((?!aws\.|www\.){_NAME}(?:/[\w-][\w.-]*)*)/?", re.ASCII)


def clean_url(url: str | None, base: str | None = None) -> str | None:
    """The address to store and print: absolute, http or https, without credentials and campaign parameters.

    A relative *url* is resolved against *base*. Returns None for what cannot be linked to (``javascript:``, ``data:``,
    no host, brackets that are no IPv6 address).
    """
    if url and _CLEAN.fullmatch(url):
        return url if url.count("/") > 2 else f"{url}/"
    text = re.sub(r"\s", "%20", re.sub(r"[\x00-\x1f\x7f]", "", url or "").strip())
    if not text:
        return None
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port and port != {"http": 80, "https": 443}[parts.scheme.lower()]:
        netloc += f":{port}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", _clean_query(parts.query), parts.fragment))


def canonicalise_url(url: str) -> str:
    """The key under which all addresses of one post meet; for comparing, never for linking.

    Takes an address that ``clean_url`` gave. Beyond cleaning: https, no ``www.``, single slashes, no trailing slash,
    no fragment, no mobile view (``?m=1``), no language folder of the AWS blogs. Percent-encoding and the order of
    parameters are w3lib's work. Idempotent.
    """
    if match := _PLAIN.fullmatch(url):
        return "https://" + match[1]
    parts = urlsplit(canonicalize_url(url))
    host = (parts.hostname or "").removeprefix("www.")
    netloc = host + (f":{parts.port}" if parts.port not in {None, 80, 443} else "")
    path = _resolve_dots(re.sub(r"/{2,}", "/", parts.path)).rstrip("/")
    if host.startswith("aws."):
        path = _AWS_LANGUAGE.sub("", path)
    pairs = [
        (name, value) for name, value in _query_pairs(parts.query) if (name, value) not in {("m", "1"), ("m", "0")}
    ]
    return urlunsplit(("https", netloc, path, urlencode(sorted(pairs)), ""))


def readable_url(url: str) -> str:
    """The address for a person's eyes: host and path with Hangul shown, without scheme."""
    parts = urlsplit(url)
    path = unquote(parts.path, errors="replace")
    path = "".join(c if c.isprintable() and not c.isspace() else quote(c) for c in path)
    return f"{(parts.hostname or '').removeprefix('www.')}{path.rstrip('/')}"


def host_of(url: str) -> str:
    """The host in lower case without ``www.``."""
    if match := _HOST.match(url):
        return match[1]
    return (urlsplit(url).hostname or "").removeprefix("www.")


def origin_of(url: str) -> str:
    """Scheme, host and port, such as https://blog.example; the port only where it is not the usual one (RFC 6454)."""
    parts = urlsplit(url.lower())
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{netloc}" + (f":{parts.port}" if parts.port not in {None, usual} else "")


def hide_credentials(text: str) -> str:
    """The text without user and password in the addresses that it names, right or wrong ones."""
    return re.sub(r"(?<=//)[^/?#\s]*@", "", text)


def _clean_query(query: str) -> str:
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(*pair.partition("=")[::2])]
    return "&".join(kept)


def _query_pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _is_tracking(name, value)]


def _is_tracking(name: str, value: str) -> bool:
    name = name.lower()
    return bool(_TRACKING.match(name)) or (name == "source" and bool(_MEDIUM_SOURCE.match(value)))


def _resolve_dots(path: str) -> str:
    return urlsplit(urljoin("https://host/", path)).path if "/." in path else path
