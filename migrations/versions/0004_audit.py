"""The change feed is trimmed, the audit trail is kept; webhooks and where each has got to.

Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
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
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE private.webhook")
    op.execute("DROP TABLE dieuhanh.feed_floor")
    op.execute("DROP VIEW dieuhanh.history")
    op.execute("DROP TABLE dieuhanh.audit")
