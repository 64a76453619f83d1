"""Which posts are the same article."""

from __future__ import annotations

import sqlalchemy as sa

from aggregator.storage.tables.columns import GOES, Id, UtcDateTime, action_id, choice, metadata, post_id

# Judgements on pairs: whether two posts are the same article. Appended only.
pairs = sa.Table(
    "pairs",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("first_id", Id, sa.ForeignKey("posts.id"), nullable=False, info=GOES),
    sa.Column("second_id", Id, sa.ForeignKey("posts.id"), nullable=False, index=True, info=GOES),
    sa.Column("said", sa.String, nullable=False),
    # The name of the recipe that compared them, or the curator.
    sa.Column("by", sa.String, nullable=False),
    sa.Column("is_by_hand", sa.Boolean, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    action_id(),
    sa.Index(None, "first_id", "second_id"),
    sa.Index(None, "said"),
    choice("said", "same", "maybe", "different"),
    sa.CheckConstraint("first_id < second_id", name="order"),
)

# The blocking keys of posts: hashes of what their texts, titles, links and pictures have in common.
meetings = sa.Table(
    "meetings",
    metadata,
    sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
    post_id(primary_key=True, index=True, goes=True),
)
