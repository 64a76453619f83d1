"""What is derived from posts and behind stands in one table: a row for each change that is not taken in yet.

Before, a row that was missing, a recipe of 0 and a number up to which posts were done said so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POSTS, _RECIPES, _BEHIND = (
    sa.table(name, *map(sa.column, columns))
    for name, columns in {
        "posts": ("id",),
        "recipes": ("name", "recipe"),
        "behind": ("what", "post_id"),
    }.items()
)


def upgrade() -> None:
    op.create_table(
        "behind",
        sa.Column("id", _ID, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_behind_post_id_posts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_behind")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_behind_what_post_id"), "behind", ["what", "post_id"])
    for what, name in (("search", "indexed"), ("copies", "compared")):
        table = sa.table(name, sa.column("post_id"), sa.column("recipe"))
        # The newest is the one in use; posts of an older one are behind.
        newest = sa.select(sa.func.max(table.c.recipe)).scalar_subquery()
        op.execute(
            _RECIPES.insert().from_select(["name", "recipe"], sa.select(sa.literal(what), newest).where(newest > 0))
        )
        done = sa.select(table.c.post_id).where(table.c.recipe == newest, table.c.recipe > 0)
        op.execute(
            _BEHIND.insert().from_select(
                ["what", "post_id"],
                sa.select(sa.literal(what), _POSTS.c.id).where(_POSTS.c.id.not_in(done)).order_by(_POSTS.c.id),
            )
        )
    op.execute(
        "INSERT INTO behind (what, post_id) SELECT 'guesses', posts.id FROM posts "
        "LEFT JOIN guesses ON post_id = posts.id WHERE post_id IS NULL ORDER BY posts.id"
    )
    op.execute(
        "INSERT INTO behind (what, post_id) SELECT name, posts.id FROM recipes "
        "JOIN posts ON posts.id > done_to ORDER BY posts.id"
    )
    op.drop_column("recipes", "done_to")
    op.drop_column("indexed", "recipe")
    op.drop_table("compared")


def downgrade() -> None:
    op.create_table(
        "compared",
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_compared_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_compared")),
    )
    op.execute(
        "INSERT INTO compared SELECT posts.id, recipe FROM posts JOIN recipes ON name = 'copies' "
        "WHERE posts.id NOT IN (SELECT post_id FROM behind WHERE what = 'copies')"
    )
    op.add_column("indexed", sa.Column("recipe", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE indexed SET recipe = (SELECT recipe FROM recipes WHERE name = 'search') "
        "WHERE EXISTS (SELECT 1 FROM recipes WHERE name = 'search') "
        "AND post_id NOT IN (SELECT post_id FROM behind WHERE what = 'search')"
    )
    op.execute(
        "DELETE FROM guesses WHERE post_id IN (SELECT post_id FROM behind JOIN posts ON posts.id = post_id "
        "WHERE what = 'guesses' AND verdict_id IS NULL)"
    )
    op.add_column("recipes", sa.Column("done_to", sa.BigInteger()))
    op.execute("DELETE FROM recipes WHERE name IN ('search', 'copies')")
    op.execute("UPDATE recipes SET done_to = (SELECT min(post_id) - 1 FROM behind WHERE what = name)")
    op.drop_table("behind")
