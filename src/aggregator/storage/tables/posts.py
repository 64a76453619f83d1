"""Posts, and what is known about them besides their entries."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, action_id, choice, metadata, post_id, refers_to

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
    # Confidence in the date.
    sa.Column("confidence", sa.String, nullable=False, server_default="fair"),
    # Such as 2022-12, on the curator's calendar: the month whose candidates it belongs to.
    sa.Column("month", sa.String(7), nullable=False, index=True),
    # The month that it was published in, if it was found after that month's digest was published.
    sa.Column("late_for", sa.String(7)),
    # Set while it is kept out of the candidates: it waits for its day, or for a date.
    sa.Column("waits_for", sa.String),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    # The feed that gave the post first; null for posts read from a digest.
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key")),
    sa.Column("organisation", sa.String),
    # Whether it is on the site of that feed; such a feed takes a post over from a planet that had it first.
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
    sa.Column("verdict_id", Id, info=refers_to("verdicts.id")),
    # The hold that an undecided post has come back from.
    sa.Column("returned_id", Id, info=refers_to("verdicts.id")),
    # What the titles of a series share; the whole title if it does not name a part.
    sa.Column("series", sa.String, index=True),
    # The post that is shown in its place, which is never a copy. No foreign key: SQLite cannot add one to a table.
    sa.Column("copy_of", Id, info=refers_to("posts.id")),
    # Counting the posts of feeds by month reads only this index.
    sa.Index(None, "feed_key", "month"),
    # Few posts wait, and every tick asks for them.
    sa.Index(
        None,
        "waits_for",
        sqlite_where=sa.text("waits_for IS NOT NULL"),
        postgresql_where=sa.text("waits_for IS NOT NULL"),
    ),
    # Few posts come late, and the account of a month counts them.
    sa.Index(
        None,
        "late_for",
        sqlite_where=sa.text("late_for IS NOT NULL"),
        postgresql_where=sa.text("late_for IS NOT NULL"),
    ),
    # Few posts are decided, and models learn from them.
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

# Old addresses of posts, with which entries and signals still come.
aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("canonical_url", sa.String, primary_key=True),
    post_id(index=True, goes=True),
)

# Changes that feeds made to approved or printed posts: they are shown, not applied. Null if unchanged.
withheld = sa.Table(
    "withheld",
    metadata,
    post_id(primary_key=True, goes=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("title", sa.String),
    sa.Column("url", sa.String),
    # By which the curator keeps what they have against this title and address.
    action_id(),
)

# The outcome of reading the page of a post: one row per post, from the last attempt.
pages = sa.Table(
    "pages",
    metadata,
    post_id(primary_key=True, goes=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("retrieved_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    # Null if it is not tried again.
    sa.Column("retry_at", UtcDateTime),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("reason", sa.String),
    sa.Column("words", sa.Integer, nullable=False),
    # The canonical address that the page names, if it differs and can be believed.
    sa.Column("canonical_url", sa.String),
    # The sanitised HTML of the page's text, while the post has its text from there.
    sa.Column("content", sa.String),
    choice("outcome", "taken", "kept", "refused", "failed"),
)

signals = sa.Table(
    "signals",
    metadata,
    # By address and not by post, because the talk may come before the post.
    sa.Column("canonical_url", sa.String, primary_key=True),
    sa.Column("source", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("observed_at", UtcDateTime, nullable=False),
    # How a reason names the issue of a round-up.
    sa.Column("label", sa.String, nullable=False, server_default=""),
    # The page of the talk.
    sa.Column("url", sa.String),
    # How it grew; null for what was observed before this was kept.
    sa.Column("first_value", sa.Float),
    sa.Column("first_at", UtcDateTime),
    sa.Column("peak_value", sa.Float),
)

# The version of each rule by which stored posts are derived; posts that still have to be are in behind.
recipes = sa.Table(
    "recipes",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("recipe", sa.Integer, nullable=False),
)

# The last change of each post that something derived from it has not taken in yet.
behind = sa.Table(
    "behind",
    metadata,
    # Never reused, because a change that was taken in is removed by its number.
    sa.Column("id", Id, primary_key=True),
    # A value of storage.changes.Derived.
    sa.Column("what", sa.String, nullable=False),
    # By its index a deleted post is found to have nothing behind.
    post_id(goes=True, index=True),
    sa.Index(None, "what", "post_id"),
    sqlite_autoincrement=True,
)
