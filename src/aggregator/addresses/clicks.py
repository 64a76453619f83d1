"""Addresses that only redirect, and whose target only their server knows: short links, and the clicks that mailing
services count. Pure.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aggregator.addresses.sites import strip_www


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SHORT = _words(
    """
    aka.ms amzn.to bit.ly buff.ly cutt.ly db.tt dlvr.it fb.me flip.it goo.gl hubs.la hubs.li hubs.ly ift.tt is.gd
    j.mp lnkd.in mz.cm ow.ly po.st rb.gy rebrand.ly s.id shorturl.at snip.ly stib.ee t.co t.ly tiny.cc tinyurl.com
    trib.al urlzs.com v.gd wp.me x.gd zpr.io bitly.kr buly.kr c11.kr han.gl me2.do me2.kr muz.so naver.me url.kr
    vo.la vvd.bz feedproxy.google.com tracking.feedpress.it feeds.feedblitz.com
    """
)
# Hosts and paths; a host that begins with a dot includes those below it.
_CLICKS = tuple(
    (host, re.compile(path))
    for host, path in (
        ("substack.com", r"/redirect/.+"),
        (".substack.com", r"/redirect/.+"),
        (".list-manage.com", r"/track/click"),
        (".list-manage1.com", r"/track/click"),
        (".list-manage2.com", r"/track/click"),
        ("link.mail.beehiiv.com", r"/.+"),
        (".beehiiv.com", r"/(?:ss/c|v1/c|c)/.+"),
        (".sendgrid.net", r"/(?:wf|ls)/click.*"),
        (".convertkit-mail.com", r"/.+"),
        (".convertkit-mail2.com", r"/.+"),
        (".convertkit-mail3.com", r"/.+"),
        (".convertkit-mail4.com", r"/.+"),
        (".kit-mail3.com", r"/.+"),
        (".mlsend.com", r"/link/.+"),
        (".mlsend2.com", r"/link/.+"),
        (".mailerlite.com", r"/link/.+"),
        (".createsend1.com", r"/t/.+"),
        (".cmail19.com", r"/t/.+"),
        (".cmail20.com", r"/t/.+"),
        (".hubspotlinks.com", r"/.+"),
        (".hs-sites.com", r"/e3t/.+"),
        (".mailgun.org", r"/c/.+"),
        (".getrevue.co", r"/.*"),
        ("event.stibee.com", r"/v2/click/.+"),
        (".maily.so", r"/(?:c|click)/.+"),
    )
)
# Mailing services under a publisher's own name: SendGrid and Mailgun.
_OWN_NAME = re.compile(r"(?:click|clicks|ablink|track|tracking|url\d{1,5}|em\d{1,5}|email|link|links|go|mandrillapp)\.")
_OWN_PATH = re.compile(r"/(?:ls/click|wf/click|ss/c|uni/ss/c|track/click|f/a|e3t/Ct\w*|c/eJ[\w-]*)(?:/.*)?")


def hides_goal(url: str) -> bool:
    """Whether only the server of this address knows where it leads."""
    place = urlsplit(url)
    host = strip_www((place.hostname or "").lower())
    if host in _SHORT:
        return place.path.strip("/") != ""
    if any(_is_of(host, bound) and path.fullmatch(place.path) for bound, path in _CLICKS):
        return True
    return _OWN_NAME.match(host) is not None and _OWN_PATH.fullmatch(place.path) is not None


def _is_of(host: str, bound: str) -> bool:
    return f".{host}".endswith(bound) if bound.startswith(".") else host == bound
