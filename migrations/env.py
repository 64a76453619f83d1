"""Alembic's entry: runs revisions on the connection that ``Database.migrate`` hands over."""

from alembic import context

from aggregator.storage.tables import is_described, metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Migrations run by themselves when aggregator starts; see docs/architecture.md for writing one.")
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=is_described,
)
with context.begin_transaction():
    context.run_migrations()
