"""Rasters: what is known of each; the pixels are files.

Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PUBLIC = "dieuhanh_public"
STAFF = ", ".join(
    f"dieuhanh_{role}"
    for role in ("viewer", "analyst", "officer", "rescuer", "operator", "coordinator", "admin")
)

STATEMENTS = (
    """
    CREATE TABLE dieuhanh.raster (
      id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9_]{0,62}$'),
      title_vi text NOT NULL CHECK (char_length(title_vi) BETWEEN 1 AND 200),
      title_en text NOT NULL CHECK (char_length(title_en) BETWEEN 1 AND 200),
      description_vi text NOT NULL DEFAULT '',
      description_en text NOT NULL DEFAULT '',
      unit text NOT NULL DEFAULT '',
      facts jsonb NOT NULL,
      style jsonb NOT NULL,
      source text NOT NULL DEFAULT '',
      licence text NOT NULL DEFAULT '',
      sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      bytes bigint NOT NULL,
      provenance jsonb,
      is_public boolean NOT NULL,
      created timestamptz NOT NULL DEFAULT now(),
      created_by text NOT NULL DEFAULT dieuhanh.actor(),
      expires timestamptz
    )
    """,
    "CREATE INDEX ON dieuhanh.raster (sha256)",
    "CREATE INDEX ON dieuhanh.raster (expires) WHERE expires IS NOT NULL",
    # What came of data that only staff may read is for staff alone.
    "ALTER TABLE dieuhanh.raster ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY read_public ON dieuhanh.raster FOR SELECT TO {PUBLIC} USING (is_public)",
    f"CREATE POLICY read_staff ON dieuhanh.raster FOR SELECT TO {STAFF} USING (true)",
    f"GRANT SELECT ON dieuhanh.raster TO {PUBLIC}, {STAFF}",
    # All rasters have one version in the change feed: answers of them hold while none changes.
    """
    CREATE FUNCTION dieuhanh.raster_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM dieuhanh.commit_id('rasters');
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER raster_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
    ON dieuhanh.raster FOR EACH STATEMENT EXECUTE FUNCTION dieuhanh.raster_changed()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE dieuhanh.raster")
    op.execute("DROP FUNCTION dieuhanh.raster_changed()")
