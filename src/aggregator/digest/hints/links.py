"""Writes links to code, models, data sets and papers as notes of the digest have them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from aggregator.addresses.resources import find_resource, find_resources
from aggregator.digest.escape import check_address, encode_address, escape_text
from aggregator.exceptions import DigestError
from aggregator.types import Resource, ResourceKind

_MOST, _MOST_PAPERS = 4, 2
_LONGEST_NAME = 60
# Words of links that do not name what they lead to.
_NO_NAME = re.compile(
    r"(?:(?:the|this|our|an?|on|in|at|full|open|source|here|link|git\s?hub|gitlab|hugging\s?face|arxiv|code|repo(?:sitory)?|paper|demo|"
    r"notebook|colab|model|dataset|data|page|project|read|see|view|download|original|pdf|blog|post)[\s:.,]*+)+|\[?\d+\]?"
    r"|(?:이|해당|이곳|여기|링크|깃허브|깃헙|코드|소스|소스코드|논문|데모|노트북|모델|데이터셋|저장소|원문|공식|레포지토리|바로가기|보기|에서|를|을|의)(?:[\s:.,]*+(?:이|해당|이곳|여기|링크|깃허브|깃헙|코드|논문|저장소|원문|보기|에서|를|을))*+",
    re.IGNORECASE,
)
# What a link is called that has no name of its own, in Korean and English.
_KINDS = {
    ResourceKind.NOTEBOOK: ("노트북", "notebook"),
    ResourceKind.DEMO: ("데모", "demo"),
    ResourceKind.PAPER: ("논문", "paper"),
}


def write_links(
    links: Sequence[str], named: Mapping[str, str], *, site: str, organisation: str | None, language: str
) -> str:
    """At most four of the resources among the *links* of a post, the publisher's own first and papers last; more than
    two papers are left out. It may be empty.

    *named* has the words of links by their addresses. An address is as the post has it.
    """
    given: dict[tuple[ResourceKind, str], str] = {}
    for link in links:
        if resource := find_resource(link):
            given.setdefault((resource.kind, resource.name), link)
    found = find_resources(links, site=site, organisation=organisation)
    if sum(one.kind is ResourceKind.PAPER for one in found) > _MOST_PAPERS:
        # They are references.
        found = tuple(one for one in found if one.kind is not ResourceKind.PAPER)
    ordered = sorted(found, key=lambda one: (one.kind is ResourceKind.PAPER, not one.is_own))
    written: dict[str, str] = {}
    for one in ordered:
        link = given[one.kind, one.name]
        name = _name(one, link, named.get(link, ""), language)
        if _is_printable(link):
            written.setdefault(name.lower(), f"[{escape_text(name)}]({encode_address(link)})")
    return ", ".join(list(written.values())[:_MOST])


def _name(resource: Resource, link: str, words: str, language: str) -> str:
    is_name = words and len(words) <= _LONGEST_NAME and "/" not in words and not _NO_NAME.fullmatch(words)
    if is_name:
        return words
    if kinds := _KINDS.get(resource.kind):
        return kinds[0] if language == "ko" else kinds[1]
    name = resource.name.rpartition("/")[2]
    # The service's own name is in small letters; the address has its capitals.
    path = unquote(link)
    at = path.lower().rfind(name)
    return path[at : at + len(name)] if at >= 0 else name


def _is_printable(link: str) -> bool:
    try:
        check_address(link)
    except DigestError:
        return False
    return True
