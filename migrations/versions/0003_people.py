"""Accounts, sessions, keys; a database role for each role; exact positions apart from public ones.

Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = ("public", "viewer", "analyst", "officer", "rescuer", "operator", "coordinator", "admin")

STATEMENTS = (
    *(
        f"""
        DO $$ BEGIN
          CREATE ROLE dieuhanh_{role} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
        for role in ROLES
    ),
    *(f"GRANT dieuhanh_{role} TO CURRENT_USER" for role in ROLES),
    *(f"GRANT USAGE ON SCHEMA layer, dieuhanh TO dieuhanh_{role}" for role in ROLES),
    "CREATE SCHEMA private",
    """
    CREATE TABLE private.account (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      login text NOT NULL CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{1,63}$'),
      role text NOT NULL CHECK (role IN
        ('viewer', 'analyst', 'officer', 'rescuer', 'operator', 'coordinator', 'admin')),
      departments text[] NOT NULL DEFAULT '{}',
      districts text[] NOT NULL DEFAULT '{}',
      layers text[] NOT NULL DEFAULT '{}',
      password_hash text,
      subject text UNIQUE,
      database_role name UNIQUE,
      disabled_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (login)
    )
    """,
    """
    CREATE TABLE private.session (
      token_hash bytea PRIMARY KEY,
      account_id bigint NOT NULL REFERENCES private.account ON DELETE CASCADE,
      csrf text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ON private.session (account_id)",
    "CREATE INDEX ON private.session (expires_at)",
    """
    CREATE TABLE private.api_key (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account_id bigint NOT NULL REFERENCES private.account ON DELETE CASCADE,
      title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
      secret_hash bytea NOT NULL UNIQUE,
      scope text NOT NULL CHECK (scope IN ('read', 'write')),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      revoked_at timestamptz
    )
    """,
    # Failures are counted by what was tried, hashed; neither a name nor an address is kept.
    """
    CREATE TABLE private.sign_in_failure (
      subject_hash bytea NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX ON private.sign_in_failure (subject_hash, at)",
    "CREATE INDEX ON private.sign_in_failure (at)",
    # The server says for whom it acts; a person's own database login speaks for itself.
    """
    CREATE FUNCTION dieuhanh.account_id() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF pg_has_role(session_user, current_user, 'MEMBER') THEN
        RETURN nullif(current_setting('dieuhanh.account', true), '')::bigint;
      END IF;
      RETURN (SELECT id FROM private.account
              WHERE database_role = session_user AND disabled_at IS NULL);
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION dieuhanh.actor() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      account bigint := dieuhanh.account_id();
    BEGIN
      IF account IS NOT NULL THEN
        RETURN (SELECT login FROM private.account WHERE id = account);
      END IF;
      IF pg_has_role(session_user, current_user, 'MEMBER') THEN
        RETURN coalesce(nullif(current_setting('dieuhanh.actor', true), ''), session_user::text);
      END IF;
      RETURN session_user::text;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.may_edit(
      layer_id text, steward text, with_districts boolean, district text
    ) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      who private.account;
    BEGIN
      SELECT * INTO who FROM private.account
      WHERE id = dieuhanh.account_id() AND disabled_at IS NULL;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      IF who.role = 'admin' THEN
        RETURN true;
      END IF;
      IF cardinality(who.layers) > 0 AND NOT layer_id = ANY (who.layers) THEN
        RETURN false;
      END IF;
      IF steward = ANY (who.departments)
        AND (cardinality(who.districts) = 0 OR coalesce(district = ANY (who.districts), false))
      THEN
        RETURN true;
      END IF;
      RETURN with_districts AND 'district' = ANY (who.departments)
        AND coalesce(district = ANY (who.districts), false);
    END $$
    """,
)

# The public's positions are made coarse by the row trigger that `dieuhanh migrate` derives.
EXACT = (
    "ALTER TABLE layer.sos_requests ADD COLUMN geom_exact geometry(Point, 4326)",
    "SET LOCAL dieuhanh.bulk = 'on'",
    "UPDATE layer.sos_requests SET geom_exact = geom",
    "SET LOCAL dieuhanh.bulk = 'off'",
    "ALTER TABLE layer.sos_requests ALTER geom_exact SET NOT NULL",
)


def upgrade() -> None:
    for statement in (*STATEMENTS, *EXACT):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE layer.sos_requests DROP COLUMN geom_exact")
    op.execute("DROP FUNCTION dieuhanh.may_edit(text, text, boolean, text)")
    op.execute("DROP FUNCTION dieuhanh.account_id() CASCADE")
    op.execute("DROP SCHEMA private CASCADE")
