"""Alembic's environment: the connection comes from `layers.migrate`, which holds the lock."""

from alembic import context

from layers.layer import LAYER_SCHEMA
from layers.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    # Autogenerate compares the layers' tables; `dieuhanh` is written by hand.
    include_name=lambda name, kind, _: kind != "schema" or name == LAYER_SCHEMA,
    version_table_schema="dieuhanh",
    transaction_per_migration=True,
)

with context.begin_transaction():
    context.run_migrations()
