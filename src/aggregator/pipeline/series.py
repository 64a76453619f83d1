"""Series: which posts are instalments of what, and the note that leads from a later one to the earlier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from aggregator.digest.series_note import add_to_note, propose_note, remove_from_note
from aggregator.exceptions import ReviewError
from aggregator.pipeline.actions import record
from aggregator.pipeline.home import Home
from aggregator.posts.instalments import arrange_series
from aggregator.review.verdicts import check_seen
from aggregator.storage import candidates, judgements, search, series
from aggregator.storage.database import Connection
from aggregator.types import ActionKind, Candidate, Correction, Month, Seen, Series, Sibling


def find_series(connection: Connection, post_ids: Sequence[int]) -> dict[int, Series]:
    """The series of those of these posts that are instalments of one, by post."""
    return _arrange(series.list_siblings(connection, post_ids), post_ids)


def find_series_of_month(connection: Connection, month: Month) -> dict[int, Series]:
    """The series of the candidates of a month, by post; of all posts that share a stem with one of them."""
    siblings = series.list_siblings_of_month(connection, month)
    return _arrange(siblings, [one.post_id for one in siblings])


def name_series(connection: Connection, month: Month) -> dict[int, str]:
    """A name of the series of each candidate of a month that has one with other posts, the same in every month."""
    found = find_series_of_month(connection, month)
    return {post_id: f"series of post {whole.instalments[0].post_id}" for post_id, whole in found.items()}


def _arrange(siblings: Iterable[Sibling], post_ids: Iterable[int]) -> dict[int, Series]:
    stems: dict[str, list[Sibling]] = defaultdict(list)
    for one in siblings:
        stems[one.series].append(one)
    wanted = set(post_ids)
    found = {
        one.post_id: arrange_series(one.post_id, alike)
        for alike in stems.values()
        for one in alike
        if one.post_id in wanted
    }
    return {post_id: whole for post_id, whole in found.items() if whole}


def accept_note(home: Home, post_id: int, language: str, *, seen: Seen | None = None) -> Candidate:
    """Put what leads to the earlier parts before the note of the post's line, in Korean (ko) or English (en); returns
    the post as it stands then.

    What is linked to already is not said again. Raises NotFoundError, ReviewError when there is nothing to say, and
    MeanwhileError when something was said of the post that the curator has not *seen*; None leaves that unchecked.
    """

    def change(whole: Series, note: str) -> str | None:
        said = propose_note(whole, post_id, note, language)
        return add_to_note(said, note) if said else None

    return _change_note(home, post_id, change, "has no earlier part that its note does not lead to", seen)


def take_back_note(home: Home, post_id: int, *, seen: Seen | None = None) -> Candidate:
    """Take what ``accept_note`` put there out of the note again; returns the post as it stands then.

    Raises NotFoundError, ReviewError when the note does not begin with it, and MeanwhileError as ``accept_note``.
    """

    def change(whole: Series, note: str) -> str | None:
        return remove_from_note(whole, post_id, note)

    return _change_note(home, post_id, change, "has no note that leads to earlier parts", seen)


def _change_note(
    home: Home,
    post_id: int,
    change: Callable[[Series, str], str | None],
    otherwise: str,
    seen: Seen | None,
) -> Candidate:
    with home.database.writing() as connection:
        candidate = candidates.get_candidate(connection, post_id)
        check_seen(candidate, seen, verdict="series")
        whole = find_series(connection, [post_id]).get(post_id)
        note = (candidate.correction and candidate.correction.note) or ""
        changed = change(whole, note) if whole else None
        if changed is None:
            raise ReviewError(f"“{candidate.post.title}” {otherwise}", post_id=post_id, verdict="series")
        action = record(home, connection, ActionKind.CORRECT, post_id=post_id, details={"fields": ["note"]})
        judgements.append_correction(connection, Correction(post_id, home.curator, home.now, note=changed), action)
        search.index_posts(connection, [post_id])
        return candidates.get_candidate(connection, post_id)
