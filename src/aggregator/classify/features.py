"""Describes a post to the classifier by its wording, its address, its organisation and its links.

Title and text have separate features, because the title says most. Text and organisation may be missing, so they are
separate as well, and the model can learn to do without them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aggregator.addresses.resources import find_resources
from aggregator.addresses.urls import host_of
from aggregator.classify.publisher import is_aws_published, list_publisher_marks, read_slug
from aggregator.classify.wording import Wording, read_wording
from aggregator.types import Kind, Post, ResourceKind

#: Characters of the text that are read: a post says early what it is about, and later mostly how.
READ_LIMIT = 300
_TITLE_LIMIT = 300
_MOST_LINKS = 100

# "How Northwind built …", "Lessons from …", in stems: those who did it write about it, whoever publishes.
_FIRST_HAND = re.compile(
    r" how (?:\S+ ){1,3}?"
    r"(?:build|built|use|improv|scale|leverag|cut|detect|migrat|reduc|serv|train|power|deploy|creat|save) "
    r"| (?:lesson (?:learn|from)|in hous|post mortem|postmortem|behind the scene|har|insid our) "
)
_NOTHING = Wording()
_LINK_TERMS = {
    ResourceKind.CODE: "=library",
    ResourceKind.CHECKPOINT: "=library",
    ResourceKind.PACKAGE: "=library",
    ResourceKind.DATASET: "=dataset",
    ResourceKind.PAPER: "=paper",
}
_AWS_DOCUMENTS = "docs.aws.amazon.com"


@dataclass(frozen=True, slots=True)
class Document:
    """A post as the model reads it. Marks are names of what is not wording, such as ``host:…``."""

    title: Wording
    text: Wording
    #: Words of the address that the title lacks.
    slug: Wording
    marks: tuple[str, ...]
    organisation: tuple[str, ...]
    #: Whether AWS publishes it: the question of a reserved part is asked of no other post.
    is_aws: bool = False

    def without_text(self) -> Document:
        return replace(self, text=_NOTHING)

    def with_text_alone(self) -> Document:
        """The document with its text in place of the title."""
        return replace(self, title=self.text, text=_NOTHING)

    def without_organisation(self) -> Document:
        return replace(self, organisation=())


def describe(
    *,
    title: str,
    text: str = "",
    url: str,
    organisation: str | None = None,
    tags: Sequence[str] = (),
    links: Sequence[str] = (),
    kind: Kind | None = None,
) -> Document:
    """Take a post apart. *url* may be the address of its site alone."""
    heading = read_wording(title[:_TITLE_LIMIT])
    body = read_wording(" ".join((*tags, text[:READ_LIMIT]))[:READ_LIMIT])
    marks = [*_list_marks(heading), *list_publisher_marks(url, organisation, kind)]
    return Document(
        title=heading,
        text=replace(body, terms=(*body.terms, *_list_link_terms(links))) if links else body,
        slug=_read_slug(url, heading),
        marks=tuple(dict.fromkeys(marks)),
        organisation=("organisation", f"organisation:{'_'.join(organisation.lower().split())}") if organisation else (),
        is_aws=is_aws_published(url, kind),
    )


def describe_post(post: Post) -> Document:
    return describe(
        title=post.title,
        text=post.text,
        url=post.url,
        organisation=post.organisation,
        tags=post.tags,
        links=post.links,
        kind=post.kind,
    )


def _list_marks(title: Wording) -> list[str]:
    marks = ["korean title"] if title.hangul else []
    if _FIRST_HAND.search(f" {' '.join(title.words)} "):
        marks.append("told first-hand")
    return marks


def _list_link_terms(links: Sequence[str]) -> list[str]:
    """What links say is said in wording too, so that a model knows it that has learned from wording alone."""
    links = links[:_MOST_LINKS]
    kinds = {resource.kind for resource in find_resources(links)}
    terms = [_LINK_TERMS[kind] for kind in sorted(kinds) if kind in _LINK_TERMS]
    if any(host_of(link) == _AWS_DOCUMENTS for link in links):
        terms.append("service:strong")
    return list(dict.fromkeys(terms))


def _read_slug(url: str, title: Wording) -> Wording:
    slug = read_wording(read_slug(url))
    said = set(title.words)
    terms = set(title.terms)
    return Wording(
        words=tuple(word for word in slug.words if word not in said),
        hangul=() if title.hangul else slug.hangul,
        terms=tuple(term for term in slug.terms if term not in terms),
    )
