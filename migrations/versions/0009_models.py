"""Models learn from the curator: their versions, and how sure each guess is."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 5000
_DECIDED = sa.text("verdict_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "models",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("shipped", sa.String(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("lessons", sa.JSON(), nullable=False),
        sa.Column("acceptance", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("last_verdict", _NUMBER, nullable=False),
        sa.Column("last_correction", _NUMBER, nullable=False),
        sa.Column("used_since", sa.DateTime(timezone=True)),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True)),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            sa.column("acceptance").in_(["taken", "refused", "offered"]), name=op.f("ck_models_acceptance")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_models")),
    )
    op.add_column("guesses", sa.Column("probability", sa.Float(), nullable=False, server_default="1"))
    op.create_index(
        op.f("ix_posts_verdict_id"), "posts", ["verdict_id"], sqlite_where=_DECIDED, postgresql_where=_DECIDED
    )
    _fill_probabilities()


def _fill_probabilities() -> None:
    """That part and topic of each guess are both right, as it was shown until now."""
    connection = op.get_bind()
    guesses = sa.table(
        "guesses", sa.column("post_id"), sa.column("parts"), sa.column("topics"), sa.column("probability")
    )
    last = 0
    while True:
        query = sa.select(guesses.c.post_id, guesses.c.parts, guesses.c.topics).where(guesses.c.post_id > last)
        rows = connection.execute(query.order_by(guesses.c.post_id).limit(_BATCH)).all()
        if not rows:
            return
        values = [{"post": row.post_id, "sure": _best(row.parts) * _best(row.topics)} for row in rows]
        change = guesses.update().where(guesses.c.post_id == sa.bindparam("post"))
        connection.execute(change.values(probability=sa.bindparam("sure", type_=sa.Float())), values)
        last = rows[-1].post_id


def _best(probabilities: str | dict[str, float]) -> float:
    # SQLite gives the text, PostgreSQL what it says.
    read = json.loads(probabilities) if isinstance(probabilities, str) else probabilities
    return max(read.values(), default=0.0)


def downgrade() -> None:
    op.drop_index(op.f("ix_posts_verdict_id"), "posts")
    op.drop_column("guesses", "probability")
    op.drop_table("models")
