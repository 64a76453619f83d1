"""The curator can add a post by its address: an action of its own kind."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_BEFORE = ("decide", "correct", "give month", "merge", "split", "weigh", "rule", "feed", "print", "undo", "redo")
_AFTER = ("decide", "correct", "add", *_BEFORE[2:])


def upgrade() -> None:
    _let_kinds(_AFTER)


def downgrade() -> None:
    # The rows stay as corrections, which they mostly are.
    kind = sa.table("actions", sa.column("kind", sa.String))
    op.execute(kind.update().where(kind.c.kind == "add").values(kind="correct"))
    # Posts whose addition was taken back stay out of the candidates.
    posts = sa.table("posts", sa.column("waits_for", sa.String))
    op.execute(posts.update().where(posts.c.waits_for == "being added again").values(waits_for="a date"))
    _let_kinds(_BEFORE)


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
