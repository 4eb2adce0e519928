"""A salt of this database's own, and digests with it for what must not be kept as it is.

Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE private.salt (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      value bytea NOT NULL DEFAULT
        decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
    )
    """,
    "INSERT INTO private.salt DEFAULT VALUES",
    # To count by an address, a login or a phone number without keeping it.
    """
    CREATE FUNCTION private.digest(kind text, value text) RETURNS bytea
    LANGUAGE sql STABLE STRICT AS
    $$ SELECT sha256(salt.value || convert_to(kind || ':' || $2, 'UTF8')) FROM private.salt $$
    """,
    "REVOKE ALL ON FUNCTION private.digest(text, text) FROM PUBLIC",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION private.digest(text, text)")
    op.execute("DROP TABLE private.salt")
