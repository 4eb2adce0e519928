"""Cameras of quarantine sites as network assets.

Revises: 0049
"""

from alembic import op

revision = "0051"
down_revision = "0049"
branch_labels = None
depends_on = None

STAFF = (
    "dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer, dieuhanh_operator,"
    " dieuhanh_coordinator, dieuhanh_admin"
)
WATCHED = ("hotels", "quarantine_sites")
"""The layers whose features have cameras, in the order in which their rows are locked."""
_ALL_CAMERAS = "greatest(s.cameras, c.known)"
_WORKING = "CASE WHEN c.known > 0 THEN c.working END"
_COUNT_ALL = """private.count_cameras(ARRAY(SELECT DISTINCT site_code FROM layer.network_assets
  WHERE kind = 'camera' AND site_code IS NOT NULL))"""

CAMERAS = (
    "CREATE INDEX network_assets_site ON layer.network_assets (site_code)",
    # How many cameras of a site are network assets, and how many of these are up.
    """
    CREATE FUNCTION private.site_cameras(site text, OUT known integer, OUT working integer)
    LANGUAGE sql STABLE AS $$
      SELECT count(*)::integer, count(*) FILTER (WHERE a.state = 'up')::integer
      FROM layer.network_assets AS a WHERE a.kind = 'camera' AND a.site_code = site
    $$
    """,
    # Whoever types the numbers of a site whose cameras are assets cannot say other ones.
    """
    CREATE FUNCTION dieuhanh.hold_cameras() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      counted record;
    BEGIN
      IF private.is_bulk() THEN
        RETURN NEW;
      END IF;
      SELECT * INTO counted FROM private.site_cameras(NEW.code);
      IF counted.known > 0 THEN
        IF NEW.cameras < counted.known THEN
          PERFORM private.refuse('DH409', format(
            '%s có %s camera trong lớp thiết bị mạng; số camera không thể ít hơn.'
            ' / %s has %s cameras among the network assets; it cannot have fewer.',
            NEW.name, counted.known, NEW.name, counted.known));
        END IF;
        NEW.cameras_working := counted.working;
      END IF;
      RETURN NEW;
    END $$
    """,
    *(
        "CREATE TRIGGER a_cameras BEFORE INSERT OR UPDATE OF code, cameras, cameras_working"
        f" ON layer.{layer} FOR EACH ROW EXECUTE FUNCTION dieuhanh.hold_cameras()"
        for layer in WATCHED
    ),
    # Counts anew at the sites of these codes, which stay locked until the commit.
    f"""
    CREATE FUNCTION private.count_cameras(codes text[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      bulk text := coalesce(current_setting('dieuhanh.bulk', true), '');
    BEGIN
      PERFORM private.lock_places(ARRAY(
        {
        " UNION ALL ".join(
            f"SELECT '{x}/' || id FROM layer.{x} WHERE code = ANY (codes)" for x in WATCHED
        )
    }));
      -- A load tells of its own layer as a whole; of another one each change is told.
      PERFORM set_config('dieuhanh.bulk', 'off', true);
      {
        "".join(
            f'''
      UPDATE layer.{x} AS s SET cameras = {_ALL_CAMERAS}, cameras_working = {_WORKING}
      FROM (SELECT one.code, n.known, n.working FROM unnest(codes) AS one(code),
            private.site_cameras(one.code) AS n) AS c
      WHERE s.code = c.code AND (s.cameras, s.cameras_working)
        IS DISTINCT FROM ({_ALL_CAMERAS}, {_WORKING});'''
            for x in WATCHED
        )
    }
      PERFORM set_config('dieuhanh.bulk', bulk, true);
    END $$
    """,
    # Once a statement, for the sites whose cameras have come, gone, or changed their state.
    """
    CREATE FUNCTION dieuhanh.network_cameras() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      codes text[];
    BEGIN
      IF private.is_bulk() THEN
        RETURN NULL;
      ELSIF TG_OP = 'INSERT' THEN
        codes := ARRAY(SELECT DISTINCT n.site_code FROM new_rows AS n WHERE n.kind = 'camera');
      ELSIF TG_OP = 'UPDATE' THEN
        codes := ARRAY(SELECT DISTINCT x.site FROM old_rows AS o JOIN new_rows AS n USING (id),
            unnest(ARRAY[o.site_code, n.site_code]) AS x(site)
          WHERE 'camera' IN (o.kind, n.kind)
            AND (o.kind, o.site_code, o.state) IS DISTINCT FROM (n.kind, n.site_code, n.state));
      ELSE
        codes := ARRAY(SELECT DISTINCT o.site_code FROM old_rows AS o WHERE o.kind = 'camera');
      END IF;
      codes := array_remove(codes, NULL);
      IF cardinality(codes) > 0 THEN
        PERFORM private.count_cameras(codes);
      END IF;
      RETURN NULL;
    END $$
    """,
    *(
        f"CREATE TRIGGER network_cameras_{operation.lower()} AFTER {operation}"
        f" ON layer.network_assets REFERENCING {tables}"
        " FOR EACH STATEMENT EXECUTE FUNCTION dieuhanh.network_cameras()"
        for operation, tables in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        )
    ),
    # A load is counted as a whole, when it is noted where its rows came from.
    f"""
    CREATE FUNCTION dieuhanh.network_loaded() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM {_COUNT_ALL};
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER network_loaded AFTER INSERT OR UPDATE ON dieuhanh.dataset
    FOR EACH ROW WHEN (NEW.layer = 'network_assets') EXECUTE FUNCTION dieuhanh.network_loaded()
    """,
    # The cameras of each place of quarantine by state, and which of them are out since when.
    # Cameras that are no assets are as the place says, or not known. Officers are told of the
    # places whose stays they keep, the others of staff of all.
    f"""
    CREATE FUNCTION dieuhanh.quarantine_cameras() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'operator', 'coordinator', 'officer', 'admin');
      reached text[] := CASE WHEN who.role = 'officer' THEN dieuhanh.reach('stays') ELSE '{{*}}' END;
    BEGIN
      RETURN (
        WITH places AS (
          {
        " UNION ALL ".join(
            f"SELECT '{x}/' || id AS place, code, name, district_code, cameras,"
            f" cameras_working FROM layer.{x}"
            for x in WATCHED
        )
    }
        ), assets AS (
          SELECT a.site_code, count(*) AS known, count(*) FILTER (WHERE a.state = 'up') AS up,
            count(*) FILTER (WHERE a.state = 'down') AS down,
            count(*) FILTER (WHERE a.state = 'maintenance') AS maintenance,
            jsonb_agg(jsonb_build_object('code', a.code, 'operator', a.operator, 'state', a.state,
              'since', a.since) ORDER BY a.since, a.code) FILTER (WHERE a.state <> 'up') AS out
          FROM layer.network_assets AS a WHERE a.kind = 'camera' GROUP BY a.site_code
        ), counted AS (
          SELECT p.place, p.code, p.name, p.cameras AS "all", a.out,
            coalesce(a.up, p.cameras_working, 0) AS up,
            coalesce(a.down, p.cameras - p.cameras_working, 0) AS down,
            coalesce(a.maintenance, 0) AS maintenance
          FROM places AS p LEFT JOIN assets AS a ON a.site_code = p.code
          WHERE p.cameras > 0 AND reached && dieuhanh.place_keys(p.place, p.district_code)
        )
        SELECT jsonb_build_object('places', coalesce(jsonb_agg(jsonb_build_object(
            'place', c.place, 'code', c.code, 'name', c.name, 'all', c."all", 'up', c.up,
            'down', c.down, 'maintenance', c.maintenance,
            'unknown', c."all" - c.up - c.down - c.maintenance, 'out', coalesce(c.out, '[]'))
            ORDER BY c.down DESC, c.up = c."all", c.name, c.place), '[]'))
        FROM counted AS c);
    END $$
    """,
)

OUTAGES = (
    # The site that an asset names by its code.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.site_named(site text, OUT place text, OUT name text)
    LANGUAGE sql STABLE AS $$
      SELECT s.place, s.name FROM (
        SELECT 'quarantine_sites/' || id AS place, name, code FROM layer.quarantine_sites
        UNION ALL SELECT 'hotels/' || id, name, code FROM layer.hotels
        UNION ALL SELECT 'checkpoints/' || id, name, code FROM layer.checkpoints) AS s
      WHERE s.code = site LIMIT 1
    $$
    """,
    # As in 0031; and officers of single places are told of these alone.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.network_outages(
      only_open boolean, of_operator text, of_kind text, from_time timestamptz, most integer
    ) RETURNS TABLE (
      code text, name text, kind text, operator text, site_code text, district_code text,
      commune_code text, began_at timestamptz, ended_at timestamptz, found_by text, note text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'officer', 'operator', 'coordinator', 'admin');
      own text[];
    BEGIN
      SELECT array_agg(p.layer || '/' || p.feature) INTO own
      FROM private.account_place AS p WHERE p.account_id = who.id;
      RETURN QUERY SELECT o.code, a.name, a.kind, a.operator, a.site_code, a.district_code,
        a.commune_code, o.began_at, o.ended_at, o.found_by, o.note
      FROM private.network_outage AS o
      LEFT JOIN layer.network_assets AS a ON a.id = o.asset_id
      WHERE (NOT only_open OR o.ended_at IS NULL)
        AND (of_operator IS NULL OR a.operator = of_operator)
        AND (of_kind IS NULL OR a.kind = of_kind)
        AND (o.ended_at IS NULL OR o.began_at >= from_time)
        AND (cardinality(who.districts) = 0 OR a.district_code = ANY (who.districts))
        AND (own IS NULL OR (dieuhanh.site_named(a.site_code)).place = ANY (own))
      ORDER BY o.ended_at IS NOT NULL, o.began_at DESC, o.id DESC LIMIT most;
    END $$
    """,
)


CALLED = {
    "quarantine_cameras()": STAFF,
}


def upgrade() -> None:
    grants = (
        statement
        for name, callers in CALLED.items()
        for statement in (
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        )
    )
    for statement in (*CAMERAS, *OUTAGES, *grants, f"SELECT {_COUNT_ALL}"):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    # What the place of an officer narrows stays narrowed.
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for operation in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER network_cameras_{operation} ON layer.network_assets")
    for layer in WATCHED:
        op.execute(f"DROP TRIGGER a_cameras ON layer.{layer}")
    op.execute("DROP TRIGGER network_loaded ON dieuhanh.dataset")
    for name in ("network_cameras()", "network_loaded()", "hold_cameras()"):
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in ("count_cameras(text[])", "site_cameras(text)"):
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute("DROP INDEX layer.network_assets_site")
