"""What became of a feature: whether it changed since a version, and its history for staff.

Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLES = ", ".join(
    f"dieuhanh_{role}"
    for role in ("viewer", "analyst", "officer", "rescuer", "operator", "coordinator", "admin")
)

STATEMENTS = (
    # The variable must not have the name of the table, whose row it would then mean.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.actor() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      made_by bigint := dieuhanh.account_id();
    BEGIN
      IF made_by IS NOT NULL THEN
        RETURN (SELECT a.login FROM private.account AS a WHERE a.id = made_by);
      END IF;
      IF pg_has_role(session_user, current_user, 'MEMBER') THEN
        RETURN coalesce(nullif(current_setting('dieuhanh.actor', true), ''), session_user::text);
      END IF;
      RETURN session_user::text;
    END $$
    """,
    f"GRANT SELECT ON dieuhanh.commit_log, dieuhanh.dataset TO {ROLES}",
    # A load or an emptied table names no features, so that each of them may have changed. A
    # version that this database never gave out says nothing of any state.
    """
    CREATE FUNCTION dieuhanh.changed_since(layer_id text, feature text, since bigint)
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT EXISTS (
          SELECT FROM dieuhanh.change AS c JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id
          WHERE c.layer = layer_id AND c.feature_id = feature AND l.version > since)
        OR EXISTS (
          SELECT FROM dieuhanh.change AS c JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id
          WHERE c.layer = layer_id AND c.feature_id IS NULL AND l.version > since)
        OR since > (SELECT coalesce(max(version), 0) FROM dieuhanh.commit_log
                    WHERE layer = layer_id)
    $$
    """,
    # Images of rows hold private columns: each reader gets those that may be read in the table.
    """
    CREATE FUNCTION dieuhanh.feature_history(layer_id text, feature text, newest integer)
    RETURNS TABLE (
      version bigint, at timestamptz, actor text, op text, before jsonb, after jsonb
    )
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who name := CASE current_setting('role') WHEN 'none' THEN session_user
                    ELSE current_setting('role')::name END;
      readable text[];
    BEGIN
      IF dieuhanh.account_id() IS NULL AND NOT pg_has_role(who, current_user, 'MEMBER') THEN
        RAISE insufficient_privilege USING MESSAGE = 'the history of features is for staff';
      END IF;
      SELECT array_agg(a.attname::text) INTO readable FROM pg_attribute AS a
      WHERE a.attrelid = format('layer.%I', layer_id)::regclass
        AND a.attnum > 0 AND NOT a.attisdropped
        AND has_column_privilege(who, a.attrelid, a.attnum, 'SELECT');
      RETURN QUERY
        SELECT l.version, c.at, c.actor, c.op,
          (SELECT jsonb_object_agg(i.key, i.value) FROM jsonb_each(c.before) AS i
           WHERE i.key = ANY (readable)),
          (SELECT jsonb_object_agg(i.key, i.value) FROM jsonb_each(c.after) AS i
           WHERE i.key = ANY (readable))
        FROM dieuhanh.change AS c JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id
        WHERE c.layer = layer_id AND (c.feature_id = feature OR c.feature_id IS NULL)
          AND l.version IS NOT NULL
        ORDER BY l.version DESC, c.id DESC LIMIT newest;
    END $$
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        # Straight to the driver, as it stands: neither `%` nor a colon is a parameter.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.feature_history(text, text, integer)")
    op.execute("DROP FUNCTION dieuhanh.changed_since(text, text, bigint)")
