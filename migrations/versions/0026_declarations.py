"""Outbreak zones; health declarations, what they raise for the districts, and their counts.

Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ZONES = (
    """
    CREATE TABLE layer.outbreak_zones (
      id UUID DEFAULT gen_random_uuid() NOT NULL,
      name TEXT NOT NULL,
      level TEXT NOT NULL,
      state TEXT DEFAULT 'in_force' NOT NULL,
      decision_number TEXT NOT NULL,
      decision_date DATE,
      valid_from TIMESTAMP(0) WITH TIME ZONE DEFAULT now() NOT NULL,
      valid_until TIMESTAMP(0) WITH TIME ZONE,
      measures TEXT,
      also_communes TEXT,
      commune_codes TEXT,
      district_code TEXT,
      updated_at TIMESTAMP(0) WITH TIME ZONE DEFAULT now() NOT NULL,
      geom geometry(MultiPolygon, 4326) NOT NULL,
      geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
      feature TEXT,
      search TEXT,
      CONSTRAINT pk_outbreak_zones PRIMARY KEY (id),
      CONSTRAINT ck_outbreak_zones_until_after_from CHECK (valid_until >= valid_from),
      CONSTRAINT ck_outbreak_zones_name_length CHECK (char_length("name") <= 160),
      CONSTRAINT ck_outbreak_zones_level_code CHECK ("level" IN ('lockdown', 'very_high', 'high', 'increased')),
      CONSTRAINT ck_outbreak_zones_state_code CHECK ("state" IN ('in_force', 'lifted')),
      CONSTRAINT ck_outbreak_zones_decision_number_length CHECK (char_length("decision_number") <= 60),
      CONSTRAINT ck_outbreak_zones_measures_length CHECK (char_length("measures") <= 2000),
      CONSTRAINT ck_outbreak_zones_also_communes_length CHECK (char_length("also_communes") <= 1000)
    )
    """,
    # Which communes a zone reaches: a hundredth of the smaller of the two, so that a line drawn
    # along a border takes in no neighbour. It is a district's own if nearly all of it lies there.
    """
    CREATE FUNCTION private.place_zone() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      shape geometry := ST_MakeValid(NEW.geom);
      named text[] := ARRAY(SELECT DISTINCT trim(one)
        FROM unnest(string_to_array(NEW.also_communes, ',')) AS one WHERE trim(one) <> '');
      unknown text;
    BEGIN
      IF NEW.state = 'lifted' AND (NEW.valid_until IS NULL OR NEW.valid_until > now()) THEN
        NEW.valid_until := greatest(NEW.valid_from, date_trunc('second', now()));
      END IF;
      SELECT string_agg(one, ', ') INTO unknown FROM unnest(named) AS one WHERE NOT EXISTS (
        SELECT FROM layer.admin_units AS u WHERE u.code = one AND u.level = 'commune');
      IF unknown IS NOT NULL THEN
        PERFORM private.refuse('DH422', format(
          'also_communes: không có xã, phường nào mang mã %s. / also_communes: there is no commune'
          ' of the code %s.', left(unknown, 80), left(unknown, 80)));
      END IF;
      WITH part AS (
        SELECT p.commune_code, p.district_code,
          sum(ST_Area(ST_Intersection(p.geom, shape))) AS area
        FROM dieuhanh.admin_piece AS p WHERE ST_Intersects(p.geom, shape) GROUP BY 1, 2
      ), reached AS (
        SELECT commune_code FROM part WHERE area >= 0.01 * least(ST_Area(shape), (
          SELECT sum(ST_Area(o.geom)) FROM dieuhanh.admin_piece AS o
          WHERE o.commune_code = part.commune_code))
        UNION SELECT unnest(named)
      )
      SELECT (SELECT string_agg(commune_code, ',' ORDER BY commune_code) FROM reached),
        (SELECT d.district_code FROM part AS d GROUP BY d.district_code
          HAVING sum(d.area) >= 0.95 * (SELECT sum(area) FROM part)
            AND sum(d.area) > 0 AND (SELECT bool_and(u.parent_code = d.district_code)
              FROM unnest(named) AS one JOIN layer.admin_units AS u ON u.code = one) IS NOT FALSE)
      INTO NEW.commune_codes, NEW.district_code;
      RETURN NEW;
    END $$
    """,
    # Before the derived trigger, which writes the row as a feature.
    """
    CREATE TRIGGER a_zone_place BEFORE INSERT OR UPDATE ON layer.outbreak_zones
    FOR EACH ROW EXECUTE FUNCTION private.place_zone()
    """,
    # The zones, of some levels, that one of the communes was in at some time between two instants.
    """
    CREATE FUNCTION private.zones_met(communes text[], levels text[], since timestamptz,
      until timestamptz) RETURNS text[] LANGUAGE sql STABLE AS $$
      SELECT coalesce(array_agg(z.name || ' (' || z.decision_number || ')' ORDER BY z.valid_from,
        z.id), '{}') FROM layer.outbreak_zones AS z
      WHERE string_to_array(z.commune_codes, ',') && communes AND z.level = ANY (levels)
        AND z.valid_from <= until
        AND (z.valid_until IS NULL OR z.valid_until >= since)
    $$
    """,
)

TABLES = (
    """
    CREATE TABLE private.declaration (
      id uuid PRIMARY KEY,
      person_id uuid NOT NULL REFERENCES private.person,
      card_id uuid REFERENCES private.card ON DELETE SET NULL,
      content_hash bytea NOT NULL,
      declared_by text NOT NULL CHECK (declared_by IN ('self', 'family', 'other', 'officer')),
      account_id bigint REFERENCES private.account,
      said_name text CHECK (char_length(said_name) <= 120),
      phone text CHECK (char_length(phone) <= 20),
      address text CHECK (char_length(address) <= 300),
      commune_code text NOT NULL,
      district_code text,
      symptoms text[] NOT NULL DEFAULT '{}',
      contact boolean NOT NULL,
      places text[] NOT NULL DEFAULT '{}',
      elsewhere text[] NOT NULL DEFAULT '{}',
      kinds text[] NOT NULL DEFAULT '{}',
      made_at timestamptz NOT NULL,
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      valid_until timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ON private.declaration (person_id, made_at)",
    "CREATE INDEX ON private.declaration (received_at)",
    "CREATE INDEX ON private.declaration (card_id)",
    # What a declaration raises for its district; one that is not closed for each person.
    """
    CREATE TABLE private.flag (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      person_id uuid NOT NULL REFERENCES private.person,
      declaration_id uuid NOT NULL REFERENCES private.declaration ON DELETE CASCADE,
      kinds text[] NOT NULL,
      zones text[] NOT NULL DEFAULT '{}',
      commune_code text NOT NULL,
      district_code text,
      state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'seen', 'closed')),
      times integer NOT NULL DEFAULT 1,
      raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      seen_at timestamptz,
      seen_by text,
      closed_at timestamptz,
      closed_by text,
      note text CHECK (char_length(note) <= 4000)
    )
    """,
    "CREATE UNIQUE INDEX ON private.flag (person_id) WHERE state <> 'closed'",
    "CREATE INDEX ON private.flag (last_at)",
    "CREATE INDEX ON private.flag (declaration_id)",
    # What stays when declarations have gone: numbers, of nobody.
    """
    CREATE TABLE private.declaration_day (
      day date NOT NULL,
      commune_code text NOT NULL,
      declarations integer NOT NULL DEFAULT 0,
      with_symptoms integer NOT NULL DEFAULT 0,
      contacts integer NOT NULL DEFAULT 0,
      flagged integer NOT NULL DEFAULT 0,
      PRIMARY KEY (day, commune_code)
    )
    """,
)

POSTING = (
    # Whether somebody had a declaration that held at an instant.
    """
    CREATE OR REPLACE FUNCTION private.declared_at(person uuid, at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE AS $$
      SELECT EXISTS (SELECT FROM private.declaration AS d
        WHERE d.person_id = $1 AND d.made_at <= $2 AND d.valid_until > $2)
    $$
    """,
    # The card that a person shows: the one of the device, for longer, or a new one.
    """
    CREATE FUNCTION private.give_card(whose uuid, shown uuid, days float8) RETURNS private.card
    LANGUAGE plpgsql AS $$
    DECLARE
      until timestamptz := now() + make_interval(secs => days * 86400);
      given private.card;
    BEGIN
      UPDATE private.card SET expires_at = greatest(expires_at, until)
      WHERE id = shown AND person_id = whose AND revoked_at IS NULL RETURNING * INTO given;
      IF NOT FOUND THEN
        INSERT INTO private.card (person_id, expires_at) VALUES (whose, until)
        RETURNING * INTO given;
      END IF;
      RETURN given;
    END $$
    """,
    """
    CREATE FUNCTION private.raise_flag(made private.declaration, met text[]) RETURNS void
    LANGUAGE sql AS $$
      INSERT INTO private.flag AS f (person_id, declaration_id, kinds, zones, commune_code,
        district_code, raised_at, last_at)
      VALUES (made.person_id, made.id, made.kinds, ARRAY(SELECT DISTINCT unnest(met) ORDER BY 1),
        made.commune_code, made.district_code, made.received_at, made.received_at)
      ON CONFLICT (person_id) WHERE state <> 'closed' DO UPDATE SET
        declaration_id = excluded.declaration_id,
        kinds = ARRAY(SELECT DISTINCT unnest(f.kinds || excluded.kinds) ORDER BY 1),
        zones = ARRAY(SELECT DISTINCT unnest(f.zones || excluded.zones) ORDER BY 1),
        commune_code = excluded.commune_code, district_code = excluded.district_code,
        -- What is new has been seen by nobody.
        state = CASE WHEN excluded.kinds <@ f.kinds THEN f.state ELSE 'open' END,
        times = f.times + 1, last_at = excluded.last_at
    $$
    """,
    # All of a declaration in one transaction. Outcomes: created, repeated, conflict, limited,
    # no_commune, no_place. `terms` are the days and hours of the settings, and the time zone.
    """
    CREATE FUNCTION private.post_declaration(given jsonb, facts jsonb, identity bytea,
      telephone bytea, sender bytea, content bytea, shown uuid, trusted boolean, account bigint,
      limits jsonb, terms jsonb,
      OUT outcome text, OUT received_at timestamptz, OUT valid_until timestamptz, OUT card uuid,
      OUT card_expires timestamptz, OUT kinds text[], OUT unknown text[])
    LANGUAGE plpgsql AS $$
    DECLARE
      said private.declaration := jsonb_populate_record(NULL::private.declaration, given);
      window_minutes integer := (limits->>'minutes')::int;
      known private.declaration;
      holder private.card;
      travelled text[];
      at_home text[];
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true);
      SELECT * INTO known FROM private.declaration AS d WHERE d.id = said.id;
      IF NOT FOUND THEN
        IF NOT trusted AND (
          private.sos_count(sender, window_minutes) > (limits->>'per_address')::int
          OR telephone IS NOT NULL AND private.sos_count(sha256('declare'::bytea || telephone),
            window_minutes) > (limits->>'per_phone')::int) THEN
          outcome := 'limited';
          RETURN;
        END IF;
        SELECT u.parent_code INTO said.district_code FROM layer.admin_units AS u
        WHERE u.code = said.commune_code AND u.level = 'commune';
        IF NOT FOUND THEN
          outcome := 'no_commune';
          RETURN;
        END IF;
        unknown := ARRAY(SELECT one FROM unnest(said.places) AS one WHERE NOT EXISTS (
          SELECT FROM layer.admin_units AS u WHERE u.code = one AND u.level = 'commune'));
        IF unknown <> '{}' THEN
          outcome := 'no_place';
          RETURN;
        END IF;
        said.person_id := private.take_person(facts, identity, telephone, trusted);
        said.made_at := least(said.made_at, clock_timestamp());
        said.valid_until := said.made_at
          + make_interval(secs => (terms->>'valid_hours')::float8 * 3600);
        -- Who stays in a zone of lower risk is one of many, and no reason to call.
        travelled := private.zones_met(said.places, '{lockdown,very_high,high}',
          said.made_at - interval '14 days', said.made_at);
        at_home := private.zones_met(ARRAY[said.commune_code], '{lockdown,very_high}',
          said.made_at, said.made_at);
        said.kinds := array_remove(ARRAY[
          CASE WHEN said.symptoms <> '{}' THEN 'symptoms' END,
          CASE WHEN said.contact THEN 'contact' END,
          CASE WHEN travelled <> '{}' THEN 'zone_travel' END,
          CASE WHEN at_home <> '{}' THEN 'zone_home' END], NULL);
        INSERT INTO private.declaration AS d (id, person_id, content_hash, declared_by, account_id,
          said_name, phone, address, commune_code, district_code, symptoms, contact, places,
          elsewhere, kinds, made_at, valid_until)
        SELECT said.id, said.person_id, content, said.declared_by, account,
          CASE WHEN dieuhanh.fold(p.name) <> dieuhanh.fold(facts->>'name') THEN facts->>'name' END,
          facts->>'phone', facts->>'address', said.commune_code, said.district_code,
          said.symptoms, said.contact, said.places, said.elsewhere, said.kinds, said.made_at,
          said.valid_until
        FROM private.person AS p WHERE p.id = said.person_id
        ON CONFLICT (id) DO NOTHING RETURNING * INTO known;
        IF FOUND THEN
          outcome := 'created';
          holder := private.give_card(known.person_id, shown, (terms->>'card_days')::float8);
          UPDATE private.declaration AS d SET card_id = holder.id WHERE d.id = known.id;
          IF known.kinds <> '{}' THEN
            PERFORM private.raise_flag(known, travelled || at_home);
          END IF;
          INSERT INTO private.declaration_day AS a (day, commune_code, declarations,
            with_symptoms, contacts, flagged)
          VALUES ((known.made_at AT TIME ZONE (terms->>'zone'))::date, known.commune_code, 1,
            (known.symptoms <> '{}')::int, known.contact::int, (known.kinds <> '{}')::int)
          ON CONFLICT (day, commune_code) DO UPDATE SET
            declarations = a.declarations + 1,
            with_symptoms = a.with_symptoms + excluded.with_symptoms,
            contacts = a.contacts + excluded.contacts, flagged = a.flagged + excluded.flagged;
        ELSE
          -- The same id came twice at once, and the other was first.
          SELECT * INTO known FROM private.declaration AS d WHERE d.id = said.id;
        END IF;
      END IF;
      IF outcome IS NULL THEN
        IF known.content_hash <> content THEN
          outcome := 'conflict';
          RETURN;
        END IF;
        outcome := 'repeated';
        SELECT * INTO holder FROM private.card AS c
        WHERE c.id = known.card_id AND c.revoked_at IS NULL;
      END IF;
      received_at := known.received_at;
      valid_until := known.valid_until;
      kinds := known.kinds;
      card := holder.id;
      card_expires := holder.expires_at;
    END $$
    """,
    # Declarations go so many days after they came, and what they raised with them.
    """
    CREATE FUNCTION private.purge_declarations(keep_days float8, piece integer) RETURNS integer
    LANGUAGE sql AS $$
      WITH gone AS (
        DELETE FROM private.declaration WHERE id IN (
          SELECT d.id FROM private.declaration AS d
          WHERE d.received_at < now() - make_interval(secs => keep_days * 86400)
          ORDER BY d.received_at LIMIT piece FOR UPDATE SKIP LOCKED)
        RETURNING id
      ) SELECT count(*)::integer FROM gone
    $$
    """,
)

PRIVATE = (
    "purge_declarations(float8, integer)",
    "post_declaration(jsonb, jsonb, bytea, bytea, bytea, bytea, uuid, boolean, bigint, jsonb,"
    " jsonb)",
    "raise_flag(private.declaration, text[])",
    "give_card(uuid, uuid, float8)",
    "zones_met(text[], text[], timestamptz, timestamptz)",
)


def upgrade() -> None:
    for statement in (*ZONES, *TABLES, *POSTING):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
    op.execute(
        "CREATE OR REPLACE FUNCTION private.declared_at(person uuid, at timestamptz)"
        " RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT false $$"
    )
    for table in ("flag", "declaration", "declaration_day"):
        op.execute(f"DROP TABLE private.{table}")
    op.drop_table("outbreak_zones", schema="layer")
    op.execute("DROP FUNCTION private.place_zone()")
