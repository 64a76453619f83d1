"""The tables. Every change here is an Alembic revision in ``migrations/``; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from aggregator.types import Media


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, also on SQLite, which keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no zone")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# 64 bits on PostgreSQL; SQLite numbers rows by itself only for INTEGER.
_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _post_id(*, primary_key: bool = False, index: bool = False) -> sa.Column[int]:
    post = sa.ForeignKey("posts.id")
    return sa.Column("post_id", _Id, post, primary_key=primary_key, nullable=False, index=index, autoincrement=False)


def _choice(name: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(sa.column(name).in_(values), name=name)


feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("site", sa.String),
    sa.Column("organisation", sa.String),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    # Whether the pages of posts are read where the feed gives summaries only.
    sa.Column("full_text", sa.Boolean, nullable=False, server_default=sa.false()),
    # False once the feed is no longer in feeds.toml; its entries and history stay.
    sa.Column("active", sa.Boolean, nullable=False),
    # The same fields as feeds.toml gives them; those above are as followed, after moves and the curator's changes.
    sa.Column("listed", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("paused_at", UtcDateTime),
    sa.Column("etag", sa.String),
    sa.Column("last_modified", sa.String),
    sa.Column("last_visit_at", UtcDateTime),
    sa.Column("last_success_at", UtcDateTime),
    sa.Column("next_visit_at", UtcDateTime),
    # When its server last gave the whole document.
    sa.Column("full_at", UtcDateTime),
    # How often to look at the feed, as its documents and its server suggest.
    sa.Column("pace_minutes", sa.Float),
    # Date of the newest post, and the usual time between two of the newest.
    sa.Column("newest_at", UtcDateTime),
    sa.Column("habit_minutes", sa.Float),
    # Hours and days without visits, as the feed asks.
    sa.Column("quiet_hours", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("quiet_days", sa.JSON, nullable=False, server_default="[]"),
    # A permanent redirect that is being watched.
    sa.Column("trial_url", sa.String),
    sa.Column("trial_since", UtcDateTime),
    sa.Column("trial_agreements", sa.Integer, nullable=False, server_default="0"),
    # A host that all items are at since then, which is not believed yet.
    sa.Column("host_trial", sa.String),
    sa.Column("host_trial_since", UtcDateTime),
    sa.Column("host_trial_agreements", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("last_outcome", sa.String),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_reason", sa.String),
    sa.Column("last_excerpt", sa.String),
)

moves = sa.Table(
    "moves",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("from_url", sa.String, nullable=False),
    sa.Column("to_url", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("undone_at", UtcDateTime),
)

gaps = sa.Table(
    "gaps",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False, index=True),
    sa.Column("noticed_at", UtcDateTime, nullable=False),
    sa.Column("since_at", UtcDateTime, nullable=False),
    sa.Column("newest_before_at", UtcDateTime),
    sa.Column("oldest_after_at", UtcDateTime),
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("reason", sa.String),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("entries_seen", sa.Integer, nullable=False),
    sa.Column("entries_new", sa.Integer, nullable=False),
    sa.Index(None, "feed_key", "started_at"),
    _choice("outcome", "retrieved", "not modified", "failed"),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("canonical_url", sa.String, nullable=False, unique=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("words", sa.Integer, nullable=False),
    sa.Column("links", sa.JSON, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_from", sa.String, nullable=False),
    # How far the date can be believed.
    sa.Column("confidence", sa.String, nullable=False, server_default="fair"),
    # 2022-12, on the curator's calendar: whose candidates the post is among.
    sa.Column("month", sa.String(7), nullable=False, index=True),
    # The month that it was published in, where it was found after that month's digest was published.
    sa.Column("late_for", sa.String(7)),
    # Set while the post is kept out of the candidates of its month: its day, or a date.
    sa.Column("waits_for", sa.String),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    # The feed that gave the post first; none for posts read from a digest.
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key")),
    sa.Column("organisation", sa.String),
    # Whether the post stands on the site of that feed; such a feed takes a post over from a planet that had it first.
    sa.Column("at_home", sa.Boolean, nullable=False),
    # Pictures and code in the whole text, of which the text here is the beginning, without code.
    sa.Column("images", sa.Integer, nullable=False, server_default="0"),
    sa.Column("first_image", sa.String),
    sa.Column("code_blocks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("code_lines", sa.Integer, nullable=False, server_default="0"),
    # feed or page: where text, words, links, pictures and code come from.
    sa.Column("text_from", sa.String, nullable=False, server_default="feed"),
    # The verdict in force; the history is in verdicts. No foreign key: each table would have to be created before the
    # other, which SQLite cannot do.
    sa.Column("verdict_id", _Id),
    # What the posts of a series share in their titles; of a title that names no part, all of it.
    sa.Column("series", sa.String, index=True),
    # The post that is shown in its place; that one has none itself. No foreign key: SQLite cannot add one to a table.
    sa.Column("copy_of", _Id),
    # Counts of the posts of feeds by month are read from the index alone.
    sa.Index(None, "feed_key", "month"),
    # Nearly no post waits, and every tick asks for those that do.
    sa.Index(
        None,
        "waits_for",
        sqlite_where=sa.text("waits_for IS NOT NULL"),
        postgresql_where=sa.text("waits_for IS NOT NULL"),
    ),
    # Of many posts few are decided, and models learn from those.
    sa.Index(
        None,
        "verdict_id",
        sqlite_where=sa.text("verdict_id IS NOT NULL"),
        postgresql_where=sa.text("verdict_id IS NOT NULL"),
    ),
    sa.Index(
        None,
        "copy_of",
        "month",
        sqlite_where=sa.text("copy_of IS NOT NULL"),
        postgresql_where=sa.text("copy_of IS NOT NULL"),
    ),
)

# What was said of two posts: whether they are the same article. Appended only.
pairs = sa.Table(
    "pairs",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("first_id", _Id, sa.ForeignKey("posts.id"), nullable=False),
    sa.Column("second_id", _Id, sa.ForeignKey("posts.id"), nullable=False, index=True),
    sa.Column("said", sa.String, nullable=False),
    # The name of the recipe that compared them, or the curator.
    sa.Column("by", sa.String, nullable=False),
    sa.Column("is_by_hand", sa.Boolean, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Index(None, "first_id", "second_id"),
    sa.Index(None, "said"),
    _choice("said", "same", "maybe", "different"),
    sa.CheckConstraint("first_id < second_id", name="order"),
)

# Where posts that may be the same meet: what their texts, titles, links and pictures have in common, as numbers.
meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    _post_id(primary_key=True, index=True),
)

# Which posts were compared with all others as they stand now.
compared = sa.Table(
    "compared",
    metadata,
    _post_id(primary_key=True),
    # Of collect.duplicates; 0 when the post has changed since.
    sa.Column("recipe", sa.Integer, nullable=False),
)

# What feeds say otherwise of posts that are approved or printed: not taken over, but shown. None where it is as it was.
withheld = sa.Table(
    "withheld",
    metadata,
    _post_id(primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("title", sa.String),
    sa.Column("url", sa.String),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("guid", sa.String),
    # Whether the feed's last document carried it.
    sa.Column("in_window", sa.Boolean, nullable=False, server_default=sa.false()),
    # None for the entries of signal feeds, which make no posts.
    sa.Column("post_id", _Id, sa.ForeignKey("posts.id"), index=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("canonical_url", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("author", sa.String),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("published_at", UtcDateTime),
    sa.Column("published_from", sa.String),
    sa.Column("published_raw", sa.String),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("media", sa.JSON, nullable=False, server_default="[]"),
    sa.UniqueConstraint("feed_key", "key"),
)

# What came of reading the page of a post; one row a post, from the last attempt.
pages = sa.Table(
    "pages",
    metadata,
    _post_id(primary_key=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("retrieved_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # None when nothing more is tried.
    sa.Column("retry_at", UtcDateTime),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("reason", sa.String),
    sa.Column("words", sa.Integer, nullable=False),
    # The canonical address that the page names for itself, where it is another one and can be believed.
    sa.Column("canonical_url", sa.String),
    _choice("outcome", "taken", "kept", "refused", "failed"),
)

# Addresses that entries and signals still come with, of posts that have another one since.
aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("canonical_url", sa.String, primary_key=True),
    _post_id(index=True),
)

signals = sa.Table(
    "signals",
    metadata,
    # By address and not by post: the post may come later than the talk about it.
    sa.Column("canonical_url", sa.String, primary_key=True),
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("observed_at", UtcDateTime, nullable=False),
)

guesses = sa.Table(
    "guesses",
    metadata,
    _post_id(primary_key=True),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    # The likeliest part and topic, such as 2.4; the queue filters by it.
    sa.Column("section", sa.String(3), nullable=False),
    # Of this section; the queue filters by it.
    sa.Column("probability", sa.Float, nullable=False, server_default="1"),
    sa.Column("out_of_scope", sa.Float, nullable=False),
    sa.Column("model_version", sa.String, nullable=False, index=True),
    sa.Column("guessed_at", UtcDateTime, nullable=False),
    # What the post says of itself, as pairs of kind and words.
    sa.Column("disclosures", sa.JSON(none_as_null=True)),
)

models = sa.Table(
    "models",
    metadata,
    # Fitting the same rows again gives the same version, and takes the place of what is here.
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    # When it was last found that there is nothing else to learn.
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("recipe", sa.String, nullable=False),
    sa.Column("shipped", sa.String, nullable=False),
    # How many by origin.
    sa.Column("rows", sa.JSON, nullable=False),
    # [post, section or null, origin] of each lesson; emptied with the file. Posts may be gone: no foreign key.
    sa.Column("lessons", sa.JSON, nullable=False),
    sa.Column("acceptance", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("last_verdict", _Id, nullable=False),
    sa.Column("last_correction", _Id, nullable=False),
    sa.Column("used_since", UtcDateTime),
    sa.Column("in_use", sa.Boolean, nullable=False),
    sa.Column("pinned_at", UtcDateTime),
    sa.Column("is_kept", sa.Boolean, nullable=False),
    _choice("acceptance", "taken", "refused", "offered"),
)

scores = sa.Table(
    "scores",
    metadata,
    _post_id(primary_key=True),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("shortlisted", sa.Boolean, nullable=False),
    sa.Column("scored_at", UtcDateTime, nullable=False),
    # Ground, of what, place, most; none where the score alone decided.
    sa.Column("standing", sa.JSON(none_as_null=True)),
    sa.Index(None, "month", "rank"),
    # Every tick asks what is left of the shortlists of all open months.
    sa.Index(None, "month", sqlite_where=sa.text("shortlisted = 1"), postgresql_where=sa.text("shortlisted")),
)

wishes = sa.Table(
    "wishes",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    # As in feeds.toml, such as weights.depth.
    sa.Column("name", sa.String, nullable=False),
    # None goes back to feeds.toml.
    sa.Column("value", sa.Float),
    # What feeds.toml said then: once it says something else, it has the last word.
    sa.Column("listed", sa.Float),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

samples = sa.Table(
    "samples",
    metadata,
    _post_id(primary_key=True),
    sa.Column("month", sa.String(7), nullable=False, index=True),
    # When it was drawn, and among how many.
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("below", sa.Integer, nullable=False),
    sa.Column("drawn_at", UtcDateTime, nullable=False),
)

figures = sa.Table(
    "figures",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    # Of the digest that was compared with: another one is measured anew.
    sa.Column("digest_made_at", UtcDateTime, nullable=False),
    # As rank.figures writes them.
    sa.Column("data", sa.JSON, nullable=False),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    _post_id(index=True),
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("undoes", _Id, sa.ForeignKey("verdicts.id")),
    _choice("decision", "approve", "reject", "hold", "undo"),
)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    _post_id(index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("section", sa.String),
    sa.Column("title", sa.String),
    sa.Column("month", sa.String(7)),
    sa.Column("organisation", sa.String),
    sa.Column("note", sa.String),
)

digests = sa.Table(
    "digests",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    # None of a cumulative page, which holds what was printed until this moment, and closes no month.
    sa.Column("month", sa.String(7), unique=True),
    sa.Column("until_at", UtcDateTime),
    # draft: made by the daemon, replaced at will; printed: frozen; read: taken from a file that was published before.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("head", sa.String, nullable=False),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    _choice("state", "draft", "printed", "read"),
    sa.CheckConstraint("(month IS NULL) <> (until_at IS NULL)", name="extent"),
)

digest_lines = sa.Table(
    "digest_lines",
    metadata,
    sa.Column("digest_id", _Id, sa.ForeignKey("digests.id"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    _post_id(index=True),
    sa.Column("section", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("month", sa.String(7)),
    sa.Column("organisation", sa.String),
    sa.Column("note", sa.String, nullable=False),
)

# Browsers that are logged in to the page.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    # What the cookie says is stored nowhere: this is made of it and of the login key.
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    # Tells by which login key it began; another key ends it.
    sa.Column("door", sa.String(64), nullable=False),
    sa.Column("browser", sa.String, nullable=False),
    sa.Column("began_at", UtcDateTime, nullable=False),
    sa.Column("used_at", UtcDateTime, nullable=False),
)

# Which posts can be searched. What they are found by is in SEARCH_INDEX.
indexed = sa.Table(
    "indexed",
    metadata,
    _post_id(primary_key=True),
    # Where the post stands among all, by date and number; the key in SEARCH_INDEX.
    sa.Column("position", sa.BigInteger, nullable=False, unique=True),
    # Of terms.RECIPE; 0 when the post has changed since.
    sa.Column("recipe", sa.Integer, nullable=False),
)

# By which rules of the program what is stored of posts was made, and up to which of them where that is under way.
recipes = sa.Table(
    "recipes",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("recipe", sa.Integer, nullable=False),
    # The last post; none when all are.
    sa.Column("done_to", sa.BigInteger),
)

#: Terms by position: a full-text table on SQLite (which makes more tables of this name), a tsvector on PostgreSQL. Made
#: by its revision alone, for there is no one way to describe both.
SEARCH_INDEX = "search_index"


def is_described(name: str | None, kind: str, _parents: object) -> bool:
    """Whether something found in a database should be in this file; Alembic asks (``include_name``)."""
    return kind != "table" or not (name or "").startswith(SEARCH_INDEX)


def row_values(**values: Any) -> dict[str, Any]:
    """Column values with the project's own types (enumerations, months, sections, tuples) as the tables keep them."""
    # Nearly all values are as they should be, and a first visit writes a million of them.
    return {name: value if type(value) in _AS_IS else _plain(value) for name, value in values.items()}


_AS_IS = frozenset({str, int, float, bool, type(None), datetime})


def _plain(value: Any) -> Any:
    if type(value) in _AS_IS:
        return value
    if isinstance(value, Media):
        return {"url": value.url, "type": value.type}
    if isinstance(value, tuple | list):
        return [part if type(part) in _AS_IS else _plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return str(value)
