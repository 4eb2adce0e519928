"""Many at once: persons are found without waiting in a circle, and stays are counted in one pass.

A whole day of a province, simulated, met three faults. Batches of check-ins and sheets that name
people could wait for each other; a registration for vaccination whose first sending was still
under way was told that it was somebody else's; the figures of check-ins ran into the time-out.

Revises: 0052
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

FUNCTIONS = (
    # The person that facts are about, found again or new; see `take_person`. Of an identity number
    # taken twice at once the second waits for the first, by the index of those numbers.
    """
    CREATE FUNCTION private.find_person(
      facts jsonb, identity bytea, telephone bytea, trusted boolean
    ) RETURNS uuid
    LANGUAGE plpgsql AS $$
    DECLARE
      given private.person := jsonb_populate_record(NULL::private.person, facts - 'id');
      found uuid;
    BEGIN
      IF identity IS NOT NULL THEN
        SELECT p.id INTO found FROM private.person AS p WHERE p.identity_hash = identity;
      END IF;
      IF found IS NULL AND telephone IS NOT NULL THEN
        SELECT p.id INTO found FROM private.person AS p
        WHERE p.phone_hash = telephone AND dieuhanh.fold(p.name) = dieuhanh.fold(given.name)
          AND (p.birth_year IS NULL OR given.birth_year IS NULL OR p.birth_year = given.birth_year)
          AND (p.identity_hash IS NULL OR identity IS NULL)
        ORDER BY p.made_at LIMIT 1;
        IF found IS NOT NULL AND identity IS NOT NULL THEN
          BEGIN
            UPDATE private.person AS p SET identity_hash = identity
            WHERE p.id = found AND p.identity_hash IS NULL RETURNING p.id INTO found;
          EXCEPTION WHEN unique_violation THEN
            found := NULL;
          END;
        END IF;
      END IF;
      IF found IS NULL THEN
        INSERT INTO private.person (
          identity_hash, name, birth_year, sex, phone, phone_hash, commune_code, address)
        VALUES (identity, given.name, given.birth_year, given.sex, given.phone, telephone,
          given.commune_code, given.address)
        ON CONFLICT (identity_hash) DO NOTHING RETURNING id INTO found;
        IF found IS NOT NULL THEN
          RETURN found;
        END IF;
        SELECT p.id INTO found FROM private.person AS p WHERE p.identity_hash = identity;
      END IF;
      UPDATE private.person AS p SET
        name = CASE WHEN trusted THEN given.name ELSE p.name END,
        birth_year = private.known(trusted, p.birth_year, given.birth_year),
        sex = private.known(trusted, p.sex, given.sex),
        phone = private.known(trusted, p.phone, given.phone),
        phone_hash = private.known(trusted, p.phone_hash, telephone),
        commune_code = private.known(trusted, p.commune_code, given.commune_code),
        address = private.known(trusted, p.address, given.address),
        used_at = clock_timestamp()
      WHERE p.id = found;
      RETURN found;
    END $$
    """,
    # As in 0034, but that an identity number takes no lock: a sheet, which goes on for long, then
    # keeps no checkpoint waiting, and a batch in the order of identity numbers meets no circle.
    """
    CREATE OR REPLACE FUNCTION private.take_person(
      facts jsonb, identity bytea, telephone bytea, trusted boolean
    ) RETURNS uuid
    LANGUAGE plpgsql AS $$
    BEGIN
      IF identity IS NULL THEN
        -- Of the same person taken twice at once, the second finds the first.
        PERFORM pg_advisory_xact_lock(23, hashtext(
          coalesce(encode(telephone, 'hex'), facts->>'name')) & 255);
      END IF;
      RETURN private.find_person(facts, identity, telephone, trusted);
    END $$
    """,
    # As in 0034, without locks: one sheet is written at a time.
    """
    CREATE OR REPLACE FUNCTION dieuhanh.keep_people(
      named text, facts text[], identities bytea[], telephones bytea[]
    ) RETURNS uuid[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      found uuid[] := '{}';
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      IF dieuhanh.reach(named) = '{}' THEN
        PERFORM private.refuse('DH403',
          'Sổ này không thuộc phần việc của bạn. / This register is not yours to keep.');
      END IF;
      FOR n IN 1..cardinality(facts) LOOP
        found[n] := private.find_person(facts[n]::jsonb, identities[n], telephones[n], true);
      END LOOP;
      RETURN found;
    END $$
    """,
    # As in 0025, but by site first, as the index has them: it is read once, in its order, where by
    # person first each row was looked up at another place.
    """
    CREATE OR REPLACE FUNCTION private.check_in_stays(since timestamptz, until timestamptz)
    RETURNS TABLE (site bigint, person_id uuid, minutes float8)
    LANGUAGE sql STABLE AS $$
      SELECT site, person_id, extract(epoch FROM left_at - at) / 60 FROM (
        SELECT c.site, c.person_id, c.at, c.direction, lead(c.at) OVER later AS left_at,
          lead(c.direction) OVER later AS next
        FROM private.check_in AS c WHERE c.at >= since AND c.at < until
        WINDOW later AS (PARTITION BY c.site, c.person_id ORDER BY c.at, c.id)
      ) AS stay WHERE direction = 'in' AND next = 'out'
    $$
    """,
    # As in 0040, but that what was sent twice at once is told as sent again.
    """
    CREATE OR REPLACE FUNCTION private.post_vaccination(given jsonb, facts jsonb, identity bytea,
      telephone bytea, sender bytea, content bytea, shown uuid, limits jsonb, card_days float8,
      OUT outcome text, OUT card uuid, OUT card_expires timestamptz)
    LANGUAGE plpgsql AS $$
    DECLARE
      said register.vaccination_registrations :=
        jsonb_populate_record(NULL::register.vaccination_registrations, given);
      minutes integer := (limits->>'minutes')::int;
      known register.vaccination_registrations;
      holder private.card;
    BEGIN
      PERFORM set_config('synchronous_commit', 'on', true);
      SELECT * INTO known FROM register.vaccination_registrations AS r WHERE r.id = said.id;
      IF FOUND THEN
        outcome := CASE WHEN known.content_hash = content THEN 'repeated' ELSE 'conflict' END;
      ELSIF limits IS NOT NULL AND (
        private.sos_count(sender, minutes) > (limits->>'per_address')::int
        OR private.sos_count(sha256('vaccinate'::bytea || telephone), minutes)
          > (limits->>'per_phone')::int) THEN
        outcome := 'limited';
      ELSIF NOT EXISTS (SELECT FROM layer.admin_units AS u
        WHERE u.code = facts->>'commune_code' AND u.level = 'commune') THEN
        outcome := 'no_commune';
      ELSIF NOT EXISTS (SELECT FROM register.priority_group AS g
        WHERE g.id = said.priority_group) THEN
        outcome := 'no_group';
      ELSE
        said.person_id := private.take_person(facts, identity, telephone, false);
        BEGIN
          INSERT INTO register.vaccination_registrations (id, person_id, priority_group, source,
            organisation, contact, content_hash)
          VALUES (said.id, said.person_id, said.priority_group, 'self', said.organisation,
            said.contact, content) RETURNING * INTO known;
          outcome := 'created';
        EXCEPTION
          WHEN SQLSTATE 'DH409' OR unique_violation THEN
            SELECT * INTO known FROM register.vaccination_registrations AS r WHERE r.id = said.id;
            outcome := CASE
              -- All doses, or registered already: who asks may be somebody else, and is not told.
              WHEN NOT FOUND THEN 'known'
              -- The same was sent twice at once, and the other was first.
              WHEN known.content_hash = content THEN 'repeated'
              ELSE 'conflict' END;
        END;
      END IF;
      IF outcome IN ('created', 'repeated') THEN
        holder := private.give_card(known.person_id, shown, card_days);
        card := holder.id;
        card_expires := holder.expires_at;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    for statement in FUNCTIONS:
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    # The functions that were replaced stay: they keep what those before them kept.
    pass
