"""Vaccination as people meet it: registering, arriving at a point, its desk.

Revises: 0039
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

KEEPERS = "dieuhanh_officer, dieuhanh_admin"

PUBLIC = (
    # A registration from anybody. Outcomes: created, repeated, conflict, limited, no_commune,
    # no_group, known (nothing to register). `limits` null: the list that it is of was counted.
    """
    CREATE FUNCTION private.post_vaccination(given jsonb, facts jsonb, identity bytea,
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
          -- All doses, or a registration already: who asks may be somebody else, and is not told.
          WHEN SQLSTATE 'DH409' OR unique_violation THEN outcome := 'known';
        END;
      END IF;
      IF outcome IN ('created', 'repeated') THEN
        holder := private.give_card(known.person_id, shown, card_days);
        card := holder.id;
        card_expires := holder.expires_at;
      END IF;
    END $$
    """,
    # What the device that registered somebody may know: its number is nobody else's. Doses from
    # before are not told, as one may register in the name of another.
    """
    CREATE FUNCTION private.own_vaccination(registration uuid) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('state', r.state, 'next_dose', r.next_dose,
        'not_before', r.not_before, 'slot_at', r.slot_at, 'reason', r.reason,
        'point', CASE WHEN r.state IN ('invited', 'arrived') THEN
          jsonb_build_object('name', p.name, 'address', p.address) END,
        'doses', (SELECT coalesce(jsonb_agg(jsonb_build_object('number', v.number,
            'vaccine', v.vaccine, 'lot', v.lot, 'given_on', v.given_on) ORDER BY v.number), '[]')
          FROM register.vaccinations AS v
          WHERE v.person_id = r.person_id AND v.number IS NOT NULL AND v.state <> 'void'
            AND v.made_at >= r.made_at),
        'corrections', (SELECT count(*) FROM register.vaccination_corrections AS c
          WHERE c.person_id = r.person_id AND c.state = 'open'))
      FROM register.vaccination_registrations AS r
      LEFT JOIN layer.vaccination_points AS p ON 'vaccination_points/' || p.id = r.place
      WHERE r.id = registration
    $$
    """,
    """
    CREATE FUNCTION private.cancel_vaccination(registration uuid) RETURNS boolean
    LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM private.change_registration(registration, '{waiting,invited}', 'cancelled', NULL);
      RETURN true;
    END $$
    """,
    """
    CREATE FUNCTION private.ask_correction(registration uuid, facts jsonb) RETURNS boolean
    LANGUAGE plpgsql AS $$
    DECLARE
      asked register.vaccination_corrections :=
        jsonb_populate_record(NULL::register.vaccination_corrections, facts);
    BEGIN
      INSERT INTO register.vaccination_corrections (person_id, number, field, new_name,
        new_birth_year, vaccine, lot, given_on, evidence, asked_by)
      SELECT r.person_id, asked.number, asked.field, asked.new_name, asked.new_birth_year,
        asked.vaccine, asked.lot, asked.given_on, asked.evidence, 'system:citizen'
      FROM register.vaccination_registrations AS r WHERE r.id = registration;
      RETURN FOUND;
    EXCEPTION WHEN unique_violation THEN
      -- Asked for already: it is being looked at.
      RETURN true;
    END $$
    """,
)

DESK = (
    """
    CREATE FUNCTION private.require_point(at_place text) RETURNS void LANGUAGE plpgsql STABLE AS $$
    BEGIN
      PERFORM private.acting_as('officer', 'admin');
      IF NOT EXISTS (SELECT FROM layer.vaccination_points AS p
        WHERE 'vaccination_points/' || p.id = at_place
        AND dieuhanh.reach('vaccinations') && dieuhanh.place_keys(at_place, p.district_code)) THEN
        PERFORM private.refuse('DH403', 'Điểm tiêm này không thuộc phần việc của bạn.'
          ' / This point is not yours to work at.');
      END IF;
    END $$
    """,
    # Somebody comes: by their card, their identity number or their registration. The visit.
    """
    CREATE FUNCTION dieuhanh.vaccination_arrive(at_place text, card uuid, identity bytea,
      registration uuid, anyway boolean) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      whose uuid;
      r register.vaccination_registrations;
      visit uuid;
    BEGIN
      PERFORM private.require_point(at_place);
      SELECT c.person_id INTO whose FROM private.card AS c
      WHERE c.id = vaccination_arrive.card AND c.revoked_at IS NULL;
      IF whose IS NULL AND identity IS NOT NULL THEN
        SELECT p.id INTO whose FROM private.person AS p WHERE p.identity_hash = identity;
      END IF;
      SELECT * INTO r FROM register.vaccination_registrations AS k
      WHERE (k.person_id = whose OR k.id = registration)
        AND k.state IN ('waiting', 'invited', 'arrived') FOR UPDATE;
      IF NOT FOUND THEN
        PERFORM private.refuse('DH409', 'Người này chưa có đăng ký đang chờ; hãy tiếp đón bằng họ'
          ' tên. / There is no registration of this person that waits; receive them by name.',
          '{"needs": "name"}');
      END IF;
      SELECT v.id INTO visit FROM register.vaccinations AS v WHERE v.person_id = r.person_id
        AND v.place = at_place AND v.state IN ('arrived', 'fit', 'observing');
      IF FOUND THEN
        RETURN visit;
      END IF;
      IF (r.state, r.place, dieuhanh.local_day(r.slot_at))
        IS DISTINCT FROM ('invited', at_place, dieuhanh.today()) AND anyway IS NOT TRUE THEN
        PERFORM private.refuse('DH409', 'Người này không được mời đến đây hôm nay; vẫn tiếp đón?'
          ' / This person is not invited here today; receive them anyway?',
          jsonb_build_object('needs', 'anyway', 'registration', r.id));
      END IF;
      INSERT INTO register.vaccinations (person_id, place) VALUES (r.person_id, at_place)
      RETURNING id INTO visit;
      UPDATE private.person SET used_at = clock_timestamp() WHERE id = r.person_id;
      RETURN visit;
    END $$
    """,
    # What a point's desk works on today.
    """
    CREATE FUNCTION dieuhanh.vaccination_desk(at_place text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      today date := dieuhanh.today();
      midnight timestamptz := (SELECT today::timestamp AT TIME ZONE p.time_zone
        FROM register.province AS p);
    BEGIN
      PERFORM private.require_point(at_place);
      RETURN jsonb_build_object(
        'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'vaccine', s.vaccine,
            'lot', s.lot, 'opens', s.opens, 'closes', s.closes, 'state', s.state, 'capacity',
            k.capacity, 'invited', k.taken) ORDER BY s.opens, s.id), '[]')
          FROM register.vaccination_sessions AS s, LATERAL (SELECT sum(g.capacity) AS capacity,
            sum(g.taken) AS taken FROM register.session_slot AS g WHERE g.session_id = s.id) AS k
          WHERE s.place = at_place AND s.day = today AND s.state <> 'cancelled'),
        'expected', (SELECT coalesce(jsonb_agg(e.one ORDER BY e.slot_at, e.queue), '[]') FROM (
          SELECT r.slot_at, r.queue, jsonb_build_object('id', r.id, 'name', p.name, 'birth_year',
            p.birth_year, 'slot_at', r.slot_at, 'next_dose', r.next_dose) AS one
          FROM register.vaccination_registrations AS r JOIN private.person AS p ON p.id = r.person_id
          JOIN register.vaccination_sessions AS s ON s.id = r.session_id
          WHERE r.state = 'invited' AND r.place = at_place AND s.day = today
          ORDER BY r.slot_at, r.queue LIMIT 1000) AS e),
        'visits', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'version', v.version,
            'name', p.name, 'birth_year', p.birth_year, 'state', v.state, 'number', v.number,
            'vaccine', v.vaccine, 'lot', v.lot, 'given_at', v.given_at, 'observe_until',
            v.observe_until, 'before', (SELECT coalesce(jsonb_agg(jsonb_build_object('number',
                d.number, 'vaccine', d.vaccine, 'given_on', d.given_on) ORDER BY d.number), '[]')
              FROM register.vaccinations AS d WHERE d.person_id = v.person_id AND d.id <> v.id
              AND d.number IS NOT NULL AND d.state <> 'void'))
            ORDER BY v.arrived_at, v.id), '[]')
          FROM register.vaccinations AS v JOIN private.person AS p ON p.id = v.person_id
          WHERE v.place = at_place AND (v.arrived_at >= midnight
            OR v.state IN ('arrived', 'fit', 'observing'))),
        'lots', (SELECT coalesce(jsonb_agg(jsonb_build_object('lot', l.lot, 'vaccine', l.vaccine,
            'expires_on', l.expires_on, 'doses', b.doses) ORDER BY l.expires_on, l.lot), '[]')
          FROM register.stock_balance AS b JOIN register.vaccine_lots AS l ON l.lot = b.lot
          WHERE b.place = at_place AND b.doses > 0 AND l.state = 'usable'
            AND l.expires_on >= today));
    END $$
    """,
)

CALLED = ("vaccination_arrive(text, uuid, bytea, uuid, boolean)", "vaccination_desk(text)")
GRANTS = (
    *(f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC" for name in CALLED),
    *(f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {KEEPERS}" for name in CALLED),
)
PRIVATE = (
    "post_vaccination(jsonb, jsonb, bytea, bytea, bytea, bytea, uuid, jsonb, float8)",
    "own_vaccination(uuid)",
    "cancel_vaccination(uuid)",
    "ask_correction(uuid, jsonb)",
    "require_point(text)",
)


def upgrade() -> None:
    for statement in (*PUBLIC, *DESK, *GRANTS):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
