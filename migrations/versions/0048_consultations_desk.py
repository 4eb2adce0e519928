"""The desk of doctors: who gets which case, what came of it, figures, and forgetting.

Revises: 0047
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

DESK = (
    # The verified doctor that an account is, if it is one.
    """
    CREATE FUNCTION private.is_doctor(who private.account) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT EXISTS (SELECT FROM private.volunteer_key AS k
        JOIN register.volunteers AS v ON v.id = k.volunteer_id
        WHERE k.account_id = who.id AND v.doctor AND v.state = 'verified')
    $$
    """,
    # A case for a doctor who has taken it, and for who keeps the register's row; locked.
    """
    CREATE FUNCTION private.consultation_for(row_id uuid, who private.account)
    RETURNS register.consultations LANGUAGE plpgsql AS $$
    DECLARE
      found register.consultations;
    BEGIN
      SELECT * INTO found FROM register.consultations AS c WHERE c.id = row_id FOR UPDATE;
      IF found.id IS NULL OR NOT (
        (found.taken_by = who.id AND private.is_doctor(who))
        OR dieuhanh.reach('consultations')
          && dieuhanh.place_keys(found.place, found.district_code)) THEN
        PERFORM private.refuse('DH404',
          'Không có ca này trong phần việc của bạn. / There is no such case of yours.');
      END IF;
      RETURN found;
    END $$
    """,
    """
    CREATE FUNCTION private.consultation_line(c register.consultations) RETURNS jsonb
    LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('id', c.id, 'code', c.code, 'priority', c.priority,
        'state', c.state, 'outcome', c.outcome, 'tries', c.tries, 'due_at', c.due_at,
        'received_at', c.made_at, 'taken_at', c.taken_at, 'called_at', c.called_at,
        'closed_at', c.closed_at, 'commune_code', c.commune_code,
        'district_code', c.district_code, 'sos', private.sos_code(c.sos_id),
        'taken_by', (SELECT a.login FROM private.account AS a WHERE a.id = c.taken_by),
        'facility', (SELECT f.name FROM layer.medical_facilities AS f
          WHERE 'medical_facilities/' || f.id = c.place))
    $$
    """,
    # Numbers for who may take; their own cases; the queue for who keeps it. No case in full.
    """
    CREATE FUNCTION dieuhanh.consultations_desk(most integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      reached text[] := dieuhanh.reach('consultations');
      is_doctor boolean := private.is_doctor(who);
    BEGIN
      IF NOT is_doctor AND reached = '{}' THEN
        PERFORM private.refuse('DH403', 'Trang này dành cho bác sĩ đã được Sở Y tế xác nhận và Sở Y tế.'
          ' / This is for doctors whom the health department has verified, and for the department.');
      END IF;
      RETURN jsonb_build_object('takes', is_doctor OR '*' = ANY (reached), 'keeps', reached <> '{}',
        'waiting', (SELECT coalesce(jsonb_object_agg(w.priority, w.many), '{}') FROM (
          SELECT c.priority, count(*) AS many FROM register.consultations AS c
          WHERE c.state = 'waiting' GROUP BY 1) AS w),
        'oldest_at', (SELECT min(c.made_at) FROM register.consultations AS c
          WHERE c.state = 'waiting'),
        'mine', (SELECT coalesce(jsonb_agg(private.consultation_line(o.c)
            ORDER BY (o.c).state DESC, (o.c).priority, (o.c).due_at), '[]')
          FROM (SELECT c FROM register.consultations AS c
            WHERE c.taken_by = who.id AND c.state IN ('taken', 'follow_up') LIMIT most) AS o),
        'sent', (SELECT coalesce(jsonb_agg(private.consultation_line(o.c)
            ORDER BY (o.c).closed_at DESC), '[]')
          FROM (SELECT c FROM register.consultations AS c
            WHERE c.outcome = 'facility' AND c.closed_at > now() - interval '3 days'
              AND reached && dieuhanh.place_keys(c.place, c.district_code)
            ORDER BY c.closed_at DESC LIMIT most) AS o),
        'queue', (SELECT coalesce(jsonb_agg(private.consultation_line(o.c)
            ORDER BY (o.c).priority, coalesce((o.c).due_at, (o.c).made_at), (o.c).id), '[]')
          FROM (SELECT c FROM register.consultations AS c
            WHERE c.state <> 'closed' AND reached && dieuhanh.place_keys(c.place, c.district_code)
            ORDER BY c.priority, coalesce(c.due_at, c.made_at), c.id LIMIT most) AS o));
    END $$
    """,
    # The next for a doctor: who is in danger first, then who waits longest. Rows that others are
    # just taking are passed over, so that no two get the same. What somebody took and left comes
    # again; a follow-up is its doctor's own until it is an hour late.
    """
    CREATE FUNCTION dieuhanh.consultation_take(stale_minutes integer) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      found uuid;
    BEGIN
      IF NOT private.is_doctor(who) AND NOT '*' = ANY (dieuhanh.reach('consultations')) THEN
        PERFORM private.refuse('DH403',
          'Chỉ bác sĩ đã được xác nhận mới nhận ca. / Only verified doctors take cases.');
      END IF;
      IF (SELECT count(*) FROM register.consultations AS c
          WHERE c.taken_by = who.id AND c.state = 'taken') >= 5 THEN
        PERFORM private.refuse('DH409', 'Bạn đang giữ 5 ca; hãy ghi kết quả hoặc trả lại trước.'
          ' / You have 5 cases; say what came of them or give them back first.');
      END IF;
      SELECT c.id INTO found FROM register.consultations AS c
      WHERE c.state <> 'closed' AND (
        (c.state = 'waiting' AND coalesce(c.due_at <= now(), true))
        OR (c.state = 'taken' AND c.taken_by IS DISTINCT FROM who.id
          AND c.taken_at < now() - make_interval(mins => stale_minutes))
        OR (c.state = 'follow_up' AND c.due_at <= now()
          AND (c.taken_by = who.id OR c.taken_by IS NULL OR c.due_at < now() - interval '1 hour')))
      ORDER BY c.priority, coalesce(c.due_at, c.made_at), c.id LIMIT 1 FOR UPDATE SKIP LOCKED;
      IF found IS NOT NULL THEN
        UPDATE register.consultations SET state = 'taken', taken_by = who.id, taken_at = now()
        WHERE id = found;
        PERFORM private.consultation_note(found, 'taken');
      END IF;
      RETURN found;
    END $$
    """,
    # All of a case; that it was looked at is written down.
    """
    CREATE FUNCTION dieuhanh.consultation_case(row_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      found register.consultations := private.consultation_for(row_id, who);
      spot geography := private.commune_point(found.home_commune);
    BEGIN
      PERFORM private.consultation_note(row_id, 'looked');
      RETURN private.consultation_line(found) || jsonb_build_object(
        'mine', found.taken_by IS NOT DISTINCT FROM who.id,
        'lon', ST_X(spot::geometry), 'lat', ST_Y(spot::geometry),
        'person', (SELECT to_jsonb(k) - '{id,content_hash,follow_hash,phone_hash}'::text[]
          FROM private.consultation AS k WHERE k.id = row_id),
        'steps', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', s.at, 'actor', s.actor,
            'kind', s.kind, 'note', s.note) ORDER BY s.id DESC), '[]')
          FROM private.consultation_step AS s WHERE s.consultation_id = row_id));
    END $$
    """,
    # What came of a call. Only who has taken the case says so.
    """
    CREATE FUNCTION dieuhanh.consultation_record(row_id uuid, what text, facts jsonb,
      most_tries integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as('viewer', 'officer', 'admin');
      found register.consultations := private.consultation_for(row_id, who);
      at timestamptz := (facts->>'due_at')::timestamptz;
      site layer.medical_facilities;
    BEGIN
      IF found.state NOT IN ('taken', 'follow_up') OR found.taken_by IS DISTINCT FROM who.id THEN
        PERFORM private.refuse('DH409',
          'Ca này không phải do bạn đang giữ. / You do not have this case.');
      END IF;
      IF what IN ('advice', 'prescribed', 'no_need') AND coalesce(facts->>'note', '') = '' THEN
        PERFORM private.refuse('DH422', 'Hãy ghi kết quả. / Say what came of it.');
      END IF;
      IF what IN ('not_reached', 'follow_up') AND (what = 'follow_up' OR at IS NOT NULL)
        AND (at IS NULL OR at < now() OR at > now() + interval '31 days') THEN
        PERFORM private.refuse('DH422', 'Giờ gọi lại phải từ bây giờ đến 31 ngày tới.'
          ' / The time of the next call must be within 31 days from now.');
      END IF;
      PERFORM private.consultation_note(row_id, what, facts->>'note');
      IF what = 'give_back' THEN
        UPDATE register.consultations SET state = 'waiting', taken_by = NULL, taken_at = NULL
        WHERE id = row_id;
      ELSIF what = 'not_reached' THEN
        UPDATE register.consultations SET tries = tries + 1,
          state = CASE WHEN tries + 1 >= most_tries THEN 'closed' ELSE 'waiting' END,
          outcome = CASE WHEN tries + 1 >= most_tries THEN 'unreachable' END,
          closed_at = CASE WHEN tries + 1 >= most_tries THEN now() END,
          due_at = coalesce(at, now() + interval '30 minutes'), taken_by = NULL, taken_at = NULL
        WHERE id = row_id;
      ELSIF what = 'follow_up' THEN
        UPDATE register.consultations SET state = 'follow_up', due_at = at,
          called_at = coalesce(called_at, now()) WHERE id = row_id;
      ELSE
        IF what = 'sos' THEN
          PERFORM private.consultation_to_sos(row_id, who.id::text, NULL, '{"minutes": 1}');
        ELSIF what = 'facility' THEN
          SELECT * INTO site FROM layer.medical_facilities AS f
          WHERE f.code = facts->>'facility' AND f.state = 'open';
          IF site.id IS NULL THEN
            PERFORM private.refuse('DH422', 'Hãy chọn một cơ sở y tế đang tiếp nhận.'
              ' / Choose a medical facility that is open.');
          END IF;
        END IF;
        UPDATE register.consultations SET state = 'closed', outcome = what, closed_at = now(),
          called_at = coalesce(called_at, now()),
          place = CASE WHEN site.id IS NULL THEN place ELSE 'medical_facilities/' || site.id END
        WHERE id = row_id;
      END IF;
      RETURN (SELECT c.state FROM register.consultations AS c WHERE c.id = row_id);
    END $$
    """,
    # Numbers only. Officers of districts get their own.
    """
    CREATE FUNCTION dieuhanh.consultation_figures() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      who private.account := private.acting_as(
        'viewer', 'analyst', 'operator', 'coordinator', 'officer', 'admin');
      today date := dieuhanh.today();
      found jsonb;
    BEGIN
      SELECT jsonb_build_object('today', today,
        'waiting', count(*) FILTER (WHERE c.state = 'waiting'),
        'danger', count(*) FILTER (WHERE c.state = 'waiting' AND c.priority = 'p1'),
        'taken', count(*) FILTER (WHERE c.state = 'taken'),
        'follow_ups', count(*) FILTER (WHERE c.state = 'follow_up'),
        'oldest_min', round(extract(epoch FROM now() - min(c.made_at)
          FILTER (WHERE c.state = 'waiting')) / 60),
        'called_today', count(*) FILTER (WHERE dieuhanh.local_day(c.called_at) = today),
        'median_min', round((percentile_cont(0.5) WITHIN GROUP (
          ORDER BY extract(epoch FROM c.called_at - c.made_at))
          FILTER (WHERE dieuhanh.local_day(c.called_at) = today) / 60)::numeric, 1),
        'closed_today', count(*) FILTER (WHERE dieuhanh.local_day(c.closed_at) = today))
      INTO found FROM register.consultations AS c
      WHERE (c.state <> 'closed' OR c.closed_at > now() - interval '2 days')
        AND (who.role <> 'officer' OR cardinality(who.districts) = 0
          OR c.district_code = ANY (who.districts));
      RETURN found || jsonb_build_object('districts', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('district_code', d.district_code,
          'waiting', d.waiting, 'danger', d.danger) ORDER BY d.waiting DESC, d.district_code), '[]')
        FROM (SELECT c.district_code, count(*) AS waiting,
            count(*) FILTER (WHERE c.priority = 'p1') AS danger
          FROM register.consultations AS c
          WHERE c.state = 'waiting' AND (who.role <> 'officer' OR cardinality(who.districts) = 0
            OR c.district_code = ANY (who.districts))
          GROUP BY 1) AS d));
    END $$
    """,
    # One number for the dashboard, everybody's to read.
    """
    CREATE FUNCTION dieuhanh.help_figure(what text) RETURNS float8
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT CASE what
        WHEN 'waiting' THEN (SELECT count(*) FROM register.consultations AS c
          WHERE c.state = 'waiting')
        WHEN 'volunteers' THEN (SELECT count(*) FROM register.volunteers AS v
          WHERE v.state <> 'paused')
        WHEN 'minutes' THEN (SELECT percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM c.called_at - c.made_at)) / 60
          FROM register.consultations AS c WHERE c.called_at > now() - interval '24 hours')
        END
    $$
    """,
    # Who asked and why goes so many days after the end; the numbered row stays, of nobody.
    """
    CREATE FUNCTION private.purge_consultations(keep_days float8, piece integer) RETURNS integer
    LANGUAGE plpgsql AS $$
    DECLARE
      gone uuid[];
    BEGIN
      gone := ARRAY(SELECT k.id FROM private.consultation AS k
        JOIN register.consultations AS c ON c.id = k.id
        WHERE coalesce(c.closed_at, c.updated_at) < now() - make_interval(secs => keep_days * 86400)
        ORDER BY c.made_at LIMIT piece FOR UPDATE OF k SKIP LOCKED);
      PERFORM set_config('dieuhanh.bulk', 'on', true);
      UPDATE register.consultations SET state = 'closed', outcome = 'unreachable', closed_at = now()
      WHERE id = ANY (gone) AND state <> 'closed';
      DELETE FROM private.consultation_step WHERE consultation_id = ANY (gone);
      DELETE FROM register.change AS c WHERE c.register = 'consultations' AND c.row_id = ANY (gone);
      DELETE FROM private.consultation WHERE id = ANY (gone);
      RETURN cardinality(gone);
    END $$
    """,
)

EVERYBODY = (
    "dieuhanh_public, dieuhanh_viewer, dieuhanh_analyst, dieuhanh_officer, dieuhanh_rescuer,"
    " dieuhanh_operator, dieuhanh_coordinator, dieuhanh_admin"
)
DOCTORS = "dieuhanh_viewer, dieuhanh_officer, dieuhanh_admin"
CALLED = {
    "consultations_desk(integer)": DOCTORS,
    "consultation_take(integer)": DOCTORS,
    "consultation_case(uuid)": DOCTORS,
    "consultation_record(uuid, text, jsonb, integer)": DOCTORS,
    "help_figure(text)": EVERYBODY,
    "consultation_figures()": f"{DOCTORS}, dieuhanh_analyst, dieuhanh_operator,"
    " dieuhanh_coordinator",
}
PRIVATE = (
    "purge_consultations(float8, integer)",
    "consultation_line(register.consultations)",
    "consultation_for(uuid, private.account)",
    "is_doctor(private.account)",
)


def upgrade() -> None:
    grants = (
        statement
        for name, callers in CALLED.items()
        for statement in (
            f"REVOKE EXECUTE ON FUNCTION dieuhanh.{name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION dieuhanh.{name} TO {callers}",
        )
    )
    for statement in (*DESK, *grants):
        # Straight to the driver, so that a colon stays what it is.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))


def downgrade() -> None:
    for name in CALLED:
        op.execute(f"DROP FUNCTION dieuhanh.{name}")
    # What tells a line is used by what tells a list.
    for name in PRIVATE:
        op.execute(f"DROP FUNCTION private.{name}")
