"""Registers: who reaches which rows, accounts limited to places, what became of a row.

Revises: 0027
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"

TABLES = (
    "CREATE SCHEMA register",
    f"GRANT USAGE ON SCHEMA register TO {KEEPERS}",
    # What the records say of who keeps each register: kinds of places by department, '' for all.
    """
    CREATE TABLE register.record (
      id text PRIMARY KEY,
      stewards jsonb NOT NULL
    )
    """,
    # Kept apart from the feed of layers, which is told to everybody who follows a layer.
    """
    CREATE TABLE register.change (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      register text NOT NULL,
      row_id uuid NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      actor text NOT NULL,
      op text NOT NULL CHECK (op IN ('insert', 'update', 'delete')),
      before jsonb,
      after jsonb
    )
    """,
    "CREATE INDEX ON register.change (register, row_id)",
    # What the province says of time: its zone. Written by `dieuhanh migrate`.
    """
    CREATE TABLE register.province (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      time_zone text NOT NULL
    )
    """,
    "INSERT INTO register.province (time_zone) VALUES ('UTC')",
)

FUNCTIONS = (
    """
    CREATE FUNCTION dieuhanh.local_day(at timestamptz) RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
    $$ SELECT (at AT TIME ZONE time_zone)::date FROM register.province $$
    """,
    """
    CREATE FUNCTION dieuhanh.today() RETURNS date
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS
    $$ SELECT dieuhanh.local_day(now()) $$
    """,
    # By which keys a row can be reached: all, its district, its kind of place, both, its place.
    """
    CREATE FUNCTION dieuhanh.place_keys(place text, district text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT ARRAY['*', '@' || district, split_part(place, '/', 1),
        split_part(place, '/', 1) || '@' || district, place]
    $$
    """,
    # The keys of the rows that the account keeps in a register.
    """
    CREATE FUNCTION dieuhanh.reach(named text) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      who private.account;
      own text[];
      reached text[];
    BEGIN
      SELECT * INTO who FROM private.account AS a
      WHERE a.id = dieuhanh.account_id() AND a.disabled_at IS NULL
        AND a.role IN ('officer', 'admin');
      IF NOT FOUND OR NOT EXISTS (SELECT FROM register.record WHERE id = named) THEN
        RETURN '{}';
      END IF;
      IF who.role = 'admin' THEN
        RETURN '{*}';
      END IF;
      IF cardinality(who.layers) > 0 AND NOT named = ANY (who.layers) THEN
        RETURN '{}';
      END IF;
      SELECT array_agg(p.layer || '/' || p.feature) INTO own
      FROM private.account_place AS p WHERE p.account_id = who.id;
      SELECT array_agg(DISTINCT key) INTO reached
      FROM register.record AS r, unnest(who.departments) AS d(name),
        jsonb_array_elements_text(r.stewards->d.name) AS k(kind),
        LATERAL (
          -- Limited to places; to districts; to nothing.
          SELECT o.place FROM unnest(own) AS o(place)
          WHERE k.kind IN ('', split_part(o.place, '/', 1))
          UNION ALL
          SELECT k.kind || '@' || c.code FROM unnest(who.districts) AS c(code) WHERE own IS NULL
          UNION ALL
          SELECT coalesce(nullif(k.kind, ''), '*')
          WHERE own IS NULL AND cardinality(who.districts) = 0 AND d.name <> 'district'
        ) AS keys(key)
      WHERE r.id = named;
      RETURN coalesce(reached, '{}');
    END $$
    """,
    # A row for one who keeps it; else there is no such row.
    """
    CREATE FUNCTION private.require_row(named text, row_id uuid) RETURNS void
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
      is_reached boolean;
    BEGIN
      EXECUTE format('SELECT dieuhanh.reach($1) && dieuhanh.place_keys(place, district_code)'
        ' FROM register.%I WHERE id = $2', named) INTO is_reached USING named, row_id;
      IF is_reached IS NOT TRUE THEN
        PERFORM private.refuse('DH404',
          'Sổ không có dòng này. / The register has no such row.');
      END IF;
    END $$
    """,
    # Where a place is: of a feature as its layer says, of a person's home as the person does.
    """
    CREATE FUNCTION private.place_units(
      place text, person uuid, OUT commune text, OUT district text
    ) LANGUAGE plpgsql STABLE AS $$
    DECLARE
      found integer;
    BEGIN
      IF place LIKE '%/%' THEN
        IF to_regclass(format('layer.%I', split_part(place, '/', 1))) IS NULL THEN
          PERFORM private.refuse('DH422', 'Không có nơi này. / There is no such place.');
        END IF;
        EXECUTE format('SELECT commune_code, district_code FROM layer.%I WHERE id::text = $1',
          split_part(place, '/', 1)) INTO commune, district USING split_part(place, '/', 2);
        GET DIAGNOSTICS found = ROW_COUNT;
        IF found = 0 THEN
          PERFORM private.refuse('DH422', format(
            'Không có nơi %s. / There is no place %s.', place, place));
        END IF;
      ELSE
        SELECT p.commune_code, (
            SELECT piece.district_code FROM dieuhanh.admin_piece AS piece
            WHERE piece.commune_code = p.commune_code
            GROUP BY piece.district_code ORDER BY sum(ST_Area(piece.geom)) DESC LIMIT 1)
        INTO commune, district FROM private.person AS p WHERE p.id = person;
      END IF;
    END $$
    """,
    # What the database keeps true on each row.
    """
    CREATE FUNCTION register.keep_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      units record;
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM OLD THEN
          RETURN NEW;
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := now();
        IF NEW.place = OLD.place AND NEW.place LIKE '%/%' THEN
          RETURN NEW;
        END IF;
      END IF;
      SELECT * INTO units
      FROM private.place_units(NEW.place, (to_jsonb(NEW)->>'person_id')::uuid);
      NEW.commune_code := units.commune;
      NEW.district_code := units.district;
      RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION register.note_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF private.is_bulk() THEN
        RETURN NULL;
      END IF;
      IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'version' - 'updated_at'
        IS NOT DISTINCT FROM to_jsonb(OLD) - 'version' - 'updated_at' THEN
        RETURN NULL;
      END IF;
      INSERT INTO register.change (register, row_id, actor, op, before, after)
      VALUES (TG_ARGV[0], CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END,
        dieuhanh.actor(), lower(TG_OP),
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
      RETURN NULL;
    END $$
    """,
    # A bulk load, by one who may act as the owner; for others the setting means nothing.
    """
    CREATE FUNCTION private.is_bulk() RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT coalesce(current_setting('dieuhanh.bulk', true), '') = 'on' AND pg_has_role(
        CASE current_setting('role') WHEN 'none' THEN session_user
          ELSE current_setting('role')::name END, current_user, 'MEMBER')
    $$
    """,
    # The person whom a new row is about (`row_id` null), found again or written; of a row that
    # is there, the same person with what is corrected, told in the row's history.
    """
    CREATE FUNCTION dieuhanh.keep_person(
      named text, row_id uuid, facts jsonb, identity bytea, telephone bytea
    ) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('officer', 'admin');
      was private.person;
      becomes private.person;
    BEGIN
      IF dieuhanh.reach(named) = '{}' THEN
        PERFORM private.refuse('DH403',
          'Sổ này không thuộc phần việc của bạn. / This register is not yours to keep.');
      END IF;
      IF row_id IS NULL THEN
        RETURN private.take_person(facts, identity, telephone, true);
      END IF;
      PERFORM private.require_row(named, row_id);
      EXECUTE format('SELECT p.* FROM private.person AS p JOIN register.%I AS t'
        ' ON t.person_id = p.id WHERE t.id = $1 FOR UPDATE OF p', named) INTO was USING row_id;
      becomes := jsonb_populate_record(was, facts - 'id');
      BEGIN
        UPDATE private.person SET name = becomes.name, birth_year = becomes.birth_year,
          sex = becomes.sex, phone = becomes.phone, commune_code = becomes.commune_code,
          address = becomes.address, used_at = clock_timestamp(),
          phone_hash = CASE WHEN facts ? 'phone' THEN telephone ELSE phone_hash END,
          identity_hash = coalesce(identity, identity_hash)
        WHERE id = was.id;
      EXCEPTION WHEN unique_violation THEN
        PERFORM private.refuse('DH409', 'Số giấy tờ này là của một người khác đã có trong hệ thống.'
          ' / This identity number is another person''s who is known already.');
      END;
      INSERT INTO register.change (register, row_id, actor, op, before, after)
      SELECT named, row_id, dieuhanh.actor(), 'update', private.told_facts(was),
        private.told_facts(becomes)
      WHERE private.told_facts(was) <> private.told_facts(becomes);
      EXECUTE format('UPDATE register.%I SET version = version + 1 WHERE id = $1', named)
      USING row_id;
      RETURN was.id;
    END $$
    """,
    """
    CREATE FUNCTION private.told_facts(person private.person) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('name', person.name, 'birth_year', person.birth_year,
        'sex', person.sex, 'phone', person.phone, 'home_commune', person.commune_code,
        'home_address', person.address)
    $$
    """,
    """
    CREATE FUNCTION dieuhanh.register_history(named text, row_id uuid, newest integer)
    RETURNS TABLE (at timestamptz, actor text, op text, before jsonb, after jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      PERFORM private.require_row(named, row_id);
      RETURN QUERY SELECT c.at, c.actor, c.op, c.before, c.after FROM register.change AS c
        WHERE c.register = named AND c.row_id = register_history.row_id
        ORDER BY c.id DESC LIMIT newest;
    END $$
    """,
)

CALLED = (
    "keep_person(text, uuid, jsonb, bytea, bytea)",
    "register_history(text, uuid, integer)",
)
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {KEEPERS}" for name in CALLED),
)


def upgrade() -> None:
    for statement in (*TABLES, *FUNCTIONS, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in (*CALLED, "reach(text)", "place_keys(text, text)", "today()"):
        op.execute(f"DROP FUNCTION dieuhanh.{name} CASCADE")
    op.execute("DROP FUNCTION dieuhanh.local_day(timestamptz)")
    op.execute("DROP SCHEMA register CASCADE")
    op.execute("DROP FUNCTION private.place_units(text, uuid)")
    op.execute("DROP FUNCTION private.require_row(text, uuid)")
    op.execute("DROP FUNCTION private.told_facts(private.person)")
    op.execute("DROP FUNCTION private.is_bulk()")
