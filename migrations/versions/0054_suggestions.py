"""Links that the curator gives out: suggestions of readers, and remarks of colleagues on a draft."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_BEFORE = ("decide", "correct", "add", "give month", "merge", "split", "weigh", "rule", "feed", "print", "undo", "redo")
_AFTER = (*_BEFORE[:10], "reader", *_BEFORE[10:])
_IS_DUE = sa.text("retry_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("month", sa.String(7)),
        sa.Column("expires_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.CheckConstraint(sa.column("kind").in_(("suggest", "draft")), op.f("ck_invitations_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitations_hash")),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("invitation_id", _ID),
        sa.Column("issue", sa.String()),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("canonical_url", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=False),
        sa.Column("hash", sa.String(64)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("retry_at", _MOMENT),
        sa.Column("trouble", sa.String()),
        sa.Column("post_id", _ID),
        sa.Column("declined", sa.String()),
        sa.Column("answered_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_suggestions_invitation_id_invitations")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_suggestions_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sa.UniqueConstraint("issue", name=op.f("uq_suggestions_issue")),
        sa.UniqueConstraint("hash", name=op.f("uq_suggestions_hash")),
    )
    op.create_index(op.f("ix_suggestions_invitation_id"), "suggestions", ["invitation_id"])
    op.create_index(op.f("ix_suggestions_post_id"), "suggestions", ["post_id"])
    op.create_index(
        op.f("ix_suggestions_retry_at"), "suggestions", ["retry_at"], sqlite_where=_IS_DUE, postgresql_where=_IS_DUE
    )
    op.create_table(
        "remarks",
        sa.Column("id", _ID, nullable=False),
        sa.Column("invitation_id", _ID, nullable=False),
        sa.Column("line", sa.String()),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("post_id", _ID),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_remarks_invitation_id_invitations")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_remarks_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarks")),
    )
    op.create_index(op.f("ix_remarks_invitation_id"), "remarks", ["invitation_id"])
    op.create_index(op.f("ix_remarks_post_id"), "remarks", ["post_id"])
    _let_kinds(_AFTER)


def downgrade() -> None:
    # What was done about readers goes with them, and what undid it.
    actions = sa.table("actions", sa.column("id"), sa.column("kind", sa.String), sa.column("undoes"))
    of_readers = sa.select(actions.c.id).where(actions.c.kind == "reader")
    op.execute(actions.delete().where(actions.c.undoes.in_(of_readers)))
    op.execute(actions.delete().where(actions.c.kind == "reader"))
    _let_kinds(_BEFORE)
    for table in ("remarks", "suggestions", "invitations"):
        op.drop_table(table)


def _let_kinds(kinds: tuple[str, ...]) -> None:
    connection = op.get_bind()
    is_postgresql = connection.dialect.name == "postgresql"
    # SQLite makes the table anew, and does not drop the old one while actions refer to others in it.
    actions = sa.table("actions", sa.column("id", sa.Integer), sa.column("undoes", sa.Integer))
    undoing = sa.select(actions.c.id, actions.c.undoes).where(actions.c.undoes.is_not(None))
    undone = [] if is_postgresql else connection.execute(undoing).all()
    if undone:
        op.execute(actions.update().values(undoes=None))
    with op.batch_alter_table("actions") as table:
        # A table that SQLite makes anew has no checks.
        if is_postgresql:
            table.drop_constraint(op.f("ck_actions_kind"), type_="check")
        table.create_check_constraint(op.f("ck_actions_kind"), sa.column("kind").in_(kinds))
    for number, other in undone:
        op.execute(actions.update().where(actions.c.id == number).values(undoes=other))
