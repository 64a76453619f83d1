"""Posts can be searched by the terms of their texts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "indexed",
        sa.Column("post_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("recipe", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_indexed_post_id_posts")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_indexed")),
        sa.UniqueConstraint("position", name=op.f("uq_indexed_position")),
    )
    if op.get_bind().dialect.name == "sqlite":
        # What is written are terms already: the tokenizer only parts them at spaces. All that is not ASCII belongs to
        # terms anyway, whatever Unicode this SQLite knows. No places in the text and no lengths are kept.
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5("
            """terms, detail=none, columnsize=0, tokenize="ascii tokenchars '=:+#-._'")"""
        )
        return
    op.execute("CREATE TABLE search_index (position BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL)")
    # Terms are out of the way of who walks through the positions, and nobody reads them but the index.
    op.execute("ALTER TABLE search_index ALTER COLUMN terms SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE search_index SET (toast_tuple_target = 128)")
    op.execute("CREATE INDEX ix_search_index_terms ON search_index USING gin (terms)")


def downgrade() -> None:
    op.execute("DROP TABLE search_index")
    op.drop_table("indexed")
