"""The view of the search page: posts in, what the template shows out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aggregator import words
from aggregator.locales import mark, t, tn
from aggregator.storage.narrowing import MOST_FOUND, NO_FEED, PRINTED
from aggregator.text.terms import Query, find_hits
from aggregator.types import Candidate, Month, Post, State
from aggregator.web.pane.view import PostView, build_post
from aggregator.web.parts import Choice
from aggregator.web.paths import path_in_queue
from aggregator.web.search.filter import PAGE, SearchFilter
from aggregator.words.sections import SectionNames

#: Characters of an excerpt, and how many of them are before the first hit.
EXCERPT = 260
_BEFORE = 80
_VERDICTS = {
    State.UNDECIDED: mark("Undecided"),
    State.APPROVED: mark("Approved"),
    State.HELD: mark("Held"),
    State.REJECTED: mark("Rejected"),
    PRINTED: mark("Printed"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; a hit matches the query."""

    text: str
    is_hit: bool = False


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One found post."""

    #: The view of its card, for what looks as in the queue.
    card: PostView
    title: Pieces
    excerpt: Pieces
    #: The curator's title and note if they have hits, else empty.
    corrected: Pieces
    note: Pieces
    #: Where its card is in the queue of its month.
    path: str
    #: The title of its original; empty if it is not a copy.
    copy_of: str


@dataclass(frozen=True, slots=True)
class Choices:
    """One filter of the form: its label, its name, the label for all, and the options."""

    label: str
    name: str
    everything: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """The search page."""

    filter: SearchFilter
    choices: tuple[Choices, ...]
    results: tuple[Result, ...]
    #: ``3 posts found.``, ``More than 1,000 posts found.``
    said: str
    #: ``1 to 25 of 60 posts``
    place: str
    earlier: SearchFilter | None
    later: SearchFilter | None


def cut_page(found: Sequence[int], chosen: SearchFilter) -> Sequence[int]:
    """Cut the posts of this page."""
    start = PAGE * (chosen.page - 1)
    return found[:MOST_FOUND][start : start + PAGE]


def build_search(
    chosen: SearchFilter, choices: tuple[Choices, ...], results: tuple[Result, ...], found: int
) -> SearchView:
    """Build the page. *results* are those of the page; *found* counts all, up to MOST_FOUND + 1."""
    start = PAGE * (chosen.page - 1)
    first, last = f"{start + 1:,}", f"{start + len(results):,}"
    if found > MOST_FOUND:
        said = t("More than {most} posts found.", most=f"{MOST_FOUND:,}")
        place = t("{first} to {last} of more than {most} posts", first=first, last=last, most=f"{MOST_FOUND:,}")
    else:
        said = tn("{number} post found.", "{number} posts found.", found)
        place = tn(
            "{first} to {last} of {number} post", "{first} to {last} of {number} posts", found, first=first, last=last
        )
    return SearchView(
        filter=chosen,
        choices=choices,
        results=results,
        said=said,
        place=place,
        earlier=chosen.turn(page=chosen.page - 1) if chosen.page > 1 else None,
        later=chosen.turn(page=chosen.page + 1) if PAGE * chosen.page < min(found, MOST_FOUND) else None,
    )


def build_choices(
    chosen: SearchFilter, names: SectionNames, months: Sequence[Month], feeds: Sequence[tuple[str, str]]
) -> tuple[Choices, ...]:
    """Build the fields of the form; a chosen option is in them even if no post has it any more."""
    of = chosen.narrowing
    sections = [(str(section), names.name(section)) for section in names.texts.taxonomy.sections]
    sources = [*feeds, (NO_FEED, t("no feed (from a digest)"))]
    languages = [(code, words.language(code)) for code in ("ko", "en")]
    verdicts = [(str(one), t(said)) for one, said in _VERDICTS.items()]
    return (
        _list(t("Section"), "section", t("All sections"), sections, str(of.section or "")),
        _list(t("Source"), "source", t("All sources"), sources, of.feed),
        _list(t("Month"), "month", t("All months"), [(str(month), month.name) for month in months], of.month),
        _list(t("Verdict"), "verdict", t("All verdicts"), verdicts, of.verdict),
        _list(t("Language"), "language", t("All languages"), languages, of.language),
    )


def _list(label: str, name: str, everything: str, options: Sequence[tuple[str, str]], chosen: str) -> Choices:
    known = {value for value, _ in options}
    added = [(chosen, chosen)] if chosen and chosen not in known else []
    return Choices(label, name, everything, tuple(Choice(v, said, v == chosen) for v, said in [*options, *added]))


def build_result(
    candidate: Candidate, query: Query, names: SectionNames, zone: ZoneInfo, original: Post | None = None
) -> Result:
    """Build a result; for a copy, *original* is the post whose card the queue shows."""
    post, correction = candidate.post, candidate.correction
    shown = original or post
    card = build_post(candidate, names, zone)
    return Result(
        card=card,
        title=mark_hits(card.title, query),
        excerpt=cut_excerpt(post.text, query),
        corrected=_only_hit(correction.title if correction else None, query),
        note=_only_hit(correction.note if correction else None, query),
        path=path_in_queue(shown.month, shown.id),
        copy_of=(original.title or original.url) if original else "",
    )


def mark_hits(text: str, query: Query) -> Pieces:
    """Split a text into hits and the rest."""
    pieces: list[Piece] = []
    end = 0
    for first, last in find_hits(text, query):
        pieces += [Piece(text[end:first]), Piece(text[first:last], True)]
        end = last
    return tuple(piece for piece in [*pieces, Piece(text[end:])] if piece.text)


def cut_excerpt(text: str, query: Query) -> Pieces:
    """Cut an excerpt around the first hit of a text, or from its beginning if it has none."""
    first = next(find_hits(text, query), (0, 0))[0]
    start = max(0, first - _BEFORE)
    if start:
        # Begin at a word, if one begins before the hit.
        start = text.find(" ", start, first) + 1 or start
    cut = words.cut(text[start:], EXCERPT)
    return mark_hits(f"… {cut}" if start else cut, query)


def _only_hit(text: str | None, query: Query) -> Pieces:
    return cut_excerpt(text, query) if text and next(find_hits(text, query), None) else ()
