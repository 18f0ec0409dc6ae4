"""Alembic's entry: migrates on the connection that the program hands over."""

from alembic import context

from server.storage import board_tables

context.configure(
    connection=context.config.attributes["connection"],
    # Of all tables: those of tables.py are made before the boards' refer to them.
    target_metadata=board_tables.board.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
