"""Whether a post was made to bring readers to a site: its links have campaign parameters. Pure."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

from aggregator.addresses.resources import is_of, name_publisher
from aggregator.addresses.urls import host_of
from aggregator.locales import mark
from aggregator.types import Disclosure, DisclosureKind, DisclosureSource, Post

#: Evidence, as it is stored.
CAMPAIGN = mark("{number} of {links} links carry a campaign of {host}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Not utm_source: many tools add it by themselves, such as those for pictures.
_PARAMETERS = _words(
    """utm_campaign mtm_campaign pk_campaign hsa_cam gclid dclid gbraid wbraid msclkid irclickid irgwc ascsubtag
    aff aff_id affid affiliate affiliate_id affiliateid partner_id partnerid"""
)
_AMAZON = re.compile(r"(?:.+\.)?amazon\.[a-z.]{2,6}")
_ASSOCIATE = re.compile(r"[\w-]+-2\d")
# Networks that pay for readers.
_NETWORKS = _words(
    """link.coupang.com shareasale.com awin1.com anrdoezrs.net dpbolvw.net jdoqocy.com kqzyfj.com tkqlhce.com
    click.linksynergy.com go.skimresources.com"""
)
# Hosts of picture credits, and of posts that a newsletter previews.
_PICTURES = frozenset({"unsplash.com", "pexels.com", "pixabay.com"})
_SHOWN_BY = "substack"
_LEAST = 3


def find_campaign(post: Post) -> Disclosure | None:
    """The disclosure that most links to other sites, at least three, lead to one site and carry a campaign."""
    hosts = [_find_host(link) for link in post.links if carries_campaign(link)]
    if len(hosts) < _LEAST:
        # The usual case.
        return None
    names = name_publisher(post.url, post.organisation)
    counts = Counter(host for host in hosts if not is_of(host, post.url, names))
    host, count = next(iter(counts.most_common(1)), ("", 0))
    leaving = sum(not is_of(_find_host(link), post.url, names) for link in post.links)
    if count < _LEAST or 2 * count <= leaving:
        return None
    said = CAMPAIGN.format(number=count, links=leaving, host=host)
    return Disclosure(DisclosureKind.SPONSORED, said, DisclosureSource.LINKS)


def carries_campaign(link: str) -> bool:
    """Whether an address names a campaign, an advertisement, or an affiliate."""
    host = _find_host(link)
    if host in _NETWORKS:
        return True
    if not host or "?" not in link or host in _PICTURES:
        return False
    values = {name.lower(): value for name, value in parse_qsl(urlsplit(link).query)}
    if values.get("utm_source") == _SHOWN_BY:
        return False
    if _AMAZON.fullmatch(host) and _ASSOCIATE.fullmatch(values.get("tag", "")):
        return True
    return not _PARAMETERS.isdisjoint(values)


def _find_host(link: str) -> str:
    """The host; empty if *link* is not an address, such as one with an unpaired bracket."""
    try:
        return host_of(link)
    except ValueError:
        return ""
