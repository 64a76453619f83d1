"""Guesses and scores of posts, and what they are made with: models, overrides, rules."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import Id, UtcDateTime, action_id, choice, metadata, post_id

guesses = sa.Table(
    "guesses",
    metadata,
    post_id(primary_key=True, goes=True),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("topics", sa.JSON, nullable=False),
    # The likeliest part and topic by their keys, if the model can tell; the queue filters by it.
    sa.Column("section", sa.String),
    # Of this section; the queue filters by it.
    sa.Column("probability", sa.Float, nullable=False, server_default="1"),
    # Null while the model cannot tell.
    sa.Column("out_of_scope", sa.Float),
    sa.Column("model_version", sa.String, nullable=False, index=True),
    sa.Column("guessed_at", UtcDateTime, nullable=False),
    # What the post discloses, as (kind, words, source, original).
    sa.Column("disclosures", sa.JSON(none_as_null=True)),
)

models = sa.Table(
    "models",
    metadata,
    # Fitting the same rows again gives the same version, and replaces the entry.
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    # When it was last found that there is nothing else to learn.
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("recipe", sa.String, nullable=False),
    sa.Column("shipped", sa.String, nullable=False),
    # The number of rows by origin.
    sa.Column("rows", sa.JSON, nullable=False),
    # [post, section or null, origin] of each lesson; emptied with the file. Posts may be gone: no foreign key.
    sa.Column("lessons", sa.JSON, nullable=False),
    sa.Column("acceptance", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("last_verdict", Id, nullable=False),
    sa.Column("last_correction", Id, nullable=False),
    sa.Column("used_since", UtcDateTime),
    sa.Column("in_use", sa.Boolean, nullable=False),
    sa.Column("pinned_at", UtcDateTime),
    sa.Column("is_kept", sa.Boolean, nullable=False),
    choice("acceptance", "taken", "refused", "offered"),
)

scores = sa.Table(
    "scores",
    metadata,
    post_id(primary_key=True, goes=True),
    sa.Column("month", sa.String(7), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("shortlisted", sa.Boolean, nullable=False),
    sa.Column("scored_at", UtcDateTime, nullable=False),
    # Ground, of what, place, most; null if the score alone decided.
    sa.Column("standing", sa.JSON(none_as_null=True)),
    # If a rule gives the section: the section, and the number and name of the rule.
    sa.Column("ruled", sa.JSON(none_as_null=True)),
    # Its place among the questions of the month, and how many posts are similar; null without a question.
    sa.Column("asked", sa.Integer),
    sa.Column("alike", sa.Integer),
    sa.Index(None, "month", "rank"),
    # Every tick asks what is left of the shortlists of all open months.
    sa.Index(None, "month", sqlite_where=sa.text("shortlisted = 1"), postgresql_where=sa.text("shortlisted")),
)

overrides = sa.Table(
    "wishes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # As in feeds.toml, such as weights.depth.
    sa.Column("name", sa.String, nullable=False),
    # Null goes back to feeds.toml.
    sa.Column("value", sa.Float),
    # The value of feeds.toml at that time; if feeds.toml changes it later, that counts.
    sa.Column("listed", sa.Float),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    action_id(),
)

# What the curator says over feeds.toml: the head and the headings of the next prints.
texts = sa.Table(
    "texts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    # As in feeds.toml, such as digest.head.
    sa.Column("name", sa.String, nullable=False),
    # Null goes back to feeds.toml.
    sa.Column("value", sa.String),
    # What feeds.toml said at that time, null for nothing; if it says something else later, that counts.
    sa.Column("listed", sa.String),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    action_id(),
)

# The versions of each rule: appended only, and the last one of a number counts.
rules = sa.Table(
    "rules",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("number", Id, nullable=False),
    sa.Column("trait", sa.String, nullable=False),
    sa.Column("sought", sa.String, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("points", sa.Float),
    sa.Column("section", sa.String),
    # Feeds and tags may be gone from feeds.toml and come back: no foreign key.
    sa.Column("feed", sa.String),
    sa.Column("tag", sa.String),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    action_id(),
    choice("trait", "words", "pattern", "address", "author", "category"),
    choice("act", "points", "section", "mute", "show"),
    choice("state", "on", "off", "removed"),
)

# By which the shortlist of a month was made, with what was learned.
month_quotas = sa.Table(
    "month_quotas",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("size", sa.Integer, nullable=False),
    # Null for those without a number of their own: the usual one counts.
    sa.Column("per_source", sa.Integer),
    sa.Column("per_section", sa.Integer),
    # By key or place, and by part/topic.
    sa.Column("sources", sa.JSON, nullable=False),
    sa.Column("sections", sa.JSON, nullable=False),
)

samples = sa.Table(
    "samples",
    metadata,
    post_id(primary_key=True),
    sa.Column("month", sa.String(7), nullable=False, index=True),
    # When it was drawn, and among how many.
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("below", sa.Integer, nullable=False),
    sa.Column("drawn_at", UtcDateTime, nullable=False),
)

metrics = sa.Table(
    "figures",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("made_at", UtcDateTime, nullable=False),
    # Of the digest that was compared; the month is measured again if that changes.
    sa.Column("digest_made_at", UtcDateTime, nullable=False),
    # As ``evaluate.metrics`` writes them.
    sa.Column("data", sa.JSON, nullable=False),
)
