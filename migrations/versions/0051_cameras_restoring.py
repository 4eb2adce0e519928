"""Cameras of quarantine sites as network assets; rows of registers brought back from their past.

Revises: 0050
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

STAFF = (
    "dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer, dieuhanh_operator,"
    " dieuhanh_coordinator, dieuhanh_admin"
)
KEEPERS = "dieuhanh_officer, dieuhanh_admin"
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


def _history(own: str, told: str) -> tuple[str, ...]:
    """The statements that make `register_history` anew, with further columns first."""
    name = "dieuhanh.register_history(text, uuid, integer)"
    return (
        f"DROP FUNCTION IF EXISTS {name}",
        f"""
        CREATE FUNCTION dieuhanh.register_history(named text, row_id uuid, newest integer)
        RETURNS TABLE ({own} at timestamptz, actor text, op text, before jsonb, after jsonb)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
          PERFORM private.require_row(named, row_id);
          RETURN QUERY SELECT {told} c.at, c.actor, c.op, c.before, c.after
            FROM register.change AS c
            WHERE c.register = named AND c.row_id = register_history.row_id
            ORDER BY c.id DESC LIMIT newest;
        END $$
        """,
        f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {name} TO {KEEPERS}",
    )


PAST = (
    # Written by `dieuhanh migrate` from the records: the columns that an earlier state brings
    # back, those of a deleted row, and the one that keeps why a row was last changed.
    """
    ALTER TABLE register.record
      ADD COLUMN restored text[] NOT NULL DEFAULT '{}',
      ADD COLUMN revived text[] NOT NULL DEFAULT '{}',
      ADD COLUMN reason text
    """,
    # Why a row was brought back, and to how it was when; of all that the transaction changes.
    """
    ALTER TABLE register.change
      ADD COLUMN reason text DEFAULT nullif(current_setting('dieuhanh.reason', true), '')
        CONSTRAINT ck_change_reason_length CHECK (char_length(reason) <= 500),
      ADD COLUMN restores timestamptz
        DEFAULT nullif(current_setting('dieuhanh.restores', true), '')::timestamptz
    """,
    "CREATE INDEX register_deletions ON register.change (register, id) WHERE op = 'delete'",
    *_history("id bigint, reason text, restores timestamptz,", "c.id, c.reason, c.restores,"),
    # What the changes after one have made otherwise, as it was before them, by column.
    """
    CREATE FUNCTION private.register_undone(named text, of_row uuid, change_id bigint)
    RETURNS TABLE (name text, was jsonb) LANGUAGE sql STABLE AS $$
      SELECT DISTINCT ON (b.key) b.key, b.value
      FROM register.change AS c, jsonb_each(c.before) AS b
      WHERE c.register = named AND c.row_id = of_row AND c.id > change_id AND c.op = 'update'
        AND b.value IS DISTINCT FROM c.after->b.key
      ORDER BY b.key, c.id
    $$
    """,
    # A row as it was after a change, or before the one that deleted it. What is known of its
    # person then is answered: who calls it writes that, with the digests of numbers.
    """
    CREATE FUNCTION dieuhanh.register_restore(named text, row_id uuid, change_id bigint, why text)
    RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'admin');
      rule register.record;
      wanted register.change;
      now_row jsonb;
      person jsonb;
      own jsonb;
      facts jsonb;
      names text;
    BEGIN
      SELECT * INTO rule FROM register.record AS r WHERE r.id = named;
      SELECT * INTO wanted FROM register.change AS c
      WHERE c.id = change_id AND c.register = named AND c.row_id = register_restore.row_id;
      IF wanted.id IS NULL THEN
        PERFORM private.refuse('DH404', 'Lịch sử của dòng không có thay đổi này.'
          ' / The history of the row has no such change.');
      END IF;
      IF coalesce(btrim(why), '') = '' THEN
        PERFORM private.refuse('DH422',
          'Khôi phục phải ghi lý do. / To bring a state back takes a reason.');
      END IF;
      PERFORM set_config('dieuhanh.reason', btrim(why), true),
        set_config('dieuhanh.restores', wanted.at::text, true);
      EXECUTE format('SELECT to_jsonb(t) FROM register.%I AS t WHERE t.id = $1 FOR UPDATE', named)
      INTO now_row USING row_id;
      IF now_row IS NULL THEN
        PERFORM private.register_revive(rule, wanted);
        RETURN '{}';
      END IF;
      PERFORM private.require_row(named, row_id);
      SELECT private.told_facts(p) INTO person FROM private.person AS p
      WHERE p.id = (now_row->>'person_id')::uuid;
      SELECT
        coalesce(jsonb_object_agg(u.name, u.was) FILTER (
          WHERE u.name = ANY (rule.restored) AND u.was <> now_row->u.name), '{}'),
        coalesce(jsonb_object_agg(u.name, u.was) FILTER (
          WHERE NOT now_row ? u.name AND u.was <> person->u.name), '{}')
      INTO own, facts FROM private.register_undone(named, row_id, change_id) AS u;
      IF own = '{}' AND facts = '{}' THEN
        PERFORM private.refuse('DH409', 'Dòng đang như lúc đó, không có gì để khôi phục.'
          ' / The row is as it was then: there is nothing to bring back.');
      END IF;
      IF own <> '{}' THEN
        IF rule.reason IS NOT NULL THEN
          own := own || jsonb_build_object(rule.reason, btrim(why));
        END IF;
        SELECT string_agg(quote_ident(k), ', ') INTO names FROM jsonb_object_keys(own) AS k;
        EXECUTE format('UPDATE register.%1$I AS t SET (%2$s) = (SELECT %2$s'
          ' FROM jsonb_populate_record(t, $2)) WHERE t.id = $1', named, names)
        USING row_id, own;
        PERFORM private.require_row(named, row_id);
      END IF;
      RETURN facts;
    END $$
    """,
    # A deleted row as it last was, for who would keep it; its own rules are asked again.
    """
    CREATE FUNCTION private.register_revive(rule register.record, wanted register.change)
    RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      image jsonb := wanted.before;
      names text;
    BEGIN
      IF wanted.op <> 'delete' OR cardinality(rule.revived) = 0 OR NOT coalesce(
        dieuhanh.reach(rule.id) && dieuhanh.place_keys(image->>'place', image->>'district_code'),
        false) THEN
        PERFORM private.refuse('DH404', 'Sổ không có dòng này. / The register has no such row.');
      END IF;
      IF NOT EXISTS (SELECT FROM private.person AS p WHERE p.id = (image->>'person_id')::uuid)
        AND image->>'person_id' IS NOT NULL THEN
        PERFORM private.refuse('DH409', 'Thông tin về người này đã được xóa theo hạn lưu.'
          ' / What was known of this person has been forgotten.');
      END IF;
      image := image || jsonb_build_object('version', (image->>'version')::bigint + 1);
      SELECT string_agg(quote_ident(n), ', ') INTO names FROM unnest(rule.revived) AS n;
      EXECUTE format('INSERT INTO register.%1$I (%2$s) SELECT %2$s'
        ' FROM jsonb_populate_record(NULL::register.%1$I, $1)', rule.id, names) USING image;
      PERFORM private.require_row(rule.id, wanted.row_id);
    END $$
    """,
    # The rows that are gone, as they last were, for who would keep them; the last first.
    """
    CREATE FUNCTION dieuhanh.register_deleted(named text, newest integer)
    RETURNS TABLE (id bigint, row_id uuid, at timestamptz, actor text, before jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      RETURN QUERY EXECUTE format('SELECT c.id, c.row_id, c.at, c.actor, c.before ||'
        ' CASE WHEN p.id IS NULL THEN ''{}'' ELSE private.told_facts(p) END'
        ' FROM register.change AS c'
        ' LEFT JOIN private.person AS p ON p.id = (c.before->>''person_id'')::uuid'
        ' WHERE c.register = $1 AND c.op = ''delete'' AND $2 && dieuhanh.place_keys('
        '   c.before->>''place'', c.before->>''district_code'')'
        ' AND NOT EXISTS (SELECT FROM register.%I AS t WHERE t.id = c.row_id)'
        ' AND NOT EXISTS (SELECT FROM register.change AS l WHERE l.register = c.register'
        '   AND l.row_id = c.row_id AND l.id > c.id)'
        ' ORDER BY c.id DESC LIMIT $3', named) USING named, dieuhanh.reach(named), newest;
    END $$
    """,
    # The history of rows that were deleted so long ago.
    """
    CREATE FUNCTION private.purge_deleted(named text, keep_days float8, piece integer)
    RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
      gone uuid[];
    BEGIN
      gone := ARRAY(SELECT c.row_id FROM register.change AS c
        WHERE c.register = named AND c.op = 'delete'
          AND c.at < now() - make_interval(secs => keep_days * 86400)
          AND NOT EXISTS (SELECT FROM register.change AS l WHERE l.register = c.register
            AND l.row_id = c.row_id AND l.id > c.id)
        ORDER BY c.id LIMIT piece);
      DELETE FROM register.change AS c WHERE c.register = named AND c.row_id = ANY (gone);
      RETURN cardinality(gone);
    END $$
    """,
)

RULES = (
    # A stay that has ended by mistake may go on; it ends by its actions alone.
    """
    CREATE FUNCTION register.restore_stay() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF coalesce(current_setting('dieuhanh.restores', true), '') = '' OR NEW.state = OLD.state THEN
        RETURN NEW;
      ELSIF NEW.state <> 'admitted' THEN
        PERFORM private.refuse('DH409', 'Khôi phục không kết thúc lượt cách ly: hãy dùng nút'
          ' Cho về, Chuyển nơi khác. / To bring a state back does not end a stay: release or'
          ' transfer the person.');
      ELSIF OLD.state = 'transferred' THEN
        PERFORM private.refuse('DH409', 'Người này đã được chuyển nơi khác: hãy chuyển trở lại.'
          ' / This person was transferred: transfer them back.');
      ELSIF EXISTS (SELECT FROM register.stays AS s
        WHERE s.person_id = NEW.person_id AND s.state = 'admitted' AND s.id <> NEW.id) THEN
        PERFORM private.refuse('DH409', 'Người này đang cách ly ở một nơi khác trong sổ.'
          ' / This person is in quarantine at another place already.');
      END IF;
      -- With the end its tests became void that had not been taken.
      UPDATE register.quarantine_tests SET void = false
      WHERE stay_id = NEW.id AND void AND taken_at IS NULL;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER b_restore BEFORE UPDATE ON register.stays"
    " FOR EACH ROW EXECUTE FUNCTION register.restore_stay()",
    # What was entered by mistake may be deleted; what a laboratory has found stays.
    """
    CREATE FUNCTION register.hold_sample() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF OLD.result IS NOT NULL AND dieuhanh.account_id() IS NOT NULL THEN
        PERFORM private.refuse('DH409', format('Mẫu %s đã có kết quả, không xóa được.'
          ' / Sample %s has a result and cannot be deleted.', OLD.code, OLD.code));
      END IF;
      RETURN OLD;
    END $$
    """,
    "CREATE TRIGGER hold_sample BEFORE DELETE ON register.samples"
    " FOR EACH ROW EXECUTE FUNCTION register.hold_sample()",
)

CALLED = {
    "quarantine_cameras()": STAFF,
    "register_restore(text, uuid, bigint, text)": KEEPERS,
    "register_deleted(text, integer)": KEEPERS,
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
    for statement in (*CAMERAS, *OUTAGES, *PAST, *RULES, *grants, f"SELECT {_COUNT_ALL}"):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    # What the place of an officer narrows stays narrowed.
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for table, name in (("stays", "restore_stay()"), ("samples", "hold_sample()")):
        trigger = "b_restore" if table == "stays" else "hold_sample"
        op.execute(f"DROP TRIGGER {trigger} ON register.{table}")
        op.execute(f"DROP FUNCTION register.{name}")
    for name in (
        "register_revive(register.record, register.change)",
        "register_undone(text, uuid, bigint)",
        "purge_deleted(text, float8, integer)",
    ):
        op.execute(f"DROP FUNCTION private.{name}")
    for statement in _history("", ""):
        op.execute(statement)
    op.execute("DROP INDEX register.register_deletions")
    op.execute("ALTER TABLE register.change DROP COLUMN reason, DROP COLUMN restores")
    op.execute(
        "ALTER TABLE register.record DROP COLUMN restored, DROP COLUMN revived, DROP COLUMN reason"
    )
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
