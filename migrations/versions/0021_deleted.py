"""Features that were deleted from a layer, the last first, so that they can be brought back.

Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX change_deleted ON dieuhanh.change (layer, id) WHERE op = 'delete'",
    "CREATE INDEX audit_deleted ON dieuhanh.audit (layer, id) WHERE op = 'delete'",
    # Ids follow each other as the statements did, so that the last of each table are the last of
    # all; each reader gets the columns that may be read in the table, as in a feature's history.
    """
    CREATE FUNCTION dieuhanh.deleted_features(layer_id text, newest integer)
    RETURNS TABLE (feature_id text, version bigint, at timestamptz, actor text, before jsonb)
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
        SELECT d.feature_id, d.version, d.at, d.actor,
          (SELECT jsonb_object_agg(i.key, i.value) FROM jsonb_each(d.before) AS i
           WHERE i.key = ANY (readable))
        FROM (
          (SELECT c.id, c.feature_id, l.version, c.at, c.actor, c.before
           FROM dieuhanh.change AS c JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id
           WHERE c.layer = layer_id AND c.op = 'delete' AND l.version IS NOT NULL
           ORDER BY c.id DESC LIMIT newest)
          UNION ALL
          (SELECT a.id, a.feature_id, a.version, a.at, a.actor, a.before
           FROM dieuhanh.audit AS a WHERE a.layer = layer_id AND a.op = 'delete'
           ORDER BY a.id DESC LIMIT newest)
        ) AS d
        ORDER BY d.id DESC LIMIT newest;
    END $$
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        # Straight to the driver, as it stands: neither `%` nor a colon is a parameter.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.deleted_features(text, integer)")
    op.execute("DROP INDEX dieuhanh.audit_deleted")
    op.execute("DROP INDEX dieuhanh.change_deleted")
