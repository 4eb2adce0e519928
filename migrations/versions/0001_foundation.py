"""Extensions, schemas, the public role, place lookup, and the change feed.

Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public",
    "CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public",
    "CREATE SCHEMA IF NOT EXISTS layer",
    """
    DO $$ BEGIN
      CREATE ROLE dieuhanh_public NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    "GRANT dieuhanh_public TO CURRENT_USER",
    "GRANT USAGE ON SCHEMA layer, dieuhanh TO dieuhanh_public",
    # unaccent() is STABLE because its dictionary could change; naming the dictionary makes the
    # wrapper safe to index. Composed (NFC) first, so that both ways to write a letter agree.
    """
    CREATE FUNCTION dieuhanh.unaccent(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT public.unaccent('public.unaccent'::regdictionary, normalize(value, NFC)) $$
    """,
    """
    CREATE FUNCTION dieuhanh.fold(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, normalize(value, NFC))) $$
    """,
    # Folded, with the characters that LIKE reads specially escaped.
    """
    CREATE FUNCTION dieuhanh.like_pattern(word text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT regexp_replace(dieuhanh.fold(word), '([\\\\%_])', '\\\\\\1', 'g') $$
    """,
    # Small pieces of the communes: a point is found in one of them, not in a large polygon.
    """
    CREATE TABLE dieuhanh.admin_piece (
      commune_code text NOT NULL,
      district_code text,
      geom geometry(Polygon, 4326) NOT NULL
    )
    """,
    "CREATE INDEX ON dieuhanh.admin_piece USING gist (geom)",
    "CREATE INDEX ON dieuhanh.admin_piece (commune_code)",
    """
    CREATE FUNCTION dieuhanh.locate(place geometry, OUT commune_code text, OUT district_code text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
      SELECT piece.commune_code, piece.district_code
      FROM dieuhanh.admin_piece AS piece
      WHERE public.ST_Covers(piece.geom, place)
      ORDER BY piece.commune_code LIMIT 1
    $$
    """,
    "CREATE SEQUENCE dieuhanh.version",
    """
    CREATE TABLE dieuhanh.commit_log (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      layer text NOT NULL,
      version bigint,
      at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE UNIQUE INDEX ON dieuhanh.commit_log (version)",
    "CREATE INDEX ON dieuhanh.commit_log (layer, version)",
    """
    CREATE TABLE dieuhanh.change (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      commit_id bigint NOT NULL,
      layer text NOT NULL,
      feature_id text,
      op text NOT NULL CHECK (op IN ('insert', 'update', 'delete', 'truncate', 'load')),
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      actor text NOT NULL,
      bbox geometry(Geometry, 4326),
      before jsonb,
      after jsonb
    )
    """,
    "CREATE INDEX ON dieuhanh.change (commit_id)",
    "CREATE INDEX ON dieuhanh.change (layer, feature_id)",
    """
    CREATE FUNCTION dieuhanh.actor() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(nullif(current_setting('dieuhanh.actor', true), ''), session_user::text) $$
    """,
    # One row of the commit log per transaction and layer. The setting is local to the
    # (sub)transaction, so it is undone together with the row when a savepoint is.
    """
    CREATE FUNCTION dieuhanh.commit_id(layer_id text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      setting text := 'dieuhanh.commit_' || md5(layer_id);
      known text := current_setting(setting, true);
      made bigint;
    BEGIN
      IF coalesce(known, '') <> '' THEN
        RETURN known::bigint;
      END IF;
      INSERT INTO dieuhanh.commit_log (layer) VALUES (layer_id) RETURNING id INTO made;
      PERFORM set_config(setting, made::text, true);
      RETURN made;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.number_commit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      numbered bigint;
    BEGIN
      PERFORM pg_advisory_xact_lock(7233001);
      UPDATE dieuhanh.commit_log SET version = nextval('dieuhanh.version')
      WHERE id = NEW.id RETURNING version INTO numbered;
      PERFORM pg_notify('dieuhanh_change', numbered || ' ' || NEW.layer);
      RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER number_commit AFTER INSERT ON dieuhanh.commit_log
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dieuhanh.number_commit()
    """,
    """
    CREATE TABLE dieuhanh.layer_state (
      layer text PRIMARY KEY,
      derived text NOT NULL,
      content text NOT NULL
    )
    """,
    """
    CREATE TABLE dieuhanh.dataset (
      layer text PRIMARY KEY,
      synthetic boolean NOT NULL,
      source text NOT NULL,
      loaded_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "GRANT SELECT ON dieuhanh.commit_log, dieuhanh.dataset TO dieuhanh_public",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA layer CASCADE")
