"""Flags of positive samples, and of outbreak areas outside the province.

Revises: 0053
"""

from importlib import import_module

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

FLAGS = (
    # One that a sample raised is about no declaration, and may be of somebody of an unknown home.
    "ALTER TABLE private.flag ALTER declaration_id DROP NOT NULL, ALTER commune_code DROP NOT NULL",
    # A positive sample of one person raises a flag where the person lives, else where it was taken.
    # `times` are the declarations of a flag. A result that turns out not to be positive takes it
    # back, if no other sample says so.
    """
    CREATE FUNCTION register.flag_sample() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
      IF OLD.result = 'positive'
        AND (NEW.result, NEW.person_id) IS DISTINCT FROM ('positive', OLD.person_id) THEN
        UPDATE private.flag AS f SET kinds = array_remove(f.kinds, 'positive')
        WHERE f.person_id = OLD.person_id AND f.state <> 'closed' AND 'positive' = ANY (f.kinds)
          AND f.kinds <> '{positive}' AND private.positive_of(f.person_id) IS NULL;
        UPDATE private.flag AS f SET state = 'closed', closed_at = clock_timestamp(),
          closed_by = 'system:samples', note = 'Kết quả mẫu đã sửa: không dương tính.'
            || ' / The result of the sample was corrected: not positive.'
        WHERE f.person_id = OLD.person_id AND f.state <> 'closed' AND f.kinds = '{positive}'
          AND private.positive_of(f.person_id) IS NULL;
      END IF;
      IF NEW.result = 'positive' AND NEW.person_id IS NOT NULL
        AND (OLD.result, OLD.person_id) IS DISTINCT FROM (NEW.result, NEW.person_id) THEN
        INSERT INTO private.flag AS f (person_id, kinds, commune_code, district_code, times,
          raised_at, last_at)
        SELECT p.id, '{positive}', coalesce(u.code, NEW.commune_code),
          CASE WHEN u.code IS NULL THEN NEW.district_code ELSE u.parent_code END, 0,
          NEW.resulted_at, NEW.resulted_at
        FROM private.person AS p LEFT JOIN layer.admin_units AS u
          ON u.code = p.commune_code AND u.level = 'commune'
        WHERE p.id = NEW.person_id
        ON CONFLICT (person_id) WHERE state <> 'closed' DO UPDATE SET declaration_id = NULL,
          kinds = ARRAY(SELECT DISTINCT unnest(f.kinds || excluded.kinds) ORDER BY 1),
          state = CASE WHEN excluded.kinds <@ f.kinds THEN f.state ELSE 'open' END,
          last_at = greatest(f.last_at, excluded.last_at);
      END IF;
      RETURN NULL;
    END $$
    """,
    # What a flag tells of the newest positive sample of its person; null: there is none.
    """
    CREATE FUNCTION private.positive_of(person uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('code', s.code, 'method', s.method, 'taken_at', s.taken_at,
        'resulted_at', s.resulted_at, 'site', t.name)
      FROM register.samples AS s
      LEFT JOIN layer.testing_sites AS t ON s.place = 'testing_sites/' || t.id
      WHERE s.person_id = person AND s.result = 'positive' ORDER BY s.resulted_at DESC LIMIT 1
    $$
    """,
    """
    CREATE TRIGGER c_flag AFTER INSERT OR UPDATE OF result, person_id ON register.samples
    FOR EACH ROW EXECUTE FUNCTION register.flag_sample()
    """,
    # As in 0027, with the sample; of no declaration in particular, the newest there is.
    """
    CREATE OR REPLACE FUNCTION private.flag_told(f private.flag) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', f.id, 'kinds', f.kinds, 'zones', f.zones, 'state', f.state,
        'times', f.times, 'raised_at', f.raised_at, 'last_at', f.last_at,
        'seen_at', f.seen_at, 'seen_by', f.seen_by,
        'closed_at', f.closed_at, 'closed_by', f.closed_by, 'note', f.note,
        'commune', (private.unit_names(ARRAY[f.commune_code]))[1],
        'district_code', f.district_code,
        'district', (private.unit_names(ARRAY[f.district_code]))[1],
        'person', jsonb_build_object('name', p.name, 'said_name', d.said_name,
          'birth_year', p.birth_year, 'sex', p.sex, 'phone', coalesce(d.phone, p.phone),
          'address', coalesce(d.address, p.address)),
        'sample', CASE WHEN 'positive' = ANY (f.kinds) THEN private.positive_of(f.person_id) END,
        'declaration', CASE WHEN d.id IS NOT NULL THEN private.declaration_told(d) END)
      FROM private.person AS p
      LEFT JOIN LATERAL (SELECT e.* FROM private.declaration AS e WHERE e.person_id = p.id
        AND (f.declaration_id IS NULL OR e.id = f.declaration_id)
        ORDER BY e.made_at DESC LIMIT 1) AS d ON true
      WHERE p.id = f.person_id
    $$
    """,
    # As in 0027, also of somebody who has declared nothing.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.declaration_flag(wanted bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.flag_officer();
      found private.flag := private.flag_for(wanted, who);
    BEGIN
      RETURN private.flag_told(found) || jsonb_build_object(
        'declarations', (SELECT coalesce(jsonb_agg(private.declaration_told(d)
          ORDER BY d.made_at DESC), '[]')
          FROM private.declaration AS d WHERE d.person_id = found.person_id),
        'cards', (SELECT count(*) FROM private.card AS c WHERE c.person_id = found.person_id
          AND c.revoked_at IS NULL AND c.expires_at > now()));
    END $$
    """,
    # As in 0026; flags that are about no declaration go as late.
    """
    CREATE OR REPLACE FUNCTION private.purge_declarations(keep_days float8, piece integer)
    RETURNS integer LANGUAGE sql AS $$
      WITH alone AS (
        DELETE FROM private.flag WHERE declaration_id IS NULL
          AND last_at < now() - make_interval(secs => keep_days * 86400)
      ), gone AS (
        DELETE FROM private.declaration WHERE id IN (
          SELECT d.id FROM private.declaration AS d
          WHERE d.received_at < now() - make_interval(secs => keep_days * 86400)
          ORDER BY d.received_at LIMIT piece FOR UPDATE SKIP LOCKED)
        RETURNING id
      ) SELECT count(*)::integer FROM gone
    $$
    """,
)

OUTSIDE = (
    """
    CREATE TABLE register.outside_areas (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version bigint NOT NULL DEFAULT 1,
      name text NOT NULL,
      also_named text,
      unit text NOT NULL,
      decision_number text NOT NULL,
      valid_from date NOT NULL,
      valid_until date,
      place text NOT NULL DEFAULT 'outside' CHECK (place = 'outside'),
      commune_code text,
      district_code text,
      made_at timestamptz(0) NOT NULL DEFAULT now(),
      updated_at timestamptz(0) NOT NULL DEFAULT now(),
      UNIQUE (name, valid_from),
      CONSTRAINT ck_outside_areas_until_after_from CHECK (valid_until >= valid_from),
      CONSTRAINT ck_outside_areas_unit_code CHECK (
        "unit" IN ('country', 'province', 'district', 'commune', 'site')),
      CONSTRAINT ck_outside_areas_lengths CHECK (char_length(name) BETWEEN 2 AND 80
        AND char_length(also_named) <= 400 AND char_length(decision_number) <= 60)
    )
    """,
    # The words of a place with one space around each: accents, capitals and marks do not count.
    """
    CREATE FUNCTION private.place_words(said text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT ' ' || btrim(regexp_replace(dieuhanh.fold(said), '[^[:alnum:]]+', ' ', 'g')) || ' '
    $$
    """,
    # The areas outside, in force at some time of the fourteen days before, whose words stand in one
    # of the places, in their order and with two others between them at most.
    """
    CREATE FUNCTION private.outside_met(said text[], at timestamptz) RETURNS text[]
    LANGUAGE sql STABLE AS $$
      SELECT coalesce(array_agg(DISTINCT a.name || ' (' || a.decision_number || ')'), '{}')
      FROM register.outside_areas AS a,
        unnest(a.name || string_to_array(a.also_named, ';')) AS spelt, unnest(said) AS given
      WHERE a.valid_from <= dieuhanh.local_day(at)
        AND coalesce(a.valid_until, 'infinity') >= dieuhanh.local_day(at) - 14
        AND btrim(private.place_words(spelt)) <> ''
        AND private.place_words(given) ~ (
          ' ' || replace(btrim(private.place_words(spelt)), ' ', '( [^ ]+){0,2} ') || ' ')
    $$
    """,
    # What the form of a declaration offers.
    """
    CREATE FUNCTION private.outside_offered() RETURNS text[] LANGUAGE sql STABLE AS $$
      SELECT coalesce(array_agg(o.name ORDER BY dieuhanh.fold(o.name)), '{}') FROM (
        SELECT DISTINCT a.name FROM register.outside_areas AS a
        WHERE a.valid_from <= dieuhanh.today()
          AND coalesce(a.valid_until, 'infinity') >= dieuhanh.today() - 14 LIMIT 500) AS o
    $$
    """,
    """
    CREATE FUNCTION private.flag_outside() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.elsewhere <> '{}' AND NOT 'zone_travel' = ANY (NEW.kinds)
        AND private.outside_met(NEW.elsewhere, NEW.made_at) <> '{}' THEN
        NEW.kinds := NEW.kinds || '{zone_travel}'::text[];
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER a_outside BEFORE INSERT ON private.declaration"
    " FOR EACH ROW EXECUTE FUNCTION private.flag_outside()",
    # As in 0026, with the areas outside among the zones.
    """
    CREATE OR REPLACE FUNCTION private.raise_flag(made private.declaration, met text[])
    RETURNS void LANGUAGE sql AS $$
      INSERT INTO private.flag AS f (person_id, declaration_id, kinds, zones, commune_code,
        district_code, raised_at, last_at)
      VALUES (made.person_id, made.id, made.kinds, ARRAY(SELECT DISTINCT unnest(
          met || private.outside_met(made.elsewhere, made.made_at)) ORDER BY 1),
        made.commune_code, made.district_code, made.received_at, made.received_at)
      ON CONFLICT (person_id) WHERE state <> 'closed' DO UPDATE SET
        declaration_id = excluded.declaration_id,
        kinds = ARRAY(SELECT DISTINCT unnest(f.kinds || excluded.kinds) ORDER BY 1),
        zones = ARRAY(SELECT DISTINCT unnest(f.zones || excluded.zones) ORDER BY 1),
        commune_code = excluded.commune_code, district_code = excluded.district_code,
        state = CASE WHEN excluded.kinds <@ f.kinds THEN f.state ELSE 'open' END,
        times = f.times + 1, last_at = excluded.last_at
    $$
    """,
)


def _execute(statement: str) -> None:
    # Straight to the driver, so that a colon stays what it is.
    op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def upgrade() -> None:
    for statement in (*FLAGS, *OUTSIDE):
        _execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION register.flag_sample() CASCADE")
    op.execute("DROP FUNCTION private.flag_outside() CASCADE")
    op.execute("DELETE FROM private.flag WHERE declaration_id IS NULL")
    for column in ("declaration_id", "commune_code"):
        op.execute(f"ALTER TABLE private.flag ALTER {column} SET NOT NULL")
    for module, part, name in (
        ("0026_declarations", "POSTING", "private.purge_declarations"),
        ("0026_declarations", "POSTING", "private.raise_flag"),
        ("0027_flags", "TOLD", "private.flag_told"),
        ("0027_flags", "CALLS", "dieuhanh.declaration_flag"),
    ):
        for statement in getattr(import_module(f"migrations.versions.{module}"), part):
            if f"FUNCTION {name}(" in statement:
                _execute(statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    for name in (
        "positive_of(uuid)",
        "outside_offered()",
        "outside_met(text[], timestamptz)",
        "place_words(text)",
    ):
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute("DROP TABLE register.outside_areas CASCADE")
