"""Whether an answer is the challenge or block page of bot protection. Such pages are named, never got around. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aggregator.text.html import plain_text

#: A page of protection is short; a longer one with the same marks is a page of the site.
LONGEST = 20_000

# By service: the header field that it adds to an answer of its own.
_FIELDS = (
    ("Cloudflare", "cf-mitigated"),
    ("AWS WAF", "x-amzn-waf-action"),
    ("Vercel", "x-vercel-mitigated"),
)
# By service: what its page contains, in lower case.
_MARKS = (
    ("Cloudflare", b"_cf_chl_opt"),
    ("Cloudflare", b"<title>just a moment"),
    ("Cloudflare", b"<title>attention required! | cloudflare"),
    ("Imperva", b"_incapsula_resource"),
    ("Imperva", b"incapsula incident id"),
    ("AWS WAF", b"awswafintegration"),
    ("AWS WAF", b"awswafcookiedomainlist"),
    ("Akamai", b"bm-verify"),
    ("Akamai", b"sec-if-cpt-container"),
    ("Akamai", b"errors.edgesuite.net"),
    ("Vercel", b"vercel security checkpoint"),
    ("DataDome", b"captcha-delivery.com"),
)
# Services whose own server refuses, without a mark in the page.
_SERVERS = (("Akamai", "akamaighost"), ("DataDome", "datadome"))
_HTML = re.compile(rb"\s*+(?:<!--[^>]{0,500}>\s*+)?<(?:!doctype\s++html|html|head|meta|script|title|noscript)\b", re.I)
_FORBIDDEN = 403
# With these, a page with a mark refuses. With another one it may be a page of the site, into which the service has put
# its script, or which speaks of the service.
_REFUSING = frozenset({202, 403, 405, 406, 429, 451, 503})
# A challenge leads nowhere and says a sentence or two; a page of the site has links, a style or a text.
_OF_SITE = re.compile(rb"<(?:a|link)\s[^<>]*\bhref", re.I)
_LONGEST_TEXT = 400


def find_wall(status: int, fields: Mapping[str, Sequence[str]], body: bytes) -> str | None:
    """Name the bot protection that gave an answer in place of the site; None if it is the site's own.

    *fields* are the header fields by their lower-case names, *body* the page or its beginning.
    """
    if found := next((service for service, name in _FIELDS if name in fields), None):
        return found
    if status == _FORBIDDEN:
        servers = [each.lower() for each in fields.get("server", ())]
        if found := next((service for service, name in _SERVERS if name in servers), None):
            return found
    if len(body) > LONGEST or not _HTML.match(body):
        return None
    page = body.lower()
    found = next((service for service, mark in _MARKS if mark in page), None)
    return found if found and (status in _REFUSING or _says_nothing(body)) else None


def _says_nothing(body: bytes) -> bool:
    return not _OF_SITE.search(body) and len(plain_text(body.decode("utf-8", "replace"))) <= _LONGEST_TEXT
