"""What the curator decides, and what is printed."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, action_id, choice, metadata, post_id, refers_to

# Everything that the curator did, in order. Appended only; only undone is changed.
actions = sa.Table(
    "actions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("post_id", Id, sa.ForeignKey("posts.id"), index=True),
    # Feeds may be gone from feeds.toml: no foreign key.
    sa.Column("feed_key", sa.String),
    sa.Column("month", sa.String(7)),
    # For people: decision, reason, names of fields.
    sa.Column("details", sa.JSON, nullable=False),
    # By field, the values before and after, for changes that are not rows with an action_id.
    sa.Column("changes", sa.JSON, nullable=False),
    # The first action of those that are undone together.
    sa.Column("batch", Id, index=True, info=refers_to("actions.id")),
    sa.Column("undoes", Id, sa.ForeignKey("actions.id")),
    sa.Column("undone", sa.Boolean, nullable=False),
    # Few actions are undone, and every look at a post asks which.
    sa.Index(None, "undone", sqlite_where=sa.text("undone"), postgresql_where=sa.text("undone")),
    choice(
        "kind",
        *("decide", "correct", "add", "give month", "merge", "split", "weigh", "rule", "feed", "print", "reader"),
        *("undo", "redo"),
    ),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    post_id(index=True),
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    action_id(),
    # Of a hold: a month, a day or next-part; and since when the post is back.
    sa.Column("until", sa.String),
    sa.Column("returned_at", UtcDateTime),
    # Every tick asks for those that may be over.
    sa.Index(None, "until", sqlite_where=sa.text("until IS NOT NULL"), postgresql_where=sa.text("until IS NOT NULL")),
    choice("decision", "approve", "reject", "hold"),
)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", Id, primary_key=True),
    post_id(index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    # By the keys of its part and topic.
    sa.Column("section", sa.String),
    sa.Column("title", sa.String),
    sa.Column("month", sa.String(7)),
    sa.Column("organisation", sa.String),
    sa.Column("note", sa.String),
    sa.Column("star", sa.Boolean),
    # False for those of before drafts of notes were noted.
    sa.Column("drafts_known", sa.Boolean, nullable=False, server_default=sa.true()),
    action_id(),
)

# Which drafts of its note a post had: by hashes of their runs of words, not by their text.
note_drafts = sa.Table(
    "note_drafts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    post_id(index=True, goes=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("marks", sa.JSON, nullable=False),
)

digests = sa.Table(
    "digests",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # Null for a cumulative page, which has what was printed until this moment and does not close a month.
    sa.Column("month", sa.String(7), unique=True),
    sa.Column("until_at", UtcDateTime),
    # draft: made by the daemon, replaced at will; printed: frozen; read: taken from a file that was published before.
    sa.Column("state", sa.String, nullable=False),
    sa.Column("head", sa.String, nullable=False),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    # The Markdown below the lines.
    sa.Column("foot", sa.String, nullable=False, server_default=""),
    # The account of the month as it stood at the print; null if it was not taken.
    sa.Column("coverage", sa.JSON(none_as_null=True)),
    choice("state", "draft", "printed", "read"),
    sa.CheckConstraint("(month IS NULL) <> (until_at IS NULL)", name="extent"),
)

digest_lines = sa.Table(
    "digest_lines",
    metadata,
    sa.Column("digest_id", Id, sa.ForeignKey("digests.id"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    post_id(index=True),
    # By number; the texts of the digest, in their order, say which part and topic that is.
    sa.Column("section", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("month", sa.String(7)),
    sa.Column("organisation", sa.String),
    sa.Column("note", sa.String, nullable=False),
    # Of a highlight: the mark that was printed before its title, empty if none was.
    sa.Column("star", sa.String),
    # Where month and organisation stand.
    sa.Column("label", sa.String, nullable=False, server_default="brackets"),
)

# What of a month was last put on the curator's cumulative page, as JSON of its lines.
placed_lines = sa.Table(
    "placed_lines",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("lines", sa.JSON, nullable=False),
)

# What the curator plans for the print of a month.
month_plans = sa.Table(
    "month_plans",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("wait_until", UtcDateTime),
    sa.Column("closed", sa.Boolean, nullable=False),
)

# The evidence of each line, as it was when the line was first printed or put on a page so. Appended only, so that an
# undo finds what was true of the line before.
receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    # Of the line as it was printed.
    sa.Column("sha256", sa.String(64), primary_key=True),
    post_id(index=True, goes=True),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("taken_at", UtcDateTime, nullable=False),
    # As ``digest.receipts.form`` writes it.
    sa.Column("evidence", sa.JSON, nullable=False),
)
