"""What Alembic runs: the migrations, on the connection that `schema.migrate` passes."""

from alembic import context

from daemon.state.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
