"""Addresses of posts: what may be linked, how a link is cleaned, and which links mean the same post."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

from aggregator.sites import Address, find_wrapped, is_ruled, settle_address, strip_www

#: Characters of the longest address that is stored and linked to.
LONGEST_ADDRESS = 2000
# Of a name in the domain name system (RFC 1035).
_LONGEST_HOST = 253

# Campaign, click and session parameters, which never choose the page. "source" is one only in the form of Medium and of
# newsletters: source=rss, source=collection_home---4------.
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|sc_\w+|at_(?:medium|campaign\w*|custom\d|link_\w+)|trk|trk_?campaign|linkid|wt_mc|wt_zmc"
    r"|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|_ga|_gl"
    r"|ref_src|spref|oly_enc_id|phpsessid|jsessionid|aspsessionid\w*)"
)
_SOURCE = re.compile(r"(?:rss|social|email|collection|user_profile|post_page)\b|.*---")

# Of Java, in the path.
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

_NO_HOST = re.compile(r"[\s\"%<>\\^`{|}]")

# Most addresses are in order; these spare them the long way, which would give the same.
_NAME = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_CLEAN = re.compile(rf"https?://{_NAME}(?:/[\w~%-][\w.~%-]*)*/?", re.ASCII)
_HOST = re.compile(rf"https?://(?:www\.)*((?!www\.){_NAME})(?=[/?#]|$)")
_PLAIN = re.compile(rf"https?://(?:www\.)*((?!www\.){_NAME})((?:/[\w-][\w.-]*)*)/?", re.ASCII)

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Left over where an address was escaped twice.
_AMPERSANDS = re.compile(r"^(?:amp;)+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# Letters that nobody sees: the fillers of Hangul, and an empty pattern of Braille.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SHOWN_ASCII = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@")
# Scripts in which no letter looks like one of Latin.
_SHOWN_SCRIPTS = ("HANGUL SYLLABLE", "CJK UNIFIED", "HIRAGANA", "KATAKANA")
#: Stands for a secret that is not shown.
HIDDEN = "***"
_SECRET_PARAMETER = re.compile(
    r"""([?&;][\w.-]*?(?:passw(?:or)?d|passphrase|pwd|token|secret|signature|credentials?|api[_-]?key|access[_-]?key"""
    r"""|(?<=[?&;])(?:key|pass|auth|sig))=)([^&#\s"'<>]+)""",
    re.IGNORECASE,
)


def clean_url(url: str | None, base: str | None = None) -> str | None:
    """The address to store and print: absolute, http or https, without credentials and campaign parameters.

    A relative *url* is resolved against *base*. The host is in ASCII (IDNA), so that every program can follow the link;
    the path stays as it was written. Returns None for what cannot be linked to (``javascript:``, ``data:``, no host,
    brackets that are no IPv6 address, more than 2,000 characters).
    """
    cleaned = _clean(url, base)
    return cleaned if cleaned and len(cleaned) <= LONGEST_ADDRESS else None


def _clean(url: str | None, base: str | None) -> str | None:
    if url and _CLEAN.fullmatch(url):
        return url if url.count("/") > 2 else f"{url}/"
    text = re.sub(r"\s", "%20", re.sub(r"[\x00-\x1f\x7f]", "", url or "").strip())
    # Taking a long one apart takes quadratic time, for urllib puts its marks into their order.
    if not text or len(text) > LONGEST_ADDRESS:
        return None
    # JSON can name halves of a character, which no address and no database can hold.
    text = re.sub(r"[\ud800-\udfff]", "\ufffd", text)
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        host, port = _encode_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"} or not host.strip("."):
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port and port != {"http": 80, "https": 443}[scheme]:
        netloc += f":{port}"
    return urlunsplit((scheme, netloc, parts.path or "/", _clean_query(parts.query), parts.fragment))


def canonicalise_url(url: str) -> str:
    """The key under which all addresses of one post meet; for comparing, never for linking.

    Takes an address that ``clean_url`` gave. Beyond cleaning: https, no ``www.``, single slashes, no trailing slash, no
    fragment unless it is a route (``#!``, ``#/``), no index page, no mobile or AMP view (``?m=1``, ``/amp``), no
    session, and what ``sites`` knows of single services. Percent-encoding, dot segments and the order of parameters
    are w3lib's work. Idempotent.
    """
    if (match := _PLAIN.fullmatch(url)) and not is_ruled(match[1], match[2]):
        return f"https://{match[1]}{match[2]}"
    key = _make_key(settle_address(Address(match[1], match[2])) if match else _take_apart(url))
    # Where a parameter of a folder is taken out, or becomes that of the last one, w3lib has more to do.
    while ";" in url and (again := _make_key(_take_apart(key))) != key:
        key = again
    return key


def readable_url(url: str) -> str:
    """The address for a person's eyes: host and path with Hangul shown, without scheme.

    What a person could not see or would take for something else stays percent-encoded: characters without a picture,
    spaces, slashes that separate nothing, and bytes that are no UTF-8. Hosts are shown in Hangul, Han and kana; in
    other scripts they stay in ASCII, for letters of theirs look like Latin ones.
    """
    parts = urlsplit(url)
    host = ".".join(_show_label(label) for label in host_of(url).split("."))
    path = "".join(
        c if c in "/%" or _is_shown(c) else quote(c) for c in _ESCAPES.sub(lambda m: _show_escapes(m[0]), parts.path)
    )
    return f"{host}{path.rstrip('/')}"


def host_of(url: str) -> str:
    """The host in lower case and ASCII, without ``www.``."""
    if match := _HOST.match(url):
        return match[1]
    host = urlsplit(url).hostname or ""
    try:
        return strip_www(_encode_host(host))
    except ValueError:
        return strip_www(host)


def origin_of(url: str) -> str:
    """Scheme, host and port, such as https://blog.example; the port only where it is not the usual one (RFC 6454)."""
    parts = urlsplit(url.lower())
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{netloc}" + (f":{parts.port}" if parts.port not in {None, usual} else "")


def drop_userinfo(text: str) -> str:
    """The text without user and password in front of the hosts that it names; what is left of an address still leads
    there.
    """
    return re.sub(r"(?<=//)[^/?#\s]*@", "", text)


def hide_credentials(text: str) -> str:
    """The text without user and password in the addresses that it names, right or wrong ones, and with ``***`` for what
    stands behind ``?password=``, ``&token=`` and their like: for a person's eyes, and no address any more.
    """
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", drop_userinfo(text))


def list_secret_parameters(url: str) -> list[str]:
    """What an address says behind ``?password=`` and its like."""
    return [found[2] for found in _SECRET_PARAMETER.finditer(url)]


def _make_key(address: Address) -> str:
    if (wrapped := find_wrapped(address)) and (inner := clean_url(wrapped)):
        within = _take_apart(inner)
        address = address if find_wrapped(within) else within
    return urlunsplit(("https", address.host, address.path, "&".join(address.parameters), address.fragment))


def _take_apart(url: str) -> Address:
    """The settled parts of a clean address."""
    # Imported late: it brings http and email, and most commands show addresses only.
    from w3lib.url import canonicalize_url

    url, _, fragment = url.partition("#")
    # A fragment where a script reads it to choose the page: #!/topic, #/posts/3.
    is_route = fragment.startswith(("!", "/")) and fragment.strip("!/") != ""
    url = _BROKEN_ESCAPE.sub("%25", f"{url}#{fragment}" if is_route else url)
    parts = urlsplit(canonicalize_url(url, keep_fragments=True))
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    pairs = [_AMPERSANDS.sub("", pair) for pair in parts.query.split("&")] if parts.query else ()
    kept = sorted(pair for pair in pairs if pair and not _is_tracking(pair))
    return settle_address(Address(host + port, _SESSION.sub("", parts.path), tuple(kept), parts.fragment))


def _clean_query(query: str) -> str:
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = _AMPERSANDS.sub("", name).lower()
    return bool(_TRACKING.fullmatch(name)) or (name == "source" and bool(_SOURCE.match(value)))


def _encode_host(host: str) -> str:
    """The host in ASCII; raises ValueError where there can be no such name (RFC 3490, RFC 3986)."""
    if len(host) > _LONGEST_HOST:
        raise ValueError("no host has so long a name")
    encoded = host if host.isascii() else host.encode("idna").decode("ascii")
    if _NO_HOST.search(encoded):
        raise ValueError(f"{host!r} is no host")
    return encoded


def _show_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        shown = label.encode("ascii").decode("idna")
    except UnicodeError:
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
