"""Reads from storage what the pane of a post shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from aggregator.pipeline.related import find_others_of_work, find_sequels
from aggregator.pipeline.series import find_series
from aggregator.posts.copies.cluster import find_in_force
from aggregator.storage import actions, duplicates
from aggregator.storage.articles import find_article
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.storage.database import Connection
from aggregator.storage.readers import list_remarks_of, list_suggestions_of
from aggregator.storage.talk import list_heard
from aggregator.types import Candidate
from aggregator.web.pane.alikes import NONE_ALIKE, Alikes, build_alikes
from aggregator.web.pane.view import PostView, build_act, build_post
from aggregator.web.reading.article import show_article
from aggregator.words.readers import say_reasons
from aggregator.words.sections import SectionNames
from aggregator.words.talk import build_talk

#: The actions that a pane shows.
_PAST = 5


def gather_pane(
    connection: Connection, post_id: int | None, names: SectionNames, zone: ZoneInfo, *, with_pictures: bool = False
) -> dict[str, Any]:
    """Read what the template of the pane shows; nothing without a post."""
    if post_id is None:
        return {"post": None}
    (post,) = build_posts(connection, [post_id], names, zone)
    article = find_article(connection, post_id)
    shown = show_article(article, with_pictures=with_pictures) if article else None
    past = [build_act(action, zone) for action in actions.list_of_post(connection, post_id, limit=_PAST)]
    return {
        "post": post,
        "past": past,
        "remarks": [each for each in list_remarks_of(connection, post_id) if not each.done_at],
        "suggested": [say_reasons(each) for each in list_suggestions_of(connection, [post_id])],
        "talk": build_talk(list_heard(connection, post_id), post.published_at),
        "article": shown,
        "with_pictures": with_pictures,
    }


def build_posts(connection: Connection, post_ids: Sequence[int], names: SectionNames, zone: ZoneInfo) -> list[PostView]:
    candidates = list_candidates_by_id(connection, post_ids)
    series = find_series(connection, post_ids)
    alikes = _look_for_alikes(connection, candidates, zone)
    return [
        build_post(
            one,
            names,
            zone,
            series=series.get(one.post.id),
            sequels=find_sequels(connection, one.post),
            work=find_others_of_work(connection, one.post),
            alikes=alikes.get(one.post.id, NONE_ALIKE),
        )
        for one in candidates
    ]


def _look_for_alikes(connection: Connection, shown: Sequence[Candidate], zone: ZoneInfo) -> dict[int, Alikes]:
    """Read the copies and possible copies of some posts."""
    originals = [candidate.post.id for candidate in shown]
    copies = duplicates.list_copies(connection, originals)
    families = [*originals, *(number for found in copies.values() for number in found)]
    pairs = find_in_force(duplicates.list_pairs(connection, families))
    if not pairs:
        return {}
    numbers = sorted({number for pair in pairs for number in pair})
    candidates = {one.post.id: one for one in list_candidates_by_id(connection, numbers)}
    return build_alikes(originals, copies, pairs, candidates, zone)
