"""A post that is read by its address, because no feed gave it. Pure: the answers of servers in, what they say out.

Runs in a worker process, as all reading of pages does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.posts.canonical import find_canonical, list_named
from aggregator.posts.dating import Placement, PostDate
from aggregator.posts.disclosures import find_said
from aggregator.posts.page_facts import find_date, read_facts
from aggregator.posts.pages import ATTEMPTS, HTML, find_kind, find_refusal, load_tree, read_page
from aggregator.posts.platforms import Origin, Said, Way, read_said, show_plain
from aggregator.posts.series import name_series
from aggregator.text.content import Content, read_content
from aggregator.text.html import sanitise_html, shorten
from aggregator.text.language import find_language
from aggregator.types import PageOutcome, PageReading, PageText, PostDraft, ReadPost, Retrieved, Wait


class Answers(NamedTuple):
    """What was retrieved on the way to a post."""

    facts: Retrieved | None = None
    text: Retrieved | None = None


def begin_reading(way: Way) -> ReadPost:
    """What is known of a post before anything is read."""
    url = clean_url(way.url) or way.url
    return ReadPost(url, tuple(dict.fromkeys([canonicalise_url(url), *way.also])))


def read_found(way: Way, answers: Answers, limit: int, *, now: datetime) -> ReadPost:
    """Read a post. *limit* is the length of a kept text, in characters; a date after *now* is believed, since the
    curator sees it.
    """
    post = begin_reading(way)
    if answers.facts is not None and (said := read_said(way.origin, answers.facts.body)):
        return _join(post, said, answers.text, limit)
    if answers.text is None or way.origin is Origin.REPOSITORY:
        return replace(post, trouble="its server does not say what it documents")
    return _read_page(post, answers.text, limit)


def draft_found(
    read: ReadPost,
    title: str,
    date: PostDate,
    place: Placement,
    *,
    organisation: str,
    now: datetime,
    waits_for: Wait | None = None,
) -> PostDraft:
    """Draft a post of what was read; *title* is what it is called if the page does not say, or says it wrong."""
    text = read.text
    return PostDraft(
        canonical_url=read.canonical_urls[0],
        url=read.url,
        title=title,
        text=text.text if text else "",
        words=text.words if text else 0,
        links=text.links if text else (),
        tags=read.tags,
        language=read.language if text else find_language(title, read.language),
        published_at=date.published_at,
        published_from=date.source,
        month=place.month,
        first_seen_at=now,
        organisation=organisation or None,
        confidence=date.confidence,
        waits_for=waits_for,
        late_for=place.late_for,
        series=name_series(title),
        images=text.images if text else 0,
        first_image=text.first_image if text else None,
        code_blocks=text.code_blocks if text else 0,
        code_lines=text.code_lines if text else 0,
    )


def note_found(read: ReadPost, post_id: int, now: datetime) -> PageReading:
    """What is stored of the page of a post that was read; it is not read again."""
    text = read.text
    return PageReading(
        post_id,
        read.url,
        now,
        PageOutcome.TAKEN if text else PageOutcome.FAILED,
        attempts=ATTEMPTS,
        reason=read.trouble or None,
        words=text.words if text else 0,
        text=text,
        content=read.content or None,
        said=read.said,
    )


def _join(post: ReadPost, said: Said, text: Retrieved | None, limit: int) -> ReadPost:
    """What a service says, with the text of the second document."""
    html = said.html
    if text is not None and find_kind(text) in HTML:
        tree = load_tree(text)
        html = read_page(text, tree).html if tree is not None else html
    elif text is not None:
        html = text.body.decode("utf-8", "replace")
    html = sanitise_html(html)
    content = read_content(html)
    links = tuple(dict.fromkeys([*content.links, *said.links]))
    language = find_language(f"{said.title}\n{content.text}", "en")
    post = replace(post, title=said.title, organisation=said.organisation, language=language, tags=said.tags)
    post = _date(post, [said.day])
    return replace(post, content=html, text=_keep(replace(content, links=links), language, limit))


def _read_page(post: ReadPost, answer: Retrieved, limit: int) -> ReadPost:
    if (kind := find_kind(answer)) not in HTML:
        return replace(post, trouble=f"the page is {kind}, not HTML")
    tree = load_tree(answer)
    if tree is None:
        return replace(post, trouble="the page is not readable HTML")
    post = _follow(post, answer)
    facts, page = read_facts(tree, post.url), read_page(answer, tree)
    post = replace(post, title=facts.title or page.heading, organisation=facts.organisation, language=facts.language)
    if facts.date:
        date = facts.date
        post = replace(post, published_at=date.published_at, published_from=date.source, confidence=date.confidence)
    named = list_named(answer.link, page.named)
    if found := find_canonical(post.url, post.title, page_url=answer.url, page_title=page.title, named=named):
        post = replace(post, url=found, canonical_urls=(canonicalise_url(found), *post.canonical_urls))
    if refusal := find_refusal(answer.robots_tag, page.robots):
        return replace(post, trouble=f"the page asks not to be kept ({refusal})")
    html, content = page.html, page.content
    if facts.abstract:
        html = sanitise_html(show_plain(facts.abstract))
        content = read_content(html)
    language = find_language(f"{post.title}\n{content.text}", facts.language)
    said = (*page.said, *find_said(content.text, language))
    trouble = "" if content.words else "no text was found in the page"
    text = _keep(content, language, limit) if content.words else None
    return replace(post, language=language, content=html, text=text, said=said, trouble=trouble)


def _follow(post: ReadPost, answer: Retrieved) -> ReadPost:
    """The post at the end of its redirects, unless they lead to a front page."""
    url = clean_url(answer.url)
    if not answer.hops or url is None or not urlsplit(url).path.strip("/"):
        return post
    return replace(post, url=url, canonical_urls=tuple(dict.fromkeys([canonicalise_url(url), *post.canonical_urls])))


def _date(post: ReadPost, said: list[str]) -> ReadPost:
    date = find_date(said, post.url, post.language)
    if date is None:
        return post
    return replace(post, published_at=date.published_at, published_from=date.source, confidence=date.confidence)


def _keep(content: Content, language: str, limit: int) -> PageText:
    return PageText(
        text=shorten(content.text, limit),
        words=content.words,
        links=content.links,
        language=language,
        images=content.images,
        first_image=content.first_image,
        code_blocks=content.code_blocks,
        code_lines=content.code_lines,
    )
