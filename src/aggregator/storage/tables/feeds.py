"""Feeds, the visits to them, and the entries that they gave."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import GOES, Id, UtcDateTime, choice, metadata, refers_to

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("url", sa.String, nullable=False, index=True),
    sa.Column("site", sa.String),
    sa.Column("organisation", sa.String),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    # Whether the pages of posts are read, because the feed gives only summaries.
    sa.Column("full_text", sa.Boolean, nullable=False, server_default=sa.false()),
    # Which entries become posts; null for all.
    sa.Column("only", sa.JSON(none_as_null=True)),
    # The day on which its address is known to have answered, such as 2026-10-08.
    sa.Column("verified", sa.String),
    # False once the feed is no longer in feeds.toml; its entries and history stay.
    sa.Column("active", sa.Boolean, nullable=False),
    # The fields as in feeds.toml; those above are as followed, with moves and the curator's changes.
    sa.Column("listed", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("paused_at", UtcDateTime),
    sa.Column("etag", sa.String),
    sa.Column("last_modified", sa.String),
    sa.Column("last_visit_at", UtcDateTime, index=True),
    sa.Column("last_success_at", UtcDateTime, index=True),
    sa.Column("next_visit_at", UtcDateTime, index=True),
    # When its server last sent the whole document.
    sa.Column("full_at", UtcDateTime),
    # The time between visits that its documents and its server suggest.
    sa.Column("pace_minutes", sa.Float),
    # The date of the newest post, and the usual time between the newest ones.
    sa.Column("newest_at", UtcDateTime),
    sa.Column("habit_minutes", sa.Float),
    # Hours and days without visits, as the feed asks.
    sa.Column("quiet_hours", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("quiet_days", sa.JSON, nullable=False, server_default="[]"),
    # A permanent redirect that is being watched.
    sa.Column("trial_url", sa.String),
    sa.Column("trial_since", UtcDateTime),
    sa.Column("trial_agreements", sa.Integer, nullable=False, server_default="0"),
    # A host that all items have moved to, and that is not believed yet.
    sa.Column("host_trial", sa.String),
    sa.Column("host_trial_since", UtcDateTime),
    sa.Column("host_trial_agreements", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("last_outcome", sa.String),
    sa.Column("last_status", sa.Integer),
    sa.Column("last_reason", sa.String),
    sa.Column("last_excerpt", sa.String),
    # What refused the last visit, such as Cloudflare.
    sa.Column("last_wall", sa.String),
    # How its page is read; null if the address is that of a feed.
    sa.Column("recipe", sa.JSON(none_as_null=True)),
)

# The pages of sitemaps: what was read of them, or that they are older than the feed.
listed_pages = sa.Table(
    "listed_pages",
    metadata,
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), primary_key=True),
    sa.Column("url", sa.String, primary_key=True),
    # Null if it was not read.
    sa.Column("read_at", UtcDateTime),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("date", sa.String),
    sa.Column("summary", sa.String, nullable=False),
    # How often it could not be read.
    sa.Column("attempts", sa.Integer, nullable=False),
)

moves = sa.Table(
    "moves",
    metadata,
    sa.Column("id", Id, primary_key=True),
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
    sa.Column("id", Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False, index=True),
    sa.Column("noticed_at", UtcDateTime, nullable=False),
    sa.Column("since_at", UtcDateTime, nullable=False),
    sa.Column("newest_before_at", UtcDateTime),
    sa.Column("oldest_after_at", UtcDateTime),
    # Of a new feed: what it gave since the beginning of the open month.
    sa.Column("is_first", sa.Boolean, nullable=False, server_default=sa.false()),
    # The older page to read next, not before a moment, after so many failures.
    sa.Column("next_url", sa.String),
    sa.Column("retry_at", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    # Older pages that were read, and new entries on them.
    sa.Column("pages", sa.Integer, nullable=False, server_default="0"),
    sa.Column("found", sa.Integer, nullable=False, server_default="0"),
    sa.Column("closed_at", UtcDateTime),
    # Why it could not be closed.
    sa.Column("trouble", sa.String),
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("reason", sa.String),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("entries_seen", sa.Integer, nullable=False),
    sa.Column("entries_new", sa.Integer, nullable=False),
    # New entries that made no posts, because the feed's filter left them out.
    sa.Column("left_out", sa.Integer, nullable=False, server_default="0"),
    # With the outcome, so that counting the visits of a month reads only this index.
    sa.Index(None, "feed_key", "started_at", "outcome"),
    choice("outcome", "retrieved", "not modified", "failed"),
)

entries = sa.Table(
    "entries",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("feed_key", sa.String, sa.ForeignKey("feeds.key"), nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("guid", sa.String),
    # Whether the feed's last document carried it.
    sa.Column("in_window", sa.Boolean, nullable=False, server_default=sa.false()),
    # Null for entries that do not become posts: of signal feeds, and those that the feed's filter left out.
    sa.Column("post_id", Id, sa.ForeignKey("posts.id"), index=True, info=GOES),
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
    # The HTML as the feed gave it, not sanitised, and what most items of its document link to: of entries that are
    # unread, which have no content yet. Their posts are behind.
    sa.Column("raw", sa.String),
    sa.Column("repeated", sa.JSON, nullable=False, server_default="[]"),
    sa.UniqueConstraint("feed_key", "key"),
)

# Proposals about what is followed that the curator does not want to see again.
dismissals = sa.Table(
    "dismissals",
    metadata,
    sa.Column("action_id", Id, primary_key=True, autoincrement=False, info=refers_to("actions.id")),
    # What it is about, such as leave:danawa.
    sa.Column("proposal", sa.String, nullable=False),
)

# The last look at the site of a dying feed, by itself.
site_looks = sa.Table(
    "site_looks",
    metadata,
    sa.Column("feed_key", sa.ForeignKey("feeds.key"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    # Of another feed that was found there.
    sa.Column("url", sa.String),
)
