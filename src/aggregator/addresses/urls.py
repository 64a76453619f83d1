"""Addresses of posts: what may be linked, how a link is cleaned, and which links mean the same post."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from aggregator.addresses.redirectors import MOST_NESTED, find_goal, is_redirector
from aggregator.addresses.sites import (
    Address,
    find_wrapped,
    is_of_translation,
    is_ruled,
    settle_address,
    strip_www,
)
from aggregator.addresses.tracking import is_tracking

#: Characters of the longest address that is stored and linked to.
LONGEST_ADDRESS = 2000
#: Raise it if an address may get another canonical form; then the stored ones are derived again.
RECIPE = 1
# Characters of a domain name, and of one label (RFC 1035).
_LONGEST_HOST = 253
_LONGEST_LABEL = 63
# Of an address whose host is kept in memory: links of documents may be as long as these.
_LONGEST_REMEMBERED = 500
# More than 500 characters for a host with its port and credentials. urllib sorts the combining marks there, which takes
# quadratic time.
_ENDLESS_PLACE = re.compile(r"[^/?#]*+//[^/?#]{501}")

# Of an address that is made tidy.
_MOST_PARAMETERS = 20
# Java's session id, in the path.
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

# A character of another script may be mapped to one of these, which end the host.
_ENDS_HOST = re.compile(r"[/?#@:\[\]]")
_NO_HOST = re.compile(r"[\s\"%<>\\^`{|}]")

# Most addresses are valid; these are shortcuts with the same result.
_NAME = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_CLEAN = re.compile(rf"https?://{_NAME}(?:/[\w~%-][\w.~%-]*)*/?", re.ASCII)
_HOST = re.compile(rf"https?://(?:www\.)*((?!www\.){_NAME})(?=[/?#]|$)")
_PLAIN = re.compile(rf"https?://(?:www\.)*((?!www\.){_NAME})((?:/[\w-][\w.-]*)*)/?", re.ASCII)

_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\s\ud800-\udfff]")
# A base changes nothing in it. Without ";", whose place urllib moves.
_ABSOLUTE = re.compile(r"https?://[^/?#;][^;]*+\Z")

# Mistakes of feeds in front of a host.
_DOUBTFUL = ("https://http", "http://http", "https:///", "http:///")
_TWO_SCHEMES = re.compile(r"https?:/*(?=https?:/)", re.IGNORECASE)
_MISSPELT = re.compile(r"(https?)(?::/?(?!/)|//|:///+)(?=[\w-]+(?:\.[\w-]+)+(?:[/:?#]|$))", re.IGNORECASE)
_BEGINS_LIKE_HOST = re.compile(r"((?:[\w-]+\.)+[a-z][a-z-]*)(?::\d+)?(?=[/?#]|$)", re.IGNORECASE)
# Ends of hosts, without those of file names and software ("asp.net", "socket.io").
_COMMON_ENDS = {
    "ai",
    "app",
    "blog",
    "cn",
    "com",
    "de",
    "dev",
    "edu",
    "eu",
    "example",
    "fr",
    "gov",
    "jp",
    "kr",
    "org",
    "uk",
}

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Left over in an address that was escaped twice.
_AMPERSANDS = re.compile(r"^(?:amp;)+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# With the letter before it, whose accent may be here.
_COMPOSED = re.compile(r"[A-Za-z]?(?:%[0-9A-Fa-f]{2})+")
# Invisible letters: the fillers of Hangul, and the empty pattern of Braille.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SHOWN_ASCII = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@")
# Scripts without letters that look like Latin ones.
_SHOWN_SCRIPTS = ("HANGUL SYLLABLE", "CJK UNIFIED", "HIRAGANA", "KATAKANA")
# What templates write instead of a missing address.
_NO_ADDRESSES = frozenset(
    {"#", "/", "-", "--", "about:blank", "n/a", "na", "nil", "none", "null", "undefined", "false", "true"}
)
_LONGEST_NO_ADDRESS = 20
#: Stands for a secret that is not shown.
HIDDEN = "***"
_SECRET_PARAMETER = re.compile(
    r"""([?&;][\w.-]*?(?:passw(?:or)?d|passphrase|pwd|token|secret|signature|credentials?|api[_-]?key|access[_-]?key"""
    r"""|(?<=[?&;])(?:key|pass|auth|sig))=)([^&#\s"'<>]+)""",
    re.IGNORECASE,
)


def clean_url(url: str | None, base: str | None = None) -> str | None:
    """The address to store and print: absolute, http or https, without credentials and campaign parameters.

    A relative *url* is resolved against *base*. An address that only redirects, and contains its target, becomes the
    target. The host is in ASCII as browsers write it (IDNA 2008, UTS 46), so that every program can follow the link;
    the path stays as it was written. Returns None for what cannot be linked to (``javascript:``, ``data:``, no host,
    brackets without an IPv6 address, more than 2,000 characters).
    """
    if url and _CLEAN.fullmatch(url):
        cleaned: str | None = url if url.count("/") > 2 else f"{url}/"
    else:
        first = _clean(url, base)
        cleaned = urlunsplit(_follow(first)) if first else None
    return cleaned if cleaned and len(cleaned) <= LONGEST_ADDRESS else None


def _follow(first: SplitResult) -> SplitResult:
    """The target of the last of nested redirectors; the first address if there are too many."""
    place = first
    for _ in range(MOST_NESTED):
        goal = find_goal(strip_www(place.hostname or ""), place.path, place.query)
        if goal is None or (found := _clean(goal, None)) is None:
            return place
        place = found
    return first


def _clean(url: str | None, base: str | None) -> SplitResult | None:
    text = url or ""
    if _UNWRITABLE.search(text):
        text = re.sub(r"\s", "%20", re.sub(r"[\x00-\x1f\x7f]", "", text).strip())
        # JSON can contain lone surrogates, which no address and no database can hold.
        text = re.sub(r"[\ud800-\udfff]", "\ufffd", text)
    if not text or _is_endless(text):
        return None
    try:
        parts = urlsplit(text if base is None or _ABSOLUTE.match(text) else urljoin(base, text))
        host, port = _encode_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"} or not host.strip("."):
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port and port != {"http": 80, "https": 443}[scheme]:
        netloc += f":{port}"
    name = strip_www(host.rstrip("."))
    fragment = "" if parts.fragment and not _drop_tracking(parts.fragment, name) else parts.fragment
    return SplitResult(scheme, netloc, parts.path or "/", _drop_tracking(parts.query, name), fragment)


def join_address(base: str, link: str) -> str:
    """*link* resolved against *base*. Raises ValueError if it cannot be an address, or is too long for one."""
    if _is_endless(link):
        msg = f"an address has at most {LONGEST_ADDRESS} characters"
        raise ValueError(msg)
    return urljoin(base, link)


def _is_endless(text: str) -> bool:
    return len(text) > LONGEST_ADDRESS or _ENDLESS_PLACE.match(text) is not None


def is_no_address(link: str) -> bool:
    """Whether a template wrote this for an item without a link, such as ``#`` or ``N/A``."""
    return len(link) <= _LONGEST_NO_ADDRESS and link.strip().casefold() in _NO_ADDRESSES


def complete_url(link: str, homes: Collection[str] = ()) -> str:
    """A link with the scheme that its author left out or misspelt (``www.x.example/post``, ``https//x.example``).

    *homes* are the hosts of its feed and site: a link that begins with one of them names a host, not a folder. A
    possible path (``index.html``, ``v1.2/notes``) stays as it is.
    """
    if link.startswith(("https://", "http://")) and not link.startswith(_DOUBTFUL):
        return link
    link = _TWO_SCHEMES.sub("", link)
    if misspelt := _MISSPELT.match(link):
        return f"{misspelt[1].lower()}://{link[misspelt.end() :]}"
    named = _BEGINS_LIKE_HOST.match(link)
    if named is None:
        return link
    host = strip_www(named[1].lower())
    is_host = (
        host != named[1].lower()
        or any(f".{host}".endswith(f".{home}") or f".{home}".endswith(f".{host}") for home in homes)
        or (link[named.end() :].startswith("/") and host.rpartition(".")[2] in _COMMON_ENDS)
    )
    return f"https://{link}" if is_host else link


def canonicalise_url(url: str) -> str:
    """The canonical address, which all addresses of one post share; for comparing, never for linking.

    Takes an address from ``clean_url``. Beyond cleaning: https, no ``www.``, single slashes, no trailing slash, no
    fragment unless it is a route (``#!``, ``#/``), no index page, no mobile or AMP view (``?m=1``, ``/amp``), no
    session, and the rules of ``sites`` for single services. w3lib does percent-encoding, dot segments and the order of
    parameters. Idempotent.
    """
    if (match := _PLAIN.fullmatch(url)) and not is_ruled(match[1], match[2]):
        return f"https://{match[1]}{match[2]}"
    key = _make_key(settle_address(Address(match[1], match[2])) if match else _take_apart(url))
    # After a folder's parameter is removed or moved to the end, w3lib has more to do.
    while ";" in url and (again := _make_key(_take_apart(key))) != key:
        key = again
    return key


def tidy_url(url: str) -> str:
    """The address of the same post without what is not needed to find it: double slashes in the path, and parameters
    that only say where a reader came from or how the page is shown (``?m=1``). Takes an address from ``clean_url``.
    """
    goal = canonicalise_url(url)
    parts = urlsplit(url)
    kept = parts._replace(path=re.sub(r"/{2,}", "/", parts.path))
    pairs = parts.query.split("&") if parts.query else []
    # Each is tried alone, so only as many as an address of a person has.
    for pair in pairs[:_MOST_PARAMETERS]:
        rest = "&".join(other for other in kept.query.split("&") if other != pair)
        if canonicalise_url(urlunsplit(kept._replace(query=rest))) == goal:
            kept = kept._replace(query=rest)
    tidied = urlunsplit(kept)
    return tidied if canonicalise_url(tidied) == goal else url


def leads_to_translation(url: str) -> bool:
    """Whether an address leads to a translation of the post that has its canonical address."""
    return is_of_translation(Address(host_of(url), urlsplit(url).path))


def readable_url(url: str) -> str:
    """The address for a person to read: host and path, with Hangul shown, without scheme.

    What a person could not see or could misread stays percent-encoded: invisible characters, spaces, slashes that
    separate nothing, and bytes that are not UTF-8. Hosts are shown in Hangul, Han and kana; in other scripts they stay
    in ASCII, because some of their letters look like Latin ones.
    """
    parts = urlsplit(url)
    host = ".".join(_show_label(label) for label in host_of(url).split("."))
    path = "".join(
        c if c in "/%" or _is_shown(c) else quote(c) for c in _ESCAPES.sub(lambda m: _show_escapes(m[0]), parts.path)
    )
    return f"{host}{path.rstrip('/')}"


def host_of(url: str) -> str:
    """The host in lower case and ASCII, without ``www.``; empty without a host, or if it is far too long for one."""
    return _remember_host(url) if len(url) <= _LONGEST_REMEMBERED else _find_host(url)


def _find_host(url: str) -> str:
    if match := _HOST.match(url):
        return match[1]
    if _ENDLESS_PLACE.match(url):
        return ""
    host = urlsplit(url).hostname or ""
    try:
        return strip_www(_encode_host(host))
    except ValueError:
        return strip_www(host)


# Several decisions read the host of an item.
_remember_host = lru_cache(maxsize=4096)(_find_host)


def may_lead_elsewhere(host: str) -> bool:
    """Whether an address of this host may mean a post on another host: it redirects, or its site has several names."""
    return is_redirector(host) or is_ruled(host, "")


def origin_of(url: str) -> str:
    """Scheme, host and port, such as https://blog.example; the port only if it is not the default (RFC 6454)."""
    parts = urlsplit(url.lower())
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{netloc}" + (f":{parts.port}" if parts.port not in {None, usual} else "")


def drop_userinfo(text: str) -> str:
    """The text without user and password in its addresses, which still work."""
    return re.sub(r"(?<=//)[^/?#\s]*@", "", text)


def hide_credentials(text: str) -> str:
    """The text without user and password in its addresses, valid or not, and with ``***`` for the values of
    ``?password=``, ``&token=`` and the like: to be shown, not to be followed.
    """
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", drop_userinfo(text))


def list_secret_parameters(url: str) -> list[str]:
    """The values of ``?password=`` and the like in an address."""
    return [found[2] for found in _SECRET_PARAMETER.finditer(url)]


def _make_key(address: Address) -> str:
    if (wrapped := find_wrapped(address)) and (inner := clean_url(wrapped)):
        within = _take_apart(inner)
        address = address if find_wrapped(within) else within
    return urlunsplit(("https", address.host, address.path, "&".join(address.parameters), address.fragment))


def _take_apart(url: str) -> Address:
    """Split a clean address into its settled parts."""
    # Imported late: it loads http and email, and most commands only show addresses.
    from w3lib.url import canonicalize_url

    url, _, fragment = url.partition("#")
    # A script reads such a fragment to choose the page: #!/topic, #/posts/3.
    is_route = fragment.startswith(("!", "/")) and fragment.strip("!/") != ""
    url = _BROKEN_ESCAPE.sub("%25", f"{url}#{fragment}" if is_route else url)
    parts = urlsplit(canonicalize_url(url, keep_fragments=True))
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    pairs = [_AMPERSANDS.sub("", pair) for pair in parts.query.split("&")] if parts.query else ()
    name = strip_www(host)
    kept = sorted(pair for pair in pairs if pair and not _is_tracking(pair, name))
    path = _COMPOSED.sub(_compose, parts.path) if "%" in parts.path else parts.path
    return settle_address(Address(host + port, _SESSION.sub("", path), tuple(kept), parts.fragment))


def _compose(escapes: re.Match[str]) -> str:
    """Escaped letters in NFC: file names of macOS are in NFD."""
    try:
        text = unquote_to_bytes(escapes[0]).decode("utf-8")
    except UnicodeDecodeError:
        return escapes[0]
    return escapes[0] if unicodedata.is_normalized("NFC", text) else quote(unicodedata.normalize("NFC", text), safe="")


def _drop_tracking(query: str, host: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair, host))


def _is_tracking(pair: str, host: str) -> bool:
    name, _, value = pair.partition("=")
    return is_tracking(_AMPERSANDS.sub("", name).lower(), value, host)


def _encode_host(host: str) -> str:
    """The host in ASCII; raises ValueError for an invalid name (UTS 46 as browsers read it, RFC 3986)."""
    if len(host) > _LONGEST_HOST:
        raise ValueError("no host has so long a name")
    encoded = host if host.isascii() else _encode_labels(host)
    if _NO_HOST.search(encoded):
        raise ValueError(f"{host!r} is not a host")
    return encoded


def _encode_labels(host: str) -> str:
    # Imported late: its tables are large, and most hosts are in ASCII.
    import idna

    # Not idna.encode, which rejects characters that browsers accept.
    mapped = idna.uts46_remap(host, std3_rules=False)
    if _ENDS_HOST.search(mapped):
        raise ValueError(f"{host!r} is not a host")
    labels = [
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in mapped.split(".")
    ]
    if max(map(len, labels)) > _LONGEST_LABEL:
        raise ValueError(f"{host!r} has too long a part")
    return ".".join(labels)


def _show_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        shown = label[4:].encode("ascii").decode("punycode")
        if _encode_host(shown) != label:
            return label
    except ValueError:
        return label
    foreign = [c for c in shown if not c.isascii()]
    return shown if all(unicodedata.name(c, "").startswith(_SHOWN_SCRIPTS) for c in foreign) else label


def _show_escapes(escapes: str) -> str:
    try:
        text = unquote_to_bytes(escapes).decode("utf-8")
    except UnicodeDecodeError:
        return escapes
    return "".join(c if _is_shown(c) else quote(c, safe="") for c in text)


def _is_shown(character: str) -> bool:
    if character.isascii():
        return character in _SHOWN_ASCII
    return character.isprintable() and not character.isspace() and character not in _BLANK_LETTERS
