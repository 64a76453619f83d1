"""Sections are stored by the keys of their parts and topics; a model that cannot tell yet guesses none."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PARTS = ("research", "business", "aws")
_TOPICS = ("cv", "nlp", "recsys", "mlops")
_KEYS = {
    f"{part_number}.{topic_number}": f"{part}/{topic}"
    for part_number, part in enumerate(_PARTS, 1)
    for topic_number, topic in enumerate(_TOPICS, 1)
}


def upgrade() -> None:
    with op.batch_alter_table("guesses") as table:
        table.alter_column("section", existing_type=sa.String(3), type_=sa.String(), nullable=True)
        table.alter_column("out_of_scope", existing_type=sa.Float(), nullable=True)
    _rename(_KEYS)


def downgrade() -> None:
    _rename({key: number for number, key in _KEYS.items()})
    # Guesses and words on sections that were not known before.
    op.execute("DELETE FROM guesses WHERE section IS NULL OR out_of_scope IS NULL OR length(section) > 3")
    op.execute("UPDATE corrections SET section = NULL WHERE section LIKE '%/%'")
    with op.batch_alter_table("guesses") as table:
        table.alter_column("section", existing_type=sa.String(), type_=sa.String(3), nullable=False)
        table.alter_column("out_of_scope", existing_type=sa.Float(), nullable=False)


def _rename(names: dict[str, str]) -> None:
    connection = op.get_bind()
    for name in ("guesses", "corrections"):
        table = sa.table(name, sa.column("section", sa.String))
        for old, new in names.items():
            connection.execute(table.update().where(table.c.section == old).values(section=new))
    wishes, quota = sa.table("wishes", sa.column("name", sa.String)), "shortlist.sections."
    for old, new in names.items():
        connection.execute(wishes.update().where(wishes.c.name == quota + old).values(name=quota + new))
    models = sa.table("models", sa.column("version", sa.String), sa.column("lessons", sa.JSON))
    for version, lessons in connection.execute(sa.select(models.c.version, models.c.lessons)).all():
        renamed = [[post, names.get(section, section), origin] for post, section, origin in lessons]
        if renamed != lessons:
            connection.execute(models.update().where(models.c.version == version).values(lessons=renamed))
    # A search is narrowed by the keys from now on.
    op.execute("UPDATE indexed SET recipe = 0")
