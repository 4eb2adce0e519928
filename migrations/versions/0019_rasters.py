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
    # Files that go when their time comes, unless a row names them by then: those that are about to
    # be written, and those whose row has gone. A crash leaves nothing that is not known of.
    """
    CREATE TABLE dieuhanh.raster_loose (
      sha256 text PRIMARY KEY,
      goes timestamptz NOT NULL
    )
    """,
    """
    CREATE FUNCTION dieuhanh.raster_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      INSERT INTO dieuhanh.raster_loose (sha256, goes) VALUES (OLD.sha256, now())
      ON CONFLICT (sha256) DO UPDATE SET goes = excluded.goes;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER raster_removed AFTER DELETE ON dieuhanh.raster
    FOR EACH ROW EXECUTE FUNCTION dieuhanh.raster_removed()
    """,
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
    op.execute("DROP TABLE dieuhanh.raster, dieuhanh.raster_loose")
    op.execute("DROP FUNCTION dieuhanh.raster_removed()")
    op.execute("DROP FUNCTION dieuhanh.raster_changed()")
