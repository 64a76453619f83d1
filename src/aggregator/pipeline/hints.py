"""Hints: proposes pieces of the note of a post; stores nothing."""

from __future__ import annotations

from aggregator.digest.hints.propose import propose_hints
from aggregator.digest.series_note import propose_note
from aggregator.pipeline.home import Home
from aggregator.pipeline.series import find_series
from aggregator.storage.articles import find_article
from aggregator.text.paragraphs import Paragraph, name_links, read_paragraphs
from aggregator.types import Candidate, Hint


def propose(home: Home, candidate: Candidate) -> tuple[Hint, ...]:
    """Propose pieces of the note of a post, from what was collected of it and from its series."""
    post = candidate.post
    with home.reading() as connection:
        article = find_article(connection, post.id)
        series = find_series(connection, [post.id]).get(post.id)
    note = (candidate.correction and candidate.correction.note) or ""
    parts = propose_note(series, post.id, note, post.language) if series else None
    if article is None:
        return propose_hints(post, [Paragraph("p", post.text)], {}, parts)
    return propose_hints(post, read_paragraphs(article.html), name_links(article.html), parts)
