"""Candidates: posts with everything that is stored about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from aggregator.exceptions import NotFoundError
from aggregator.locales import t
from aggregator.storage.actions import ADDED, rests
from aggregator.storage.corrections import CORRECTED_SECTION, LAST_OF_SECTION, merge_corrections, select_corrections
from aggregator.storage.judgements import IS_MUTED, read_placement, read_verdict
from aggregator.storage.narrowing import NO_FEED
from aggregator.storage.posts import IS_CANDIDATE, IS_COPY, WAITS, is_candidate, read_disclosures, read_post
from aggregator.storage.printed import IS_PRINTED, IS_SEEN, PRINTED
from aggregator.storage.readers import SUGGESTED
from aggregator.storage.rows import get_taxonomy, in_batches, list_raw
from aggregator.storage.tables import (
    corrections,
    digest_lines,
    feeds,
    guesses,
    posts,
    samples,
    scores,
    verdicts,
    withheld,
)
from aggregator.types import (
    Candidate,
    Correction,
    Decision,
    Guess,
    Month,
    Question,
    Reason,
    Ruled,
    Score,
    Taxonomy,
    Wait,
    Withheld,
)

#: The order of a month's queue.
IN_ORDER = (
    posts.c.returned_id.is_(None),
    scores.c.rank.is_(None),
    scores.c.rank,
    posts.c.published_at.desc(),
    posts.c.id,
)
#: Whether a rule hides a post from all views except its own: nobody has looked at it.
IS_HIDDEN = sa.and_(IS_MUTED, posts.c.verdict_id.is_(None), posts.c.returned_id.is_(None))
_RETURNED = verdicts.alias("returned")
_ADDED_BY = sa.select(sa.func.min(ADDED.c.by)).where(ADDED.c.post_id == posts.c.id).correlate(posts).scalar_subquery()
_REJECTED = sa.select(verdicts.c.id).where(verdicts.c.decision == str(Decision.REJECT))
_IS_REJECTED = sa.and_(posts.c.verdict_id.is_not(None), posts.c.verdict_id.in_(_REJECTED))
_IS_WAITING = sa.and_(WAITS, posts.c.waits_for != str(Wait.ADDING), ~IS_COPY, ~_IS_REJECTED)


def list_decided(connection: sa.Connection) -> Iterator[Candidate]:
    """List all posts with a verdict in force, with what lessons are made of: guess, verdict, and the last correction of
    the section. One after the other, because together their texts are large.
    """
    reader, corrected = _Reader(get_taxonomy(connection)), _find_corrected(connection)
    for row in connection.execute(_select_decided()):
        yield reader.read_decided(row, corrected.get(row.id))


class _Read(NamedTuple):
    """A candidate with all that it was read from."""

    #: The hash of its row, which would take more memory than the candidate.
    row: int
    corrected: Mapping[str, Any] | None
    taxonomy: Taxonomy
    candidate: Candidate


def _read_known(
    connection: sa.Connection,
    known: Mapping[int, _Read],
    query: sa.Select[Any],
    corrected: Mapping[int, Mapping[str, Any]],
    read: Callable[[_Reader, sa.Row[Any], Mapping[str, Any] | None], Candidate],
) -> dict[int, _Read]:
    """Read the rows of a query, whose first column is the number of the post. What is *known* of the same row, the same
    correction and the same taxonomy is taken.
    """
    taxonomy = get_taxonomy(connection)
    reader, found = _Reader(taxonomy), {}
    rows, convert = list_raw(connection, query)
    for row in rows:
        before, said = known.get(row[0]), corrected.get(row[0])
        source = (hash(row), said, taxonomy)
        if before is None or before[:3] != source:
            before = _Read(*source, read(reader, convert(row), said))
        found[row[0]] = before
    return found


class DecidedRows:
    """The posts that were decided last as they were read before. Between two readings few of them change."""

    def __init__(self) -> None:
        self._read: dict[int, _Read] = {}

    def list_since(
        self, connection: sa.Connection, last_verdict: int, last_correction: int, *, limit: int, characters: int
    ) -> list[Candidate]:
        """List the same as ``list_decided`` for posts with a verdict or correction after these numbers, at most
        *limit*, newest first, each with the first *characters* of its text. Those that have not changed are the same
        objects.
        """
        corrected = sa.select(corrections.c.post_id).where(
            corrections.c.id > last_correction, corrections.c.section.is_not(None)
        )
        newest = (
            sa.select(posts.c.id)
            .where(
                sa.or_(posts.c.verdict_id > last_verdict, posts.c.id.in_(corrected)), posts.c.verdict_id.is_not(None)
            )
            .order_by(posts.c.verdict_id.desc())
            .limit(limit)
        )
        ids = connection.execute(newest).scalars().all()
        if not ids:
            return []
        text = sa.func.substr(posts.c.text, 1, characters).label("text")
        query = _select_decided(text).where(posts.c.id.in_(ids))
        read = _read_known(connection, self._read, query, _find_corrected(connection), _Reader.read_decided)
        # As a whole, for another thread may read too.
        self._read = read
        return [each.candidate for each in read.values()]


def _select_decided(text: sa.ColumnElement[str] = posts.c.text) -> sa.Select[Any]:
    return (
        sa.select(
            *(text if column is posts.c.text else column for column in posts.c),
            feeds.c.kind,
            *_list_columns(guesses, "guess_", _GUESSED),
            *_list_columns(verdicts, "said_"),
        )
        .select_from(posts)
        .join(verdicts, verdicts.c.id == posts.c.verdict_id)
        .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
        .outerjoin(guesses, guesses.c.post_id == posts.c.id)
        .order_by(posts.c.canonical_url)
    )


def _find_corrected(connection: sa.Connection) -> dict[int, dict[str, Any]]:
    """The last correction of the section of each post."""
    names = ("post_id", "by", "at", "section", "title", "id")
    return {
        row.post_id: {name: value for name in names if (value := row._mapping[name]) is not None}
        for row in connection.execute(LAST_OF_SECTION)
    }


def count_lost(connection: sa.Connection) -> int:
    """Count the approved, unprinted posts in a section that the settings no longer have."""
    known = [section.key for section in get_taxonomy(connection).sections]
    query = (
        sa.select(sa.func.count())
        .select_from(verdicts)
        .join(posts, posts.c.verdict_id == verdicts.c.id)
        .outerjoin(guesses, guesses.c.post_id == posts.c.id)
        .where(verdicts.c.decision == str(Decision.APPROVE), ~IS_PRINTED)
        .where(sa.func.coalesce(CORRECTED_SECTION, guesses.c.section).not_in(known))
    )
    return connection.execute(query).scalar_one()


def get_candidate(connection: sa.Connection, post_id: int) -> Candidate:
    """Return a post as a candidate. Raises NotFoundError."""
    found = list_candidates_by_id(connection, [post_id])
    if not found:
        raise NotFoundError(t("there is no post {number}", number=post_id))
    return found[0]


def list_candidates(connection: sa.Connection, month: Month) -> list[Candidate]:
    """List the posts of a month by rank; posts that are back from a hold come first, and posts without a rank come
    last, newest first.
    """
    return _list_candidates(connection, is_candidate(month))


class MonthRows:
    """The candidates of a month as they were read last. Between two rankings few of them change, and the others need
    not be made of their rows again.
    """

    def __init__(self) -> None:
        self._read: dict[int, _Read] = {}

    def list_to_rank(self, connection: sa.Connection, month: Month) -> list[Candidate]:
        """List the candidates of a month as ``list_to_rank`` does; those that have not changed are the same objects."""
        where = is_candidate(month)
        # By number, for a ranking would change the order of the queue, and with it what the next one compares.
        query = _select_candidates(where, _TO_RANK).order_by(None).order_by(posts.c.id)
        corrected = merge_corrections(connection, select_corrections(where))
        read = _read_known(connection, self._read, query, corrected, _Reader.read)
        self._read = read
        return [each.candidate for each in read.values()]


def list_to_rank(connection: sa.Connection, month: Month) -> list[Candidate]:
    """List the same with only the columns that ranking needs: without texts, tags, and what a ranking writes and does
    not read. The scores of open posts are left out.
    """
    return MonthRows().list_to_rank(connection, month)


def list_given(connection: sa.Connection, month: Month) -> list[Candidate]:
    """List the posts of a month that feeds gave, also those that came too late for it and are candidates of another."""
    own = sa.or_(sa.and_(posts.c.month == str(month), posts.c.late_for.is_(None)), posts.c.late_for == str(month))
    return _list_candidates(connection, sa.and_(own, IS_CANDIDATE, posts.c.feed_key.is_not(None)))


def list_printed(connection: sa.Connection) -> list[Candidate]:
    """List the posts that digests and imported pages printed, and their copies."""
    numbers = sa.select(PRINTED.subquery("lines").c.post_id)
    return _list_candidates(connection, sa.or_(posts.c.id.in_(numbers), posts.c.copy_of.in_(numbers)))


def list_approved(connection: sa.Connection, month: Month) -> list[Candidate]:
    """List the approved posts of a month by rank."""
    approved = sa.select(verdicts.c.id).where(verdicts.c.decision == str(Decision.APPROVE))
    query = sa.select(posts.c.id).outerjoin(scores, scores.c.post_id == posts.c.id).order_by(*IN_ORDER)
    query = query.where(is_candidate(month), posts.c.verdict_id.in_(approved))
    return list_candidates_by_id(connection, connection.execute(query).scalars().all())


def list_waiting(connection: sa.Connection, *, limit: int) -> list[Candidate]:
    """List the posts that wait for a date or for their day, newest first, without rejected ones."""
    newest = sa.select(posts.c.id).where(_IS_WAITING).order_by(posts.c.first_seen_at.desc(), posts.c.id).limit(limit)
    ids = list(connection.execute(newest).scalars())
    return list_candidates_by_id(connection, ids)


def count_waiting(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(posts).where(_IS_WAITING)).scalar_one()


def list_undecided(connection: sa.Connection, month: Month, feed_key: str) -> list[int]:
    """List the undecided posts of a month from a feed, or from no feed (NO_FEED), by rank, without those that a rule
    hides.
    """
    query = sa.select(posts.c.id).outerjoin(scores, scores.c.post_id == posts.c.id)
    query = query.where(is_candidate(month), posts.c.verdict_id.is_(None), ~IS_HIDDEN, _is_from(feed_key))
    query = query.order_by(*IN_ORDER)
    return list(connection.execute(query).scalars())


def list_waiting_of(connection: sa.Connection, feed_key: str) -> list[int]:
    """List the undecided posts of a feed, or of no feed (NO_FEED), that wait, newest first."""
    query = sa.select(posts.c.id).where(_IS_WAITING, posts.c.verdict_id.is_(None), _is_from(feed_key))
    return list(connection.execute(query.order_by(posts.c.first_seen_at.desc(), posts.c.id)).scalars())


def _is_from(feed_key: str) -> sa.ColumnElement[bool]:
    return posts.c.feed_key.is_(None) if feed_key == NO_FEED else posts.c.feed_key == feed_key


def list_candidates_by_id(
    connection: sa.Connection, post_ids: Sequence[int], *, is_whole: bool = True
) -> list[Candidate]:
    """List these posts, in this order; unknown numbers are left out. Unless *is_whole*, without texts and reasons."""
    query = _select_numbered(frozenset() if is_whole else _BRIEF)
    found: dict[int, Candidate] = {}
    for batch in in_batches(post_ids):
        read = _read_candidates(connection, query, _CORRECTED, {"numbers": batch})
        found.update((one.post.id, one) for one in read)
    return [found[post_id] for post_id in post_ids if post_id in found]


_GUESSED = ("post_id", "section", "parts", "topics", "out_of_scope", "model_version", "disclosures")
_SCORED = ("post_id", "reasons", "rank", "shortlisted", "standing", "ruled", "asked", "alike")
# Values in place of columns that are left out.
_IN_PLACE: Mapping[str, sa.ColumnElement[Any]] = {
    "text": sa.literal(""),
    "tags": sa.null(),
    "reasons": sa.null(),
    "standing": sa.null(),
    "rank": sa.literal(0),
    "asked": sa.null(),
    "alike": sa.null(),
}
_BRIEF = frozenset({"text", "tags", "reasons", "standing"})
# Ranks change with every verdict.
_TO_RANK = _BRIEF | {"rank", "asked", "alike"}


@cache
def _list_columns(
    table: sa.FromClause, prefix: str = "", names: tuple[str, ...] = (), *, left_out: frozenset[str] = frozenset()
) -> list[sa.Label[Any]]:
    """Label columns with their names and a prefix; without *names*, all columns of the table."""
    # Made once: a page asks several times, and making a label takes longer than reading its value.
    return [
        (_IN_PLACE[name] if name in left_out else table.c[name]).label(prefix + name)
        for name in names or table.c.keys()
    ]


def _list_candidates(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Candidate]:
    return _read_candidates(connection, _select_candidates(where, frozenset()), select_corrections(where))


def _read_candidates(
    connection: sa.Connection,
    query: sa.Select[Any],
    corrections: sa.Select[Any],
    values: Mapping[str, Any] | None = None,
) -> list[Candidate]:
    corrected = merge_corrections(connection, corrections, values)
    reader = _Reader(get_taxonomy(connection))
    return [reader.read(row, corrected.get(row.id)) for row in connection.execute(query, values).all()]


_NUMBERED = posts.c.id.in_(sa.bindparam("numbers", expanding=True))
_CORRECTED = select_corrections(_NUMBERED)


@cache
def _select_numbered(left_out: frozenset[str]) -> sa.Select[Any]:
    # Made once: a page asks several times for a few posts, and making the query takes longer than reading them.
    return _select_candidates(_NUMBERED, left_out)


def _select_candidates(where: sa.ColumnElement[bool], left_out: frozenset[str]) -> sa.Select[Any]:
    # If an article was printed, its copies count as printed.
    article = sa.func.coalesce(posts.c.copy_of, posts.c.id)
    # Of all lines those of these posts alone are grouped.
    wanted = digest_lines.c.post_id.in_(sa.select(article).where(where).correlate(None))
    printed = PRINTED.where(wanted).subquery("printed")
    scored = scores.c.post_id == posts.c.id
    if left_out == _TO_RANK:
        # An open post has no place to keep. So a ranking does not change what the next one reads.
        is_settled = sa.or_(posts.c.verdict_id.is_not(None), printed.c.post_id.is_not(None))
        scored = sa.and_(scored, scores.c.shortlisted, is_settled)
    return (
        sa.select(
            *_list_columns(posts, left_out=left_out),
            feeds.c.kind,
            feeds.c.name.label("feed_name"),
            *_list_columns(guesses, "guess_", _GUESSED),
            *_list_columns(scores, "score_", _SCORED, left_out=left_out),
            *_list_columns(verdicts, "said_"),
            *_list_columns(_RETURNED, "back_"),
            printed.c.printed_in,
            printed.c.on_page,
            IS_SEEN.label("is_seen"),
            samples.c.post_id.is_not(None).label("is_sampled"),
            _ADDED_BY.label("added_by"),
            sa.func.coalesce(SUGGESTED.c.number, 0).label("suggested"),
            *_list_columns(withheld, "withheld_"),
        )
        .select_from(posts)
        .outerjoin(feeds, feeds.c.key == posts.c.feed_key)
        .outerjoin(guesses, guesses.c.post_id == posts.c.id)
        .outerjoin(verdicts, verdicts.c.id == posts.c.verdict_id)
        .outerjoin(_RETURNED, _RETURNED.c.id == posts.c.returned_id)
        .outerjoin(printed, printed.c.post_id == article)
        .outerjoin(scores, scored)
        .outerjoin(samples, samples.c.post_id == posts.c.id)
        .outerjoin(SUGGESTED, SUGGESTED.c.post_id == posts.c.id)
        .outerjoin(withheld, sa.and_(withheld.c.post_id == posts.c.id, rests(withheld)))
        .where(where)
        .order_by(*IN_ORDER)
    )


class _Reader:
    """Reads rows by the taxonomy of the settings. Sections that it does not have are left out, but stay stored."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._parts = {str(part): part for part in taxonomy.parts}
        self._topics = {str(topic): topic for topic in taxonomy.topics}

    def read(self, row: sa.Row[Any], corrected: Mapping[str, Any] | None) -> Candidate:
        return Candidate(
            post=read_post(row),
            guess=self.read_guess(row),
            score=self.read_score(row) if row.score_post_id is not None else None,
            verdict=read_verdict(row, "said_") if row.verdict_id is not None else None,
            returned=read_verdict(row, "back_") if row.returned_id is not None else None,
            correction=self.read_correction(corrected) if corrected else None,
            feed_name=row.feed_name,
            printed_in=Month.parse(row.printed_in) if row.printed_in else None,
            is_on_page=bool(row.on_page),
            is_seen=bool(row.is_seen),
            is_sampled=row.is_sampled,
            added_by=row.added_by,
            suggested=row.suggested,
            withheld=_read_withheld(row) if row.withheld_post_id is not None else None,
            lost_section=self.find_lost(row, corrected),
        )

    def read_decided(self, row: sa.Row[Any], corrected: Mapping[str, Any] | None) -> Candidate:
        """The same with only what lessons are made of; *corrected* is the last correction of the section."""
        return Candidate(
            post=read_post(row),
            guess=self.read_guess(row),
            verdict=read_verdict(row, "said_"),
            correction=self.read_correction(corrected) if corrected else None,
            lost_section=self.find_lost(row, corrected),
        )

    def find_lost(self, row: sa.Row[Any], corrected: Mapping[str, Any] | None) -> str | None:
        """The section in force, if the taxonomy does not have it."""
        given = row.guess_section
        if ruled := getattr(row, "score_ruled", None):
            given = ruled[0]
        key: str | None = (corrected or {}).get("section", given)
        return None if key is None or self._taxonomy.find_section(key) else key

    def read_correction(self, fields: Mapping[str, Any]) -> Correction:
        return Correction(
            post_id=fields["post_id"],
            by=fields["by"],
            at=fields["at"],
            section=self._taxonomy.find_section(fields.get("section")),
            title=fields.get("title"),
            month=Month.parse(fields["month"]) if "month" in fields else None,
            organisation=fields.get("organisation"),
            note=fields.get("note"),
            star=fields.get("star"),
            id=fields["id"],
        )

    def read_guess(self, row: sa.Row[Any]) -> Guess | None:
        """The guess; None also if the taxonomy does not have its section."""
        if row.guess_post_id is None or (row.guess_section and not self._taxonomy.find_section(row.guess_section)):
            return None
        parts, topics = self._parts, self._topics
        return Guess(
            post_id=row.id,
            parts={parts[name]: value for name, value in row.guess_parts.items() if name in parts},
            topics={topics[name]: value for name, value in row.guess_topics.items() if name in topics},
            out_of_scope=row.guess_out_of_scope,
            model_version=row.guess_model_version,
            disclosures=read_disclosures(row.guess_disclosures or ()),
        )

    def read_score(self, row: sa.Row[Any]) -> Score:
        return Score(
            post_id=row.id,
            reasons=tuple(Reason(*reason) for reason in row.score_reasons or ()),
            rank=row.score_rank,
            shortlisted=row.score_shortlisted,
            placement=read_placement(row.score_standing) if row.score_standing else None,
            ruled=self._read_ruled(*row.score_ruled) if row.score_ruled else None,
            question=Question(row.score_asked, row.score_alike) if row.score_asked is not None else None,
        )

    def _read_ruled(self, key: str, rule: int, name: str) -> Ruled | None:
        section = self._taxonomy.find_section(key)
        return Ruled(section, rule, name) if section else None


def _read_withheld(row: sa.Row[Any]) -> Withheld:
    return Withheld(row.id, row.withheld_at, row.withheld_title, row.withheld_url)


def list_withheld(connection: sa.Connection, feed_key: str, *, limit: int) -> list[tuple[str, Withheld]]:
    """List changes by a feed to approved or printed posts that were not applied, with the titles of the posts, newest
    first.
    """
    query = (
        sa.select(posts.c.id, posts.c.title, *_list_columns(withheld, "withheld_"))
        .join(withheld, withheld.c.post_id == posts.c.id)
        .where(posts.c.feed_key == feed_key, rests(withheld))
        .order_by(withheld.c.at.desc(), posts.c.id)
        .limit(limit)
    )
    return [(row.title, _read_withheld(row)) for row in connection.execute(query)]


def keep_against(connection: sa.Connection, post_id: int, action_id: int) -> None:
    """Let what a feed changed of a post rest, while the action is not undone and the feed gives nothing else."""
    connection.execute(withheld.update().where(withheld.c.post_id == post_id).values(action_id=action_id))
