"""Kept results of analysis: their provenance, and the layers that show what is public.

Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_FLOAT, _TEXT, _WHOLE, _FLAG = "FLOAT", "TEXT", "INTEGER", "BOOLEAN"
_COMPARED = {"n": _WHOLE, "value": _FLOAT, "neighbour_mean": _FLOAT}
_TESTED = {"p": _FLOAT, "q": _FLOAT, "neighbours": _WHOLE, "edge": _FLAG}
_HISTORIES = (
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating",
    "historical",
)  # fmt: skip

TABLES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "hotspots": (
        (
            "hot_99", "hot_95", "hot_90", "not_significant", "cold_90", "cold_95", "cold_99",
            "not_computed",
        ),
        {**_COMPARED, "z": _FLOAT, **_TESTED},
    ),
    "emerging_hotspots": (
        (
            *(f"{kind}_{name}" for kind in ("hot", "cold") for name in _HISTORIES),
            "no_pattern",
            "not_computed",
        ),
        {
            **_COMPARED, "z": _FLOAT, **_TESTED, "trend_z": _FLOAT, "trend_p": _FLOAT,
            "z_by_step": _TEXT, "n_by_step": _TEXT,
        },
    ),
    "local_moran": (
        ("high_high", "high_low", "low_high", "low_low", "not_significant", "not_computed"),
        {**_COMPARED, "i": _FLOAT, **_TESTED},
    ),
    "event_clusters": (
        ("dbscan", "hdbscan"),
        {"n": _WHOLE, "core": _WHOLE, "strength": _FLOAT},
    ),
    "scan_clusters": (
        ("significant", "not_significant"),
        {
            "n": _WHOLE, "expected": _FLOAT, "population": _FLOAT, "relative_risk": _FLOAT,
            "llr": _FLOAT, "p": _FLOAT, "radius_m": _FLOAT, "first": "DATE", "last": "DATE",
        },
    ),
    "coverage_gaps": (
        ("none", "under_25", "under_50", "under_75", "most"),
        {"population": _FLOAT, "share_beyond": _FLOAT, "people_beyond": _FLOAT},
    ),
}  # fmt: skip
"""The codes of `class` and the columns between it and `cell`, of each layer."""

RESULT = (
    """
    CREATE TABLE dieuhanh.analysis_result (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 160),
      process text NOT NULL,
      version text NOT NULL,
      inputs jsonb NOT NULL,
      layer text NOT NULL,
      layer_version bigint NOT NULL,
      layer_versions jsonb NOT NULL,
      collection text,
      audience text NOT NULL CHECK (audience IN ('public', 'staff', 'coordination')),
      summary jsonb NOT NULL,
      computed_at timestamptz NOT NULL,
      kept_at timestamptz NOT NULL DEFAULT now(),
      kept_by text NOT NULL,
      expires timestamptz NOT NULL,
      media_type text NOT NULL,
      sha256 text NOT NULL,
      body bytea NOT NULL,
      CHECK (expires > kept_at)
    )
    """,
    "CREATE INDEX ON dieuhanh.analysis_result (expires)",
    "ALTER TABLE dieuhanh.analysis_result ENABLE ROW LEVEL SECURITY",
    # Who computed with more rights than the public has made something that is not the public's.
    """
    CREATE POLICY public_reads ON dieuhanh.analysis_result FOR SELECT TO dieuhanh_public
    USING (audience = 'public' AND expires > now())
    """,
    """
    CREATE POLICY staff_reads ON dieuhanh.analysis_result FOR SELECT
    TO dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer
    USING (audience IN ('public', 'staff') AND expires > now())
    """,
    """
    CREATE POLICY coordination_reads ON dieuhanh.analysis_result FOR SELECT
    TO dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin
    USING (expires > now())
    """,
    # Who kept it is for colleagues.
    """
    GRANT SELECT (id, number, title, process, version, inputs, layer, layer_version,
      layer_versions, collection, audience, summary, computed_at, kept_at, expires, media_type,
      sha256, body) ON dieuhanh.analysis_result TO dieuhanh_public
    """,
    """
    GRANT SELECT ON dieuhanh.analysis_result TO dieuhanh_viewer, dieuhanh_analyst,
      dieuhanh_officer, dieuhanh_rescuer, dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin
    """,
    # A feature of these layers is everybody's to read, in tiles, counts and the change feed too.
    """
    CREATE FUNCTION private.only_public_results() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM dieuhanh.analysis_result AS k
        WHERE k.id = NEW.result AND k.audience = 'public') THEN
        PERFORM private.refuse('DH403',
          'Kết quả tính bằng quyền nội bộ không được công khai.'
          ' / A result that was computed with more rights than the public has is not public.');
      END IF;
      RETURN NEW;
    END $$
    """,
)


def table(name: str) -> tuple[str, ...]:
    codes, columns = TABLES[name]
    listed = ", ".join(f"'{code}'" for code in codes)
    own = "".join(f'"{column}" {kind}, ' for column, kind in columns.items())
    return (
        f"""
        CREATE TABLE layer.{name} (
          id BIGINT GENERATED BY DEFAULT AS IDENTITY,
          name TEXT NOT NULL,
          class TEXT NOT NULL,
          {own}
          cell TEXT NOT NULL,
          title TEXT NOT NULL,
          result UUID NOT NULL REFERENCES dieuhanh.analysis_result (id) ON DELETE CASCADE,
          current BOOLEAN NOT NULL,
          updated_at TIMESTAMP(0) WITH TIME ZONE DEFAULT now() NOT NULL,
          geom geometry(MultiPolygon, 4326) NOT NULL,
          geom_3857 geometry(MultiPolygon, 3857)
            GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
          feature TEXT,
          search TEXT,
          CONSTRAINT pk_{name} PRIMARY KEY (id),
          CONSTRAINT ck_{name}_class_code CHECK ("class" IN ({listed}))
        )
        """,
        f"CREATE INDEX ON layer.{name} (result)",
        f"""
        CREATE TRIGGER a_only_public BEFORE INSERT OR UPDATE OF result ON layer.{name}
        FOR EACH ROW EXECUTE FUNCTION private.only_public_results()
        """,
    )


FUNCTIONS = (
    # The features of a public result become rows of its layer: properties by the columns' names,
    # a place's name from the commune where the result has none.
    """
    CREATE FUNCTION private.show_result(kept uuid, collection text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      names text;
    BEGIN
      SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names
      FROM pg_attribute WHERE attrelid = format('layer.%I', collection)::regclass
        AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> ALL
        ('{id,geom,feature,search,updated_at}');
      EXECUTE format(
        'INSERT INTO layer.%1$I (%2$s, geom) SELECT %3$s, made.geom
         FROM dieuhanh.analysis_result AS k
         CROSS JOIN jsonb_array_elements(convert_from(k.body, ''UTF8'')::jsonb->''features'')
           WITH ORDINALITY AS f(one, place)
         CROSS JOIN LATERAL (
           SELECT ST_Multi(ST_GeomFromGeoJSON(f.one->>''geometry'')) AS geom OFFSET 0) AS made
         CROSS JOIN LATERAL jsonb_populate_record(NULL::layer.%1$I, f.one->''properties'' ||
           jsonb_build_object(''cell'', f.one->>''id'', ''result'', k.id, ''title'', k.title,
             ''current'', false, ''name'', coalesce(f.one->''properties''->>''name'', (
               SELECT u.name FROM dieuhanh.admin_piece AS p
               JOIN layer.admin_units AS u ON u.code = p.commune_code
               WHERE ST_Covers(p.geom, ST_PointOnSurface(made.geom))
               ORDER BY p.commune_code LIMIT 1), f.one->>''id''))) AS r
         WHERE k.id = $1 AND made.geom IS NOT NULL ORDER BY f.place',
        collection, names, (SELECT string_agg('r.' || trim(one), ', ' ORDER BY place)
          FROM unnest(string_to_array(names, ',')) WITH ORDINALITY AS l(one, place)))
      USING kept;
    END $$
    """,
    # The features of the result that was kept last are the layer's current ones.
    """
    CREATE FUNCTION private.mark_current(collection text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      EXECUTE format(
        'WITH newest AS (SELECT k.id FROM dieuhanh.analysis_result AS k
           WHERE k.collection = $1 AND k.audience = ''public'' AND k.expires > now()
           ORDER BY k.number DESC LIMIT 1)
         UPDATE layer.%I AS t SET current = NOT t.current FROM newest
         WHERE t.current <> (t.result = newest.id)', collection) USING collection;
    END $$
    """,
    # Keeps what a job has found. Whose it is follows from whose rights the job had.
    """
    CREATE FUNCTION private.keep_result(wanted private.analysis_job, collection text,
      title text, expires timestamptz, most integer, most_features integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      whose constant text := CASE wanted.caller->>'role' WHEN 'public' THEN 'public'
        WHEN 'viewer' THEN 'staff' WHEN 'analyst' THEN 'staff' WHEN 'officer' THEN 'staff'
        ELSE 'coordination' END;
      found jsonb;
      kept uuid;
      features integer;
    BEGIN
      IF wanted.status <> 'successful' OR wanted.result IS NULL THEN
        PERFORM private.refuse('DH409', format(
          'Tác vụ chưa có kết quả (%s). / The job has no result (%s).',
          wanted.status, wanted.status));
      END IF;
      PERFORM pg_advisory_xact_lock(7233020);
      IF (SELECT count(*) FROM dieuhanh.analysis_result AS k WHERE k.expires > now()) >= most THEN
        PERFORM private.refuse('DH409', format(
          'Đã giữ %s kết quả, là mức cho phép; hãy xóa bớt.'
          ' / %s results are kept, as many as may be; remove some.', most, most));
      END IF;
      found := convert_from(wanted.result, 'UTF8')::jsonb;
      features := jsonb_array_length(found->'features');
      IF features > most_features THEN
        PERFORM private.refuse('DH422', format(
          'Kết quả có %s vùng, nhiều hơn mức %s; hãy chọn ô lớn hơn.'
          ' / The result has %s areas, more than %s; take larger cells.',
          features, most_features, features, most_features));
      END IF;
      INSERT INTO dieuhanh.analysis_result (title, process, version, inputs, layer, layer_version,
        layer_versions, collection, audience, summary, computed_at, kept_by, expires, media_type,
        sha256, body)
      VALUES (keep_result.title, wanted.process, wanted.version, found->'provenance'->'inputs',
        found->'provenance'->'inputs'->>'layer', (found->'provenance'->>'layer_version')::bigint,
        found->'provenance'->'layer_versions', keep_result.collection, whose,
        coalesce(wanted.summary, '{}'), coalesce(wanted.finished, now()), dieuhanh.actor(),
        keep_result.expires, wanted.media_type, encode(sha256(wanted.result), 'hex'),
        wanted.result)
      RETURNING id INTO kept;
      IF whose = 'public' THEN
        PERFORM private.show_result(kept, keep_result.collection);
        PERFORM private.mark_current(keep_result.collection);
      END IF;
      RETURN kept;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.keep_result(job uuid, collection text, title text,
      expires timestamptz, most integer, most_features integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('analyst', 'officer', 'coordinator', 'admin');
      wanted private.analysis_job;
    BEGIN
      SELECT * INTO wanted FROM private.analysis_job AS j
      WHERE j.id = job AND j.expires > now() AND (j.account_id IS NULL OR j.account_id = who.id);
      IF wanted.id IS NULL THEN
        PERFORM private.refuse('DH404', 'Không có tác vụ này. / There is no such job.');
      END IF;
      RETURN private.keep_result(wanted, collection, title, expires, most, most_features);
    END $$
    """,
    # Its layer shows the one before, if there is one.
    """
    CREATE FUNCTION private.drop_results(gone uuid[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      collections text[];
      collection text;
      dropped bigint;
    BEGIN
      PERFORM pg_advisory_xact_lock(7233020);
      SELECT coalesce(array_agg(DISTINCT k.collection), '{}') INTO collections
      FROM dieuhanh.analysis_result AS k WHERE k.id = ANY (gone) AND k.audience = 'public';
      DELETE FROM dieuhanh.analysis_result AS k WHERE k.id = ANY (gone);
      GET DIAGNOSTICS dropped = ROW_COUNT;
      FOREACH collection IN ARRAY collections LOOP
        PERFORM private.mark_current(collection);
      END LOOP;
      RETURN dropped;
    END $$
    """,
    """
    CREATE FUNCTION dieuhanh.remove_result(result uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('analyst', 'officer', 'coordinator', 'admin');
      kept dieuhanh.analysis_result;
    BEGIN
      SELECT * INTO kept FROM dieuhanh.analysis_result AS k WHERE k.id = result
        AND (k.audience <> 'coordination' OR who.role IN ('coordinator', 'admin'));
      IF kept.id IS NULL THEN
        PERFORM private.refuse('DH404', 'Không có kết quả này. / There is no such result.');
      END IF;
      IF kept.kept_by <> who.login AND who.role <> 'admin' THEN
        PERFORM private.refuse('DH403',
          'Chỉ người đã giữ kết quả, hoặc quản trị, được xóa.'
          ' / Who kept the result may remove it, or an administrator.');
      END IF;
      PERFORM private.drop_results(ARRAY[result]);
    END $$
    """,
)

CALLED = (
    "keep_result(uuid, text, text, timestamptz, integer, integer)",
    "remove_result(uuid)",
)
CALLERS = "dieuhanh_analyst, dieuhanh_officer, dieuhanh_coordinator, dieuhanh_admin"
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {CALLERS}" for name in CALLED),
)


def upgrade() -> None:
    layers = (statement for name in TABLES for statement in table(name))
    for statement in (*RESULT, *layers, *FUNCTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in (
        "drop_results(uuid[])",
        "keep_result(private.analysis_job, text, text, timestamptz, integer, integer)",
        "mark_current(text)",
        "show_result(uuid, text)",
    ):
        op.execute(f"DROP FUNCTION private.{name}")
    for name in TABLES:
        op.execute(f"DROP TABLE layer.{name}")
    op.execute("DROP FUNCTION private.only_public_results()")
    op.execute("DROP TABLE dieuhanh.analysis_result")
