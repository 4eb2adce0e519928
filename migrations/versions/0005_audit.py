"""The change feed is trimmed, the audit trail is kept; webhooks and where each has got to.

Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    # What `dieuhanh.change` no longer holds. The version is the commit's, which may be forgotten.
    """
    CREATE TABLE dieuhanh.audit (
      id bigint PRIMARY KEY,
      version bigint NOT NULL,
      layer text NOT NULL,
      feature_id text,
      op text NOT NULL,
      at timestamptz NOT NULL,
      actor text NOT NULL,
      bbox geometry(Geometry, 4326),
      before jsonb,
      after jsonb
    )
    """,
    "CREATE INDEX ON dieuhanh.audit (layer, feature_id)",
    "CREATE INDEX ON dieuhanh.audit (version)",
    """
    CREATE VIEW dieuhanh.history AS
      SELECT c.id, l.version, c.layer, c.feature_id, c.op, c.at, c.actor, c.bbox, c.before, c.after
      FROM dieuhanh.change AS c JOIN dieuhanh.commit_log AS l ON l.id = c.commit_id
      UNION ALL
      SELECT id, version, layer, feature_id, op, at, actor, bbox, before, after
      FROM dieuhanh.audit
    """,
    # What became of a feature is asked of both.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.changed_since(layer_id text, feature text, since bigint)
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT EXISTS (
          SELECT FROM dieuhanh.history AS c
          WHERE c.layer = layer_id AND c.feature_id = feature AND c.version > since)
        OR EXISTS (
          SELECT FROM dieuhanh.history AS c
          WHERE c.layer = layer_id AND c.feature_id IS NULL AND c.version > since)
        OR since > (SELECT coalesce(max(version), 0) FROM dieuhanh.commit_log
                    WHERE layer = layer_id)
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION dieuhanh.feature_history(
      layer_id text, feature text, newest integer
    ) RETURNS TABLE (
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
        SELECT c.version, c.at, c.actor, c.op,
          (SELECT jsonb_object_agg(i.key, i.value) FROM jsonb_each(c.before) AS i
           WHERE i.key = ANY (readable)),
          (SELECT jsonb_object_agg(i.key, i.value) FROM jsonb_each(c.after) AS i
           WHERE i.key = ANY (readable))
        FROM dieuhanh.history AS c
        WHERE c.layer = layer_id AND (c.feature_id = feature OR c.feature_id IS NULL)
          AND c.version IS NOT NULL
        ORDER BY c.version DESC, c.id DESC LIMIT newest;
    END $$
    """,
    # The last version that the feed no longer tells: readers who want more begin afresh.
    """
    CREATE TABLE dieuhanh.feed_floor (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      version bigint NOT NULL
    )
    """,
    "INSERT INTO dieuhanh.feed_floor (version) VALUES (0)",
    "CREATE INDEX ON dieuhanh.commit_log (at)",
    """
    CREATE TABLE private.webhook (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      url text NOT NULL CHECK (char_length(url) BETWEEN 8 AND 2000),
      secret text NOT NULL,
      layers text[] NOT NULL CHECK (cardinality(layers) > 0),
      created_at timestamptz NOT NULL DEFAULT now(),
      delivered bigint NOT NULL,
      pending bigint,
      failures integer NOT NULL DEFAULT 0,
      failing_since timestamptz,
      next_try_at timestamptz NOT NULL DEFAULT now(),
      last_result text,
      disabled_at timestamptz
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        # Straight to the driver, as it stands: neither `%` nor a colon is a parameter.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    op.execute("DROP FUNCTION dieuhanh.feature_history(text, text, integer)")
    op.execute("DROP FUNCTION dieuhanh.changed_since(text, text, bigint)")
    op.execute("DROP TABLE private.webhook")
    op.execute("DROP TABLE dieuhanh.feed_floor")
    op.execute("DROP VIEW dieuhanh.history")
    op.execute("DROP TABLE dieuhanh.audit")
