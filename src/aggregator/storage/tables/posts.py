"""Posts, and what is known of them besides their entries."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, choice, metadata, post_id

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", Id, primary_key=True),
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
    # What HTML and page disclose, as (kind, words, source, original): of the text, and of a page
    # even if its text is not kept.
    sa.Column("said", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("page_said", sa.JSON, nullable=False, server_default="[]"),
    # feed or page: where text, words, links, pictures and code come from.
    sa.Column("text_from", sa.String, nullable=False, server_default="feed"),
    # The verdict in force; the history is in verdicts. No foreign key: each table would have to be created before the
    # other, which SQLite cannot do.
    sa.Column("verdict_id", Id),
    # The hold that an undecided post has come back from.
    sa.Column("returned_id", Id),
    # What the posts of a series share in their titles; of a title that names no part, all of it.
    sa.Column("series", sa.String, index=True),
    # The post that is shown in its place; that one has none itself. No foreign key: SQLite cannot add one to a table.
    sa.Column("copy_of", Id),
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
        "returned_id",
        sqlite_where=sa.text("returned_id IS NOT NULL"),
        postgresql_where=sa.text("returned_id IS NOT NULL"),
    ),
    sa.Index(
        None,
        "copy_of",
        "month",
        sqlite_where=sa.text("copy_of IS NOT NULL"),
        postgresql_where=sa.text("copy_of IS NOT NULL"),
    ),
)

# Addresses that entries and signals still come with, of posts that have another one since.
aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("canonical_url", sa.String, primary_key=True),
    post_id(index=True),
)

# Changes that feeds made to approved or printed posts: they are shown, not taken over. None where nothing has changed.
withheld = sa.Table(
    "withheld",
    metadata,
    post_id(primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("title", sa.String),
    sa.Column("url", sa.String),
)

# What came of reading the page of a post; one row a post, from the last attempt.
pages = sa.Table(
    "pages",
    metadata,
    post_id(primary_key=True),
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
    # The sanitised HTML of the page's text, while the post has its text from there.
    sa.Column("content", sa.String),
    choice("outcome", "taken", "kept", "refused", "failed"),
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

# By which version of each rule of the program the stored posts are derived; what is not yet is behind.
recipes = sa.Table(
    "recipes",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("recipe", sa.Integer, nullable=False),
)

# The changes of posts that something derived from them has not taken in yet.
behind = sa.Table(
    "behind",
    metadata,
    # No number is given twice, for whoever has taken in a change takes it away by its number.
    sa.Column("id", Id, primary_key=True),
    # As storage.changes.Derived has it.
    sa.Column("what", sa.String, nullable=False),
    post_id(),
    sa.Index(None, "what", "post_id"),
    sqlite_autoincrement=True,
)
