"""Titles: proposes the line of a post in the house style; stores nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from aggregator.digest.compose import compose_organisation
from aggregator.digest.escape import escape_text
from aggregator.digest.house.lessons import Lessons, learn
from aggregator.digest.house.organisations import Named, learn_organisations
from aggregator.digest.house.propose import propose_title
from aggregator.pipeline.home import Home
from aggregator.posts.dating import find_other_month, find_text_month
from aggregator.rank.record import name_place
from aggregator.storage.articles import find_article
from aggregator.storage.database import Connection
from aggregator.storage.feeds import list_publishers
from aggregator.storage.printed_titles import list_title_pairs
from aggregator.text.paragraphs import read_paragraphs
from aggregator.types import Article, Candidate, Month, MonthGround, Post, Proposal, TitlePair, TitleStep

# The languages of a digest in which titles are written in Title Case.
_ENGLISH = frozenset({"en", "ko"})
#: So many lines of a feed have to agree.
_OF_A_FEED = 3
#: Characters of HTML in which a date is looked for.
_BEGINNING = 4000


def propose(home: Home, candidate: Candidate) -> Proposal:
    """Propose title, organisation and month for the line of a post, from what it came with and from all that was
    printed. A title without steps is in house style as it came.
    """
    with home.reading() as connection:
        style = _learn(tuple(list_title_pairs(connection)))
        article = find_article(connection, candidate.post.id)
    title, steps = _propose_title(candidate, style)
    organisation = _propose_organisation(candidate, style)
    month, ground = _propose_month(candidate.post, article)
    return Proposal(title, steps, organisation.name or None, month, organisation.lines, ground)


def propose_titles(home: Home, candidates: Iterable[Candidate]) -> dict[str, str]:
    """Propose the titles alone, of many posts, by canonical address. What was printed is read once."""
    with home.reading() as connection:
        style = _learn(tuple(list_title_pairs(connection)))
    return {candidate.post.canonical_url: _propose_title(candidate, style)[0] for candidate in candidates}


def _propose_title(candidate: Candidate, style: _Style) -> tuple[str, tuple[TitleStep, ...]]:
    post = candidate.post
    names = [name for name in (candidate.feed_name, post.organisation) if name]
    is_english = post.language in _ENGLISH
    return propose_title(escape_text(post.title), style.lessons, url=post.url, names=names, is_english=is_english)


def find_organisation(connection: Connection, url: str) -> str:
    """The organisation that printed lines of the place of an address name, else a followed feed of that place; empty if
    neither does.
    """
    place = name_place(url)
    if found := _learn(tuple(list_title_pairs(connection))).of_places.get(place):
        return found.name
    return next((name for site, name in list_publishers(connection) if name_place(site) == place), "")


@dataclass(frozen=True, slots=True)
class _Style:
    lessons: Lessons
    #: The organisation that the lines of a place, and of a feed, name.
    of_places: dict[str, Named]
    of_feeds: dict[str, Named]


@lru_cache(maxsize=4)
def _learn(pairs: tuple[TitlePair, ...]) -> _Style:
    # Cached by what was printed: nothing has to be told when something is.
    return _Style(
        learn(pairs),
        learn_organisations((name_place(pair.url), pair.organisation) for pair in pairs),
        # A feed may have the posts of several publishers.
        learn_organisations(((pair.feed, pair.organisation) for pair in pairs if pair.feed), least=_OF_A_FEED, share=1),
    )


def _propose_organisation(candidate: Candidate, style: _Style) -> Named:
    """The name that lines of its place have, else those of its feed, else its feed's own; empty in a part without
    organisations.
    """
    section, post = candidate.section, candidate.post
    if section is not None and not section.part.prints_organisation:
        return Named("", 0)
    found = style.of_places.get(name_place(post.url)) or style.of_feeds.get(post.feed_key or "")
    return found or Named(compose_organisation(post, None, section) or "", 0)


def _propose_month(post: Post, article: Article | None) -> tuple[Month, MonthGround]:
    if month := find_other_month(post):
        return month, MonthGround.ADDRESS
    if article and (month := find_text_month(post, [one.text for one in read_paragraphs(article.html[:_BEGINNING])])):
        return month, MonthGround.TEXT
    return post.own_month, MonthGround.POST
