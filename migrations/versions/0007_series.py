"""Posts keep what the posts of their series share in their titles.

The rule is the package's own and not a copy of it: what is stored must be what the running code computes for the next
post of the same series.
"""

import sqlalchemy as sa
from alembic import op

from aggregator.collect.series import name_series

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BATCH = 5000
_posts = sa.table("posts", sa.column("id", sa.BigInteger), sa.column("title"), sa.column("series", sa.String))


def upgrade() -> None:
    op.add_column("posts", sa.Column("series", sa.String()))
    connection = op.get_bind()
    fill = _posts.update().where(_posts.c.id == sa.bindparam("post")).values(series=sa.bindparam("stem"))
    last = 0
    while rows := connection.execute(
        sa.select(_posts.c.id, _posts.c.title).where(_posts.c.id > last).order_by(_posts.c.id).limit(_BATCH)
    ).all():
        connection.execute(fill, [{"post": row.id, "stem": name_series(row.title)} for row in rows])
        last = rows[-1].id
    op.create_index(op.f("ix_posts_series"), "posts", ["series"])


def downgrade() -> None:
    op.drop_index(op.f("ix_posts_series"), "posts")
    op.drop_column("posts", "series")
