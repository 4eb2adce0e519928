"""Analysis: the population of units, the jobs of processes, and the queue they wait in.

Revises: 0016
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE layer.admin_units ADD COLUMN population integer CHECK (population >= 0)",
    # What somebody asked for and what came of it. Nobody but the server reads it: a job's id is
    # all that its owner needs, and the public's jobs have no other owner.
    """
    CREATE TABLE private.analysis_job (
      id uuid PRIMARY KEY,
      process text NOT NULL,
      version text NOT NULL,
      inputs jsonb NOT NULL,
      account_id bigint REFERENCES private.account (id) ON DELETE CASCADE,
      caller jsonb NOT NULL,
      status text NOT NULL DEFAULT 'accepted'
        CHECK (status IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
      progress integer NOT NULL DEFAULT 0,
      message text NOT NULL DEFAULT '',
      attempts integer NOT NULL DEFAULT 0,
      created timestamptz NOT NULL DEFAULT now(),
      started timestamptz,
      updated timestamptz NOT NULL DEFAULT now(),
      finished timestamptz,
      expires timestamptz NOT NULL,
      media_type text,
      summary jsonb,
      result bytea
    )
    """,
    "CREATE INDEX ON private.analysis_job (account_id, created)",
    "CREATE INDEX ON private.analysis_job (expires)",
    "CREATE INDEX ON private.analysis_job (status) WHERE status IN ('accepted', 'running')",
    # Results are compressed already, or worth it only once.
    "ALTER TABLE private.analysis_job ALTER COLUMN result SET STORAGE EXTERNAL",
    "CREATE SCHEMA procrastinate",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    # The library's tables have names without a schema, and its text goes past the ORM's marks.
    cursor = op.get_bind().connection.cursor()
    cursor.execute("SHOW search_path")
    (before,) = cursor.fetchone()
    cursor.execute("SET search_path = procrastinate")
    cursor.execute(SchemaManager.get_schema())
    cursor.execute("SELECT set_config('search_path', %s, false)", (before,))
